"""Input transformers: the rules of quoting, and that what they make of a JSON template is JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines.input_templates import Context, InvalidPlaceholder, Template

CONTEXT = Context("arn:aws:events:us-east-1:111111111111:rule/r", "r", "2026-01-01T00:00:00Z")
EVENT = {
    "id": "1",
    "detail": {
        "text": 'say "hi"\n',
        "list": ["A", "B"],
        "object": {"a": "b"},
        "number": 1.5,
        "no": None,
        "slash": ["\\", '"quote"'],
    },
}


def render(template: str, *names: str, event: Any = EVENT) -> str:
    return Template(template, {name: f"$.detail.{name}" for name in names}).render(event, CONTEXT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": <text>}', '{"a": "say \\"hi\\"\\n"}'),
        ('{"a": "<text>"}', '{"a": "say \\"hi\\"\\n"}'),
        ('"<list> and <object>"', '"[A,B] and {a:b}"'),
        ('{"a": <list>, "b": [<object>]}', '{"a": ["A","B"], "b": [{"a":"b"}]}'),
        ('"<slash>"', '"[\\\\,quote]"'),
        ('"<number> <no>"', '"1.5 null"'),
        ('{"a": <gone>, "b": "<gone>"}', '{"a": "", "b": ""}'),
        ('"\\"<number>\\""', '"\\"1.5\\""'),
        ('"a < b > c <>"', '"a < b > c <>"'),
    ],
)
def test_quoting(text: str, expected: str) -> None:
    assert render(text, "text", "list", "object", "number", "no", "gone", "slash") == expected


def test_predefined() -> None:
    text = '{"e": <aws.events.event.json>, "f": <aws.events.event>, "r": "<aws.events.rule-name>", "a": <aws.events.rule-arn>, "t": <aws.events.event.ingestion-time>}'
    assert json.loads(render(text)) == {
        "e": EVENT, "f": {"id": "1"}, "r": "r", "a": CONTEXT.rule_arn, "t": CONTEXT.ingestion_time,
    }  # fmt: skip


def test_an_unknown_placeholder_is_named() -> None:
    with pytest.raises(InvalidPlaceholder) as caught:
        Template("<a> <aws.events.other>", {"a": "$.a"})
    assert caught.value.name == "aws.events.other"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.text(), lambda inner: st.lists(inner), max_leaves=4
    )
)
def test_a_json_template_makes_json(value: Any) -> None:
    made = json.loads(render('{"plain": <v>, "quoted": "<v>"}', "v", event={"detail": {"v": value}}))
    assert made["plain"] == value
    if isinstance(value, str):
        assert made["quoted"] == value
