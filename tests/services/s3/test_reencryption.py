"""UpdateObjectEncryption: another key, the same object."""

from __future__ import annotations

import pytest

from tests.services.s3.answers import attempt, whole

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


def test_object_that_was_uploaded_in_parts(aws, s3, bucket, keys, undercast, clock):
    at, sizes = {"Bucket": bucket, "Key": "key"}, (5 << 20, (5 << 20) + 1, 9)
    upload = s3.create_multipart_upload(**at, ChecksumAlgorithm="SHA256")["UploadId"]
    bodies = [bytes([number]) * size for number, size in enumerate(sizes, 1)]
    parts = []
    for number, body in enumerate(bodies, 1):
        made = s3.upload_part(**at, UploadId=upload, PartNumber=number, Body=body, ChecksumAlgorithm="SHA256")
        parts.append({"PartNumber": number, "ETag": made["ETag"], "ChecksumSHA256": made["ChecksumSHA256"]})
    s3.complete_multipart_upload(**at, UploadId=upload, MultipartUpload={"Parts": parts})
    wanted_facts = {"ObjectAttributes": ["ETag", "Checksum", "ObjectParts", "ObjectSize"]}
    before = whole(s3.get_object_attributes(**at, **wanted_facts))
    assert _is_on_the_disk(undercast, bodies[0])
    for key in keys:  # the bytes with the first, the data key with the other
        s3.update_object_encryption(**at, **wanted(key))
        assert s3.head_object(**at)["SSEKMSKeyId"] == key
    clock.advance(minutes=5)
    undercast.run(undercast.platform.jobs.idle())
    after = whole(s3.get_object_attributes(**at, **wanted_facts))
    assert {name: after[name] for name in wanted_facts["ObjectAttributes"]} == {
        name: before[name] for name in wanted_facts["ObjectAttributes"]
    }
    assert s3.get_object(**at)["Body"].read() == b"".join(bodies)
    assert s3.get_object(**at, PartNumber=3)["Body"].read() == bodies[2]
    assert s3.get_object(**at, Range=f"bytes={sizes[0] - 1}-{sizes[0]}")["Body"].read() == b"\1\2"
    assert not _is_on_the_disk(undercast, bodies[0])
    aws("kms").disable_key(KeyId=keys[1])
    assert code(attempt(s3.get_object, **at)) == "KMS.DisabledException"


def _is_on_the_disk(undercast, data):
    """Whether a file holds just these bytes."""
    files = [path for path in (undercast.platform.folder / "blobs").rglob("*") if path.is_file()]
    return any(path.stat().st_size == len(data) and path.read_bytes() == data for path in files)


def test_older_version(s3, versioned, keys):
    at = {"Bucket": versioned, "Key": "key"}
    old = s3.put_object(**at, Body=b"old")["VersionId"]
    s3.put_object(**at, Body=b"new")
    s3.update_object_encryption(**at, VersionId=old, **wanted(keys[0]))
    assert s3.head_object(**at)["ServerSideEncryption"] == "AES256"
    assert s3.head_object(**at, VersionId=old)["SSEKMSKeyId"] == keys[0]
    assert s3.get_object(**at, VersionId=old)["Body"].read() == b"old"


def test_file_of_before_goes(s3, bucket, keys, undercast, clock):
    secret = b"once for all to read " * 10_000
    s3.put_object(Bucket=bucket, Key="key", Body=secret)
    assert _is_on_the_disk(undercast, secret)
    s3.update_object_encryption(Bucket=bucket, Key="key", **wanted(keys[0]))
    clock.advance(minutes=5)
    undercast.run(undercast.platform.jobs.idle())
    assert not _is_on_the_disk(undercast, secret)
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
