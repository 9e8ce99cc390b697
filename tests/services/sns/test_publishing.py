"""Publishing, as boto3 and the queues see it."""

from __future__ import annotations

import base64
import json
import urllib.request

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ({"Message": ""}, ("InvalidParameter", "Invalid parameter: Empty message")),
        ({"Message": "x", "Subject": "a\nb"}, ("InvalidParameter", "Invalid parameter: Subject")),
        ({"Message": "x", "Subject": "a" * 101}, ("InvalidParameter", "Invalid parameter: Subject")),
        ({"Message": "{}", "MessageStructure": "xml"}, ("InvalidParameter", "Invalid parameter: MessageStructure")),
    ],
)
def test_bad_messages_are_refused(sns, topic, refused, arguments, answer):
    assert refused(sns.publish, TopicArn=topic, **arguments) == answer


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("a b", {"DataType": "String", "StringValue": "x"}),
        ("a", {"DataType": "Text", "StringValue": "x"}),
        ("a", {"DataType": "String", "StringValue": ""}),
        ("a", {"DataType": "Number", "StringValue": "x"}),
        ("a", {"DataType": "String.Array", "StringValue": "x"}),
    ],
)
def test_bad_attributes_are_refused(sns, topic, refused, name, value):
    answer = refused(sns.publish, TopicArn=topic, Message="x", MessageAttributes={name: value})
    assert answer[0] == "ParameterValueInvalid"


def test_one_target_is_needed(sns, topic, refused):
    for targets in ({}, {"TopicArn": topic, "PhoneNumber": "+15551234567"}):
        code, message = refused(sns.publish, Message="x", **targets)
        assert (code, message[:42]) == ("InvalidParameter", "Invalid parameter: TopicArn or TargetArn R")


def test_target_arn_may_be_a_topic(sns, topic, listener, subscribe):
    subscribe(topic, listener)
    sns.publish(TargetArn=topic, Message="x")
    assert listener.messages() == ["x"]


def test_envelope_is_written_as_by_sns(sns, topic, listener, subscribe):
    """Keys in order, one to a line, a space on both sides of the colon."""
    subscribe(topic, listener)
    attributes = {"b": {"DataType": "Binary", "BinaryValue": b"\1\2"}}
    sns.publish(TopicArn=topic, Message='"é"', Subject="S", MessageAttributes=attributes)
    (body,) = listener.bodies()
    assert list(json.loads(body)) == [
        "Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion", "Signature",
        "SigningCertURL", "UnsubscribeURL", "MessageAttributes",
    ]  # fmt: skip
    lines = body.splitlines()
    assert lines[:2] == ["{", '  "Type" : "Notification",']
    assert lines[5] == '  "Message" : "\\"é\\"",'
    assert lines[-4:] == ['  "MessageAttributes" : {', '    "b" : {"Type":"Binary","Value":"AQI="}', "  }", "}"]


@pytest.mark.parametrize(("version", "algorithm"), [("1", hashes.SHA1()), ("2", hashes.SHA256())])
@pytest.mark.parametrize("subject", [{}, {"Subject": "S"}])
def test_signature_is_right(sns, topic, listener, subscribe, version, algorithm, subject):
    sns.set_topic_attributes(TopicArn=topic, AttributeName="SignatureVersion", AttributeValue=version)
    subscribe(topic, listener)
    sns.publish(TopicArn=topic, Message="signed", **subject)
    note = json.loads(listener.bodies()[0])
    assert note["SignatureVersion"] == version
    with urllib.request.urlopen(note["SigningCertURL"]) as answer:
        certificate = x509.load_pem_x509_certificate(answer.read())
    members = ["Message", "MessageId", *subject, "Timestamp", "TopicArn", "Type"]
    signed = "".join(f"{member}\n{note[member]}\n" for member in members)
    certificate.public_key().verify(base64.b64decode(note["Signature"]), signed.encode(), padding.PKCS1v15(), algorithm)


def test_each_protocol_gets_its_text(sns, topic, listener, subscribe, captured):
    subscribe(topic, listener)
    subscribe(topic, "+15551234567", "sms")
    message = {"default": "for all", "sms": "for phones"}
    sns.publish(TopicArn=topic, Message=json.dumps(message), MessageStructure="json")
    assert listener.messages() == ["for all"]
    assert [sms["message"] for sms in captured(protocol="sms")] == ["for phones"]


