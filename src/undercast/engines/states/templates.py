"""Payload templates: JSON of which some fields are computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from undercast.engines.jsonpath import JsonPathError
from undercast.engines.states.errors import runtime
from undercast.engines.states.expressions import compile_field, is_expression
from undercast.engines.states.intrinsics import compile_call
from undercast.engines.states.paths import StatePath, compile_path
from undercast.engines.states.payloads import json_text
from undercast.engines.states.scope import Constant, Field, Scope


@dataclass(frozen=True, slots=True)
class ObjectTemplate:
    fields: tuple[tuple[str, Field], ...]

    def of(self, scope: Scope, root: Any) -> dict[str, Any]:
        return {name: field.of(scope, root) for name, field in self.fields}


@dataclass(frozen=True, slots=True)
class ListTemplate:
    entries: tuple[Field, ...]

    def of(self, scope: Scope, root: Any) -> list[Any]:
        return [entry.of(scope, root) for entry in self.entries]


@dataclass(frozen=True, slots=True)
class PathEntry:
    """`"name.$": "$.path"`."""

    name: str
    path: StatePath

    def of(self, scope: Scope, root: Any) -> Any:
        try:
            return self.path.find(scope, root)
        except JsonPathError:
            if root is None and not self.path.source:
                raise runtime("Unable to apply Path transformation to null or empty input.") from None
            shown = json_text(scope.context if self.path.source == "$" else root)
            raise runtime(
                f"The JSONPath '{self.path.text}' specified for the field '{self.name}' "
                f"could not be found in the input '{shown}'"
            ) from None


def path_template(value: Any) -> Field:
    """A template of the JSONPath language: members named `….$` are paths or intrinsic functions.

    Raises InvalidJsonPath and IntrinsicSyntax.
    """
    if isinstance(value, list):
        return _list([path_template(one) for one in value])
    if not isinstance(value, dict):
        return Constant(value)
    fields = {}
    for name, inner in value.items():
        if name.endswith(".$"):
            fields[name[:-2]] = path_or_call(name, inner)
        else:
            fields[name] = path_template(inner)
    return _object(fields)


def path_or_call(name: str, text: str) -> Field:
    return PathEntry(name, compile_path(text)) if text.startswith("$") else compile_call(text)


def jsonata_template(value: Any, location: str) -> Field:
    """A template of the JSONata language: strings like `{% … %}` are expressions.

    `location` is the field's name, as AWS gives it in an evaluation failure: "Output/orders[0]/id".
    """
    if isinstance(value, list):
        return _list([jsonata_template(one, f"{location}[{index}]") for index, one in enumerate(value)])
    if isinstance(value, dict):
        return _object({name: jsonata_template(inner, f"{location}/{name}") for name, inner in value.items()})
    if is_expression(value):
        return compile_field(value, location)
    return Constant(value)


def _list(entries: list[Field]) -> Field:
    if all(isinstance(entry, Constant) for entry in entries):
        return Constant([entry.value for entry in entries if isinstance(entry, Constant)])
    return ListTemplate(tuple(entries))


def _object(fields: dict[str, Field]) -> Field:
    if all(isinstance(field, Constant) for field in fields.values()):
        return Constant({name: field.value for name, field in fields.items() if isinstance(field, Constant)})
    return ObjectTemplate(tuple(fields.items()))
