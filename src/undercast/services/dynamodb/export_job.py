"""The job that writes a table, or its changes, into a bucket: data files and the manifests that name them.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import orjson

from undercast.engines.dynamodb.keys import KeyBytes
from undercast.engines.dynamodb.values import Item
from undercast.engines.item_files import ion, json_lines
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.service import waits
from undercast.services.dynamodb import history, history_storage, storage, transfer_storage
from undercast.services.dynamodb.model import Table
from undercast.services.dynamodb.transfer_storage import Transfer

_STEP = 100
_FILE = 32 * 1024 * 1024  # bytes of lines in one data file
_WRITERS = {"DYNAMODB_JSON": (json_lines.write, "json.gz"), "ION": (ion.write, "ion.gz")}

Entry = dict[str, Item]


@waits
async def export_items(call: Call, payload: list[str]) -> None:
    """Write everything. Begun anew after a crash it writes new files; those of before are in no manifest."""
    transfer = await call.transact(transfer_storage.find, "export", *payload)
    if transfer is None or transfer.description["ExportStatus"] != "IN_PROGRESS":
        return
    table = await call.transact(storage.find_table_or_none, transfer.table_name)
    assert table is not None  # it cannot be deleted while it is held
    export = _Export(call, transfer, table)
    try:
        outcome = await export.run()
    except ServiceError as error:
        outcome = {"ExportStatus": "FAILED", "FailureCode": f"S3{error.code}", "FailureMessage": error.message}
    await call.transact(_finish, transfer, table, outcome)


async def failed(call: Call, payload: list[str], error: BaseException) -> None:
    """It has failed as often as it may."""
    transfer = await transfer_storage.find(call, "export", *payload)
    table = await storage.find_table_or_none(call, payload[0])
    if transfer and table:
        outcome = {"ExportStatus": "FAILED", "FailureCode": "UnknownError", "FailureMessage": str(error)}
        await _finish(call, transfer, table, outcome)


async def _finish(call: Call, transfer: Transfer, table: Table, outcome: dict[str, Any]) -> None:
    await transfer_storage.save(call, transfer, **outcome, EndTime=call.now)
    await history.release(call, table.name, table.id)


class _Export:
    """One run of the job."""

    def __init__(self, call: Call, transfer: Transfer, table: Table) -> None:
        self._call = call
        self._about = transfer.description
        self._table = table
        prefix = self._about.get("S3Prefix")
        self._folder = f"{prefix.rstrip('/')}/" if prefix else ""
        self._folder += f"AWSDynamoDB/{transfer.label}/"
        self._write, self._suffix = _WRITERS[self._about["ExportFormat"]]
        self._files: list[bytes] = []  # the lines of the manifest of files
        self._items = self._bytes = 0

    async def run(self) -> dict[str, Any]:
        """Write all files; what the export's description says then."""
        await self._put("_started", b"")
        lines: list[bytes] = []
        size = 0
        async for entry in self._entries():
            lines.append(self._write(entry) + b"\n")
            size += len(lines[-1])
            if size >= _FILE:
                await self._put_data(lines)
                lines, size = [], 0
        if lines or not self._files:
            await self._put_data(lines)
        await self._put_with_md5("manifest-files", b"".join(self._files))
        await self._put_with_md5("manifest-summary", orjson.dumps(self._summary()))
        return {
            "ExportStatus": "COMPLETED", "ExportManifest": f"{self._folder}manifest-summary.json",
            "ItemCount": self._items, "BilledSizeBytes": self._bytes,
        }  # fmt: skip

    def _entries(self) -> AsyncIterator[Entry]:
        return self._changes() if self._about["ExportType"] == "INCREMENTAL_EXPORT" else self._all()

    async def _all(self) -> AsyncIterator[Entry]:
        after: KeyBytes | None = None
        while True:
            moment = self._about["window"][1]
            found, after = await self._call.transact(history.page, self._table, moment, after, _STEP)
            for _, stored in found:
                self._bytes += stored.size
                yield {"Item": stored.item}
            if after is None:
                return

    async def _changes(self) -> AsyncIterator[Entry]:
        after: KeyBytes | None = None
        while True:
            entries, after = await self._call.transact(self._page_of_changes, after)
            for entry in entries:
                yield entry
            if after is None:
                return

    async def _page_of_changes(self, call: Call, after: KeyBytes | None) -> tuple[list[Entry], KeyBytes | None]:
        since, until = self._about["window"]
        keys = await history_storage.keys_changed(call, self._table, since, until, after, _STEP)
        entries = [await self._change(call, key, moment) for key, moment in keys]
        return [entry for entry in entries if entry], keys[-1][0] if len(keys) == _STEP else None

    async def _change(self, call: Call, key: KeyBytes, moment: int) -> Entry | None:
        """What became of an item within the window; nothing of one that came and went."""
        since, until = self._about["window"]
        old = await history.item_at(call, self._table, since, key)
        new = await history.item_at(call, self._table, until, key)
        some = new or old
        if some is None:
            return None
        entry: Entry = {
            "Metadata": {"WriteTimestampMicros": {"N": str((moment >> 20) * 1000)}},
            "Keys": self._table.key.pick(some.item),
        }
        if old and self._about["IncrementalExportSpecification"]["ExportViewType"] == "NEW_AND_OLD_IMAGES":
            entry["OldImage"] = old.item
        if new:
            entry["NewImage"] = new.item
        self._bytes += sum(one.size for one in (old, new) if one)
        return entry

    async def _put_data(self, lines: list[bytes]) -> None:
        body = await asyncio.to_thread(_packed, lines)
        key = f"data/{self._call.ids.alnum(26)}.{self._suffix}"
        etag = await self._put(key, body)
        self._items += len(lines)
        about = {
            "itemCount": len(lines), "md5Checksum": _md5(body), "etag": etag, "dataFileS3Key": self._folder + key,
        }  # fmt: skip
        self._files.append(orjson.dumps(about) + b"\n")

    async def _put_with_md5(self, name: str, body: bytes) -> None:
        await self._put(f"{name}.json", body)
        await self._put(f"{name}.md5", _md5(body).encode())

    async def _put(self, key: str, body: bytes) -> str:
        encryption: dict[str, Any] = {"ServerSideEncryption": "AES256"}
        if self._about["S3SseAlgorithm"] == "KMS":
            encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self._about.get("S3SseKmsKeyId")}
        answer = await self._call.aws.s3.put_object(
            Bucket=self._about["S3Bucket"], Key=self._folder + key, Body=body,
            ExpectedBucketOwner=self._about.get("S3BucketOwner"), **encryption,
        )  # fmt: skip
        etag: str = answer["ETag"].strip('"')
        return etag

    def _summary(self) -> dict[str, Any]:
        about = self._about
        summary = {
            "version": "2020-06-30",
            "exportArn": about["ExportArn"],
            "startTime": _time(about["StartTime"]),
            "endTime": _time(self._call.clock.now()),
            "tableArn": about["TableArn"],
            "tableId": about["TableId"],
            "exportTime": _time(about.get("ExportTime")),
            "s3Bucket": about["S3Bucket"],
            "s3Prefix": about.get("S3Prefix"),
            "s3SseAlgorithm": about["S3SseAlgorithm"],
            "s3SseKmsKeyId": about.get("S3SseKmsKeyId"),
            "manifestFilesS3Key": f"{self._folder}manifest-files.json",
            "billedSizeBytes": self._bytes,
            "itemCount": self._items,
            "outputFormat": about["ExportFormat"],
            "exportType": about["ExportType"],
        }
        wanted = about.get("IncrementalExportSpecification")
        if wanted:
            del summary["exportTime"]
            summary |= {
                "version": "2023-08-01",
                "exportFromTime": _time(wanted["ExportFromTime"]),
                "exportToTime": _time(wanted["ExportToTime"]),
                "outputView": wanted["ExportViewType"],
            }
        return summary


def _packed(lines: list[bytes]) -> bytes:
    return gzip.compress(b"".join(lines), 6, mtime=0)


def _md5(data: bytes) -> str:
    return b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


def _time(time_ms: int | None) -> str | None:
    if time_ms is None:
        return None
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{time_ms % 1000:03d}Z"
