"""Patch operations: UpdateX with `op`, `path` and `value`, checked against a table of what may be patched.

A table maps paths to fields: "/name" is one member, "/requestParameters/*" any entry of a map, where the last part of
the path is a JSON pointer token (`~1` for a slash).
Source: "Patch Operations" in the API reference, and recorded answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from undercast.services.apigateway import errors

Patch = Mapping[str, Any]
Target = dict[str, Any]
Read = Callable[[str], Any]

EVERY = ("add", "replace", "remove")


@dataclass(frozen=True)
class Field:
    """What may be patched: by which operations, how a value's text is read, and what is said when it is not there."""

    ops: Sequence[str] = ("replace",)
    read: Read = str
    missing: str = ""


@dataclass(frozen=True)
class Entry(Field):
    """An entry of a map, named by the end of the path."""

    ops: Sequence[str] = EVERY


@dataclass(frozen=True)
class Listed(Field):
    """A member of a list: the end of the path where the table says `/*`, else the value."""

    ops: Sequence[str] = ("add", "remove")


Table = Mapping[str, Field]


def apply(
    target: Target, patches: Sequence[Patch] | None, table: Table, refuse: Callable[[Patch], Exception] | None = None
) -> None:
    """Patch `target` in place, all or (by the transaction) nothing. BadRequestException, NotFoundException."""
    for patch in patches or ():
        tokens = split(patch["path"])
        field, parts = _find(table, tokens)
        if field is None:
            raise refuse(patch) if refuse else errors.BadRequestException(f"Invalid patch path {patch['path']}")
        if patch["op"] not in field.ops:
            allowed = ", ".join(field.ops)
            raise errors.BadRequestException(f"Invalid patch operation specified. Must be one of: [{allowed}]")
        _apply(target, patch, field, tokens, parts)


def of(request: Mapping[str, Any]) -> list[Patch]:
    """The operations of a request. BadRequestException for one without an operation or a path."""
    found = request.get("patchOperations") or []
    if any(not patch.get("op") or not patch.get("path") for patch in found):
        raise errors.BadRequestException("Invalid patch operation specified: it needs an op and a path")
    return list(found)


def split(path: str) -> list[str]:
    """The tokens of a JSON pointer."""
    return [token.replace("~1", "/").replace("~0", "~") for token in path.strip("/").split("/")]


def boolean(text: str) -> bool:
    """As API Gateway reads it: what is not `true` is false (recorded: test_update_method_validation)."""
    return text.lower() == "true"


def number_of(what: str, least: float, most: float, kind: type = int) -> Read:
    """A reader of numbers in a range. BadRequestException with `what` for the others."""

    def read(text: str) -> Any:
        try:
            value = kind(text)
        except ValueError:
            raise errors.BadRequestException(what) from None
        if not least <= value <= most:
            raise errors.BadRequestException(what)
        return value

    return read


def one_of(name: str, values: Sequence[str]) -> Read:
    """A reader of an enumeration."""

    def read(text: str) -> str:
        if text not in values:
            raise errors.BadRequestException(f"Invalid {name} specified. Must be one of: [{', '.join(values)}]")
        return text

    return read


def _find(table: Table, tokens: list[str]) -> tuple[Field | None, list[str]]:
    for path, field in table.items():
        parts = path.strip("/").split("/")
        if len(parts) == len(tokens) and all(part in ("*", token) for part, token in zip(parts, tokens, strict=True)):
            return field, parts
    return None, []


def _apply(target: Target, patch: Patch, field: Field, tokens: list[str], parts: list[str]) -> None:
    if isinstance(field, Listed):
        _change_list(target, patch, field, tokens, parts[-1] == "*")
        return
    holder = target
    for token in tokens[:-1]:
        holder = _inner(holder, token)
    _change(holder, tokens[-1], patch, field)
    _drop_empty(target, tokens[:-1])


def _change(holder: Target, name: str, patch: Patch, field: Field) -> None:
    op, value = patch["op"], patch.get("value")
    known = name in holder
    if isinstance(field, Entry) and not known and op in ("replace", "remove"):
        raise errors.NotFoundException(field.missing or "Invalid parameter name specified")
    if op == "remove" or value is None or (value == "" and field.read is not str):
        holder.pop(name, None)
    else:
        holder[name] = field.read(value)


def _change_list(target: Target, patch: Patch, field: Field, tokens: list[str], named: bool) -> None:
    *path, last = tokens if named else [*tokens, patch.get("value") or ""]
    holder = target
    for token in path[:-1]:
        holder = _inner(holder, token)
    items: list[Any] = holder.get(path[-1]) or []
    holder[path[-1]] = items
    new = field.read(patch.get("value") or "") if patch["op"] == "replace" else field.read(last)
    if patch["op"] == "add":
        if new not in items:
            items.append(new)
    elif last in items:
        items[items.index(last)] = new
        if patch["op"] == "remove":
            items.remove(last)
    else:
        raise errors.NotFoundException(field.missing or f"Invalid patch path {patch['path']}")
    if not items:
        del holder[path[-1]]


def _inner(holder: Target, name: str) -> Target:
    """What a part of the path leads to; a value of None counts as nothing there."""
    inner = holder.get(name)
    if inner is None:
        inner = holder[name] = {}
    return inner


def _drop_empty(target: Target, path: list[str]) -> None:
    """AWS shows no map that has become empty."""
    if path and target.get(path[0]) == {}:
        del target[path[0]]
