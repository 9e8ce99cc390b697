"""Trees: values of a model to and from plain dicts and lists, as JSON, CBOR and calls within the process have them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NamedTuple

from orjson import Fragment

from undercast.kit.errors import SerializationException
from undercast.wire.shapes import Member, Shape

Convert = Callable[[Any], Any]


class Leaf(NamedTuple):
    """How one scalar type is converted. A value whose class is exactly `plain` needs no conversion."""

    plain: type | None
    convert: Convert


class UnknownMember(KeyError):
    """An output has a member that the model does not: a mistake of a service, not of a client."""


LeafTable = Callable[[Member], Leaf]


class Trees:
    """Compiles shapes to functions from tree to tree, once per shape.

    `leaf` gives the conversion of a scalar member. Subclasses say how a structure, a list and a map are walked.
    """

    def __init__(self, leaf: LeafTable) -> None:
        self._leaf = leaf
        self._made: dict[Shape, Leaf] = {}

    def of(self, member: Member) -> Leaf:
        shape = member.shape
        if shape.is_document:
            return Leaf(None, lambda value: value)
        if shape.kind not in ("structure", "list", "map"):
            return self._leaf(member)
        made = self._made.get(shape)
        if made is None:
            made = self._made[shape] = getattr(self, "_" + shape.kind)(shape)
        return made

    def structure(self, shape: Shape, members: Mapping[str, Member] | None = None) -> Convert:
        """The function for a structure, or for a part of its members (those in an HTTP body)."""
        if members is None:
            return self.of(Member(shape.name, shape, {})).convert
        return self._compile(shape, members)

    def _structure(self, shape: Shape) -> Leaf:
        return Leaf(None, self._compile(shape, shape.members))

    def _compile(self, shape: Shape, members: Mapping[str, Member]) -> Convert:
        raise NotImplementedError


class Reader(Trees):
    """Trees from a client: every type is checked, null members are dropped, unknown ones ignored.

    A strict one is for calls within the process: the names are the model's, and an unknown one is an error.
    """

    def __init__(self, leaf: LeafTable, strict: bool = False) -> None:
        super().__init__(leaf)
        self._strict = strict

    def _compile(self, shape: Shape, members: Mapping[str, Member]) -> Convert:
        known: dict[str, tuple[str, type | None, Convert]] = {}
        strict = self._strict

        def read(value: Any) -> dict[str, Any]:
            if value.__class__ is not dict:
                raise unexpected(value, "structure")
            out = {}
            for key, item in value.items():
                found = known.get(key)
                if found is None:
                    if strict:
                        raise SerializationException(f"Unknown parameter in {shape.name}: {key}")
                elif item is not None:
                    name, plain, convert = found
                    out[name] = item if item.__class__ is plain else convert(item)
            return out

        if shape.kind == "structure" and members is shape.members:
            self._made[shape] = Leaf(None, read)  # before its members: a shape may contain itself
        for name, member in members.items():
            known[name if strict else member.wire_name] = (name, *self.of(member))
        return read

    def _list(self, shape: Shape) -> Leaf:
        assert shape.item is not None
        plain, convert = self.of(shape.item)
        sparse = bool(shape.traits.get("sparse"))

        def read(value: Any) -> list[Any]:
            if value.__class__ is not list:
                raise unexpected(value, "list")
            out = [item if item.__class__ is plain or item is None else convert(item) for item in value]
            if None in value and not sparse:
                raise SerializationException("Unexpected null in a list")
            return out

        return Leaf(None, read)

    def _map(self, shape: Shape) -> Leaf:
        assert shape.item is not None
        plain, convert = self.of(shape.item)

        def read(value: Any) -> dict[str, Any]:
            if value.__class__ is not dict:
                raise unexpected(value, "map")
            out = {}
            for key, item in value.items():
                if key.__class__ is not str:
                    raise unexpected(key, "string")
                if item is not None:
                    out[key] = item if item.__class__ is plain else convert(item)
            return out

        return Leaf(None, read)


class Writer(Trees):
    """Trees from a service: None is dropped, keys with a leading "_" are ignored, other unknown names raise.

    A list or map may be an `orjson.Fragment`: JSON that a service keeps as it goes out (JSON protocols only).
    """

    def _compile(self, shape: Shape, members: Mapping[str, Member]) -> Convert:
        known: dict[str, tuple[str, type | None, Convert]] = {}

        def write(value: Any) -> dict[str, Any]:
            out = {}
            for key, item in value.items():
                if item is None:
                    continue
                found = known.get(key)
                if found is not None:
                    name, plain, convert = found
                    out[name] = item if item.__class__ is plain else convert(item)
                elif key[:1] != "_":
                    raise UnknownMember(f"{shape.name} has no member {key!r}")
            return out

        if members is shape.members:
            self._made[shape] = Leaf(None, write)  # before its members: a shape may contain itself
        for name, member in members.items():
            known[name] = (member.wire_name, *self.of(member))
        return write

    def _list(self, shape: Shape) -> Leaf:
        assert shape.item is not None
        plain, convert = self.of(shape.item)

        def write(value: Any) -> Any:
            if value.__class__ is Fragment:
                return value
            return [item if item.__class__ is plain or item is None else convert(item) for item in value]

        return Leaf(None, write)

    def _map(self, shape: Shape) -> Leaf:
        assert shape.item is not None
        plain, convert = self.of(shape.item)

        def write(value: Any) -> Any:
            if value.__class__ is Fragment:
                return value
            return {
                plain_text(key): item if item.__class__ is plain else convert(item)
                for key, item in value.items()
                if item is not None
            }

        return Leaf(None, write)


def unexpected(value: Any, wanted: str) -> SerializationException:
    """AWS's words for a value of the wrong type, as its JSON services say them."""
    if value.__class__ is dict:
        return SerializationException("Start of structure or map found where not expected.")
    if value.__class__ is list:
        return SerializationException("Start of list found where not expected")
    if wanted in ("structure", "list", "map"):
        return SerializationException("Unexpected field type")
    token = {bool: str(value).upper() + "_VALUE", str: "STRING_VALUE"}.get(value.__class__, "NUMBER_VALUE")
    article = "an" if wanted == "integer" else "a"
    return SerializationException(f"{token} can not be converted to {article} {wanted.capitalize()}")


INTEGERS = {"integer": 2**31, "long": 2**63}
FLOAT_WORDS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def read_string(value: Any) -> str:
    if isinstance(value, str):
        return value.value if isinstance(value, Enum) else str(value)
    raise unexpected(value, "string")


def read_boolean(value: Any) -> bool:
    raise unexpected(value, "boolean")  # a real one is `plain`


def integer_reader(kind: str) -> Convert:
    limit = INTEGERS[kind]

    def read(value: Any) -> int:
        number = value
        if value.__class__ is float and value.is_integer():
            number = int(value)
        if number.__class__ is not int or not -limit <= number < limit:
            raise unexpected(value, kind)
        return int(number)

    return read


def read_float(value: Any) -> float:
    if value.__class__ is int and -(2**1023) < value < 2**1023:
        return float(value)
    if value.__class__ is str and value in FLOAT_WORDS:
        return FLOAT_WORDS[value]
    raise unexpected(value, "double")


def plain_text(value: Any) -> str:
    """A string of an output; anything else is a mistake of the service (a number would break typed SDKs)."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return value
    raise TypeError(f"expected a string, not {value!r}")


def plain_integer(value: Any) -> int:
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise TypeError(f"expected an integer, not {value!r}")


def plain_boolean(value: Any) -> bool:
    raise TypeError(f"expected a bool, not {value!r}")
