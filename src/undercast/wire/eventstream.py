"""Event streams: application/vnd.amazon.eventstream, its frames and the events of a model in them."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, NamedTuple
from zlib import crc32

from undercast.kit.errors import SerializationException, ServiceError
from undercast.kit.http import Response
from undercast.wire.shapes import Member, Shape

CONTENT_TYPE = "application/vnd.amazon.eventstream"
MAX_FRAME = 24 * 1024 * 1024  # bytes, the limit of AWS's SDKs
Header = str | bytes | bool | int
Document = Callable[[dict[str, Any]], bytes]


class Codec(NamedTuple):
    """How a protocol writes an event's members: its content type, and a compiler for a structure's members."""

    content_type: str
    document: Callable[[Shape, Mapping[str, Member] | None], Document]


class Long(int):
    """A header value that is sent as 64 bits."""


class Moment(int):
    """A header value that is a timestamp in milliseconds."""


def encode(headers: Mapping[str, Header], payload: bytes = b"") -> bytes:
    """One frame: lengths and their CRC, the headers, the payload, the CRC of it all."""
    head = b"".join(_header(name, value) for name, value in headers.items())
    prelude = struct.pack(">II", 16 + len(head) + len(payload), len(head))
    message = prelude + struct.pack(">I", crc32(prelude)) + head + payload
    return message + struct.pack(">I", crc32(message))


def decode(data: bytes) -> Iterator[tuple[dict[str, Header], bytes]]:
    """The frames in `data`. Raises `SerializationException` for a broken or an incomplete one."""
    while data:
        total = struct.unpack_from(">I", data)[0] if len(data) >= 16 else 0
        if not 16 <= total <= min(len(data), MAX_FRAME):
            raise SerializationException("The event stream ends within a frame")
        yield _frame(data[:total])
        data = data[total:]


def compile_rpc(output: Shape, codec: Codec, extra: list[tuple[str, str]]) -> Callable[[dict[str, Any], str], Response]:
    """For the RPC protocols: the plain members of the output go first, in an `initial-response` event."""
    name = next(name for name, member in output.members.items() if member.get("eventstream"))
    document = codec.document(output, {key: member for key, member in output.members.items() if key != name})
    events = compile_events(output.members[name].shape, codec)

    def serialize(value: dict[str, Any], request_id: str) -> Response:
        first = _event("initial-response", codec.content_type, document({k: v for k, v in value.items() if k != name}))
        headers = [("x-amzn-RequestId", request_id), *extra, ("Content-Type", CONTENT_TYPE)]
        return Response(200, headers, _after(first, events(value[name])))

    return serialize


def compile_events(stream: Shape, codec: Codec) -> Callable[[AsyncIterator[dict[str, Any]]], AsyncIterator[bytes]]:
    """A function from events, `{"Records": {...}}` each, to frames; a `ServiceError` they raise ends the stream."""
    encoders = {name: _compile_event(name, member.shape, codec) for name, member in stream.members.items()}

    async def frames(events: AsyncIterator[dict[str, Any]]) -> AsyncIterator[bytes]:
        try:
            async for event in events:
                for name, value in event.items():
                    yield encoders[name](value)
        except ServiceError as error:
            yield _error(error, stream, encoders)

    return frames


def _compile_event(name: str, shape: Shape, codec: Codec) -> Document:
    headers = {key: member for key, member in shape.members.items() if member.get("eventheader")}
    payload = next((member for member in shape.members.values() if member.get("eventpayload")), None)
    exception = bool(shape.traits.get("exception"))
    kind = payload.shape.kind if payload is not None else "structure"
    content_type = {"blob": "application/octet-stream", "string": "text/plain"}.get(kind, codec.content_type)
    body = {key: member for key, member in shape.members.items() if key not in headers}
    document = codec.document(payload.shape, None) if payload is not None and kind == "structure" else None
    whole = codec.document(shape, body) if payload is None and body else None

    def encode_event(value: dict[str, Any]) -> bytes:
        if payload is not None:
            content = value.get(payload.name, {} if document else b"")
            data = document(content) if document else content.encode() if isinstance(content, str) else content
        else:
            data = whole({k: v for k, v in value.items() if k not in headers}) if whole else b""
        extra = {key: _header_value(member, value[key]) for key, member in headers.items() if key in value}
        return _event(name, content_type if body else None, data, extra, exception)

    return encode_event


def _event(
    name: str,
    content_type: str | None,
    payload: bytes,
    extra: Mapping[str, Header] | None = None,
    exception: bool = False,
) -> bytes:
    kind = "exception" if exception else "event"
    headers: dict[str, Header] = {f":{kind}-type": name, ":message-type": kind}
    if content_type is not None:
        headers = {f":{kind}-type": name, ":content-type": content_type, ":message-type": kind}
    return encode({**headers, **(extra or {})}, payload)


def _error(error: ServiceError, stream: Shape, encoders: Mapping[str, Document]) -> bytes:
    """A modelled error is an `exception` message, any other an `error` one that ends the stream all the same."""
    member = stream.members.get(error.code)
    if member is None:
        return encode({":error-code": error.code, ":error-message": error.message, ":message-type": "error"})
    names = member.shape.members
    message = {name: error.message for name in names if name.lower() == "message"}
    return encoders[error.code]({**message, **error.members})


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for frame in rest:
        yield frame


def _header_value(member: Member, value: Any) -> Header:
    kinds: dict[str, type[int]] = {"long": Long, "timestamp": Moment}
    return kinds[member.shape.kind](value) if member.shape.kind in kinds else value


def _header(name: str, value: Header) -> bytes:
    key = name.encode()
    return struct.pack("B", len(key)) + key + _typed(value)


def _typed(value: Header) -> bytes:
    if isinstance(value, bool):
        return b"\x00" if value else b"\x01"
    if isinstance(value, Moment | Long):
        return struct.pack(">Bq", 8 if isinstance(value, Moment) else 5, value)
    if isinstance(value, int):
        return struct.pack(">Bi", 4, value)
    data = value.encode() if isinstance(value, str) else value
    return struct.pack(">BH", 7 if isinstance(value, str) else 6, len(data)) + data


def _frame(data: bytes) -> tuple[dict[str, Header], bytes]:
    total, size, prelude_crc = struct.unpack_from(">III", data)
    (message_crc,) = struct.unpack_from(">I", data, total - 4)
    if crc32(data[:8]) != prelude_crc or crc32(data[:-4]) != message_crc:
        raise SerializationException("The checksum of an event stream frame is wrong")
    if size > total - 16:
        raise SerializationException("The headers of an event stream frame are longer than it is")
    try:
        return dict(_headers(data[12 : 12 + size])), data[12 + size : -4]
    except (struct.error, IndexError, KeyError, UnicodeDecodeError):
        raise SerializationException("The headers of an event stream frame could not be read") from None


FIXED = {2: ">b", 3: ">h", 4: ">i", 5: ">q", 8: ">q", 9: "16s"}


def _headers(data: bytes) -> Iterator[tuple[str, Header]]:
    at = 0
    while at < len(data):
        length = data[at]
        name, kind = data[at + 1 : at + 1 + length].decode(), data[at + 1 + length]
        at += 2 + length
        if kind in (0, 1):
            yield name, kind == 0
        elif kind in (6, 7):
            (size,) = struct.unpack_from(">H", data, at)
            value = struct.unpack_from(f"{size}s", data, at + 2)[0]
            at += 2 + size
            yield name, value.decode() if kind == 7 else value
        else:
            yield name, struct.unpack_from(FIXED[kind], data, at)[0]
            at += struct.calcsize(FIXED[kind])
