"""`kill -9` at random moments while tables, streams, objects and events are written.

What belongs together is never half there: an item, its index rows and its stream record; an upload and its event.
What was accepted reaches everyone: an event its targets, a schedule its queue. UNDERCAST_KILLS and UNDERCAST_SEED as in
test_kill.py.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.crash.load import Clients, Ledger, drain
from tests.crash.platform import Victim, kills

KILLS = kills(part=8)
SEED = int(os.environ.get("UNDERCAST_SEED", "4566"))
ACCOUNT = "1" * 12
SHARD_RECORDS = 10_000


class Load(Clients):
    """Writers of items, transactions, records, objects, events and schedules."""

    def __init__(self, victim: Victim, ledger: Ledger) -> None:
        self.ledger = ledger
        names = ("dynamodb", "dynamodbstreams", "kinesis", "s3", "events", "scheduler", "sqs")
        self.clients = {name: victim.client(name) for name in names}
        self.queues = {name: self._queue(name) for name in ("objects", "events", "schedules")}
        self.stream_arn = self._table("items")
        self._table("left"), self._table("right")
        self._stream()
        self._bucket()
        self._rule()
        super().__init__(
            (
                self._put_item,
                self._update_item,
                self._transact,
                self._put_record,
                self._upload,
                self._event,
                self._schedule,
            )
        )

    def _queue(self, name: str) -> str:
        url: str = self.clients["sqs"].create_queue(QueueName=name)["QueueUrl"]
        return url

    def _table(self, name: str) -> str:
        keys = [{"AttributeName": "id", "KeyType": "HASH"}]
        index = {"IndexName": "by-kind", "Projection": {"ProjectionType": "ALL"},
                 "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}, {"AttributeName": "id", "KeyType": "RANGE"}]}  # fmt: skip
        made = self.clients["dynamodb"].create_table(
            TableName=name, KeySchema=keys, BillingMode="PAY_PER_REQUEST", GlobalSecondaryIndexes=[index],
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("id", "kind")],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )["TableDescription"]  # fmt: skip
        self.clients["dynamodb"].get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 0.05})
        arn: str = made["LatestStreamArn"]
        return arn

    def _stream(self) -> None:
        self.clients["kinesis"].create_stream(StreamName="records", ShardCount=2)
        self.clients["kinesis"].get_waiter("stream_exists").wait(StreamName="records", WaiterConfig={"Delay": 0.05})

    def _bucket(self) -> None:
        s3 = self.clients["s3"]
        s3.create_bucket(Bucket="things")
        wanted = {"QueueArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:objects", "Events": ["s3:ObjectCreated:*"]}
        self._let_send("objects", "s3.amazonaws.com")
        s3.put_bucket_notification_configuration(
            Bucket="things", NotificationConfiguration={"QueueConfigurations": [wanted]}
        )
        self.clients["sqs"].purge_queue(QueueUrl=self.queues["objects"])  # of the test event

    def _rule(self) -> None:
        events = self.clients["events"]
        self._let_send("events", "events.amazonaws.com")
        events.put_rule(Name="all", EventPattern='{"source": ["crash"]}')
        target = {"Id": "q", "Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:events", "InputPath": "$.detail.name"}
        events.put_targets(Rule="all", Targets=[target])

    def _let_send(self, queue: str, service: str) -> None:
        statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.clients["sqs"].set_queue_attributes(QueueUrl=self.queues[queue], Attributes={"Policy": policy})

    # --- the jobs ---

    def _put_item(self) -> None:
        name = self.ledger.next("item")
        self.clients["dynamodb"].put_item(TableName="items", Item={"id": {"S": name}, "kind": {"S": "new"}})
        self.ledger.acknowledged.add(name)

    def _update_item(self) -> None:
        name = self.ledger.next("update")
        self.clients["dynamodb"].update_item(
            TableName="items", Key={"id": {"S": f"counter-{len(name) % 3}"}}, ExpressionAttributeValues={":n": {"N": "1"}},
            UpdateExpression="ADD n :n",
        )  # fmt: skip
        self.ledger.acknowledged.add(name)

    def _transact(self) -> None:
        name = self.ledger.next("pair")
        item = {"id": {"S": name}, "kind": {"S": "pair"}}
        puts = [{"Put": {"TableName": table, "Item": item}} for table in ("left", "right")]
        self.clients["dynamodb"].transact_write_items(TransactItems=puts)
        self.ledger.acknowledged.add(name)

    def _put_record(self) -> None:
        name = self.ledger.next("record")
        self.clients["kinesis"].put_record(StreamName="records", PartitionKey=name, Data=name.encode())
        self.ledger.acknowledged.add(name)

    def _upload(self) -> None:
        name = self.ledger.next("object")
        self.clients["s3"].put_object(Bucket="things", Key=name, Body=b"x")
        self.ledger.acknowledged.add(name)

    def _event(self) -> None:
        name = self.ledger.next("event")
        entry = {"Source": "crash", "DetailType": "happened", "Detail": json.dumps({"name": name})}
        assert self.clients["events"].put_events(Entries=[entry])["FailedEntryCount"] == 0
        self.ledger.acknowledged.add(name)

    def _schedule(self) -> None:
        name = self.ledger.next("schedule")
        at = (datetime.now(UTC) + timedelta(seconds=60)).strftime("%Y-%m-%dT%H:%M:%S")
        target = {"Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:schedules", "Input": name,
                  "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/schedules"}  # fmt: skip
        self.clients["scheduler"].create_schedule(
            Name=name, ScheduleExpression=f"at({at})", FlexibleTimeWindow={"Mode": "OFF"}, Target=target,
            ActionAfterCompletion="DELETE",
        )  # fmt: skip
        self.ledger.acknowledged.add(name)

    # --- what is there ---

    def scan(self, table: str, **more: Any) -> dict[str, dict[str, Any]]:
        pages = self.clients["dynamodb"].get_paginator("scan").paginate(TableName=table, **more)
        return {item["id"]["S"]: item for page in pages for item in page["Items"]}

    def changes(self) -> list[dict[str, Any]]:
        """Every record of the table's stream, in the order of each shard."""
        streams = self.clients["dynamodbstreams"]
        found = []
        for shard in streams.describe_stream(StreamArn=self.stream_arn)["StreamDescription"]["Shards"]:
            iterator = streams.get_shard_iterator(
                StreamArn=self.stream_arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            while iterator:
                answer = streams.get_records(ShardIterator=iterator)
                found += [record["dynamodb"] | {"name": record["eventName"]} for record in answer["Records"]]
                iterator = answer.get("NextShardIterator") if answer["Records"] else None
        return found

    def records(self) -> list[str]:
        kinesis = self.clients["kinesis"]
        found = []
        for shard in kinesis.list_shards(StreamName="records")["Shards"]:
            iterator = kinesis.get_shard_iterator(
                StreamName="records", ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            while True:
                answer = kinesis.get_records(ShardIterator=iterator, Limit=SHARD_RECORDS)
                found += [record["Data"].decode() for record in answer["Records"]]
                iterator = answer["NextShardIterator"]
                if not answer["MillisBehindLatest"] and not answer["Records"]:
                    break
        return found


@pytest.mark.timeout(900)
@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_nothing_is_lost_and_nothing_is_half_done(store, tmp_path, request):
    url = request.getfixturevalue("postgres_url") if store == "postgres" else ""
    chance, victim, ledger = random.Random(SEED), Victim(tmp_path, url), Ledger()
    victim.start()
    load = Load(victim, ledger)
    load.start()
    for _ in range(KILLS):
        victim.kill_after(ledger.acknowledged, chance.randint(0, 30), chance.uniform(0.0, 0.8))
        victim.start()
    load.stop()
    try:
        victim.advance(600)  # retries and schedules that are still to come
        _check_items(load)
        _check_stream(load)
        _check_records(load)
        _check_objects(load)
        _check_arrived(load, "event", "events", json.loads)
        _check_arrived(load, "schedule", "schedules", str)
    finally:
        victim.stop()
    print(f"\n{store}: {KILLS} kills, {len(ledger.acknowledged)} acknowledged")


def _acknowledged(load: Load, kind: str) -> set[str]:
    found = {name for name in load.ledger.acknowledged if name.startswith(f"{kind}-")}
    assert found, f"no {kind} was acknowledged"
    return found


def _check_items(load: Load) -> None:
    items = load.scan("items")
    assert _acknowledged(load, "item") - items.keys() == set(), "acknowledged items are lost"
    new = {name: item for name, item in items.items() if "kind" in item}
    assert load.scan("items", IndexName="by-kind") == new, "the index is not what the table is"
    left, right = load.scan("left"), load.scan("right")
    assert _acknowledged(load, "pair") - left.keys() == set(), "acknowledged transactions are lost"
    assert left == right, "half of a transaction is there"
    counted = sum(int(item["n"]["N"]) for name, item in items.items() if name.startswith("counter"))
    tried = sum(name.startswith("update-") for name in load.ledger.tried)
    assert len(_acknowledged(load, "update")) <= counted <= tried, "updates were lost or done twice"


def _check_stream(load: Load) -> None:
    """The changes, one after the other, make the table: each once, in order."""
    table: dict[str, Any] = {}
    for change in load.changes():
        key = change["Keys"]["id"]["S"]
        assert table.get(key) == change.get("OldImage"), f"a change of {key} is missing, doubled or out of order"
        assert (change["name"] == "INSERT") == (key not in table)
        table[key] = change["NewImage"]
    assert table == load.scan("items"), "the stream does not make the table"


def _check_records(load: Load) -> None:
    found = load.records()
    assert _acknowledged(load, "record") - set(found) == set(), "acknowledged records are lost"
    assert len(found) == len(set(found)), "a record stands twice in the stream"


def _check_objects(load: Load) -> None:
    pages = load.clients["s3"].get_paginator("list_objects_v2").paginate(Bucket="things")
    listed = {item["Key"] for page in pages for item in page.get("Contents", [])}
    assert _acknowledged(load, "object") - listed == set(), "acknowledged objects are lost"
    bodies = drain(load.clients["sqs"], load.queues["objects"])
    told = {record["s3"]["object"]["key"] for body in bodies for record in json.loads(body).get("Records", ())}
    assert told == listed, "an upload without its event, or an event without its upload"


def _check_arrived(load: Load, kind: str, queue: str, read: Any) -> None:
    """At least once: a second delivery is allowed, none is not."""
    wanted, arrived = _acknowledged(load, kind), Counter[str]()
    until = time.monotonic() + 60
    while wanted - arrived.keys() and time.monotonic() < until:
        arrived.update(read(body) for body in drain(load.clients["sqs"], load.queues[queue]))
    assert wanted - arrived.keys() == set(), f"an accepted {kind} never arrived"
    assert arrived.keys() <= load.ledger.tried
