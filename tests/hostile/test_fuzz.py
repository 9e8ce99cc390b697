"""Mutations of what real clients send: an answer or a closed connection, for every one of them."""

from __future__ import annotations

import os
import random

import pytest

from tests.hostile.raw import CALLS

ROUNDS = 250
SEED = os.environ.get("HOSTILE_SEED", "")  # another run of luck
SPICE = [b"\x00", b"\xff\xfe", b"%", b"%00", b"%ff", b"\r\n", b"..", b"/", b"{", b"]", b'"', b"&", b"=", b"<", b"&#0;",
         b"\\u0000", b"\\ud800", b"-1", b"1e999", b"9" * 30, b"null", b"true", b"[]", b"{}", b"?x=y", b"\xc3"]  # fmt: skip


def mutated(chance: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(out) + 1)
        kind = chance.randrange(4)
        if kind == 0:
            out[at:at] = chance.choice(SPICE)
        elif kind == 1:
            out[at : at + 1] = chance.randbytes(1)
        elif kind == 2:
            del out[at : at + chance.randint(1, 12)]
        else:
            out[at:at] = bytes(out[chance.randrange(len(out) + 1) :][:20])
    return bytes(out)


@pytest.mark.parametrize("service", [*CALLS, "sqs-query"])
def test_mutated_bodies_targets_and_headers(connect, valid, service):
    """Each part alone, so that the others lead it into the depths; the framing stays right."""
    chance, good = random.Random(SEED + service), valid(service)
    client = connect()
    for _ in range(ROUNDS):
        part = chance.choice(["body", "body", "target", "header"])
        if part == "body" and good.body:
            spoiled = good.but(body=mutated(chance, good.body))
        elif part == "header":
            name = chance.choice(list(good.headers))
            spoiled = good.header(name, mutated(chance, good.headers[name]).replace(b"\r", b"").replace(b"\n", b""))
        else:
            spoiled = good.but(target=b"/" + mutated(chance, good.target).replace(b" ", b""))
        try:
            client.send(spoiled.bytes())
            status, headers, _ = client.answer()
        except (EOFError, ConnectionError):
            client = connect()
            continue
        assert status < 500 or status == 501, spoiled.bytes()
        if headers.get("connection") == "close":
            client = connect()


@pytest.mark.parametrize("service", [*CALLS, "sqs-query"])
def test_mutated_bytes(connect, valid, service):
    """Anywhere, framing too."""
    chance, good = random.Random(SEED + service), valid(service).header(b"Connection", b"close").bytes()
    for _ in range(ROUNDS // 3):
        client = connect()
        client.send(mutated(chance, good))
        client.socket.shutdown(1)  # nothing more comes
        assert b" 500 " not in client.rest()[:20]
        client.close()
