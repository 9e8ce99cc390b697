"""FIFO queues: groups, deduplication, attempts."""

from __future__ import annotations

import pytest


@pytest.fixture
def send(sqs, fifo):
    def send(body: str, group: str = "g", **options):
        return sqs.send_message(QueueUrl=fifo, MessageBody=body, MessageGroupId=group, **options)

    return send


def receive(sqs, url, count=10, **options):
    return sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=count, **options).get("Messages", [])


def test_order_is_kept_within_a_group(send, fifo, bodies):
    for number in range(5):
        send(str(number))
    assert bodies(fifo) == ["0", "1", "2", "3", "4"]


def test_group_in_flight_gives_no_more(sqs, send, fifo, bodies, clock):
    for body in ("a1", "a2"):
        send(body, "a")
    send("b1", "b")
    (first,) = receive(sqs, fifo, 1)
    assert first["Body"] == "a1"
    assert bodies(fifo) == ["b1"]
    sqs.delete_message(QueueUrl=fifo, ReceiptHandle=first["ReceiptHandle"])
    assert bodies(fifo) == ["a2"]
    clock.advance(seconds=31)
    assert sorted(bodies(fifo)) == ["a2", "b1"]


def test_message_that_was_not_deleted_comes_first_again(send, fifo, bodies, clock):
    for body in ("1", "2", "3"):
        send(body)
    assert bodies(fifo, MaxNumberOfMessages=2) == ["1", "2"]
    clock.advance(seconds=31)
    assert bodies(fifo) == ["1", "2", "3"]


def test_shown_again_at_once(sqs, send, fifo, bodies):
    send("1")
    (message,) = receive(sqs, fifo)
    handle = message["ReceiptHandle"]
    sqs.change_message_visibility(QueueUrl=fifo, ReceiptHandle=handle, VisibilityTimeout=0)
    assert bodies(fifo) == ["1"]


def test_same_message_counts_once_in_five_minutes(send, fifo, bodies, clock):
    first = send("same")
    assert send("same")["MessageId"] == first["MessageId"]
    assert send("same")["SequenceNumber"] == first["SequenceNumber"]
    assert bodies(fifo) == ["same"]
    clock.advance(minutes=5, seconds=1)
    assert send("same")["MessageId"] != first["MessageId"]


def test_deduplication_outlives_the_message(sqs, send, fifo, bodies):
    send("one", MessageDeduplicationId="d")
    (message,) = receive(sqs, fifo)
    sqs.delete_message(QueueUrl=fifo, ReceiptHandle=message["ReceiptHandle"])
    send("two", MessageDeduplicationId="d")
    assert bodies(fifo) == []


def test_sequence_numbers_rise(send):
    numbers = [int(send(str(number))["SequenceNumber"]) for number in range(3)]
    assert numbers == sorted(set(numbers))


def test_attempt_id_gets_the_same_messages(sqs, send, fifo, clock):
    for body in ("1", "2"):
        send(body)
    first = receive(sqs, fifo, ReceiveRequestAttemptId="attempt")
    again = receive(sqs, fifo, ReceiveRequestAttemptId="attempt")
    assert [message["ReceiptHandle"] for message in again] == [message["ReceiptHandle"] for message in first]
    assert receive(sqs, fifo, ReceiveRequestAttemptId="other") == []
    clock.advance(seconds=31)
    later = receive(sqs, fifo, ReceiveRequestAttemptId="attempt")
    assert [message["Body"] for message in later] == ["1", "2"]
    assert later[0]["ReceiptHandle"] != first[0]["ReceiptHandle"]


def test_standard_queues_have_no_attempts(sqs, queue, refused):
    answer = refused(sqs.receive_message, QueueUrl=queue, ReceiveRequestAttemptId="attempt")
    assert answer[0] == "InvalidParameterValue"


def test_expired_group_does_not_stand_in_the_way(sqs, make, bodies, clock, settle):
    url = make("short.fifo", MessageRetentionPeriod="60")
    sqs.send_message(QueueUrl=url, MessageBody="old", MessageGroupId="old")
    clock.advance(seconds=61)
    settle()
    sqs.send_message(QueueUrl=url, MessageBody="new", MessageGroupId="new")
    assert bodies(url, MaxNumberOfMessages=1) == ["new"]


def test_delay_of_the_queue_holds_for_groups(sqs, make, bodies, clock):
    url = make("slow.fifo", DelaySeconds="10")
    sqs.send_message(QueueUrl=url, MessageBody="1", MessageGroupId="g")
    assert bodies(url) == []
    clock.advance(seconds=10.1)
    assert bodies(url) == ["1"]
