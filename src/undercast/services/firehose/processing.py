"""What happens to records between buffer and destination: the stream's processors, in AWS's order.

Decompression, message extraction, de-aggregation, the function, the keys, delimiters:
https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-multirecord-deaggergation.html
"""

from __future__ import annotations

import asyncio
import gzip
import zlib
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.services.firehose import conversion, jq_keys, prefixes, transformation
from undercast.services.firehose.errors import InvalidArgumentException
from undercast.services.firehose.model import Failed, Failure, Item, Record, Stream
from undercast.services.firehose.subrecords import split_delimited, split_json

Outcome = tuple[list[Item], list[Failed]]
Parameters = Mapping[str, str]

_MOST_SUBRECORDS = 500


async def process(call: Call, stream: Stream, records: Sequence[Record]) -> Outcome:
    """What becomes of records: items to deliver, and those that failed."""
    items, failed = [Item(record, record.id, record.data) for record in records], []
    configured = dict(stream.processors)
    for name, step in _STEPS.items():
        if name in configured:
            items, unfit = await step(call, stream, configured[name], items)
            failed += unfit
    return items, failed


def check(kind: str, settings: Mapping[str, Any]) -> None:
    """InvalidArgumentException when processors cannot do what is wanted of them; NotImplementedYet."""
    configured = settings.get("ProcessingConfiguration") or {}
    processors = configured.get("Processors") or () if configured.get("Enabled") else ()
    types = [one["Type"] for one in processors]
    if len(set(types)) != len(types):
        raise InvalidArgumentException("Only one processor of each type is supported.")
    for one in processors:
        parameters = {each["ParameterName"]: each["ParameterValue"] for each in one.get("Parameters") or ()}
        if one["Type"] in _CHECKS:
            _CHECKS[one["Type"]](parameters)
    if kind == "ExtendedS3":
        _check_partitioning(settings, types)
        conversion.check(settings)


def _check_partitioning(settings: Mapping[str, Any], types: list[str]) -> None:
    enabled = (settings.get("DynamicPartitioningConfiguration") or {}).get("Enabled")
    if not enabled:
        if "MetadataExtraction" in types:
            raise InvalidArgumentException(
                "MetadataExtraction processor is only supported when Dynamic Partitioning is enabled."
            )
        return
    prefix = settings.get("Prefix") or ""
    query, function = (prefixes.keys_named(prefix, f"partitionKeyFrom{name}") for name in ("Query", "Lambda"))
    if not query and not function:
        raise InvalidArgumentException("Prefix must contain dynamic partitioning keys when Dynamic Partitioning is enabled.")  # fmt: skip
    if query and "MetadataExtraction" not in types:
        raise InvalidArgumentException("MetadataExtraction processor must be present when prefix has partitionKeyFromQuery.")  # fmt: skip
    if function and "Lambda" not in types:
        raise InvalidArgumentException("Lambda processor must be present when prefix has partitionKeyFromLambda.")


# --- steps ---


async def _each(
    type: str, code: str, change: Callable[[Parameters, Item], list[Item]],
    _call: Call, _stream: Stream, parameters: Parameters, items: Sequence[Item],
) -> Outcome:  # fmt: skip
    """A step that looks at one item at a time, in a thread: there may be 128 MB of them."""
    return await asyncio.to_thread(_change_each, type, code, change, parameters, items)


def _change_each(
    type: str, code: str, change: Callable[[Parameters, Item], list[Item]], parameters: Parameters,
    items: Sequence[Item],
) -> Outcome:  # fmt: skip
    """What cannot be read is a failure of `type`."""
    changed: list[Item] = []
    failed: list[Failed] = []
    for item in items:
        try:
            changed += change(parameters, item)
        except (ValueError, KeyError, TypeError, OSError, EOFError, RecursionError, zlib.error) as error:
            failed.append(Failed(item.source, Failure(type, code, str(error))))
    return changed, failed


def _decompress(_parameters: Parameters, item: Item) -> list[Item]:
    return [item._replace(data=gzip.decompress(item.data))]


