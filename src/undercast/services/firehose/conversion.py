"""Records made into one Parquet or ORC file, by the schema of a Glue table.

https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion.html
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet, ServiceError
from undercast.services.firehose.errors import InvalidArgumentException
from undercast.services.firehose.hive_types import HiveType, InvalidType, parse
from undercast.services.firehose.model import PRINCIPAL, Failed, Failure, Item

_TYPE = "format-conversion-failed"
_SMALLEST_MB = 64
_ONLY_JAVA = ("BlockSizeBytes", "MaxPaddingBytes", "EnablePadding", "PaddingTolerance", "FormatVersion")

Columns = Sequence[tuple[str, HiveType]]
Rows = list[dict[str, Any]]
Unfit = tuple[Item, Exception]


class NoSchema(Exception):
    """The table cannot be read; the message says why."""


def check(settings: Mapping[str, Any]) -> None:
    """InvalidArgumentException when a conversion is not fully told; NotImplementedYet without pyarrow."""
    wanted = settings.get("DataFormatConversionConfiguration") or {}
    if not wanted or not wanted.get("Enabled", True):
        return
    if find_spec("pyarrow") is None:
        raise NotImplementedYet("Conversion to Parquet and ORC needs pyarrow: install undercast[analytics].")
    schema = wanted.get("SchemaConfiguration") or {}
    for name in ("DatabaseName", "TableName", "RoleARN"):
        if not schema.get(name):
            raise InvalidArgumentException(f"SchemaConfiguration.{name} must be specified.")
    _, reading = _one_of(wanted, "InputFormatConfiguration", "Deserializer", ("OpenXJsonSerDe", "HiveJsonSerDe"))
    if set(reading.get("TimestampFormats") or ()) - {"millis"}:
        raise NotImplementedYet("Undercast's HiveJsonSerDe has no TimestampFormats but millis (and ISO 8601).")
    kind, options = _one_of(wanted, "OutputFormatConfiguration", "Serializer", ("ParquetSerDe", "OrcSerDe"))
    for name in _ONLY_JAVA:
        if options.get(name) is not None:
            raise NotImplementedYet(f"Undercast's {kind} does not have {name}: Arrow writes the files.")
    if settings["CompressionFormat"] != "UNCOMPRESSED":
        raise InvalidArgumentException("CompressionFormat must be UNCOMPRESSED when data format conversion is enabled.")
    if settings["BufferingHints"]["SizeInMBs"] < _SMALLEST_MB:
        raise InvalidArgumentException("BufferingHints.SizeInMBs must be at least 64 when data format conversion is enabled.")  # fmt: skip


async def convert(call: Call, wanted: Mapping[str, Any], items: Sequence[Item]) -> tuple[bytes, list[Failed]]:
    """One file of all records that fit the schema (b"" of none), and those that do not."""
    schema = wanted["SchemaConfiguration"]
    try:
        columns = await _columns(call, schema)
    except NoSchema as error:
        reason = Failure(_TYPE, "DataFormatConversion.InvalidSchema", str(error), details=_details(schema))
        return b"", [Failed(item.source, reason) for item in items]
    content, unfit = await asyncio.to_thread(_convert, wanted, columns, items)  # there may be 128 MB of them
    return content, [
        Failed(item.source, Failure(_TYPE, "DataFormatConversion.ParseError", str(error), details=_details(schema)))
        for item, error in unfit
    ]


def _convert(wanted: Mapping[str, Any], columns: Columns, items: Sequence[Item]) -> tuple[bytes, list[Unfit]]:
    fitting: list[tuple[Item, Rows]] = []
    unfit: list[Unfit] = []
    for item in items:
        try:
            fitting.append((item, _rows(item.data, columns, wanted["InputFormatConfiguration"]["Deserializer"])))
        except (ValueError, TypeError, OverflowError, OSError) as error:  # times out of range are any of these
            unfit.append((item, error))
    content, more = _write(fitting, columns, wanted["OutputFormatConfiguration"]["Serializer"])
    return content, unfit + more


async def _columns(call: Call, schema: Mapping[str, Any]) -> Columns:
    """The columns of the table in Glue. NoSchema."""
    there = call.into(account=schema.get("CatalogId") or "", region=schema.get("Region") or "").as_service(PRINCIPAL)
    where = {"DatabaseName": schema["DatabaseName"], "Name": schema["TableName"]}
    version = schema.get("VersionId") or "LATEST"
    try:
        if version == "LATEST":
            table = (await there.aws.glue.get_table(**where))["Table"]
        else:
            where = {"DatabaseName": schema["DatabaseName"], "TableName": schema["TableName"], "VersionId": version}
            table = (await there.aws.glue.get_table_version(**where))["TableVersion"]["Table"]
        return [(one["Name"], parse(one["Type"])) for one in table["StorageDescriptor"]["Columns"]]
    except ServiceError as error:
        raise NoSchema(f"{error.code}: {error.message}") from error
    except (KeyError, InvalidType) as error:
        raise NoSchema(f"The table has no columns that can be used: {error}") from error


def _rows(data: bytes, columns: Columns, deserializer: Mapping[str, Any]) -> Rows:
    """The rows in a record: a JSON object, or several with only white space between. ValueError."""
    options = deserializer.get("OpenXJsonSerDe") or deserializer.get("HiveJsonSerDe") or {}
    renamed = options.get("ColumnToJsonKeyMappings") or {}
    fold = options.get("CaseInsensitive") is not False
    formats = options.get("TimestampFormats") or ()
    rows = []
    for line in data.splitlines():
        if not line.strip():
            continue
        values = orjson.loads(line)
        if not isinstance(values, dict):
            raise ValueError("A record must be a JSON object.")
        if options.get("ConvertDotsInJsonKeysToUnderscores"):
            values = {name.replace(".", "_"): value for name, value in values.items()}
        if fold:
            values = {name.lower(): value for name, value in values.items()}
        keys = [(name, renamed.get(name, name), type) for name, type in columns]
        rows.append({name: type.fit(values.get(key.lower() if fold else key), formats) for name, key, type in keys})
    if not rows:
        raise ValueError("The record is empty.")
    return rows


def _write(
    fitting: Sequence[tuple[Item, Rows]], columns: Columns, serializer: Mapping[str, Any]
) -> tuple[bytes, list[Unfit]]:
    """One file, and what Arrow does not take: numbers out of a type's range, say. It is found one by one."""
    try:
        return _file([row for _, rows in fitting for row in rows], columns, serializer), []
    except (ValueError, TypeError, OverflowError):
        good: list[tuple[Item, Rows]] = []
        unfit: list[Unfit] = []
    for item, rows in fitting:
        try:
            _file(rows, columns, serializer)
            good.append((item, rows))
        except (ValueError, TypeError, OverflowError) as error:
            unfit.append((item, error))
    return _file([row for _, rows in good for row in rows], columns, serializer), unfit


