"""Java's values as Python's: how they print, compare and count, and what a template sees of an object."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

MAX_CHARS = 10 * 1024 * 1024  # of one string and of the output; API Gateway's payload limit
MAX_ITEMS = 100_000  # in one list or map
_MAX_INTEGER_BITS = 4096
_MAX_NESTING = 100
_MAX_WALK = 400_000  # items of nested lists and maps that one operation may visit

Method = Callable[..., object]


class VtlError(Exception):
    """The template is wrong, or it ran into an error or a limit while it was rendered."""


class Exposed:
    """An object for templates. They see nothing of it but `velocity_methods`: by name and number of arguments.

    `$x.name` calls `get("name")` where there is one; `$x.name(1)` the method ("name", 1).
    """

    velocity_methods: Mapping[tuple[str, int], Method] = {}


class Entry(Exposed):
    """An entry of a map, as `entrySet` gives it."""

    def __init__(self, key: object, value: object) -> None:
        self.key, self.value = key, value
        self.velocity_methods = {("getKey", 0): lambda: key, ("getValue", 0): lambda: value}


def to_text(value: object) -> str:
    """As Java's toString: `true`, `1.0E10`, `[a, b]`, `{k=v}`."""
    parts: list[str] = []
    _write(value, parts, [0, 0, 0])
    return "".join(parts)


def _write(value: object, parts: list[str], spent: list[int]) -> None:
    """`spent`: characters written, how deep we are (lists may contain themselves), values visited."""
    spent[2] += 1
    if spent[2] > _MAX_WALK:
        raise VtlError("a list or map is too large")
    if isinstance(value, dict | list | Entry):
        if spent[1] >= _MAX_NESTING:
            raise VtlError("a list or map is nested too deep")
        spent[1] += 1
        _write_collection(value, parts, spent)
        spent[1] -= 1
        return
    text = _scalar_text(value)
    spent[0] += len(text) + 1
    if spent[0] > MAX_CHARS:
        raise VtlError("the output is too large")
    parts.append(text)


def _write_collection(value: dict[object, object] | list[object] | Entry, parts: list[str], spent: list[int]) -> None:
    if isinstance(value, Entry):
        _write_pair(value.key, value.value, parts, spent)
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    parts.append(opening)
    for at, item in enumerate(value):
        if at:
            parts.append(", ")
        if isinstance(value, dict):
            _write_pair(item, value[item], parts, spent)
        else:
            _write(item, parts, spent)
    parts.append(closing)


def _write_pair(key: object, value: object, parts: list[str], spent: list[int]) -> None:
    _write(key, parts, spent)
    parts.append("=")
    _write(value, parts, spent)


def _scalar_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _double_text(value)
    if isinstance(value, Exposed) and (method := value.velocity_methods.get(("toString", 0))):
        return str(method())
    return ""


def _double_text(value: float) -> str:
    """As Java's Double.toString."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        text = f"{value:f}" if "e" in repr(value) else repr(value)
        return text if "." in text else text + ".0"
    digits, _, exponent = f"{value!r}".partition("e")
    if not exponent:
        digits, _, exponent = f"{value:.17e}".partition("e")
        digits = next(shorter for n in range(1, 18) if float(shorter := f"{value:.{n}e}") == value).partition("e")[0]
    return f"{digits if '.' in digits else digits + '.0'}E{int(exponent)}"


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def truth(value: object) -> bool:
    """In a condition only null and false are false."""
    return value is not None and value is not False


def equal(left: object, right: object, walked: list[int] | None = None) -> bool:
    """`==`: numbers by value, the same types by equals, other types by what they print.

    `walked` counts what several comparisons of one operation have visited together.
    """
    if left is None or right is None:
        return left is right
    if is_number(left) and is_number(right):
        return left == right
    if isinstance(left, list | dict) and type(left) is type(right):
        return _equal_deeply(left, right, walked if walked is not None else [0])
    return left == right if type(left) is type(right) else to_text(left) == to_text(right)


def _equal_deeply(left: object, right: object, walked: list[int]) -> bool:
    """Lists and maps by their items, with an end: shared parts can make a small value endless to walk."""
    waiting = [(left, right)]
    while waiting:
        walked[0] += 1
        if walked[0] > _MAX_WALK:
            raise VtlError("a list or map is too large to compare")
        ours, theirs = waiting.pop()
        if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
            waiting += zip(ours, theirs, strict=True)
        elif isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
            waiting += [(ours[key], theirs[key]) for key in ours]
        elif isinstance(ours, list | dict) or type(ours) is not type(theirs) or ours != theirs:
            return False
    return True


def checked(value: object) -> object:
    """The value, if it is within the limits. Raises VtlError."""
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > _MAX_INTEGER_BITS:
        raise VtlError("a number is too large")
    if isinstance(value, str) and len(value) > MAX_CHARS:
        raise VtlError("a string is too large")
    if isinstance(value, list | dict) and len(value) > MAX_ITEMS:
        raise VtlError("a list or map is too large")
    return value
