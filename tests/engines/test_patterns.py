"""Event patterns: AWS's recorded verdicts, its error texts, and properties."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines import patterns

VECTORS = json.loads((Path(__file__).parent / "recordings" / "event_patterns.json").read_text())["vectors"]
SCALARS = st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=5)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)
WORDS = [
    "prefix",
    "suffix",
    "anything-but",
    "numeric",
    "wildcard",
    "cidr",
    "exists",
    "$or",
    "equals-ignore-case",
    "exact",
    ">",
    "a",
]
HOSTILE = st.recursive(
    SCALARS | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_recorded_verdict(vector: dict[str, Any]) -> None:
    if vector["expected"] == "invalid":
        with pytest.raises(patterns.InvalidPattern):
            patterns.compile(vector["pattern"])
    else:
        assert patterns.compile(vector["pattern"]).matches(vector["event"]) is vector["expected"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [  # the first four recorded from AWS, the next two seen in public issues, the rest from Event Ruler
        (
            '["not", "a", "dict", "but valid json"]',
            "Filter is not an object\n"
            ' at [Source: (String)"["not", "a", "dict", "but valid json"]"; line: 1, column: 2]',
        ),
        (
            "this is valid json but not a dict",
            "Unrecognized token 'this': was expecting (JSON String, "
            "Number, Array, Object or token 'null', 'true' or 'false')\n"
            ' at [Source: (String)"this is valid json but not a dict"; line: 1, column: 5]',
        ),
        (
            '{"not": closed mark"',
            "Unrecognized token 'closed': was expecting (JSON String, "
            "Number, Array, Object or token 'null', 'true' or 'false')\n"
            ' at [Source: (String)"{"not": closed mark""; line: 1, column: 15]',
        ),
        (
            "{'bad': 'quotation'}",
            "Unexpected character (''' (code 39)): was expecting double-quote to start field name\n"
            " at [Source: (String)\"{'bad': 'quotation'}\"; line: 1, column: 2]",
        ),
        (
            '{"source": ["aws.health"], "detail": {}}',
            "Empty objects are not allowed\n"
            ' at [Source: (String)"{"source": ["aws.health"], "detail": {}}"; line: 1, column: 40]',
        ),
        (
            '{\n "slug": "x"}',
            '"slug" must be an object or an array\n at [Source: (String)"{\n "slug": "x"}"; line: 2, column: 11]',
        ),
        ('{"a": [{"numeric": [">", 5, "<", 5]}]}', "Bottom must be less than top"),
        ('{"a": [{"wildcard": "a**"}]}', "Consecutive wildcard characters at pos 2"),
        ('{"a": [{"anything-but": [1, "b"]}]}', "Inside anything but list, either all values are number or string"),
    ],
)
def test_reason(text: str, reason: str) -> None:
    with pytest.raises(patterns.InvalidPattern) as caught:
        patterns.compile(text)
    assert str(caught.value).startswith(reason)


def test_conditions_on_one_array_want_one_element() -> None:
    pattern = patterns.compile({"orders": {"id": [1], "state": ["open"]}})
    assert pattern.matches({"orders": [{"id": 2, "state": "new"}, {"id": 1, "state": "open"}]})
    assert not pattern.matches({"orders": [{"id": 1, "state": "new"}, {"id": 2, "state": "open"}]})


def test_arrays_side_by_side_are_independent() -> None:
    pattern = patterns.compile({"a": {"x": [1]}, "b": {"y": [2]}})
    assert pattern.matches({"a": [{"x": 0}, {"x": 1}], "b": [{"y": 2}, {"y": 0}]})


def test_or_beside_and_inside_a_field() -> None:
    pattern = patterns.compile({"a": [1], "$or": [{"b": [2]}, {"c": {"$or": [{"d": [3]}, {"e": [4]}]}}]})
    assert len(pattern.alternatives) == 3
    assert pattern.matches({"a": 1, "c": {"e": 4}})
    assert not pattern.matches({"a": 2, "b": 2})


def test_or_that_is_no_list_of_patterns_is_a_field() -> None:
    assert patterns.compile({"$or": ["x"]}).matches({"$or": "x"})
    assert patterns.compile({"$or": [{"prefix": "x"}]}).matches({"$or": "xyz"})


def test_or_with_a_field_of_its_parent_wants_both() -> None:
    pattern = patterns.compile({"a": [{"prefix": "x"}], "$or": [{"a": [{"suffix": "z"}]}, {"b": [1]}]})
    assert pattern.matches({"a": "xyz"})
    assert not pattern.matches({"a": "wz"})


def test_too_many_combinations() -> None:
    with pytest.raises(patterns.InvalidPattern, match="too complex"):
        patterns.compile({chr(97 + i): {"$or": [{str(j): [1]} for j in range(11)]} for i in range(4)})


def test_wildcards_and_escapes() -> None:
    pattern = patterns.compile({"a": [{"wildcard": "x*\\*\\\\*y"}]})
    assert pattern.matches({"a": "x--*\\--y"})
    assert not pattern.matches({"a": "x--\\--y"})


def test_deep_events_and_patterns() -> None:
    deep: object = 1
    for _ in range(5000):
        deep = [{"a": deep}]
    assert not patterns.compile({"a": [1]}).matches(deep)
    with pytest.raises(patterns.InvalidPattern):
        patterns.compile('{"a":' * 5000)
    with pytest.raises(patterns.InvalidPattern):
        patterns.compile('{"$or":[{"a":[1]},' * 5000)
    assert patterns.compile('{"$or":["a"],' * 1 + '"$or":["a"],' * 5000 + '"b":[1]}').matches({"$or": "a", "b": 1})


@given(JSON)
def test_a_scalar_field_matches_its_own_value(value: object) -> None:
    event = {"field": value}
    pattern = patterns.compile({"field": [value if not isinstance(value, dict | list) else {"exists": False}]})
    has_leaf = "field" in patterns.flatten(event)
    assert pattern.matches(event) is (not isinstance(value, dict | list) or not has_leaf)


@given(st.text(alphabet="ab*", max_size=4), st.text(alphabet="ab", max_size=12))
def test_wildcard_agrees_with_a_naive_matcher(text: str, value: str) -> None:
    def naive(rest: str, of: str) -> bool:
        if not rest:
            return not of
        if rest[0] == "*":
            return any(naive(rest[1:], of[at:]) for at in range(len(of) + 1))
        return of[:1] == rest[0] and naive(rest[1:], of[1:])

    if "**" not in text:
        assert patterns.compile({"a": [{"wildcard": text}]}).matches({"a": value}) is naive(text, value)


@given(HOSTILE, JSON)
def test_any_json_compiles_or_is_invalid(pattern: object, event: object) -> None:
    try:
        compiled = patterns.compile(json.dumps(pattern))
    except patterns.InvalidPattern:
        return
    assert compiled.matches(event) in (True, False)


@given(st.text(alphabet='{}[]",:\\ \n0-e.truefalsn$orx', max_size=40))
def test_any_text_compiles_or_is_invalid(text: str) -> None:
    try:
        json.loads(text)
        is_json = True
    except ValueError:
        is_json = False
    try:
        patterns.compile(text)
    except patterns.NotJson:
        assert not is_json
    except patterns.InvalidPattern:
        pass
