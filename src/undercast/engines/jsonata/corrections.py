"""JSONata's own functions where the library differs from JSONata 2.0.6, or would go on for ever.

Undefined comes and goes as None.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from undercast.engines.jsonata.errors import failure
from undercast.engines.jsonata.library import Functions, Utils
from undercast.engines.jsonata.limits import check_text, spend
from undercast.engines.jsonata.patterns import Pattern
from undercast.engines.jsonata.values import identity, is_function, text

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?")
_RADIX = re.compile(r"0([xX][0-9A-Fa-f]+|[oO][0-7]+|[bB][01]+)")
_ISO = re.compile(r"\d{4}(-[01]\d)*(-[0-3]\d)*(T[0-2]\d:[0-5]\d:[0-5]\d)*(\.\d+)?([+-][0-2]\d:?[0-5]\d|Z)?", re.A)


def string(value: Any, prettify: bool | None = False) -> str | None:
    if isinstance(value, Utils.JList) and value.outer_wrapper:
        value = value[0]
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        raise failure("D3001", str(value))
    return "" if is_function(value) else text(value, 2 if prettify else 0)


def number(value: Any) -> float | None:
    if isinstance(value, str):
        return _number_of(value)
    if value is not None and not isinstance(value, bool | int | float):
        raise failure("D3030", value)
    return int(value) if isinstance(value, bool) else value


def _number_of(value: str) -> float:
    if _RADIX.fullmatch(value):
        return int(value, 0)
    if not _DECIMAL.fullmatch(value) or math.isinf(found := float(value)):
        raise failure("D3030", value)
    return found


def power(base: float | None, exponent: float) -> float | None:
    if base is None:
        return None
    try:
        return math.pow(base, exponent)
    except (ValueError, OverflowError):
        raise failure("D3061", base, exponent) from None


def error(message: str | None = None) -> None:
    """The library's own, behind a signature that refuses null. Raises D3137."""
    Functions.error(message)


def to_millis(timestamp: str | None, picture: str | None = None) -> int | None:
    if timestamp is not None and picture is None and not _ISO.fullmatch(timestamp):
        raise failure("D3110", timestamp)
    try:
        millis: int | None = Functions.datetime_to_millis(timestamp, picture)
        return millis
    except ValueError:
        raise failure("D3110", timestamp) from None
    except KeyError as error:  # the library's table of components
        raise failure("D3132", error.args[0]) from None


def distinct(values: Any) -> Any:
    if not isinstance(values, list) or len(values) <= 1:
        return values
    found: dict[Any, Any] = {}
    for value in values:
        found.setdefault(identity(value), value)
    return Utils.create_sequence_from_iter(found.values()) if Utils.is_sequence(values) else list(found.values())


def sort(values: list[Any] | None, comes_after: Any = None) -> list[Any] | None:
    """Stable. `comes_after(a, b)` says whether a belongs behind b."""
    if values is None or len(values) <= 1:
        return values
    spend(len(values) * len(values).bit_length() >> 3)
    if comes_after is not None:
        return sorted(values, key=functools.partial(_Placed, comes_after))
    if not (Utils.is_array_of_numbers(values) or Utils.is_array_of_strings(values)):
        raise failure("D3070")
    return sorted(values)


def spread(value: Any) -> Any:
    """An object for each member of each object."""
    if isinstance(value, dict):
        return Utils.create_sequence_from_iter({name: one} for name, one in value.items())
    if not isinstance(value, list):
        return value
    parts = (spread(one) if isinstance(one, dict | list) else [one] for one in value)
    return Utils.create_sequence_from_iter(one for part in parts for one in part)


class _Placed:
    """An element whose place a function of the user tells."""

    __slots__ = ("comes_after", "value")

    def __init__(self, comes_after: Any, value: Any) -> None:
        self.comes_after = comes_after
        self.value = value

    def __lt__(self, other: _Placed) -> bool:
        return bool(Functions.to_boolean(Functions.func_apply(self.comes_after, [other.value, self.value])))


def pad(value: str | None, width: int | None, fill: str | None = None) -> str | None:
    check_text(abs(int(width or 0)))
    padded: str | None = Functions.pad(value, width, fill)
    return padded


def join(values: list[str] | None, separator: str | None = None) -> str | None:
    if values is None:
        return None
    check_text(sum(map(len, values)) + len(separator or "") * len(values))
    return (separator or "").join(values)


def split(value: str | None, separator: Any, limit: float | None = None) -> list[str] | None:
    if limit is not None and limit < 0:
        raise failure("D3020", limit)
    if value is None:
        return None
    if isinstance(separator, str):
        parts = value.split(separator) if separator else list(value)
        most = None if limit is None else int(limit)  # JavaScript's split cuts, JSONata's own loop does not
    else:
        parts = _pattern(separator, "split").split(value)
        most = None if limit is None else math.ceil(limit)
    spend(len(parts))
    return parts[:most]


def replace(value: str | None, pattern: Any, replacement: Any, limit: float | None = None) -> str | None:
    if pattern == "":
        raise failure("D3010", pattern)
    if limit is not None and limit < 0:
        raise failure("D3011", limit)
    if value is None:
        return None
    most = None if limit is None else math.ceil(limit)
    if not isinstance(pattern, str):
        matches = islice(_pattern(pattern, "replace").finditer(value), most)
        return _joined(_replaced(value, matches, _replacer(replacement)))
    if not isinstance(replacement, str):
        raise failure("D3012", replacement)
    check_text(len(value) + value.count(pattern) * len(replacement))
    return value.replace(pattern, replacement, -1 if most is None else most)


def _pattern(given: Any, function: str) -> Pattern:
    """Functions of the user's own as matchers are not known here."""
    if not isinstance(given, Pattern):
        raise failure("T1010", function)
    return given


def _joined(parts: Iterator[str]) -> str:
    kept, chars = [], 0
    for part in parts:
        kept.append(part)
        chars += len(part)
        check_text(chars)
    return "".join(kept)


def _replaced(value: str, matches: Iterator[Any], new: Callable[[Any], str]) -> Iterator[str]:
    at = 0
    for match in matches:
        spend(1)
        yield value[at : match.start()]
        yield new(match)
        at = match.end()
    yield value[at:]


def _replacer(replacement: Any) -> Callable[[Any], str]:
    if isinstance(replacement, str):
        return lambda match: _expanded(replacement, match)
    return lambda match: _called(replacement, match)


def _called(function: Any, match: Any) -> str:
    given = {"match": match.group(), "start": match.start(), "end": match.end(), "groups": list(match.groups())}
    answer = Functions.func_apply(function, [given])
    if not isinstance(answer, str):
        raise failure("D3012", answer)
    return answer


def _expanded(replacement: str, match: Any) -> str:
    """`$1` is the first group, `$0` the match, `$$` a dollar; of `$12` with fewer than 12 groups, `2` is text."""
    groups = match.groups()
    digits = len(str(len(groups) or 1))

    def one(found: re.Match[str]) -> str:
        name = found.group(1)
        if not name.isdigit():
            return "$" + ("" if name == "$" else name)
        if name[0] == "0":
            return f"{match.group()}{name[1:]}"
        taken = name[:digits]
        if len(taken) > 1 and int(taken) > len(groups):
            taken = taken[:-1]
        value = groups[int(taken) - 1] if int(taken) <= len(groups) else ""
        return str(value or "") + name[len(taken) :]

    return re.sub(r"\$(\$|[0-9]+|)", one, replacement)
