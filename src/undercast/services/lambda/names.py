"""How a function is named in a request: by name, partial or full ARN, with or without a qualifier."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from undercast.kit.call import Call

from . import errors

LATEST = "$LATEST"

_REGION = r"(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d"
_NAME = re.compile(
    rf"(?:arn:aws[a-zA-Z-]*:lambda:)?(?:(?P<region>{_REGION}):)?(?:(?P<account>\d{{12}}):)?(?:function:)?"
    r"(?P<name>[a-zA-Z0-9-_.]+)(?::(?P<qualifier>\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A function in an account and region, with what qualifies it (a version, an alias) or None."""

    account: str
    region: str
    name: str
    qualifier: str | None = None

    @property
    def arn(self) -> str:
        """Without the qualifier."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"

    @property
    def qualified_arn(self) -> str:
        return f"{self.arn}:{self.qualifier}" if self.qualifier else self.arn

    def of(self, qualifier: str | None) -> Reference:
        return replace(self, qualifier=qualifier)


def read(call: Call, request: Mapping[str, Any]) -> Reference:
    """The function that `FunctionName` and `Qualifier` name. ResourceNotFoundException for another region's."""
    return resolve(call, request["FunctionName"], request.get("Qualifier"))


def resolve(call: Call, text: str, qualifier: str | None = None) -> Reference:
    """As `read`, for a name that comes from elsewhere. InvalidParameterValueException when the qualifiers differ."""
    parts = split(text)
    if parts is None:
        raise errors.no_function(text)
    region, account, name, derived = parts
    if region and region != call.region:
        raise errors.ResourceNotFoundException(
            f"Functions from '{region}' are not reachable in this region ('{call.region}')"
        )
    if derived and qualifier and derived != qualifier:
        raise errors.InvalidParameterValueException(
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    return Reference(account or call.account, call.region, name, qualifier or derived)


@lru_cache(maxsize=4096)
def split(text: str) -> tuple[str | None, str | None, str, str | None] | None:
    """Region, account, name and qualifier of a function's name; None when it is none."""
    match = _NAME.fullmatch(text)
    return (match["region"], match["account"], match["name"], match["qualifier"]) if match else None


def is_version(qualifier: str | None) -> bool:
    """Whether a qualifier names a version rather than an alias; none is `$LATEST`."""
    return qualifier is None or qualifier == LATEST or qualifier.isdigit()
