"""Attribute values: what is taken, how large it is, and that bytes come back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines.dynamodb import values
from undercast.engines.dynamodb.errors import Invalid

texts = st.text(max_size=5)
scalars = st.one_of(
    texts.map(lambda text: {"S": text}),
    st.integers(-(10**20), 10**20).map(lambda number: {"N": str(number)}),
    st.binary(max_size=5).map(lambda data: {"B": data}),
    st.booleans().map(lambda truth: {"BOOL": truth}),
    st.just({"NULL": True}),
    st.sets(texts, min_size=1, max_size=3).map(lambda some: {"SS": sorted(some)}),
    st.sets(st.integers(), min_size=1, max_size=3).map(
        lambda some: {"NS": [str(n) for n in some if abs(n) < 10**38] or ["1"]}
    ),
    st.sets(st.binary(max_size=3), min_size=1, max_size=3).map(lambda some: {"BS": sorted(some)}),
)
attributes = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda some: {"L": some}),
        st.dictionaries(texts, inner, max_size=3).map(lambda some: {"M": some}),
    ),
    max_leaves=8,
)
items = st.dictionaries(texts, attributes, max_size=4)


@given(items)
def test_items_come_back_from_bytes(item):
    checked, size = values.check_item(item)
    assert values.decode(values.encode(checked)) == checked
    assert values.item_size(checked) == size


@given(items)
def test_a_checked_item_is_canonical(item):
    checked, size = values.check_item(item)
    assert values.check_item(checked) == (checked, size)


@pytest.mark.parametrize(
    ("value", "size"),
    [({"S": "aé"}, 3), ({"B": b"123"}, 3), ({"BOOL": False}, 1), ({"NULL": True}, 1), ({"SS": ["a", "bc"]}, 3),
     ({"L": []}, 3), ({"M": {}}, 3), ({"L": [{"S": "ab"}]}, 6), ({"M": {"k": {"S": "ab"}}}, 7)],
)  # fmt: skip
def test_sizes(value, size):
    assert values.value_size(value) == size


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
        ({"S": "a", "N": "1"},
         "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"),
        ({"NULL": False}, "One or more parameter values were invalid: Null attribute value types must have the value of true"),
        ({"SS": []}, "One or more parameter values were invalid: An string set  may not be empty"),
        ({"NS": []}, "One or more parameter values were invalid: An number set  may not be empty"),
        ({"BS": []}, "One or more parameter values were invalid: Binary sets should not be empty"),
        ({"SS": ["a", "a"]}, "One or more parameter values were invalid: Input collection [a, a] contains duplicates."),
        ({"NS": ["1", "1.0"]}, "Input collection contains duplicates"),
        ({"L": [{"N": "x"}]}, "The parameter cannot be converted to a numeric value: x"),
    ],
)  # fmt: skip
def test_what_no_item_may_hold(value, message):
    with pytest.raises(Invalid) as error:
        values.check_item({"a": value})
    assert str(error.value) == message


def test_depth():
    def nested(levels):
        value = {"S": "x"}
        for _ in range(levels):
            value = {"L": [value]}
        return value

    values.check_item({"a": nested(31)})
    with pytest.raises(Invalid, match="Nesting Levels have exceeded supported limits"):
        values.check_item({"a": nested(32)})
