"""Values of SecureStrings: encrypted and decrypted by KMS, in pieces of the 4 KB that it takes at once."""

from __future__ import annotations

from base64 import b64decode, b64encode

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.ssm import errors
from undercast.services.ssm.model import Version, arn

_PIECE = 4096


async def encrypt(call: Call, name: str, value: str, key_id: str) -> str:
    """InvalidKeyId when KMS does not take the key."""
    content, pieces = value.encode(), []
    try:
        for start in range(0, len(content), _PIECE):
            answer = await call.aws.kms.encrypt(
                KeyId=key_id, Plaintext=content[start : start + _PIECE], EncryptionContext=_context(call, name)
            )
            pieces.append(b64encode(answer["CiphertextBlob"]).decode())
    except ServiceError as error:
        raise errors.InvalidKeyId(f"{error.message} (Service: AWSKMS; Error Code: {error.code})") from error
    return orjson.dumps(pieces).decode()


async def decrypt(call: Call, version: Version) -> str:
    """InvalidKeyId when KMS cannot decrypt it any more."""
    content = b""
    try:
        for piece in orjson.loads(version.value):
            answer = await call.aws.kms.decrypt(
                CiphertextBlob=b64decode(piece), EncryptionContext=_context(call, version.name)
            )
            content += answer["Plaintext"]
    except ServiceError as error:
        raise errors.InvalidKeyId(f"{error.message} (Service: AWSKMS; Error Code: {error.code})") from error
    return content.decode()


def shown(version: Version) -> str:
    """The value without decryption: of a SecureString its ciphertext, as one base64 text."""
    if not version.secure:
        return version.value
    return b64encode(b"".join(map(b64decode, orjson.loads(version.value)))).decode()


def _context(call: Call, name: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html"""
    return {"PARAMETER_ARN": arn(call.account, call.region, name)}
