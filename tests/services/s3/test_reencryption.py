"""UpdateObjectEncryption: another key, the same object."""

from __future__ import annotations

import pytest

from tests.services.s3.answers import attempt

BODY = bytes(range(256)) * 12_000


def code(answer):
    return answer["Error"]["Code"] if "Error" in answer else "OK"


@pytest.fixture
def keys(aws):
    kms = aws("kms")
    return [kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2)]


def wanted(key, **options):
    return {"ObjectEncryption": {"SSEKMS": {"KMSKeyArn": key, **options}}}


@pytest.mark.parametrize("size", [0, 40, len(BODY)])
@pytest.mark.parametrize("encrypted", [False, True])
def test_another_key(aws, s3, bucket, keys, size, encrypted):
    at, (old, new) = {"Bucket": bucket, "Key": "key"}, keys
    options = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": old} if encrypted else {}
    s3.put_object(**at, Body=BODY[:size], **options, Metadata={"a": "b"})
    before = s3.head_object(**at)
    s3.update_object_encryption(**at, **wanted(new, BucketKeyEnabled=True))
    after = s3.head_object(**at)
    assert (after["ServerSideEncryption"], after["SSEKMSKeyId"], after["BucketKeyEnabled"]) == ("aws:kms", new, True)
    assert [after[name] for name in ("ETag", "Metadata", "ContentLength", "LastModified")] == [
        before[name] for name in ("ETag", "Metadata", "ContentLength", "LastModified")
    ]
    aws("kms").disable_key(KeyId=old)
    assert s3.get_object(**at)["Body"].read() == BODY[:size]
    aws("kms").disable_key(KeyId=new)
    assert code(attempt(s3.get_object, **at)) == "KMS.DisabledException"


def test_older_version(s3, versioned, keys):
    at = {"Bucket": versioned, "Key": "key"}
    old = s3.put_object(**at, Body=b"old")["VersionId"]
    s3.put_object(**at, Body=b"new")
    s3.update_object_encryption(**at, VersionId=old, **wanted(keys[0]))
    assert s3.head_object(**at)["ServerSideEncryption"] == "AES256"
    assert s3.head_object(**at, VersionId=old)["SSEKMSKeyId"] == keys[0]
    assert s3.get_object(**at, VersionId=old)["Body"].read() == b"old"


def test_file_of_before_goes(s3, bucket, keys, undercast, clock):
    if not hasattr(undercast, "platform"):
        pytest.skip("the platform runs elsewhere, and so does its disk")
    secret = b"once for all to read " * 10_000
    s3.put_object(Bucket=bucket, Key="key", Body=secret)
    s3.update_object_encryption(Bucket=bucket, Key="key", **wanted(keys[0]))
    clock.advance(minutes=5)
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == secret


@pytest.mark.parametrize(("options", "change", "refusal"), [
    ({"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}, {}, "InvalidRequest"),
    ({"ServerSideEncryption": "aws:kms:dsse"}, {}, "InvalidRequest"),
    ({}, {"KMSKeyArn": "alias/a-name-of-some-length"}, "MalformedXML"),
    ({}, {"KMSKeyArn": "arn:aws:kms:us-east-1:111122223333:key/none"}, "KMS.NotFoundException"),
])  # fmt: skip
def test_refusals(s3, bucket, keys, options, change, refusal):
    at = {"Bucket": bucket, "Key": "key"}
    assert code(attempt(s3.update_object_encryption, **at, **wanted(keys[0]))) == "NoSuchKey"
    s3.put_object(**at, Body=b"x", **options)
    asked = {"ObjectEncryption": {"SSEKMS": {"KMSKeyArn": keys[0], **change}}}
    assert code(attempt(s3.update_object_encryption, **at, **asked)) == refusal
