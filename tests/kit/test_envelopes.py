"""Envelope encryption: a data key serves for its minutes, and only once the transaction that asked for it is durable."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from undercast.kit.envelopes import OVERHEAD, Envelopes
from undercast.kit.errors import ServiceError


class Refused(ServiceError):
    """What KMS says."""


class Told(ServiceError):
    """What the service says of it."""


class World:
    """A call and a KMS of which only the names of data keys are real."""

    def __init__(self) -> None:
        self.made: list[bytes] = []
        self.opened = 0
        self.committing: list[Callable[[], None]] = []
        self.call: Any = SimpleNamespace(
            now=0, in_transaction=False, ids=SimpleNamespace(bytes=os.urandom), platform=SimpleNamespace(things={}),
            after_commit=self.committing.append, aws=SimpleNamespace(kms=self),
        )  # fmt: skip

    async def decrypt(self, CiphertextBlob: bytes, EncryptionContext: Any) -> dict[str, Any]:
        assert EncryptionContext == {"of": "owner"}
        self.opened += 1
        return {"Plaintext": CiphertextBlob}

    async def generate_data_key(self, KeyId: str, KeySpec: str, EncryptionContext: Any) -> dict[str, Any]:
        if KeyId != "key":
            raise Refused("no such key")
        self.made.append(os.urandom(32))
        return {"CiphertextBlob": self.made[-1], "Plaintext": self.made[-1]}

    def envelopes(self, key_id: str = "key", reused_ms: int = 1000) -> Envelopes:
        return Envelopes(self.call, key_id, {"of": "owner"}, lambda error: Told(error.message), reused_ms)

    def seal(self, data: bytes = b"data") -> tuple[str, bytes]:
        return asyncio.run(self.envelopes().sealer())(data)


def test_there_and_back() -> None:
    world = World()
    lock, sealed = world.seal()
    assert lock and b"data" not in sealed and len(sealed) == 4 + OVERHEAD
    assert asyncio.run(world.envelopes("").open(lock, sealed)) == b"data"


def test_without_a_key_nothing_is_sealed() -> None:
    world = World()
    assert asyncio.run(world.envelopes("").sealer())(b"data") == ("", b"data")
    assert asyncio.run(world.envelopes("").open("", b"data")) == b"data"
    assert world.made == []


def test_a_data_key_serves_for_its_time() -> None:
    world = World()
    first, second = world.seal(), world.seal()
    assert first[0] == second[0] and first[1] != second[1]
    world.call.now = 1001
    assert world.seal()[0] != first[0]
    assert asyncio.run(world.envelopes().open(*first)) == b"data"
    assert (len(world.made), world.opened) == (2, 1)


def test_an_owner_may_ask_each_time() -> None:
    world = World()
    once, again = (asyncio.run(world.envelopes(reused_ms=0).sealer())(b"data") for _ in range(2))
    assert once[0] != again[0]
    assert asyncio.run(world.envelopes(reused_ms=0).open(*once)) == b"data"
    assert (world.opened, world.call.platform.things["kit.envelopes"]) == (1, {})


def test_what_kms_refuses_is_told_in_the_services_words() -> None:
    with pytest.raises(Told, match="no such key"):
        asyncio.run(World().envelopes("other").try_key())


def test_a_data_key_of_a_transaction_that_is_undone_is_not_used_again() -> None:
    world = World()
    world.call.in_transaction = True
    undone = world.seal()
    assert world.seal()[0] != undone[0]
    for action in world.committing[1:]:
        action()
    assert world.seal()[0] not in ("", undone[0])
    assert len(world.made) == 2