def _file(rows: Rows, columns: Columns, serializer: Mapping[str, Any]) -> bytes:
    """A file of some rows; nothing of none."""
    if not rows:
        return b""
    import pyarrow as pa  # noqa: PLC0415  an extra that takes a quarter of a second to import

    table = pa.Table.from_pylist(rows, schema=pa.schema([(name, type.arrow(pa)) for name, type in columns]))
    sink = io.BytesIO()
    if serializer.get("OrcSerDe") is not None:
        _write_orc(table, sink, serializer["OrcSerDe"])
    else:
        _write_parquet(table, sink, serializer.get("ParquetSerDe") or {})
    return sink.getvalue()


def _write_parquet(table: Any, sink: io.BytesIO, options: Mapping[str, Any]) -> None:
    """Timestamps as Hive writes them, 96 bits long."""
    from pyarrow import parquet  # noqa: PLC0415  as above

    parquet.write_table(
        table,
        sink,
        compression={"UNCOMPRESSED": "none"}.get(options.get("Compression", "SNAPPY"), options.get("Compression", "SNAPPY")),
        use_dictionary=bool(options.get("EnableDictionaryCompression")),
        data_page_size=options.get("PageSizeBytes") or 1_048_576,
        version="2.6" if options.get("WriterVersion") == "V2" else "1.0",
        data_page_version="2.0" if options.get("WriterVersion") == "V2" else "1.0",
        use_deprecated_int96_timestamps=True,
    )  # fmt: skip


def _write_orc(table: Any, sink: io.BytesIO, options: Mapping[str, Any]) -> None:
    from pyarrow import orc  # noqa: PLC0415  as above

    names = table.column_names
    orc.write_table(
        table,
        sink,
        compression={"NONE": "uncompressed"}.get(options.get("Compression", "SNAPPY"), options.get("Compression", "SNAPPY")).lower(),
        stripe_size=options.get("StripeSizeBytes") or 67_108_864,
        row_index_stride=options.get("RowIndexStride") or 10_000,
        dictionary_key_size_threshold=options.get("DictionaryKeyThreshold") or 0.0,
        bloom_filter_columns=[names.index(name) for name in options.get("BloomFilterColumns") or () if name in names],
        bloom_filter_fpp=options.get("BloomFilterFalsePositiveProbability") or 0.05,
    )  # fmt: skip


def _one_of(
    wanted: Mapping[str, Any], outer: str, inner: str, kinds: tuple[str, str]
) -> tuple[str, Mapping[str, Any]]:  # fmt: skip
    given = (wanted.get(outer) or {}).get(inner) or {}
    found = [(kind, given[kind]) for kind in kinds if given.get(kind) is not None]
    if len(found) != 1:
        raise InvalidArgumentException(f"{outer}.{inner} must have exactly one of {' and '.join(kinds)}.")
    return found[0]


def _details(schema: Mapping[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion-error-handling.html"""
    return {
        "sequenceNumber": None,
        "subSequenceNumber": None,
        "dataCatalogTable": {
            "catalogId": schema.get("CatalogId"),
            "databaseName": schema["DatabaseName"],
            "tableName": schema["TableName"],
            "region": schema.get("Region"),
            "versionId": schema.get("VersionId") or "LATEST",
            "roleArn": schema["RoleARN"],
        },
    }
