"""The comparisons of a Choice."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engines.states.running import Ended, World, run
from tests.recorded import cases
from undercast.engines.states.actions import Failed, Next
from undercast.engines.states.choices import string_matches

RECORDED = {
    "boolean_equals::TestBooleanEquals::test_boolean_equals_path": "BooleanEqualsPath",
    "is_operators::TestIsOperators::test_is_boolean": "IsBoolean",
    "is_operators::TestIsOperators::test_is_null": "IsNull",
    "is_operators::TestIsOperators::test_is_numeric": "IsNumeric",
    "numeric::TestNumerics::test_numeric_equals_path": "NumericEqualsPath",
    "numeric::TestNumerics::test_numeric_greater_than": "NumericGreaterThan",
    "numeric::TestNumerics::test_numeric_greater_than_path": "NumericGreaterThanPath",
    "numeric::TestNumerics::test_numeric_less_than": "NumericLessThan",
    "numeric::TestNumerics::test_numeric_less_than_equals_path": "NumericLessThanEqualsPath",
    "numeric::TestNumerics::test_numeric_less_than_path": "NumericLessThanPath",
    "string_operators::TestStrings::test_string_equals": "StringEquals",
    "string_operators::TestStrings::test_string_equals_path": "StringEqualsPath",
    "string_operators::TestStrings::test_string_greater_than_path": "StringGreaterThanPath",
    "string_operators::TestStrings::test_string_less_than_path": "StringLessThanPath",
}


@pytest.mark.parametrize("case", RECORDED)
def test_recorded(case: str) -> None:
    operator = RECORDED[case]
    for one in cases("stepfunctions")[case]["answers"]["cases"]:
        operand = "$.Value" if operator.endswith("Path") else one["input"]["Value"]
        expected = one["output"]["TestResult.$"] == "ConditionTrue"
        assert holds({"Variable": "$.Variable", operator: operand}, one["input"]) is expected, one


def choose(rule: dict[str, Any], input: Any, world: World | None = None) -> Ended:
    states = {
        "C": {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"},
        "Yes": {"Type": "Pass", "Result": True, "End": True},
        "No": {"Type": "Pass", "Result": False, "End": True},
    }
    return run({"StartAt": "C", "States": states}, input, world)


def holds(rule: dict[str, Any], input: Any, world: World | None = None) -> Any:
    ended = choose(rule, input, world)
    assert isinstance(ended, Next), ended
    return ended.output


EARLY, LATE = "2024-01-01T00:00:00Z", "2024-01-01T02:00:00.5+01:00"


@pytest.mark.parametrize(
    ("operator", "value", "operand", "expected"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", 1, "1", False),
        ("StringLessThan", "a", "b", True),
        ("StringLessThanEquals", "b", "b", True),
        ("StringGreaterThan", "a", "b", False),
        ("StringGreaterThanEquals", "b", "b", True),
        ("NumericEquals", 1, 1.0, True),
        ("NumericEquals", True, 1, False),
        ("NumericEquals", "1", 1, False),
        ("NumericGreaterThanEquals", 2.5, 2, True),
        ("NumericLessThanEquals", 3, 2, False),
        ("BooleanEquals", True, True, True),
        ("BooleanEquals", 1, True, False),
        ("TimestampEquals", "2024-01-01T01:00:00+01:00", EARLY, True),
        ("TimestampEquals", "2024-01-01", EARLY, False),
        ("TimestampLessThan", EARLY, LATE, True),
        ("TimestampEquals", "2024-01-01T00:00:00.0000001Z", EARLY, False),
        ("TimestampLessThanEquals", LATE, EARLY, False),
        ("TimestampGreaterThan", LATE, EARLY, True),
        ("TimestampGreaterThanEquals", EARLY, EARLY, True),
        ("IsNull", None, True, True),
        ("IsNull", 0, True, False),
        ("IsString", "", True, True),
        ("IsString", 1, False, True),
        ("IsNumeric", 1.5, True, True),
        ("IsNumeric", False, True, False),
        ("IsBoolean", False, True, True),
        ("IsTimestamp", LATE, True, True),
        ("IsTimestamp", "2024-01-01 00:00:00Z", True, False),
        ("IsPresent", None, True, True),
        ("IsPresent", 1, False, False),
        ("StringMatches", "log-1.txt", "log-*.txt", True),
        ("StringMatches", "log-1.txt.bak", "log-*.txt", False),
        ("StringMatches", "a*b", "a\\*b", True),
        ("StringMatches", "axb", "a\\*b", False),
        ("StringMatches", 1, "*", False),
    ],
)
def test_comparison(operator: str, value: Any, operand: Any, expected: bool) -> None:
    assert holds({"Variable": "$.v", operator: operand}, {"v": value}) is expected


@pytest.mark.parametrize(
    "operator", ["StringEqualsPath", "NumericEqualsPath", "BooleanEqualsPath", "TimestampEqualsPath"]
)
def test_both_sides_may_be_paths(operator: str) -> None:
    value = {"S": "x", "N": 3, "B": True, "T": EARLY}[operator[0]]
    assert holds({"Variable": "$.a", operator: "$$.b"}, {"a": value}, World(context={"b": value})) is True
    assert holds({"Variable": "$w.a", operator: "$.b"}, {"b": value}, World(variables={"w": {"a": value}})) is True


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"And": [{"Variable": "$.a", "NumericEquals": 1}, {"Variable": "$.b", "NumericEquals": 2}]}, True),
        ({"And": [{"Variable": "$.a", "NumericEquals": 1}, {"Variable": "$.b", "NumericEquals": 3}]}, False),
        ({"Or": [{"Variable": "$.a", "NumericEquals": 9}, {"Variable": "$.b", "NumericEquals": 2}]}, True),
        ({"Or": [{"Variable": "$.b", "NumericEquals": 2}, {"Variable": "$.absent", "NumericEquals": 2}]}, True),
        ({"Not": {"Variable": "$.a", "NumericEquals": 1}}, False),
        ({"Not": {"And": [{"Not": {"Variable": "$.a", "IsNull": True}}, {"Variable": "$.b", "IsNull": True}]}}, True),
        ({"And": [{"Variable": "$.c", "IsPresent": True}, {"Variable": "$.c", "IsNull": True}]}, False),
        ({"Variable": "$.list[*].x", "IsPresent": True}, False),
    ],
)
def test_combined(rule: dict[str, Any], expected: bool) -> None:
    assert holds(rule, {"a": 1, "b": 2, "list": [{}]}) is expected


@pytest.mark.parametrize("rule", [{"Variable": "$.a", "IsNull": True}, {"Variable": "$.v", "NumericEqualsPath": "$.a"}])
def test_a_path_that_leads_nowhere(rule: dict[str, Any]) -> None:
    ended = choose(rule, {"v": 1})
    assert ended == Failed(
        "States.Runtime",
        "An error occurred while executing the state 'C' (entered at the event id #2). "
        "Invalid path '$.a': The choice state's condition path references an invalid value.",
        details={"afterInputPath": {"v": 1}},
    )


def test_nothing_matches() -> None:
    states = {
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.v", "IsNull": True, "Next": "S"}]},
        "S": {"Type": "Succeed"},
    }
    ended = run({"StartAt": "C", "States": states}, {"v": 1})
    assert isinstance(ended, Failed) and ended.error == "States.NoChoiceMatched"


@given(st.lists(st.sampled_from(["a", "b", "ab", "*"]), max_size=8), st.text(alphabet="ab", max_size=12))
def test_string_matches_is_what_a_regular_expression_says(pattern: list[str], text: str) -> None:
    expression = "".join(".*" if part == "*" else part for part in pattern)
    assert string_matches(text, "".join(pattern)) is bool(re.fullmatch(expression, text))
