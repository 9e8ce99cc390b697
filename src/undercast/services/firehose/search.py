"""Delivery to OpenSearch (or anything that speaks its `_bulk`).

https://docs.aws.amazon.com/firehose/latest/dev/basic-deliver.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.firehose.model import Record, Stream
from undercast.services.firehose.outgoing import Undelivered, post

_ROTATIONS = {
    "NoRotation": "",
    "OneHour": "-%Y-%m-%d-%H",
    "OneDay": "-%Y-%m-%d",
    "OneWeek": "-%Y-w%V",
    "OneMonth": "-%Y-%m",
}


async def send(call: Call, stream: Stream, _id: str, records: Sequence[Record]) -> None:
    """Index every record. Undelivered, with those that were not taken."""
    settings = stream.settings
    lines = b"".join(_action(settings, record) + b"\n" + _document(record) + b"\n" for record in records)
    url = settings["ClusterEndpoint"].rstrip("/") + "/_bulk"
    status, answer = await post(call, "OS", url, {"Content-Type": "application/x-ndjson"}, lines)
    if status not in (200, 201):
        shown = answer[:1000].decode("utf-8", "replace")
        raise Undelivered("OS.ServiceException", f"{status}: {shown}", None, lambda one: _details(settings, one))
    left = _left(records, answer)
    if left:
        reason = orjson.dumps(next(iter(left.values()))).decode()
        raise Undelivered("OS.DocumentRejected", reason, set(left), lambda one: _details(settings, one))


def index_of(settings: Mapping[str, Any], arrived_at: int) -> str:
    """The index for what arrived at a time."""
    at = datetime.fromtimestamp(arrived_at / 1000, UTC)
    return f"{settings['IndexName']}{at.strftime(_ROTATIONS[settings['IndexRotationPeriod']])}"


def _action(settings: Mapping[str, Any], record: Record) -> bytes:
    about = {"_index": index_of(settings, record.arrived_at)}
    if settings.get("TypeName"):
        about["_type"] = settings["TypeName"]
    if settings["DocumentIdOptions"]["DefaultDocumentIdFormat"] == "FIREHOSE_DEFAULT":
        about["_id"] = record.id
    return orjson.dumps({"index": about})


def _document(record: Record) -> bytes:
    """A record as one line; one that is no JSON the destination refuses by itself."""
    data = record.data.strip()
    try:
        return orjson.dumps(orjson.loads(data)) if b"\n" in data else data
    except orjson.JSONDecodeError:
        return data.replace(b"\n", b" ")


def _left(records: Sequence[Record], answer: bytes) -> dict[int, Any]:
    """Why records were not taken, by their numbers."""
    try:
        outcomes = [dict(next(iter(item.values()))) for item in orjson.loads(answer)["items"]]
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
        raise Undelivered("OS.InvalidResponse", "The answer is none of the _bulk API.") from None
    pairs = zip(records, outcomes, strict=False)
    left = {record.seq: outcome.get("error") for record, outcome in pairs if outcome.get("status", 500) >= 300}
    return left | {record.seq: "no outcome" for record in records[len(outcomes) :]}


def _details(settings: Mapping[str, Any], record: Record) -> dict[str, Any]:
    return {
        "esDocumentId": record.id,
        "esIndexName": index_of(settings, record.arrived_at),
        "esTypeName": settings.get("TypeName") or "",
    }
