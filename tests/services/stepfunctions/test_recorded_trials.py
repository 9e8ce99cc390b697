"""TestState as AWS answered: test_state_*, state_mock_validation, field_validation_mode*."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.stepfunctions.conftest import PASS, told
from tests.services.stepfunctions.recordings import of

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
NESTED = {
    "initialData": {"fieldFromInput": "value from input", "otherField": "other"},
    "unrelatedData": {"someOtherField": 1234},
}


@pytest.fixture
def trial(states: Any) -> Any:
    """`trial(definition, input=…)`: TestState's answer, or its error."""

    def run(definition: Any, input: Any = None, **more: Any) -> Any:
        given = {"roleArn": ROLE, **({} if input is None else {"input": json.dumps(input)}), **more}
        given = {name: value for name, value in given.items() if value is not None}
        try:
            return states.test_state(definition=json.dumps(definition), **given)
        except ClientError as error:
            return error

    return run


def check(case: str, answer: Any) -> None:
    of(case).check("test_case_response", answer)


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
    check(case, answer)


@pytest.mark.parametrize("level", ["INFO", "DEBUG", "TRACE"])
def test_base_lambda_task_state(trial: Any, function: Any, level: str) -> None:
    code = "def handler(event, context): return event['inputData'] + '!'"
    definition = {"Type": "Task", "Resource": function(code), "End": True}
    answer = trial(definition, {"inputData": "HelloWorld"}, inspectionLevel=level)
    case = f"test_state_scenarios::TestStateCaseScenarios::test_base_lambda_task_state[{level}]"
    check(case, answer)


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
    answer = trial(definition, {"input_values": [1, 2, 3]}, variables=variables, inspectionLevel="TRACE", roleArn=None)
    check("test_state_scenarios::TestStateCaseScenarios::test_state_with_variables[base_expressions]", answer)


def test_state_with_variables_empty_variables(trial: Any) -> None:
    case = "test_state_scenarios::TestStateCaseScenarios::test_state_with_variables[empty_variables]"
    constants = of(case).answers["test_case_response"]["output"]
    constants["constant_jp_input.$"] = "$"
    definition = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": constants, "End": True}
    check(case, trial(definition, {"input_values": [1, 2, 3]}, variables="{}", inspectionLevel="TRACE"))


def test_base_lambda_service_task_mock_success(trial: Any) -> None:
    definition = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True,
                  "Parameters": {"FunctionName": "f", "Payload.$": "$"}}  # fmt: skip
    result = json.dumps({"Payload": "function output", "SdkHttpMetadata": {"HttpStatusCode": 200}})
    answer = trial(definition, mock={"result": result}, roleArn=None)
    check("test_state_mock_scenarios::TestStateMockScenarios::test_base_lambda_service_task_mock_success", answer)


MOCKED = "test_state_mock_scenarios::TestStateMockScenarios::test_{}_parallel_state_mock_success[{}]"
PARALLEL_INPUT = {"parallelInput": {"data": "input_value"}}


@pytest.mark.parametrize("level", ["INFO", "DEBUG", "TRACE"])
@pytest.mark.parametrize(
    ("kind", "more", "input"),
    [
        ("base", {}, {"key": "value"}),
        ("io", {"InputPath": "$.parallelInput", "ResultPath": "$.parallelResult"}, PARALLEL_INPUT),
        (
            "io_jsonata",
            {
                "QueryLanguage": "JSONata", "Arguments": "{% $states.input.parallelInput %}",
                "Output": "{% $merge([$states.input, {'parallelResult': $states.result}]) %}",
            },
            PARALLEL_INPUT,
        ),
    ],
)  # fmt: skip
def test_parallel_state_mock_success(trial: Any, kind: str, more: dict[str, Any], input: Any, level: str) -> None:
    answer = trial({**PARALLEL, **more}, input, inspectionLevel=level, mock={"result": BRANCHES})
    check(MOCKED.format(kind, level), answer)


STATE_NAMES = "test_state_machine_scenarios::TestStateMachineScenarios::test_base_state_name_validation_failures[{}]"


@pytest.mark.parametrize(("case", "name"), [("dne", "No such state"), ("invalid", "\u2603"), ("empty", "")])
def test_base_state_name_validation_failures(states: Any, case: str, name: str) -> None:
    error = told(states.test_state, definition=json.dumps(PASS), stateName=name)
    assert error == of(STATE_NAMES.format(case)).answers["exception"]


def test_state_name_invalid_state_definition(trial: Any) -> None:
    definition = {"StartAt": "First", "States": {
        "First": {"Type": "Pass", "Next": "ExistingButInvalidState"},
        "ExistingButInvalidState": {"Type": "Unknown", "End": True},
    }}  # fmt: skip
    error = trial(definition, stateName="ExistingButInvalidState")
    case = "test_state_machine_scenarios::TestStateMachineScenarios::test_state_name_invalid_state_definition"
    of(case).check("validation_exception", error)


VALIDATION = "state_mock_validation::TestStateMockValidation::test_{}"
RESULT = {"result": "[1, 2]"}


