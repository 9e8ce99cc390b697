"""Changes of a table as functions and pipes get them: the record of its stream as JSON. Pure."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from .model import Record

_IMAGES = ("Keys", "NewImage", "OldImage")


def change_event(record: Record, source_arn: str, region: str) -> dict[str, Any]:
    """One change. Recorded: test_dynamodb_event_source_mapping."""
    raw = record.raw
    change = {
        name: _plain(value) if name in _IMAGES else value
        for name, value in raw["dynamodb"].items()
        if value is not None
    }
    found = {
        "eventID": raw["eventID"],
        "eventName": raw["eventName"],
        "eventVersion": raw.get("eventVersion") or "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": region,
        "dynamodb": change | {"ApproximateCreationDateTime": record.at // 1000},
        "eventSourceARN": source_arn,
    }
    if identity := raw.get("userIdentity"):
        found["userIdentity"] = {"type": identity.get("Type"), "principalId": identity.get("PrincipalId")}
    return found


def _plain(value: Any) -> Any:
    """Attribute values with their bytes in base64."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
