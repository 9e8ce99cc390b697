"""Recorded cases: tasks that wait for a token, or for another execution."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.services.stepfunctions.recordings import check_history, of

PATHS = "arn:aws:states:::"
NESTED = {"StateMachineArn.$": "$.StateMachineArn", "Input.$": "$.Input", "Name.$": "$.Name"}
ARNS = ("Content-Length",)  # which depends on the length of an ARN
TARGET = {"StartAt": "S", "States": {"S": {"Type": "Pass", "Result": {"Arg1": "argument1"}, "End": True}}}


def nesting(
    pattern: str = "", parameters: dict[str, str] = NESTED, resource: str = "states:startExecution"
) -> dict[str, Any]:
    task = {"Type": "Task", "Resource": PATHS + resource + pattern, "Parameters": parameters, "End": True}
    return {"StartAt": "StartExecution", "States": {"StartExecution": task}}


@pytest.fixture
def target(workflows: Any) -> str:
    return workflows.create(TARGET)


@pytest.fixture
def nested(workflows: Any, target: str) -> Any:
    """Runs a workflow that starts another; its history."""

    def run(definition: dict[str, Any]) -> list[dict[str, Any]]:
        given = {"StateMachineArn": target, "Input": None, "Name": "TestStartTarget"}
        return workflows.events(workflows.start(workflows.create(definition), given))

    return run


def test_start_execution(nested: Any) -> None:
    check_history("sfn_task_service::TestTaskServiceSfn::test_start_execution", nested(nesting()), *ARNS, "StartDate")


def test_start_execution_by_the_sdk(nested: Any) -> None:
    events = nested(nesting(resource="aws-sdk:sfn:startExecution"))
    check_history("aws_sdk_task_service::TestTaskServiceAwsSdk::test_sfn_start_execution", events)


def test_json_as_input_by_the_sdk(workflows: Any, target: str) -> None:
    states = {
        "SetupVariables": {"Type": "Pass", "Result": {"Input": {"key": "value"}}, "Next": "StartTarget"},
        "StartTarget": {
            "Type": "Task", "Resource": PATHS + "aws-sdk:sfn:startExecution", "End": True,
            "Parameters": {"StateMachineArn": target, "Input.$": "$.Input"},
        },
    }  # fmt: skip
    execution = workflows.start(workflows.create({"StartAt": "SetupVariables", "States": states}), {})
    case = "aws_sdk_task_service::TestTaskServiceAwsSdk::test_sfn_start_execution_implicit_json_serialisation"
    check_history(case, workflows.events(execution))
    child = workflows.events(execution)[6]["taskSucceededEventDetails"]["output"]
    assert json.loads(workflows.describe(json.loads(child)["ExecutionArn"])["input"]) == {"key": "value"}


_WHEN = ("StartDate", "StopDate")  # kept as names in the recordings
_CUT = ("ExecutionArn", "StateMachineArn")


@pytest.mark.parametrize(("pattern", "case"), [(".sync", "SFN_SYNC"), (".sync:2", "SFN_SYNC2")])
def test_wait_for_an_execution(nested: Any, pattern: str, case: str) -> None:
    name = f"base_callbacks::TestBaseScenarios::test_sfn_start_execution_sync[{case}]"
    check_history(name, nested(nesting(pattern)), *ARNS, *_WHEN, *_CUT)


def test_wait_for_an_execution_before_it_could_be_redriven(nested: Any) -> None:
    """An older recording."""
    redrive = ("RedriveCount", "RedriveStatus", "RedriveStatusReason")
    check_history(
        "callback::TestCallback::test_start_execution_sync", nested(nesting(".sync")), *ARNS, *_WHEN, *redrive
    )


@pytest.fixture
def queue(aws: Any) -> Any:
    return Queue(aws("sqs"))


class Queue:
    """Where tasks send their tokens."""

    def __init__(self, sqs: Any) -> None:
        self.sqs = sqs
        self.url = sqs.create_queue(QueueName="queue")["QueueUrl"]

    def receive(self) -> dict[str, Any]:
        (message,) = self.sqs.receive_message(QueueUrl=self.url)["Messages"]
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        body: dict[str, Any] = json.loads(message["Body"])
        return body


BODY = {"Message.$": "$.Message", "TaskToken.$": "$$.Task.Token"}


def asking(body: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A state that sends its token to the queue of its input."""
    return {
        "Type": "Task", "Resource": PATHS + "sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl.$": "$.QueueUrl", "MessageBody": body}, "End": True, **more,
    }  # fmt: skip


def machine(name: str, state: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"StartAt": name, "States": {name: state, **more}}


def test_success(workflows: Any, states: Any, queue: Any) -> None:
    definition = machine("SendMessageWithWait", asking(BODY))
    execution = workflows.start(workflows.create(definition), {"QueueUrl": queue.url, "Message": "test_message_txt"})
    message = queue.receive()
    states.send_task_success(taskToken=message["TaskToken"], output=json.dumps(message["Message"]))
    workflows.settle()
    check_history("callback::TestCallback::test_sqs_wait_for_task_token", workflows.events(execution), "TaskToken")


def test_failure(workflows: Any, states: Any, queue: Any) -> None:
    definition = machine("SendMessageWithWait", asking(BODY))
    execution = workflows.start(workflows.create(definition), {"QueueUrl": queue.url, "Message": "test_message_txt"})
    states.send_task_failure(taskToken=queue.receive()["TaskToken"], error="Failure error", cause="Failure cause")
    workflows.settle()
    check_history("callback::TestCallback::test_sqs_failure_in_wait_for_task_token", workflows.events(execution))


