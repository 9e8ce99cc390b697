"""`kill -9` while a stream is written, resharded and read by a function: every record is processed, in order."""

from __future__ import annotations

import io
import json
import os
import random
import sys
import threading
import time
import zipfile
from base64 import b64decode
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.crash.platform import Victim, kills

KILLS = kills(part=20)
SEED = int(os.environ.get("UNDERCAST_SEED", "4566"))
KEYS = "abcd"
BATCH = 20
CODE = """
import boto3, json, os
sqs = boto3.client("sqs")
def handler(event, context):
    records = [record["kinesis"] for record in event["Records"]]
    sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps(
        [[one["partitionKey"], one["sequenceNumber"], one["data"]] for one in records]))
"""


class Writer:
    """A thread that puts numbered records for each key, and remembers those that were acknowledged."""

    def __init__(self, kinesis: Any) -> None:
        self._kinesis = kinesis
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.acknowledged: dict[str, list[int]] = {key: [] for key in KEYS}
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(30)

    def _run(self) -> None:
        number = 0
        while not self._stop.wait(0.005):
            number += 1
            key = KEYS[number % len(KEYS)]
            try:
                self._kinesis.put_record(StreamName="s", Data=str(number).encode(), PartitionKey=key)
            except (BotoCoreError, ClientError):
                continue  # it may be there all the same
            self.acknowledged[key].append(number)


@pytest.mark.parametrize("driver", ["sqlite", "postgres"])
def test_every_acknowledged_record_is_processed(tmp_path, driver, request):
    chance = random.Random(SEED)
    victim = Victim(tmp_path, request.getfixturevalue("postgres_url") if driver == "postgres" else "")
    victim.start()
    try:
        out = _connect(victim)
        writer = Writer(victim.client("kinesis"))
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.2, 0.8))  # a moment to be killed in
            if chance.random() < 0.5:
                _reshard(victim, chance.randrange(1, 5))
            victim.kill()
            victim.start()
        writer.stop()
        victim.end_leases()
        seen = _processed(victim, out, {key: set(numbers) for key, numbers in writer.acknowledged.items()})
    finally:
        victim.stop()
    for key, records in seen.items():
        in_order = [number for _, number in sorted(set(records))]
        assert in_order == sorted(in_order)
        assert len(records) - len(set(records)) <= (KILLS + 1) * BATCH, "more than what was under way came again"
        assert set(writer.acknowledged[key]) <= set(in_order)


def _connect(victim: Victim) -> str:
    sqs, kinesis, functions = victim.client("sqs"), victim.client("kinesis"), victim.client("lambda")
    out: str = sqs.create_queue(QueueName="out")["QueueUrl"]
    kinesis.create_stream(StreamName="s", ShardCount=2)
    arn = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]["StreamARN"]
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("handler.py", CODE)
    functions.create_function(
        FunctionName="f", Runtime=f"python3.{sys.version_info[1]}", Handler="handler.handler",
        Role=f"arn:aws:iam::{'1' * 12}:role/r", Code={"ZipFile": package.getvalue()}, Timeout=10,
        Environment={"Variables": {"OUT": out}},
    )  # fmt: skip
    functions.create_event_source_mapping(
        FunctionName="f", EventSourceArn=arn, StartingPosition="LATEST", BatchSize=BATCH, ParallelizationFactor=2
    )
    while functions.list_event_source_mappings()["EventSourceMappings"][0]["State"] != "Enabled":
        time.sleep(0.01)
    return out


def _reshard(victim: Victim, count: int) -> None:
    try:
        victim.client("kinesis").update_shard_count(
            StreamName="s", TargetShardCount=count, ScalingType="UNIFORM_SCALING"
        )
    except ClientError as error:
        assert error.response["Error"]["Code"] in ("InvalidArgumentException", "LimitExceededException")


def _processed(victim: Victim, out: str, wanted: dict[str, set[int]]) -> dict[str, list[tuple[int, int]]]:
    """Sequence and number of every record that the function got, until it got all that is wanted."""
    sqs, until = victim.client("sqs", attempts=3), time.monotonic() + 60
    seen: dict[str, list[tuple[int, int]]] = {key: [] for key in KEYS}
    while any(not wanted[key] <= {number for _, number in seen[key]} for key in KEYS):
        assert time.monotonic() < until, "records were lost"
        for message in sqs.receive_message(QueueUrl=out, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", ()):
            for key, sequence, data in json.loads(message["Body"]):
                seen[key].append((int(sequence), int(b64decode(data))))
            sqs.delete_message(QueueUrl=out, ReceiptHandle=message["ReceiptHandle"])
    return seen