@pytest.mark.parametrize(
    ("case", "definition", "request_"),
    [
        ("both_mock_result_and_mock_error_output_are_set", PARALLEL, {"mock": {**RESULT, "errorOutput": {"error": "E"}}}),
        ("map_iteration_failure_count_exceeds_mock_result_items", MAP,
         {"input": [1, 2], "mock": RESULT, "stateConfiguration": {"mapIterationFailureCount": 3}}),
        ("map_iteration_failure_count_without_mock", MAP, {"stateConfiguration": {"mapIterationFailureCount": 1}}),
        ("mock_result_is_not_array_on_map_state_without_result_writer", MAP, {"mock": {"result": "{}"}}),
        ("parallel_state_empty_branches", {**PARALLEL, "Branches": []}, {"mock": RESULT}),
        ("state_type_requires_mock[MapState]", MAP, {}),
        ("state_type_requires_mock[MapTaskState]", {
            **MAP, "ItemProcessor": {"StartAt": "Each", "States": {"Each": {
                "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:each", "End": True,
            }}}}, {}),
        ("state_type_requires_mock[ParallelState]", PARALLEL, {}),
    ],
)  # fmt: skip
def test_mock_validation(trial: Any, case: str, definition: Any, request_: dict[str, Any]) -> None:
    of(VALIDATION.format(case)).check("validation_exception", trial(definition, **request_))


MODES = "field_validation_mode{}::TestFieldValidationMode{}::test_{}_mode_{}_task[{}]"
SDK = "arn:aws:states:::aws-sdk:"
TASKS = {
    "sfn": (START, {"StateMachineArn": "arn:aws:states:us-east-1:111111111111:stateMachine:m"}),
    "aws_sdk_kms": (f"{SDK}kms:encrypt", {"KeyId": "key", "Plaintext": "text"}),
    "dynamodb": ("arn:aws:states:::dynamodb:putItem", {"TableName": "t", "Item": {"id": {"S": "1"}}}),
}


@pytest.mark.parametrize(
    ("mode", "task", "case", "result"),
    [
        ("STRICT", "aws_sdk_kms", "wrong_blob_length_less_than_minimum", {"CiphertextBlob": ""}),
        ("STRICT", "aws_sdk_kms", "wrong_blob_type_number", {"CiphertextBlob": 1}),
        ("STRICT", "sfn", "field_name_not_in_sfn_case", {"executionArn": "arn", "startDate": "date"}),
        ("STRICT", "sfn", "missing_required_fields", {}),
        ("STRICT", "sfn", "wrong_timestamp_type_bool", {"ExecutionArn": "arn", "StartDate": True}),
        ("STRICT", "sfn", "wrong_timestamp_type_number", {"ExecutionArn": "arn", "StartDate": 1}),
        ("PRESENT", "aws_sdk_kms", "wrong_blob_length_less_than_minimum", {"CiphertextBlob": ""}),
        ("PRESENT", "aws_sdk_kms", "wrong_blob_type_number", {"CiphertextBlob": 1}),
        ("PRESENT", "dynamodb", "wrong_float_type_string", {"ConsumedCapacity": {"CapacityUnits": "one"}}),
    ],
)
def test_field_validation(trial: Any, mode: str, task: str, case: str, result: Any) -> None:
    resource, parameters = TASKS[task]
    definition = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}
    mock = {"result": json.dumps(result), "fieldValidationMode": mode}
    name = ("", "") if mode == "STRICT" else (f"_{mode.lower()}", mode.title())
    of(MODES.format(*name, mode.lower(), task, case)).check("validation-exception", trial(definition, mock=mock))


@pytest.mark.parametrize(
    ("case", "result"),
    [
        ("missing_required_fields", {}),
        ("wrong_timestamp_type_bool", {"ExecutionArn": "stringValueExecutionArn", "StartDate": True}),
    ],
)
def test_without_field_validation(trial: Any, case: str, result: Any) -> None:
    resource, parameters = TASKS["sfn"]
    definition = {
        "Type": "Task", "Resource": resource, "Parameters": parameters, "ResultPath": "$.targetExecutionResult", "End": True,
    }  # fmt: skip
    answer = trial(definition, mock={"result": json.dumps(result), "fieldValidationMode": "NONE"})
    of(MODES.format("_none", "None", "none", "sfn", case)).check("test_state_response", answer)


FAILS = {"errorOutput": {"error": "MockException", "cause": "Mock the cause of the error."}}
CONFIGURATION = "state_configuration::TestStateConfiguration::test_{}[{}]"
VALUES = {"Values": ["first", "second", "third"]}
LEVELS = ("INFO", "DEBUG", "TRACE")


@pytest.mark.parametrize("level", LEVELS)
def test_map_state_error_caused_by_state(trial: Any, level: str) -> None:
    definition = {**MAP, "QueryLanguage": "JSONata", "Items": "{% $states.input.Values %}"}
    answer = trial(
        definition, {"Values": [1, 1, 1]}, mock=FAILS, inspectionLevel=level,
        stateConfiguration={"errorCausedByState": "Each"},
    )  # fmt: skip
    check(CONFIGURATION.format("map_state_error_caused_by_state", level), answer)


