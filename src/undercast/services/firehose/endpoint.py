"""Delivery to an HTTP endpoint, by AWS's contract.

https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html
"""

from __future__ import annotations

import asyncio
import gzip
from base64 import b64encode
from collections.abc import Sequence

import orjson

from undercast.kit.call import Call
from undercast.services.firehose import credentials
from undercast.services.firehose.model import Record, Stream
from undercast.services.firehose.outgoing import Undelivered, post

_SHOWN = 1000  # bytes of an answer that a message shows


async def send(call: Call, stream: Stream, id: str, records: Sequence[Record]) -> None:
    """One request with all records; `id` is the same in every attempt. Undelivered."""
    headers = await _headers(call, stream, id)
    packed = "Content-Encoding" in headers
    body = await asyncio.to_thread(_body, id, call.clock.now(), records, packed=packed)  # there may be 128 MB of it
    status, answer = await post(call, "HttpEndpoint", stream.settings["EndpointConfiguration"]["Url"], headers, body)
    if status != 200:
        shown = answer[:_SHOWN].decode("utf-8", "replace")
        message = f"The following response was received from the endpoint destination. {status}: {shown}"
        raise Undelivered("HttpEndpoint.DestinationException", message)
    _check(answer, id)


def _body(id: str, now: int, records: Sequence[Record], *, packed: bool) -> bytes:
    shown = [{"data": b64encode(record.data).decode()} for record in records]
    body = orjson.dumps({"requestId": id, "timestamp": now, "records": shown})
    return gzip.compress(body, 6, mtime=0) if packed else body


async def _headers(call: Call, stream: Stream, id: str) -> dict[str, str]:
    wanted = stream.settings["RequestConfiguration"]
    headers = {
        "X-Amz-Firehose-Protocol-Version": "1.0",
        "X-Amz-Firehose-Request-Id": id,
        "X-Amz-Firehose-Source-Arn": stream.arn,
        "Content-Type": "application/json",
        "User-Agent": "Amazon Kinesis Data Firehose Agent/1.0",
    }
    if wanted["CommonAttributes"]:
        common = {one["AttributeName"]: one["AttributeValue"] for one in wanted["CommonAttributes"]}
        headers["X-Amz-Firehose-Common-Attributes"] = orjson.dumps({"commonAttributes": common}).decode()
    if wanted["ContentEncoding"] == "GZIP":
        headers["Content-Encoding"] = "gzip"
    key = await credentials.read(call, stream, stream.settings["EndpointConfiguration"].get("AccessKey"), "api_key")
    if key:
        headers["X-Amz-Firehose-Access-Key"] = key
    return headers


def _check(answer: bytes, id: str) -> None:
    """An answer counts only when it is of the form that AWS wants, and for this request."""
    try:
        parsed = orjson.loads(answer)
        fits = parsed["requestId"] == id and isinstance(parsed["timestamp"], int)
    except (orjson.JSONDecodeError, KeyError, TypeError):
        fits = False
    if not fits:
        raise Undelivered(
            "HttpEndpoint.InvalidResponseFromDestination",
            "The response received from the specified endpoint is invalid: it must be JSON with the requestId of the "
            "request and a timestamp.",
        )
