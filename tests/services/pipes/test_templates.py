"""Input templates and path parameters, by value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.services.pipes.templates import InvalidTemplate, Template, resolved

EVENT = {
    "body": {"id": 7, "name": 'A "B"', "tags": ["x", {"y": None}], "on": True, "a-b": 1},
    "attributes": {"SenderId": "me"},
}
VARIABLES = {"aws.pipes.pipe-name": "orders", "aws.pipes.event": {"raw": '{"a":1}'}}


def render(text: str) -> str:
    return Template(text).render(EVENT, VARIABLES)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Hello, sender", "Hello, sender"),
        ("<$.attributes.SenderId>", '"me"'),
        ("Hello, <$.body.id>", "Hello, 7"),
        ('"Hello, <$.attributes.SenderId>"', '"Hello, me"'),
        ('{"a": <$.body.name>}', '{"a": "A \\"B\\""}'),
        ('{"a": "<$.body.name>!"}', '{"a": "A \\"B\\"!"}'),
        ('{"a": <$.body.tags>}', '{"a": ["x",{"y":null}]}'),
        ('{"a": <$.body.tags[1].y>}', '{"a": null}'),
        ('{"a": <$.body.on>, "b": <$.body.a-b>}', '{"a": true, "b": 1}'),
        ('{"a": <$.missing>, "b": "<$.missing>"}', '{"a": "", "b": ""}'),
        ('{"p": "<aws.pipes.pipe-name>"}', '{"p": "orders"}'),
        ("<aws.pipes.event>", '{"raw":"{\\"a\\":1}"}'),
        ("<aws.pipes.event.json>", json.dumps(EVENT, separators=(",", ":"))),
        ('{"text": "\\"<$.body.id>\\" <b>"}', '{"text": "\\"7\\" <b>"}'),
        ("a < b > c", "a < b > c"),
    ],
)
def test_templates(template: str, expected: str) -> None:
    assert render(template) == expected


@pytest.mark.parametrize("template", ["<aws.pipes.event.name>", "<$.a[>", "<$..>"])
def test_what_is_no_template(template: str) -> None:
    with pytest.raises(InvalidTemplate):
        Template(template)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fixed", "fixed"),
        ("$.body.id", "7"),
        ("$.body.name", 'A "B"'),
        ("$.body.tags[0]", "x"),
        ("$.body.tags[*]", '["x",{"y":null}]'),
        ("$.missing", ""),
        ("part $.body.id", "part $.body.id"),  # all of it is a path, or none
        ("$5", "$5"),
        ("$", json.dumps(EVENT, separators=(",", ":"))),
    ],
)
def test_parameters(text: str, expected: str) -> None:
    assert resolved(text, EVENT) == expected


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(VALUES, st.text(max_size=10).filter(lambda text: "<" not in text))
def test_what_a_template_makes_is_json(value: Any, text: str) -> None:
    """Whatever the event says: outside of quotes it is the value, inside of them part of the string."""
    literal = json.dumps(text)[1:-1]
    made = json.loads(Template('{"out": <$.v>, "in": "' + literal + '<$.v>"}').render({"v": value}, {}))
    assert made["out"] == value
    assert made["in"].startswith(text)
    if isinstance(value, str):
        assert made["in"] == text + value


def test_objects_lose_their_quotes_in_a_string() -> None:
    assert render('"Body is <$.body.tags>"') == '"Body is [x,{y:null}]"'
