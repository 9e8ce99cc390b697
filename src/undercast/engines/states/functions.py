"""The intrinsic functions themselves, as their reference says.

https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import random
import re
from collections.abc import Callable
from typing import Any, NoReturn

from undercast.engines.states.payloads import is_number, json_text
from undercast.engines.states.scope import Moment

_MAX_CHARS = 10_000
_MAX_RANGE = 1_000
_ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
_HOLES = re.compile(r"\\(.)|\{\}|[{}]", re.S)
_ESCAPED = re.compile(r"\\(.)", re.S)


class FunctionError(Exception):
    """A function cannot take its arguments. `missing`: a path among them leads nowhere."""

    def __init__(self, message: str, missing: bool = False) -> None:
        super().__init__(message)
        self.missing = missing


def _format(args: list[Any]) -> str:
    """Each `{}` becomes the next argument; `\\{`, `\\}`, `\\'` and `\\\\` are literal."""
    template, values = _string(args[0]), iter(args[1:])
    if template_holes(template) != len(args) - 1:
        raise FunctionError("number of arguments do not match the occurrences of {} in the template string")

    def fill(found: re.Match[str]) -> str:
        if found.group(1):
            return found.group(1)
        return _shown(next(values)) if found.group() == "{}" else found.group()

    try:
        return _HOLES.sub(fill, template)
    except RecursionError:
        raise FunctionError("An argument is nested too deep") from None


def template_holes(template: str) -> int:
    return sum(found.group() == "{}" for found in _HOLES.finditer(template))


def _shown(value: Any) -> str:
    """Recorded: objects and arrays as Java prints maps and lists, `{a=1, b=[]}`."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}={_shown(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_shown, value)) + "]"
    return json_text(value)


def _string_to_json(args: list[Any]) -> Any:
    text = _string(args[0])
    if not text.strip():
        return None  # recorded
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise FunctionError(f"The JSON string is invalid: {error}") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"Unrecognized token '{name}'")


def _json_merge(args: list[Any]) -> dict[str, Any]:
    first, second, deep = args
    if not isinstance(first, dict) or not isinstance(second, dict):
        raise FunctionError("The first two arguments must be objects")
    if deep is not False:
        raise FunctionError("Deep merge is not supported: the third argument must be false")
    return {**first, **second}


def _partition(args: list[Any]) -> list[list[Any]]:
    values, size = _array(args[0]), _integer(args[1])
    if size < 1:
        raise FunctionError("The chunk size must be a non-zero, positive integer")
    return [values[at : at + size] for at in range(0, len(values), size)]


def _range(args: list[Any]) -> list[int]:
    first, last, step = map(_integer, args)
    if step == 0:
        raise FunctionError("The increment must be a non-zero number")
    values = range(first, last + (1 if step > 0 else -1), step)
    if len(values) > _MAX_RANGE:
        raise FunctionError(f"The range exceeds {_MAX_RANGE} items")
    return list(values)


def _get_item(args: list[Any]) -> Any:
    values, index = _array(args[0]), _integer(args[1])
    if not 0 <= index < len(values):
        raise FunctionError(f"The index {index} is out of bounds of an array of length {len(values)}")
    return values[index]


def _contains(args: list[Any]) -> bool:
    wanted = _identity(args[1])
    return any(_identity(value) == wanted for value in _array(args[0]))


def _unique(args: list[Any]) -> list[Any]:
    found: dict[str, Any] = {}
    for value in _array(args[0]):
        found.setdefault(_identity(value), value)
    return list(found.values())


