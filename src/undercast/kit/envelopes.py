"""Envelope encryption with a key of KMS: a data key seals for some minutes and lies, encrypted, beside what it sealed.

    envelopes = Envelopes(call, key_id, {"aws:kinesis:arn": arn}, told)
    seal = await envelopes.sealer()
    lock, sealed = seal(b"data")
    data = await envelopes.open(lock, sealed)

https://docs.aws.amazon.com/kms/latest/developerguide/kms-cryptography.html#enveloping
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError

OVERHEAD = 28  # bytes by which sealed data are longer: 12 of a nonce, 16 of a tag
_NONCE = 12
_REUSED_MS = 300_000
_MOST_KEYS = 10_000

# What a service makes of an error of KMS: its own word for it, or the error itself.
Told = Callable[[ServiceError], ServiceError]


@dataclass(frozen=True, slots=True)
class Envelopes:
    """Those of one owner: a stream, a queue. `key_id` is '' for one that does not encrypt."""

    call: Call  # in the account and region of the key
    key_id: str
    context: Mapping[str, str]
    told: Told
    reused_ms: int = _REUSED_MS  # for how long one data key seals, and for how long an opened one is remembered; or 0

    async def sealer(self) -> Callable[[bytes], tuple[str, bytes]]:
        """What makes data that which is stored: its lock ('' without encryption) and the bytes."""
        if not self.key_id:
            return lambda data: ("", data)
        lock, secret = await self._data_key()
        cipher, random = _aes(secret), self.call.ids.bytes

        def seal(data: bytes) -> tuple[str, bytes]:
            nonce = random(_NONCE)
            return lock, nonce + cipher.encrypt(nonce, data, None)

        return seal

    async def open(self, lock: str, data: bytes) -> bytes:
        """The data that were sealed."""
        if not lock:
            return data
        return bytes(_aes(await self._opened(lock)).decrypt(data[:_NONCE], data[_NONCE:], None))

    async def try_key(self) -> None:
        """Ask KMS for a data key, to learn what it says of the key."""
        await self._made()

    async def _data_key(self) -> tuple[str, bytes]:
        """The data key of now: as it is kept, and plain."""
        keys, owner = _keys(self.call), (self.key_id, *self.context.values())
        kept = keys.get(owner)
        if kept and kept[2] > self.call.now:
            return kept[0], kept[1]
        made = await self._made()
        lock, secret = b64encode(made["CiphertextBlob"]).decode(), bytes(made["Plaintext"])
        entry = (lock, secret, self.call.now + self.reused_ms)
        self._remember(lambda: keys.update({owner: entry, (lock,): entry}))
        return lock, secret

    def _remember(self, keep: Callable[[], None]) -> None:
        """Once it is sure: an AWS managed key is made when it is first asked for, perhaps by this very transaction."""
        if not self.reused_ms:
            return
        if self.call.in_transaction:
            self.call.after_commit(keep)
        else:
            keep()

    async def _made(self) -> dict[str, Any]:
        context = dict(self.context)
        return await self._ask("generate_data_key", KeyId=self.key_id, KeySpec="AES_256", EncryptionContext=context)

    async def _opened(self, lock: str) -> bytes:
        keys = _keys(self.call)
        kept = keys.get((lock,))
        if kept and kept[2] > self.call.now:
            return kept[1]
        opened = await self._ask("decrypt", CiphertextBlob=b64decode(lock), EncryptionContext=dict(self.context))
        entry = (lock, bytes(opened["Plaintext"]), self.call.now + self.reused_ms)
        self._remember(lambda: keys.update({(lock,): entry}))
        return entry[1]

    async def _ask(self, operation: str, **params: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = await getattr(self.call.aws.kms, operation)(**params)
        except ServiceError as error:
            raise self.told(error) from None
        return answer


def _keys(call: Call) -> dict[tuple[str, ...], tuple[str, bytes, int]]:
    """Data keys that KMS opened in the last minutes, so that it is not asked each time; and until when they are kept."""
    keys: dict[tuple[str, ...], tuple[str, bytes, int]] = call.platform.things.setdefault("kit.envelopes", {})
    if len(keys) > _MOST_KEYS:
        keys.clear()
    return keys


def _aes(secret: bytes) -> Any:
    # Imported here: it takes longer to load than most services, which never need it.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    return AESGCM(secret)
