"""`kill -9` among uploads: each object that is there has its one event and its replica, and none has without being there."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.crash.platform import Victim, kills

KILLS = kills(part=20)
SIZES = (10, 100_000)  # one that stands in the database and one in a file of its own


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_uploads_and_their_events(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> None:
    postgres = request.getfixturevalue("postgres_url") if database == "postgres" else ""
    victim, chance, names = Victim(tmp_path, postgres), random.Random(4566), count()
    victim.start()
    try:
        url = _buckets(victim)
        answered: set[str] = set()
        for _ in range(KILLS):
            _load_until_killed(victim, names, answered, chance.randint(5, 30), chance.uniform(0.0, 0.1))
            victim.start()
        victim.end_leases()
        s3 = victim.client("s3", attempts=3)
        there = _keys(s3, "source")
        assert len(answered) > 20
        assert answered <= there
        assert _told(victim, url) == Counter(there)
        end = time.monotonic() + 20
        while _keys(s3, "target") != there:
            assert time.monotonic() < end
        for key in sorted(there)[:50]:
            assert len(s3.get_object(Bucket="target", Key=key)["Body"].read()) in SIZES
    finally:
        victim.stop()


def _buckets(victim: Victim) -> str:
    """A bucket that tells a queue of its objects and has them replicated; the queue's URL."""
    s3, sqs = victim.client("s3"), victim.client("sqs")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    for name in ("source", "target"):
        s3.create_bucket(Bucket=name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    rule = {"ID": "r", "Status": "Enabled", "Prefix": "", "Destination": {"Bucket": "arn:aws:s3:::target"}}
    s3.put_bucket_replication(
        Bucket="source", ReplicationConfiguration={"Role": "arn:aws:iam::111111111111:role/r", "Rules": [rule]}
    )
    told = {"QueueArn": f"arn:aws:sqs:us-east-1:{'1' * 12}:queue", "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(Bucket="source", NotificationConfiguration={"QueueConfigurations": [told]})
    return url


def _load_until_killed(victim: Victim, names: Any, answered: set[str], more: int, after_s: float) -> None:
    client, stop = victim.client("s3"), threading.Event()

    def load() -> None:
        while not stop.is_set():
            number = next(names)
            try:
                client.put_object(Bucket="source", Key=f"{number:06d}", Body=b"x" * SIZES[number % 2])
                answered.add(f"{number:06d}")
            except (BotoCoreError, ClientError):
                return  # the platform is gone

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    victim.kill_after(answered, more, after_s)
    stop.set()
    for thread in threads:
        thread.join()


def _keys(s3: Any, bucket: str) -> set[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {one["Key"] for page in pages for one in page.get("Contents", ())}


def _told(victim: Victim, url: str) -> Counter[str]:
    """How many events there are of each key."""
    sqs, found = victim.client("sqs", attempts=3), Counter()

    def receive() -> Any:
        return sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600).get("Messages")

    while messages := receive():
        bodies = [json.loads(message["Body"]) for message in messages]
        found.update(record["s3"]["object"]["key"] for body in bodies for record in body.get("Records", ()))
    return found
