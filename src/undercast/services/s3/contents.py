"""The bytes of objects: taken in with their digests, in constant memory, and sent out again."""

from __future__ import annotations

import asyncio
import hashlib
import os
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.http import Body
from undercast.services.s3 import checksums, cipher, encryption, errors, storage, upload_storage
from undercast.services.s3.encryption import Lock
from undercast.services.s3.model import INLINE, LARGEST_PUT, Bucket, Part, Version

_READ = 1024 * 1024  # bytes of a file that are read at once: in smaller pieces an answer costs half as much again
_TAKEN = 128 * 1024  # bytes of a body that are hashed and written at once: what 64 uploads hold meanwhile is memory
_DRAINED = 16 * 1024 * 1024  # bytes of a refused body that are read so that the client hears the refusal


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes that were taken in: `data` when they are few, else the file `blob`. What is encrypted has a random `md5`."""

    size: int
    md5: bytes
    checksums: dict[str, str]
    blob: str
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Promise:
    """What a client says of the bytes it sends. `algorithm` is '' when it says nothing of a checksum."""

    length: int
    md5: bytes | None
    sha256: str
    algorithm: str
    checksum: str | None  # None: it comes as a trailer

    @classmethod
    def read(cls, call: Call, request: Mapping[str, Any]) -> Promise:
        """InvalidDigest, InvalidRequest, MissingContentLength, EntityTooLarge."""
        body = request.get("Body", b"")
        headers = call.request.headers if isinstance(body, Body) and call.request else {}
        length = _length(body, headers)
        if length > LARGEST_PUT:
            raise errors.EntityTooLarge(ProposedSize=length, MaxSizeAllowed=LARGEST_PUT)
        algorithm, checksum = checksum_of(request, headers)
        sha256 = headers.get("x-amz-content-sha256", "")
        return cls(length, md5_of(request.get("ContentMD5")), sha256 if len(sha256) == 64 else "", algorithm, checksum)


async def receive(
    call: Call, request: dict[str, Any], promise: Promise, algorithms: Sequence[str], secret: bytes | None = None
) -> Content:
    """Read a request's body to its end and compute its checksums. What it promised does not hold: BadDigest, …"""
    body = request.get("Body", b"")
    if promise.length <= INLINE:
        data = await body.read() if isinstance(body, Body) else body
        content = _small(data, algorithms)
        if promise.sha256 and hashlib.sha256(data).hexdigest() != promise.sha256:
            raise errors.XAmzContentSHA256Mismatch(ClientComputedContentSHA256=promise.sha256)
    else:
        chunks = body if isinstance(body, Body) else _pieces(body)
        content = await store(call, chunks, algorithms, sha256=promise.sha256, secret=secret)
    try:
        _check_promise(request, promise, content)
    except ServiceError:
        discard(call, content)
        raise
    return content


async def keep(
    call: Call, body: bytes | AsyncIterator[bytes], algorithms: Sequence[str], secret: bytes | None = None
) -> Content:
    """Take in bytes that are here already: those of a copy's source."""
    if isinstance(body, bytes):
        if len(body) <= INLINE:
            return _small(body, algorithms)
        body = _pieces(body)
    return await store(call, body, algorithms, secret=secret)


def seal(call: Call, content: Content, secret: bytes) -> Content:
    """Content that was taken in under a data key, as it is saved: also what is small encrypted, its ETag no MD5."""
    data = None if content.data is None else cipher.seal(secret, call.ids.bytes(cipher.HEAD), content.data)
    return replace(content, data=data, md5=call.ids.bytes(16))


async def store(
    call: Call, chunks: Any, algorithms: Sequence[str], *, sha256: str = "", secret: bytes | None = None
) -> Content:
    """Write bytes to a file of their own as they come; hashing, encrypting and writing happen off the event loop."""
    name = call.ids.hex(32)
    writer = call.blobs.writer(name)
    running = {algorithm: checksums.start(algorithm) for algorithm in algorithms}
    md5, sha = hashlib.md5(usedforsecurity=False), hashlib.sha256() if sha256 else None
    digests = [md5, *running.values(), *([sha] if sha else [])]

    def take(data: bytes) -> None:
        for digest in digests:
            digest.update(data)
        writer.write(turn(data) if turn else data)

    try:
        turn, head = None, b""
        if secret is not None:
            head = call.ids.bytes(cipher.HEAD)
            turn = cipher.keystream(secret, head)
            writer.write(head)
        async for data in _gathered(chunks):
            await asyncio.to_thread(take, data)
        if sha and sha.hexdigest() != sha256:
            raise errors.XAmzContentSHA256Mismatch(ClientComputedContentSHA256=sha256)
        blob = await writer.finish()
    except BaseException:  # a client that goes away cancels, and leaves no file either
        writer.abort()
        raise
    made = {algorithm: checksums.text(value.digest()) for algorithm, value in running.items()}
    return Content(writer.size - len(head), md5.digest(), made, blob, None)


