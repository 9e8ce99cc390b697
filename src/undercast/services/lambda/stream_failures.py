"""What becomes of batches of streams that are given up: a record for a queue, a topic or a bucket."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.service import waits
from undercast.kit.shards import Batch

from . import destinations, stream_records
from .mapping_model import Mapping
from .model import zulu

_SERVICES = ("sqs", "sns", "s3")


def check(arn: str) -> str:
    """What is wrong with a destination of failures; '' for nothing."""
    try:
        service = Arn.parse(arn).service
    except ValueError:
        return f"The provided destination config {arn} is not a valid ARN."
    return "" if service in _SERVICES else f"The provided destination {arn} is not supported by this operation."


async def give_up(
    call: Call, mapping: Mapping, batch: Batch, reason: str, request_id: str, outcome: dict[str, Any] | None, role: str
) -> None:
    """Send the record of a failure, in the transaction that moves past the batch. A bucket gets it in a job."""
    arn = mapping.failure_destination
    if not arn or not batch.records:
        return
    content = _record(mapping, batch, reason, request_id, outcome, call.now)
    if Arn.parse(arn).service != "s3":
        await destinations.send(call, arn, content)
        return
    content["payload"] = stream_records.event(batch, mapping.source_arn, mapping.region, role)
    at = datetime.fromtimestamp(call.now / 1000, UTC)
    key = f"aws/lambda/{mapping.id}/{batch.shard}/{at:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{call.ids.uuid()}"
    await call.later(call.now, "failed batch", {"bucket": Arn.parse(arn).resource, "key": key, "content": content})


@waits
async def store(call: Call, payload: dict[str, Any]) -> None:
    """The job: put the record of a failure, with the records themselves, into a bucket."""
    body = orjson.dumps(payload["content"])
    await call.aws.s3.put_object(Bucket=payload["bucket"], Key=payload["key"], Body=body)


def _record(
    mapping: Mapping, batch: Batch, reason: str, request_id: str, outcome: dict[str, Any] | None, now: int
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "requestContext": {
            "requestId": request_id,
            "functionArn": mapping.reference.qualified_arn,
            "condition": reason,
            "approximateInvokeCount": batch.attempts,
        }
    }
    if outcome is not None:
        found["responseContext"] = outcome
    return found | {
        "version": "1.0",
        "timestamp": zulu(now),
        **stream_records.batch_info(batch, mapping.source_arn),
    }
