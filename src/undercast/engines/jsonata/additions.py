"""The functions that Step Functions adds to JSONata: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html"""

from __future__ import annotations

import hashlib
import json
import math
import random as chances
from typing import Any

from undercast.engines.jsonata.errors import failure
from undercast.engines.jsonata.library import Jsonata
from undercast.engines.jsonata.limits import spend
from undercast.engines.jsonata.values import into

MAX_RANGE = 1_000_000  # elements, as of JSONata's own `[1..n]`
_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def partition(values: list[Any] | None, size: float) -> list[list[Any]] | None:
    """Parts of `size` elements; the last may have fewer."""
    if values is None:
        return None
    if size < 1 or size != int(size):
        raise failure("D3137", f"The chunk size of $partition must be a positive integer: {size}")
    return [values[at : at + int(size)] for at in range(0, len(values), int(size))]


def numbers(first: float | None, last: float, step: float) -> list[float] | None:
    """From the first to the last number, the last included if a step hits it."""
    if first is None:
        return None
    if step == 0:
        raise failure("D3137", "The step of $range must not be zero")
    count = max(0, math.floor((last - first) / step) + 1)
    if count > MAX_RANGE:
        raise failure("D2014", count)
    spend(count >> 3)
    return [first + step * number for number in range(count)]


def digest(text: str | None, algorithm: str) -> str | None:
    """Hexadecimal."""
    if text is None:
        return None
    if algorithm not in _HASHES:
        raise failure("D3137", f"Unsupported hashing algorithm: {algorithm}. Use one of {', '.join(_HASHES)}")
    return hashlib.new(_HASHES[algorithm], text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def random(seed: float | None = None) -> float:
    """In [0, 1). The same seed always gives the same number (not AWS's: its generator is not published)."""
    if seed is None:
        return float(Jsonata.CURRENT.jsonata.moment.chance())
    return chances.Random(seed).random()


def uuid() -> str:
    return str(Jsonata.CURRENT.jsonata.moment.uuid())


def parse(text: str | None) -> Any:
    """The value of a JSON text."""
    if text is None:
        return None
    try:
        return into(json.loads(text))
    except ValueError as error:
        raise failure("D3137", f"$parse: {error}") from None
