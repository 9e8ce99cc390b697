"""HTTP as it arrives: in pieces, in a row, too large, wrong."""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
import random
from types import SimpleNamespace

import pytest

from undercast.gateway.http11 import App, Connection, Limits
from undercast.gateway.run import FrontDoor
from undercast.kit.http import Request, Response
from undercast.kit.ids import Ids
from undercast.store.contract import StoreError

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


class Wire:
    """A transport that keeps what is written: what it is given arrives in the pieces that the test chooses."""

    def __init__(self, limits):
        self.sent, self.closed, self.asked = b"", False, []
        self.connection = Connection(App(self.answer, lambda _request: False, limits), set())
        self.connection.connection_made(self)

    async def answer(self, request):
        self.asked.append((request.path, len(request.body)))
        await asyncio.sleep(0)
        return Response(200)

    async def receive(self, *pieces):
        """What comes back: status codes. A few turns of the loop let every request be answered."""
        for piece in pieces:
            self.connection.data_received(piece)
        for _ in range(20):
            await asyncio.sleep(0)
        return [int(line.split()[1]) for line in self.sent.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]

    def write(self, data):
        self.sent += data

    def close(self):
        self.closed = True

    def get_extra_info(self, _name):
        return ("127.0.0.1", 1)

    def pause_reading(self):
        pass

    resume_reading = pause_reading


def on_the_wire(*pieces, body_bytes=1_000_000):
    """Statuses, what was asked, whether the connection was closed."""

    async def go():
        wire = Wire(Limits(body_bytes=body_bytes))
        return await wire.receive(*pieces), wire.asked, wire.closed

    return asyncio.run(go())


def test_body_that_arrives_with_its_headers_does_not_count_as_headers():
    body = b"y" * 200_000
    request = sqs(body, b"Content-Length: 200000")
    assert on_the_wire(request) == ([200], [("/", 200_000)], False)
    assert on_the_wire(HEALTH + request + request) == (
        [200, 200, 200], [("/_undercast/health", 0), ("/", 200_000), ("/", 200_000)], False,
    )  # fmt: skip


LARGE = b"GET /large HTTP/1.1\r\nX: " + b"y" * 70_000 + b"\r\n\r\n"
LONG = b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"
MANY = b"GET /many HTTP/1.1\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 1000) for n in range(70)) + b"\r\n"
TOO_MUCH = b"POST /much HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n" + b"z" * 99


@pytest.mark.parametrize(("refused", "status"), [(LARGE, 431), (LONG, 431), (MANY, 431), (TOO_MUCH, 413)])
def test_what_follows_a_refused_request_is_not_answered_nor_what_went_before_answered_twice(refused, status):
    wanted = ([200, status], [("/_undercast/health", 0)], True)
    assert on_the_wire(HEALTH + refused + HEALTH, body_bytes=50) == wanted
    assert on_the_wire(HEALTH, refused[:40], refused[40:] + HEALTH, body_bytes=50) == wanted


def test_a_trailer_without_end():
    begun = sqs(b"0\r\nX-End: ", b"Transfer-Encoding: chunked")
    assert on_the_wire(begun, *[b"y" * 30_000] * 3) == ([431], [], True)


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [(StoreError("The disk is full."), 503, "The disk is full."), (KeyError("a bug"), 500, "")],
)
def test_own_paths_answer_whatever_goes_wrong(error, status, words):
    async def internal(_request):
        raise error

    door = FrontDoor(SimpleNamespace(ids=Ids()), None, internal)
    answer = asyncio.run(door.answer(Request("POST", "/_undercast/clock")))
    assert answer.status == status
    assert words in json.loads(answer.body)["message"]


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
