"""The job that delivers a parcel, and what is done when that fails."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.service import exponential, waits
from undercast.services.firehose import compression, endpoint, error_log, filing, sealing, search, splunk, storage
from undercast.services.firehose.model import PRINCIPAL, Failed, Failure, Record, Stream
from undercast.services.firehose.outgoing import Undelivered

_BUCKET_RETRY_S = 86_400  # https://docs.aws.amazon.com/firehose/latest/dev/retry.html
_PARTITION_RETRY_S = 300  # unless RetryOptions say otherwise
_PAUSE_S = exponential(5, 300)

_SENDERS = {
    "HttpEndpoint": endpoint.send,
    "Amazonopensearchservice": search.send,
    "Elasticsearch": search.send,
    "Splunk": splunk.send,
}
_FAILED_TYPES = {
    "HttpEndpoint": "http-endpoint-failed",
    "Amazonopensearchservice": "AmazonOpenSearchService-failed",
    "Elasticsearch": "elasticsearch-failed",
    "Splunk": "splunk-failed",
}


@waits
async def deliver(call: Call, payload: dict[str, Any]) -> None:
    """One attempt."""
    stream = await call.transact(_find, payload)
    if stream is None:
        return
    records = await sealing.read(call, payload["holder"])
    if not records:
        return
    if payload["to"] == filing.ENDPOINT and stream.kind == "ExtendedS3":  # the destination was another before
        await call.transact(filing.file_untouched, stream, payload["holder"])
        return
    began_at = payload["began_at"] or call.clock.now()
    attempt = {**payload, "began_at": began_at, "attempts": payload["attempts"] + 1}
    settings = stream.settings if payload["to"] == filing.ENDPOINT else _bucket(stream, payload["to"])
    try:
        if payload["to"] == filing.ENDPOINT:
            await _SENDERS[stream.kind](call, stream, payload["id"], records)
        else:
            await _put(call, settings, payload, records)
    except Undelivered as failure:
        await error_log.report(call, stream, settings, failure.code, str(failure))
        await call.transact(_failed, stream, attempt, records, failure)
    else:
        await call.transact(_done, payload["holder"])


async def _find(call: Call, payload: dict[str, Any]) -> Stream | None:
    stream = await storage.find_same(call, *payload["stream"])
    if stream is None:
        await storage.delete_records(call, payload["holder"])
    return stream


async def _done(call: Call, holder: int) -> None:
    await call.finish_job()
    await storage.delete_records(call, holder)


async def _failed(
    call: Call, stream: Stream, attempt: dict[str, Any], records: Sequence[Record], failure: Undelivered
) -> None:
    """Try again while there is time for it; then what is left goes to the errors in the bucket, or is lost."""
    await call.finish_job()
    left = records if failure.left is None else [record for record in records if record.seq in failure.left]
    retry_s, type = _patience(stream, attempt["to"])
    due = call.clock.now() + int(1000 * _PAUSE_S(attempt["attempts"]))
    if due <= attempt["began_at"] + retry_s * 1000:
        await storage.keep_records(call, attempt["holder"], [record.seq for record in left])
        await call.later(due, "deliver", attempt)
        return
    await storage.delete_records(call, attempt["holder"])
    if type:
        await filing.send_failed(call, stream, [
            Failed(record, Failure(type, failure.code, str(failure), attempt["attempts"], failure.details(record)))
            for record in left
        ])  # fmt: skip


def _patience(stream: Stream, to: str) -> tuple[int, str]:
    """How many seconds a delivery is tried, and the type of error its records become then; "" when they are lost."""
    if to == filing.ENDPOINT:
        return stream.settings["RetryOptions"]["DurationInSeconds"], _FAILED_TYPES[stream.kind]
    if to == filing.BUCKET and stream.partitioned:
        options = stream.settings["DynamicPartitioningConfiguration"].get("RetryOptions") or {}
        return options.get("DurationInSeconds", _PARTITION_RETRY_S), "processing-failed"
    return _BUCKET_RETRY_S, ""


def _bucket(stream: Stream, to: str) -> Mapping[str, Any]:
    return (stream.backup or stream.bucket) if to == filing.BACKUP else stream.bucket


async def _put(call: Call, bucket: Mapping[str, Any], payload: dict[str, Any], records: Sequence[Record]) -> None:
    data, key = b"".join(record.data for record in records), payload["key"]
    if payload["form"] != "UNCOMPRESSED":
        data = await asyncio.to_thread(compression.compress, payload["form"], data, key)
    options: dict[str, Any] = {"Bucket": Arn.parse(bucket["BucketARN"]).resource, "Key": key, "Body": data}
    kms = bucket["EncryptionConfiguration"].get("KMSEncryptionConfig")
    if kms:
        options |= {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms["AWSKMSKeyARN"]}
    try:
        await call.as_service(PRINCIPAL).aws.s3.put_object(**options)
    except ServiceError as error:
        raise Undelivered(f"S3.{error.code}", error.message) from error
