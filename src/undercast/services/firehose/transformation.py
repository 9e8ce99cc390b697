"""The Lambda processor: a function that transforms records.

https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.firehose.errors import InvalidArgumentException
from undercast.services.firehose.model import MB, PRINCIPAL, Failed, Failure, Item, Stream

_MOST_RECORDS = 10_000
_INVALID = (
    "Lambda.JsonProcessingException",
    "There was an error parsing returned records from the Lambda function. Ensure that the returned records follow the "
    "status model required by Amazon Data Firehose.",
)
_MISSING = (
    "Lambda.MissingRecordId",
    "One or more record Ids were not returned. Ensure that the Lambda function returns all received record Ids.",
)
_DUPLICATED = (
    "Lambda.DuplicatedRecordId",
    "Multiple records were returned with the same record ID. Ensure that the Lambda function returns unique record IDs "
    "for each record.",
)
_STATUS = (
    "Lambda.ProcessingFailedStatus",
    "ProcessingFailed status set for record. The Lambda function could not transform it.",
)
_UNREADABLE = (
    "Lambda.FunctionError",
    "The Lambda function was successfully invoked but it returned an error result.",
)


def check(parameters: Mapping[str, str]) -> None:
    """InvalidArgumentException for numbers out of AWS's bounds."""
    for name, low, high in (
        ("NumberOfRetries", 0, 300),
        ("BufferSizeInMBs", 0.2, 3),
        ("BufferIntervalInSeconds", 0, 900),
    ):
        text = parameters.get(name)
        try:
            fits = text is None or low <= float(text) <= high
        except ValueError:
            fits = False
        if not fits:
            raise InvalidArgumentException(f"Processor parameter {name} must be between {low} and {high}.")


async def transform(
    call: Call, stream: Stream, parameters: Mapping[str, str], items: Sequence[Item]
) -> tuple[list[Item], list[Failed]]:
    """Items as the function gives them back; those it drops are gone."""
    changed: list[Item] = []
    failed: list[Failed] = []
    limit = int(float(parameters.get("BufferSizeInMBs", 1)) * MB)
    for batch in _batches(items, limit):
        done, unfit = await _transform(call, stream, parameters, batch)
        changed += done
        failed += unfit
    return changed, failed


def _batches(items: Sequence[Item], limit: int) -> Iterator[list[Item]]:
    batch: list[Item] = []
    size = 0
    for item in items:
        if batch and (size + len(item.data) > limit or len(batch) == _MOST_RECORDS):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item.data)
    if batch:
        yield batch


async def _transform(
    call: Call, stream: Stream, parameters: Mapping[str, str], batch: list[Item]
) -> tuple[list[Item], list[Failed]]:
    function, retries = parameters["LambdaArn"], int(parameters.get("NumberOfRetries", 3))
    event = orjson.dumps(_event(call, stream, batch))
    reason = _UNREADABLE
    for _ in range(1 + retries):
        answer, reason = await _invoke(call, function, event)
        if answer is not None:
            return _sort_out(batch, answer, function)
    return [], [_failed(item, function, reason, 1 + retries) for item in batch]


def _event(call: Call, stream: Stream, batch: list[Item]) -> dict[str, Any]:
    event: dict[str, Any] = {
        "invocationId": call.ids.uuid(),
        "deliveryStreamArn": stream.arn,
        "region": stream.region,
        "records": [_shown(item) for item in batch],
    }
    if "KinesisStreamARN" in stream.source:
        event["sourceKinesisStreamArn"] = stream.source["KinesisStreamARN"]
    return event


def _shown(item: Item) -> dict[str, Any]:
    shown = {
        "recordId": item.id,
        "approximateArrivalTimestamp": item.source.arrived_at,
        "data": b64encode(item.data).decode(),
    }
    if item.source.origin:
        shown["kinesisRecordMetadata"] = orjson.loads(item.source.origin)
    return shown


async def _invoke(call: Call, function: str, event: bytes) -> tuple[dict[str, Any] | None, tuple[str, str]]:
    """The function's answer, or why there is none."""
    there = call.at(function).as_service(PRINCIPAL)
    try:
        answer = await there.aws.lambda_.invoke(FunctionName=function, Payload=event)
    except ServiceError as error:
        return None, (f"Lambda.{error.code}", error.message)
    if answer.get("FunctionError"):
        return None, _UNREADABLE
    try:
        parsed = orjson.loads(answer["Payload"])
    except orjson.JSONDecodeError:
        return {}, _INVALID
    return parsed if isinstance(parsed, dict) else {}, _INVALID


def _sort_out(batch: list[Item], answer: dict[str, Any], function: str) -> tuple[list[Item], list[Failed]]:
    returned = answer.get("records")
    if not isinstance(returned, list) or not all(_is_result(one) for one in returned):
        return [], [_failed(item, function, _INVALID) for item in batch]
    times = Counter(one.get("recordId") for one in returned)
    by_id = {one.get("recordId"): one for one in returned}
    changed, failed = [], []
    for item in batch:
        outcome = _read(item, by_id.get(item.id), times[item.id])
        if isinstance(outcome, Item):
            changed.append(outcome)
        elif outcome is not None:
            failed.append(_failed(item, function, outcome))
    return changed, failed


def _read(item: Item, result: dict[str, Any] | None, times: int) -> Item | tuple[str, str] | None:
    """What became of an item: the new one, why it failed, or None when it is dropped."""
    if result is None:
        return _MISSING
    if times > 1:
        return _DUPLICATED
    if result.get("result") == "Dropped":
        return None
    if result.get("result") == "ProcessingFailed":
        return _STATUS
    metadata = result.get("metadata") or {}
    try:
        if result.get("result") != "Ok":
            return _INVALID
        data = b64decode(result.get("data") or "", validate=True)
        keys = {name: str(value) for name, value in (metadata.get("partitionKeys") or {}).items()}
    except (NotBase64, TypeError, ValueError, AttributeError):
        return _INVALID
    return item._replace(data=data, lambda_keys=keys)


def _is_result(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("recordId"), str)


def _failed(item: Item, function: str, reason: tuple[str, str], attempts: int = 1) -> Failed:
    return Failed(item.source, Failure("processing-failed", *reason, attempts, {"lambdaArn": function}))