def discard(call: Call, content: Content) -> None:
    """Forget content that no row came to name."""
    if content.blob:
        call.blobs.delete(content.blob)


async def drain(request: Mapping[str, Any]) -> None:
    """Read what a refused request still sends, if it is not too much."""
    body = request.get("Body")
    if isinstance(body, Body) and (body.length or 0) <= _DRAINED:
        async for _ in body:
            pass


async def send(
    call: Call, bucket: Bucket, version: Version, start: int, length: int, secret: bytes | None = None
) -> bytes | AsyncIterator[bytes]:
    """The bytes of a version from `start` on: themselves when they are few, else as they are read from disk."""
    if secret is not None:
        return await _send_sealed(call, bucket, version, start, length, secret)
    if version.data is not None:
        return version.data[start : start + length]
    if version.blob:
        file = open(call.blobs.path(version.blob), "rb", buffering=0)  # noqa: SIM115, ASYNC230  open until all is read
        if length > _READ:
            return _read(file, start, length)
        with file:
            return os.pread(file.fileno(), length, start)
    parts = await upload_storage.find_parts_between(call, bucket.account, version.upload, start, start + length)
    return _read_parts(call, parts, start, start + length)


def send_part(call: Call, part: Part) -> bytes | AsyncIterator[bytes]:
    """The bytes of one part that is not encrypted, as `send` gives those of a version."""
    return part.data if part.data is not None else _read_parts(call, [part], part.start, part.start + part.size)


async def _send_sealed(
    call: Call, bucket: Bucket, version: Version, start: int, length: int, secret: bytes
) -> bytes | AsyncIterator[bytes]:
    if version.data is not None:
        return cipher.unseal(secret, version.data, start, start + length)
    if version.blob:
        file = open(call.blobs.path(version.blob), "rb", buffering=0)  # noqa: SIM115, ASYNC230  open until all is read
        if length > _READ:
            return _read_sealed(file, start, length, secret)
        with file:
            head = os.pread(file.fileno(), cipher.HEAD, 0)
            return cipher.keystream(secret, head, start)(os.pread(file.fileno(), length, cipher.HEAD + start))
    parts = await upload_storage.find_parts_between(call, bucket.account, version.upload, start, start + length)
    return _read_sealed_parts(call, parts, start, start + length, secret)


def _small(data: bytes, algorithms: Sequence[str]) -> Content:
    md5 = hashlib.md5(data, usedforsecurity=False).digest()
    return Content(len(data), md5, {name: checksums.of(name, data) for name in algorithms}, "", data)


async def _read(file: BinaryIO, start: int, length: int) -> AsyncIterator[bytes]:
    with file:
        while length > 0:
            chunk = await asyncio.to_thread(os.pread, file.fileno(), min(length, _READ), start)
            if not chunk:
                raise OSError(f"{file.name} is shorter than its row says")
            start, length = start + len(chunk), length - len(chunk)
            yield chunk


async def _read_parts(call: Call, parts: list[Part], start: int, end: int) -> AsyncIterator[bytes]:
    for part in parts:
        first, last = max(start - part.start, 0), min(end - part.start, part.size)
        if part.data is not None:
            yield part.data[first:last]
            continue
        file = open(call.blobs.path(part.blob), "rb", buffering=0)  # noqa: SIM115, ASYNC230  _read closes it
        async for chunk in _read(file, first, last - first):
            yield chunk


async def _read_sealed(file: BinaryIO, start: int, length: int, secret: bytes) -> AsyncIterator[bytes]:
    turn: Callable[[bytes], bytes] = cipher.keystream(secret, os.pread(file.fileno(), cipher.HEAD, 0), start)
    async for chunk in _read(file, cipher.HEAD + start, length):
        yield await asyncio.to_thread(turn, chunk)


