"""Tasks that wait for a worker: tokens, activities, timeouts and heartbeats."""

from __future__ import annotations

import json
import threading

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def queue(aws):
    sqs = aws("sqs")
    return sqs, sqs.create_queue(QueueName="work")["QueueUrl"]


def waiting(url: str, **more) -> dict:
    body = {"token.$": "$$.Task.Token", "input.$": "$"}
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True,
            "Parameters": {"QueueUrl": url, "MessageBody": body}, **more}  # fmt: skip
    return {"StartAt": "Ask", "States": {"Ask": task}}


def token_of(queue) -> str:
    sqs, url = queue
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    return json.loads(message["Body"])["token"]


def test_a_task_ends_when_its_token_comes_back(workflows, states, queue):
    execution = workflows.start(workflows.create(waiting(queue[1])), {"n": 1})
    assert workflows.describe(execution)["status"] == "RUNNING"
    token = token_of(queue)
    states.send_task_success(taskToken=token, output='{"ok": true}')
    workflows.settle()
    assert workflows.output(execution) == {"ok": True}
    assert workflows.types(execution)[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]
    with pytest.raises(ClientError, match="TaskTimedOut"):
        states.send_task_success(taskToken=token, output="{}")


def test_a_worker_tells_of_its_failure(workflows, states, queue):
    execution = workflows.start(workflows.create(waiting(queue[1])), {})
    states.send_task_failure(taskToken=token_of(queue), error="Broken", cause="by hand")
    described = workflows.describe(execution)
    assert (described["status"], described["error"], described["cause"]) == ("FAILED", "Broken", "by hand")


@pytest.mark.parametrize("token", ["nonsense", "W10"])
def test_a_token_of_nobody_is_refused(states, token):
    with pytest.raises(ClientError, match="Invalid Token: 'Invalid token'"):
        states.send_task_heartbeat(taskToken=token)


def test_output_that_is_no_json_is_refused(workflows, states, queue):
    workflows.start(workflows.create(waiting(queue[1])), {})
    with pytest.raises(ClientError, match="InvalidOutput"):
        states.send_task_success(taskToken=token_of(queue), output="{")


def test_a_task_times_out(workflows, queue, clock):
    clock.stop()
    execution = workflows.start(workflows.create(waiting(queue[1], TimeoutSeconds=600)), {})
    clock.advance(seconds=600)
    workflows.settle()
    described = workflows.describe(execution)
    assert (described["status"], described["error"]) == ("FAILED", "States.Timeout")
    assert "TaskTimedOut" in workflows.types(execution)


def test_heartbeats_keep_a_task_alive(workflows, states, queue, clock):
    clock.stop()
    execution = workflows.start(workflows.create(waiting(queue[1], HeartbeatSeconds=60)), {})
    token = token_of(queue)
    for _ in range(3):
        clock.advance(seconds=59)
        states.send_task_heartbeat(taskToken=token)
        workflows.settle()
        assert workflows.describe(execution)["status"] == "RUNNING"
    clock.advance(seconds=60)
    workflows.settle()
    assert workflows.describe(execution)["status"] == "FAILED"


def activity_machine(arn: str, **more) -> dict:
    return {"StartAt": "Do", "States": {"Do": {"Type": "Task", "Resource": arn, "End": True, **more}}}


def test_a_worker_takes_an_activitys_task(workflows, states):
    arn = states.create_activity(name="pack")["activityArn"]
    execution = workflows.start(workflows.create(activity_machine(arn)), {"n": 1})
    task = states.get_activity_task(activityArn=arn, workerName="anna")
    assert json.loads(task["input"]) == {"n": 1}
    states.send_task_success(taskToken=task["taskToken"], output="[2]")
    workflows.settle()
    assert workflows.output(execution) == [2]
    assert workflows.types(execution)[2:5] == ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]
    assert workflows.events(execution)[3]["activityStartedEventDetails"] == {"workerName": "anna"}


def test_a_worker_waits_for_a_task_to_come(workflows, states):
    arn = states.create_activity(name="pack")["activityArn"]
    found = []
    worker = threading.Thread(target=lambda: found.append(states.get_activity_task(activityArn=arn)))
    worker.start()
    workflows.start(workflows.create(activity_machine(arn)), {})
    worker.join(10)
    assert found[0]["taskToken"]


def test_a_worker_that_waited_in_vain_gets_nothing(states, clock):
    arn = states.create_activity(name="idle")["activityArn"]
    found = []
    worker = threading.Thread(target=lambda: found.append(states.get_activity_task(activityArn=arn)))
    worker.start()
    while not found:
        clock.advance(seconds=61)
        worker.join(0.05)
    assert "taskToken" not in found[0]


def test_the_task_of_a_stopped_execution_is_not_given_to_workers(workflows, states, clock):
    arn = states.create_activity(name="pack")["activityArn"]
    machine = workflows.create(activity_machine(arn))
    stopped, kept = workflows.start(machine, {"n": 1}), workflows.start(machine, {"n": 2})
    states.stop_execution(executionArn=stopped, error="E", cause="C")
    task = states.get_activity_task(activityArn=arn)
    assert json.loads(task["input"]) == {"n": 2}
    assert workflows.describe(stopped)["status"] == "ABORTED"
    assert workflows.describe(kept)["status"] == "RUNNING"


def test_an_execution_waits_for_another(workflows, states):
    arn = states.create_activity(name="slow")["activityArn"]
    inner = workflows.create(activity_machine(arn))
    task = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": True,
            "Parameters": {"StateMachineArn": inner, "Input": {"n": 5}}, "OutputPath": "$.Output"}  # fmt: skip
    outer = workflows.start(workflows.create({"StartAt": "Inner", "States": {"Inner": task}}))
    assert workflows.describe(outer)["status"] == "RUNNING"
    work = states.get_activity_task(activityArn=arn)
    states.send_task_success(taskToken=work["taskToken"], output='{"n": 6}')
    workflows.settle()
    assert workflows.output(outer) == {"n": 6}
