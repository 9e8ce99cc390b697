"""Kinesis in CBOR, as the SDKs for Java speak it."""

from __future__ import annotations

import time
import urllib.error
import urllib.request

import cbor2
import pytest


@pytest.fixture
def ask(undercast, account):
    """Send a document, get one."""

    def send(operation, document):
        scope = f"{account}/20240101/us-east-1/kinesis/aws4_request"
        headers = {
            "Content-Type": "application/x-amz-cbor-1.1",
            "X-Amz-Target": f"Kinesis_20131202.{operation}",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=x",
        }
        request = urllib.request.Request(undercast.url, cbor2.dumps(document), headers)
        try:
            answer = urllib.request.urlopen(request)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            body = answer.read()
            assert answer.headers["Content-Type"] == "application/x-amz-cbor-1.1" or not body
            return answer.status, cbor2.loads(body, semantic_decoders={1: lambda value, *_: value}) if body else None

    return send


def test_records_are_put_and_read(ask, stream):
    stream()
    status, put = ask("PutRecord", {"StreamName": "s", "Data": b"\x00\xff", "PartitionKey": "k"})
    assert (status, put["ShardId"]) == (200, "shardId-000000000000")
    where = {"StreamName": "s", "ShardId": put["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    _, iterator = ask("GetShardIterator", where)
    _, found = ask("GetRecords", iterator)
    (record,) = found["Records"]
    assert (record["Data"], record["SequenceNumber"]) == (b"\x00\xff", put["SequenceNumber"])
    at = record["ApproximateArrivalTimestamp"]
    assert isinstance(at, int)
    assert at > 1000 * time.time() - 60_000, "milliseconds"
    where |= {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": cbor2.CBORTag(1, at)}
    _, iterator = ask("GetShardIterator", where)
    assert len(ask("GetRecords", iterator)[1]["Records"]) == 1


def test_errors(ask):
    status, error = ask("DescribeStreamSummary", {"StreamName": "none"})
    assert (status, error["__type"]) == (400, "ResourceNotFoundException")
    assert error["message"].startswith("Stream none under account ")
    status, error = ask("PutRecord", "not a document")
    assert (status, error["__type"]) == (400, "SerializationException")
    status, error = ask("PutRecord", {"StreamName": "s", "Data": cbor2.CBORTag(4, [1, 2]), "PartitionKey": "k"})
    assert (status, error["__type"]) == (400, "SerializationException")
