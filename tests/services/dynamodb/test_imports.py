"""Imports from S3: tables made of files."""

from __future__ import annotations

import gzip
import json

import pytest

PARAMETERS = {
    "TableName": "made",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": "id", "AttributeType": "S"},
        {"AttributeName": "n", "AttributeType": "N"},
    ],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.fixture
def s3(aws):
    return aws("s3")


@pytest.fixture
def bucket(s3, account):
    name = f"imports-{account}-{id(s3)}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def load(dynamodb, s3, bucket, settle):
    """`load({"file": b"…"}, "CSV")`: what is said of the import of these files."""

    def load(files, form, **options):
        for name, content in files.items():
            s3.put_object(Bucket=bucket, Key=f"data/{name}", Body=content)
        source = {"S3Bucket": bucket, "S3KeyPrefix": "data/"}
        made = dynamodb.import_table(
            S3BucketSource=source, InputFormat=form, TableCreationParameters=PARAMETERS, **options
        )["ImportTableDescription"]
        assert made["ImportStatus"] == "IN_PROGRESS"
        settle()
        return dynamodb.describe_import(ImportArn=made["ImportArn"])["ImportTableDescription"]

    return load


@pytest.fixture
def made(dynamodb):
    """The items of the table that was made."""
    return lambda: sorted(dynamodb.scan(TableName="made")["Items"], key=str)


def test_csv(load, made, describe):
    described = load({"a.csv": b'id,n,text\na,1,"x\ny"\n', "b.csv": b"id,n,text\r\nb,2,\r\n"}, "CSV")
    assert described["ImportStatus"] == "COMPLETED"
    assert (described["ImportedItemCount"], described["ErrorCount"]) == (2, 0)
    assert made() == [
        {"id": {"S": "a"}, "n": {"N": "1"}, "text": {"S": "x\ny"}},
        {"id": {"S": "b"}, "n": {"N": "2"}},
    ]
    assert describe("made")["TableStatus"] == "ACTIVE"


def test_csv_with_options(load, made):
    options = {"InputFormatOptions": {"Csv": {"Delimiter": ";", "HeaderList": ["id", "n"]}}}
    load({"a": b"a;1\nb;2"}, "CSV", **options)
    assert [item["id"]["S"] for item in made()] == ["a", "b"]


@pytest.mark.parametrize("compression", ["GZIP", "NONE", "ZSTD"])
def test_dynamodb_json(load, made, compression):
    content = b'{"Item":{"id":{"S":"a"},"n":{"N":"1"},"b":{"B":"AA=="}}}\n' * 500
    if compression == "ZSTD":
        content = bytes(pytest.importorskip("cramjam").zstd.compress(content))  # of the extra `firehose`
    if compression == "GZIP":
        content = gzip.compress(content) + gzip.compress(b'{"Item":{"id":{"S":"b"},"n":{"N":"1"}}}')
    described = load({"a": content}, "DYNAMODB_JSON", InputCompressionType=compression)
    assert described["ImportStatus"] == "COMPLETED"
    assert made()[0] == {"id": {"S": "a"}, "n": {"N": "1"}, "b": {"B": b"\x00"}}
    assert len(made()) == (2 if compression == "GZIP" else 1)


def test_gzip_that_was_cut_off_fails_the_import(load):
    content = gzip.compress(b'{"Item":{"id":{"S":"a"},"n":{"N":"1"}}}\n' * 500)
    described = load({"a": content[:-9], "empty": b""}, "DYNAMODB_JSON", InputCompressionType="GZIP")
    assert (described["ImportStatus"], described["FailureCode"]) == ("FAILED", "ValidationError")


def test_empty_objects_hold_no_items(load, made):
    described = load({"folder/": b""}, "DYNAMODB_JSON", InputCompressionType="GZIP")
    assert (described["ImportStatus"], made()) == ("COMPLETED", [])


def test_ion(load, made):
    load({"a": b'$ion_1_0 {Item:{id:"a",n:1.,tags:$dynamodb_SS::["x"]}}\n'}, "ION")
    assert made() == [{"id": {"S": "a"}, "n": {"N": "1"}, "tags": {"SS": ["x"]}}]


