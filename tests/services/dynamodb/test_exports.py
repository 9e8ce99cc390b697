"""Exports to S3: the files that they write, and what they are of."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture
def s3(aws):
    return aws("s3")


@pytest.fixture
def bucket(s3, account):
    name = f"exports-{account}-{id(s3)}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def recovered(dynamodb, make, describe):
    """A table with point-in-time recovery; its ARN."""
    make()
    dynamodb.update_continuous_backups(
        TableName="table", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    return describe()["TableArn"]


@pytest.fixture
def now(undercast):
    return lambda: datetime.fromtimestamp(undercast.platform.clock.now() // 1000, UTC)


@pytest.fixture
def export(dynamodb, recovered, bucket, settle):
    def export(**options):
        made = dynamodb.export_table_to_point_in_time(TableArn=recovered, S3Bucket=bucket, **options)
        settle()
        return dynamodb.describe_export(ExportArn=made["ExportDescription"]["ExportArn"])["ExportDescription"]

    return export


@pytest.fixture
def read(s3, bucket):
    """`read(export)`: the manifest's summary, its list of files, and the lines of data."""

    def get(key):
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def read(described):
        summary = json.loads(get(described["ExportManifest"]))
        files = [json.loads(line) for line in get(summary["manifestFilesS3Key"]).splitlines()]
        lines = [line for file in files for line in gzip.decompress(get(file["dataFileS3Key"])).decode().splitlines()]
        return summary, files, lines

    return read


def test_a_full_export(export, read, put, recovered, s3, bucket):
    put("a", n={"N": "1.50"}, blob={"B": b"\x00"})
    put("b")
    described = export(S3Prefix="some/prefix")
    assert described["ExportStatus"] == "COMPLETED"
    assert (described["ItemCount"], described["ExportFormat"]) == (2, "DYNAMODB_JSON")
    summary, [file], lines = read(described)
    assert sorted(lines) == [
        '{"Item":{"id":{"S":"a"},"n":{"N":"1.5"},"blob":{"B":"AA=="}}}',
        '{"Item":{"id":{"S":"b"}}}',
    ]
    assert file["itemCount"] == 2
    assert file["dataFileS3Key"].startswith("some/prefix/AWSDynamoDB/") and file["dataFileS3Key"].endswith(".json.gz")
    assert (summary["version"], summary["itemCount"], summary["tableArn"]) == ("2020-06-30", 2, recovered)
    keys = [one["Key"].rpartition("/")[2] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert {"_started", "manifest-files.json", "manifest-files.md5", "manifest-summary.json", "manifest-summary.md5"} < set(keys)  # fmt: skip


def test_an_export_in_ion(export, read, put):
    put("a", tags={"SS": ["x"]})
    _, _, lines = read(export(ExportFormat="ION"))
    assert lines == ['$ion_1_0 {Item:{id:"a",tags:$dynamodb_SS::["x"]}}']


def test_an_export_is_of_its_time(dynamodb, export, read, put, now, clock):
    clock.stop()
    put("a")
    at = now()
    clock.advance(seconds=10)
    put("b")
    dynamodb.delete_item(TableName="table", Key={"id": {"S": "a"}})
    _, _, lines = read(export(ExportTime=at))
    assert lines == ['{"Item":{"id":{"S":"a"}}}']


def test_an_incremental_export(dynamodb, export, read, put, now, clock):
    clock.stop()
    for id in ("kept", "changed", "gone"):
        put(id)
    clock.advance(seconds=1)
    since = now()
    put("changed", n={"N": "1"})
    put("new")
    put("passing")
    dynamodb.delete_item(TableName="table", Key={"id": {"S": "gone"}})
    dynamodb.delete_item(TableName="table", Key={"id": {"S": "passing"}})
    clock.advance(minutes=20)
    until = now()
    put("changed", n={"N": "2"})
    clock.advance(minutes=1)
    specification = {"ExportFromTime": since, "ExportToTime": until, "ExportViewType": "NEW_AND_OLD_IMAGES"}
    described = export(ExportType="INCREMENTAL_EXPORT", IncrementalExportSpecification=specification)
    summary, _, lines = read(described)
    entries = {entry["Keys"]["id"]["S"]: entry for entry in map(json.loads, lines)}
    assert entries.keys() == {"changed", "new", "gone"}
    assert entries["changed"]["OldImage"] == {"id": {"S": "changed"}}
    assert entries["changed"]["NewImage"] == {"id": {"S": "changed"}, "n": {"N": "1"}}
    assert "OldImage" not in entries["new"] and "NewImage" not in entries["gone"]
    written_at = int(entries["new"]["Metadata"]["WriteTimestampMicros"]["N"])
    assert since.timestamp() <= written_at / 1_000_000 <= since.timestamp() + 1
    assert (summary["version"], summary["exportType"]) == ("2023-08-01", "INCREMENTAL_EXPORT")


def test_one_token_begins_one_export(dynamodb, recovered, bucket, refused, settle):
    arguments = {"TableArn": recovered, "S3Bucket": bucket, "ClientToken": "token"}
    first = dynamodb.export_table_to_point_in_time(**arguments)["ExportDescription"]
    again = dynamodb.export_table_to_point_in_time(**arguments)["ExportDescription"]
    assert first["ExportArn"] == again["ExportArn"]
    other = {**arguments, "S3Prefix": "other"}
    assert refused(dynamodb.export_table_to_point_in_time, **other)[0] == "ExportConflictException"
    settle()
    [listed] = dynamodb.list_exports(TableArn=recovered)["ExportSummaries"]
    assert listed == {"ExportArn": first["ExportArn"], "ExportStatus": "COMPLETED", "ExportType": "FULL_EXPORT"}


def test_an_export_is_listed_for_ninety_days(dynamodb, export, recovered, clock, settle):
    export()
    clock.advance(days=91)
    settle()
    assert dynamodb.list_exports(TableArn=recovered)["ExportSummaries"] == []


def test_a_bucket_that_is_not_there_fails_the_export(dynamodb, recovered, settle):
    made = dynamodb.export_table_to_point_in_time(TableArn=recovered, S3Bucket="no-such-bucket-anywhere")
    settle()
    described = dynamodb.describe_export(ExportArn=made["ExportDescription"]["ExportArn"])["ExportDescription"]
    assert (described["ExportStatus"], described["FailureCode"]) == ("FAILED", "S3NoSuchBucket")
    dynamodb.delete_table(TableName="table")


def test_what_is_refused(dynamodb, make, describe, recovered, bucket, refused, now):
    export = dynamodb.export_table_to_point_in_time
    arguments = {"TableArn": recovered, "S3Bucket": bucket}
    assert refused(export, **arguments, ExportTime=now() - timedelta(days=3))[0] == "InvalidExportTimeException"
    short = {"ExportFromTime": now(), "ExportToTime": now()}
    incremental = {"ExportType": "INCREMENTAL_EXPORT", "IncrementalExportSpecification": short}
    assert "15 minutes" in refused(export, **arguments, **incremental)[1]
    make("plain")
    plain = {"TableArn": describe("plain")["TableArn"], "S3Bucket": bucket}
    assert refused(export, **plain)[0] == "PointInTimeRecoveryUnavailableException"
    ghost = {"TableArn": recovered + "x", "S3Bucket": bucket}
    assert refused(export, **ghost)[0] == "TableNotFoundException"
    assert refused(dynamodb.describe_export, ExportArn=recovered + "/export/01234567890123-abcdefab")[0] == (
        "ExportNotFoundException"
    )
