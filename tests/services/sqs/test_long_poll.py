"""Receives that wait wake at once."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest


@pytest.fixture
def waiting(aws):
    """`waiting(url, seconds)` begins a long poll; calling the answer gives the bodies and how long it took."""

    def begin(url, seconds=20, **options):
        result = {}

        def poll():
            began = time.monotonic()
            answer = aws("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=seconds, **options)
            result.update(bodies=[one["Body"] for one in answer.get("Messages", [])], took=time.monotonic() - began)

        thread = threading.Thread(target=poll)
        thread.start()

        def end():
            thread.join(25)
            return result["bodies"], result["took"]

        return end

    return begin


@pytest.fixture
def listened(undercast, account, region):
    """`listened(url)` waits until someone waits for the queue's messages."""

    def wait(url):
        channel = f"sqs:{account}:{region}:{url.rpartition('/')[2]}"
        undercast.run(asyncio.wait_for(someone_listens(undercast.platform.store, channel), 10))

    return wait


async def someone_listens(store, channel):
    while not store._waiters._signals.get(channel):  # noqa: ASYNC110  nobody tells who listens
        await asyncio.sleep(0)


def test_message_wakes_a_poll(sqs, queue, waiting, listened):
    end = waiting(queue)
    listened(queue)
    sqs.send_message(QueueUrl=queue, MessageBody="now")
    bodies, took = end()
    assert bodies == ["now"]
    assert took < 5


def test_poll_survives_a_purge(sqs, queue, waiting, listened):
    end = waiting(queue)
    listened(queue)
    sqs.purge_queue(QueueUrl=queue)
    sqs.send_message(QueueUrl=queue, MessageBody="after")
    bodies, took = end()
    assert bodies == ["after"]
    assert took < 5


def test_hidden_message_wakes_a_poll_when_it_returns(sqs, queue, waiting, listened, clock):
    sqs.send_message(QueueUrl=queue, MessageBody="again")
    sqs.receive_message(QueueUrl=queue, VisibilityTimeout=5)
    end = waiting(queue)
    listened(queue)
    clock.advance(seconds=6)
    bodies, took = end()
    assert bodies == ["again"]
    assert took < 4


def test_released_group_wakes_a_poll(sqs, fifo, waiting, listened):
    for body in ("1", "2"):
        sqs.send_message(QueueUrl=fifo, MessageBody=body, MessageGroupId="g")
    (first,) = sqs.receive_message(QueueUrl=fifo)["Messages"]
    end = waiting(fifo)
    listened(fifo)
    sqs.delete_message(QueueUrl=fifo, ReceiptHandle=first["ReceiptHandle"])
    assert end()[0] == ["2"]


def test_poll_ends_with_nothing_at_its_time(queue, waiting, listened, clock):
    end = waiting(queue)
    listened(queue)
    clock.advance(seconds=21)
    bodies, took = end()
    assert bodies == []
    assert took < 5


@pytest.mark.parametrize("seconds", [-1, 21])
def test_bad_wait_is_refused_before_anything_is_received(sqs, queue, refused, seconds):
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    answer = refused(sqs.receive_message, QueueUrl=queue, WaitTimeSeconds=seconds)
    assert answer[0] == "InvalidParameterValue"
    assert len(sqs.receive_message(QueueUrl=queue)["Messages"]) == 1
