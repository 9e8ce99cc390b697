"""Numbers: 38 digits exactly, as text in one canonical form and as bytes that sort like the numbers.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number
"""

from __future__ import annotations

import re
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from functools import lru_cache

from undercast.engines.dynamodb.errors import Invalid

DIGITS = 38
_LARGEST, _SMALLEST = 125, -130  # powers of ten of the first digit
_PLAIN = re.compile(r"0|-?[1-9][0-9]{0,36}")  # ends in any digit: what most numbers look like, canonical already
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,9})?")
_EXACT = Context(prec=1000, Emin=-999999, Emax=999999, traps=[InvalidOperation, DivisionByZero, Overflow])
_NEGATE = bytes(255 - byte for byte in range(256))


def normalize(text: str) -> str:
    """The canonical form of a number. Invalid for what is none, too long, too large or too small.

    DynamoDB writes numbers without exponent, trailing zeros and plus sign.
    """
    if _PLAIN.fullmatch(text):
        return text
    return _normalize(text)


@lru_cache(maxsize=4096)
def _normalize(text: str) -> str:
    return to_text(parse(text))


def parse(text: str) -> Decimal:
    """The value of a number that a client wrote, without trailing zeros."""
    if not _NUMBER.fullmatch(text):
        raise Invalid("The parameter cannot be converted to a numeric value" + (f": {text}" if text else ""))
    return _checked(Decimal(text))


def add(left: str, right: str) -> str:
    """The sum of two canonical numbers, in canonical form. Invalid when it has too many digits."""
    return to_text(_checked(_EXACT.add(Decimal(left), Decimal(right))))


def subtract(left: str, right: str) -> str:
    """The difference of two canonical numbers."""
    return to_text(_checked(_EXACT.subtract(Decimal(left), Decimal(right))))


def to_text(number: Decimal) -> str:
    """The canonical form of a value that is within the limits."""
    text = format(number, "f")
    return text if number else "0"


@lru_cache(maxsize=16384)
def to_bytes(text: str) -> bytes:
    """Bytes that sort as the canonical numbers they are made of: sign, power of ten, pairs of digits."""
    number = Decimal(text)
    if not number:
        return b"\x01"
    digits = "".join(map(str, number.as_tuple().digits)).rstrip("0")
    pairs = bytes(int(digits[i : i + 2].ljust(2, "0")) + 1 for i in range(0, len(digits), 2))
    magnitude = bytes([number.adjusted() - _SMALLEST]) + pairs
    if number > 0:
        return b"\x02" + magnitude
    return b"\x00" + magnitude.translate(_NEGATE) + b"\xff"  # the longer of two is the smaller


def size(text: str) -> int:
    """Bytes that a canonical number counts for: one for each two significant digits and one more."""
    digits = text.lstrip("-").replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1 + (text[0] == "-")


def _checked(number: Decimal) -> Decimal:
    if not number:
        return Decimal(0)
    number = _EXACT.normalize(number) if len(number.as_tuple().digits) <= 1000 else number
    if number.adjusted() > _LARGEST:
        raise Invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
    if number.adjusted() < _SMALLEST:
        raise Invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
    if len(number.as_tuple().digits) > DIGITS:
        raise Invalid("Attempting to store more than 38 significant digits in a Number")
    return number
