"""Text to document: both formats, CloudFormation's YAML, its error texts."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines.templates import TemplateError
from undercast.engines.templates.loading import read

SCALARS = st.one_of(st.text(max_size=8), st.booleans(), st.integers(-(10**9), 10**9), st.none())
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=12,
)


def error(text: str, **options: bool) -> str:
    with pytest.raises(TemplateError) as caught:
        read(text, **options)
    return caught.value.message


@given(st.dictionaries(st.text(min_size=1, max_size=5), VALUES, min_size=1, max_size=4))
def test_json_round_trips(document):
    assert read(json.dumps(document)) == document


@given(st.dictionaries(st.text("abcXYZ", min_size=1, max_size=5), VALUES, min_size=1, max_size=4))
def test_yaml_round_trips(document):
    text = yaml.dump(document, Dumper=_NoAliases)
    assert read(text) == document


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data):
        return True


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!Condition A", {"Condition": "A"}),
        ("!GetAtt A.B", {"Fn::GetAtt": ["A", "B"]}),
        ("!GetAtt A.Outputs.B", {"Fn::GetAtt": ["A", "Outputs.B"]}),
        ("!GetAtt [A, B]", {"Fn::GetAtt": ["A", "B"]}),
        ("!Sub '${A}'", {"Fn::Sub": "${A}"}),
        ("!Sub ['${A}', {A: 1}]", {"Fn::Sub": ["${A}", {"A": 1}]}),
        ("!If [C, !Ref A, !Ref AWS::NoValue]", {"Fn::If": ["C", {"Ref": "A"}, {"Ref": "AWS::NoValue"}]}),
        ("!Base64 x", {"Fn::Base64": "x"}),
        ("!Cidr [a, 1, 8]", {"Fn::Cidr": ["a", 1, 8]}),
        ("!GetAZs ''", {"Fn::GetAZs": ""}),
        ("!ImportValue x", {"Fn::ImportValue": "x"}),
        ("!Join [',', [a]]", {"Fn::Join": [",", ["a"]]}),
        ("!Select [0, [a]]", {"Fn::Select": [0, ["a"]]}),
        ("!Split [',', a]", {"Fn::Split": [",", "a"]}),
        ("!FindInMap [a, b, c]", {"Fn::FindInMap": ["a", "b", "c"]}),
        ("!Transform {Name: a}", {"Fn::Transform": {"Name": "a"}}),
        (
            "!And [!Condition a, !Not [!Condition b]]",
            {"Fn::And": [{"Condition": "a"}, {"Fn::Not": [{"Condition": "b"}]}]},
        ),
        ("!Or [!Equals [a, b]]", {"Fn::Or": [{"Fn::Equals": ["a", "b"]}]}),
        ("!Length [a]", {"Fn::Length": ["a"]}),
        ("!ToJsonString {a: 1}", {"Fn::ToJsonString": {"a": 1}}),
        ("2012-10-17", "2012-10-17"),
        ("yes", True),
        ("Off", False),
        ("yEs", "yEs"),
        ("'true'", "true"),
        ("012345678901", "012345678901"),
        ("12:30:45", "12:30:45"),
        ("0x1F", "0x1F"),
        ("-5", -5),
        ("1.50", 1.5),
        ("1.2.3", "1.2.3"),
        ("~", None),
        ("!!str 5", "5"),
    ],
)
def test_yaml_values(text, value):
    assert read(f"A: {text}") == {"A": value}


def test_keys_are_text_as_written():
    assert read("A: {123456789012: a, true: b, 2020-01-01: c}") == {
        "A": {"123456789012": "a", "true": "b", "2020-01-01": "c"}
    }


def test_the_last_of_duplicate_keys_wins():
    assert read("A: 1\nA: 2") == {"A": 2}
    assert read('{"A": 1, "A": 2}') == {"A": 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # stacks::TestStacksApi::test_create_stack_url_as_template
        ("https://s3.amazonaws.com/b/k.yaml", "Template format error: unsupported structure."),
        ("", "Template format error: unsupported structure."),
        ("[a]", "Template format error: unsupported structure."),
        # templates::test_create_stack_invalid_yaml_template_should_fail
        ("A: \x00", "Template format error: YAML not well-formed."),
        ("A: [\n  b", "Template format error: YAML not well-formed. (line 3, column 1)"),
        ("A: !Nope b", "Template format error: YAML not well-formed. (line 1, column 4)"),
        ("--- {A: 1}\n--- {B: 1}", "Template format error: YAML not well-formed. (line 2, column 1)"),
        ('{"A": "b" "c"}', "Template format error: JSON not well-formed. (line 1, column 11)"),
        ('{"A": NaN}', "Template format error: JSON not well-formed."),
        ('{"A": 1e999}', "Template format error: JSON not well-formed."),
        ("A: &x {B: 1}\nC: *x", "Template format error: YAML aliases are not allowed in CloudFormation templates"),
    ],
)
def test_malformed(text, message):
    assert error(text) == message


def test_a_flow_mapping_that_is_not_json_is_yaml():
    assert read("{A: !Ref B}") == {"A": {"Ref": "B"}}


def test_size_limits():
    body = "A: " + "x" * 51_197
    assert read(body)
    assert error(body + "x").endswith(
        "at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200"
    )
    assert read(body + "x", by_url=True)
    assert error("A: " + "x" * 1_000_000, by_url=True) == "Template may not exceed 1000000 bytes in size."