def test_batch_fails_in_parts(sns, topic, listener, subscribe):
    subscribe(topic, listener)
    entries = [{"Id": "good", "Message": "x"}, {"Id": "bad", "Message": ""}]
    answer = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
    assert [one["Id"] for one in answer["Successful"]] == ["good"]
    assert answer["Failed"] == [
        {"Id": "bad", "Code": "InvalidParameter", "Message": "Invalid parameter: Empty message", "SenderFault": True}
    ]
    assert listener.messages() == ["x"]


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([], "EmptyBatchRequest"),
        ([{"Id": str(number), "Message": "x"} for number in range(11)], "TooManyEntriesInBatchRequest"),
        ([{"Id": "same", "Message": "x"}] * 2, "BatchEntryIdsNotDistinct"),
        ([{"Id": str(number), "Message": "x" * 140_000} for number in range(2)], "BatchRequestTooLong"),
    ],
)
def test_bad_batches_are_refused(sns, topic, refused, entries, code):
    assert refused(sns.publish_batch, TopicArn=topic, PublishBatchRequestEntries=entries)[0] == code


def test_raw_message_with_too_many_attributes_goes_to_the_dead_letters(sns, topic, make_queue, subscribe):
    queue, dead = make_queue("queue"), make_queue("dead")
    redrive = json.dumps({"deadLetterTargetArn": dead.arn})
    subscribe(topic, queue, RawMessageDelivery="true", RedrivePolicy=redrive)
    attributes = {f"a{number}": {"DataType": "String", "StringValue": "x"} for number in range(11)}
    sns.publish(TopicArn=topic, Message="x", MessageAttributes=attributes)
    assert queue.bodies() == []


def test_message_without_a_queue_is_dropped(sns, sqs, topic, listener, subscribe):
    subscribe(topic, listener)
    sqs.delete_queue(QueueUrl=listener.url)
    assert sns.publish(TopicArn=topic, Message="x")["MessageId"]


def test_group_of_a_standard_topic_reaches_the_queue(sns, topic, listener, subscribe):
    subscribe(topic, listener)
    sns.publish(TopicArn=topic, Message="x", MessageGroupId="tenant")
    assert listener.receive()[0]["Attributes"]["MessageGroupId"] == "tenant"


def test_fifo_topic_keeps_order(sns, fifo_topic, make_queue, subscribe):
    queue = make_queue("queue.fifo")
    subscribe(fifo_topic, queue, RawMessageDelivery="true")
    answers = [sns.publish(TopicArn=fifo_topic, Message=str(number), MessageGroupId="group") for number in range(12)]
    numbers = [int(answer["SequenceNumber"]) for answer in answers]
    assert numbers == sorted(set(numbers))
    received = queue.sqs.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in received] == [str(number) for number in range(10)]


def test_same_message_counts_once_in_five_minutes(sns, fifo_topic, make_queue, subscribe, clock):
    queue = make_queue("queue.fifo")
    subscribe(fifo_topic, queue)
    message = {"TopicArn": fifo_topic, "Message": "same", "MessageGroupId": "group"}
    first = sns.publish(**message)
    assert sns.publish(**message)["MessageId"] == first["MessageId"]
    clock.advance(minutes=5, seconds=1)
    assert sns.publish(**message)["MessageId"] != first["MessageId"]
    (one,) = queue.sqs.receive_message(QueueUrl=queue.url)["Messages"]
    assert json.loads(one["Body"])["MessageId"] == first["MessageId"]


def test_scope_of_deduplication_may_be_the_group(sns, listener, subscribe):
    attributes = {"FifoTopic": "true", "ContentBasedDeduplication": "true", "FifoThroughputScope": "MessageGroup"}
    topic = sns.create_topic(Name="scope.fifo", Attributes=attributes)["TopicArn"]
    subscribe(topic, listener)
    for group in ("a", "b", "a"):
        sns.publish(TopicArn=topic, Message="same", MessageGroupId=group)
    assert listener.messages() == ["same", "same"]


def test_a_traced_state_machine_hands_its_trace_on(aws, topic, listener, subscribe):
    """No header came with the publish: the trace begins in the machine."""
    subscribe(topic, listener)
    task = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": True}
    definition = {"StartAt": "T", "States": {"T": {**task, "Parameters": {"TopicArn": topic, "Message": "x"}}}}
    states = aws("stepfunctions")
    machine = states.create_state_machine(
        name="traced", definition=json.dumps(definition), roleArn="arn:aws:iam::111111111111:role/r", type="EXPRESS",
        tracingConfiguration={"enabled": True},
    )["stateMachineArn"]  # fmt: skip
    assert states.start_sync_execution(stateMachineArn=machine)["status"] == "SUCCEEDED"
    (message,) = listener.receive()
    assert "Sampled=1" in message["Attributes"]["AWSTraceHeader"]
