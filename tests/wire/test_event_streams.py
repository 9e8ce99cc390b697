"""Event streams, with botocore's own decoder at the other end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from botocore.eventstream import EventStream, EventStreamBuffer
from botocore.exceptions import EventStreamError
from botocore.parsers import EventStreamJSONParser, EventStreamXMLParser
from hypothesis import given
from hypothesis import strategies as st
from peer import milliseconds, model

from undercast import wire
from undercast.kit.errors import SerializationException, ServiceError
from undercast.kit.http import Response
from undercast.wire import eventstream

VALUES = st.text(max_size=50) | st.binary(max_size=50) | st.booleans() | st.integers(-(2**31), 2**31 - 1)
NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)


@given(st.dictionaries(NAMES, VALUES, max_size=5), st.binary(max_size=200))
def test_frames_are_read_by_us_and_by_botocore(headers: dict[str, Any], payload: bytes) -> None:
    frame = eventstream.encode(headers, payload)
    assert list(eventstream.decode(frame + frame)) == [(headers, payload)] * 2
    buffer = EventStreamBuffer()
    buffer.add_data(frame)
    (event,) = list(buffer)
    assert (event.headers, event.payload) == (headers, payload)


@given(st.binary(max_size=80))
def test_broken_frames_are_refused(data: bytes) -> None:
    frame = eventstream.encode({":message-type": "event"}, b"payload")
    for broken in (data, frame[:-1], frame[:20] + data + frame[20 + len(data) :]):
        if broken not in (b"", frame):
            with pytest.raises(SerializationException):
                list(eventstream.decode(broken))


def test_lambda_answers_in_chunks() -> None:
    events = _events(
        "lambda",
        "InvokeWithResponseStream",
        "rest-json",
        EventStreamJSONParser(),
        "EventStream",
        [
            {"PayloadChunk": {"Payload": b"one"}},
            {"PayloadChunk": {"Payload": b"\xff"}},
            {"InvokeComplete": {"ErrorCode": "Unhandled", "LogResult": "bG9n"}},
        ],
    )
    assert events == [
        {"PayloadChunk": {"Payload": b"one"}},
        {"PayloadChunk": {"Payload": b"\xff"}},
        {"InvokeComplete": {"ErrorCode": "Unhandled", "LogResult": "bG9n"}},
    ]


def test_s3_select_writes_xml() -> None:
    sent = [
        {"Records": {"Payload": b"a,b\n"}},
        {"Cont": {}},
        {"Stats": {"Details": {"BytesScanned": 1, "BytesProcessed": 2, "BytesReturned": 3}}},
        {"End": {}},
    ]
    assert _events("s3", "SelectObjectContent", "rest-xml", EventStreamXMLParser(), "Payload", sent) == sent


def test_kinesis_begins_with_the_initial_response() -> None:
    record = {
        "SequenceNumber": "1",
        "Data": b"d",
        "PartitionKey": "p",
        "ApproximateArrivalTimestamp": 1_700_000_000_123,
    }
    sent = [
        {"SubscribeToShardEvent": {"Records": [record], "ContinuationSequenceNumber": "2", "MillisBehindLatest": 0}}
    ]
    response = _serialize("kinesis", "SubscribeToShard", "json", "EventStream", sent)
    first = next(eventstream.decode(_collect(response)))
    assert first[0][":event-type"] == "initial-response"
    events = _events("kinesis", "SubscribeToShard", "json", EventStreamJSONParser(), "EventStream", sent)
    assert events == sent


def test_an_error_ends_the_stream_with_an_exception() -> None:
    class ResourceNotFoundException(ServiceError):
        """Gone."""

    async def events() -> AsyncIterator[dict[str, Any]]:
        raise ResourceNotFoundException
        yield {}

    operation = wire.service("kinesis").operations["SubscribeToShard"]
    response = operation.serialize("json", {"EventStream": events()}, "request-1")
    _, (headers, payload) = eventstream.decode(_collect(response))
    assert headers[":message-type"] == "exception"
    assert headers[":exception-type"] == "ResourceNotFoundException"
    assert payload == b'{"message":"Gone."}'
    shape = model("kinesis", "json").operation_model("SubscribeToShard").output_shape.members["EventStream"]
    with pytest.raises(EventStreamError, match="Gone"):
        list(
            EventStream(_Raw(_collect(response, payload, headers)), shape, EventStreamJSONParser(), "SubscribeToShard")
        )


def _events(service: str, name: str, protocol: str, parser: Any, member: str, sent: list[Any]) -> list[Any]:
    response = _serialize(service, name, protocol, member, sent)
    assert ("Content-Type", "application/vnd.amazon.eventstream") in response.headers
    shape = model(service, protocol).operation_model(name).output_shape.members[member]
    return milliseconds(list(EventStream(_Raw(_collect(response)), shape, parser, name)))


def _serialize(service: str, name: str, protocol: str, member: str, sent: list[Any]) -> Response:
    async def events() -> AsyncIterator[dict[str, Any]]:
        for event in sent:
            yield event

    return wire.service(service).operations[name].serialize(protocol, {member: events()}, "request-1")


def _collect(response: Response, *again: Any) -> bytes:
    if again:
        payload, headers = again
        return eventstream.encode(headers, payload)

    async def read() -> bytes:
        return b"".join([chunk async for chunk in response.body])

    return asyncio.run(read())


class _Raw:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def stream(self) -> list[bytes]:
        return [self._data]

    def close(self) -> None: ...
