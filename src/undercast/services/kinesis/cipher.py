"""Server-side encryption with a key of KMS: a data key for five minutes of records, kept encrypted beside each.

https://docs.aws.amazon.com/streams/latest/dev/what-is-sse.html
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError

from . import errors
from .model import Stream

_KEPT_MS = 300_000
_MOST_KEYS = 10_000
_NONCE = 12  # bytes
_CODES = {
    "NotFoundException": errors.KMSNotFoundException,
    "DisabledException": errors.KMSDisabledException,
    "KMSInvalidStateException": errors.KMSInvalidStateException,
    "AccessDeniedException": errors.KMSAccessDeniedException,
}


async def _lock(call: Call, stream: Stream) -> tuple[str, bytes]:
    """The data key of now: as it is kept, and plain."""
    keys = _keys(call)
    kept = keys.get(("now", stream.id, stream.key_id))
    if kept and kept[2] > call.now:
        return kept[0], kept[1]
    context = context_of(stream)
    made = await ask_kms(
        call, stream, "generate_data_key", KeyId=stream.key_id, KeySpec="AES_256", EncryptionContext=context
    )
    lock, secret = b64encode(made["CiphertextBlob"]).decode(), bytes(made["Plaintext"])
    keys["now", stream.id, stream.key_id] = keys[lock, stream.id, ""] = (lock, secret, call.now + _KEPT_MS)
    return lock, secret


async def _unlock(call: Call, stream: Stream, lock: str) -> bytes:
    keys = _keys(call)
    kept = keys.get((lock, stream.id, ""))
    if kept and kept[2] > call.now:
        return kept[1]
    opened = await ask_kms(
        call, stream, "decrypt", CiphertextBlob=b64decode(lock), EncryptionContext=context_of(stream)
    )
    secret = bytes(opened["Plaintext"])
    keys[lock, stream.id, ""] = (lock, secret, call.now + _KEPT_MS)
    return secret


async def ask_kms(call: Call, stream: Stream, method: str, **params: Any) -> dict[str, Any]:
    there = call.into(account=stream.account, region=stream.region)
    try:
        answer: dict[str, Any] = await getattr(there.aws.kms, method)(**params)
    except ServiceError as error:
        if error.code not in _CODES:
            raise
        raise _CODES[error.code](error.message) from None
    return answer


def _keys(call: Call) -> dict[tuple[str, int, str], tuple[str, bytes, int]]:
    """Data keys that KMS opened in the last five minutes, so that it is not asked for every record."""
    keys: dict[tuple[str, int, str], tuple[str, bytes, int]] = call.platform.things.setdefault("kinesis.keys", {})
    if len(keys) > _MOST_KEYS:
        keys.clear()
    return keys


def context_of(stream: Stream) -> dict[str, str]:
    return {"aws:kinesis:arn": stream.arn}


async def sealer(call: Call, stream: Stream) -> Callable[[bytes], tuple[str, bytes]]:
    """What makes data that which is stored: its lock ('' without encryption) and the bytes."""
    if not stream.key_id:
        return lambda data: ("", data)
    lock, secret = await _lock(call, stream)
    cipher = _aes(secret)

    def seal(data: bytes) -> tuple[str, bytes]:
        nonce = call.ids.bytes(_NONCE)
        return lock, nonce + cipher.encrypt(nonce, data, None)

    return seal


async def unseal(call: Call, stream: Stream, lock: str, data: bytes) -> bytes:
    """The data of a record."""
    if not lock:
        return data
    return bytes(_aes(await _unlock(call, stream, lock)).decrypt(data[:_NONCE], data[_NONCE:], None))


def _aes(secret: bytes) -> Any:
    # Imported here: it takes longer to load than the rest of Kinesis, and most streams never need it.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    return AESGCM(secret)
