"""The roles in which a stream reads and delivers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from undercast.kit import roles
from undercast.kit.call import Call
from undercast.services.firehose.errors import InvalidArgumentException
from undercast.services.firehose.model import PRINCIPAL


async def check(call: Call, *settings: Any) -> None:
    """InvalidArgumentException when IAM has a role that is named in settings, and it does not trust Firehose."""
    for role in sorted(set(_named(settings))):
        if not await roles.trusts(call, role, PRINCIPAL):
            raise InvalidArgumentException(f"Firehose is unable to assume role {role}. Please check the role provided.")


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("RoleARN"), str):
            yield value["RoleARN"]
        for one in value.values():
            yield from _named(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _named(one)
