"""`kill -9` while a pipe carries messages: every message that was accepted arrives at its target, changed as it should be."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.crash.platform import Victim, kills

KILLS = kills(part=20)
SEED = int(os.environ.get("UNDERCAST_SEED", "4566"))
ACCOUNT = "1" * 12


class Writer:
    """A thread that sends numbered messages, and remembers those that were acknowledged."""

    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs, self._url = sqs, url
        self._stop = threading.Event()
        self.acknowledged: set[int] = set()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(30)

    def _run(self) -> None:
        number = 0
        while not self._stop.wait(0.005):
            number += 1
            try:
                self._sqs.send_message(QueueUrl=self._url, MessageBody=json.dumps({"n": number}))
            except (BotoCoreError, ClientError):
                continue  # it may be there all the same
            self.acknowledged.add(number)


@pytest.mark.parametrize("driver", ["sqlite", "postgres"])
def test_every_acknowledged_message_arrives(tmp_path, driver, request):
    chance = random.Random(SEED)
    victim = Victim(tmp_path, request.getfixturevalue("postgres_url") if driver == "postgres" else "")
    victim.start()
    try:
        source, sink = _connect(victim)
        writer = Writer(victim.client("sqs"), source)
        for _ in range(KILLS):
            victim.kill_after(writer.acknowledged, chance.randint(5, 20), chance.uniform(0.0, 0.6))
            victim.start()
        writer.stop()
        assert len(writer.acknowledged) > 10
        _drain(victim, sink, writer.acknowledged)
    finally:
        victim.stop()


def _connect(victim: Victim) -> tuple[str, str]:
    sqs, pipes = victim.client("sqs"), victim.client("pipes")
    source = sqs.create_queue(QueueName="source", Attributes={"VisibilityTimeout": "5"})["QueueUrl"]
    sink = sqs.create_queue(QueueName="sink")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:"
    pipes.create_pipe(
        Name="pipe", Source=f"{arn}source", Target=f"{arn}sink", RoleArn=f"arn:aws:iam::{ACCOUNT}:role/r",
        TargetParameters={"InputTemplate": '{"carried": <$.body.n>}'},
    )  # fmt: skip
    while pipes.describe_pipe(Name="pipe")["CurrentState"] != "RUNNING":
        time.sleep(0.01)
    return source, sink


def _drain(victim: Victim, sink: str, wanted: set[int]) -> None:
    """Receive until all that is wanted came. The clock moves past leases and timeouts of what was killed."""
    sqs, until = victim.client("sqs", attempts=3), time.monotonic() + 60
    seen: set[int] = set()
    while not wanted <= seen:
        assert time.monotonic() < until, f"{len(wanted - seen)} messages were lost"
        answer = sqs.receive_message(QueueUrl=sink, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", ())
        for message in answer:
            seen.add(json.loads(message["Body"])["carried"])
            sqs.delete_message(QueueUrl=sink, ReceiptHandle=message["ReceiptHandle"])
        if not answer:
            victim.advance(35)
