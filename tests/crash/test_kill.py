"""`kill -9` at random moments under mixed load: nothing acknowledged is lost, nothing is half done.

UNDERCAST_KILLS sets how many kills (20 when nothing is said; CI says 100), UNDERCAST_SEED which run to repeat.
"""

from __future__ import annotations

import os
import random
from collections import Counter

import pytest

from tests.crash.load import Clients, Ledger, drain
from tests.crash.platform import Program, kills

KILLS = kills()
SEED = int(os.environ.get("UNDERCAST_SEED", "4566"))


class Load(Clients):
    """Messages, publications and objects."""

    def __init__(self, victim: Program, ledger: Ledger) -> None:
        self._victim = victim
        self.ledger = ledger
        self.sqs, self.sns, self.s3 = (victim.client(name) for name in ("sqs", "sns", "s3"))
        self.queue = self.sqs.create_queue(QueueName="work")["QueueUrl"]
        self.topic = self.sns.create_topic(Name="news")["TopicArn"]
        self.copies = [self._subscribed(f"copy-{n}") for n in (1, 2)]
        self.s3.create_bucket(Bucket="things")
        super().__init__(
            (self._send, self._send, self._send_batch, self._publish, self._put, self._consume, self._consume)
        )

    def _subscribed(self, name: str) -> str:
        url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        attributes = {"RawMessageDelivery": "true"}
        self.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
        return url

    def _send(self) -> None:
        name = self.ledger.next("one")
        self.sqs.send_message(QueueUrl=self.queue, MessageBody=name)
        self.ledger.acknowledged.add(name)

    def _send_batch(self) -> None:
        names = [self.ledger.next("batch") for _ in range(10)]
        entries = [{"Id": str(n), "MessageBody": name} for n, name in enumerate(names)]
        self.sqs.send_message_batch(QueueUrl=self.queue, Entries=entries)
        self.ledger.acknowledged.update(names)

    def _publish(self) -> None:
        name = self.ledger.next("news")
        self.sns.publish(TopicArn=self.topic, Message=name)
        self.ledger.acknowledged.add(name)

    def _put(self) -> None:
        name = self.ledger.next("object")
        size = 20 if random.random() < 0.8 else 300_000  # in the row, or in a file
        self.s3.put_object(Bucket="things", Key=name, Body=name.encode().ljust(size, b"."))
        self.ledger.acknowledged.add(name)

    def _consume(self) -> None:
        for message in self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=3).get("Messages", []):
            self.ledger.deleting.add(message["Body"])
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
            self.ledger.deleted.add(message["Body"])


@pytest.mark.timeout(900)
@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_nothing_acknowledged_is_lost(store, tmp_path, request):
    url = request.getfixturevalue("postgres_url") if store == "postgres" else ""
    chance, victim, ledger = random.Random(SEED), Program(tmp_path, url), Ledger()
    victim.start()
    load = Load(victim, ledger)
    load.start()
    for _ in range(KILLS):
        victim.kill_after(ledger.acknowledged, chance.randint(0, 10), chance.uniform(0.0, 0.2))
        victim.start()
    load.stop()
    victim.end_leases()  # and what was in flight when a client was cut off is visible again
    try:
        _check_work_queue(load)
        _check_copies(load)
        _check_objects(load)
    finally:
        victim.stop()
    restarts = sorted(victim.restarts_s)
    print(
        f"\n{store}: {KILLS} kills, {len(ledger.acknowledged)} acknowledged, restart median {restarts[len(restarts) // 2]:.2f} s"
    )


def _check_work_queue(load: Load) -> None:
    left, ledger = drain(load.sqs, load.queue), load.ledger
    sent = {name for name in ledger.acknowledged if name.startswith(("one", "batch"))}
    assert len(sent) > KILLS, "the load was no load"
    assert sent - left.keys() - ledger.deleting == set(), "acknowledged messages are lost"
    assert left.keys() & ledger.deleted == set(), "deleted messages came back"
    assert left.keys() - ledger.tried == set(), "messages that nobody sent"
    assert [name for name, count in left.items() if count > 1] == [], "messages stand twice in the queue"
    batches = Counter(name for name in left.keys() | ledger.deleting if name.startswith("batch"))
    assert set(batches) <= ledger.tried


def _check_copies(load: Load) -> None:
    first, second = (drain(load.sqs, url) for url in load.copies)
    published = {name for name in load.ledger.acknowledged if name.startswith("news")}
    assert published - first.keys() == set(), "acknowledged publications are lost"
    assert first == second, "a publication reached one queue and not the other"


def _check_objects(load: Load) -> None:
    put = {name for name in load.ledger.acknowledged if name.startswith("object")}
    pages = load.s3.get_paginator("list_objects_v2").paginate(Bucket="things")
    listed = {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}
    assert put - listed.keys() == set(), "acknowledged objects are lost"
    for name, size in listed.items():
        body = load.s3.get_object(Bucket="things", Key=name)["Body"].read()
        assert body == name.encode().ljust(size, b"."), "an object is not what was put"
