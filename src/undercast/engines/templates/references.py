"""Finds what an expression refers to: Ref, Fn::GetAtt, the variables of Fn::Sub, and dynamic references."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from undercast.engines.templates.errors import TemplateError
from undercast.engines.templates.shapes import attribute_of, function_of, variables

_DYNAMIC = re.compile(r"\{\{resolve:(ssm|ssm-secure|secretsmanager):([^{}]+)\}\}")


class Reference(NamedTuple):
    """A mention of `name` (a parameter, pseudo parameter or resource), and of its `attribute` if not None, by the
    function `by` ("Ref", "Fn::GetAtt" or "Fn::Sub")."""

    name: str
    attribute: str | None
    by: str


def references(node: Any, taken: Callable[[str], bool] | None = None) -> Iterator[Reference]:
    """All mentions in `node`. With `taken` (a condition's value), of each Fn::If only the branch that counts."""
    called = function_of(node)
    if called is None:
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        for child in children:
            yield from references(child, taken)
        return
    name, argument = called
    if name == "Ref" and isinstance(argument, str):
        yield Reference(argument, None, name)
    elif name == "Fn::GetAtt":
        resource, attribute = attribute_of(argument)
        yield Reference(resource, attribute if isinstance(attribute, str) else "", name)
        yield from references(attribute, taken)
    elif name == "Fn::Sub":
        yield from _in_sub(argument, taken)
    elif name == "Fn::If" and taken is not None:
        yield from references(argument[1 if taken(argument[0]) else 2], taken)
    else:
        yield from references(argument, taken)


def _in_sub(argument: Any, taken: Callable[[str], bool] | None) -> Iterator[Reference]:
    text, local = (argument, {}) if isinstance(argument, str) else argument
    yield from references(list(local.values()), taken)
    for variable in variables(text):
        if variable not in local:
            name, dot, attribute = variable.partition(".")
            yield Reference(name, attribute if dot else None, "Fn::Sub")


@dataclass(frozen=True)
class DynamicReference:
    """`{{resolve:…}}`: a value that lives in Parameter Store or Secrets Manager.

    `text` is the whole of it; `service` is "ssm", "ssm-secure" or "secretsmanager"; `name` the parameter's name or the
    secret's name or ARN; `version` a parameter's version or a secret's version id; `json_key` and `stage` a secret's.
    """

    text: str
    service: str
    name: str
    version: str | None = None
    json_key: str | None = None
    stage: str | None = None

    def pick(self, secret: str) -> str:
        """The part of the secret's string that is meant: one key of its JSON, or all of it."""
        if self.json_key is None:
            return secret
        try:
            return str(json.loads(secret)[self.json_key])
        except (ValueError, KeyError, TypeError):
            raise TemplateError(
                f"Could not find a value associated with JSONKey in SecretString: {self.json_key}"
            ) from None


def dynamic_references(text: str) -> list[DynamicReference]:
    """All dynamic references in a text. Raises TemplateError for one that is malformed."""
    return [_parsed(match[0], match[1], match[2]) for match in _DYNAMIC.finditer(text)]


def replace_dynamic(text: str, values: Callable[[DynamicReference], str]) -> str:
    """`text` with each dynamic reference replaced; once, what a value contains is not looked at again."""
    return _DYNAMIC.sub(lambda match: values(_parsed(match[0], match[1], match[2])), text)


def _parsed(text: str, service: str, rest: str) -> DynamicReference:
    if service != "secretsmanager":
        name, *version = rest.split(":")
        if not name or len(version) > 1 or not all(part.isascii() and part.isdigit() for part in version):
            raise TemplateError(f"Incorrect format is used in the following SSM reference: [{text}]")
        return DynamicReference(text, service, name, version[0] if version else None)
    words = 7 if rest.startswith("arn:") else 1  # an ARN has colons of its own
    parts = rest.split(":")
    name, tail = ":".join(parts[:words]), [*parts[words:], "", "", "", ""][: max(4, len(parts) - words)]
    if not name or len(tail) > 4 or tail[0] not in ("", "SecretString"):
        raise TemplateError(f"Incorrect format is used in the following Secrets Manager reference: [{text}]")
    return DynamicReference(text, service, name, tail[3] or None, tail[1] or None, tail[2] or None)
