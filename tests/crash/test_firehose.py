"""`kill -9` while records are buffered and delivered: what was accepted arrives in the bucket, once."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.crash.platform import Victim, kills

KILLS = kills(part=16)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_accepted_records_are_delivered_once(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> None:
    postgres = request.getfixturevalue("postgres_url") if database == "postgres" else ""
    victim, chance = Victim(tmp_path, postgres), random.Random(4566)
    victim.start()
    try:
        _make_stream(victim)
        accepted: set[str] = set()
        for _ in range(KILLS):
            _load_until_killed(victim, accepted, chance.randint(5, 30), chance.uniform(0.0, 0.4))
            victim.start()
        assert len(accepted) > 20
        victim.advance(900)
        delivered = _wait_for(victim, accepted)
        assert [record for record, times in delivered.items() if times > 1] == []
    finally:
        victim.stop()


def _make_stream(victim: Victim) -> None:
    victim.client("s3").create_bucket(Bucket="bucket")
    settings = {
        "RoleARN": "arn:aws:iam::111111111111:role/firehose",
        "BucketARN": "arn:aws:s3:::bucket",
        "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 0},
    }
    victim.client("firehose").create_delivery_stream(
        DeliveryStreamName="stream", ExtendedS3DestinationConfiguration=settings
    )


def _load_until_killed(victim: Victim, accepted: set[str], more: int, after_s: float) -> None:
    client, stop = victim.client("firehose"), threading.Event()

    def load() -> None:
        while not stop.is_set():
            names = [uuid4().hex for _ in range(3)]
            records = [{"Data": f"{name}\n".encode()} for name in names]
            try:
                client.put_record_batch(DeliveryStreamName="stream", Records=records)
            except (BotoCoreError, ClientError):
                return  # the platform is gone
            accepted.update(names)

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    victim.kill_after(accepted, more, after_s)
    stop.set()
    for thread in threads:
        thread.join()


def _wait_for(victim: Victim, accepted: set[str]) -> Counter[str]:
    """What is in the bucket, once all that was accepted is there."""
    until = time.monotonic() + 60
    while accepted - (found := _delivered(victim)).keys():
        assert time.monotonic() < until, f"{len(accepted - found.keys())} of {len(accepted)} records are lost"
    return found


def _delivered(victim: Victim) -> Counter[str]:
    s3, found = victim.client("s3", attempts=3), Counter[str]()
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket="bucket"):
        for one in page.get("Contents", ()):
            found.update(s3.get_object(Bucket="bucket", Key=one["Key"])["Body"].read().decode().split())
    return found