def _identity(value: Any) -> str:
    """Equal values have equal texts: 1 and 1.0 are the same number, true is none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        return json.dumps(value, sort_keys=True)
    except RecursionError:
        _refuse("The value is nested too deep")


def _base64_encode(args: list[Any]) -> str:
    return base64.b64encode(_bounded(args[0]).encode("utf-8", "surrogatepass")).decode()


def _base64_decode(args: list[Any]) -> str:
    try:
        return base64.b64decode(_bounded(args[0]), validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        raise FunctionError("The input is not valid Base64") from None


def _hash(args: list[Any]) -> str:
    if args[1] not in _ALGORITHMS:
        raise FunctionError(f"The algorithm must be one of {', '.join(_ALGORITHMS)}")
    data = args[0] if isinstance(args[0], str) else json_text(args[0])
    return hashlib.new(
        _ALGORITHMS[args[1]], _bounded(data).encode("utf-8", "surrogatepass"), usedforsecurity=False
    ).hexdigest()


def _random(args: list[Any], moment: Moment) -> int:
    start, end = _integer(args[0]), _integer(args[1])
    if start >= end:
        raise FunctionError("The end number must be greater than the start number")
    chance = random.Random(_integer(args[2])).random() if len(args) == 3 else moment.chance()
    return start + int(chance * (end - start))


def _split(args: list[Any]) -> list[str]:
    """Any character of the second argument splits; nothing between two of them is no part."""
    text, splitters = _string(args[0]), _string(args[1])
    if not splitters:
        return [text]
    return [part for part in re.split(f"[{re.escape(splitters)}]", text) if part]


def _integer(value: Any) -> int:
    if not is_number(value) or value != value or abs(value) == float("inf"):
        raise FunctionError(f"Expected a number, but was {json_text(value)}")
    return math.floor(value + 0.5)  # to the nearest, as Java does


def _string(value: Any) -> str:
    return value if isinstance(value, str) else _refuse(f"Expected a string, but was {json_text(value)}")


def _bounded(value: Any) -> str:
    text = _string(value)
    return text if len(text) <= _MAX_CHARS else _refuse(f"The string is longer than {_MAX_CHARS} characters")


def _array(value: Any) -> list[Any]:
    return value if isinstance(value, list) else _refuse(f"Expected an array, but was {json_text(value)}")


def _refuse(message: str) -> NoReturn:
    raise FunctionError(message)


_Function = Callable[[list[Any], Moment], Any]


def _pure(least: int, most: int, compute: Callable[[list[Any]], Any]) -> _Function:
    return _checked(least, most, lambda args, moment: compute(args))


def _checked(least: int, most: int, compute: _Function) -> _Function:
    def call(args: list[Any], moment: Moment) -> Any:
        if not least <= len(args) <= most:
            raise FunctionError(f"Expected {least} arguments, but was {len(args)}")
        return compute(args, moment)

    return call


FUNCTIONS: dict[str, _Function] = {
    "States.Format": _pure(1, 10_000, _format),
    "States.StringToJson": _pure(1, 1, _string_to_json),
    "States.JsonToString": _pure(1, 1, lambda args: json_text(args[0])),
    "States.JsonMerge": _pure(3, 3, _json_merge),
    "States.Array": _pure(0, 10_000, lambda args: args),
    "States.ArrayPartition": _pure(2, 2, _partition),
    "States.ArrayContains": _pure(2, 2, _contains),
    "States.ArrayRange": _pure(3, 3, _range),
    "States.ArrayGetItem": _pure(2, 2, _get_item),
    "States.ArrayLength": _pure(1, 1, lambda args: len(_array(args[0]))),
    "States.ArrayUnique": _pure(1, 1, _unique),
    "States.Base64Encode": _pure(1, 1, _base64_encode),
    "States.Base64Decode": _pure(1, 1, _base64_decode),
    "States.Hash": _pure(2, 2, _hash),
    "States.MathRandom": _checked(2, 3, _random),
    "States.MathAdd": _pure(2, 2, lambda args: _integer(args[0]) + _integer(args[1])),
    "States.StringSplit": _pure(2, 2, _split),
    "States.UUID": _checked(0, 0, lambda args, moment: moment.uuid()),
}


def unescaped(text: str) -> str:
    """A string literal's value: its escapes resolved. States.Format resolves its template's own."""
    return _ESCAPED.sub(r"\1", text)
