"""Inference, by properties: what is learnt from values fits them."""

from __future__ import annotations

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.services.schemas.inference import camel, detail_of, document_of, infer, merge

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)
OBJECTS = st.dictionaries(st.text(max_size=3), VALUES, max_size=4)


def optional(shape):
    """Draft 4 wants at least one name in `required`."""
    if isinstance(shape, list):
        return [optional(one) for one in shape]
    if not isinstance(shape, dict):
        return shape
    return {name: optional(one) for name, one in shape.items() if not (name == "required" and one == [])}


@given(VALUES)
def test_a_value_fits_its_shape(value):
    assert jsonschema.Draft4Validator(optional(infer(value))).is_valid(value)


@given(OBJECTS, OBJECTS)
def test_both_fit_what_is_merged(one, other):
    merged = merge(infer(one), infer(other))
    for value in (one, other):
        assert jsonschema.Draft4Validator(optional(merged)).is_valid(value)
    assert merge(merged, infer(one)) == merged
    assert merge(infer(other), infer(one)) == merged


@given(OBJECTS)
def test_a_document_gives_its_shape_back(value):
    assert detail_of(document_of("source", "Some type", infer(value))) == infer(value)


@pytest.mark.parametrize(("text", "name"), [("Order created", "OrderCreated"), ("order.created-v2", "OrderCreatedV2"), ("!", "Event")])  # fmt: skip
def test_names(text, name):
    assert camel(text) == name