def test_what_cannot_be_put_is_counted_and_logged(load, made, aws):
    lines = [b'{"Item":{"id":{"S":"a"},"n":{"N":"1"}}}', b"nonsense", b'{"Item":{"id":{"S":"a"}}}', b'{"Item":{"id":{"N":"1"},"n":{"N":"1"}}}']  # fmt: skip
    described = load({"a": b"\n".join(lines)}, "DYNAMODB_JSON")
    assert (described["ProcessedItemCount"], described["ImportedItemCount"], described["ErrorCount"]) == (4, 1, 3)
    logs = aws("logs")
    group = "/aws-dynamodb/imports"
    assert described["CloudWatchLogGroupArn"].endswith(f"log-group:{group}:*")
    [stream] = logs.describe_log_streams(logGroupName=group)["logStreams"]
    events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
    told = [json.loads(event["message"]) for event in events]
    assert [one["itemS3Pointer"]["itemIndex"] for one in told] == [1, 2, 3]
    assert told[1]["errorMessages"] == ["One or more parameter values were invalid: Missing the key n in the item"]


def test_a_bucket_that_is_not_there_fails_the_import(dynamodb, settle):
    made = dynamodb.import_table(
        S3BucketSource={"S3Bucket": "no-such-bucket-anywhere"}, InputFormat="CSV", TableCreationParameters=PARAMETERS
    )["ImportTableDescription"]
    settle()
    described = dynamodb.describe_import(ImportArn=made["ImportArn"])["ImportTableDescription"]
    assert (described["ImportStatus"], described["FailureCode"]) == ("FAILED", "S3NoSuchBucket")


def test_an_export_can_be_imported(dynamodb, make, describe, s3, bucket, settle, put):
    make()
    dynamodb.update_continuous_backups(
        TableName="table", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    put("a", deep={"M": {"l": {"L": [{"NS": ["1", "2"]}, {"NULL": True}]}}})
    made = dynamodb.export_table_to_point_in_time(TableArn=describe()["TableArn"], S3Bucket=bucket, ExportFormat="ION")
    settle()
    folder = f"AWSDynamoDB/{made['ExportDescription']['ExportArn'].rpartition('/')[2]}/data/"
    dynamodb.import_table(
        S3BucketSource={"S3Bucket": bucket, "S3KeyPrefix": folder}, InputFormat="ION", InputCompressionType="GZIP",
        TableCreationParameters={
            "TableName": "copy", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST",
        },
    )  # fmt: skip
    settle()
    assert dynamodb.scan(TableName="copy")["Items"] == dynamodb.scan(TableName="table")["Items"]


def test_imports_are_listed_and_begun_once(dynamodb, bucket, refused, settle):
    arguments = {
        "S3BucketSource": {"S3Bucket": bucket}, "InputFormat": "CSV", "TableCreationParameters": PARAMETERS,
        "ClientToken": "token",
    }  # fmt: skip
    first = dynamodb.import_table(**arguments)["ImportTableDescription"]
    assert dynamodb.import_table(**arguments)["ImportTableDescription"]["ImportArn"] == first["ImportArn"]
    arguments["InputFormat"] = "ION"
    assert refused(dynamodb.import_table, **arguments)[0] == "ImportConflictException"
    settle()
    [listed] = dynamodb.list_imports()["ImportSummaryList"]
    assert (listed["ImportArn"], listed["ImportStatus"]) == (first["ImportArn"], "COMPLETED")


def test_what_is_refused(dynamodb, make, bucket, refused):
    source = {"S3BucketSource": {"S3Bucket": bucket}, "TableCreationParameters": PARAMETERS}
    options = {"InputFormatOptions": {"Csv": {"Delimiter": ";"}}}
    assert refused(dynamodb.import_table, **source, InputFormat="ION", **options)[0] == "ValidationException"
    make("made")
    assert refused(dynamodb.import_table, **source, InputFormat="ION")[0] == "ResourceInUseException"
