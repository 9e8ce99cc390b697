"""Batches of messages: what a function gets, which messages it is not asked about, which it has not processed."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import orjson

from undercast.engines.patterns import Pattern

Message = dict[str, Any]


def record(message: Message, source_arn: str, region: str, *, windowed: bool) -> dict[str, Any]:
    """One message as functions get it. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html

    With a batching window, messages without attributes have a null digest of them; else they have none (recorded:
    test_sqs_event_source_mapping_update, test_redrive_policy_with_failing_lambda).
    """
    found: dict[str, Any] = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes") or {},
        "messageAttributes": {
            name: _attribute(value) for name, value in (message.get("MessageAttributes") or {}).items()
        },
    }
    if message.get("MD5OfMessageAttributes") or windowed:
        found["md5OfMessageAttributes"] = message.get("MD5OfMessageAttributes")
    return found | {
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": source_arn,
        "awsRegion": region,
    }


def wanted(found: dict[str, Any], filters: Sequence[Pattern]) -> bool:
    """Whether any filter matches. A body that is a JSON document is matched by what is in it, any other as a text."""
    if not filters:
        return True
    try:
        body = orjson.loads(found["body"])
    except orjson.JSONDecodeError:
        body = None
    event = {**found, "body": body} if isinstance(body, dict | list) else found
    return any(pattern.matches(event) for pattern in filters)


def unprocessed(answer: bytes, ids: Sequence[str]) -> set[str]:
    """The ids of the messages that a function reports as failed; all of them when its report cannot be trusted.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    everything = set(ids)
    try:
        report = orjson.loads(answer) if answer else None
    except orjson.JSONDecodeError:
        return everything
    if not report:  # null, {}, [] or "": all is well
        return set()
    if not isinstance(report, dict):
        return everything
    failures = report.get("batchItemFailures")
    if not failures:
        return set()
    if not isinstance(failures, list):
        return everything
    failed = {str(failure.get("itemIdentifier")) if isinstance(failure, dict) else "" for failure in failures}
    return failed if failed <= everything else everything


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    binary = value.get("BinaryValue")
    found: dict[str, Any] = {}
    if value.get("StringValue") is not None:
        found["stringValue"] = value["StringValue"]
    if binary is not None:
        found["binaryValue"] = b64encode(binary).decode()
    return found | {"stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
