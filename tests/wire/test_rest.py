"""The REST protocols: which operation a path is, and what stands where in S3's and Lambda's answers."""

from __future__ import annotations

import orjson
import pytest

from undercast import wire
from undercast.kit.errors import AccessDenied, ServiceError, ValidationException
from undercast.kit.http import Body, Request

NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "operation", "labels"),
    [
        ("GET", "/", "", {}, "ListBuckets", {}),
        ("GET", "/b", "", {}, "ListObjects", {"Bucket": "b"}),
        ("GET", "/b/", "", {}, "ListObjects", {"Bucket": "b"}),
        ("GET", "/b", "list-type=2&prefix=x", {}, "ListObjectsV2", {"Bucket": "b"}),
        ("GET", "/b", "acl", {}, "GetBucketAcl", {"Bucket": "b"}),
        ("GET", "/b", "acl=", {}, "GetBucketAcl", {"Bucket": "b"}),
        ("GET", "/b", "inventory&id=1", {}, "GetBucketInventoryConfiguration", {"Bucket": "b"}),
        ("GET", "/b", "inventory", {}, "ListBucketInventoryConfigurations", {"Bucket": "b"}),
        ("GET", "/b", "notification", {}, "GetBucketNotificationConfiguration", {"Bucket": "b"}),
        ("GET", "/b/k", "x-id=GetObject", {}, "GetObject", {"Bucket": "b", "Key": "k"}),
        ("GET", "/b/a/b%2F/", "", {}, "GetObject", {"Bucket": "b", "Key": "a/b%2F/"}),
        ("GET", "/b//", "", {}, "GetObject", {"Bucket": "b", "Key": "/"}),
        ("GET", "/b/k", "uploadId=1", {}, "ListParts", {"Bucket": "b", "Key": "k"}),
        ("PUT", "/b/k", "", {}, "PutObject", {"Bucket": "b", "Key": "k"}),
        ("PUT", "/b/k", "partNumber=1&uploadId=2", {}, "UploadPart", {"Bucket": "b", "Key": "k"}),
        ("PUT", "/b/k", "", {"x-amz-copy-source": "a/b"}, "CopyObject", {"Bucket": "b", "Key": "k"}),
        (
            "PUT",
            "/b/k",
            "partNumber=1&uploadId=2",
            {"x-amz-copy-source": "a/b"},
            "UploadPartCopy",
            {"Bucket": "b", "Key": "k"},
        ),
        ("POST", "/b/k", "uploads", {}, "CreateMultipartUpload", {"Bucket": "b", "Key": "k"}),
        ("POST", "/b/k", "uploadId=1", {}, "CompleteMultipartUpload", {"Bucket": "b", "Key": "k"}),
        ("DELETE", "/b/k", "uploadId=1", {}, "AbortMultipartUpload", {"Bucket": "b", "Key": "k"}),
        ("POST", "/b", "delete", {}, "DeleteObjects", {"Bucket": "b"}),
    ],
)
def test_paths_of_s3(
    method: str, path: str, query: str, headers: dict[str, str], operation: str, labels: dict[str, str]
) -> None:
    found = wire.service("s3").match("rest-xml", Request(method, path, query, headers))
    assert found is not None
    assert (found[0].name, found[1]) == (operation, labels)


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/2015-03-31/functions/", "ListFunctions"),
        ("GET", "/2015-03-31/functions", "ListFunctions"),
        ("GET", "/2015-03-31/functions/f", "GetFunction"),
        ("POST", "/2015-03-31/functions/f/invocations", "Invoke"),
        ("PATCH", "/2015-03-31/functions/f", None),
        ("GET", "/nowhere", None),
    ],
)
def test_paths_of_lambda(method: str, path: str, operation: str | None) -> None:
    found = wire.service("lambda").match("rest-json", Request(method, path))
    assert (found[0].name if found else None) == operation


def test_labels_are_decoded_and_a_stream_is_handed_on() -> None:
    body = Body(iter(()), 0)
    sent = Request("PUT", "/b/a%2Fb%20c/d", "", {"x-amz-meta-k": "v"}, b"", body)
    operation, labels = wire.service("s3").match("rest-xml", sent)
    assert operation.streaming_input
    params = operation.parse("rest-xml", sent, labels)
    assert params == {"Bucket": "b", "Key": "a/b c/d", "Metadata": {"k": "v"}, "Body": body}


def test_a_list_of_objects_has_its_root_and_namespace() -> None:
    content = {"Key": "a&b", "LastModified": 1_700_000_000_000, "Size": 1}
    response = _s3("ListObjectsV2").serialize("rest-xml", {"Name": "b", "Contents": [content, content]}, "r-1")
    item = "<Contents><Key>a&amp;b</Key><LastModified>2023-11-14T22:13:20.000Z</LastModified><Size>1</Size></Contents>"
    assert response.body.decode() == (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult {NAMESPACE}>{item}{item}<Name>b</Name>'
        "</ListBucketResult>"
    )
    assert ("x-amz-request-id", "r-1") in response.headers
    assert ("Content-Type", "application/xml") in response.headers


