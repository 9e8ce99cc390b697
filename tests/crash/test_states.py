"""`kill -9` while workflows run: each ends as if nothing had happened, and what its tasks did is there exactly once.

Every execution has parallel branches, a wait, a retry, a callback and maps, inline and distributed. UNDERCAST_KILLS and
UNDERCAST_SEED as in test_kill.py.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.crash.load import Clients, Ledger, drain
from tests.crash.platform import Victim, kills

KILLS = kills(part=10)
SEED = int(os.environ.get("UNDERCAST_SEED", "4566"))
EXECUTIONS = 10 * KILLS
ACCOUNT = "1" * 12
ROLE = f"arn:aws:iam::{ACCOUNT}:role/states"
ITEMS = [0, 1, 2]


class Load(Clients):
    """Starts executions, and answers their callbacks."""

    def __init__(self, victim: Victim) -> None:
        self.ledger = Ledger()
        self.states, self.sqs, self.dynamodb = (victim.client(name) for name in ("stepfunctions", "sqs", "dynamodb"))
        self.callbacks = self._queue("callbacks", VisibilityTimeout="2")
        self.effects = self._queue("effects")
        missing = self.effects.replace("effects", "missing")
        self.dynamodb.create_table(
            TableName="counts", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )  # fmt: skip
        definition = json.dumps(_definition(self.callbacks, self.effects, missing))
        made = self.states.create_state_machine(name="journey", definition=definition, roleArn=ROLE)
        self.machine: str = made["stateMachineArn"]
        super().__init__((self._start, self._answer, self._answer))

    def _queue(self, name: str, **attributes: str) -> str:
        url: str = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url

    def _start(self) -> None:
        if len(self.ledger.acknowledged) >= EXECUTIONS:
            time.sleep(0.05)
            return
        name = self.ledger.next("execution")
        self.states.start_execution(
            stateMachineArn=self.machine, name=name, input=json.dumps({"name": name, "items": ITEMS})
        )
        self.ledger.acknowledged.add(name)

    def _answer(self) -> None:
        """A message whose answer was lost comes again; its task may be over then."""
        for message in self.sqs.receive_message(QueueUrl=self.callbacks, WaitTimeSeconds=1).get("Messages", []):
            body = json.loads(message["Body"])
            try:
                self.states.send_task_success(taskToken=body["token"], output=json.dumps(body["name"]))
            except ClientError as error:
                if error.response["Error"]["Code"] != "TaskTimedOut":
                    raise
            self.sqs.delete_message(QueueUrl=self.callbacks, ReceiptHandle=message["ReceiptHandle"])

    def running(self) -> int:
        pages = self.states.get_paginator("list_executions").paginate(
            stateMachineArn=self.machine, statusFilter="RUNNING"
        )
        return sum(len(page["executions"]) for page in pages)

    def all(self) -> dict[str, dict[str, Any]]:
        pages = self.states.get_paginator("list_executions").paginate(stateMachineArn=self.machine)
        found = [one for page in pages for one in page["executions"]]
        return {one["name"]: self.states.describe_execution(executionArn=one["executionArn"]) for one in found}


def _definition(callbacks: str, effects: str, missing: str) -> dict[str, Any]:
    def send(queue: str, body: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "ResultPath": None,
                "Parameters": {"QueueUrl": queue, "MessageBody": body}, **more}  # fmt: skip

    count = {
        "Type": "Task", "Resource": "arn:aws:states:::dynamodb:updateItem", "ResultPath": None,
        "Parameters": {
            "TableName": "counts", "Key": {"id": {"S": "all"}}, "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        },
    }  # fmt: skip
    ask = send(callbacks, {"token.$": "$$.Task.Token", "name.$": "$.name"}, End=True)
    ask["Resource"] += ".waitForTaskToken"
    del ask["ResultPath"]
    retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}
    lost = send(
        missing,
        {"name.$": "$.name"},
        Retry=[retry],
        Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
        End=True,
    )
    item = {"name.$": "$$.Execution.Name", "item.$": "$"}

    def iterate(name: str, **config: Any) -> dict[str, Any]:
        task = send(effects, {**item, "map": name, "item.$": "$.item", "name.$": "$.name"}, End=True)
        selector = {"item.$": "$$.Map.Item.Value", "name.$": "$.name"}
        processor = {"StartAt": f"Send{name}", "States": {f"Send{name}": task}, **config}
        return {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemSelector": selector,
            "ItemProcessor": processor,
            "ResultPath": None,
        }

    branches = [
        {"StartAt": "Count", "States": {"Count": {**count, "Next": "Rest"}, "Rest": {"Type": "Wait", "Seconds": 1, "Next": "CountAgain"},
                                        "CountAgain": {**count, "End": True}}},
        {"StartAt": "Ask", "States": {"Ask": ask}},
        {"StartAt": "Lost", "States": {"Lost": lost, "Caught": {"Type": "Pass", "Result": "caught", "End": True}}},
    ]  # fmt: skip
    child = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    return {
        "StartAt": "Together",
        "States": {
            "Together": {"Type": "Parallel", "Branches": branches, "ResultPath": "$.together", "Next": "Each"},
            "Each": {**iterate("Inline"), "Next": "Children"},
            "Children": {**iterate("Distributed", ProcessorConfig=child), "End": True},
        },
    }


@pytest.mark.timeout(900)
@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_every_execution_ends_as_if_nothing_had_happened(store, tmp_path, request):
    chance = random.Random(SEED)
    victim = Victim(tmp_path, request.getfixturevalue("postgres_url") if store == "postgres" else "")
    victim.start()
    load = Load(victim)
    load.start()
    try:
        for _ in range(KILLS):
            time.sleep(
                chance.uniform(0.1, 0.9)
            )  # the moment of the kill is the test's chance, not a wait for something
            victim.kill()
            victim.start()
        victim.end_leases()
        _wait_for_the_end(load)
        load.stop()
        _check(load)
    finally:
        victim.stop()
    print(f"\n{store}: {KILLS} kills, {len(load.ledger.acknowledged)} executions")


def _wait_for_the_end(load: Load) -> None:
    until = time.monotonic() + 300
    while len(load.ledger.acknowledged) < EXECUTIONS or load.running():
        assert time.monotonic() < until, "executions do not end"
        time.sleep(0.2)


def _check(load: Load) -> None:
    executions = load.all()
    assert load.ledger.acknowledged <= executions.keys() <= load.ledger.tried
    for name, described in executions.items():
        assert described["status"] == "SUCCEEDED", (name, described)
        output = json.loads(described["output"])
        start = {"name": name, "items": ITEMS}
        assert output == {**start, "together": [start, name, "caught"]}
    item = load.dynamodb.get_item(TableName="counts", Key={"id": {"S": "all"}})["Item"]
    assert int(item["n"]["N"]) == 2 * len(executions)
    wanted = Counter((name, kind, item) for name in executions for kind in ("Inline", "Distributed") for item in ITEMS)
    bodies = [(json.loads(body), times) for body, times in drain(load.sqs, load.effects).items()]
    assert Counter({(body["name"], body["map"], body["item"]): times for body, times in bodies}) == wanted
