"""How many messages may be in flight. The text of the error is believed, not recorded."""

from __future__ import annotations

import pytest

from undercast.services.sqs import flight


@pytest.fixture
def limit_of_three(monkeypatch):
    """The real limit of 120,000 would take minutes to reach."""
    monkeypatch.setattr(flight, "LIMIT", 3)


def test_standard_queue_over_its_limit(sqs, queue, bodies, refused, limit_of_three):
    for n in range(5):
        sqs.send_message(QueueUrl=queue, MessageBody=str(n))
    received = [sqs.receive_message(QueueUrl=queue)["Messages"][0] for _ in range(3)]
    code, message = refused(sqs.receive_message, QueueUrl=queue)
    assert (code, message) == ("OverLimit", "The maximum number of in flight messages is reached.")
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=received[0]["ReceiptHandle"])
    assert len(bodies(queue, MaxNumberOfMessages=1)) == 1


def test_messages_that_came_back_are_not_in_flight(sqs, queue, clock, limit_of_three):
    for n in range(4):
        sqs.send_message(QueueUrl=queue, MessageBody=str(n))
    for _ in range(3):
        sqs.receive_message(QueueUrl=queue, VisibilityTimeout=10)
    clock.advance(seconds=11)
    assert sqs.receive_message(QueueUrl=queue)["Messages"]


def test_fifo_queue_over_its_limit_has_nothing_to_give(sqs, fifo, bodies, limit_of_three):
    for n in range(5):
        sqs.send_message(QueueUrl=fifo, MessageBody=str(n), MessageGroupId=str(n))
    assert [len(bodies(fifo, MaxNumberOfMessages=1)) for _ in range(4)] == [1, 1, 1, 0]
