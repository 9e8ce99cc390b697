"""Server access logs: a line for each request to a bucket that wants them, delivered by a job.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.http import Request, Response
from undercast.kit.service import waits
from undercast.services.s3 import events, log_storage
from undercast.services.s3.model import Bucket, owner_id, url_encoded

log = logging.getLogger("undercast.s3")

_DELIVERED_AFTER_MS = 300_000
_CODE = re.compile(rb"<Code>([^<]*)</Code>")
_SIZE = re.compile(r"/(\d+)$")
_WRITING = "s3 log lines"  # tasks that write lines now

# What a log calls the thing that a subresource of the query names.
_THINGS = {
    "acl": "ACL", "tagging": "TAGGING", "policy": "BUCKETPOLICY", "versioning": "VERSIONING", "cors": "CORS",
    "website": "WEBSITE", "lifecycle": "LIFECYCLE", "notification": "NOTIFICATION", "logging": "LOGGING_STATUS",
    "location": "LOCATION", "versions": "BUCKETVERSIONS", "encryption": "ENCRYPTION", "uploads": "UPLOADS",
    "uploadId": "UPLOAD", "partNumber": "PART", "delete": "MULTI_OBJECT_DELETE", "restore": "OBJECT",
    "requestPayment": "REQUEST_PAYMENT", "accelerate": "ACCELERATE", "replication": "REPLICATION",
    "object-lock": "OBJECT_LOCK_CONFIGURATION", "publicAccessBlock": "PUBLIC_ACCESS_BLOCK",
}  # fmt: skip


def watch(call: Call, bucket: Bucket, request: Mapping[str, Any]) -> None:
    """Log the request of this call once it is answered. What services do on the way is not logged."""
    http = call.request
    if http is None or not call.from_client or http.when_answered:
        return
    key, version_id = request.get("Key"), request.get("VersionId")

    def answered(response: Response) -> None:
        text = line(call, bucket, http, response, key, version_id)
        writing = call.platform.things.setdefault(_WRITING, set())
        task = asyncio.get_running_loop().create_task(_keep(call, bucket, text))
        writing.add(task)
        task.add_done_callback(writing.discard)

    http.when_answered = answered


async def close(platform: Any) -> None:
    """Write the last lines."""
    await asyncio.gather(*platform.things.get(_WRITING, ()), return_exceptions=True)


def line(
    call: Call, bucket: Bucket, request: Request, response: Response, key: str | None, version_id: str | None
) -> str:
    """One request as a log tells it."""
    headers = {name.lower(): value for name, value in response.headers}
    sent = headers.get("content-length") or (str(len(response.body)) if isinstance(response.body, bytes) else "")
    sent = "" if request.method == "HEAD" or sent == "0" else sent
    size = _SIZE.search(headers.get("content-range", ""))
    took = call.clock.now() - call.now
    signed = "authorization" in request.headers
    query = f"?{request.query_string}" if request.query_string else ""
    facts = [
        owner_id(bucket.account), bucket.name, f"[{_time(call.now)}]", request.source_ip,
        call.identity.arn if call.identity.access_key else "", call.request_id,
        _operation(request, key), url_encoded(key, "url") if key else "",
        f'"{request.method} {request.path}{query} HTTP/1.1"', str(response.status),
        _error_code(response), sent, size.group(1) if size else _size(request, sent), str(took), str(took),
        f'"{request.headers.get("referer", "-")}"', f'"{request.headers.get("user-agent", "-")}"', version_id or "",
        events.host_id(call.request_id), "SigV4" if call.identity.access_key else "", "",
        "AuthHeader" if signed else "QueryString" if "X-Amz-Signature" in request.query_string else "",
        request.host, "", "", "",
    ]  # fmt: skip
    return " ".join(fact or "-" for fact in facts)


@waits
async def deliver(call: Call, payload: list[str]) -> None:
    """The job: the lines of a bucket become an object in its target bucket."""
    name, target, prefix, partitioned = payload
    lines = await call.transact(log_storage.list_lines, name)
    if lines:
        unique = call.ids.hex(16).upper()
        place = prefix
        if partitioned:
            place += f"{call.account}/{call.region}/{name}/{datetime.fromtimestamp(call.now // 1000, UTC):%Y/%m/%d}/"
        key = f"{place}{datetime.fromtimestamp(call.now // 1000, UTC):%Y-%m-%d-%H-%M-%S}-{unique}"
        body = "".join(f"{text}\n" for _, text in lines).encode()
        try:
            await call.aws.s3.put_object(Bucket=target, Key=key, Body=body, ContentType="text/plain")
        except ServiceError as error:  # the target went away: what was logged for it is lost, as in AWS
            log.warning("the log of the bucket %s cannot be delivered to %s: %s", name, target, error.message)
    await call.transact(_settle, payload, lines[-1][0] if lines else 0)


async def _settle(call: Call, payload: list[str], last: int) -> None:
    await log_storage.delete_lines(call, payload[0], last)
    await call.finish_job()
    if await log_storage.list_lines(call, payload[0], 1):
        await call.later(call.now + _DELIVERED_AFTER_MS, "deliver logs", payload)


async def _keep(call: Call, bucket: Bucket, text: str) -> None:
    there = call.outside().into(account=bucket.account, region=bucket.region)
    await there.transact(_add, bucket, text)


async def _add(call: Call, bucket: Bucket, text: str) -> None:
    if not await log_storage.list_lines(call, bucket.name, 1):
        wanted = bucket.settings["logging"]
        partitioned = "yes" if "PartitionedPrefix" in (wanted.get("TargetObjectKeyFormat") or {}) else ""
        payload = [bucket.name, wanted["TargetBucket"], wanted["TargetPrefix"], partitioned]
        await call.later(call.now + _DELIVERED_AFTER_MS, "deliver logs", payload)
    await log_storage.add_line(call, bucket.name, text)


def _operation(request: Request, key: str | None) -> str:
    """`REST.PUT.OBJECT`"""
    if "x-amz-copy-source" in request.headers:
        return f"REST.COPY.{'PART' if 'partNumber' in request.query_string else 'OBJECT'}"
    names = {name for name, _ in request.query}
    thing = next((thing for name, thing in reversed(_THINGS.items()) if name in names), "OBJECT" if key else "BUCKET")
    return f"REST.{request.method}.{'OBJECT_' if key and thing == 'TAGGING' else ''}{thing}"


def _error_code(response: Response) -> str:
    found = _CODE.search(response.body) if response.status >= 400 and isinstance(response.body, bytes) else None
    return found.group(1).decode() if found else ""


def _size(request: Request, sent: str) -> str:
    return request.headers.get("content-length", "") if request.method in ("PUT", "POST") else sent


def _time(at: int) -> str:
    return f"{datetime.fromtimestamp(at // 1000, UTC):%d/%b/%Y:%H:%M:%S +0000}"
