"""Deliveries: to buckets, HTTP endpoints and OpenSearch; what is tried again, what goes to the errors."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from base64 import b64decode

import cramjam
import pytest

from tests.services.firehose.conftest import ROLE
from undercast.services.firehose import splunk

MINUTES = 60


@pytest.mark.parametrize(
    ("form", "extension", "read"),
    [
        ("GZIP", ".gz", gzip.decompress),
        ("ZIP", ".zip", lambda data: zipfile.ZipFile(io.BytesIO(data)).read(zipfile.ZipFile(io.BytesIO(data)).namelist()[0])),
        ("Snappy", ".snappy", lambda data: bytes(cramjam.snappy.decompress(data))),
        ("HADOOP_SNAPPY", ".hsnappy", lambda data: bytes(cramjam.snappy.decompress_raw(data[8:]))),
    ],
)  # fmt: skip
def test_compressed_forms(stream, put, flushed, objects, form, extension, read):
    stream(CompressionFormat=form)
    put("stream", b"some data " * 100)
    flushed()
    ((key, data),) = objects().items()
    assert key.endswith(extension)
    assert read(data) == b"some data " * 100


def test_key_and_extension_are_the_users(aws, s3, stream, put, flushed, objects, bucket):
    key = aws("kms").create_key()["KeyMetadata"]["Arn"]
    stream(FileExtension=".jsonl", EncryptionConfiguration={"KMSEncryptionConfig": {"AWSKMSKeyARN": key}})
    put("stream", b"{}")
    flushed()
    ((name, data),) = objects().items()
    assert name.endswith(".jsonl") and data == b"{}"
    head = s3.head_object(Bucket=bucket.rpartition(":")[2], Key=name)
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)


def test_a_bucket_that_is_not_there_is_tried_again(aws, s3, stream, put, flushed, clock, settle, objects):
    logs = aws("logs")
    logs.create_log_group(logGroupName="errors")
    logs.create_log_stream(logGroupName="errors", logStreamName="s3")
    options = {"Enabled": True, "LogGroupName": "errors", "LogStreamName": "s3"}
    stream(BucketARN="arn:aws:s3:::later", CloudWatchLoggingOptions=options)
    put("stream", b"patience")
    flushed()
    (event,) = logs.get_log_events(logGroupName="errors", logStreamName="s3")["events"]
    assert json.loads(event["message"])["errorCode"] == "S3.NoSuchBucket"
    s3.create_bucket(Bucket="later")
    clock.advance(minutes=10)
    settle()
    assert list(objects("arn:aws:s3:::later").values()) == [b"patience"]


def test_a_bucket_that_never_comes(stream, put, flushed, clock, settle, undercast, account):
    stream(BucketARN="arn:aws:s3:::never")
    put("stream", b"lost")
    flushed()
    clock.advance(hours=24)
    settle()
    held = undercast.platform.store.scan("SELECT id FROM firehose_records WHERE account = ?", account)
    assert undercast.run(held) == []


# --- HTTP endpoints ---


@pytest.fixture
def http_stream(firehose, bucket, endpoint):
    def make(**settings):
        about = {"Url": f"{endpoint.url}/take", "AccessKey": "open sesame", "Name": "mine"}
        wanted = {
            "EndpointConfiguration": about,
            "RoleARN": ROLE,
            "S3Configuration": {"RoleARN": ROLE, "BucketARN": bucket},
            **settings,
        }
        firehose.create_delivery_stream(DeliveryStreamName="http", HttpEndpointDestinationConfiguration=wanted)

    return make


def test_what_an_endpoint_gets(http_stream, put, flushed, endpoint, objects, account, firehose):
    attributes = [{"AttributeName": "stage", "AttributeValue": "test"}]
    http_stream(RequestConfiguration={"ContentEncoding": "GZIP", "CommonAttributes": attributes})
    put("http", b"one", b"two")
    flushed()
    headers, body = endpoint.next()
    content = json.loads(body)
    assert [b64decode(one["data"]) for one in content["records"]] == [b"one", b"two"]
    assert content["requestId"] == headers["X-Amz-Firehose-Request-Id"]
    assert headers["X-Amz-Firehose-Protocol-Version"] == "1.0"
    assert headers["X-Amz-Firehose-Source-Arn"] == f"arn:aws:firehose:us-east-1:{account}:deliverystream/http"
    assert headers["X-Amz-Firehose-Access-Key"] == "open sesame"
    assert json.loads(headers["X-Amz-Firehose-Common-Attributes"]) == {"commonAttributes": {"stage": "test"}}
    assert headers["Content-Encoding"] == "gzip"
    assert objects() == {}
    (shown,) = firehose.describe_delivery_stream(DeliveryStreamName="http")["DeliveryStreamDescription"]["Destinations"]
    assert shown["HttpEndpointDestinationDescription"]["EndpointConfiguration"] == {"Url": f"{endpoint.url}/take", "Name": "mine"}  # fmt: skip


def test_an_endpoint_that_fails_is_asked_again(http_stream, put, flushed, endpoint, clock, settle, objects):
    http_stream()
    endpoint.answers = [(503, {}), (200, {"requestId": "another", "timestamp": 1}), (200, b"no json")]
    put("http", b"one")
    flushed()
    for _ in range(3):
        clock.advance(seconds=20)
        settle()
    ids = {endpoint.next()[0]["X-Amz-Firehose-Request-Id"] for _ in range(4)}
    assert len(ids) == 1
    assert objects() == {}


def test_what_an_endpoint_never_takes_goes_to_the_bucket(http_stream, put, flushed, endpoint, clock, settle, objects):
    http_stream(RetryOptions={"DurationInSeconds": 0})
    endpoint.answers = [(500, b"broken")]
    put("http", b"one", b"two")
    flushed()
    ((key, data),) = objects().items()
    assert key.startswith("http-endpoint-failed/20")
    lines = [json.loads(line) for line in data.splitlines()]
    assert [b64decode(line["rawData"]) for line in lines] == [b"one", b"two"]
    assert lines[0]["errorCode"] == "HttpEndpoint.DestinationException"
    assert lines[0]["errorMessage"].endswith("500: broken")


def test_all_data_is_kept_besides(http_stream, put, flushed, endpoint, objects):
    http_stream(S3BackupMode="AllData")
    put("http", b"one")
    flushed()
    endpoint.next()
    assert list(objects().values()) == [b"one"]


def test_access_key_of_a_secret(aws, http_stream, put, flushed, endpoint):
    secret = aws("secretsmanager").create_secret(Name="key", SecretString='{"api_key": "from the secret"}')["ARN"]
    http_stream(SecretsManagerConfiguration={"Enabled": True, "SecretARN": secret})
    put("http", b"one")
    flushed()
    assert endpoint.next()[0]["X-Amz-Firehose-Access-Key"] == "from the secret"


def test_another_destination_takes_what_waits(
    http_stream, put, flushed, endpoint, objects, firehose, bucket, clock, settle
):
    http_stream()
    endpoint.answers = [(500, {})]
    put("http", b"one")
    flushed()
    firehose.update_destination(
        DeliveryStreamName="http",
        CurrentDeliveryStreamVersionId="1",
        DestinationId="destinationId-000000000001",
        ExtendedS3DestinationUpdate={"RoleARN": ROLE, "BucketARN": bucket},
    )
    clock.advance(seconds=10)
    settle()
    assert list(objects().values()) == [b"one"]


def test_a_url_that_is_none(firehose, refused, bucket):
    wanted = {
        "EndpointConfiguration": {"Url": "ftp://localhost"},
        "S3Configuration": {"RoleARN": ROLE, "BucketARN": bucket},
    }
    error = refused(firehose.create_delivery_stream, DeliveryStreamName="x", HttpEndpointDestinationConfiguration=wanted)  # fmt: skip
    assert error[0] == "ValidationException"


def test_retries_without_a_duration_have_the_default_one(http_stream, put, flushed, endpoint, clock, settle, firehose):
    http_stream(RetryOptions={})
    (shown,) = firehose.describe_delivery_stream(DeliveryStreamName="http")["DeliveryStreamDescription"]["Destinations"]
    assert shown["HttpEndpointDestinationDescription"]["RetryOptions"] == {"DurationInSeconds": 300}
    endpoint.answers = [(500, b"broken")]
    put("http", b"one")
    flushed()
    clock.advance(seconds=20)
    settle()
    assert [endpoint.next()[0]["X-Amz-Firehose-Protocol-Version"] for _ in range(2)] == ["1.0", "1.0"]


# --- OpenSearch ---


@pytest.fixture
def search_stream(firehose, bucket, endpoint):
    def make(**settings):
        wanted = {
            "RoleARN": ROLE,
            "ClusterEndpoint": endpoint.url,
            "IndexName": "orders",
            "IndexRotationPeriod": "NoRotation",
            "S3Configuration": {"RoleARN": ROLE, "BucketARN": bucket},
            **settings,
        }
        made = firehose.create_delivery_stream
        made(DeliveryStreamName="search", AmazonopensearchserviceDestinationConfiguration=wanted)

    return make


def taken(*statuses):
    outcomes = [{"index": {"status": one, **({"error": {"type": "no"}} if one >= 300 else {})}} for one in statuses]
    return 200, {"errors": any(one >= 300 for one in statuses), "items": outcomes}


def test_documents_are_indexed(search_stream, put, flushed, endpoint, objects):
    search_stream()
    endpoint.answers = [taken(201, 201)]
    put("search", b'{"a":1}', b'{\n"a":2}')
    flushed()
    headers, body = endpoint.next()
    lines = [json.loads(line) for line in body.splitlines()]
    assert headers["Content-Type"] == "application/x-ndjson"
    assert [line["index"]["_index"] for line in lines[::2]] == ["orders", "orders"]
    assert lines[1::2] == [{"a": 1}, {"a": 2}]
    assert len({line["index"]["_id"] for line in lines[::2]}) == 2
    assert objects() == {}


def test_only_what_was_refused_is_sent_again(search_stream, put, flushed, endpoint, clock, settle, objects):
    search_stream()
    endpoint.answers = [taken(201, 429, 201), taken(201)]
    put("search", b'{"a":1}', b'{"a":2}', b'{"a":3}')
    flushed()
    clock.advance(seconds=10)
    settle()
    endpoint.next()
    assert endpoint.next()[1].splitlines()[1:] == [b'{"a":2}']
    assert objects() == {}


def test_documents_that_are_never_taken(search_stream, put, flushed, endpoint, objects):
    search_stream(RetryOptions={"DurationInSeconds": 0}, IndexRotationPeriod="OneMonth")
    endpoint.answers = [taken(201, 400)]
    put("search", b'{"a":1}', b"[]")
    flushed()
    ((key, data),) = objects().items()
    assert key.startswith("AmazonOpenSearchService-failed/20")
    failed = json.loads(data)
    assert b64decode(failed["rawData"]) == b"[]"
    assert failed["esIndexName"].startswith("orders-20") and failed["esDocumentId"]


def test_domains_are_not_here(search_stream, refused):
    domain = "arn:aws:es:us-east-1:111111111111:domain/search"
    assert refused(search_stream, DomainARN=domain)[0] == "NotImplemented"


def test_an_answer_that_is_none_of_the_bulk_api(search_stream, put, flushed, endpoint, objects):
    search_stream(RetryOptions={"DurationInSeconds": 0})
    endpoint.answers = [(200, {"items": ["indexed"]})]
    put("search", b"{}")
    flushed()
    ((_, data),) = objects().items()
    assert json.loads(data)["errorCode"] == "OS.InvalidResponse"


# --- Splunk ---


@pytest.fixture
def splunk_stream(firehose, bucket, endpoint):
    def make(**settings):
        wanted = {
            "HECEndpoint": endpoint.url,
            "HECEndpointType": "Raw",
            "HECToken": "the token",
            "S3Configuration": {"RoleARN": ROLE, "BucketARN": bucket},
            **settings,
        }
        firehose.create_delivery_stream(DeliveryStreamName="splunk", SplunkDestinationConfiguration=wanted)

    return make


def test_splunk_takes_and_acknowledges(splunk_stream, put, flushed, endpoint, objects):
    splunk_stream()
    endpoint.answers = [(200, {"code": 0, "ackId": 7}), (200, {"acks": {"7": True}})]
    put("splunk", b"one\n", b"two\n")
    flushed()
    path, headers, body = endpoint.requests.get(timeout=10)
    assert path.startswith("/services/collector/raw?channel=")
    assert (headers["Authorization"], body) == ("Splunk the token", b"one\ntwo\n")
    path, _, body = endpoint.requests.get(timeout=10)
    assert path.startswith("/services/collector/ack?channel=")
    assert json.loads(body) == {"acks": [7]}
    assert objects() == {}


def test_what_splunk_does_not_take(splunk_stream, put, flushed, endpoint, objects):
    splunk_stream(RetryOptions={"DurationInSeconds": 0}, HECEndpointType="Event")
    endpoint.answers = [(403, {"text": "Invalid token"})]
    put("splunk", b"one")
    flushed()
    ((key, data),) = objects().items()
    assert key.startswith("splunk-failed/20")
    assert json.loads(data)["errorCode"] == "Splunk.InvalidRequest"


@pytest.mark.parametrize(
    ("answer", "taken"),
    [({"acks": {"7": True}}, True), ({"acks": {"7": False, "8": True}}, False), ({"acks": None}, False), ({}, False)],
)
def test_what_splunk_acknowledges(answer, taken):
    assert splunk.has_taken(answer, 7) is taken


def test_a_collector_without_a_token(splunk_stream, refused):
    assert refused(splunk_stream, HECToken="")[0] == "InvalidArgumentException"
