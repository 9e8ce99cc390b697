"""Dead letters, and the way back."""

from __future__ import annotations

import json

import pytest


def policy(arn: str, count: object = 1) -> str:
    return json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": count})


@pytest.fixture
def letters(make):
    return make("letters")


@pytest.fixture
def source(make, arn, letters):
    return make("source", RedrivePolicy=policy(arn(letters), 2), VisibilityTimeout="0")


def test_message_received_too_often_is_a_dead_letter(sqs, source, letters, arn, bodies):
    id = sqs.send_message(QueueUrl=source, MessageBody="x")["MessageId"]
    assert [bodies(source) for _ in range(3)] == [["x"], ["x"], []]
    (message,) = sqs.receive_message(QueueUrl=letters, AttributeNames=["All"])["Messages"]
    assert (message["MessageId"], message["Attributes"]["DeadLetterQueueSourceArn"]) == (id, arn(source))
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"


def test_message_beside_a_dead_letter_is_received_once(sqs, source, letters, bodies):
    for body in ("dead", "alive"):
        sqs.send_message(QueueUrl=source, MessageBody=body)
        if body == "dead":
            assert [bodies(source) for _ in range(2)] == [["dead"]] * 2
    assert bodies(source) == ["alive"]
    assert bodies(letters) == ["dead"]


def test_without_the_dead_letter_queue_nothing_is_lost(sqs, source, letters, bodies):
    sqs.send_message(QueueUrl=source, MessageBody="x")
    sqs.delete_queue(QueueUrl=letters)
    assert [bodies(source) for _ in range(4)] == [["x"]] * 4


def test_dead_letter_frees_its_group(sqs, make, arn, bodies):
    letters = make("letters.fifo")
    url = make("source.fifo", RedrivePolicy=policy(arn(letters)), VisibilityTimeout="0")
    for body in ("bad", "good"):
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g")
    assert bodies(url, MaxNumberOfMessages=1) == ["bad"]
    assert bodies(url, MaxNumberOfMessages=1) == ["good"]
    assert bodies(letters) == ["bad"]


def test_sources_are_listed(sqs, source, letters):
    assert sqs.list_dead_letter_source_queues(QueueUrl=letters)["queueUrls"] == [source]
    assert sqs.list_dead_letter_source_queues(QueueUrl=source)["queueUrls"] == []


@pytest.mark.parametrize("count", [0, 1001, "many"])
def test_bad_counts_are_refused(sqs, make, arn, letters, refused, count):
    attributes = {"RedrivePolicy": policy(arn(letters), count)}
    assert refused(sqs.create_queue, QueueName="bad", Attributes=attributes)[0] == "InvalidParameterValue"


def test_dead_letter_queue_must_exist_and_be_alike(sqs, make, arn, letters, refused):
    change = {"QueueUrl": make("q"), "Attributes": {"RedrivePolicy": policy(f"{arn(letters)}-not")}}
    assert "Dead letter target does not exist." in refused(sqs.set_queue_attributes, **change)[1]
    change["QueueUrl"], change["Attributes"] = make("q.fifo"), {"RedrivePolicy": policy(arn(letters))}
    assert "must be same type" in refused(sqs.set_queue_attributes, **change)[1]


def test_dead_letter_queue_may_refuse(sqs, make, arn, refused):
    closed = make("closed", RedriveAllowPolicy='{"redrivePermission": "denyAll"}')
    change = {"QueueUrl": make("q"), "Attributes": {"RedrivePolicy": policy(arn(closed))}}
    assert refused(sqs.set_queue_attributes, **change)[0] == "InvalidParameterValue"
    allow = {"redrivePermission": "byQueue", "sourceQueueArns": [arn(change["QueueUrl"])]}
    sqs.set_queue_attributes(QueueUrl=closed, Attributes={"RedriveAllowPolicy": json.dumps(allow)})
    sqs.set_queue_attributes(**change)


def test_messages_move_back_to_where_they_came_from(sqs, source, letters, arn, bodies, settle):
    for body in ("1", "2"):
        sqs.send_message(QueueUrl=source, MessageBody=body)
    for _ in range(3):
        bodies(source)
    sqs.start_message_move_task(SourceArn=arn(letters))
    settle()
    assert sorted(bodies(source)) == ["1", "2"]
    (result,) = sqs.list_message_move_tasks(SourceArn=arn(letters))["Results"]
    assert (result["Status"], "TaskHandle" in result) == ("COMPLETED", False)


def test_message_of_unknown_source_cannot_move_back(sqs, source, letters, arn, bodies, settle):
    sqs.send_message(QueueUrl=letters, MessageBody="sent here")
    sqs.start_message_move_task(SourceArn=arn(letters))
    settle()
    (result,) = sqs.list_message_move_tasks(SourceArn=arn(letters))["Results"]
    assert (result["Status"], result["FailureReason"]) == ("FAILED", "CouldNotDetermineMessageSource")
    assert bodies(letters) == ["sent here"]


def test_task_is_cancelled(sqs, source, letters, arn, settle, refused):
    for number in range(3):
        sqs.send_message(QueueUrl=letters, MessageBody=str(number))
    task = sqs.start_message_move_task(
        SourceArn=arn(letters), DestinationArn=arn(source), MaxNumberOfMessagesPerSecond=1
    )["TaskHandle"]
    settle()
    assert sqs.cancel_message_move_task(TaskHandle=task)["ApproximateNumberOfMessagesMoved"] == 1
    assert sqs.list_message_move_tasks(SourceArn=arn(letters))["Results"][0]["Status"] == "CANCELLED"
    assert refused(sqs.cancel_message_move_task, TaskHandle=task)[0] == "InvalidParameterValue"
    assert refused(sqs.cancel_message_move_task, TaskHandle="x")[0] == "InvalidParameterValue"
