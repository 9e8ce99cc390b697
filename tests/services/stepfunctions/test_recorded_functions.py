"""Recorded cases: tasks that call functions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.stepfunctions.recordings import check_history

INVOKE = "arn:aws:states:::lambda:invoke"
RAISES = 'def handler(event, context):\n    raise Exception("Some exception was raised.")\n'
RAISES_OWN = """class CustomException(Exception):
    def __init__(self):
        super().__init__("")


# The recording names line 9.

def handler(event, context):
    raise CustomException()
"""
EMPTY = "def handler(event, context):\n    return event\n"
GREETS = 'def handler(event, context):\n    return {"Return": "HelloWorld"}\n'
LARGE = 'def handler(event, context):\n    return "\\U0001f600" * 100_000\n'
PARAMETERS = {"FunctionName.$": "$.FunctionName", "Payload.$": "$.Payload"}


@pytest.fixture
def history(workflows: Any) -> Any:
    """Runs a workflow to its end and answers with its history."""
    return lambda definition, given: workflows.events(workflows.start(workflows.create(definition), given))


def invoking(name: str, parameters: dict[str, Any] = PARAMETERS, **more: Any) -> dict[str, Any]:
    return {"StartAt": name, "States": {name: {"Type": "Task", "Resource": INVOKE, "Parameters": parameters, **more}}}


def with_final(definition: dict[str, Any], name: str = "EndWithFinal", path: str = "$.final") -> dict[str, Any]:
    definition["States"][name] = {"Type": "Pass", "ResultPath": path, "End": True}
    return definition


def test_invoke(history: Any, function: Any) -> None:
    function(EMPTY)
    definition = with_final(invoking("Start", Next="EndWithFinal"))
    events = history(definition, {"FunctionName": "lambda_function_name", "Payload": None})
    check_history("lambda_task_service::TestTaskServiceLambda::test_invoke", events)


def test_invoke_with_its_log(history: Any, function: Any) -> None:
    function(EMPTY)
    parameters = {**PARAMETERS, "LogType.$": "$.LogType"}
    given = {"FunctionName": "lambda_function_name", "Payload": None, "LogType": "Tail"}
    events = history(with_final(invoking("Start", parameters, Next="EndWithFinal")), given)
    check_history("lambda_task_service::TestTaskServiceLambda::test_invoke_unsupported_param", events)


def test_a_function_that_is_not_there(history: Any) -> None:
    catch = [{"ErrorEquals": ["Lambda.ResourceNotFoundException"], "Next": "EndWithStateTaskFailedHandler"}]
    definition = with_final(
        invoking("Start", Catch=catch, End=True), "EndWithStateTaskFailedHandler", "$.task_failed_error"
    )
    events = history(definition, {"FunctionName": "no_such_function", "Payload": None})
    check_history("task_service_lambda::TestTaskServiceLambda::test_no_such_function_catch", events)


@pytest.mark.parametrize("path", ["$.Payload", "$.no.such.path", "None"])
def test_a_function_that_raises_is_caught(history: Any, function: Any, path: str) -> None:
    """The output path does not concern what a catcher gets."""
    function(RAISES)
    more = {} if path == "None" else {"OutputPath": path}
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "HandleGeneralError"}]
    definition = invoking("InvokeLambda", Catch=catch, End=True, **more)
    handler = {"Type": "Pass", "Parameters": {"InputValue.$": "$"}, "End": True}
    definition["States"]["HandleGeneralError"] = handler
    events = history(definition, {"FunctionName": "lambda_function_name", "Payload": {"payload_input_value_0": 0}})
    case = f"task_service_lambda::TestTaskServiceLambda::test_raise_exception_catch_output_path[{path}]"
    check_history(case, events)


def test_a_functions_own_arn(history: Any, function: Any) -> None:
    step = {"Type": "Task", "Resource": function(EMPTY), "End": True}
    events = history({"StartAt": "step1", "States": {"step1": step}}, {"body": "string body"})
    check_history("base_scenarios::TestBaseScenarios::test_lambda_invoke", events)


def test_one_function_after_the_other(history: Any, function: Any) -> None:
    first, second = function(GREETS, "first"), function(GREETS, "second")
    states = {
        "step1": {"Type": "Task", "Resource": first, "Next": "step2"},
        "step2": {"Type": "Task", "Resource": second, "ResultPath": "$.Return", "End": True},
    }
    events = history({"StartAt": "step1", "States": states}, {})
    check_history("lambda_task::TestTaskLambda::test_invoke_pipe", events)


def test_an_exception_by_its_own_name(history: Any, function: Any) -> None:
    catch = [{"ErrorEquals": ["CustomException"], "Next": "ErrorMatched"}]
    states = {
        "InvokeLambda": {"Type": "Task", "Resource": function(RAISES_OWN), "Catch": catch, "End": True},
        "ErrorMatched": {"Type": "Pass", "End": True},
    }
    given = {"FunctionName": "lambda_function_name", "Payload": None}
    events = history({"StartAt": "InvokeLambda", "States": states}, given)
    check_history("task_lambda::TestTaskLambda::test_raise_custom_exception", events)


def test_a_function_that_raises(history: Any, function: Any) -> None:
    step = {"Type": "Task", "Resource": function(RAISES), "End": True}
    given = {"FunctionName": "no_such_lambda_function_name", "Payload": None}
    events = history({"StartAt": "Start", "States": {"Start": step}}, given)
    check_history("task_lambda::TestTaskLambda::test_no_such_function", events)


def test_an_answer_that_is_too_large(history: Any, function: Any) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "CaughtError"}]
    states = {
        "InvokeLambda": {"Type": "Task", "Resource": function(LARGE), "Catch": catch, "End": True},
        "CaughtError": {"Type": "Pass", "End": True},
    }
    given = {"FunctionName": "lambda_function_name", "Payload": None}
    events = history({"StartAt": "InvokeLambda", "States": states}, given)
    case = (
        "states_errors::TestStatesErrors::test_task_lambda_catch_state_all_data_limit_exceeded_on_large_utf8_response"
    )
    check_history(case, events, "name")


def test_credentials_of_another_account(workflows: Any, function: Any, account: str, clock: Any) -> None:
    """The function is looked for in the account of the role."""
    other = f"{int(account) + 500_000_000:012d}"
    function(RAISES, account=other)
    retry = [{"ErrorEquals": ["Exception"], "MaxAttempts": 2, "IntervalSeconds": 1}]
    definition = invoking("InvokeLambda", Credentials={"RoleArn.$": "$.CredentialsRoleArn"}, Retry=retry, End=True)
    role = f"arn:aws:iam::{other}:role/trusted"
    given = {
        "CredentialsRoleArn": role,
        "FunctionName": "lambda_function_name",
        "Payload": '"PayloadFromTrustedAccount"',
    }
    execution = workflows.start(workflows.create(definition), given)
    for _ in range(2):
        clock.advance(seconds=3)
        workflows.settle()
    case = "credentials_base::TestCredentialsBase::test_cross_account_service_lambda_invoke_retry"
    check_history(case, workflows.events(execution))
