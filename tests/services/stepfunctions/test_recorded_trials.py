"""TestState as AWS answered: test_state_*, state_mock_validation, field_validation_mode*."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from tests.recorded import recorded

ROLE = "arn:aws:iam::111111111111:role/states"
START = "arn:aws:states:::states:startExecution"
MAP = {
    "Type": "Map", "End": True,
    "ItemProcessor": {"StartAt": "Each", "States": {"Each": {"Type": "Pass", "End": True}}},
}  # fmt: skip
PARALLEL = {
    "Type": "Parallel", "End": True,
    "Branches": [
        {"StartAt": name, "States": {name: {"Type": "Pass", "Result": {name: "result"}, "End": True}}}
        for name in ("branch1", "branch2")
    ],
}  # fmt: skip
BRANCHES = json.dumps([{"branch1": "result"}, {"branch2": "result"}])
NESTED = {"initialData": {"fieldFromInput": "value from input", "otherField": "other"}, "unrelatedData": {"someOtherField": 1234}}


@pytest.fixture
def trial(states: Any) -> Any:
    """`trial(definition, input=…)`: TestState's answer, or its error."""

    def run(definition: Any, input: Any = None, **more: Any) -> Any:
        given = more if input is None else {"input": json.dumps(input), **more}
        try:
            return states.test_state(definition=json.dumps(definition), roleArn=ROLE, **given)
        except ClientError as error:
            return error

    return run


STATES: dict[str, tuple[dict[str, Any], Any]] = {
    "BASE_CHOICE_STATE": (
        {
            "Type": "Choice",
            "Choices": [
                {"Not": {"Variable": "$.type", "StringEquals": "Private"}, "Next": "Public"},
                {
                    "And": [
                        {"Variable": "$.value", "NumericGreaterThanEquals": 20},
                        {"Variable": "$.value", "NumericLessThan": 30},
                    ],
                    "Next": "ValueInTwenties",
                },
            ],
            "Default": "Other",
        },
        {"type": "Private", "value": 22},
    ),
    "BASE_FAIL_STATE": (
        {"Type": "Fail", "Error": "SomeFailure", "Cause": "This state machines raises a 'SomeFailure' failure."},
        {"Value": "HelloWorld"},
    ),
    "BASE_PASS_STATE": ({"Type": "Pass", "End": True}, {"Value": "HelloWorld"}),
    "BASE_RESULT_PASS_STATE": (
        {"Type": "Pass", "Result": {"resultKey": "result value"}, "End": True}, {"Value": "HelloWorld"},
    ),
    "BASE_SUCCEED_STATE": ({"Type": "Succeed"}, {"Value": "HelloWorld"}),
    "IO_PASS_STATE": (
        {
            "Type": "Pass", "InputPath": "$.initialData", "ResultPath": "$.modifiedData", "End": True,
            "Parameters": {"staticValue": "some value", "inputValue.$": "$.fieldFromInput"},
        },
        NESTED,
    ),
    "IO_RESULT_PASS_STATE": (
        {"Type": "Pass", "Result": {"resultKey": "result value"}, "ResultPath": "$.modifiedData", "End": True}, NESTED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_base_inspection_level_debug(trial: Any, name: str) -> None:
    definition, input = STATES[name]
    answer = trial(definition, input, inspectionLevel="DEBUG")
    case = f"test_state_scenarios::TestStateCaseScenarios::test_base_inspection_level_debug[{name}]"
    recorded(case, "stepfunctions").check("test_case_response", answer)


@pytest.mark.parametrize("level", ["INFO", "DEBUG", "TRACE"])
def test_base_lambda_task_state(trial: Any, function: Any, level: str) -> None:
    code = "def handler(event, context): return event['inputData'] + '!'"
    definition = {"Type": "Task", "Resource": function("lambda_function_name", code), "End": True}
    answer = trial(definition, {"inputData": "HelloWorld"}, inspectionLevel=level)
    case = f"test_state_scenarios::TestStateCaseScenarios::test_base_lambda_task_state[{level}]"
    recorded(case, "stepfunctions").check("test_case_response", answer)


def test_state_with_variables_base_expressions(trial: Any) -> None:
    definition = {
        "Type": "Pass", "QueryLanguage": "JSONata", "End": True,
        "Output": {
            "ja_var_access": "{% $var_input_value %}",
            "ja_expr": "{% $sum($states.input.input_values) + $var_constant_1 %}",
            "ja_states_input": "{% $states.input %}",
            "ja_states_context": "{% $states.context %}",
        },
    }  # fmt: skip
    variables = json.dumps({"var_constant_1": 10, "var_input_value": "test_value"})
    case = "test_state_scenarios::TestStateCaseScenarios::test_state_with_variables[base_expressions]"
    answers = json.loads(json.dumps(recorded(case, "stepfunctions").answers))
    context = answers["test_case_response"]["output"]["ja_states_context"]["Execution"]
    assert context.pop("RoleArn") is None  # recorded without a role
    answer = trial(definition, {"input_values": [1, 2, 3]}, variables=variables, inspectionLevel="TRACE")
    recorded(case, "stepfunctions").check("test_case_response", answer, ignore=("RoleArn",))
