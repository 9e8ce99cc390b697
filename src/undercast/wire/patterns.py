"""Patterns of the models: Java regular expressions made Python's, and the order in which AWS prints enums."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from itertools import groupby, pairwise

PROPERTY = re.compile(r"\\([pP])\{(?:Is)?(\w+)\}|\\([pP])([A-Z])")
ASCII_NAMES = {
    "Alnum": "a-zA-Z0-9",
    "Alpha": "a-zA-Z",
    "ASCII": "\\x00-\\x7f",
    "Blank": " \\t",
    "Cntrl": "\\x00-\\x1f\\x7f",
    "Digit": "0-9",
    "Graph": "!-~",
    "Lower": "a-z",
    "Print": " -~",
    "Punct": "!-/:-@\\[-`{-~",
    "Space": "\\s",
    "Upper": "A-Z",
    "XDigit": "0-9a-fA-F",
}
LONGEST = 100_000  # characters; longer values have broken a length constraint already


@cache
def compiled(pattern: str | None) -> Callable[[str], bool] | None:
    """Whether a value matches from end to end; None for no pattern or one that Python cannot say."""
    if not pattern:
        return None
    # Properties such as \p{L} cost a walk over all of Unicode: ASCII values are matched without it.
    ascii_only = _compile(pattern, 0x80)
    if ascii_only is None:
        return None
    if PROPERTY.search(pattern) is None:
        return lambda value: len(value) > LONGEST or ascii_only.fullmatch(value) is not None

    def matches(value: str) -> bool:
        found = ascii_only if value.isascii() else _compile(pattern, 0x110000)
        return len(value) > LONGEST or (found is not None and found.fullmatch(value) is not None)

    return matches


def enum_order(values: Sequence[str]) -> Sequence[str]:
    """AWS prints enums in an order of its own; where it was recorded it is kept, else the model's."""
    return RECORDED_ORDERS.get(frozenset(values), values)


@cache
def _compile(pattern: str, limit: int) -> re.Pattern[str] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "possible nested set": Java's classes look like that
            return re.compile(_translated(pattern, limit), re.ASCII)
    except re.error:
        return None


def _translated(pattern: str, limit: int) -> str:
    """`\\p{L}` spelled out, in a class or outside of one; `\\z` and `\\Z` as Python has them."""
    pattern = pattern.replace("\\uD800\\uDC00-\\uDBFF\\uDFFF", "\\U00010000-\\U0010FFFF")  # surrogate pairs
    out, position, inside = [], 0, False
    while position < len(pattern):
        found = PROPERTY.match(pattern, position)
        if found:
            ranges = _ranges(found[2] or found[4], (found[1] or found[3]) == "P", limit)
            out.append(ranges if inside else f"[{ranges}]")
            position = found.end()
        elif pattern[position] == "\\":
            escape = pattern[position : position + 2]
            out.append("\\Z" if escape == "\\z" else escape)
            position += 2
            # Java takes the hyphen of [\w-_] for itself, Python for a range that cannot be.
            if inside and escape[1:] in "wdsWDS" and pattern[position : position + 1] == "-":
                out.append("\\-")
                position += 1
        else:
            inside = pattern[position] == "[" or (inside and pattern[position] != "]")
            out.append(pattern[position])
            position += 1
    return "".join(out)


@cache
def _ranges(name: str, negated: bool, limit: int) -> str:
    """A property as the ranges of a character class; an impossible one when it has none."""
    if name in ASCII_NAMES and negated:
        raise re.error(f"no model asks for what is not {name}")
    if name in ASCII_NAMES:
        return ASCII_NAMES[name]
    found = []
    for wanted, runs in groupby(_runs(limit), lambda run: run[0].startswith(name) != negated):
        if wanted:
            neighbours = list(runs)
            found.append(f"\\U{neighbours[0][1]:08x}-\\U{neighbours[-1][2]:08x}")
    return "".join(found) or "\\U0010ffff"


@cache
def _runs(limit: int) -> list[tuple[str, int, int]]:
    """The code points as stretches of one general category: it, the first and the last."""
    category = [unicodedata.category(chr(code)) for code in range(limit)]
    starts = [code for code in range(limit) if code == 0 or category[code] != category[code - 1]]
    return [(category[first], first, end - 1) for first, end in pairwise([*starts, limit])]


_RECORDED = (
    "RESPONSE_BODY RESPONSE METHOD MODEL AUTHORIZER RESPONSE_HEADER RESOURCE PATH_PARAMETER REQUEST_BODY"
    " QUERY_PARAMETER API REQUEST_HEADER",
    "add remove move test replace copy",
    "REQUEST_TOO_LARGE RESOURCE_NOT_FOUND AUTHORIZER_CONFIGURATION_ERROR MISSING_AUTHENTICATION_TOKEN BAD_REQUEST_BODY"
    " INVALID_SIGNATURE INVALID_API_KEY BAD_REQUEST_PARAMETERS AUTHORIZER_FAILURE UNAUTHORIZED INTEGRATION_TIMEOUT"
    " ACCESS_DENIED DEFAULT_4XX DEFAULT_5XX WAF_FILTERED QUOTA_EXCEEDED THROTTLED API_CONFIGURATION_ERROR"
    " UNSUPPORTED_MEDIA_TYPE INTEGRATION_FAILURE EXPIRED_TOKEN",
    "HTTP MOCK AWS_PROXY HTTP_PROXY AWS",
    "LATEST AT_TIMESTAMP TRIM_HORIZON",
    "RESPONSE_STREAM BUFFERED",
    "HMAC_SHA_384 HMAC_SHA_256 HMAC_SHA_224 HMAC_SHA_512",
    "w3c raw json plain parquet",
)
RECORDED_ORDERS = {frozenset(line.split()): line.split() for line in _RECORDED}
