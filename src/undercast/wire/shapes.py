"""Shapes: the types of a botocore model, resolved once so that compilers can walk them without looking names up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, eq=False)
class Shape:
    """One type of the model.

    `kind` is structure, list, map, string, integer, long, float, double, boolean, timestamp or blob.
    """

    name: str
    kind: str
    traits: Mapping[str, Any]
    members: dict[str, Member] = field(default_factory=dict)  # of a structure
    item: Member | None = None  # of a list, and the values of a map
    key: Member | None = None  # of a map

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(self.traits.get("required", ()))

    @property
    def is_document(self) -> bool:
        return bool(self.traits.get("document"))

    @property
    def payload(self) -> Member | None:
        name = self.traits.get("payload")
        return self.members[name] if name else None


@dataclass(slots=True, eq=False)
class Member:
    """A use of a shape: as a member of a structure, or as what a list or map holds. Its traits override the shape's."""

    name: str
    shape: Shape
    traits: Mapping[str, Any]

    def get(self, trait: str, default: Any = None) -> Any:
        return self.traits.get(trait, self.shape.traits.get(trait, default))

    @property
    def wire_name(self) -> str:
        return str(self.get("locationName", self.name))

    @property
    def location(self) -> str | None:
        location: str | None = self.get("location")
        return location

    @property
    def flattened(self) -> bool:
        return bool(self.get("flattened"))


class Shapes:
    """The shapes of one service, resolved on first use; recursive shapes refer to themselves."""

    def __init__(self, raw: Mapping[str, Mapping[str, Any]]) -> None:
        self._raw = raw
        self._resolved: dict[str, Shape] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._raw

    def __getitem__(self, name: str) -> Shape:
        shape = self._resolved.get(name)
        return shape if shape is not None else self._resolve(name)

    def member(self, name: str, reference: Mapping[str, Any]) -> Member:
        return Member(name, self[reference["shape"]], reference)

    def _resolve(self, name: str) -> Shape:
        raw = self._raw[name]
        shape = self._resolved[name] = Shape(name, raw["type"], raw)  # before its members: a shape may contain itself
        if shape.kind == "structure":
            shape.members = {key: self.member(key, reference) for key, reference in raw.get("members", {}).items()}
        elif shape.kind == "list":
            shape.item = self.member("member", raw["member"])
        elif shape.kind == "map":
            shape.key, shape.item = self.member("key", raw["key"]), self.member("value", raw["value"])
        return shape
