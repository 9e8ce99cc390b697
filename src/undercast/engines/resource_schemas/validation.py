"""Checks properties against a resource schema in CloudFormation's words, turning strings into what is wanted.

CloudFormation validates with a JSON schema library (everit) and hides values: the message of the keywords in `_HIDDEN`
is "failed validation constraint for keyword [pattern]" (aws-cloudformation/cloudformation-resource-schema, pull 40).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

JsonType = tuple[str, type | tuple[type, ...]]

_TYPES: dict[str, JsonType] = {
    "string": ("String", str),
    "integer": ("Integer", int),
    "number": ("Number", (int, float)),
    "boolean": ("Boolean", bool),
    "object": ("JSONObject", dict),
    "array": ("JSONArray", list),
    "null": ("Null", type(None)),
}
_INTEGER = re.compile(r"[+-]?\d{1,19}")
_NUMBER = re.compile(r"[+-]?\d{1,19}(\.\d{1,19})?([eE][+-]?\d{1,3})?")


class Problem(NamedTuple):
    """One thing wrong: where ("#/Tags/0") and what."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


@dataclass(frozen=True)
class Checked:
    """Normalised properties and what is wrong with them."""

    properties: dict[str, Any]
    problems: list[Problem]


def failure(resource_id: str, problems: Iterable[Problem]) -> str:
    """CloudFormation's sentence about the properties of one resource."""
    lines = "\n".join(str(problem) for problem in problems)
    return f"Properties validation failed for resource {resource_id} with message:\n{lines}"


def check(
    document: Mapping[str, Any], properties: Mapping[str, Any], read_only: set[str], unknown: str | None = None
) -> Checked:
    """Check `properties` against the resource schema `document`; a value equal to `unknown` passes everywhere."""
    walk = _Walk(document.get("definitions", {}), document["properties"], unknown)
    allowed = {name: node for name, node in document["properties"].items() if name not in read_only}
    normal = walk.visit(dict(properties), {**document, "type": "object", "properties": allowed}, "#")
    return Checked(normal, walk.problems)


