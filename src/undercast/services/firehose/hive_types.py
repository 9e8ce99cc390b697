"""Hive's column types, as Glue tables have them: what Arrow calls them, and JSON values made to fit.

https://cwiki.apache.org/confluence/display/Hive/LanguageManual+Types
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

_TOKEN = re.compile(r"\s*([a-zA-Z_][\w ]*|\d+|[<>(),:])")


class InvalidType(ValueError):
    """The text is no type."""


@dataclass(frozen=True)
class HiveType:
    """One type. `inner`: of an array's elements, a map's keys and values, a struct's fields (`names`)."""

    name: str
    inner: tuple[HiveType, ...] = ()
    names: tuple[str, ...] = ()
    precision: int = 10
    scale: int = 0

    def arrow(self, pa: Any) -> Any:
        """The type of the module `pyarrow`."""
        if self.name == "array":
            return pa.list_(self.inner[0].arrow(pa))
        if self.name == "map":
            return pa.map_(self.inner[0].arrow(pa), self.inner[1].arrow(pa))
        if self.name == "struct":
            return pa.struct([(name, one.arrow(pa)) for name, one in zip(self.names, self.inner, strict=True)])
        if self.name == "decimal":
            return pa.decimal128(self.precision, self.scale)
        return pa.timestamp("ms") if self.name == "timestamp" else getattr(pa, _ARROW[self.name])()

    def fit(self, value: Any, formats: Sequence[str] = ()) -> Any:
        """A JSON value as this type has it. ValueError when it does not fit."""
        if value is None:
            return None
        if self.name == "array":
            return [self.inner[0].fit(one, formats) for one in _expect(value, list)]
        if self.name == "map":
            key, held = self.inner
            return [(key.fit(name), held.fit(one, formats)) for name, one in _expect(value, dict).items()]
        if self.name == "struct":
            lowered = {name.lower(): one for name, one in _expect(value, dict).items()}
            return {name: one.fit(lowered.get(name.lower()), formats) for name, one in zip(self.names, self.inner, strict=True)}  # fmt: skip
        if self.name == "timestamp":
            return _timestamp(value, formats)
        try:
            return _FIT[self.name](value)
        except (TypeError, InvalidOperation) as error:
            raise ValueError(f"{value!r} is no {self.name}") from error


def parse(text: str) -> HiveType:
    """Read a type: `array<struct<a:int,b:string>>`. InvalidType."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens).replace(" ", "") != re.sub(r"\s", "", text):
        raise InvalidType(text)
    tokens = [token.strip() for token in tokens]
    found = _parse(tokens)
    if tokens:
        raise InvalidType(text)
    return found


def _parse(tokens: list[str]) -> HiveType:
    name = _next(tokens).lower()
    if name == "decimal":
        precision, scale = _numbers(tokens, 10, 0)
        return HiveType(name, precision=precision, scale=scale)
    if name in ("char", "varchar"):
        _numbers(tokens, 0, 0)
        return HiveType("string")
    if name == "struct":
        return _struct(tokens)
    if name in ("array", "map"):
        _next(tokens, "<")
        inner = [_parse(tokens)]
        if name == "map":
            _next(tokens, ",")
            inner.append(_parse(tokens))
        _next(tokens, ">")
        return HiveType(name, tuple(inner))
    if name != "timestamp" and name not in _ARROW:
        raise InvalidType(name)
    return HiveType(name)


def _struct(tokens: list[str]) -> HiveType:
    names, inner, end = [], [], _next(tokens, "<")
    while end != ">":
        names.append(_next(tokens))
        _next(tokens, ":")
        inner.append(_parse(tokens))
        end = _next(tokens, ",", ">")
    return HiveType("struct", tuple(inner), tuple(names))


def _numbers(tokens: list[str], *defaults: int) -> tuple[int, int]:
    first, second = defaults
    if tokens and tokens[0] == "(":
        _next(tokens, "(")
        first = int(_next(tokens))
        if _next(tokens, ",", ")") == ",":
            second = int(_next(tokens))
            _next(tokens, ")")
    return first, second


def _next(tokens: list[str], *wanted: str) -> str:
    if not tokens or (wanted and tokens[0] not in wanted):
        raise InvalidType(" ".join(tokens))
    return tokens.pop(0)


def _expect(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"{value!r} is no {kind.__name__}")
    return value


def _timestamp(value: Any, formats: Sequence[str]) -> datetime:
    """Numbers and ISO 8601, as the OpenX SerDe reads them; with `millis` among the formats, digits in texts too."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        # OpenX takes numbers with a fraction as seconds, whole ones of 10 digits as seconds, longer ones as milliseconds
        seconds = value if isinstance(value, float) or abs(value) < 10**11 else value / 1000
        return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    text = str(value)
    if "millis" in formats and text.isdigit():
        return datetime.fromtimestamp(int(text) / 1000, UTC).replace(tzinfo=None)
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def _integer(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError(f"{value!r} is no whole number")
    return int(value)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() not in ("true", "false"):
        raise ValueError(f"{value!r} is no boolean")
    return str(value).lower() == "true"


def _string(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


_ARROW = {
    "tinyint": "int8",
    "smallint": "int16",
    "int": "int32",
    "integer": "int32",
    "bigint": "int64",
    "float": "float32",
    "double": "float64",
    "boolean": "bool_",
    "string": "string",
    "binary": "binary",
    "date": "date32",
}
_FIT: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("tinyint", "smallint", "int", "integer", "bigint"), _integer),
    **dict.fromkeys(("float", "double"), float),
    "boolean": _boolean,
    "string": _string,
    "binary": lambda value: _string(value).encode(),
    "date": lambda value: date.fromisoformat(str(value)[:10]),
    "decimal": lambda value: Decimal(str(value)),
}
