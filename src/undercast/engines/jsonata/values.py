"""JSON values on their way into and out of the library, their text and their equality.

The library has `None` for undefined and NULL for JSON's null. Every walk is paid from the evaluation's budget, for values
may share their parts: 30 steps of doubling make what is a billion nodes when it is walked.
"""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

import orjson

from undercast.engines.jsonata.errors import failure
from undercast.engines.jsonata.library import Jsonata, Parser, Utils
from undercast.engines.jsonata.limits import spend
from undercast.engines.jsonata.model import UNDEFINED

NULL: Any = Utils.NULL_VALUE


def into(value: Any) -> Any:
    """The value with NULL where it has None; itself if it has none."""
    try:
        if b"null" not in orjson.dumps(value):
            return value
    except TypeError:  # integers beyond 64 bits, or nested too deep
        pass
    return _with_nulls(value)


def _with_nulls(value: Any) -> Any:
    if value is None:
        return NULL
    if isinstance(value, dict):
        return {name: _with_nulls(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_nulls(inner) for inner in value]
    return value


def out_of(value: Any) -> Any:
    """Plain JSON of what the library answered: UNDEFINED for nothing, or for a function. Raises D1001 for Infinity."""
    return UNDEFINED if value is None or is_function(value) else _plain(value)


def _plain(value: Any) -> Any:
    spend(1)
    if value is None or value is NULL:
        return None
    if isinstance(value, str):
        return _valid(value)
    if isinstance(value, dict):
        return {_valid(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise failure("D1001", str(value))
    return "" if is_function(value) else value


def _valid(text: str) -> str:
    """Half a surrogate pair is no text in JSON: it becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def is_function(value: Any) -> bool:
    return isinstance(value, Jsonata.JFunctionCallable | Parser.Symbol) or hasattr(value, "finditer")


def identity(value: Any) -> Any:
    """Something hashable, equal for two values that JSONata holds for equal: 1 and 1.0, but not 1 and true."""
    spend(1)
    if isinstance(value, list):
        return ("a", *map(identity, value))
    if isinstance(value, dict):
        return ("o", frozenset((name, identity(inner)) for name, inner in value.items()))
    if isinstance(value, bool):
        return ("b", value)
    return float(value) if isinstance(value, int) and abs(value) < 1 << 1000 else value


def text(value: Any, indent: int = 0) -> str:
    """What `$string` says, as JavaScript writes JSON, numbers of 15 digits."""
    parts: list[str] = []
    _write(value, indent, "\n" if indent else "", parts)
    return "".join(parts)


def _write(value: Any, indent: int, line: str, parts: list[str]) -> None:
    spend(1)
    inner_line = line + " " * indent
    if isinstance(value, dict):
        colon = ": " if indent else ":"
        for number, (name, inner) in enumerate(value.items()):
            parts += (",{"[not number], inner_line, json.dumps(name, ensure_ascii=False), colon)
            _write(inner, indent, inner_line, parts)
        parts.append(f"{line}}}" if value else "{}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            parts += (",["[not number], inner_line)
            _write(inner, indent, inner_line, parts)
        parts.append(f"{line}]" if value else "[]")
    else:
        parts.append(_scalar(value))


def _scalar(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_text(value)
    if value is None or value is NULL or isinstance(value, str | bool):
        return json.dumps(None if value is NULL else value, ensure_ascii=False)
    return '""'  # a function


def number_text(value: float) -> str:
    """A number of 15 digits as JavaScript writes it: no exponent from 1e-6 to 1e21. Raises D1001 for Infinity."""
    try:
        rounded = float(f"{float(value):.15g}")
    except OverflowError:
        rounded = math.inf
    if not math.isfinite(rounded):
        raise failure("D1001", str(value))
    exact = Decimal(repr(rounded)).normalize()
    if rounded == 0 or 1e-6 <= abs(rounded) < 1e21:
        return format(abs(exact) if rounded == 0 else exact, "f")
    digits, _, exponent = f"{exact:e}".partition("e")
    return f"{digits}e{int(exponent):+d}"
