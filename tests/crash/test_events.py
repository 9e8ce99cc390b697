"""`kill -9` between an event and its targets: what was accepted reaches every target, at once or by a job."""

from __future__ import annotations

import json
import random
import threading
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.crash.platform import Victim, kills

KILLS = kills(part=16)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_accepted_events_reach_every_target(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> None:
    postgres = request.getfixturevalue("postgres_url") if database == "postgres" else ""
    victim, chance = Victim(tmp_path, postgres), random.Random(4566)
    victim.start()
    try:
        urls = _two_targets(victim)
        accepted: set[str] = set()
        for _ in range(KILLS):
            _load_until_killed(victim, accepted, chance.randint(5, 30), chance.uniform(0.0, 0.4))
            victim.start()
        assert len(accepted) > 20
        for url in urls:
            assert accepted <= _all(victim, url)
    finally:
        victim.stop()


def _two_targets(victim: Victim) -> list[str]:
    """A bus whose rule has a queue and another bus, the rule of which has another queue."""
    events, sqs = victim.client("events"), victim.client("sqs")
    urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("near", "far")]
    arns = [f"arn:aws:sqs:us-east-1:{'1' * 12}:{name}" for name in ("near", "far")]
    bus = events.create_event_bus(Name="bus")["EventBusArn"]
    for name, targets in (("default", [arns[0], bus]), ("bus", [arns[1]])):
        events.put_rule(Name="rule", EventBusName=name, EventPattern='{"source": ["load"]}')
        shown = [{"Id": str(number), "Arn": arn} for number, arn in enumerate(targets)]
        events.put_targets(Rule="rule", EventBusName=name, Targets=shown)
    return urls


def _load_until_killed(victim: Victim, accepted: set[str], more: int, after_s: float) -> None:
    client, stop = victim.client("events"), threading.Event()

    def load() -> None:
        while not stop.is_set():
            try:
                entries = [{"Source": "load", "DetailType": "x", "Detail": "{}"}] * 3
                accepted.update(one["EventId"] for one in client.put_events(Entries=entries)["Entries"])
            except (BotoCoreError, ClientError):
                return  # the platform is gone

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    victim.kill_after(accepted, more, after_s)
    stop.set()
    for thread in threads:
        thread.join()


def _all(victim: Victim, url: str) -> set[str]:
    sqs, found = victim.client("sqs", attempts=3), set()

    def receive() -> Any:
        return sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600).get("Messages")

    while messages := receive():
        found.update(json.loads(message["Body"])["id"] for message in messages)
    return found
