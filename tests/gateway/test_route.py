"""Which service and operation a request is for."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError


def post(raw, target, body=b"{}", authorization=""):
    lines = [
        "POST / HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/x-amz-json-1.0",
        f"Content-Length: {len(body)}",
    ]
    if target:
        lines.append(f"X-Amz-Target: {target}")
    if authorization:
        lines.append(f"Authorization: {authorization}")
    raw.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    status, _, answer = raw.answer()
    return status, answer


def test_unknown_operation(raw):
    status, body = post(raw, "AmazonSQS.DoMagic")
    assert status == 400
    assert json.loads(body)["__type"].endswith("UnknownOperationException")


def test_service_that_is_not_here_says_so(aws):
    with pytest.raises(ClientError) as refused:
        aws("redshift").describe_clusters()
    assert "does not have the service 'redshift' yet" in refused.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("authorization", "text"),
    [
        ("AWS4-HMAC-SHA256 Nothing", "requires 'Credential' parameter"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=0", "exactly 5 slash-delimited elements"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host", "requires 'Signature' parameter"),
    ],
)
def test_signature_of_a_bad_shape(raw, authorization, text):
    status, body = post(raw, "AmazonSQS.ListQueues", authorization=authorization)
    assert status == 400
    assert json.loads(body)["__type"].endswith("IncompleteSignatureException")
    assert text in json.loads(body)["message"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff\xfe", b'{"QueueName": 5}', b"[" * 100_000])
def test_malformed_json_is_the_clients_error(raw, body):
    status, answer = post(raw, "AmazonSQS.CreateQueue", body)
    assert status == 400
    assert json.loads(answer)["__type"].rpartition("#")[2] in (
        "SerializationException",
        "MissingRequiredParameterException",
    )


def test_accounts_and_regions_are_apart(aws):
    here, other_region, other_account = (
        aws("sqs"),
        aws("sqs", region_name="eu-west-1"),
        aws("sqs", account="999999999999"),
    )
    here.create_queue(QueueName="mine")
    for client in (other_region, other_account):
        with pytest.raises(ClientError, match="NonExistentQueue"):
            client.get_queue_url(QueueName="mine")


def test_any_other_key_is_the_default_account(aws):
    queue = aws("sqs", aws_access_key_id="test").create_queue(QueueName="shared")["QueueUrl"]
    assert "/000000000000/" in queue
