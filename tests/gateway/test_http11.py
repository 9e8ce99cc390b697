"""HTTP as it arrives: in pieces, in a row, too large, wrong."""

from __future__ import annotations

import gc
import gzip
import json
import random

import pytest

HEALTH = b"GET /_undercast/health HTTP/1.1\r\nHost: x\r\n\r\n"


def sqs(body: bytes, *headers: bytes) -> bytes:
    lines = [b"POST / HTTP/1.1", b"Host: localhost", b"X-Amz-Target: AmazonSQS.ListQueues",
             b"Content-Type: application/x-amz-json-1.0", *headers]  # fmt: skip
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def test_connection_is_kept(raw):
    for _ in range(3):
        raw.send(HEALTH)
        assert raw.answer()[0] == 200


def test_pipelined_requests_are_answered_in_order(raw):
    raw.send(HEALTH + b"GET /_undercast/nothing HTTP/1.1\r\nHost: x\r\n\r\n" + HEALTH)
    assert [raw.answer()[0] for _ in range(3)] == [200, 404, 200]


def test_request_arrives_byte_by_byte(raw):
    for byte in sqs(b"{}", b"Content-Length: 2"):
        raw.send(bytes([byte]))
    assert raw.answer()[0] == 200


def test_chunked_body(raw):
    raw.send(sqs(b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", b"Transfer-Encoding: chunked"))
    assert raw.answer()[0] == 200


def test_connection_close_is_honoured(raw):
    raw.send(HEALTH.replace(b"Host: x", b"Connection: close"))
    assert raw.answer()[1]["connection"] == "close"
    assert raw.closed()


def test_http_1_0_closes(raw):
    raw.send(HEALTH.replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert raw.answer()[0] == 200
    assert raw.closed()


def test_expect_100_continue(raw):
    raw.send(sqs(b"", b"Content-Length: 2", b"Expect: 100-continue"))
    assert raw.answer()[0] == 100
    raw.send(b"{}")
    assert raw.answer()[0] == 200


def test_headers_too_large(raw):
    raw.send(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 200_000)
    assert raw.answer()[0] == 431
    assert raw.closed()


def test_body_too_large(raw):
    raw.send(sqs(b"", b"Content-Length: 999999999"))
    assert raw.answer()[0] == 413
    assert raw.closed()


@pytest.mark.parametrize(
    "data", [b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"hello world\r\n\r\n"]
)
def test_what_is_not_http_is_refused(raw, data):
    raw.send(data)
    assert raw.answer()[0] == 400
    assert raw.closed()


def test_gzip_request(raw):
    body = gzip.compress(b"{}")
    raw.send(sqs(body, b"Content-Encoding: gzip", b"Content-Length: %d" % len(body)))
    assert raw.answer()[0] == 200


def test_bad_gzip_is_the_clients_error(raw):
    raw.send(sqs(b"nope", b"Content-Encoding: gzip", b"Content-Length: 4"))
    status, _, body = raw.answer()
    assert (status, json.loads(body)["__type"].rpartition("#")[2]) == (400, "SerializationException")


def test_random_bytes_never_hang_and_never_hurt(connect, caplog):
    """Fuzz: mutated requests get an answer or a closed connection, and the next client is served."""
    chance = random.Random(4566)
    valid = sqs(b'{"QueueNamePrefix":"a"}', b"Content-Length: 23", b"Connection: close")
    for _ in range(150):
        data = bytearray(valid)
        for _ in range(chance.randrange(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        client = connect()
        client.send(bytes(data))
        client.socket.shutdown(1)  # nothing more comes
        client.socket.settimeout(10)
        while client.socket.recv(65536):
            pass
        client.socket.close()
    client = connect()
    client.send(HEALTH)
    assert client.answer()[0] == 200
    gc.collect()  # a task that failed is reported when it goes
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
