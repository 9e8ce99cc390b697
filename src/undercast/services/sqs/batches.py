"""What the batch operations have in common: checks of their entries, and an outcome for each."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from undercast.kit.errors import ServiceError
from undercast.services.sqs import errors
from undercast.services.sqs.model import LARGEST_BATCH_BYTES

_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")


def check(entries: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The entries, once their number and ids are right."""
    if not entries:
        raise errors.EmptyBatchRequest(f"There should be at least one {kind} in the request.")
    if len(entries) > 10:
        raise errors.TooManyEntriesInBatchRequest(
            f"Maximum number of entries per request are 10. You have sent {len(entries)}."
        )
    seen: set[str] = set()
    for entry in entries:
        if not _ID.fullmatch(entry["Id"]):
            raise errors.InvalidBatchEntryId()
        if entry["Id"] in seen:
            raise errors.BatchEntryIdsNotDistinct(f"Id {entry['Id']} repeated.")
        seen.add(entry["Id"])
    return entries


def check_size(entries: list[dict[str, Any]]) -> None:
    """All messages of a batch together have a limit too."""
    size = sum(_size(entry) for entry in entries)
    if size > LARGEST_BATCH_BYTES:
        raise errors.BatchRequestTooLong(
            f"Batch requests cannot be longer than {LARGEST_BATCH_BYTES} bytes. You have sent {size} bytes."
        )


async def each(entries: list[dict[str, Any]], act: Callable[[dict[str, Any]], Awaitable[Any]]) -> dict[str, Any]:
    """Do it for every entry; an error fails its entry only."""
    successful: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for entry in entries:
        try:
            successful.append({"Id": entry["Id"], **(await act(entry) or {})})
        except ServiceError as error:
            code = error.query_code or error.code
            failed.append({"Id": entry["Id"], "SenderFault": True, "Code": code, "Message": error.message})
    return {"Successful": successful, "Failed": failed or None}


def _size(entry: dict[str, Any]) -> int:
    size = len(entry["MessageBody"].encode())
    for name, value in (entry.get("MessageAttributes") or {}).items():
        content = value.get("BinaryValue") or (value.get("StringValue") or "").encode()
        size += len(name.encode()) + len(value.get("DataType") or "") + len(content)
    return size
