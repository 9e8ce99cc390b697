"""Recorded cases: many executions at once, express contexts, logs, time limits."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.services.stepfunctions.recordings import check_history, of

SEND = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
VARYING = ("SdkHttpMetadata", "SdkResponseMetadata", "QueueUrl", "TaskToken", "MessageId", "MD5OfMessageBody")


@pytest.fixture
def queue(sqs: Any) -> str:
    url: str = sqs.create_queue(QueueName="queue")["QueueUrl"]
    return url


@pytest.fixture
def receive(sqs: Any, queue: str) -> Any:
    """`receive()`: what the next message says; it is deleted."""

    def take() -> dict[str, Any]:
        (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        body: dict[str, Any] = json.loads(message["Body"])
        return body

    return take


def test_multiple_executions_and_heartbeat_notifications(workflows: Any, states: Any, queue: str, receive: Any) -> None:
    task = {
        "Type": "Task", "Resource": SEND, "TimeoutSeconds": 600, "HeartbeatSecondsPath": "$.HeartbeatSecondsPath",
        "Parameters": {
            "QueueUrl.$": "$.QueueUrl", "MessageBody": {"Message.$": "$.Message", "TaskToken.$": "$$.Task.Token"},
        },
        "End": True,
    }  # fmt: skip
    machine = workflows.create({"StartAt": "SendMessageWithWait", "States": {"SendMessageWithWait": task}})
    name = "callback::TestCallback::test_multiple_executions_and_heartbeat_notifications"
    steps = sorted(of(name).answers)
    given = {"QueueUrl": queue, "Message": "txt", "HeartbeatSecondsPath": 120}
    executions = [workflows.start(machine, given) for _ in steps]
    messages = [receive() for _ in executions]
    for message in messages:
        states.send_task_heartbeat(taskToken=message["TaskToken"])
        states.send_task_success(taskToken=message["TaskToken"], output=json.dumps(message))
    workflows.settle()
    for step, execution in zip(steps, executions, strict=True):
        check_history(name, workflows.events(execution), *VARYING, step=step)


@pytest.mark.parametrize("outcome", ["success", "failure"])
def test_wait_for_callback(workflows: Any, states: Any, queue: str, receive: Any, outcome: str) -> None:
    body = {
        "MessageTitle": "Task started by Step Functions. Waiting for callback with task token.",
        "TaskToken.$": "$$.Task.Token", "ShouldFail.$": "$.shouldfail",
    }  # fmt: skip
    task = {
        "Type": "Task", "Resource": SEND, "Parameters": {"QueueUrl": queue, "MessageBody": body},
        "Next": "Succeed State", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Fail State"}],
    }  # fmt: skip
    first, last = (
        "Start Task And Wait For Callback",
        {"Succeed State": {"Type": "Succeed"}, "Fail State": {"Type": "Fail"}},
    )
    definition = {"StartAt": first, "States": {first: task, **last}}
    machine = workflows.create(definition)
    case = of("sfn_scenarios::TestFundamental::test_wait_for_callback")
    case.check("describe_statemachine", states.describe_state_machine(stateMachineArn=machine), ignore=("QueueUrl",))
    started = states.start_execution(
        stateMachineArn=machine, input=json.dumps({"shouldfail": "no" if outcome == "success" else "yes"})
    )
    case.check(f"{outcome}__start_execution_result", started)
    workflows.settle()
    token, execution = receive()["TaskToken"], started["executionArn"]
    if outcome == "success":
        states.send_task_success(taskToken=token, output='{"message": "Successfully executed lambda"}')
    else:
        states.send_task_failure(taskToken=token, error="IntentionalFail", cause="Intentional failure")
    workflows.settle()
    # An older recording: it does not know of redrives.
    redrive = ("redriveCount", "redriveStatus", "redriveStatusReason")
    case.check(f"{outcome}__describe_ex_done", states.describe_execution(executionArn=execution), ignore=redrive)
    history = states.get_execution_history(executionArn=execution)
    case.check(f"{outcome}__execution_history", history, ignore=VARYING)


def test_fixed_timeout_lambda(workflows: Any, function: Any, clock: Any) -> None:
    arn = function("import time\ndef handler(event, context):\n    time.sleep(2)\n")
    task = {"Type": "Task", "Resource": arn, "TimeoutSeconds": 5, "End": True}
    machine = workflows.create({"StartAt": "Start", "States": {"Start": task}})
    execution = workflows.client.start_execution(stateMachineArn=machine, input='{"Payload": null}')["executionArn"]
    while "LambdaFunctionStarted" not in workflows.types(execution):
        pass
    clock.advance(seconds=5)
    workflows.settle()
    check_history("timeouts::TestTimeouts::test_fixed_timeout_lambda", workflows.events(execution))


def test_query_runtime_memory(workflows: Any, states: Any) -> None:
    paths = {
        "context_object": "$$", "execution": "$$.Execution", "execution_id": "$$.Execution.Id",
        "execution_input": "$$.Execution.Input", "execution_name": "$$.Execution.Name",
        "execution_rolearn": "$$.Execution.RoleArn", "execution_starttime": "$$.Execution.StartTime",
        "state": "$$.State", "state_enteredtime": "$$.State.EnteredTime", "state_name": "$$.State.Name",
        "statemachine": "$$.StateMachine", "statemachine_id": "$$.StateMachine.Id",
        "statemachine_name": "$$.StateMachine.Name",
    }  # fmt: skip

    def query(number: int, names: list[str], **more: Any) -> dict[str, Any]:
        parameters = {f"{name}.$": paths[name] for name in names}
        return {"Type": "Pass", "Parameters": parameters, "ResultPath": f"$.query_values_{number}", **more}

    definition = {"StartAt": "QueryValues1", "States": {
        "QueryValues1": query(1, list(paths), Next="QueryValues2"),
        "QueryValues2": query(2, ["context_object"], End=True),
    }}  # fmt: skip
    machine = workflows.create(definition, type="EXPRESS")
    answer = states.start_sync_execution(stateMachineArn=machine, input='{"message": "TestMessage"}')
    ignore = ("RoleArn", "execution_rolearn", "StartTime", "execution_starttime", "EnteredTime", "state_enteredtime")
    case = of("express_sync::TestExpressSync::test_query_runtime_memory")
    case.check("start_execution_sync_response", answer, ignore=ignore)


def test_log_group_with_multiple_runs(workflows: Any, aws: Any, account: str, region: str) -> None:
    logs, destination = aws("logs"), f"arn:aws:logs:{region}:{account}:log-group:machine:*"
    logs.create_log_group(logGroupName="machine")
    config = {
        "level": "ALL", "includeExecutionData": False,
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": destination}}],
    }  # fmt: skip
    definition = {"StartAt": "State_1", "States": {"State_1": {"Type": "Pass", "End": True}}}
    machine = workflows.create(definition, loggingConfiguration=config)
    executions = [workflows.start(machine) for _ in range(3)]
    found = [json.loads(event["message"]) for event in logs.filter_log_events(logGroupName="machine")["events"]]
    found.sort(key=lambda event: (executions.index(event["execution_arn"]), int(event["id"])))
    case = of("logs::TestLogs::test_log_group_with_multiple_runs")
    case.check("logged_execution_events", found, ignore=("roleArn",))
