"""Parcels: records that go to one place together, and the jobs that deliver them."""

from __future__ import annotations

from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from undercast.kit.call import Call
from undercast.services.firehose import conversion, error_log, sealing, storage
from undercast.services.firehose.model import Failed, Failure, Item, Record, Stream
from undercast.services.firehose.prefixes import Facts, MissingKey, object_key

_RANDOM = 11  # characters of !{firehose:random-string}

BUCKET, BACKUP, ERRORS, ENDPOINT = "bucket", "backup", "errors", "endpoint"


class Parcel(NamedTuple):
    """Records for one place: BUCKET, BACKUP, ERRORS or ENDPOINT. `key`: of the object they become there.

    Key and compressed form are settled here, so that a delivery that is tried again writes the same object.
    """

    to: str
    id: str
    key: str
    records: Sequence[Record]
    form: str = "UNCOMPRESSED"


async def arrange(call: Call, stream: Stream, items: Sequence[Item], failed: Sequence[Failed]) -> list[Parcel]:
    """What was processed as parcels: by partition, converted; and what failed, by the kind of failure."""
    parcels, unfit = [], list(failed)
    if items and stream.kind != "ExtendedS3":
        parcels.append(Parcel(ENDPOINT, call.ids.uuid(), "", [_record(call, item) for item in items]))
    elif items:
        for group in _partitions(items) if stream.partitioned else [items]:
            made, wrong = await _object(call, stream, group)
            parcels += made
            unfit += wrong
    await error_log.report_failed(call, stream, unfit)
    return parcels + _of_failed(call, stream, unfit)


async def _object(call: Call, stream: Stream, group: Sequence[Item]) -> tuple[list[Parcel], list[Failed]]:
    """The parcel of one partition (none when nothing is left), and what does not fit into it."""
    facts, id = _facts(call, [item.source for item in group], group[0]), call.ids.uuid()
    try:
        key = object_key(stream, stream.settings, facts, id)
    except MissingKey as error:
        message = f"The partitioning key {error} of the prefix has no value."
        failure = Failure("processing-failed", "DynamicPartitioning.MetadataExtractionFailed", message)
        return [], [Failed(item.source, failure) for item in group]
    if not stream.conversion:
        records = [_record(call, item) for item in group]
        return [Parcel(BUCKET, id, key, records, stream.settings["CompressionFormat"])], []
    content, wrong = await conversion.convert(call, stream.conversion, group)
    file = [_record(call, group[0])._replace(data=content)]
    return ([Parcel(BUCKET, id, key, file)] if content else []), wrong


async def file(call: Call, stream: Stream, holder: int, records: Sequence[Record], parcels: Sequence[Parcel]) -> None:
    """Let parcels take the place of a buffer, in the transaction that ends its job."""
    if not await _end_job(call):
        return
    if stream.backup and records:
        oldest = min(record.arrived_at for record in records)
        await _dispatch(call, stream, holder, _whole(call, stream, BACKUP, oldest))
    else:
        await storage.delete_records(call, holder)
    for parcel in parcels:
        await send(call, stream, parcel)


async def file_untouched(call: Call, stream: Stream, holder: int) -> None:
    """Let a buffer of records that stay as they are become a parcel; its rows stay where they are."""
    oldest = await storage.oldest_arrival(call, holder)
    if not await _end_job(call) or oldest is None:
        return
    if stream.backup:
        copy = call.ids.sequence()
        await storage.copy_records(call, holder, copy)
        await _dispatch(call, stream, copy, _whole(call, stream, BACKUP, oldest))
    to = BUCKET if stream.kind == "ExtendedS3" else ENDPOINT
    await _dispatch(call, stream, holder, _whole(call, stream, to, oldest))


async def send(call: Call, stream: Stream, parcel: Parcel) -> None:
    """Have a new parcel delivered."""
    holder = call.ids.sequence()
    await sealing.keep(call, stream, holder, parcel.records)
    await _dispatch(call, stream, holder, parcel)


async def send_failed(call: Call, stream: Stream, failed: Sequence[Failed]) -> None:
    """Have records that failed delivered to where the stream's errors go."""
    for parcel in _of_failed(call, stream, failed):
        await send(call, stream, parcel)


async def _end_job(call: Call) -> bool:
    """Whether the job was still there: one that was cancelled leaves its buffer to the one that took its place."""
    return await call.cancel_job(call.job_id)


async def _dispatch(call: Call, stream: Stream, holder: int, parcel: Parcel) -> None:
    await call.later(
        call.now,
        "deliver",
        {
            "stream": [stream.name, stream.id],
            "holder": holder,
            "to": parcel.to,
            "id": parcel.id,
            "key": parcel.key,
            "form": parcel.form,
            "began_at": 0,
            "attempts": 0,
        },
    )


def _whole(call: Call, stream: Stream, to: str, oldest: int) -> Parcel:
    """A parcel of the rows that a buffer has already."""
    id = call.ids.uuid()
    if to == ENDPOINT:
        return Parcel(to, id, "", ())
    bucket = (stream.backup or stream.bucket) if to == BACKUP else stream.bucket
    key = object_key(stream, bucket, Facts(oldest, call.ids.alnum(_RANDOM)), id)
    return Parcel(to, id, key, (), bucket["CompressionFormat"])


def _of_failed(call: Call, stream: Stream, failed: Iterable[Failed]) -> list[Parcel]:
    by_type: dict[str, list[Failed]] = defaultdict(list)
    for one in failed:
        by_type[one.failure.type].append(one)
    parcels = []
    for type, group in by_type.items():
        id = call.ids.uuid()
        key = object_key(stream, stream.bucket, _facts(call, [one.record for one in group], error_type=type), id)
        lines = [one.record._replace(seq=call.ids.sequence(), data=_line(call, one), origin="") for one in group]
        parcels.append(Parcel(ERRORS, id, key, lines))
    return parcels


def _line(call: Call, failed: Failed) -> bytes:
    """https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-failure-handling.html"""
    failure = failed.failure
    shown = {
        "attemptsMade": failure.attempts,
        "arrivalTimestamp": failed.record.arrived_at,
        "errorCode": failure.code,
        "errorMessage": failure.message,
        "attemptEndingTimestamp": call.clock.now(),
        "rawData": b64encode(failed.record.data).decode(),
        **failure.details,
    }
    return orjson.dumps(shown) + b"\n"


def _partitions(items: Sequence[Item]) -> Iterable[Sequence[Item]]:
    groups: dict[Any, list[Item]] = defaultdict(list)
    for item in items:
        groups[_fixed(item.query_keys), _fixed(item.lambda_keys)].append(item)
    return groups.values()


def _fixed(keys: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(keys.items()))


def _facts(call: Call, records: Sequence[Record], item: Item | None = None, error_type: str = "") -> Facts:
    return Facts(
        min(record.arrived_at for record in records),
        call.ids.alnum(_RANDOM),
        error_type,
        item.query_keys if item else {},
        item.lambda_keys if item else {},
    )


def _record(call: Call, item: Item) -> Record:
    return Record(call.ids.sequence(), item.id, item.source.arrived_at, item.data, "")
