"""Clients that are slow, vanish or never stop: nothing is leaked, nobody else waits, no message is lost."""

from __future__ import annotations

import json
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests.hostile.conftest import HEALTH, eventually
from tests.hostile.raw import Raw, sent_by

BIG = 8 * 1024 * 1024


@pytest.mark.parametrize("beginning", [b"P", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Le", HEALTH[:-2],
                                       b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n12", b"\x16", b"\x16\x03\x01\x02\x00"])  # fmt: skip
def test_client_that_stops_halfway_is_closed(hasty, beginning):
    with closing(Raw(hasty.url)) as client:
        client.send(beginning)
        assert client.rest()[:12] in (b"HTTP/1.1 408", b"")
    assert hasty.settles((0, 99))[0] == 0  # answered or not, it is gone


def test_silent_client_is_closed(hasty):
    with closing(Raw(hasty.url)) as client:
        assert client.rest() == b""


def test_headers_that_drip_are_cut_off(hasty):
    """One byte now and then is no excuse."""
    with closing(Raw(hasty.url)) as client:
        client.send(HEALTH[:20])
        client.socket.settimeout(0.05)
        for _ in range(100):
            try:
                client.send(b"x")
                if client.socket.recv(1024):
                    return
            except TimeoutError:
                continue
            except ConnectionError:
                return
        pytest.fail("still served")


def test_client_that_does_not_read_is_cut_off(hasty, account):
    """A large answer nobody takes holds its file only for a while."""
    s3 = client_of(hasty, account)
    s3.create_bucket(Bucket=f"b{account}")
    s3.put_object(Bucket=f"b{account}", Key="k", Body=bytes(BIG * 4))
    with closing(Raw(hasty.url)) as client:
        client.send(sent_by(s3, "get_object", {"Bucket": f"b{account}", "Key": "k"}).bytes())
        s3.close()
        assert hasty.settles((0, 99))[0] == 0


def client_of(platform, account):
    import boto3  # noqa: PLC0415  this platform has no fixture

    return boto3.client(
        "s3", endpoint_url=platform.url, region_name="us-east-1", aws_access_key_id=account, aws_secret_access_key="x"
    )


def test_vanishing_during_an_upload(aws, connect, account, undercast):
    s3 = aws("s3")
    s3.create_bucket(Bucket=f"b{account}")
    before = files(undercast)
    data = sent_by(s3, "put_object", {"Bucket": f"b{account}", "Key": "k", "Body": b"x" * BIG}).bytes()
    for share in (0.01, 0.3, 0.9):
        client = connect()
        client.send(data[: int(len(data) * share)])
        client.close()
    assert eventually(lambda: files(undercast), lambda now: now == before) == before
    assert s3.list_objects_v2(Bucket=f"b{account}")["KeyCount"] == 0


def files(undercast) -> int:
    return sum(path.is_file() for path in Path(undercast.platform.folder, "blobs").rglob("*"))


def test_vanishing_during_a_download(aws, connect, account):
    s3 = aws("s3")
    s3.create_bucket(Bucket=f"b{account}")
    s3.put_object(Bucket=f"b{account}", Key="k", Body=bytes(BIG))
    for _ in range(5):
        client = connect()
        client.send(sent_by(s3, "get_object", {"Bucket": f"b{account}", "Key": "k"}).bytes())
        client.socket.recv(100)
        client.close()


def test_vanishing_during_a_long_poll_loses_no_message(aws, connect, undercast, queue):
    sqs = aws("sqs")
    tasks = undercast.counts()
    client = connect()
    client.send(sent_by(sqs, "receive_message", {"QueueUrl": queue, "WaitTimeSeconds": 20}).bytes())
    assert eventually(lambda: waiters(undercast), bool)
    client.close()
    assert eventually(lambda: waiters(undercast), lambda now: now == 0) == 0
    undercast.settles(tasks)
    sqs.send_message(QueueUrl=queue, MessageBody="kept")
    [message] = sqs.receive_message(QueueUrl=queue, AttributeNames=["All"])["Messages"]
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"


def waiters(undercast) -> int:
    signals = undercast.platform.store._waiters._signals
    return sum(len(some) for channel, some in signals.items() if channel.startswith("sqs:"))


def test_many_long_polls_vanish_at_once(aws, connect, undercast, queue):
    data = sent_by(aws("sqs"), "receive_message", {"QueueUrl": queue, "WaitTimeSeconds": 20}).bytes()
    clients = [connect() for _ in range(100)]
    for client in clients:
        client.send(data)
    assert eventually(lambda: waiters(undercast), lambda now: now == 100) == 100
    for client in clients:
        client.close()
    assert eventually(lambda: waiters(undercast), lambda now: now == 0) == 0


def test_half_closed_client_hears_its_answer_and_is_closed(raw):
    raw.send(HEALTH)
    raw.socket.shutdown(1)
    assert raw.rest().startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "garbage", [b"\x00" * 100, b"GET", b"GET / HTTP/1.1\r\n\x00: y\r\n\r\n", b"x" * 100_000, b"\r\n" * 1000]
)
def test_garbage_after_a_request(raw, garbage):
    """The answer before it still comes."""
    raw.send(HEALTH + garbage)
    raw.socket.shutdown(1)
    assert raw.rest().startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "chunks",
    [
        b"zz\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}xx0\r\n\r\n",
        b"-2\r\n{}\r\n",
        b"ffffffffffffffffff\r\n{}",
        b"2;" + b"x" * 200_000,
    ],
    ids=["no number", "too long", "negative", "beyond all bounds", "extension"],
)
@pytest.mark.parametrize("target", [b"/", b"/bucket/key"])
def test_chunks_that_are_wrong(raw, chunks, target):
    head = b"%b %b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" % (
        b"POST" if target == b"/" else b"PUT",
        target,
    )
    raw.send(head + chunks)
    raw.socket.shutdown(1)
    answer = raw.rest()
    assert answer == b"" or 400 <= int(answer.split(b" ", 2)[1]) < 500


