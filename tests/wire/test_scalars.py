"""Timestamps, calls within the process, and the odd corners of single values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast import wire
from undercast.kit.errors import SerializationException
from undercast.kit.http import Request
from undercast.wire import timestamps

MOMENTS = st.integers(0, timestamps.MAX_MS)


@given(MOMENTS)
def test_timestamps_come_back(ms: int) -> None:
    assert timestamps.from_text(timestamps.to_iso8601(ms)) == ms
    assert timestamps.from_text(timestamps.to_iso8601_ms(ms)) == ms
    assert timestamps.from_text(timestamps.to_http_date(ms)) == ms // 1000 * 1000
    assert timestamps.from_epoch(timestamps.to_epoch(ms)) == ms
    assert timestamps.from_text(str(timestamps.to_epoch(ms))) == ms


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2024-01-02T03:04:05Z", 1_704_164_645_000),
        ("2024-01-02T03:04:05.678Z", 1_704_164_645_678),
        ("2024-01-02T05:04:05+02:00", 1_704_164_645_000),
        ("2024-01-02T03:04:05", 1_704_164_645_000),
        ("2024-01-02", 1_704_153_600_000),
        ("Tue, 02 Jan 2024 03:04:05 GMT", 1_704_164_645_000),
        ("1704164645", 1_704_164_645_000),
        ("1.704164645678E9", 1_704_164_645_678),
        ("-1", -1000),
    ],
)
def test_timestamps_from_text(text: str, ms: int) -> None:
    assert timestamps.from_text(text) == ms


@pytest.mark.parametrize("text", ["", "now", "2024-13-01T00:00:00Z", "nan", "inf", "1e999", "9" * 400, "Tue, 99 Jan"])
def test_no_timestamp(text: str) -> None:
    with pytest.raises(SerializationException):
        timestamps.from_text(text)


def test_a_call_may_use_datetimes_and_text_for_bytes() -> None:
    entry = {"Time": datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), "Source": "s", "Detail": None}
    assert wire.service("events").operations["PutEvents"].check({"Entries": [entry]}) == {
        "Entries": [{"Time": 1_704_164_645_000, "Source": "s"}]
    }
    assert wire.service("kms").operations["Encrypt"].check({"Plaintext": "é"}) == {"Plaintext": "é".encode()}


@pytest.mark.parametrize(
    "params",
    [
        {"MaxNumberOfMessages": "1"},
        {"MaxNumberOfMessages": True},
        {"QueueUrl": 1},
        {"AttributeNames": "All"},
        {"No": 1},
    ],
)
def test_a_call_is_checked(params: dict[str, Any]) -> None:
    with pytest.raises(SerializationException):
        wire.service("sqs").operations["ReceiveMessage"].check(params)


def test_a_call_that_takes_nothing() -> None:
    with pytest.raises(SerializationException):
        wire.service("sts").operations["GetCallerIdentity"].check({"a": 1})


def test_numbers_that_json_cannot_say() -> None:
    sent = Request("POST", "/", "", {}, b'{"LimitName":"NaN"}')
    assert wire.service("dynamodb").operations["DescribeLimits"].parse("json", sent, {}) == {}
    output = {"Datapoints": [{"Sum": float("inf")}, {"Sum": float("-inf")}, {"Sum": 1}]}
    operation = wire.service("cloudwatch").operations["GetMetricStatistics"]
    body = operation.serialize("json", output, "r-1").body
    assert body == b'{"Datapoints":[{"Sum":"Infinity"},{"Sum":"-Infinity"},{"Sum":1.0}]}'


@pytest.mark.parametrize("output", [{"QueueUrl": 1}, {"QueueUrl": b"bytes"}])
def test_an_output_of_the_wrong_type_is_a_mistake(output: dict[str, Any]) -> None:
    for protocol in ("json", "query"):
        with pytest.raises(TypeError):
            wire.service("sqs").operations["CreateQueue"].serialize(protocol, output, "r-1")


def test_models() -> None:
    sqs = wire.service("sqs")
    assert (sqs.target_prefix, sqs.json_version, sqs.by_method["send_message"]) == ("AmazonSQS", "1.0", "SendMessage")
    assert sqs.error_codes["QueueDoesNotExist"] is sqs.error_codes["AWS.SimpleQueueService.NonExistentQueue"]
    assert wire.service("sns").error_codes["NotFoundException"].code == "NotFound"
    assert wire.service("lambda").operations["InvokeWithResponseStream"].event_stream_output
    assert wire.service("s3").operations["PutObject"].streaming_input
    assert not wire.service("lambda").operations["Invoke"].streaming_input
    assert wire.service("ssm").operations["CreateOpsItem"].method == "create_ops_item"
    assert wire.service("secretsmanager").operations["CreateSecret"].idempotency_tokens == ("ClientRequestToken",)
    for name in ("no-such-service", "../sqs", ""):
        with pytest.raises(KeyError):
            wire.service(name)
