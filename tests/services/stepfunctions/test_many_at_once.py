"""Many executions that begin and turn at the same moment, on several connections of PostgreSQL: none starts again."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest

from undercast.kit.call import Call
from undercast.kit.credentials import root_identity

MANY = {"pass": 300, "a distributed map": 3}  # each of which has 100 children; the others are 100
ROLE = "arn:aws:iam::123456789012:role/states"


@pytest.fixture(scope="session")
def undercast(on_postgres: Any) -> Any:
    """SQLite has one writer: there nothing can conflict."""
    return on_postgres


class Tries:
    """How often transactions that lost a race were run again, on a store."""

    def __init__(self, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.again = 0
        self._run = store.run
        monkeypatch.setattr(store, "run", self.run)

    async def run(self, work: Any, **options: Any) -> Any:
        tries = 0

        async def counted(db: Any) -> Any:
            nonlocal tries
            tries += 1
            self.again += tries > 1
            return await work(db)

        return await self._run(counted, **options)


def one(state: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": "One", "States": {"One": {**state, "Next": "End"}, "End": {"Type": "Pass", "End": True}}}


def task(resource: str, **parameters: Any) -> dict[str, Any]:
    return one({"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters})


DEFINITIONS = {
    "pass": one({"Type": "Pass"}),
    "a task that claims or adds": task("sqs:sendMessage", QueueUrl="QUEUE", MessageBody="it ran"),
    "a task that is serializable": task("dynamodb:putItem", TableName="table", Item={"id": {"S.$": "$$.Execution.Name"}}),
    "another execution": task("states:startExecution.sync:2", StateMachineArn="INNER"),
    "a distributed map": one(
        {
            "Type": "Map",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Child",
                "States": {"Child": {"Type": "Pass", "End": True}},
            },
            "ItemsPath": "$",
        }
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", DEFINITIONS)
def test_executions_that_begin_at_once_do_not_conflict(undercast, workflows, aws, account, kind, monkeypatch, caplog):
    aws("dynamodb").create_table(
        TableName="table", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    queue = aws("sqs").create_queue(QueueName="queue")["QueueUrl"]
    inner = workflows.create(DEFINITIONS["pass"])
    text = json.dumps(DEFINITIONS[kind]).replace("QUEUE", queue).replace("INNER", inner)
    machine = workflows.create(text)
    workflows.start(machine, [1])  # what is done once in an account is done
    tries = Tries(undercast.platform.store, monkeypatch)
    many, items = MANY.get(kind, 100), list(range(100))
    with caplog.at_level(logging.WARNING, "undercast.jobs"):
        undercast.run(start_at_once(undercast.platform, account, machine, many, items))
        workflows.settle()
    listed = workflows.client.get_paginator("list_executions").paginate(stateMachineArn=machine).build_full_result()
    assert [one["status"] for one in listed["executions"]] == ["SUCCEEDED"] * (many + 1)
    assert tries.again == 0
    assert not caplog.records  # no job failed, and so none was put off


def test_branches_that_end_at_once_are_all_counted(undercast, workflows, monkeypatch):
    """Their turns hold the execution's row, one after the other."""
    inner = workflows.create(DEFINITIONS["pass"])
    nested = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": True}
    branches = [
        {"StartAt": f"Branch{n}", "States": {f"Branch{n}": {**nested, "Parameters": {"StateMachineArn": inner}}}}
        for n in range(30)
    ]
    machine = workflows.create(
        {"StartAt": "All", "States": {"All": {"Type": "Parallel", "Branches": branches, "End": True}}}
    )
    tries = Tries(undercast.platform.store, monkeypatch)
    execution = workflows.start(machine)
    assert len(workflows.output(execution)) == 30
    assert tries.again == 0


def test_one_of_those_that_begin_with_a_name_at_once_wins(undercast, workflows, account):
    machine = workflows.create(one({"Type": "Wait", "Seconds": 1000}))
    answers = undercast.run(start_at_once(undercast.platform, account, machine, 20, [1], name="same"))
    assert len({answer["startDate"] for answer in answers}) == 1
    workflows.settle()
    assert len(workflows.client.list_executions(stateMachineArn=machine)["executions"]) == 1


async def start_at_once(
    platform: Any, account: str, machine: str, many: int, input: Any, **more: Any
) -> list[dict[str, Any]]:
    def start() -> Any:
        call = Call(
            platform,
            account=account,
            region="us-east-1",
            identity=root_identity(account),
            request_id="",
            service="test",
        )
        return call.aws.stepfunctions.start_execution(stateMachineArn=machine, input=json.dumps(input), **more)

    return await asyncio.gather(*(start() for _ in range(many)))
