"""Operations on a stream's encryption."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call

from . import errors, storage
from .cipher import envelopes


async def start_stream_encryption(call: Call, request: dict[str, Any]) -> None:
    """Encrypt what is put from now on."""
    stream, key_id = await storage.find(call, request), request["KeyId"]
    if request["EncryptionType"] != "KMS":
        raise errors.InvalidArgumentException("EncryptionType must be KMS.")
    await envelopes(call, stream, key_id).try_key()
    await storage.save_stream(call, replace(stream, settings={**stream.settings, "key_id": key_id}))


async def stop_stream_encryption(call: Call, request: dict[str, Any]) -> None:
    """Do not encrypt what is put from now on."""
    stream = await storage.find(call, request)
    if request["EncryptionType"] != "KMS":
        raise errors.InvalidArgumentException("EncryptionType must be KMS.")
    settings = {name: value for name, value in stream.settings.items() if name != "key_id"}
    await storage.save_stream(call, replace(stream, settings=settings))
