"""SQS over the query protocol, as its API reference shows it; the model no longer has the names."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from undercast import wire
from undercast.kit.errors import ServiceError
from undercast.kit.http import Request

NAMESPACE = 'xmlns="http://queue.amazonaws.com/doc/2012-11-05/"'


@pytest.mark.parametrize(
    ("form", "params"),
    [
        (
            "Action=CreateQueue&QueueName=q&Attribute.1.Name=DelaySeconds&Attribute.1.Value=1"
            "&Attribute.2.Name=FifoQueue&Attribute.2.Value=true&Tag.1.Key=a&Tag.1.Value=b",
            {"QueueName": "q", "Attributes": {"DelaySeconds": "1", "FifoQueue": "true"}, "tags": {"a": "b"}},
        ),
        (
            "Action=SendMessage&QueueUrl=u&MessageBody=a+b%2Bc&MessageAttribute.1.Name=n"
            "&MessageAttribute.1.Value.BinaryValue=AAE=&MessageAttribute.1.Value.DataType=Binary"
            "&MessageSystemAttribute.1.Name=AWSTraceHeader&MessageSystemAttribute.1.Value.StringValue=t"
            "&MessageSystemAttribute.1.Value.DataType=String",
            {
                "QueueUrl": "u",
                "MessageBody": "a b+c",
                "MessageAttributes": {"n": {"BinaryValue": b"\x00\x01", "DataType": "Binary"}},
                "MessageSystemAttributes": {"AWSTraceHeader": {"StringValue": "t", "DataType": "String"}},
            },
        ),
        (
            "Action=SendMessageBatch&SendMessageBatchRequestEntry.10.Id=j&SendMessageBatchRequestEntry.10.MessageBody=x"
            "&SendMessageBatchRequestEntry.2.Id=b&SendMessageBatchRequestEntry.2.DelaySeconds=3",
            {"Entries": [{"Id": "b", "DelaySeconds": 3}, {"Id": "j", "MessageBody": "x"}]},
        ),
        (
            "Action=ReceiveMessage&AttributeName.1=All&MessageAttributeName.1=a&MessageAttributeName.2=b"
            "&MaxNumberOfMessages=5",
            {"AttributeNames": ["All"], "MessageAttributeNames": ["a", "b"], "MaxNumberOfMessages": 5},
        ),
        ("Action=UntagQueue&TagKey.1=a", {"TagKeys": ["a"]}),
        (
            "Action=AddPermission&Label=l&AWSAccountId.1=000000000000&ActionName.1=SendMessage",
            {"Label": "l", "AWSAccountIds": ["000000000000"], "Actions": ["SendMessage"]},
        ),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_forms(form: str, params: dict, method: str) -> None:
    sqs = wire.service("sqs")
    sent = Request("GET", "/", form) if method == "GET" else Request("POST", "/", "", {}, form.encode())
    operation, labels = sqs.match("query", sent)
    assert operation.parse("query", sent, labels) == params


def test_received_messages() -> None:
    message = {
        "MessageId": "1",
        "Body": "<b>\r\n\x01",
        "Attributes": {"SenderId": "s"},
        "MessageAttributes": {"n": {"StringValue": "v", "DataType": "String"}},
    }
    response = _operation("ReceiveMessage").serialize("query", {"Messages": [message]}, "r-1")
    assert response.body.decode() == (
        f"<ReceiveMessageResponse {NAMESPACE}><ReceiveMessageResult><Message><MessageId>1</MessageId>"
        "<Body>&lt;b&gt;&#xd;\n&#x1;</Body><Attribute><Name>SenderId</Name><Value>s</Value></Attribute>"
        "<MessageAttribute><Name>n</Name><Value><StringValue>v</StringValue><DataType>String</DataType></Value>"
        "</MessageAttribute></Message></ReceiveMessageResult>"
        "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></ReceiveMessageResponse>"
    )


def test_an_operation_without_a_result() -> None:
    body = _operation("DeleteMessage").serialize("query", {}, "r-1").body
    assert [child.tag.rpartition("}")[2] for child in ElementTree.fromstring(body)] == ["ResponseMetadata"]


def test_results_of_a_batch() -> None:
    output = {"Successful": [{"Id": "a"}], "Failed": [{"Id": "b", "SenderFault": True, "Code": "c"}]}
    body = _operation("DeleteMessageBatch").serialize("query", output, "r-1").body.decode()
    assert "<DeleteMessageBatchResultEntry><Id>a</Id></DeleteMessageBatchResultEntry>" in body
    assert "<BatchResultErrorEntry><Id>b</Id><SenderFault>true</SenderFault>" in body


class QueueDoesNotExist(ServiceError):
    """The specified queue does not exist."""


class InvalidParameterValue(ServiceError):
    """No."""


def test_errors_of_both_protocols() -> None:
    operation = _operation("SendMessage")
    assert operation.serialize_error("query", QueueDoesNotExist(), "r-1").body.decode() == (
        f"<ErrorResponse {NAMESPACE}><Error><Type>Sender</Type>"
        "<Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>The specified queue does not exist.</Message>"
        "<Detail/></Error><RequestId>r-1</RequestId></ErrorResponse>"
    )
    response = operation.serialize_error("json", QueueDoesNotExist(), "r-1")
    assert (response.status, response.body) == (
        400,
        b'{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}',
    )
    assert ("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender") in response.headers


def test_an_error_that_the_model_does_not_list() -> None:
    response = _operation("SendMessage").serialize_error("json", InvalidParameterValue(), "r-1")
    assert b"#InvalidParameterValueException" in response.body
    assert ("x-amzn-query-error", "InvalidParameterValue;Sender") in response.headers


def _operation(name: str) -> wire.Operation:
    return wire.service("sqs").operations[name]
