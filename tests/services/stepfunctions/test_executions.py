"""Executions: starting, listing, stopping, redriving, their histories and what is kept of them."""

from __future__ import annotations

import json

import pytest

from tests.services.stepfunctions.conftest import PASS, refused
from tests.services.stepfunctions.test_machines import WAIT, code
from tests.services.stepfunctions.test_run import chain


def test_a_history_is_paged_both_ways(workflows, states):
    execution = workflows.start(workflows.create(chain(*[{"Type": "Pass"}] * 5)))
    first = states.get_execution_history(executionArn=execution, maxResults=5)
    second = states.get_execution_history(executionArn=execution, maxResults=100, nextToken=first["nextToken"])
    assert [event["id"] for event in first["events"] + second["events"]] == list(range(1, 13))
    assert "nextToken" not in second
    back = states.get_execution_history(executionArn=execution, maxResults=10, reverseOrder=True)
    rest = states.get_execution_history(
        executionArn=execution, maxResults=10, reverseOrder=True, nextToken=back["nextToken"]
    )
    assert [event["id"] for event in back["events"] + rest["events"]] == list(range(12, 0, -1))
    assert "nextToken" not in rest


def test_a_history_without_data(workflows, states):
    execution = workflows.start(workflows.create(PASS), {"secret": 1})
    events = states.get_execution_history(executionArn=execution, includeExecutionData=False)["events"]
    assert "secret" not in json.dumps(events, default=str)
    assert events[1]["stateEnteredEventDetails"]["name"] == "Only"


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"input": "{"}, "InvalidExecutionInput"),
        ({"name": "a/b"}, "InvalidName"),
        ({"name": "x" * 81}, "ValidationException"),
        ({"input": '"' + "x" * 262_143 + '"'}, "ValidationException"),
        ({"stateMachineArn": "machine"}, "InvalidArn"),
    ],
)
def test_refused(workflows, states, change, wanted):
    given = {"stateMachineArn": workflows.create(PASS), **change}
    assert code(refused(states.start_execution, **given)) == wanted


def test_a_name_is_used_once(workflows, states):
    machine = workflows.create(PASS)
    workflows.start(machine, name="one")
    assert code(refused(states.start_execution, stateMachineArn=machine, name="one")) == "ExecutionAlreadyExists"


def test_executions_are_listed_by_their_status(workflows, states):
    machine = workflows.create(WAIT)
    running, stopped = workflows.start(machine), workflows.start(machine)
    states.stop_execution(executionArn=stopped, error="E", cause="C")

    def listed(**filters):
        return [one["executionArn"] for one in states.list_executions(stateMachineArn=machine, **filters)["executions"]]

    assert listed(statusFilter="RUNNING") == [running]
    assert listed(statusFilter="ABORTED") == [stopped]
    assert set(listed()) == {running, stopped}
    described = workflows.describe(stopped)
    assert (described["error"], described["cause"]) == ("E", "C")
    states.redrive_execution(executionArn=stopped)
    assert listed(redriveFilter="REDRIVEN") == [stopped]
    assert listed(redriveFilter="NOT_REDRIVEN") == [running]


def test_a_stopped_wait_waits_again_when_redriven(workflows, states, clock):
    clock.stop()
    execution = workflows.start(workflows.create(WAIT))
    clock.advance(seconds=999)
    states.stop_execution(executionArn=execution)
    states.redrive_execution(executionArn=execution)
    workflows.settle()
    clock.advance(seconds=999)
    workflows.settle()
    assert workflows.describe(execution)["status"] == "RUNNING"
    clock.advance(seconds=1)
    workflows.settle()
    assert workflows.describe(execution)["status"] == "SUCCEEDED"


