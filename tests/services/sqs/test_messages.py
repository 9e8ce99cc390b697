"""Operations on messages, as boto3 sees them."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.recorded import recorded


def bodies(answer):
    return [message["Body"] for message in answer.get("Messages", [])]


def test_sent_message_is_received(sqs, queue):
    sent = sqs.send_message(QueueUrl=queue, MessageBody="hello")
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert (message["Body"], message["MessageId"]) == ("hello", sent["MessageId"])


def test_hidden_message_returns_after_its_timeout(sqs, queue, clock):
    clock.stop()
    sqs.send_message(QueueUrl=queue, MessageBody="hello")
    assert bodies(sqs.receive_message(QueueUrl=queue, VisibilityTimeout=60)) == ["hello"]
    clock.advance(seconds=59)
    assert bodies(sqs.receive_message(QueueUrl=queue)) == []
    clock.advance(seconds=2)
    assert bodies(sqs.receive_message(QueueUrl=queue)) == ["hello"]


def test_empty_message_is_refused(sqs, queue):
    with pytest.raises(ClientError) as refused:
        sqs.send_message(QueueUrl=queue, MessageBody="")
    recorded("sqs::TestSqsProvider::test_send_empty_message[sqs]").check("send_empty_message", refused.value)


def error(function, **arguments):
    with pytest.raises(ClientError) as refused:
        function(**arguments)
    return refused.value.response["Error"]["Code"]


def test_delayed_message_comes_at_its_time(sqs, queue, clock):
    sqs.send_message(QueueUrl=queue, MessageBody="later", DelaySeconds=10)
    assert bodies(sqs.receive_message(QueueUrl=queue)) == []
    clock.advance(seconds=10.1)
    assert bodies(sqs.receive_message(QueueUrl=queue)) == ["later"]


def test_deleting_twice_is_no_error(sqs, queue):
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    for _ in range(2):
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def test_wrong_handle_is_refused(sqs, queue):
    assert error(sqs.delete_message, QueueUrl=queue, ReceiptHandle="x") == "ReceiptHandleIsInvalid"


def test_message_attributes_by_name_and_prefix(sqs, queue):
    attributes = {name: {"DataType": "String", "StringValue": "x"} for name in ("a.one", "a.two", "b")}
    sqs.send_message(QueueUrl=queue, MessageBody="x", MessageAttributes=attributes)
    for asked, shown in ((["a.*"], {"a.one", "a.two"}), (["b"], {"b"}), (["All"], {*attributes}), (["c"], set())):
        answer = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0, MessageAttributeNames=asked)
        assert set(answer["Messages"][0].get("MessageAttributes", {})) == shown


def test_trace_header_travels(sqs, queue):
    trace = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1"}}
    sqs.send_message(QueueUrl=queue, MessageBody="x", MessageSystemAttributes=trace)
    (message,) = sqs.receive_message(QueueUrl=queue, AttributeNames=["AWSTraceHeader"])["Messages"]
    assert message["Attributes"] == {"AWSTraceHeader": "Root=1"}


def test_receives_are_counted(sqs, queue):
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    asked = {"QueueUrl": queue, "VisibilityTimeout": 0, "AttributeNames": ["All"]}
    first, second = (sqs.receive_message(**asked)["Messages"][0]["Attributes"] for _ in range(2))
    assert [one["ApproximateReceiveCount"] for one in (first, second)] == ["1", "2"]
    assert first["ApproximateFirstReceiveTimestamp"] == second["ApproximateFirstReceiveTimestamp"]


def test_batch_fails_in_parts(sqs, queue):
    entries = [{"Id": "good", "MessageBody": "x"}, {"Id": "bad", "MessageBody": "x", "DelaySeconds": 901}]
    answer = sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    assert [one["Id"] for one in answer["Successful"]] == ["good"]
    assert [(one["Id"], one["Code"], one["SenderFault"]) for one in answer["Failed"]] == [
        ("bad", "InvalidParameterValue", True)
    ]
    (message,) = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    entries = [{"Id": "good", "ReceiptHandle": message["ReceiptHandle"]}, {"Id": "bad", "ReceiptHandle": "x"}]
    hidden = sqs.change_message_visibility_batch(
        QueueUrl=queue, Entries=[{**entry, "VisibilityTimeout": 60} for entry in entries]
    )
    deleted = sqs.delete_message_batch(QueueUrl=queue, Entries=entries)
    for answer in (hidden, deleted):
        assert [one["Id"] for one in answer["Successful"]] == ["good"]
        assert [(one["Id"], one["Code"]) for one in answer["Failed"]] == [("bad", "ReceiptHandleIsInvalid")]


@pytest.mark.parametrize(
    ("entries", "code"),
    [([], "EmptyBatchRequest"), ([{"Id": "same", "MessageBody": "x"}] * 2, "BatchEntryIdsNotDistinct")],
)
def test_bad_batches_are_refused(sqs, queue, entries, code):
    assert error(sqs.send_message_batch, QueueUrl=queue, Entries=entries) == f"AWS.SimpleQueueService.{code}"


def test_largest_message(sqs, queue):
    sqs.send_message(QueueUrl=queue, MessageBody="x" * 1_048_576)
    assert error(sqs.send_message, QueueUrl=queue, MessageBody="x" * 1_048_577) == "InvalidParameterValue"


@pytest.mark.parametrize("timeout", [-1, 43_201])
def test_bad_visibility_is_refused(sqs, queue, timeout):
    assert error(sqs.receive_message, QueueUrl=queue, VisibilityTimeout=timeout) == "InvalidParameterValue"
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    change = {"QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": timeout}
    assert error(sqs.change_message_visibility, **change) == "InvalidParameterValue"


def test_hidden_no_longer_than_twelve_hours(sqs, queue, clock):
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    (message,) = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=43_200)["Messages"]
    clock.advance(minutes=1)
    change = {"QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"]}
    assert error(sqs.change_message_visibility, **change, VisibilityTimeout=43_200) == "InvalidParameterValue"
    sqs.change_message_visibility(**change, VisibilityTimeout=43_000)
