"""Express executions, synchronous and asynchronous."""

from __future__ import annotations

import json

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"done": True}, "End": True}}}


@pytest.fixture
def states(aws):
    """StartSyncExecution goes to a host of its own, which does not resolve here."""
    return aws("stepfunctions", config=Config(inject_host_prefix=False))


def test_a_synchronous_execution_answers_with_its_output(workflows, states):
    machine = workflows.create(PASS, type="EXPRESS")
    answer = states.start_sync_execution(stateMachineArn=machine, input='{"a": 1}', name="one")
    assert (answer["status"], json.loads(answer["output"]), answer["input"]) == (
        "SUCCEEDED",
        {"done": True},
        '{"a": 1}',
    )
    assert answer["executionArn"].split(":")[5:8] == ["express", "machine-1", "one"]
    assert answer["billingDetails"] == {"billedDurationInMilliseconds": 100, "billedMemoryUsedInMB": 64}


def test_a_synchronous_execution_tells_its_error(workflows, states):
    fail = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Bad", "Cause": "luck"}}}
    answer = states.start_sync_execution(stateMachineArn=workflows.create(fail, type="EXPRESS"))
    assert (answer["status"], answer["error"], answer["cause"]) == ("FAILED", "Bad", "luck")
    assert "output" not in answer


def test_a_standard_machine_is_not_run_synchronously(workflows, states):
    with pytest.raises(ClientError, match="StateMachineTypeNotSupported"):
        states.start_sync_execution(stateMachineArn=workflows.create(PASS))


def test_tasks_retries_and_branches_of_an_express_execution(workflows, states, aws):
    sqs = aws("sqs")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]

    def send(name: str, to: str) -> dict:
        task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True,
                "Parameters": {"QueueUrl": to, "MessageBody": name},
                "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1, "BackoffRate": 1}]}  # fmt: skip
        return {"StartAt": name, "States": {name: task}}

    parallel = {"Type": "Parallel", "Branches": [send("a", url), send("b", url)], "End": True}
    machine = workflows.create({"StartAt": "Both", "States": {"Both": parallel}}, type="EXPRESS")
    answer = states.start_sync_execution(stateMachineArn=machine)
    assert answer["status"] == "SUCCEEDED"
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert sorted(message["Body"] for message in messages) == ["a", "b"]


def test_an_express_execution_times_out(workflows, states):
    definition = {"StartAt": "W", "TimeoutSeconds": 1, "States": {"W": {"Type": "Wait", "Seconds": 60, "End": True}}}
    answer = states.start_sync_execution(stateMachineArn=workflows.create(definition, type="EXPRESS"))
    assert answer["status"] == "TIMED_OUT"


def test_an_asynchronous_execution_is_told_by_its_logs_alone(workflows, states, aws, account):
    logs = aws("logs")
    logs.create_log_group(logGroupName="flow")
    group = f"arn:aws:logs:us-east-1:{account}:log-group:flow:*"
    config = {
        "level": "ALL",
        "includeExecutionData": True,
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}],
    }
    machine = workflows.create(PASS, type="EXPRESS", loggingConfiguration=config)
    execution = workflows.start(machine)
    with pytest.raises(ClientError, match="Resource type not valid in this context: express"):
        states.describe_execution(executionArn=execution)
    with pytest.raises(ClientError, match="StateMachineTypeNotSupported"):
        states.list_executions(stateMachineArn=machine)
    records = [json.loads(event["message"]) for event in logs.filter_log_events(logGroupName="flow")["events"]]
    assert [record["type"] for record in records] == [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]
    assert {record["execution_arn"] for record in records} == {execution}
    assert json.loads(records[-1]["details"]["output"]) == {"done": True}
