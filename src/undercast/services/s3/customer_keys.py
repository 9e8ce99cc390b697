"""Encryption with the client's own keys (SSE-C): the key comes with every request and is kept nowhere. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import md5
from typing import Any

from undercast.services.s3 import errors
from undercast.services.s3.errors import invalid_argument
from undercast.services.s3.model import About

ALGORITHM, KEY, KEY_MD5 = "SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5"
_NAMES = {
    "": (ALGORITHM, KEY, KEY_MD5),
    "CopySource": ("CopySourceSSECustomerAlgorithm", "CopySourceSSECustomerKey", "CopySourceSSECustomerKeyMD5"),
}
_HEADER = "x-amz-server-side-encryption"
_WITH = "Requests specifying Server Side Encryption with Customer provided keys must provide"


def read(request: Mapping[str, Any], prefix: str = "") -> tuple[bytes, str] | None:
    """The key of a request and its MD5 in base64. `prefix` is "CopySource" for that of a copy's source.

    InvalidArgument, InvalidEncryptionAlgorithmError.
    """
    names = _NAMES[prefix]
    if request.keys().isdisjoint(names):
        return None
    algorithm, key, digest = (request.get(name) for name in names)
    if algorithm is None:
        raise _invalid(f"{_WITH} a valid encryption algorithm.")
    if algorithm != "AES256":
        raise errors.InvalidEncryptionAlgorithmError(
            "The Encryption request you specified is not valid. Supported value: AES256.",
            ArgumentName=_HEADER, ArgumentValue=algorithm,
        )  # fmt: skip
    if not key:
        raise _invalid(f"{_WITH} an appropriate secret key.")
    secret = _decoded(key)
    if len(secret) != 32:
        raise _invalid("The secret key was invalid for the specified algorithm.")
    if not digest:
        raise _invalid(f"{_WITH} the client calculated MD5 of the secret key.")
    made = b64encode(md5(secret, usedforsecurity=False).digest()).decode()
    if made != digest:
        raise _invalid("The calculated MD5 hash of the key did not match the hash that was provided.")
    return secret, made


def check_headers(request: Mapping[str, Any]) -> None:
    """As `read`, and no other encryption may be asked for beside it."""
    method = request.get("ServerSideEncryption")
    if read(request) is not None and method is not None:
        raise invalid_argument(
            "Server Side Encryption with Customer provided key is incompatible with the encryption method specified",
            _HEADER, method,
        )  # fmt: skip


def unlock(request: Mapping[str, Any], about: About, prefix: str = "") -> bytes | None:
    """The key for something that is there; None where it has none. InvalidRequest, AccessDenied."""
    given, digest = read(request, prefix), about.headers.get(KEY_MD5)
    if given is None and digest is None:
        return None
    if digest is None:
        raise errors.InvalidRequest("The encryption parameters are not applicable to this object.")
    if given is None and request.get("PartNumber") is not None and not prefix:
        raise errors.InvalidRequest(
            "The multipart upload initiate requested encryption. Subsequent part requests must include the "
            "appropriate encryption parameters."
        )
    if given is None:
        raise errors.InvalidRequest(
            "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to "
            "retrieve the object."
        )
    if given[1] != digest:
        raise errors.AccessDenied(f"{_WITH} the correct secret key.")
    return given[0]


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except binascii.Error:
        return b""


def _invalid(message: str) -> errors.InvalidArgument:
    return errors.InvalidArgument(message, ArgumentName=_HEADER)
