"""What AWS answered about encryption with customers' keys (SSE-C)."""

from __future__ import annotations

from base64 import b64encode
from hashlib import md5

import pytest
from botocore import handlers
from botocore.config import Config

from tests.recorded import recorded
from tests.services.s3.answers import attempt, whole

GROUP = "s3::TestS3SSECEncryption"
ONE, TWO = b"1234567890abcdefghijklmnopqrstuv", b"another key, as long as the first"[:32]


def encoded(key):
    digest = b64encode(md5(key).digest()).decode()
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b64encode(key).decode(), "SSECustomerKeyMD5": digest}


def without(options, name):
    return {key: value for key, value in options.items() if key != name}


@pytest.fixture
def plain(aws):
    """A client that sends keys as they are given."""
    s3 = aws("s3", config=Config(inject_host_prefix=False), use_ssl=False)
    for operation in ("PutObject", "GetObject", "HeadObject", "CopyObject", "GetObjectAttributes"):
        for handler in (handlers.sse_md5, handlers.copy_source_sse_md5):
            s3.meta.events.unregister(f"before-parameter-build.s3.{operation}", handler)
    return s3


def same(case, step, answer):
    """The digests of keys and contents are those of the recording's own keys."""
    case.check(step, answer, ignore=("SSECustomerKeyMD5", "ETag"))


def test_life_of_an_object(plain, bucket):
    case = recorded(f"{GROUP}::test_put_object_lifecycle_with_sse_c")
    at, key = {"Bucket": bucket, "Key": "test-sse-c"}, encoded(ONE)
    same(case, "put-obj-sse-c", plain.put_object(**at, Body=b"test_data", **key))
    same(case, "head-obj-sse-c", plain.head_object(**at, **key))
    same(case, "get-obj-sse-c", whole(plain.get_object(**at, **key, ChecksumMode="ENABLED")))
    attributes = plain.get_object_attributes(**at, **key, ObjectAttributes=["ETag", "ObjectSize"])
    same(case, "get-obj-attrs-sse-c", attributes)
    case.check("del-obj-sse-c", plain.delete_object(**at))


def test_refusals(plain, bucket):
    case = recorded(f"{GROUP}::test_put_object_validation_sse_c")
    key = encoded(ONE)
    asked = {
        "wrong-algo": {**key, "SSECustomerAlgorithm": "KMS"},
        "no-algo": without(key, "SSECustomerAlgorithm"),
        "no-key": without(key, "SSECustomerKey"),
        "no-md5": {**key, "SSECustomerKey": ONE.decode(), "SSECustomerKeyMD5": ""},
        "bad-md5": {**key, "SSECustomerKeyMD5": encoded(TWO)["SSECustomerKeyMD5"]},
        "wrong-key-size": encoded(ONE[:16]),
        "both-encryption": {**key, "ServerSideEncryption": "AES256"},
    }
    for name, options in asked.items():
        answer = attempt(plain.put_object, Bucket=bucket, Key="key", Body=b"test_data", **options)
        case.check(f"put-obj-sse-c-{name}", answer)


def test_versions_with_keys_of_their_own(plain, versioned):
    case = recorded(f"{GROUP}::test_sse_c_with_versioning")
    at = {"Bucket": versioned, "Key": "test-sse-c"}
    versions = []
    for number, key in ((1, ONE), (2, TWO)):
        put = plain.put_object(**at, Body=f"version{number}".encode(), **encoded(key))
        same(case, f"put-obj-sse-c-version-{number}", put)
        versions.append(put["VersionId"])
    mode = {"ChecksumMode": "ENABLED"}
    same(case, "get-obj-sse-c-last-version", whole(plain.get_object(**at, **mode, **encoded(TWO))))
    case.check("get-obj-sse-c-last-version-wrong-key", attempt(plain.get_object, **at, **encoded(ONE)))
    for number, key in ((1, ONE), (2, TWO)):
        answer = plain.get_object(**at, **mode, **encoded(key), VersionId=versions[number - 1])
        same(case, f"get-obj-sse-c-version-{number}", whole(answer))


def test_copies(plain, bucket):
    case = recorded(f"{GROUP}::test_copy_object_with_sse_c")
    key, source = encoded(ONE), {f"CopySource{name}": value for name, value in encoded(ONE).items()}
    same(case, "put-obj-sse-c", plain.put_object(Bucket=bucket, Key="source", Body=b"test_data", **key))
    case.check("get-obj-no-sse-c-param", attempt(plain.get_object, Bucket=bucket, Key="source"))
    copy = {"Bucket": bucket, "Key": "copy", "CopySource": f"{bucket}/source"}
    case.check("copy-obj-no-src-sse-c", attempt(plain.copy_object, **copy))
    wrong = {**source, "CopySourceSSECustomerAlgorithm": "KMS"}
    case.check("copy-obj-wrong-src-sse-c-algo", attempt(plain.copy_object, **copy, **wrong))
    wrong = {**key, "SSECustomerAlgorithm": "KMS"}
    case.check("copy-obj-wrong-target-sse-c-algo", attempt(plain.copy_object, **copy, **source, **wrong))
    both = {**key, "ServerSideEncryption": "AES256"}
    case.check("copy-obj-target-double-encryption", attempt(plain.copy_object, **copy, **source, **both))
    copied = plain.copy_object(**copy, **source)
    same(case, "copy-obj-sse-c-target-no-sse-c", copied)
    assert plain.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"test_data"
    same(case, "copy-obj-sse-c", plain.copy_object(**copy, **source, **key))
    assert plain.get_object(Bucket=bucket, Key="copy", **key)["Body"].read() == b"test_data"
