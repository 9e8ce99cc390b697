"""What a client promises of the body of a setting: its MD5, its checksum.

Objects are checked while they arrive (`contents`); all other bodies are whole when their operation begins.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from functools import wraps
from typing import Any

from undercast.kit.call import Call
from undercast.kit.service import Operation
from undercast.services.s3 import checksums, contents, errors

_OF_OBJECTS = ("put_object", "upload_part", "complete_multipart_upload")  # their headers are about objects
_PREFIX = "x-amz-checksum-"
_ABOUT_OBJECTS = (f"{_PREFIX}algorithm", f"{_PREFIX}mode", f"{_PREFIX}type")


def checked(operations: Mapping[str, Operation]) -> dict[str, Operation]:
    """The operations, each after a look at what was promised of its body."""
    return {name: one if name in _OF_OBJECTS else _checked(one) for name, one in operations.items()}


def _checked(operation: Operation) -> Operation:
    @wraps(operation)  # marks such as `waits` stay on it
    async def run(call: Call, request: dict[str, Any]) -> dict[str, Any] | None:
        if call.request is not None and call.request.body:
            check(call.request.headers, call.request.body)
        return await operation(call, request)

    return run


def check(headers: Mapping[str, str], body: bytes) -> None:
    """InvalidDigest, InvalidRequest or BadDigest for what does not hold of the body."""
    expected = contents.md5_of(headers.get("content-md5"))
    if expected is not None:
        found = hashlib.md5(body, usedforsecurity=False).digest()
        if expected != found:
            raise errors.BadDigest(CalculatedDigest=b64encode(found).decode(), ExpectedDigest=expected.hex())
    algorithm, checksum = contents.checksum_of(_members(headers), headers)
    if checksum is not None and checksums.of(algorithm, body) != checksum:
        raise errors.BadDigest(f"The {algorithm} you specified did not match the calculated checksum.")


def _members(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers as PutObject's members; the model has none of them for settings."""
    given = {"ChecksumAlgorithm": headers.get("x-amz-sdk-checksum-algorithm", "")}
    for name, value in headers.items():
        if name.startswith(_PREFIX) and name not in _ABOUT_OBJECTS:
            given["Checksum" + name.removeprefix(_PREFIX).upper()] = value
    return given