def test_the_root_is_the_location() -> None:
    serialize = _s3("GetBucketLocation").serialize
    location = serialize("rest-xml", {"LocationConstraint": "eu-west-1"}, "r-1").body.decode()
    assert location.endswith(f"<LocationConstraint {NAMESPACE}>eu-west-1</LocationConstraint>")
    assert (
        serialize("rest-xml", {}, "r-1")
        .body.decode()
        .endswith(f"<LocationConstraint {NAMESPACE}></LocationConstraint>")
    )


def test_a_grantee_has_its_type_as_an_attribute() -> None:
    grant = {"Grantee": {"Type": "CanonicalUser", "ID": "i"}, "Permission": "READ"}
    body = _s3("GetBucketAcl").serialize("rest-xml", {"Grants": [grant]}, "r-1").body.decode()
    assert '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>i</ID>' in body


def test_an_object_is_headers_and_a_body() -> None:
    output = {
        "Body": b"hello",
        "ContentLength": 5,
        "ContentType": "text/plain",
        "ETag": '"e"',
        "LastModified": 1_700_000_000_999,
        "Metadata": {"k": "v"},
    }
    response = _s3("GetObject").serialize("rest-xml", output, "r-1")
    headers = dict(response.headers)
    assert response.body == b"hello"
    assert headers["Last-Modified"] == "Tue, 14 Nov 2023 22:13:20 GMT"
    assert (headers["Content-Type"], headers["Content-Length"], headers["x-amz-meta-k"]) == ("text/plain", "5", "v")


def test_a_part_of_an_object_says_so() -> None:
    assert _s3("GetObject").serialize("rest-xml", {"Body": b"h", "_status": 206}, "r-1").status == 206


class NoSuchKey(ServiceError):
    """The specified key does not exist."""

    status = 404


def test_errors_of_s3_have_nothing_around_them() -> None:
    response = _s3("GetObject").serialize_error("rest-xml", NoSuchKey(Key="a<b"), "r-1")
    assert response.status == 404
    assert (
        b"\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>"
        b"<Key>a&lt;b</Key><RequestId>r-1</RequestId><HostId>"
    ) in response.body
    assert _s3("HeadObject").serialize_error("rest-xml", NoSuchKey(), "r-1").body == b""
    assert b"<Code>AccessDenied</Code>" in _s3("GetObject").serialize_error("rest-xml", AccessDenied(), "r-1").body


def test_an_error_may_carry_headers() -> None:
    error = NoSuchKey(Key="k", _headers=[("x-amz-delete-marker", "true")])
    response = _s3("GetObject").serialize_error("rest-xml", error, "r-1")
    assert ("x-amz-delete-marker", "true") in response.headers
    assert b"_headers" not in response.body


@pytest.mark.parametrize(
    ("service", "protocol", "operation", "status", "code"),
    [
        ("kms", "json", "ListKeys", 400, b'"__type":"AccessDeniedException"'),
        ("ssm", "json", "GetParameter", 400, b'"__type":"AccessDeniedException"'),
        ("dynamodb", "json", "GetItem", 400, b'"__type":"com.amazon.coral.service#AccessDeniedException"'),
        ("sns", "query", "Publish", 403, b"<Code>AccessDenied</Code>"),
        ("s3", "rest-xml", "GetObject", 403, b"<Code>AccessDenied</Code>"),
        ("lambda", "rest-json", "Invoke", 403, b'{"Message":"User is not authorized'),
        ("cloudwatch", "smithy-rpc-v2-cbor", "ListMetrics", 400, b"AccessDeniedException"),
    ],
)
def test_access_denied(service: str, protocol: str, operation: str, status: int, code: bytes) -> None:
    response = wire.service(service).operations[operation].serialize_error(protocol, AccessDenied(), "r-1")
    assert response.status == status
    assert code in response.body


class ResourceNotFoundException(ServiceError):
    """Function not found"""


def test_errors_of_lambda_have_a_type_and_a_header() -> None:
    operation = wire.service("lambda").operations["GetFunction"]
    response = operation.serialize_error("rest-json", ResourceNotFoundException(), "r-1")
    assert (response.status, orjson.loads(response.body)) == (404, {"Type": "User", "Message": "Function not found"})
    assert ("x-amzn-ErrorType", "ResourceNotFoundException") in response.headers
    response = operation.serialize_error("rest-json", ValidationException("1 validation error"), "r-1")
    assert (response.status, response.body) == (400, b'{"message":"1 validation error"}')


def test_an_output_member_that_the_model_does_not_have_is_a_mistake() -> None:
    for service, protocol, name in (("s3", "rest-xml", "ListBuckets"), ("sqs", "json", "ListQueues")):
        operation = wire.service(service).operations[name]
        assert operation.serialize(protocol, {"_private": 1}, "r-1").status == 200
        with pytest.raises(wire.UnknownMember):
            operation.serialize(protocol, {"Buckket": 1}, "r-1")


def _s3(name: str) -> wire.Operation:
    return wire.service("s3").operations[name]
