"""Recorded cases: what the comparisons of a Choice state say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.services.stepfunctions.recordings import check_history, of

COMPARISONS = {
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
RESULTS = {
    name: {"Type": "Pass", "Result": {"TestResult.$": name}, "End": True}
    for name in ("ConditionTrue", "ConditionFalse")
}


@pytest.mark.parametrize("case", COMPARISONS)
def test_comparison(workflows: Any, case: str) -> None:
    """The value is in the definition, but for comparisons with paths."""
    machines: dict[str, str] = {}
    comparison = COMPARISONS[case]
    told = []
    for one in of(case).answers["cases"]:
        value = "$.Value" if comparison.endswith("Path") else one["input"]["Value"]
        if (key := json.dumps(value)) not in machines:
            machines[key] = workflows.create(choosing({"Variable": "$.Variable", comparison: value}))
        described = workflows.describe(workflows.start(machines[key], one["input"]))
        told.append({"input": json.loads(described["input"]), "output": json.loads(described["output"])})
    of(case).check("cases", told)


def choosing(rule: dict[str, Any]) -> dict[str, Any]:
    check = {"Type": "Choice", "Choices": [{**rule, "Next": "ConditionTrue"}], "Default": "ConditionFalse"}
    return {"StartAt": "CheckValues", "States": {"CheckValues": check, **RESULTS}}


TIMES = {"before": "2020-01-01T00:00:00Z", "same": "2020-01-01T00:00:01Z", "after": "2020-01-01T00:00:02Z"}


@pytest.mark.parametrize(
    ("name", "comparison", "variables"),
    [
        ("test_timestamp_equals_path", "TimestampEqualsPath", ["same", "before", "after"]),
        ("test_timestamp_greater_than", "TimestampGreaterThan", ["same", "before", "after"]),
        ("test_timestamp_greater_than_equals", "TimestampGreaterThanEquals", ["same", "before", "after"]),
        ("test_timestamp_greater_than_equals_path", "TimestampGreaterThanEqualsPath", ["before"]),
        ("test_timestamp_less_than_equals", "TimestampLessThanEquals", ["same", "before", "after"]),
    ],
)
def test_times(workflows: Any, name: str, comparison: str, variables: list[str]) -> None:
    """The recordings have no times, but what came of them tells which they were."""
    value = "$.Value" if comparison.endswith("Path") else TIMES["same"]
    machine = workflows.create(choosing({"Variable": "$.Variable", comparison: value}))
    told = []
    for variable in variables:
        given = {"Variable": TIMES[variable], "Value": TIMES["same"]}
        told.append({"input": given, "output": workflows.output(workflows.start(machine, given))})
    of(f"timestamp_operators::TestTimestamps::{name}").check("cases", told)


@pytest.mark.parametrize("done", [False, True])
def test_members_in_any_order(workflows: Any, done: bool) -> None:
    given = {"result": {"done": done}}
    case = f"base_scenarios::TestBaseScenarios::test_choice_unsorted_parameters[{json.dumps(given)}]"
    check = {
        "Type": "Choice",
        "Choices": [
            {"Next": "FinishTrue", "BooleanEquals": True, "Variable": "$.result.done"},
            {"BooleanEquals": False, "Next": "FinishFalse", "Variable": "$.result.done"},
        ],
    }
    ends = {name: {"Type": "Pass", "End": True} for name in ("FinishTrue", "FinishFalse")}
    machine = workflows.create({"StartAt": "CheckResult", "States": {"CheckResult": check, **ends}})
    check_history(case, workflows.events(workflows.start(machine, given)))


@pytest.mark.parametrize("condition", [False, True])
def test_output_in_choice(workflows: Any, condition: bool) -> None:
    case = f"output::TestArgumentsBase::test_output_in_choice[CONDITION_{str(condition).upper()}]"
    rule = {"Condition": "{% $states.input.condition %}", "Next": "ConditionTrue", "Output": "Condition Output block"}
    states = {
        "ChoiceState": {
            "Type": "Choice",
            "Choices": [rule],
            "Default": "DefaultState",
            "Output": "Default Output block",
        },
        "ConditionTrue": {"Type": "Pass", "End": True},
        "DefaultState": {"Type": "Fail", "Cause": "Condition is false"},
    }
    machine = workflows.create({"QueryLanguage": "JSONata", "StartAt": "ChoiceState", "States": states})
    check_history(case, workflows.events(workflows.start(machine, {"condition": condition})))