async def _read_sealed_parts(
    call: Call, parts: list[Part], start: int, end: int, secret: bytes
) -> AsyncIterator[bytes]:
    for part in parts:
        first, last = max(start - part.start, 0), min(end - part.start, part.size)
        if part.data is not None:
            yield cipher.unseal(secret, part.data, first, last)
            continue
        file = open(call.blobs.path(part.blob), "rb", buffering=0)  # noqa: SIM115, ASYNC230  _read closes it
        async for chunk in _read_sealed(file, first, last - first, secret):
            yield chunk


async def _gathered(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in pieces that are worth a thread's time."""
    pending: list[bytes] = []
    size = 0
    async for chunk in chunks:
        pending.append(chunk)
        size += len(chunk)
        if size >= _TAKEN:
            whole = b"".join(pending)
            pending, size = [], 0  # before the bytes go on, or they would be held twice
            yield whole
    if pending:
        yield b"".join(pending)


async def _pieces(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), _TAKEN):
        yield data[at : at + _TAKEN]


def _length(body: Body | bytes, headers: Mapping[str, str]) -> int:
    if not isinstance(body, Body):
        return len(body)
    if body.length is not None:
        return body.length
    if "transfer-encoding" in headers:
        raise errors.NotImplemented(Header="Transfer-Encoding")
    raise errors.MissingContentLength()


def md5_of(text: str | None) -> bytes | None:
    """The digest of a Content-MD5. InvalidDigest."""
    if text is None:
        return None
    try:
        digest = b64decode(text, validate=True)
    except ValueError:  # not base64, or not even ASCII
        digest = b""
    if len(digest) != 16:
        raise errors.InvalidDigest(**{"Content-MD5": text})
    return digest


def checksum_of(request: Mapping[str, Any], headers: Mapping[str, str]) -> tuple[str, str | None]:
    """The algorithm that a client chose, '' for none, and the checksum; None: it comes as a trailer. InvalidRequest."""
    given = [
        name for name in request if name.startswith("Checksum") and name not in ("ChecksumAlgorithm", "ChecksumType")
    ]
    trailer = headers.get("x-amz-trailer", "")
    if len(given) > 1:
        raise errors.InvalidRequest(
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
        )
    if given:
        algorithm = given[0][len("Checksum") :]
        value = request[given[0]]
        _known(algorithm)
        if not checksums.is_valid(algorithm, value):
            raise errors.InvalidRequest(f"Value for x-amz-checksum-{algorithm.lower()} header is invalid.")
        return algorithm, value
    if trailer.startswith("x-amz-checksum-"):
        algorithm = trailer[len("x-amz-checksum-") :].upper()
        _known(algorithm)
        return algorithm, None
    if headers and request.get("ChecksumAlgorithm"):
        raise errors.InvalidRequest(
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were "
            "found."
        )
    return "", None


def _known(algorithm: str) -> None:
    if algorithm not in checksums.ALGORITHMS:
        raise errors.NotImplemented(
            f"Undercast's S3 does not have the checksum {algorithm} yet, only {', '.join(checksums.ALGORITHMS)}."
        )


def _check_promise(request: Mapping[str, Any], promise: Promise, content: Content) -> None:
    if content.size != promise.length:
        raise errors.IncompleteBody(
            "You did not provide the number of bytes specified by the Content-Length HTTP header"
        )
    if promise.md5 is not None and content.md5 != promise.md5:
        # recorded: test_s3_invalid_content_md5; PutObject tells the expected one in hex, UploadPart in base64
        expected = b64encode(promise.md5).decode() if "PartNumber" in request else promise.md5.hex()
        raise errors.BadDigest(CalculatedDigest=b64encode(content.md5).decode(), ExpectedDigest=expected)
    if promise.algorithm:
        value = promise.checksum
        if value is None:
            value = request["Body"].trailers.get(f"x-amz-checksum-{promise.algorithm.lower()}", "")
        if content.checksums[promise.algorithm] != value:
            raise errors.BadDigest(f"The {promise.algorithm} you specified did not match the calculated checksum.")


async def check_bucket(call: Call, request: dict[str, Any], promise: Promise) -> Lock | None:
    """Refuse a large body before it is stored when its bucket is not there; reads it, so that the client hears.

    Answers how it is to be encrypted; for what is small that is chosen where it is saved.
    """
    if promise.length <= INLINE:
        return None
    try:
        return await call.transact(_choose, request)
    except ServiceError:
        await drain(request)
        raise


async def _choose(call: Call, request: dict[str, Any]) -> Lock | None:
    return await encryption.choose(call, await storage.find_bucket(call, request), request)