def _extract_messages(parameters: Parameters, item: Item) -> list[Item]:
    """The messages of a batch of CloudWatch Logs, each on a line; what only tests the subscription is dropped.

    https://docs.aws.amazon.com/firehose/latest/dev/Message_extraction.html
    """
    if parameters.get("DataMessageExtraction", "false").lower() != "true":
        return [item]
    batch = orjson.loads(item.data)
    if not isinstance(batch, dict) or not isinstance(batch.get("logEvents"), list):
        raise ValueError("The record is no batch of CloudWatch Logs.")
    if batch.get("messageType") == "CONTROL_MESSAGE":
        return []
    return [item._replace(data="".join(f"{event['message']}\n" for event in batch["logEvents"]).encode())]


def _deaggregate(parameters: Parameters, item: Item) -> list[Item]:
    if parameters["SubRecordType"] == "JSON":
        parts = split_json(item.data)
    else:
        parts = split_delimited(item.data, b64decode(parameters["Delimiter"]))
    if len(parts) > _MOST_SUBRECORDS:
        raise ValueError(f"A record cannot hold more than {_MOST_SUBRECORDS} records.")
    return [item._replace(id=f"{item.id}.{number:04d}", data=part) for number, part in enumerate(parts)]


def _find_keys(parameters: Parameters, item: Item) -> list[Item]:
    return [item._replace(query_keys=jq_keys.find(parameters["MetadataExtractionQuery"], item.data))]


def _delimit(parameters: Parameters, item: Item) -> list[Item]:
    delimiter = parameters.get("Delimiter", "\\n").replace("\\n", "\n")
    return [item._replace(data=item.data + delimiter.encode())]


_PROCESSING = "processing-failed"
_STEPS: dict[str, Callable[[Call, Stream, Parameters, Sequence[Item]], Awaitable[Outcome]]] = {
    "Decompression": partial(_each, "decompression-failed", "Decompression.Failed", _decompress),
    "CloudWatchLogProcessing": partial(_each, _PROCESSING, "CloudWatchLogProcessing.Failed", _extract_messages),
    "RecordDeAggregation": partial(_each, _PROCESSING, "MultiRecordDeAggregation.ParseFailed", _deaggregate),
    "Lambda": transformation.transform,
    "MetadataExtraction": partial(_each, _PROCESSING, "DynamicPartitioning.MetadataExtractionFailed", _find_keys),
    "AppendDelimiterToRecord": partial(_each, _PROCESSING, "AppendDelimiter.Failed", _delimit),
}


# --- parameters ---


def _required(parameters: Parameters, name: str, *allowed: str) -> str:
    value = parameters.get(name)
    if value is None or (allowed and value not in allowed):
        wanted = f"one of {', '.join(allowed)}" if allowed else "specified"
        raise InvalidArgumentException(f"Processor parameter {name} must be {wanted}.")
    return value


def _check_decompression(parameters: Parameters) -> None:
    _required(parameters, "CompressionFormat", "GZIP")


def _check_messages(parameters: Parameters) -> None:
    _required(parameters, "DataMessageExtraction", "true", "false")


def _check_deaggregation(parameters: Parameters) -> None:
    if _required(parameters, "SubRecordType", "JSON", "DELIMITED") == "DELIMITED":
        try:
            b64decode(_required(parameters, "Delimiter"), validate=True)
        except NotBase64:
            raise InvalidArgumentException("Delimiter must be base64 encoded.") from None


def _check_function(parameters: Parameters) -> None:
    try:
        arn = Arn.parse(_required(parameters, "LambdaArn"))
    except ValueError:
        arn = Arn("", "", "", "")
    if arn.service != "lambda":
        raise InvalidArgumentException("LambdaArn must be the ARN of a Lambda function.")
    transformation.check(parameters)


def _check_query(parameters: Parameters) -> None:
    _required(parameters, "JsonParsingEngine", "JQ-1.6")
    jq_keys.check(_required(parameters, "MetadataExtractionQuery"))


_CHECKS: dict[str, Callable[[Parameters], None]] = {
    "Decompression": _check_decompression,
    "CloudWatchLogProcessing": _check_messages,
    "RecordDeAggregation": _check_deaggregation,
    "Lambda": _check_function,
    "MetadataExtraction": _check_query,
}
