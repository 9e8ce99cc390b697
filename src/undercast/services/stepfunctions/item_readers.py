"""Where a distributed Map finds its items: objects of S3 as JSON, JSON lines, CSV, inventories, or a listing of them.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
"""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from undercast.engines.states.actions import Reader
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.stepfunctions.context import iso

_DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}


class Unreadable(Exception):
    """The items cannot be read: the cause of States.ItemReaderFailed."""


async def read(call: Call, reader: Reader, role: str) -> list[Any]:
    """All items, up to `max_items`. Unreadable."""
    acting = call.outside().as_role(role, "states")
    try:
        if reader.resource.endswith(":listObjectsV2"):
            items: Iterable[Any] = await _listed(acting, reader.arguments or {}, reader.max_items)
        else:
            items = await _contents(acting, reader.arguments or {}, reader.config)
        return list(itertools.islice(items, reader.max_items or None))
    except ServiceError as error:
        raise Unreadable(error.message) from error


def source_of(reader: Reader) -> str:
    """What the context object says of the items that a reader found: Map.Item.Source.

    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html: of a listing "the S3 URI for the
    bucket".
    """
    arguments = reader.arguments or {}
    parts = (arguments.get("Bucket"), "" if reader.resource.endswith(":listObjectsV2") else arguments.get("Key"))
    return "S3://" + "/".join(part for part in parts if part)


def items_of(data: bytes, config: dict[str, Any]) -> Iterable[Any]:
    """The items in the contents of a file. Unreadable."""
    kind = config.get("InputType") or "JSON"
    if kind == "JSON":
        return _array(data)
    if kind == "JSONL":
        return _lines(data)
    if kind == "CSV":
        return _rows(data, config)
    raise Unreadable(f"Undercast does not read the InputType {kind}.")


async def _listed(call: Call, arguments: dict[str, Any], most: int | None) -> list[Any]:
    found: list[Any] = []
    token = None
    while True:
        answer = await call.aws.s3.list_objects_v2(**arguments, **({"ContinuationToken": token} if token else {}))
        for one in answer.get("Contents") or []:
            shown = {"Etag": one["ETag"], "LastModified": iso(one["LastModified"])[:-5] + "Z"}
            found.append(shown | {name: one[name] for name in ("Key", "Size", "StorageClass") if name in one})
        token = answer.get("NextContinuationToken")
        if not token or (most and len(found) >= most):
            return found


async def _contents(call: Call, arguments: dict[str, Any], config: dict[str, Any]) -> Iterable[Any]:
    data = await _object(call, arguments)
    if config.get("InputType") == "MANIFEST":
        return await _inventory(call, data, config)
    return items_of(data, config)


async def _object(call: Call, arguments: dict[str, Any]) -> bytes:
    answer = await call.aws.s3.get_object(**arguments)
    body = answer["Body"]
    data = body if isinstance(body, bytes) else b"".join([chunk async for chunk in body])
    if not arguments["Key"].endswith(".gz") and not data.startswith(b"\x1f\x8b"):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, zlib.error, EOFError):
        raise Unreadable(f"{arguments['Key']} is not valid gzip.") from None


def _array(data: bytes) -> list[Any]:
    try:
        items = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"The file is not valid JSON: {error}") from None
    if not isinstance(items, list):
        raise Unreadable("Attempting to map over non-iterable node.")
    return items


def _lines(data: bytes) -> Iterator[Any]:
    for line in data.splitlines():
        if line.strip():
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise Unreadable(f"A line is not valid JSON: {error}") from None


def _rows(data: bytes, config: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Cells beyond the header are left out, missing ones are empty (recorded)."""
    delimiter = _DELIMITERS[config.get("CSVDelimiter") or "COMMA"]
    try:
        rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter, escapechar="\\")
        given = config.get("CSVHeaderLocation") == "GIVEN"
        header = config.get("CSVHeaders") if given else next(rows, [])
        for row in rows:
            if row:
                yield _row(header or [], row)
    except (csv.Error, UnicodeDecodeError) as error:
        raise Unreadable(f"The file is not valid CSV: {error}") from None


def _row(header: list[str], row: list[str]) -> dict[str, str]:
    return dict(zip(header, row + [""] * (len(header) - len(row)), strict=False))


async def _inventory(call: Call, data: bytes, config: dict[str, Any]) -> Iterable[Any]:
    """An S3 inventory: a manifest that names files of CSV, whose columns its schema names."""
    try:
        manifest = orjson.loads(data)
        bucket = manifest["destinationBucket"].rpartition(":")[2]
        header = [column.strip() for column in manifest["fileSchema"].split(",")]
        files = [file["key"] for file in manifest["files"]]
    except (orjson.JSONDecodeError, KeyError, AttributeError, TypeError) as error:
        raise Unreadable(f"The manifest is none: {error!r}") from None
    if manifest.get("fileFormat", "CSV") != "CSV":
        raise Unreadable(f"Undercast does not read manifests of {manifest['fileFormat']}.")
    settings = {**config, "CSVHeaderLocation": "GIVEN", "CSVHeaders": header}
    return [row for key in files for row in _rows(await _object(call, {"Bucket": bucket, "Key": key}), settings)]
