"""Operations that put records."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.kit.service import relaxed
from undercast.services.firehose import buffers
from undercast.services.firehose.buffers import Draft
from undercast.services.firehose.errors import InvalidArgumentException
from undercast.services.firehose.model import MB, Stream

_LARGEST_BATCH = 4 * MB


@relaxed
async def put_record(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Take one record."""
    stream = await buffers.find_open(call, request["DeliveryStreamName"])
    (id,) = await buffers.take(call, stream, [Draft(request["Record"]["Data"], call.now)])
    return {"RecordId": id, "Encrypted": _encrypted(stream)}


@relaxed
async def put_record_batch(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Take up to 500 records, all of them or none."""
    stream = await buffers.find_open(call, request["DeliveryStreamName"])
    drafts = [Draft(record["Data"], call.now) for record in request["Records"]]
    if sum(len(draft.data) for draft in drafts) > _LARGEST_BATCH:
        raise InvalidArgumentException("Records size exceeds 4 MB limit")
    ids = await buffers.take(call, stream, drafts)
    return {
        "FailedPutCount": 0,
        "Encrypted": _encrypted(stream),
        "RequestResponses": [{"RecordId": id} for id in ids],
    }


def _encrypted(stream: Stream) -> bool:
    return bool(stream.encryption["Status"] == "ENABLED")
