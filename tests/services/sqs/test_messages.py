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
