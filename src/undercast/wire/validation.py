"""Validation: the constraints of a model, and the words in which AWS says that an input breaks them.

The texts follow recorded answers of Lambda, API Gateway, KMS, IAM, SNS, Logs and Step Functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from undercast.wire import patterns
from undercast.wire.shapes import Member, Shape

if TYPE_CHECKING:
    from undercast.wire.models import Operation

NOT_NULL = "Member must not be null"
# API Gateway's own model wraps what comes in a body into one member: 'putIntegrationInput.type'.
WRAPPED_BODIES = {"apigateway"}
# Values that AWS does not repeat although the model does not call them sensitive.
HIDDEN = {"serviceSpecificCredentialId"}


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken constraint. `path` is as AWS prints it (`tags.1.member.key`); `value` too ("'x'", "null", or "")."""

    path: str
    constraint: str
    value: str

    def __str__(self) -> str:
        value = f"Value {self.value} at" if self.value else "Value at"
        return f"{value} '{self.path}' failed to satisfy constraint: {self.constraint}"


def violations_message(violations: list[Violation]) -> str:
    """The message of a ValidationException (ValidationError in the query protocol)."""
    count = len(violations)
    plural = "" if count == 1 else "s"
    return f"{count} validation error{plural} detected: " + "; ".join(map(str, violations))


Check = Callable[[Any, str, list[Violation]], None]
Scalar = Callable[[Any], list[str]]


def compile_validate(operation: Operation) -> Callable[[dict[str, Any]], list[Violation]]:
    compiler: Compiler = operation.service.codec("validation", Compiler)
    if operation.input is None:
        return lambda params: []
    check = compiler.structure(operation.input)
    if check is None:
        return lambda params: []
    if operation.service.name in WRAPPED_BODIES:
        return _wrapped(compiler, operation, operation.input)

    def validate(params: dict[str, Any]) -> list[Violation]:
        found: list[Violation] = []
        check(params, "", found)
        return found

    return validate


def _wrapped(compiler: Compiler, operation: Operation, shape: Shape) -> Callable[[dict[str, Any]], list[Violation]]:
    body = {name: member for name, member in shape.members.items() if member.location is None}
    rest = {name: member for name, member in shape.members.items() if member.location is not None}
    check_body, check_rest = compiler.members(shape, body), compiler.members(shape, rest)
    prefix = f"{lower(operation.name)}Input."

    def validate(params: dict[str, Any]) -> list[Violation]:
        found: list[Violation] = []
        check_body(params, prefix, found)
        check_rest(params, "", found)
        return found

    return validate


class Compiler:
    """Compiles shapes to checks; a shape without any constraint in it compiles to None."""

    def __init__(self) -> None:
        self._made: dict[Shape, Check | None] = {}

    def structure(self, shape: Shape) -> Check | None:
        if shape not in self._made:
            if not _constrained(shape, set()):
                self._made[shape] = None
            else:
                self.members(shape, shape.members)
        return self._made[shape]

    def members(self, shape: Shape, members: Mapping[str, Member]) -> Check:
        required = [(name, lower(name)) for name in shape.required if name in members]
        checks: list[tuple[str, str, Check]] = []
        order = {name: index for index, name in enumerate(members)}

        def check(value: Any, prefix: str, found: list[Violation]) -> None:
            for name, path in required:
                if value.get(name) is None:
                    found.append(Violation(prefix + path, NOT_NULL, "null"))
            for name, path, check_member in checks:
                item = value.get(name)
                if item is not None:
                    check_member(item, prefix + path, found)

        if members is shape.members:
            self._made[shape] = check  # before its members: a shape may contain itself
        for name in sorted(members, key=order.__getitem__):
            compiled = self.of(members[name])
            if compiled is not None:
                checks.append((name, lower(name), compiled))
        return check

    def of(self, member: Member) -> Check | None:
        shape = member.shape
        if shape.is_document:
            return None
        if shape.kind == "structure":
            inner = self.structure(shape)
            return None if inner is None else lambda value, path, found: inner(value, path + ".", found)
        if shape.kind == "list":
            return self._list(member)
        if shape.kind == "map":
            return self._map(member)
        scalar = _scalar(member)
        return None if scalar is None else _reported(member, scalar)

    def _list(self, member: Member) -> Check | None:
        item = member.shape.item
        assert item is not None
        size = _lengths(member)
        nested = _scalar(item)
        deep = self.of(item) if item.shape.kind in ("structure", "list", "map") else None
        if size is None and nested is None and deep is None:
            return None
        rule = _rules_text("Member", item)

        def check(value: Any, path: str, found: list[Violation]) -> None:
            if size is not None:
                found.extend(Violation(path, text, shown(member, value)) for text in size(value))
            if nested is not None and any(entry is not None and nested(entry) for entry in value):
                found.append(Violation(path, rule, shown(member, value)))
            if deep is not None:
                for number, entry in enumerate(value, 1):
                    deep(entry, f"{path}.{number}.member", found)

        return check

    def _map(self, member: Member) -> Check | None:
        key, item = member.shape.key, member.shape.item
        assert key is not None and item is not None
        size, keys, values = _lengths(member), _scalar(key), _scalar(item)
        deep = self.of(item) if item.shape.kind in ("structure", "list", "map") else None
        if size is None and keys is None and values is None and deep is None:
            return None
        key_rule, value_rule = _rules_text("Map keys", key), _rules_text("Map value", item)

        def check(value: Any, path: str, found: list[Violation]) -> None:
            if size is not None:
                found.extend(Violation(path, text, shown(member, value)) for text in size(value))
            if keys is not None and any(keys(name) for name in value):
                found.append(Violation(path, key_rule, shown(member, value)))
            if values is not None and any(values(entry) for entry in value.values()):
                found.append(Violation(path, value_rule, shown(member, value)))
            if deep is not None:
                for name, entry in value.items():
                    deep(entry, f"{path}.{name}.member", found)

        return check


