"""Projections: the part of an item that paths name."""

from __future__ import annotations

import pytest

from undercast.engines.dynamodb.errors import Invalid
from undercast.engines.dynamodb.expressions import parse_projection
from undercast.engines.dynamodb.paths import pick

ITEM = {
    "a": {"S": "1"},
    "m": {"M": {"x": {"N": "1"}, "y": {"M": {"z": {"N": "2"}}}}},
    "l": {"L": [{"S": "0"}, {"S": "1"}, {"M": {"k": {"S": "v"}}}]},
}


@pytest.mark.parametrize(
    ("text", "picked"),
    [
        ("a", {"a": {"S": "1"}}),
        ("a, nothing", {"a": {"S": "1"}}),
        ("m.x", {"m": {"M": {"x": {"N": "1"}}}}),
        ("m.y.z, m.x", {"m": {"M": {"y": {"M": {"z": {"N": "2"}}}, "x": {"N": "1"}}}}),
        ("m.nothing", {}),
        ("l[2].k, l[0]", {"l": {"L": [{"S": "0"}, {"M": {"k": {"S": "v"}}}]}}),
        ("l[9]", {}),
        ("a.b", {}),
    ],
)
def test_pick(text, picked):
    assert pick(ITEM, parse_projection(text).tree) == picked


def test_paths_that_collide():
    with pytest.raises(Invalid) as error:
        parse_projection("a.b, a")
    assert str(error.value) == (
        "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these "
        "paths; path one: [a, b], path two: [a]"
    )
