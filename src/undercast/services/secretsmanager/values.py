"""Values of secrets: encrypted and decrypted by KMS, in pieces of the 4 KB that it takes at once."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.secretsmanager import errors
from undercast.services.secretsmanager.model import Secret, Version

_PIECE = 4096
_DEFAULT_KEY = "alias/aws/secretsmanager"


def given(request: dict[str, Any]) -> tuple[str, bytes] | None:
    """The kind and the bytes of the value in a request; None when it has none. InvalidParameterException for two."""
    text, binary = request.get("SecretString"), request.get("SecretBinary")
    if text is not None and binary is not None:
        raise errors.InvalidParameterException(
            "You can't specify both a binary secret value and a string secret value in the same secret."
        )
    if text is not None:
        return "string", text.encode()
    return ("binary", binary) if binary is not None else None


async def encrypt(call: Call, secret: Secret, version_id: str, content: bytes) -> str:
    """EncryptionFailure when KMS refuses the key."""
    try:
        pieces = [
            await call.aws.kms.encrypt(
                KeyId=secret.kms_key or _DEFAULT_KEY,
                Plaintext=content[start : start + _PIECE],
                EncryptionContext=_context(secret, version_id),
            )
            for start in range(0, len(content), _PIECE)
        ]
    except ServiceError as error:
        raise errors.EncryptionFailure(f"{errors.EncryptionFailure().message} {error.message}") from error
    return orjson.dumps([b64encode(piece["CiphertextBlob"]).decode() for piece in pieces]).decode()


async def decrypt(call: Call, secret: Secret, version: Version) -> bytes:
    """DecryptionFailure when KMS cannot decrypt it any more."""
    try:
        pieces = [
            await call.aws.kms.decrypt(CiphertextBlob=b64decode(piece), EncryptionContext=_context(secret, version.id))
            for piece in orjson.loads(version.value)
        ]
    except ServiceError as error:
        raise errors.DecryptionFailure(f"{errors.DecryptionFailure().message} {error.message}") from error
    return b"".join(piece["Plaintext"] for piece in pieces)


async def shown(call: Call, secret: Secret, version: Version) -> dict[str, Any]:
    """SecretString or SecretBinary."""
    content = await decrypt(call, secret, version)
    return {"SecretString": content.decode()} if version.kind == "string" else {"SecretBinary": content}


def _context(secret: Secret, version_id: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html"""
    return {"SecretARN": secret.arn, "SecretVersionId": version_id}