CONTEXT = {"Context.$": "$", "TaskToken.$": "$$.Task.Token"}
CATCH = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.states_all_error", "Next": "CaughtStatesALL"}]
CAUGHT = {"CaughtStatesALL": {"Type": "Pass", "End": True}}


def test_failure_that_is_caught(workflows: Any, states: Any, queue: Any) -> None:
    definition = machine("SendMessageWithWait", asking(CONTEXT, Catch=CATCH), **CAUGHT)
    execution = workflows.start(workflows.create(definition), {"QueueUrl": queue.url, "Message": "string-literal"})
    states.send_task_failure(taskToken=queue.receive()["TaskToken"], error="Failure error", cause="Failure cause")
    workflows.settle()
    name = "base_callbacks::TestBaseScenarios::test_sqs_wait_for_task_token_task_failure"
    check_history(name, workflows.events(execution), "QueueUrl")
    of(name).check("describe_execution_response", workflows.describe(execution), ignore=("QueueUrl",))


@pytest.mark.parametrize("case", ["SQS_PARALLEL_WAIT_FOR_TASK_TOKEN", "SQS_WAIT_FOR_TASK_TOKEN_CATCH"])
def test_failure_without_an_error(workflows: Any, states: Any, queue: Any, case: str) -> None:
    if "PARALLEL" in case:
        branch = machine("SendMessageWithWait", asking(CONTEXT))
        parallel = {"Type": "Parallel", "Branches": [branch], "Catch": CATCH, "End": True}
        definition = machine("ParallelJob", parallel, **CAUGHT)
    else:
        definition = machine("SendMessageWithWait", asking(CONTEXT, Catch=CATCH), **CAUGHT)
    execution = workflows.start(workflows.create(definition), {"QueueUrl": queue.url, "Message": "test_message_txt"})
    states.send_task_failure(taskToken=queue.receive()["TaskToken"])
    workflows.settle()
    name = f"callback::TestCallback::test_sqs_failure_in_wait_for_task_tok_no_error_field[{case}]"
    check_history(name, workflows.events(execution))


def test_heartbeats(workflows: Any, states: Any, queue: Any) -> None:
    state = asking(BODY, HeartbeatSecondsPath="$.HeartbeatSecondsPath", TimeoutSeconds=600)
    definition = machine("SendMessageWithWait", state)
    given = {"QueueUrl": queue.url, "Message": "txt", "HeartbeatSecondsPath": 120}
    execution = workflows.start(workflows.create(definition), given)
    message = queue.receive()
    for _ in range(3):
        states.send_task_heartbeat(taskToken=message["TaskToken"])
    states.send_task_success(taskToken=message["TaskToken"], output=json.dumps(message))
    workflows.settle()
    check_history(
        "callback::TestCallback::test_multiple_heartbeat_notifications", workflows.events(execution), "QueueUrl"
    )


def test_token_from_a_topic(workflows: Any, states: Any, queue: Any, aws: Any) -> None:
    sns = aws("sns")
    topic = sns.create_topic(Name="topic")["TopicArn"]
    arn = queue.sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    message = {"arg1.$": "$.body.arg1", "arg2.$": "$.body.arg2", "TaskToken.$": "$$.Task.Token"}
    task = {
        "Type": "Task", "Resource": PATHS + "sns:publish.waitForTaskToken", "End": True,
        "Parameters": {"TopicArn.$": "$.TopicArn", "Message": message},
    }  # fmt: skip
    given = {"TopicArn": topic, "body": {"arg1": "Hello", "arg2": "World"}}
    execution = workflows.start(workflows.create(machine("Publish", task)), given)
    received = queue.receive()
    states.send_task_success(taskToken=json.loads(received["Message"])["TaskToken"], output="{}")
    workflows.settle()
    name = "callback::TestCallback::test_sns_publish_wait_for_task_token"
    check_history(name, workflows.events(execution), "Content-Length")
    of(name).check("messages", [received])


def test_a_token_may_end_a_task_that_waits_for_an_execution(workflows: Any, states: Any, queue: Any) -> None:
    inner = workflows.create(machine("Wait", {"Type": "Wait", "Seconds": 1000, "End": True}))
    token = {"Input": {"QueueUrl.$": "$.QueueUrl", "TaskToken.$": "$$.Task.Token"}}
    definition = nesting(".sync", {"StateMachineArn.$": "$.StateMachineArn", "Name.$": "$.Name", **token})
    given = {"StateMachineArn": inner, "Name": "nested", "QueueUrl": queue.url}
    execution = workflows.start(workflows.create(definition), given)
    scheduled = json.loads(workflows.events(execution)[2]["taskScheduledEventDetails"]["parameters"])
    states.send_task_success(taskToken=scheduled["Input"]["TaskToken"], output='"SQS_SEND_MESSAGE_AND_WAIT"')
    workflows.settle()
    name = "callback::TestCallback::test_sync_with_task_token"
    check_history(name, workflows.events(execution), "QueueUrl", "StartDate", *ARNS)


@pytest.mark.parametrize("outcome", ["sendTaskSuccess", "sendTaskFailure"])
def test_a_token_that_is_none(workflows: Any, outcome: str) -> None:
    parameters = {"TaskToken.$": "$.TaskToken"}
    if outcome == "sendTaskSuccess":
        parameters["Output"] = "ParameterOutput"
    definition = nesting(resource=f"aws-sdk:sfn:{outcome}", parameters=parameters)
    execution = workflows.start(workflows.create(definition), {"TaskToken": "NoSuchTaskToken"})
    number = 0 if outcome == "sendTaskSuccess" else 1
    name = f"aws_sdk_task_service::TestTaskServiceAwsSdk::test_sfn_send_task_outcome_with_no_such_token[state_machine_template{number}]"
    check_history(name, workflows.events(execution))