@pytest.mark.parametrize("level", ["DEBUG", "TRACE"])
@pytest.mark.parametrize(
    ("step", "count"), [("below_tolerated_retry_count_with_backoff", 4), ("exceeds_tolerated_retry_count", 5)]
)
def test_retrier_retry_count(trial: Any, step: str, count: int, level: str) -> None:
    retrier = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "BackoffRate": 2, "MaxAttempts": 5}
    definition = {
        "Type": "Task", "QueryLanguage": "JSONata", "Resource": "arn:aws:states:::lambda:invoke", "Retry": [retrier],
        "Arguments": {"FunctionName": "foo", "Payload": "bar"}, "End": True,
    }  # fmt: skip
    answer = trial(
        definition, VALUES, mock=FAILS, inspectionLevel=level, stateConfiguration={"retrierRetryCount": count}
    )
    of(CONFIGURATION.format("state_configuration_retrier_retry_count", level)).check(step, answer)


@pytest.mark.parametrize("level", LEVELS)
def test_map_iteration_item_reader(trial: Any, level: str) -> None:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **MAP["ItemProcessor"]}
    reader = {
        "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"},
        "Arguments": {"Bucket": "{% $states.input.Bucket %}", "Key": "{% $states.input.Key %}"},
    }  # fmt: skip
    definition = {
        "Type": "Map", "QueryLanguage": "JSONata", "ItemReader": reader, "ItemProcessor": processor, "MaxConcurrency": 1,
        "End": True,
    }  # fmt: skip
    answer = trial(
        definition, {"Bucket": "test-bucket", "Key": "test-key"}, mock={"result": "[1, 4, 9]"}, inspectionLevel=level,
        stateConfiguration={"mapItemReaderData": "[1, 2, 3]"},
    )  # fmt: skip
    check(CONFIGURATION.format("state_machine_configuration_map_iteration_item_reader", level), answer)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("step", "failed"), [("below_tolerated_failure", 1), ("exceeds_tolerated_failure", 3)])
def test_state_machine_with_state_error(trial: Any, step: str, failed: int, level: str) -> None:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **MAP["ItemProcessor"]}
    definition = {
        "Type": "Map", "ItemsPath": "$.Values", "ToleratedFailureCount": 2, "ItemProcessor": processor, "End": True,
    }  # fmt: skip
    answer = trial(
        definition, VALUES, inspectionLevel=level, stateConfiguration={"mapIterationFailureCount": failed},
        mock={"errorOutput": {"error": "MockException", "cause": "Mock the error cause."}},
    )  # fmt: skip
    if level != "INFO":  # AWS takes it out of the input as it was written there, spaces and all
        data = answer["inspectionData"]
        data["afterItemsPath"] = json.dumps(json.loads(data["afterItemsPath"]))
    of(CONFIGURATION.format("state_machine_with_state_error", level)).check(step, answer)


CONTEXTS = "state_context_object::TestStateContextObject::test_state_context_object_{}[{}]"
INVOKED = {
    "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True,
    "Parameters": {"FunctionName.$": "$.FunctionName", "Payload": {"Input.$": "$"}},
    "ResultSelector": {"ContextObjectValue.$": "$$", "LambdaOutput.$": "$"},
}  # fmt: skip
POKEMON = {"result": '{"pokemon": "pikachu"}'}


@pytest.mark.parametrize(
    ("case", "context"), [("EMPTY", {}), ("EMPTY_OBJECTS", {"Execution": {}, "State": {}, "StateMachine": {}})]
)
def test_context_object_edge_cases(trial: Any, case: str, context: Any) -> None:
    given = {"FunctionName": "lambda_function_name", "Payload": {"input-value": 0}}
    answer = trial(INVOKED, given, mock=POKEMON, context=json.dumps(context), inspectionLevel="TRACE")
    check(CONTEXTS.format("edge_cases", case), answer)


@pytest.mark.parametrize(
    ("kind", "case", "definition", "context"),
    [
        ("invalid_states", "INVALID_STATE_PASS", {"Type": "Pass", "End": True}, {}),
        ("invalid_states", "TOKEN_TASK_NOT_SYNC", INVOKED, {"Task": {"Token": "token"}}),
        ("validation_failures", "INVALID_EXECUTION_FIELD", INVOKED, {"Execution": {"pokemon": "pikachu"}}),
        ("validation_failures", "INVALID_EXECUTION_ID_TYPE", INVOKED, {"Execution": {"Id": 1}}),
        ("validation_failures", "INVALID_FIELD", INVOKED, {"Pokedex": {}}),
        ("validation_failures", "INVALID_MAP", INVOKED, {"Map": {}}),
    ],
)
def test_context_object_validation(states: Any, kind: str, case: str, definition: Any, context: Any) -> None:
    error = told(states.test_state, definition=json.dumps(definition), mock=POKEMON, context=json.dumps(context))
    assert error == of(CONTEXTS.format(kind, case)).answers["exception"]