def test_a_redrive_keeps_the_branches_that_succeeded(workflows, states, aws, account):
    sqs = aws("sqs")
    done = sqs.create_queue(QueueName="done")["QueueUrl"]

    def send(name: str, url: str) -> dict:
        task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": url, "MessageBody": name},
                "ResultSelector": {"name": name}, "End": True}  # fmt: skip
        return {"StartAt": name, "States": {name: task}}

    later = done.replace("/done", "/later")
    parallel = {"Type": "Parallel", "Branches": [send("a", done), send("b", later)], "End": True}
    execution = workflows.start(workflows.create({"StartAt": "Both", "States": {"Both": parallel}}))
    assert workflows.describe(execution)["status"] == "FAILED"
    sqs.create_queue(QueueName="later")
    states.redrive_execution(executionArn=execution)
    workflows.settle()
    assert workflows.output(execution) == [{"name": "a"}, {"name": "b"}]
    assert len(sqs.receive_message(QueueUrl=done, MaxNumberOfMessages=10)["Messages"]) == 1


def test_a_redrive_that_is_asked_for_again_is_the_same(workflows, states):
    execution = workflows.start(workflows.create(WAIT))
    states.stop_execution(executionArn=execution)
    first = states.redrive_execution(executionArn=execution, clientToken="token")["redriveDate"]
    assert states.redrive_execution(executionArn=execution, clientToken="token")["redriveDate"] == first
    assert (
        code(refused(states.redrive_execution, executionArn=execution, clientToken="other")) == "ExecutionNotRedrivable"
    )
    assert workflows.describe(execution)["redriveCount"] == 1


def test_what_succeeded_is_not_redriven(workflows, states):
    execution = workflows.start(workflows.create(PASS))
    assert code(refused(states.redrive_execution, executionArn=execution)) == "ExecutionNotRedrivable"


def test_redrive_is_over_after_two_weeks(workflows, states, clock):
    execution = workflows.start(workflows.create(chain({"Type": "Fail"})))
    clock.advance(days=15)
    assert workflows.describe(execution)["redriveStatus"] == "NOT_REDRIVABLE"
    assert code(refused(states.redrive_execution, executionArn=execution)) == "ExecutionNotRedrivable"


def test_an_execution_is_forgotten_after_ninety_days(workflows, states, clock):
    machine = workflows.create(PASS)
    execution = workflows.start(machine, name="again")
    clock.advance(days=89, stepwise=True)
    assert workflows.describe(execution)["status"] == "SUCCEEDED"
    clock.advance(days=3, stepwise=True)
    workflows.settle()
    assert code(refused(states.describe_execution, executionArn=execution)) == "ExecutionDoesNotExist"
    workflows.start(machine, name="again")


def test_standard_executions_write_logs(workflows, states, aws, account):
    logs = aws("logs")
    logs.create_log_group(logGroupName="flow")
    group = {"cloudWatchLogsLogGroup": {"logGroupArn": f"arn:aws:logs:us-east-1:{account}:log-group:flow:*"}}

    def logged(level: str) -> list[str]:
        config = {"level": level, "includeExecutionData": False, "destinations": [group]}
        execution = workflows.start(
            workflows.create(chain({"Type": "Pass"}, {"Type": "Fail", "Error": "E"}), loggingConfiguration=config),
            {"secret": 1},
        )
        found = [json.loads(event["message"]) for event in logs.filter_log_events(logGroupName="flow")["events"]]
        assert "secret" not in json.dumps(found)
        return [one["type"] for one in found if one["execution_arn"] == execution]

    assert logged("ALL") == [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "FailStateEntered",
        "ExecutionFailed",
    ]
    assert logged("ERROR") == ["FailStateEntered", "ExecutionFailed"]
    assert logged("FATAL") == ["ExecutionFailed"]


def test_an_event_starts_an_execution(workflows, states, aws):
    machine = workflows.create(PASS)
    events = aws("events")
    events.put_rule(Name="rule", EventPattern='{"source": ["shop"]}')
    events.put_targets(
        Rule="rule", Targets=[{"Id": "m", "Arn": machine, "RoleArn": "arn:aws:iam::123456789012:role/r"}]
    )
    events.put_events(Entries=[{"Source": "shop", "DetailType": "sale", "Detail": '{"n": 1}'}])
    workflows.settle()
    (execution,) = states.list_executions(stateMachineArn=machine)["executions"]
    assert json.loads(workflows.describe(execution["executionArn"])["input"])["detail"] == {"n": 1}
