"""Hostile templates give TemplateError, and soon."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undercast.engines.templates import Known, Pseudo, TemplateError, expansion, load

PSEUDO = Pseudo("1", "eu-west-1", "arn", "s")
NAMES = st.sampled_from(
    [
        "Ref",
        "Fn::GetAtt",
        "Fn::Sub",
        "Fn::If",
        "Fn::Join",
        "Fn::Select",
        "Fn::Split",
        "Fn::FindInMap",
        "Fn::Base64",
        "Fn::Cidr",
        "Fn::GetAZs",
        "Condition",
        "Fn::ImportValue",
        "Fn::Equals",
        "Fn::Not",
        "Fn::And",
        "Fn::Or",
        "Fn::Transform",
        "Fn::ForEach::X",
        "Fn::Length",
        "Fn::ToJsonString",
        "Name",
        "DefaultValue",
        "Type",
        "Properties",
        "DependsOn",
        "Resources",
        "Outputs",
        "Value",
        "Export",
        "Q",
        "C",
        "M",
        "P",
    ]
)
LEAVES = st.one_of(
    NAMES, st.text(max_size=4), st.integers(-3, 300), st.booleans(), st.sampled_from(["${Q}", "${P}", "1", ""])
)
NODES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=2)),
    max_leaves=15,
)


def use(text: str) -> None:
    """Everything a service does with a template."""
    template = load(text)
    if template.macros:
        steps = expansion(template, {}, PSEUDO)
        try:
            call = next(steps)
            while True:
                call = steps.send(call.fragment)
        except StopIteration as done:
            template = done.value
    bound = template.bind({}, PSEUDO)
    bound.needs()
    for name in bound.graph().order():
        bound.properties(name, Known())
        bound.attributes(name)
    for name in bound.outputs:
        bound.output(name, Known())


@settings(max_examples=300, deadline=2000)
@given(NODES, NODES, NODES, st.booleans())
def test_any_expression(one, two, three, extended):
    document: dict[str, Any] = {
        "Parameters": {"P": {"Type": "String", "Default": "p"}},
        "Mappings": {"M": {"P": {"Q": "x"}}},
        "Conditions": {"C": one if isinstance(one, dict) else {"Fn::Equals": [one, "a"]}},
        "Resources": {
            "Q": {"Type": "AWS::SQS::Queue", "Properties": {"A": two}},
            "R": {"Type": "AWS::X::Y", "Metadata": {"B": three}},
        },
        "Outputs": {"O": {"Value": three}},
    }
    if extended:
        document["Transform"] = "AWS::LanguageExtensions"
    with suppress(TemplateError):
        use(json.dumps(document))


@settings(max_examples=200, deadline=2000)
@given(st.dictionaries(NAMES, NODES, max_size=4))
def test_any_document(document):
    for text in (json.dumps(document), json.dumps({**document, "Resources": document})):
        with suppress(TemplateError):
            use(text)


@settings(max_examples=200, deadline=2000)
@given(st.text("{}[]:-!&*\n 'a\"#|>Ref,\t", max_size=60))
def test_any_text(text):
    with suppress(TemplateError):
        use(text)


def nested(levels: int) -> Any:
    """A Fn::Sub that doubles its text at each level."""
    node: Any = "xxxxxxxx"
    for _ in range(levels):
        node = {"Fn::Sub": ["${a}${a}", {"a": node}]}
    return node


def resource(value: Any) -> str:
    return json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"A": value}}}})


def deep_json(value: Any, levels: int) -> Any:
    for _ in range(levels):
        value = {"Fn::ToJsonString": {"a": value}}
    return value


LOOP: Any = {"Type": "AWS::SQS::Queue"}
for loop_name in "ABCDE":
    LOOP = {
        f"Fn::ForEach::{loop_name}": [loop_name, [str(number) for number in range(50)], {f"x${{{loop_name}}}": LOOP}]
    }

BILLION = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [*{old},*{old},*{old},*{old},*{old},*{old}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


DEEP: Any = {"Condition": "C40"}
for _ in range(45):
    DEEP = {"Fn::Not": [DEEP]}
DEEP_CONDITIONS = {f"C{n}": json.loads(json.dumps(DEEP).replace("C40", f"C{n + 1}")) for n in range(40)}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            json.dumps(
                {
                    "Conditions": DEEP_CONDITIONS | {"C40": {"Fn::Equals": ["a", "b"]}},
                    "Resources": {"Q": {"Type": "AWS::SQS::Queue"}},
                }
            ),
            id="deep conditions",
        ),
        pytest.param(BILLION, id="yaml aliases"),
        pytest.param("a: &a [*a]", id="yaml alias of itself"),
        pytest.param("a: " + "[" * 50_000, id="yaml depth, open"),
        pytest.param("a: " + "[" * 20_000 + "]" * 20_000, id="yaml depth"),
        pytest.param("".join(" " * level + "a:\n" for level in range(300)), id="yaml block depth"),
        pytest.param('{"a":' * 9000 + "1" + "}" * 9000, id="json depth"),
        pytest.param('{"a":' + "[" * 30_000, id="json depth, open"),
        pytest.param('{"a": ' + "9" * 5000 + "}", id="json digits"),
        pytest.param(resource(nested(22)), id="doubling"),
        pytest.param(
            json.dumps({"Transform": "AWS::LanguageExtensions", **json.loads(resource(deep_json('"', 30)))}),
            id="escapes",
        ),
        pytest.param(json.dumps({"Transform": "AWS::LanguageExtensions", "Resources": LOOP}), id="loops in loops"),
        pytest.param(
            json.dumps(
                {
                    "Conditions": {
                        f"C{n}": {"Fn::And": [{"Condition": f"C{n + 1}"}, {"Condition": f"C{n + 1}"}]}
                        for n in range(60)
                    }
                    | {"C60": {"Fn::Equals": ["a", "b", "c"]}},
                    "Resources": {"Q": {"Type": "AWS::SQS::Queue"}},
                }
            ),
            id="conditions that double",
        ),
    ],
)
def test_bombs(text):
    with pytest.raises(TemplateError):
        use(text)
