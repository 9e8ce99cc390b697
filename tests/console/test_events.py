"""`/_undercast/events`: what changed, told to those who listen."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from undercast.kit.changes import Changes
from undercast.pytest_plugin import InProcessPlatform


@pytest.fixture
def listening(undercast, account):
    """The messages of this account, one after the other."""
    connection = http.client.HTTPConnection(urlsplit(undercast.url).netloc, timeout=20)
    connection.request("GET", f"/_undercast/events?account={account}&region=us-east-1")
    answer = connection.getresponse()
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.readline() == b"retry: 1000\n"

    def next_message():
        while not (line := answer.readline()).startswith(b"data: "):
            assert line
        return json.loads(line.removeprefix(b"data: "))

    yield next_message
    connection.close()


def test_an_operation_is_told(listening, sqs, account):
    sqs.create_queue(QueueName="orders")
    assert listening() == {
        "service": "sqs", "account": account, "region": "us-east-1", "operations": ["CreateQueue"], "things": ["orders"],
    }  # fmt: skip


def test_reads_and_other_accounts_are_not_told(listening, aws, sqs):
    aws("sqs", account="999999999999").create_queue(QueueName="theirs")
    sqs.list_queues()
    sqs.create_queue(QueueName="ours")
    assert listening()["things"] == ["ours"]


def test_calls_between_services_and_jobs_are_told(listening, sfn, machine):
    arn = machine({"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 1, "End": True}}})
    sfn.start_execution(stateMachineArn=arn, name="one")
    told = set()
    while not told & {"begin", "advance", "wake"}:  # jobs of Step Functions
        told |= set(listening()["operations"])


def test_much_is_told_together():
    changes = Changes()
    with changes.listen() as listener:
        for number in range(200):
            changes.tell("sqs", "CreateQueue", "1", "r", {"QueueName": f"q{number}"})
        changes.tell("sqs", "GetQueueUrl", "2", "r", {"QueueName": "q"})
        ((place, change),) = listener.take().items()
    assert (place, change.operations, change.things) == (("sqs", "1", "r"), {"CreateQueue"}, None)
    assert changes.listeners == set()


def test_a_platform_that_stops_does_not_wait_for_listeners():
    with closing(InProcessPlatform()) as platform:
        connection = http.client.HTTPConnection(urlsplit(platform.url).netloc, timeout=20)
        connection.request("GET", "/_undercast/events")
        answer = connection.getresponse()
        assert answer.readline() == b"retry: 1000\n"
    assert answer.read().strip() == b""  # ended as it should, not broken off
    connection.close()
