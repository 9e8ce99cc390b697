"""Processors: what becomes of records on their way."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode, b64encode

import pytest

from tests.services.firehose.conftest import processing, processor

TRANSFORM = """
from base64 import b64decode, b64encode

def handler(event, context):
    assert event["deliveryStreamArn"] and event["invocationId"] and event["region"]
    def one(record):
        data = b64decode(record["data"]).decode()
        if data == "drop":
            return {"recordId": record["recordId"], "result": "Dropped", "data": ""}
        if data == "fail":
            return {"recordId": record["recordId"], "result": "ProcessingFailed", "data": record["data"]}
        if data == "odd":
            return {"recordId": record["recordId"], "result": "Ok", "data": "not base64!"}
        return {"recordId": record["recordId"], "result": "Ok", "data": b64encode(data.upper().encode()).decode(),
                "metadata": {"partitionKeys": {"first": data[0]}}}
    wanted = [r for r in event["records"] if b64decode(r["data"]) != b"forget"]
    return {"records": [one(record) for record in wanted]}
"""
DYNAMIC = {"Enabled": True, "RetryOptions": {"DurationInSeconds": 10}}
LARGE = {"SizeInMBs": 64, "IntervalInSeconds": 60}


def errors_in(objects):
    return [json.loads(line) for key, data in objects.items() if "failed" in key for line in data.splitlines()]


def test_function_transforms_drops_and_fails(stream, put, flushed, objects, function):
    arn = function(TRANSFORM)
    stream(ProcessingConfiguration=processing(processor("Lambda", LambdaArn=arn)), Prefix="data/")
    put("stream", b"one", b"drop", b"two", b"fail", b"odd", b"forget")
    flushed()
    found = objects()
    (good,) = [data for key, data in found.items() if "failed" not in key]
    assert good == b"ONETWO"
    assert next(key for key in found if "failed" in key).startswith("data/processing-failed/20")
    failed = {b64decode(one["rawData"]).decode(): one for one in errors_in(found)}
    assert {name: one["errorCode"] for name, one in failed.items()} == {
        "fail": "Lambda.ProcessingFailedStatus",
        "odd": "Lambda.JsonProcessingException",
        "forget": "Lambda.MissingRecordId",
    }
    assert failed["fail"]["lambdaArn"] == arn
    assert failed["fail"].keys() == {
        "attemptsMade", "arrivalTimestamp", "errorCode", "errorMessage", "attemptEndingTimestamp", "rawData", "lambdaArn",
    }  # fmt: skip


def test_function_that_raises_is_retried(aws, stream, put, flushed, objects, function):
    aws("logs").create_log_group(logGroupName="/aws/lambda/transform")
    aws("logs").create_log_group(logGroupName="errors")
    aws("logs").create_log_stream(logGroupName="errors", logStreamName="s3")
    arn = function("def handler(event, context): raise ValueError('no')")
    stream(
        ProcessingConfiguration=processing(processor("Lambda", LambdaArn=arn, NumberOfRetries="1")),
        CloudWatchLoggingOptions={"Enabled": True, "LogGroupName": "errors", "LogStreamName": "s3"},
    )
    put("stream", b"one")
    flushed()
    (event,) = aws("logs").get_log_events(logGroupName="errors", logStreamName="s3")["events"]
    assert json.loads(event["message"])["errorCode"] == "Lambda.FunctionError"
    (failed,) = errors_in(objects())
    assert (failed["errorCode"], failed["attemptsMade"]) == ("Lambda.FunctionError", 2)
    assert b64decode(failed["rawData"]) == b"one"


@pytest.mark.parametrize(
    "answer",
    ["None", "[]", "{}", "{'records': 1}", "{'records': [1]}", "{'records': [{'recordId': []}]}",
     "{'records': [{**r, 'result': 'Ok', 'metadata': [1]} for r in event['records']]}",
     "{'records': [{**r, 'result': 'Ok', 'data': 1} for r in event['records']]}"],
)  # fmt: skip
def test_functions_that_answer_nonsense(stream, put, flushed, objects, function, answer):
    arn = function(f"def handler(event, context): return {answer}")
    stream(ProcessingConfiguration=processing(processor("Lambda", LambdaArn=arn)))
    put("stream", b"one")
    flushed()
    (failed,) = errors_in(objects())
    assert failed["errorCode"] in ("Lambda.JsonProcessingException", "Lambda.MissingRecordId")
    assert b64decode(failed["rawData"]) == b"one"


def test_source_records_are_backed_up(s3, stream, put, flushed, objects, function):
    s3.create_bucket(Bucket="backup")
    stream(
        ProcessingConfiguration=processing(processor("Lambda", LambdaArn=function(TRANSFORM))),
        S3BackupMode="Enabled",
        S3BackupConfiguration={"RoleARN": "arn:aws:iam::111111111111:role/x", "BucketARN": "arn:aws:s3:::backup", "Prefix": "raw/", "CompressionFormat": "GZIP"},
    )  # fmt: skip
    put("stream", b"one", b"drop")
    flushed()
    assert list(objects().values()) == [b"ONE"]
    ((key, data),) = objects("arn:aws:s3:::backup").items()
    assert key.startswith("raw/20") and key.endswith(".gz")
    assert gzip.decompress(data) == b"onedrop"


def test_keys_of_queries_partition(stream, put, flushed, objects):
    query = '{customer: .customer, year: (.at | strftime("%Y"))}'
    stream(
        DynamicPartitioningConfiguration=DYNAMIC,
        BufferingHints=LARGE,
        Prefix="c=!{partitionKeyFromQuery:customer}/y=!{partitionKeyFromQuery:year}/",
        ErrorOutputPrefix="failed/!{firehose:error-output-type}/",
        ProcessingConfiguration=processing(
            processor("RecordDeAggregation", SubRecordType="JSON"),
            processor("MetadataExtraction", MetadataExtractionQuery=query, JsonParsingEngine="JQ-1.6"),
            processor("AppendDelimiterToRecord"),
        ),
    )
    put("stream", b'{"customer":"a","at":0}{"customer":"b","at":0}', b'{"customer":"a","at":0}\n{"at":0}', b"no json")
    flushed()
    found = objects()
    good = {key.rpartition("/")[0]: data for key, data in found.items() if not key.startswith("failed")}
    assert good == {
        "c=a/y=1970": b'{"customer":"a","at":0}\n{"customer":"a","at":0}\n',
        "c=b/y=1970": b'{"customer":"b","at":0}\n',
    }
    failed = errors_in(found)
    assert {one["errorCode"] for one in failed} == {
        "DynamicPartitioning.MetadataExtractionFailed", "MultiRecordDeAggregation.ParseFailed",
    }  # fmt: skip
    assert all(key.startswith("failed/processing-failed/stream-1-") for key in found if key.startswith("failed"))


def test_a_partition_that_cannot_be_written_goes_to_the_errors(s3, stream, put, flushed, objects, clock, settle):
    stream(
        BucketARN="arn:aws:s3:::partitions",
        DynamicPartitioningConfiguration={"Enabled": True, "RetryOptions": {"DurationInSeconds": 0}},
        BufferingHints=LARGE,
        Prefix="c=!{partitionKeyFromQuery:c}/",
        ErrorOutputPrefix="failed/",
        ProcessingConfiguration=processing(
            processor("MetadataExtraction", MetadataExtractionQuery="{c: .c}", JsonParsingEngine="JQ-1.6")
        ),
    )
    put("stream", b'{"c":"a"}')
    flushed()
    s3.create_bucket(Bucket="partitions")
    clock.advance(minutes=10)
    settle()
    ((key, data),) = objects("arn:aws:s3:::partitions").items()
    assert key.startswith("failed/processing-failed/")
    assert json.loads(data)["errorCode"] == "S3.NoSuchBucket"


def test_keys_of_functions_partition(stream, put, flushed, objects, function):
    stream(
        DynamicPartitioningConfiguration=DYNAMIC,
        BufferingHints=LARGE,
        Prefix="f=!{partitionKeyFromLambda:first}/",
        ErrorOutputPrefix="failed/",
        ProcessingConfiguration=processing(processor("Lambda", LambdaArn=function(TRANSFORM))),
    )
    put("stream", b"apple", b"banana", b"avocado")
    flushed()
    assert {key.partition("/")[0]: data for key, data in objects().items()} == {"f=a": b"APPLEAVOCADO", "f=b": b"BANANA"}  # fmt: skip


def test_logs_are_unpacked(stream, put, flushed, objects):
    stream(
        ProcessingConfiguration=processing(
            processor("Decompression", CompressionFormat="GZIP"),
            processor("CloudWatchLogProcessing", DataMessageExtraction="true"),
        )
    )
    events = {"messageType": "DATA_MESSAGE", "logEvents": [{"message": "one"}, {"message": "two"}]}
    control = {"messageType": "CONTROL_MESSAGE", "logEvents": [{"message": "CWL CONTROL MESSAGE"}]}
    odd = {"messageType": "DATA_MESSAGE", "logEvents": [{"text": "three"}]}
    put("stream", *(gzip.compress(json.dumps(one).encode()) for one in (events, control, odd)), b"plain")
    flushed()
    found = objects()
    assert [data for key, data in found.items() if "failed" not in key] == [b"one\ntwo\n"]
    codes = {one["errorCode"]: b64decode(one["rawData"]) for one in errors_in(found)}
    assert codes.keys() == {"Decompression.Failed", "CloudWatchLogProcessing.Failed"}
    assert codes["Decompression.Failed"] == b"plain"
    assert any("/decompression-failed/" in f"/{key}" for key in found)


def test_delimited_records_are_taken_apart(stream, put, flushed, objects):
    delimiter = b64encode(b"##").decode()
    stream(
        ProcessingConfiguration=processing(
            processor("RecordDeAggregation", SubRecordType="DELIMITED", Delimiter=delimiter),
            processor("AppendDelimiterToRecord", Delimiter="|"),
        )
    )
    put("stream", b"one##two", b"three")
    flushed()
    assert list(objects().values()) == [b"one|two|three|"]


@pytest.mark.parametrize(
    "settings",
    [
        {"ProcessingConfiguration": processing(processor("Lambda"))},
        {"ProcessingConfiguration": processing(processor("Lambda", LambdaArn="arn:aws:sqs:us-east-1:1:q"))},
        {"ProcessingConfiguration": processing(processor("Lambda", LambdaArn="arn:aws:lambda:us-east-1:1:function:f", BufferSizeInMBs="9"))},
        {"ProcessingConfiguration": processing(processor("Decompression", CompressionFormat="ZIP"))},
        {"ProcessingConfiguration": processing(processor("RecordDeAggregation", SubRecordType="DELIMITED"))},
        {"ProcessingConfiguration": processing(processor("AppendDelimiterToRecord"), processor("AppendDelimiterToRecord"))},
        {"ProcessingConfiguration": processing(processor("MetadataExtraction", MetadataExtractionQuery="{a:.a}", JsonParsingEngine="JQ-1.6"))},
        {
            "DynamicPartitioningConfiguration": DYNAMIC, "BufferingHints": LARGE, "ErrorOutputPrefix": "e/",
            "Prefix": "!{partitionKeyFromQuery:a}/",
            "ProcessingConfiguration": processing(processor("MetadataExtraction", MetadataExtractionQuery="{a:", JsonParsingEngine="JQ-1.6")),
        },
        {"DynamicPartitioningConfiguration": DYNAMIC, "BufferingHints": LARGE, "Prefix": "!{partitionKeyFromLambda:a}/", "ErrorOutputPrefix": "e/"},
    ],
)  # fmt: skip
def test_processors_that_cannot_be(stream, refused, settings):
    assert refused(stream, **settings)[0] == "InvalidArgumentException"
