"""Numbers against `decimal`."""

from __future__ import annotations

from decimal import Context, Decimal, Inexact

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines.dynamodb import numbers
from undercast.engines.dynamodb.errors import Invalid

EXACT = Context(prec=600)


@st.composite
def decimals(draw):
    """Numbers within DynamoDB's limits."""
    digits = draw(st.integers(-(10**38) + 1, 10**38 - 1))
    length = len(str(abs(digits)))
    return Decimal(digits).scaleb(draw(st.integers(-130, 125)) - length + 1, EXACT)


@given(decimals())
def test_a_number_keeps_its_value(number):
    text = numbers.normalize(str(number))
    assert Decimal(text) == number
    assert numbers.normalize(text) == text


@given(decimals())
def test_the_canonical_form_has_no_exponent_and_no_needless_zeros(number):
    text = numbers.normalize(str(number))
    assert "E" not in text
    assert "+" not in text
    assert not (("." in text) and text.endswith("0"))


@given(decimals(), decimals())
def test_bytes_sort_as_numbers(one, other):
    mine, its = (numbers.to_bytes(numbers.normalize(str(number))) for number in (one, other))
    assert (mine < its) == (one < other)
    assert (mine == its) == (one == other)


@given(decimals(), decimals())
def test_sums_are_exact_or_refused(one, other):
    left, right = numbers.normalize(str(one)), numbers.normalize(str(other))
    for compute, expected in ((numbers.add, EXACT.add(one, other)), (numbers.subtract, EXACT.subtract(one, other))):
        try:
            found = compute(left, right)
        except Invalid:
            with pytest.raises(Exception):  # noqa: B017  any of decimal's signals says that it does not fit
                fits(expected)
        else:
            assert Decimal(found) == expected


def fits(number):
    """Raise when a number is none that DynamoDB can hold."""
    Context(prec=38, traps=[Inexact]).plus(number)
    assert not number or -130 <= number.normalize(EXACT).adjusted() <= 125


@pytest.mark.parametrize(
    ("text", "canonical"),
    [("1", "1"), ("-0", "0"), ("0.0", "0"), ("1e3", "1000"), ("+5", "5"), ("00012.500", "12.5"), (".5", "0.5"),
     ("1E-3", "0.001"), ("100", "100"), ("-1.0", "-1"), ("5.", "5"), ("1E125", "1" + "0" * 125)],
)  # fmt: skip
def test_canonical_forms(text, canonical):
    assert numbers.normalize(text) == canonical


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The parameter cannot be converted to a numeric value"),
        ("abc", "The parameter cannot be converted to a numeric value: abc"),
        ("NaN", "The parameter cannot be converted to a numeric value: NaN"),
        ("1_000", "The parameter cannot be converted to a numeric value: 1_000"),
        ("1" * 39, "Attempting to store more than 38 significant digits in a Number"),
        ("1e126", "Number overflow. Attempting to store a number with magnitude larger than supported range"),
        ("1e-131", "Number underflow. Attempting to store a number with magnitude smaller than supported range"),
    ],
)
def test_what_is_no_number(text, message):
    with pytest.raises(Invalid) as error:
        numbers.normalize(text)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "size"), [("0", 1), ("1", 2), ("12", 2), ("123", 3), ("-1", 3), ("100", 2), ("0.001", 2)]
)
def test_size(text, size):
    assert numbers.size(text) == size