def test_lengths_that_contradict_each_other(connect):
    for lines in (b"Content-Length: 2\r\nTransfer-Encoding: chunked", b"Content-Length: 2\r\nContent-Length: 3",
                  b"Content-Length: -1", b"Content-Length: 1e3", b"Transfer-Encoding: gzip"):  # fmt: skip
        raw = connect()
        raw.send(b"POST / HTTP/1.1\r\nHost: x\r\n" + lines + b"\r\n\r\n{}")
        raw.socket.shutdown(1)
        assert int(raw.rest().split(b" ", 2)[1]) == 400


def test_endless_trailers_are_cut_off(aws, raw, account):
    aws("s3").create_bucket(Bucket=f"b{account}")
    head = sent_by(aws("s3"), "put_object", {"Bucket": f"b{account}", "Key": "k", "Body": b""})
    lines = [b"PUT %b HTTP/1.1" % head.target] + [
        b"%b: %b" % item for item in head.headers.items() if item[0] != b"Content-Length"
    ]
    raw.send(b"\r\n".join([*lines, b"Transfer-Encoding: chunked"]) + b"\r\n\r\n0\r\n")
    try:
        for number in range(40_000):
            raw.send(b"x-%d: %b\r\n" % (number, b"y" * 50))
    except ConnectionError:
        return
    assert raw.rest()[:12] in (b"", b"HTTP/1.1 431")


@pytest.mark.parametrize("count", [1_000, 100_000])
def test_many_headers(raw, count):
    raw.send(HEALTH[:-2])
    try:
        raw.send(b"".join(b"x%d: y\r\n" % number for number in range(count)) + b"\r\n")
    except ConnectionError:
        return
    assert raw.answer()[0] == (200 if count == 1_000 else 431)


@pytest.mark.parametrize("value", [b"100-continue", b"200-maybe", b""])
def test_expect(aws, raw, value, account):
    """What is refused anyway is refused without asking for its body."""
    sent = sent_by(aws("s3"), "put_object", {"Bucket": f"none-{account}", "Key": "k", "Body": b"x" * 100_000})
    head, _, body = sent.header(b"Expect", value).bytes().partition(b"\r\n\r\n")
    raw.send(head + b"\r\n\r\n")
    if value == b"100-continue":
        raw.socket.settimeout(5)
        assert raw.answer()[0] == 100
    raw.send(body)
    assert raw.answer()[0] == 404


def test_upgrades_are_not_taken_up(raw):
    """Java's HTTP client offers HTTP/2 with its first request and goes on in HTTP/1.1."""
    raw.send(HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"))
    assert raw.answer()[0] == 200
    raw.send(HEALTH)
    assert raw.answer()[0] == 200


def test_others_are_served_meanwhile(aws, connect, queue):
    """Five hundred connections that say nothing cost the next one nothing."""
    idle = [connect() for _ in range(500)]
    for number, client in enumerate(idle):
        client.send(HEALTH[: number % len(HEALTH)])
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(aws("sqs").list_queues())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(answers) == 4
    for client in idle:
        client.close()


def test_older_clients_send_to_the_queues_own_url(raw, queue, aws):
    """The URL's path is the queue; the form does not repeat it."""
    path = "/" + queue.split("/", 3)[3]
    body = b"Action=SendMessage&MessageBody=hello&Version=2012-11-05"
    raw.send(
        b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%b"
        % (path.encode(), len(body), body)
    )
    assert raw.answer()[0] == 200
    raw.send(b"GET %b?Action=ReceiveMessage HTTP/1.1\r\nHost: x\r\n\r\n" % path.encode())
    assert b"<Body>hello</Body>" in raw.answer()[2]


def test_health(raw):
    raw.send(HEALTH)
    assert json.loads(raw.answer()[2])["status"] == "running"
