"""Records made into Parquet and ORC files by the schema of a Glue table."""

from __future__ import annotations

import io
import json
from base64 import b64decode
from datetime import date, datetime
from decimal import Decimal

import pytest
from pyarrow import orc, parquet

from tests.services.firehose.conftest import ROLE
from undercast.services.firehose.hive_types import InvalidType, parse

COLUMNS = {
    "id": "bigint",
    "name": "string",
    "price": "decimal(10,2)",
    "at": "timestamp",
    "day": "date",
    "good": "boolean",
    "lines": "array<struct<sku:string,count:int>>",
    "labels": "map<string,string>",
}


@pytest.fixture
def table(aws):
    """A table in Glue."""
    glue = aws("glue")
    glue.create_database(DatabaseInput={"Name": "shop"})
    columns = [{"Name": name, "Type": type} for name, type in COLUMNS.items()]
    glue.create_table(DatabaseName="shop", TableInput={"Name": "orders", "StorageDescriptor": {"Columns": columns}})


def conversion(serializer="ParquetSerDe", table="orders", **deserializer):
    return {
        "Enabled": True,
        "SchemaConfiguration": {"DatabaseName": "shop", "TableName": table, "RoleARN": ROLE, "Region": "us-east-1"},
        "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": deserializer}},
        "OutputFormatConfiguration": {"Serializer": {serializer: {}}},
    }


LARGE = {"SizeInMBs": 64, "IntervalInSeconds": 60}
ORDER = {
    "ID": 1, "name": "a", "price": "9.90", "at": "2024-01-02T03:04:05Z", "day": "2024-01-02", "good": True,
    "lines": [{"sku": "x", "count": 2}], "labels": {"k": "v"}, "more": "ignored",
}  # fmt: skip


@pytest.mark.parametrize(
    ("serializer", "extension", "read"),
    [("ParquetSerDe", ".parquet", parquet.read_table), ("OrcSerDe", ".orc", orc.read_table)],
)
def test_records_become_a_file(stream, put, flushed, objects, table, serializer, extension, read):
    stream(DataFormatConversionConfiguration=conversion(serializer), BufferingHints=LARGE)
    put("stream", json.dumps(ORDER).encode(), b'{"id": 2}\n{"id": 3}')
    flushed()
    ((key, data),) = objects().items()
    assert key.endswith(extension)
    first, *rest = read(io.BytesIO(data)).to_pylist()
    assert first == {
        "id": 1, "name": "a", "price": Decimal("9.90"), "at": datetime(2024, 1, 2, 3, 4, 5), "day": date(2024, 1, 2),
        "good": True, "lines": [{"sku": "x", "count": 2}], "labels": [("k", "v")],
    }  # fmt: skip
    assert [one["id"] for one in rest] == [2, 3]


def test_records_that_do_not_fit(stream, put, flushed, objects, table):
    stream(DataFormatConversionConfiguration=conversion(), BufferingHints=LARGE)
    put("stream", b'{"id": 1}', b'{"id": "many"}', b"no json", b'{"id": 99999999999999999999}')
    flushed()
    found = objects()
    (failed,) = [data for key, data in found.items() if key.startswith("format-conversion-failed/20")]
    lines = [json.loads(line) for line in failed.splitlines()]
    assert [b64decode(line["rawData"]) for line in lines] == [
        b'{"id": "many"}', b"no json", b'{"id": 99999999999999999999}',
    ]  # fmt: skip
    assert lines[0]["errorCode"] == "DataFormatConversion.ParseError"
    assert lines[0]["dataCatalogTable"]["tableName"] == "orders"
    assert len(found) == 2


def test_a_table_that_is_not_there(stream, put, flushed, objects, table):
    stream(DataFormatConversionConfiguration=conversion(table="none"), BufferingHints=LARGE)
    put("stream", b'{"id": 1}')
    flushed()
    ((key, data),) = objects().items()
    assert key.startswith("format-conversion-failed/")
    assert json.loads(data)["errorCode"] == "DataFormatConversion.InvalidSchema"


def test_keys_may_have_other_names(stream, put, flushed, objects, table):
    settings = conversion(ColumnToJsonKeyMappings={"name": "called"}, ConvertDotsInJsonKeysToUnderscores=True)
    stream(DataFormatConversionConfiguration=settings, BufferingHints=LARGE)
    put("stream", b'{"called": "a"}')
    flushed()
    (data,) = objects().values()
    assert parquet.read_table(io.BytesIO(data)).to_pylist()[0]["name"] == "a"


@pytest.mark.parametrize(
    "settings",
    [
        {"DataFormatConversionConfiguration": {**conversion(), "SchemaConfiguration": {}}, "BufferingHints": LARGE},
        {"DataFormatConversionConfiguration": {**conversion(), "OutputFormatConfiguration": {}}, "BufferingHints": LARGE},
        {"DataFormatConversionConfiguration": conversion(), "BufferingHints": LARGE, "CompressionFormat": "GZIP"},
        {"DataFormatConversionConfiguration": conversion(), "BufferingHints": {"SizeInMBs": 5}},
    ],
)  # fmt: skip
def test_conversions_that_cannot_be(stream, refused, settings):
    assert refused(stream, **settings)[0] == "InvalidArgumentException"


@pytest.mark.parametrize("text", ["int", "varchar(10)", "decimal(5,2)", "array<map<string,struct<a:int, b:array<date>>>>"])  # fmt: skip
def test_types(text):
    assert parse(text)


@pytest.mark.parametrize("text", ["", "number", "array<int", "map<int>", "struct<a>", "int int", "decimal(1;2)"])
def test_what_is_no_type(text):
    with pytest.raises(InvalidType):
        parse(text)


@pytest.mark.parametrize(
    ("type", "value"), [("int", 1.5), ("int", True), ("boolean", "perhaps"), ("array<int>", 1), ("date", "soon"), ("decimal", "x")]
)  # fmt: skip
def test_what_does_not_fit(type, value):
    with pytest.raises(ValueError):
        parse(type).fit(value)