def _reported(member: Member, scalar: Scalar) -> Check:
    def check(value: Any, path: str, found: list[Violation]) -> None:
        broken = scalar(value)
        if broken:
            found.extend(Violation(path, text, shown(member, value)) for text in broken)

    return check


def _scalar(member: Member) -> Scalar | None:
    """The texts of the constraints that a scalar breaks, in AWS's order: longest, shortest, pattern, enum."""
    kind = member.shape.kind
    if kind in ("integer", "long", "float", "double"):
        return _range(member)
    if kind == "blob":
        return _lengths(member)
    if kind != "string":
        return None
    enum = frozenset(member.get("enum") or ())
    pattern = patterns.compiled(member.get("pattern"))
    size = _lengths(member)
    if not enum and pattern is None and size is None:
        return None
    texts = _rules(member)
    enum_text = next((text for text in texts if "enum value set" in text), "")
    pattern_text = next((text for text in texts if "pattern" in text), "")

    def broken(value: Any) -> list[str]:
        found = size(value) if size is not None else []
        if pattern is not None and not pattern(value):
            found = [*found, pattern_text]
        return found if not enum or value in enum else [*found, enum_text]

    return broken


def _lengths(member: Member) -> Scalar | None:
    least, most = member.get("min"), member.get("max")
    if least is None and most is None:
        return None
    low, high = least or 0, most if most is not None else 2**63
    too_long = f"Member must have length less than or equal to {most}"
    too_short = f"Member must have length greater than or equal to {least}"

    def broken(value: Any) -> list[str]:
        try:
            length = len(value)
        except TypeError:  # a body that streams: its length is not known yet
            return []
        if low <= length <= high:
            return []
        return [too_long] if length > high else [too_short]

    return broken


def _range(member: Member) -> Scalar | None:
    least, most = member.get("min"), member.get("max")
    if least is None and most is None:
        return None
    low, high = least if least is not None else float("-inf"), most if most is not None else float("inf")
    too_big = f"Member must have value less than or equal to {_number(member, most)}"
    too_small = f"Member must have value greater than or equal to {_number(member, least)}"

    def broken(value: Any) -> list[str]:
        if low <= value <= high:
            return []
        return [too_big] if value > high else [too_small]

    return broken


def _rules(member: Member) -> list[str]:
    """The texts of all constraints of a scalar, as AWS lists them for the members of a list or map."""
    least, most, pattern, enum = (member.get(trait) for trait in ("min", "max", "pattern", "enum"))
    number = member.shape.kind in ("integer", "long", "float", "double")
    what = "value" if number else "length"
    rules = []
    if most is not None:
        rules.append(f"Member must have {what} less than or equal to {_number(member, most)}")
    if least is not None:
        rules.append(f"Member must have {what} greater than or equal to {_number(member, least)}")
    if pattern:
        rules.append(f"Member must satisfy regular expression pattern: {pattern}")
    if enum:
        rules.append(f"Member must satisfy enum value set: [{', '.join(patterns.enum_order(enum))}]")
    if number or enum:  # believed: seen for enums and numbers, absent for plain strings
        rules.append(NOT_NULL)
    return rules


def _rules_text(subject: str, member: Member) -> str:
    return f"{subject} must satisfy constraint: [{', '.join(_rules(member))}]"


def _number(member: Member, value: Any) -> str:
    return str(float(value)) if member.shape.kind in ("float", "double") and value is not None else str(value)


def lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def shown(member: Member, value: Any) -> str:
    """A value as AWS prints it: quoted in Java's own format, or not at all when it is sensitive."""
    return "" if _sensitive(member) else f"'{_java(member, value)}'"


def _java(member: Member, value: Any) -> str:
    shape = member.shape
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return f"java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]"
    if shape.kind == "list" and shape.item is not None:
        item = shape.item
        return "[" + ", ".join(_java(item, entry) for entry in value) + "]"
    if shape.kind == "map" and shape.item is not None:
        item = shape.item
        return "{" + ", ".join(f"{key}={_java(item, entry)}" for key, entry in value.items()) + "}"
    if shape.kind == "structure":
        parts = (f"{lower(name)}={_java(m, value.get(name))}" for name, m in shape.members.items())
        return f"{shape.name}({', '.join(parts)})"
    return str(value)


def _sensitive(member: Member) -> bool:
    item = member.shape.item
    if member.shape.name in HIDDEN:
        return True
    return bool(member.get("sensitive") or (item is not None and item.get("sensitive")))


def _constrained(shape: Shape, seen: set[Shape]) -> bool:
    """Whether a constraint can be broken anywhere in a shape; recursive shapes are looked at once."""
    if shape in seen:
        return False
    seen.add(shape)
    if shape.required or any(trait in shape.traits for trait in ("min", "max", "pattern", "enum")):
        return True
    inner = [*shape.members.values(), *filter(None, (shape.item, shape.key))]
    return any(member.get("enum") or _constrained(member.shape, seen) for member in inner)
