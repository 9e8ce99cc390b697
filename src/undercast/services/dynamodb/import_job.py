"""The job that fills a table with the items of files in S3, and logs those that cannot be put."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

from undercast.engines.dynamodb.errors import Invalid
from undercast.engines.dynamodb.values import Item
from undercast.engines.item_files import csv_lines, ion, json_lines
from undercast.engines.item_files.errors import Unreadable
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.service import waits
from undercast.services.dynamodb import changes, import_log, storage, transfer_storage, writes
from undercast.services.dynamodb.model import Stored, Table
from undercast.services.dynamodb.transfer_storage import Transfer

_STEP = 100  # items put in one transaction
_PIECE = 4 * 1024 * 1024  # bytes that are unpacked at once
_LONGEST_LINE = 16 * 1024 * 1024


@waits
async def import_items(call: Call, payload: list[str]) -> None:
    """Put everything; begun anew after a crash it puts the same."""
    transfer = await call.transact(transfer_storage.find, "import", *payload)
    if transfer is None or transfer.description["ImportStatus"] != "IN_PROGRESS":
        return
    table = await call.transact(storage.find_table_or_none, transfer.table_name)
    if table is None or table.uuid != transfer.description["TableId"]:
        await call.transact(_finish, transfer, {"ImportStatus": "CANCELLED"})
        return
    run = _Import(call, transfer, table)
    try:
        await run.files()
        outcome = {"ImportStatus": "COMPLETED"}
    except ServiceError as error:
        outcome = {"ImportStatus": "FAILED", "FailureCode": f"S3{error.code}", "FailureMessage": error.message}
    except (Unreadable, zlib.error) as error:
        outcome = {"ImportStatus": "FAILED", "FailureCode": "ValidationError", "FailureMessage": str(error)}
    await import_log.write(call, transfer, run.problems)
    await call.transact(_finish, transfer, {**outcome, **run.counts()})


async def failed(call: Call, payload: list[str], error: BaseException) -> None:
    """It has failed as often as it may."""
    transfer = await transfer_storage.find(call, "import", *payload)
    if transfer:
        outcome = {"ImportStatus": "FAILED", "FailureCode": "UnknownError", "FailureMessage": str(error)}
        await _finish(call, transfer, outcome)


async def _finish(call: Call, transfer: Transfer, outcome: dict[str, Any]) -> None:
    await transfer_storage.save(call, transfer, **outcome, EndTime=call.now)
    call.notify(f"dynamodb:{transfer.arn}")  # stacks wait for it
    table = await storage.find_table_or_none(call, transfer.table_name)
    if table and table.uuid == transfer.description["TableId"]:
        await storage.save_table(call, replace(table, status="ACTIVE"))


class _Import:
    """One run of the job."""

    def __init__(self, call: Call, transfer: Transfer, table: Table) -> None:
        self._call = call
        self._about = transfer.description
        self._table = table
        self._types = table.attributes
        options = (self._about.get("InputFormatOptions") or {}).get("Csv") or {}
        self._delimiter = options.get("Delimiter") or ","
        self._header: list[str] | None = options.get("HeaderList")
        self.problems: list[dict[str, Any]] = []
        self._errors = self._bytes = self._processed = self._imported = 0

    def counts(self) -> dict[str, int]:
        """What the description says of the progress."""
        return {
            "ErrorCount": self._errors, "ProcessedSizeBytes": self._bytes, "ProcessedItemCount": self._processed,
            "ImportedItemCount": self._imported,
        }  # fmt: skip

    async def files(self) -> None:
        """Put the items of every object under the prefix, in the order of their keys."""
        source, token = self._about["S3BucketSource"], None
        owner = {"ExpectedBucketOwner": source.get("S3BucketOwner")}
        while True:
            page = await self._call.aws.s3.list_objects_v2(
                Bucket=source["S3Bucket"], Prefix=source.get("S3KeyPrefix"), ContinuationToken=token, **owner
            )
            for one in page.get("Contents") or ():
                await self._file(source["S3Bucket"], one["Key"])
            token = page.get("NextContinuationToken")
            if not token:
                return

    async def _file(self, bucket: str, key: str) -> None:
        header, number, items = self._header, 0, []
        async for line in self._lines(bucket, key):
            if not line.strip():
                continue
            if self._about["InputFormat"] == "CSV" and header is None:
                header = csv_lines.cells_of(line, self._delimiter)
                continue
            place = {"bucket": bucket, "key": key, "itemIndex": number}
            number += 1
            self._processed += 1
            try:
                items.append((self._read(line, header or []), place))
            except Unreadable as error:
                self._problem(place, str(error))
            if len(items) == _STEP:
                await self._call.transact(self._put, items)
                items = []
        await self._call.transact(self._put, items)

    def _read(self, line: str, header: list[str]) -> Item:
        if self._about["InputFormat"] == "CSV":
            return csv_lines.read(line, header, self._delimiter, self._types)
        return ion.read(line) if self._about["InputFormat"] == "ION" else json_lines.read(line)

    async def _put(self, call: Call, items: list[tuple[Item, dict[str, Any]]]) -> None:
        for item, place in items:
            try:
                write = writes.read_put({"Item": item})
                key = writes.fit(self._table, write)
            except Invalid as error:
                self._problem(place, str(error))
                continue
            old = await storage.find_item(call, self._table, key)
            await changes.change_item(call, self._table, key, old, Stored.of(write.attributes, write.size))
            self._imported += 1

    def _problem(self, place: dict[str, Any], message: str) -> None:
        self._errors += 1
        if len(self.problems) < import_log.MOST:
            self.problems.append({"itemS3Pointer": place, "errorMessages": [message]})

    async def _lines(self, bucket: str, key: str) -> AsyncIterator[str]:
        """The lines of an object, as it is read; a line of CSV goes on while its quotes are open."""
        answer = await self._call.aws.s3.get_object(Bucket=bucket, Key=key)
        quoted = self._about["InputFormat"] == "CSV"
        rest = b""
        async for chunk in self._unpacked(_chunks(answer["Body"])):
            *whole, rest = (rest + chunk).split(b"\n")
            line = ""
            for part in whole:
                line += _decoded(part)
                if quoted and not csv_lines.is_whole(line):
                    line += "\n"
                    continue
                yield line.rstrip("\r")
                line = ""
            rest = line.encode() + rest
            if len(rest) > _LONGEST_LINE:
                raise Unreadable(f"A line of {key} is longer than {_LONGEST_LINE} bytes")
        if rest:
            yield _decoded(rest).rstrip("\r")

    async def _unpacked(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        compression = self._about["InputCompressionType"]
        unpack = _Gzip() if compression == "GZIP" else _as_it_is
        packed = b""
        async for chunk in chunks:
            self._bytes += len(chunk)
            if compression == "ZSTD":
                packed += chunk
                continue
            for piece in unpack(chunk):
                yield piece
        if packed:
            yield await asyncio.to_thread(_unpack_zstd, packed)
        if isinstance(unpack, _Gzip) and not unpack.is_whole:
            raise Unreadable("The file is only a part of a gzip file")


async def _chunks(body: Any) -> AsyncIterator[bytes]:
    if isinstance(body, bytes):
        yield body
        return
    async for chunk in body:
        yield chunk


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise Unreadable("The file is no UTF-8") from error


def _unpack_zstd(packed: bytes) -> bytes:
    import cramjam  # noqa: PLC0415  it is optional: ImportTable has refused ZSTD without it

    try:
        return bytes(cramjam.zstd.decompress(packed))
    except cramjam.DecompressionError as error:
        raise Unreadable("The file is no ZSTD") from error


def _as_it_is(chunk: bytes) -> Iterator[bytes]:
    yield chunk


class _Gzip:
    """Unpacks gzip, of which a file may hold several pieces one after the other."""

    def __init__(self) -> None:
        self._unpacker = zlib.decompressobj(wbits=31)
        self.is_whole = True  # an empty file is; any other when its last piece has come to its end

    def __call__(self, chunk: bytes) -> Iterator[bytes]:
        while chunk:
            yield self._unpacker.decompress(chunk, _PIECE)
            chunk = self._unpacker.unconsumed_tail
            self.is_whole = self._unpacker.eof
            if self.is_whole:
                chunk = self._unpacker.unused_data
                self._unpacker = zlib.decompressobj(wbits=31)
