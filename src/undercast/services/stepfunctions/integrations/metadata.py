"""What optimized integrations tell of the HTTP exchange besides the answer: SdkHttpMetadata and SdkResponseMetadata."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any
from zlib import crc32

from undercast.kit.call import Call
from undercast.kit.sdk import SdkOperation


def of(call: Call, operation: SdkOperation, output: dict[str, Any]) -> dict[str, Any]:
    """As recorded from AWS; its servers spell some headers' names differently."""
    request_id = call.ids.uuid()
    response = operation.response(output, request_id)
    body = response.body if isinstance(response.body, bytes) else b""
    sent = {name.lower(): value for name, value in response.headers}
    headers = {
        "Content-Length": str(len(body)),
        "Content-Type": sent.get("content-type", ""),
        "Date": formatdate(call.clock.now() / 1000, usegmt=True),
        **_own_headers(call, operation.client, sent, body),
        "x-amzn-RequestId": request_id,
    }
    http = {
        "AllHttpHeaders": {name: [value] for name, value in headers.items()},
        "HttpHeaders": headers,
        "HttpStatusCode": response.status,
    }
    return {"SdkHttpMetadata": http, "SdkResponseMetadata": {"RequestId": request_id}}


def _own_headers(call: Call, client: str, sent: dict[str, str], body: bytes) -> dict[str, str]:
    if client == "dynamodb":
        return {"Connection": "keep-alive", "Server": "Server", "x-amz-crc32": str(crc32(body))}
    if client != "lambda":
        return {"connection": "keep-alive"}
    names = ("X-Amz-Executed-Version", "X-Amz-Log-Result", "X-Amz-Function-Error")
    trace = f"root=1-{call.clock.now() // 1000:08x}-{call.ids.hex(24)};sampled=0"
    return {
        "Connection": "keep-alive",
        "X-Amzn-Trace-Id": trace,
        "x-amzn-Remapped-Content-Length": "0",
        **{name: sent[name.lower()] for name in names if name.lower() in sent},
    }
