"""The checksums of S3: of bytes as they come, of parts put together, whole or composite.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
"""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from awscrt import checksums as crt  # type: ignore[import-untyped]

DEFAULT = "CRC64NVME"
FULL_OBJECT, COMPOSITE = "FULL_OBJECT", "COMPOSITE"

_CRCS: dict[str, tuple[Callable[[bytes, int], int], Callable[[int, int, int], int], int]] = {
    "CRC32": (zlib.crc32, crt.combine_crc32, 4),
    "CRC32C": (crt.crc32c, crt.combine_crc32c, 4),
    "CRC64NVME": (crt.crc64nvme, crt.combine_crc64nvme, 8),
}
_HASHES: dict[str, tuple[Callable[[], Any], int]] = {"SHA1": (hashlib.sha1, 20), "SHA256": (hashlib.sha256, 32)}
ALGORITHMS = (*_CRCS, *_HASHES)


class Running(Protocol):
    """A checksum on its way."""

    def update(self, data: bytes, /) -> Any: ...

    def digest(self) -> bytes: ...


def start(algorithm: str) -> Running:
    """A checksum of nothing yet."""
    return _Crc(algorithm) if algorithm in _CRCS else _HASHES[algorithm][0]()


def of(algorithm: str, data: bytes) -> str:
    """The checksum of some bytes, as S3 writes it: base64."""
    if algorithm in _CRCS:
        function, _, size = _CRCS[algorithm]
        return text(function(data, 0).to_bytes(size, "big"))
    return text(_HASHES[algorithm][0](data).digest())  # type: ignore[call-arg]


def text(digest: bytes) -> str:
    return b64encode(digest).decode()


def default_type(algorithm: str) -> str:
    """What kind of checksum a multipart upload has when the client does not say."""
    return FULL_OBJECT if algorithm == "CRC64NVME" else COMPOSITE


def supports(algorithm: str, kind: str) -> bool:
    """Whether parts of this algorithm can be put together to this kind of checksum."""
    return algorithm in _CRCS if kind == FULL_OBJECT else algorithm != "CRC64NVME"


def is_valid(algorithm: str, value: str) -> bool:
    """Whether a text can be a checksum of this algorithm."""
    size = _CRCS[algorithm][2] if algorithm in _CRCS else _HASHES[algorithm][1]
    try:
        return len(b64decode(value, validate=True)) == size
    except ValueError:  # not base64, or not even ASCII
        return False


def combine(algorithm: str, parts: Sequence[tuple[str, int]]) -> str:
    """The checksum of the whole, from the checksum and size in bytes of each part. CRCs only."""
    _, join, size = _CRCS[algorithm]
    whole = 0
    for value, length in parts:
        whole = join(whole, int.from_bytes(b64decode(value), "big"), length)
    return text(whole.to_bytes(size, "big"))


def composite(algorithm: str, parts: Sequence[str]) -> str:
    """The checksum of the parts' checksums, with their number."""
    return f"{of(algorithm, b''.join(b64decode(value) for value in parts))}-{len(parts)}"


class _Crc:
    __slots__ = ("_function", "_size", "_value")

    def __init__(self, algorithm: str) -> None:
        self._function, _, self._size = _CRCS[algorithm]
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = self._function(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._size, "big")