class _Walk:
    """One pass over a value; collects problems, returns the value with its scalars converted."""

    def __init__(self, definitions: Mapping[str, Any], properties: Mapping[str, Any], unknown: str | None) -> None:
        self.roots = {"definitions": definitions, "properties": properties}
        self.unknown = unknown
        self.problems: list[Problem] = []

    def visit(self, value: Any, node: Mapping[str, Any], path: str) -> Any:
        """`value` as `node` wants it."""
        if value == self.unknown and value is not None:
            return value
        node = self._resolved(node)
        wanted = node.get("type")
        if wanted is not None:
            types = [wanted] if isinstance(wanted, str) else wanted
            value, fits = _coerced(value, types)
            if not fits:
                self._add(path, _wrong_type(value, types))
                return value
        if isinstance(value, dict):
            value = self._object(value, node, path)
        elif isinstance(value, list):
            value = self._array(value, node, path)
        for keyword, rule in _SCALAR_RULES.items():
            if keyword in node and (message := rule(value, node[keyword])):
                self._add(path, message)
        self._combined(value, node, path)
        return value

    def _resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        for _ in range(20):  # a chain of references, never a long one
            if "$ref" not in node:
                break
            _, root, *names = node["$ref"].split("/")
            target: Any = self.roots[root]
            for name in names:
                target = target[name]
            node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
        return node

    def _object(self, value: dict[str, Any], node: Mapping[str, Any], path: str) -> dict[str, Any]:
        for name in node.get("required", ()):
            if name not in value:
                self._add(path, f"required key [{name}] not found")
        result = {}
        for name, item in value.items():
            inner = self._member(name, node)
            if inner is None:
                self._add(path, f"extraneous key [{name}] is not permitted")
            else:
                item = self.visit(item, inner, f"{path}/{name}")
            result[name] = item
        for message in _groups(value, node):
            self._add(path, message)
        return result

    def _member(self, name: str, node: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The schema of one member; None if the member is not permitted."""
        properties: Mapping[str, Any] = node.get("properties", {})
        if name in properties:
            return dict(properties[name])
        for pattern, inner in node.get("patternProperties", {}).items():
            if _matches(pattern, name):
                return dict(inner)
        rest = node.get("additionalProperties", True)
        if rest is False:
            return None
        return dict(rest) if isinstance(rest, dict) else {}

    def _array(self, value: list[Any], node: Mapping[str, Any], path: str) -> list[Any]:
        inner = node.get("items")
        if isinstance(inner, dict):
            value = [self.visit(item, inner, f"{path}/{index}") for index, item in enumerate(value)]
        return value

    def _combined(self, value: Any, node: Mapping[str, Any], path: str) -> None:
        for keyword, enough in (("allOf", len(node.get("allOf", ()))), ("anyOf", 1), ("oneOf", 1)):
            subschemas = node.get(keyword)
            if not subschemas:
                continue
            matched = sum(self._fits(value, inner, path) for inner in subschemas)
            if keyword == "oneOf" and matched != 1:
                self._add(path, f"#: {matched} subschemas matched instead of one")
            elif keyword == "anyOf" and matched < enough:
                self._add(path, f"#: no subschema matched out of the total {len(subschemas)} subschemas")
            elif keyword == "allOf" and matched < enough:
                self._add(path, f"#: only {matched} subschema matches out of {len(subschemas)}")

    def _fits(self, value: Any, node: Mapping[str, Any], path: str) -> bool:
        trial = _Walk(self.roots["definitions"], self.roots["properties"], self.unknown)
        trial.visit(value, node, path)
        return not trial.problems

    def _add(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, message))


def _coerced(value: Any, types: list[str]) -> tuple[Any, bool]:
    """`value` as one of `types`, and whether that was possible. Templates may write "5" for 5 and 5 for "5"; where text
    is allowed a number or boolean becomes text (an environment variable, a custom resource's property)."""
    if isinstance(value, str) and "string" in types:
        return value, True
    if "string" in types and isinstance(value, bool | int | float):
        return ("true" if value else "false") if isinstance(value, bool) else _number_text(value), True
    if any(_is(value, name) for name in types):
        return value, True
    if "integer" in types and isinstance(value, float) and value.is_integer():
        return int(value), True
    if isinstance(value, str):
        if "boolean" in types and value.lower() in ("true", "false"):
            return value.lower() == "true", True
        if "integer" in types and _INTEGER.fullmatch(value):
            return int(value), True
        if "number" in types and _NUMBER.fullmatch(value):
            return int(value) if _INTEGER.fullmatch(value) else float(value), True
    return value, False


def _is(value: Any, name: str) -> bool:
    return isinstance(value, _TYPES[name][1]) and (name == "boolean" or not isinstance(value, bool))


def _number_text(value: int | float) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _wrong_type(value: Any, types: list[str]) -> str:
    if len(types) > 1:
        return f"#: no subschema matched out of the total {len(types)} subschemas"
    found = (
        "Boolean"
        if isinstance(value, bool)
        else next(name for name, kind in _TYPES.values() if isinstance(value, kind))
    )
    return f"expected type: {_TYPES[types[0]][0]}, found: {'BigDecimal' if isinstance(value, float) else found}"


def _groups(value: Mapping[str, Any], node: Mapping[str, Any]) -> Iterable[str]:
    """Rules about which members come together. cfn-lint writes the service's oneOf/anyOf over `required` this way."""
    for group in _lists(node.get("requiredXor")):
        if (count := sum(name in value for name in group)) != 1:
            yield f"#: {count} subschemas matched instead of one"
    for group in _lists(node.get("requiredOr")):
        if not any(name in value for name in group):
            yield f"#: no subschema matched out of the total {len(group)} subschemas"
    for name, others in node.get("dependentRequired", {}).items():
        if name in value:
            yield from (f"property [{other}] is required" for other in others if other not in value)


def _lists(groups: Any) -> list[list[str]]:
    """One list of names or several."""
    return groups if groups and isinstance(groups[0], list) else [groups] if groups else []


def _hidden(keyword: str, holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], str | None]:
    message = f"failed validation constraint for keyword [{keyword}]"
    return lambda value, limit: None if holds(value, limit) else message


def _counted(kind: type, text: str, holds: Callable[[int, int], bool]) -> Callable[[Any, Any], str | None]:
    def rule(value: Any, limit: int) -> str | None:
        if not isinstance(value, kind) or holds(len(value), limit):  # type: ignore[arg-type]  # all kinds here are sized
            return None
        return text.format(limit=limit, actual=len(value))  # type: ignore[arg-type]

    return rule


def _unique(value: Any, wanted: Any) -> str | None:
    if not wanted or not isinstance(value, list):
        return None
    distinct = {repr(item) for item in value}
    return None if len(distinct) == len(value) else "array items are not unique"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """None for what Java's expressions have and Python's have not (\\p{L}, possessive groups): such a rule is not checked."""
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _matches(pattern: str, text: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(text) is not None


_SCALAR_RULES: dict[str, Callable[[Any, Any], str | None]] = {
    "enum": _hidden("enum", lambda value, choices: value in choices or str(value) in map(str, choices)),
    "const": _hidden("const", lambda value, wanted: bool(value == wanted)),
    "pattern": _hidden("pattern", lambda value, pattern: not isinstance(value, str) or _matches(pattern, value)),
    "minimum": _hidden("minimum", lambda value, limit: not _is_number(value) or bool(value >= limit)),
    "maximum": _hidden("maximum", lambda value, limit: not _is_number(value) or bool(value <= limit)),
    "multipleOf": _hidden("multipleOf", lambda value, step: not _is_number(value) or value % step == 0),
    "minLength": _counted(str, "expected minLength: {limit}, actual: {actual}", lambda have, limit: have >= limit),
    "maxLength": _counted(str, "expected maxLength: {limit}, actual: {actual}", lambda have, limit: have <= limit),
    "minItems": _counted(
        list, "expected minimum item count: {limit}, found: {actual}", lambda have, limit: have >= limit
    ),
    "maxItems": _counted(
        list, "expected maximum item count: {limit}, found: {actual}", lambda have, limit: have <= limit
    ),
    "minProperties": _counted(dict, "minimum size: [{limit}], found: [{actual}]", lambda have, limit: have >= limit),
    "maxProperties": _counted(dict, "maximum size: [{limit}], found: [{actual}]", lambda have, limit: have <= limit),
    "uniqueItems": _unique,
}
