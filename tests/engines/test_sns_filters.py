"""SNS filter policies: the recorded error texts, the limits, attributes and bodies."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines import sns_filters

TOO_COMPLEX = "Filter policy is too complex"


def policy_error(policy: str, scope: sns_filters.Scope = "MessageAttributes") -> str:
    with pytest.raises(sns_filters.InvalidFilterPolicy) as caught:
        sns_filters.compile(policy, scope)
    return str(caught.value)


@pytest.mark.parametrize(
    ("policy", "reason", "column"),
    [  # recorded from AWS, columns included
        ('{"key":[["value"]]}', "Match value must be String, number, true, false, or null", 10),
        ('{"key":[{"wrong-operator":true}]}', "Unrecognized match type wrong-operator", 31),
        ('{"key":[{"suffix":"value","prefix":"value2"}]}', "Only one key allowed in match expression", 37),
        ('{"key":[{"anything-but":{"exists":false}}]}', "Unsupported anything-but pattern: exists", 40),
        ('{"key":[{"anything-but":{"prefix":false}}]}', "prefix match pattern must be a string", 40),
        ('{"key":[{"anything-but":{"suffix":"test"}}]}', "Unsupported anything-but pattern: suffix", 36),
        ('{"key":[{"anything-but":{"wrong-operator":null}}]}', "Unsupported anything-but pattern: wrong-operator", 47),
    ],
)
def test_recorded_reasons(policy: str, reason: str, column: int) -> None:
    assert policy_error(policy) == f'{reason}\n at [Source: (String)"{policy}"; line: 1, column: {column}]'


def test_recorded_reason_for_text_that_is_no_json() -> None:
    assert policy_error("invalid") == (
        "failed to parse JSON. Unrecognized token 'invalid': was expecting (JSON String, Number, Array, Object or "
        "token 'null', 'true' or 'false')\n at [Source: REDACTED "
        "(`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 8]"
    )


def test_limits() -> None:
    assert policy_error(json.dumps({str(i): ["a"] for i in range(6)})) == "Filter policy can not have more than 5 keys"
    assert policy_error(json.dumps({"a": list(range(151))})) == TOO_COMPLEX
    assert policy_error(json.dumps({"a": list(range(16)), "b": list(range(10))})) == TOO_COMPLEX
    sns_filters.compile({"a": list(range(15)), "b": list(range(10))})
    assert "256 KB" in policy_error(json.dumps({"a": ["x" * 256 * 1024]}))


def test_nesting_is_for_bodies_and_multiplies() -> None:
    # The guide's example: 4 values three keys deep, 3 values two keys deep: 4 x 3 x 3 x 2 = 72.
    policy = {"a": {"b": {"c": [1, 2, 3, 4]}}, "d": {"e": [1, 2, 3]}}
    assert sns_filters.compile(policy, "MessageBody").matches('{"a": {"b": {"c": 4}}, "d": {"e": 1}}')
    assert "does not support nested" in policy_error(json.dumps(policy))
    policy["f"] = {"g": [1, 2]}
    assert policy_error(json.dumps(policy), "MessageBody") == TOO_COMPLEX


@pytest.mark.parametrize(
    ("values", "attribute", "matches"),
    [
        (["rugby", "tennis"], ("String", "rugby"), True),
        (["rugby"], ("String.Array", '["rugby", "golf"]'), True),
        (["rugby"], ("String.Array", '["golf"]'), False),
        (["rugby"], ("String.Array", "not json"), False),
        ([{"anything-but": ["rugby", "tennis"]}], ("String.Array", '["rugby", "baseball"]'), True),
        ([{"anything-but": {"prefix": "order-"}}], ("String", "order-1"), False),
        ([{"numeric": [">", 0, "<=", 150]}], ("Number", "150.0"), True),
        ([{"numeric": [">", 0, "<=", 150]}], ("String", "150"), False),
        ([100], ("Number", "1e2"), True),
        ([100], ("Number", "NaN"), False),
        ([{"exists": True}], ("String", "x"), True),
        ([{"exists": True}], ("Binary", None), False),
        ([{"exists": False}], None, True),
        ([None], ("String.Array", "[null]"), True),
        ([{"cidr": "10.0.0.0/24"}], ("String", "10.0.0.7"), True),
        ([{"equals-ignore-case": "Tennis"}], ("String", "tENNIS"), True),
        ([{"suffix": "ball"}], ("String", "football"), True),
        ([{"wildcard": "*ball*"}], ("String", "balls"), True),
    ],
)
def test_attributes(values: list[Any], attribute: tuple[str, str | None] | None, matches: bool) -> None:
    attributes = {} if attribute is None else {"key": {"DataType": attribute[0], "StringValue": attribute[1]}}
    assert sns_filters.compile({"key": values}).matches(attributes) is matches


def test_bodies_recorded() -> None:
    # Recorded: dots and nesting are the same, and each element of a nested array counts.
    nested = sns_filters.compile({"object": {"nested": {"test": [{"prefix": "string"}]}}}, "MessageBody")
    for body in (
        {"object": {"nested": {"test": "string.value"}}},
        {"object.nested.test": "string.value"},
        {"object.nested": {"test": "string.value"}},
        {"object": {"nested.test": "string.value"}},
    ):
        assert nested.matches(json.dumps(body))
    routed = sns_filters.compile({"headers": {"route-to": ["queue2"]}}, "MessageBody")
    assert routed.matches('{"headers": {"route-to": ["queue1", "queue2"]}}')
    assert not routed.matches('{"headers": {"route-to": ["queue1"]}}')
    assert not routed.matches("plain text")


def test_or_and_the_empty_policy() -> None:
    either = sns_filters.compile({"source": ["a"], "$or": [{"metric": ["x"]}, {"namespace": ["y"]}]})
    assert either.matches({"source": {"Type": "String", "Value": "a"}, "namespace": {"Type": "String", "Value": "y"}})
    assert not either.matches({"source": {"Type": "String", "Value": "a"}})
    assert sns_filters.compile("{}").matches({})


@given(st.text(alphabet='{}[]":,abs-1 ', max_size=30), st.sampled_from(["MessageAttributes", "MessageBody"]), st.text())
def test_any_text_compiles_or_is_invalid(policy: str, scope: sns_filters.Scope, body: str) -> None:
    try:
        compiled = sns_filters.compile(policy, scope)
    except sns_filters.InvalidFilterPolicy:
        return
    assert compiled.matches(body if scope == "MessageBody" else {"a": {"DataType": "String", "StringValue": body}}) in (
        True,
        False,
    )
