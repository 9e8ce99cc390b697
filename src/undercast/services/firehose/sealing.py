"""Records at rest: sealed with a data key of the stream's KMS key, where it has one."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.firehose import errors, storage
from undercast.services.firehose.model import PRINCIPAL, Record, Stream

_NONCE = 12


async def enable(call: Call, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """A stream's encryption with a key: a new data key of it. InvalidKMSResourceException, InvalidArgumentException."""
    if wanted["KeyType"] == "AWS_OWNED_CMK":
        if wanted.get("KeyARN"):
            raise errors.InvalidArgumentException("KeyARN must not be specified when KeyType is AWS_OWNED_CMK.")
        return {"KeyType": "AWS_OWNED_CMK", "Status": "ENABLED"}
    key = wanted.get("KeyARN")
    if not key:
        raise errors.InvalidArgumentException("KeyARN must be specified when KeyType is CUSTOMER_MANAGED_CMK.")
    made = await _ask(call, "generate_data_key_without_plaintext", KeyId=key, KeySpec="AES_256")
    data_key = b64encode(made["CiphertextBlob"]).decode()
    return {"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": key, "Status": "ENABLED", "DataKey": data_key}


async def keep(call: Call, stream: Stream, holder: int, records: Sequence[Record]) -> None:
    """Write records, sealed if the stream says so. InvalidKMSResourceException."""
    data_key = stream.encryption.get("DataKey", "")
    if data_key:
        cipher = await _cipher(call, data_key)
        records = [record._replace(data=_seal(call, cipher, record.data)) for record in records]
    await storage.add_records(call, holder, records, data_key)


async def read(call: Call, holder: int) -> list[Record]:
    """The records of a buffer or parcel in order. InvalidKMSResourceException."""
    ciphers: dict[str, Any] = {}
    records = []
    for record, data_key in await storage.read_records(call, holder):
        if data_key:
            if data_key not in ciphers:
                ciphers[data_key] = await _cipher(call, data_key)
            nonce, sealed = record.data[:_NONCE], record.data[_NONCE:]
            record = record._replace(data=ciphers[data_key].decrypt(nonce, sealed, None))
        records.append(record)
    return records


def _seal(call: Call, cipher: Any, data: bytes) -> bytes:
    nonce = call.ids.bytes(_NONCE)
    return bytes(nonce + cipher.encrypt(nonce, data, None))


async def _cipher(call: Call, data_key: str) -> Any:
    # Imported here: it takes longer to load than the rest of Firehose, and most streams never need it.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    answer = await _ask(call, "decrypt", CiphertextBlob=b64decode(data_key))
    return AESGCM(answer["Plaintext"])


async def _ask(call: Call, operation: str, **parameters: Any) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = await getattr(call.as_service(PRINCIPAL).aws.kms, operation)(**parameters)
    except ServiceError as error:
        raise errors.InvalidKMSResourceException(error.message, code=f"KMS.{error.code}") from error
    return answer
