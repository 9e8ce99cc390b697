"""Operations on queues, as boto3 sees them."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize("name", ["", "a b", "a" * 81, "a.fifo"])
def test_bad_names_are_refused(sqs, refused, name):
    assert refused(sqs.create_queue, QueueName=name)[0] in ("InvalidParameterValue", "MissingParameter")


def test_fifo_queues_are_named_so(sqs, refused):
    answer = refused(sqs.create_queue, QueueName="plain", Attributes={"FifoQueue": "true"})
    assert answer[0] == "InvalidParameterValue"
    assert "must end with .fifo" in answer[1]


def test_same_queue_is_found_again(sqs, make, refused):
    assert make("q", DelaySeconds="1") == make("q", DelaySeconds="1") == make("q")
    assert refused(make, name="q", DelaySeconds="2")[0] == "QueueAlreadyExists"


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("DelaySeconds", "901"),
        ("DelaySeconds", "-1"),
        ("VisibilityTimeout", "43201"),
        ("MessageRetentionPeriod", "59"),
        ("MaximumMessageSize", "1023"),
        ("ReceiveMessageWaitTimeSeconds", "21"),
        ("KmsDataKeyReusePeriodSeconds", "59"),
        ("SqsManagedSseEnabled", "perhaps"),
        ("Policy", "no JSON"),
        ("RedriveAllowPolicy", '{"redrivePermission": "some"}'),
        ("Colour", "red"),
        ("ContentBasedDeduplication", "true"),
    ],
)
def test_bad_attributes_are_refused(sqs, queue, refused, attribute, value):
    code, _ = refused(sqs.set_queue_attributes, QueueUrl=queue, Attributes={attribute: value})
    assert code in ("InvalidAttributeValue", "InvalidAttributeName", "InvalidParameterValue")


def test_defaults(sqs, queue, arn):
    shown = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    times = {"CreatedTimestamp", "LastModifiedTimestamp"}
    assert {key: value for key, value in shown.items() if key not in times} == {
        "ApproximateNumberOfMessages": "0",
        "ApproximateNumberOfMessagesDelayed": "0",
        "ApproximateNumberOfMessagesNotVisible": "0",
        "DelaySeconds": "0",
        "MaximumMessageSize": "1048576",
        "MessageRetentionPeriod": "345600",
        "QueueArn": arn(queue),
        "ReceiveMessageWaitTimeSeconds": "0",
        "SqsManagedSseEnabled": "true",
        "VisibilityTimeout": "30",
    }


def test_attributes_are_set_and_taken_back(sqs, queue):
    for value in (json.dumps({"Version": "2012-10-17", "Statement": []}), ""):
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": value})
        answer = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy"])
        assert answer.get("Attributes", {}).get("Policy", "") == value


def test_unknown_attribute_name_is_refused(sqs, queue, refused):
    answer = refused(sqs.get_queue_attributes, QueueUrl=queue, AttributeNames=["Colour"])
    assert answer == ("InvalidAttributeName", "Unknown Attribute Colour.")


def test_messages_are_counted(sqs, queue):
    for delay in (0, 0, 60):
        sqs.send_message(QueueUrl=queue, MessageBody="x", DelaySeconds=delay)
    sqs.receive_message(QueueUrl=queue)
    shown = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    counts = [shown[f"ApproximateNumberOfMessages{kind}"] for kind in ("", "NotVisible", "Delayed")]
    assert counts == ["1", "1", "1"]


def test_purge_takes_all_and_pauses(sqs, queue, bodies, clock, refused):
    for body in ("1", "2"):
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    sqs.purge_queue(QueueUrl=queue)
    assert bodies(queue) == []
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    assert refused(sqs.purge_queue, QueueUrl=queue)[0] == "AWS.SimpleQueueService.PurgeQueueInProgress"
    sqs.send_message(QueueUrl=queue, MessageBody="3")
    clock.advance(seconds=61)
    assert bodies(queue) == ["3"]
    sqs.purge_queue(QueueUrl=queue)


def test_deleted_queue_is_empty_when_made_again(sqs, make, bodies, refused):
    url = make("q")
    sqs.send_message(QueueUrl=url, MessageBody="old")
    sqs.delete_queue(QueueUrl=url)
    assert refused(sqs.send_message, QueueUrl=url, MessageBody="x")[0] == "AWS.SimpleQueueService.NonExistentQueue"
    assert bodies(make("q")) == []


def test_message_is_kept_for_the_retention_period(sqs, make, bodies, clock, settle):
    url = make("short", MessageRetentionPeriod="60")
    for body in ("1", "2"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
        clock.advance(seconds=40)
    assert bodies(url, VisibilityTimeout=0) == ["2"]
    clock.advance(seconds=25)
    settle()
    shown = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert shown["ApproximateNumberOfMessages"] == "0"


def test_longer_retention_holds_for_what_waits(sqs, make, bodies, clock, settle):
    url = make("short", MessageRetentionPeriod="60")
    sqs.send_message(QueueUrl=url, MessageBody="1")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"MessageRetentionPeriod": "600"})
    clock.advance(seconds=120)
    settle()
    assert bodies(url, VisibilityTimeout=0) == ["1"]
    clock.advance(seconds=500)
    assert bodies(url) == []


def test_names_by_prefix(sqs, make):
    made = {name: make(name) for name in ("a-1", "a-2", "b_1", "axe")}
    assert sqs.list_queues(QueueNamePrefix="a-")["QueueUrls"] == [made["a-1"], made["a-2"]]
    assert "QueueUrls" not in sqs.list_queues(QueueNamePrefix="b-")


def test_pages(sqs, make, refused):
    made = [make(f"q{number}") for number in range(5)]
    pages = sqs.get_paginator("list_queues").paginate(PaginationConfig={"PageSize": 2})
    assert [page["QueueUrls"] for page in pages] == [made[:2], made[2:4], made[4:]]
    assert refused(sqs.list_queues, MaxResults=1001)[0] == "InvalidParameterValue"
    assert refused(sqs.list_queues, NextToken="?", MaxResults=1)[0] == "InvalidParameterValue"


def test_tags(sqs, queue, refused):
    sqs.tag_queue(QueueUrl=queue, Tags={"a": "1", "b": "2"})
    sqs.untag_queue(QueueUrl=queue, TagKeys=["b"])
    assert sqs.list_queue_tags(QueueUrl=queue)["Tags"] == {"a": "1"}
    many = {str(number): "" for number in range(50)}
    assert refused(sqs.tag_queue, QueueUrl=queue, Tags=many)[0] == "InvalidParameterValue"


def test_accounts_and_regions_keep_apart(aws, sqs, queue, refused):
    for other in (aws("sqs", region_name="eu-west-1"), aws("sqs", account="999999999998")):
        assert refused(other.get_queue_url, QueueName="queue")[0] == "AWS.SimpleQueueService.NonExistentQueue"
        assert "QueueUrls" not in other.list_queues()
