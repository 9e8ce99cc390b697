"""Recorded cases: variables, and where they can be referred to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.stepfunctions.recordings import check_branches, check_history, of

BASE = "assign_reference_variables::TestAssignReferenceVariables::"
JSONATA = {"QueryLanguage": "JSONata"}


def chain(*states: tuple[str, dict[str, Any]], **more: Any) -> dict[str, Any]:
    """States one after the other; Pass states if they do not say."""
    names = [name for name, _ in states]
    made = {}
    for (name, fields), following in zip(states, [*names[1:], None], strict=True):
        ends = "Next" in fields or "End" in fields or fields.get("Type") in ("Fail", "Choice", "Succeed")
        made[name] = {"Type": "Pass", **fields, **({} if ends else {"Next": following} if following else {"End": True})}
    return {"StartAt": names[0], "States": made, **more}


QUESTION = "What is the answer to life the universe and everything?"
OPERANDS = {
    "inputArray": [1, 2, 3, 4, 5, 6, 7, 8, 9], "duplicateArray": [1, 2, 2, 3, 3, 4], "rawString": "Hello World",
    "encodedString": "SGVsbG8gV29ybGQ=", "inputString": "Hash this string", "json1": {"a": 1, "b": 2},
    "json2": {"c": 3, "d": 4}, "jsonString": '{"key":"value"}', "jsonObject": {"test": "object"}, "value1": 5,
    "value2": 3, "csvString": "a,b,c,d,e", "name": "John", "place": "LocalStack",
    "additionalInfo": {"age": 30, "role": "developer"},
}  # fmt: skip
CALLS = {
    "encodingOps": {"encoded.$": "States.Base64Encode($rawString)", "decoded.$": "States.Base64Decode($encodedString)"},
    "hashOps": {"hashValue.$": "States.Hash($inputString, 'SHA-256')"},
    "jsonOps": {
        "mergedJson.$": "States.JsonMerge($json1, $json2, false)",
        "parsedJson.$": "States.StringToJson($jsonString)",
        "stringifiedJson.$": "States.JsonToString($jsonObject)",
    },
    "mathOps": {"sum.$": "States.MathAdd($value1, $value2)"},
    "stringOps": {
        "formattedString.$": "States.Format('Hello {}, welcome to {}!', $name, $place)",
        "splitString.$": "States.StringSplit($csvString, ',')",
    },
    "uuidOp": {"uniqueId.$": "States.UUID()"},
}
SUM = "States.MathAdd(States.MathAdd($xCurrent, $yCurrent), States.MathAdd($zCurrent, $bias))"
VECTORS = [[9, 44, 6], [82, 25, 76], [18, 42, 2]]
VECTOR = {"xCurrent.$": "$[0]", "yCurrent.$": "$[1]", "zCurrent.$": "$[2]"}

DEFINITIONS = {
    "test_reference_assign[BASE_REFERENCE_IN_FAIL]": chain(
        ("Pass", {"Assign": {"errorVar": "Exception", "causeVar": "An Exception was encountered"}}),
        ("Fail", {"Type": "Fail", "ErrorPath": "$errorVar", "CausePath": "$causeVar"}),
    ),
    "test_reference_assign[BASE_REFERENCE_IN_INPUTPATH]": chain(
        ("State0", {"Assign": {"theAnswer": 42}}), ("State1", {"InputPath": "$theAnswer"})
    ),
    "test_reference_assign[BASE_REFERENCE_IN_OUTPUTPATH]": chain(
        ("State0", {"Assign": {"theAnswer": 42}, "Result": {"answer": 42}}), ("State1", {"OutputPath": "$theAnswer"})
    ),
    "test_reference_assign[BASE_REFERENCE_IN_PARAMETERS]": chain(
        ("State0", {"Assign": {"result": "foobar"}, "Result": {"result": "$result"}}),
        ("State1", {"Parameters": {"result": {"result.$": "$result"}}}),
    ),
    "test_reference_assign[BASE_REFERENCE_IN_INTRINSIC_FUNCTION]": chain(
        ("State0", {"Assign": OPERANDS}), ("State1", {"Parameters": CALLS})
    ),
    "test_reference_assign[BASE_REFERENCE_IN_CHOICE]": chain(
        ("Setup", {"Assign": {"guess": "the_guess", "answer": "the_answer"}}),
        ("CheckAnswer", {
            "Type": "Choice", "Default": "WrongAnswer",
            "Choices": [{"Variable": "$guess", "StringEqualsPath": "$answer", "Next": "CorrectAnswer"}],
        }),
        ("WrongAnswer", {"Assign": {"guess.$": "$answer"}, "Result": {"state": "WRONG"}, "Next": "CheckAnswer"}),
        ("CorrectAnswer", {"Result": {"state": "CORRECT"}}),
    ),
    "test_reference_assign[BASE_REFERENCE_IN_WAIT]": chain(
        ("Start", {"Assign": {"waitTime": 0, "startAt": "1999-12-31T23:59:59Z"}}),
        ("WaitSecondsState", {"Type": "Wait", "SecondsPath": "$waitTime"}),
        ("WaitUntilState", {"Type": "Wait", "TimestampPath": "$startAt"}),
    ),
    "test_reference_assign[BASE_REFERENCE_IN_ITERATOR_OUTER_SCOPE]": chain(
        ("Input", {"Assign": {"bias": 4.3}, "Result": VECTORS}),
        ("IterateLevels", {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": chain(
            ("AssignCurrentVector", {"Assign": VECTOR}),
            ("Calculate", {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": chain(("Summate", {"Assign": {"Sum.$": SUM}}))}),
        )}),
    ),
    "test_state_assign_evaluation_order[BASE_EVALUATION_ORDER_PASS_STATE]": chain(
        ("State0", {"Assign": {"question": QUESTION, "answer": 42}, "Result": {"theQuestion": QUESTION}}),
        ("State1", {"Assign": {"answer": "none"}, "OutputPath": "$answer"}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DEFINITIONS)
def test_reference(workflows: Any, name: str) -> None:
    execution = workflows.start(workflows.create(DEFINITIONS[name]), {})
    check_history(BASE + name, workflows.events(execution), "startAt")


@pytest.mark.parametrize("name", ["CORRECT", "INCORRECT"])
def test_assign_in_choice(workflows: Any, name: str) -> None:
    case = f"{BASE}test_assign_in_choice_state[{name}]"
    rule = {"Variable": "$.input_value", "StringEquals": "never", "Assign": {"status": "CORRECT"}, "Next": "FinalState"}
    check = {
        "Type": "Choice", "Choices": [rule], "Default": "FinalState",
        "Assign": {"guess.$": "$.input_value", "status": "INCORRECT"},
    }  # fmt: skip
    definition = chain(("CheckInputState", check), ("FinalState", {"Parameters": {"result.$": "$status"}}))
    given = of(case).answers["get_execution_history"]["events"][0]["executionStartedEventDetails"]["input"]
    check_history(case, workflows.events(workflows.start(workflows.create(definition), given)))


@pytest.mark.parametrize(
    ("name", "definition"),
    [
        (
            "JSONATA_ASSIGN_JSONPATH_REF",
            chain(
                ("JSONataState", {**JSONATA, "Assign": {"theAnswerVar": "{% 42 %}"}}),
                ("JSONPathState", {"Assign": {"oldAnswerVar.$": "$theAnswerVar", "theAnswerVar": 18}}),
            ),
        ),
        (
            "JSONPATH_ASSIGN_JSONATA_REF",
            chain(
                ("JSONPathState", {"Assign": {"theAnswer": 42}}),
                ("JSONataState", {**JSONATA, "Assign": {"oldAnswer": "{% $theAnswer %}", "theAnswer": "{% 18 %}"}}),
            ),
        ),
    ],
)
def test_variable_sampling(workflows: Any, name: str, definition: dict[str, Any]) -> None:
    case = f"mixed_query_language::TestMixedQueryLanguageFlow::test_variable_sampling[{name}]"
    check_history(case, workflows.events(workflows.start(workflows.create(definition), {})))


def test_parallel_scopes(workflows: Any) -> None:
    inner = {"Assign": {"innerX.$": "$x", "value.$": "$"}}
    branches = [chain((name, inner)) for name in ("Branch1", "Branch21", "Branch31")]
    definition = chain(("State0", {"Assign": {"x": 42}}), ("State1", {"Type": "Parallel", "Branches": branches}))
    events = workflows.events(workflows.start(workflows.create(definition), {}))
    check_branches("assign_base::TestAssignBase::test_base_parallel_cases[BASE_SCOPE_PARALLEL]", events)
