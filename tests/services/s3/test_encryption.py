"""Content under KMS keys: nothing of it is on the disk, every way of reading gives it back, and the key decides."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode

import pytest

from tests.services.s3.answers import attempt

KMS = {"ServerSideEncryption": "aws:kms"}
BODY = bytes(range(256)) * 12_000  # 3,072,000 bytes: several chunks
RANGES = [(0, 0), (5, 20), (15, 16), (16, 47), (1_048_575, 1_048_577), (2_000_003, 3_071_999)]


@pytest.fixture
def key(aws):
    return aws("kms").create_key()["KeyMetadata"]["KeyId"]


def code(answer):
    return answer["Error"]["Code"]


def read(s3, bucket, key, **options):
    return s3.get_object(Bucket=bucket, Key=key, **options)["Body"].read()


@pytest.mark.parametrize("size", [0, 1, 16, 17, 16 * 1024, 16 * 1024 + 1, len(BODY)])
def test_content_comes_back(s3, bucket, key, size):
    put = s3.put_object(Bucket=bucket, Key="key", Body=BODY[:size], **KMS, SSEKMSKeyId=key)
    assert read(s3, bucket, "key") == BODY[:size]
    head = s3.head_object(Bucket=bucket, Key="key")
    assert (head["ContentLength"], head["ETag"]) == (size, put["ETag"])
    assert put["ETag"] != f'"{hashlib.md5(BODY[:size]).hexdigest()}"'


@pytest.mark.parametrize("size", [0, 17, len(BODY)])
def test_two_layers(s3, bucket, key, size):
    at = {"Bucket": bucket, "Key": "key"}
    put = s3.put_object(**at, Body=BODY[:size], ServerSideEncryption="aws:kms:dsse", SSEKMSKeyId=key)
    assert put["ServerSideEncryption"] == s3.head_object(**at)["ServerSideEncryption"] == "aws:kms:dsse"
    assert read(s3, bucket, "key") == BODY[:size]
    if size > 47:
        assert read(s3, bucket, "key", Range="bytes=21-1048599") == BODY[21:1048600]


def test_two_layers_by_default(s3, bucket, key):
    default = {"SSEAlgorithm": "aws:kms:dsse", "KMSMasterKeyID": key}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)
    assert s3.put_object(Bucket=bucket, Key="key", Body=b"x")["ServerSideEncryption"] == "aws:kms:dsse"
    assert read(s3, bucket, "key") == b"x"


@pytest.mark.parametrize(("first", "last"), RANGES)
def test_ranges(s3, bucket, first, last):
    s3.put_object(Bucket=bucket, Key="key", Body=BODY, **KMS)
    assert read(s3, bucket, "key", Range=f"bytes={first}-{last}") == BODY[first : last + 1]


def upload(s3, bucket, bodies, **options):
    """Upload in parts; the second body may be the source of a copy."""
    it = {"Bucket": bucket, "Key": "key"}
    it["UploadId"] = s3.create_multipart_upload(**it, **options)["UploadId"]
    parts = []
    for number, body in enumerate(bodies, 1):
        if isinstance(body, str):
            etag = s3.upload_part_copy(**it, PartNumber=number, CopySource=body)["CopyPartResult"]["ETag"]
        else:
            etag = s3.upload_part(**it, PartNumber=number, Body=body)["ETag"]
        parts.append({"PartNumber": number, "ETag": etag})
    return lambda: s3.complete_multipart_upload(**it, MultipartUpload={"Parts": parts})


def test_parts_and_ranges_across_them(s3, bucket, key):
    large = BODY + BODY
    s3.put_object(Bucket=bucket, Key="source", Body=large, **KMS)
    upload(s3, bucket, [large, f"{bucket}/source", b"the end"], **KMS, SSEKMSKeyId=key)()
    whole, size = large + large + b"the end", len(large)
    assert read(s3, bucket, "key") == whole
    for first, last in ((size - 21, size + 3), (2 * size - 1, 2 * size + 2), (size + 7, 2 * size + 6)):
        assert read(s3, bucket, "key", Range=f"bytes={first}-{last}") == whole[first : last + 1]
    assert read(s3, bucket, "key", PartNumber=3) == b"the end"


@pytest.mark.parametrize("body", [b"small", BODY])
@pytest.mark.parametrize(("source", "target"), [(KMS, {}), ({}, KMS), (KMS, KMS)])
def test_copies_are_as_their_destination_says(s3, bucket, body, source, target):
    s3.put_object(Bucket=bucket, Key="source", Body=body, **source)
    copied = s3.copy_object(Bucket=bucket, Key="key", CopySource=f"{bucket}/source", **target)
    s3.delete_object(Bucket=bucket, Key="source")
    assert read(s3, bucket, "key") == body
    head = s3.head_object(Bucket=bucket, Key="key")
    assert (
        head["ServerSideEncryption"] == copied["ServerSideEncryption"] == target.get("ServerSideEncryption", "AES256")
    )
    assert ("SSEKMSKeyId" in head) == ("SSEKMSKeyId" in copied) == bool(target)


@pytest.mark.parametrize("size", [40, len(BODY)])
def test_key_that_cannot_be_used(aws, s3, bucket, key, size):
    kms, it = aws("kms"), {"Bucket": bucket, "Key": "key"}
    s3.put_object(**it, Body=BODY[:size], **KMS, SSEKMSKeyId=key)
    finish = upload(s3, bucket, [b"part"], **KMS, SSEKMSKeyId=key)
    kms.disable_key(KeyId=key)
    assert code(attempt(s3.get_object, **it)) == "KMS.DisabledException"
    assert (
        code(attempt(s3.copy_object, Bucket=bucket, Key="copy", CopySource=f"{bucket}/key")) == "KMS.DisabledException"
    )
    put = attempt(s3.put_object, Bucket=bucket, Key="new", Body=BODY[:size], **KMS, SSEKMSKeyId=key)
    assert code(put) == "KMS.DisabledException"
    assert code(attempt(finish)) == "KMS.DisabledException"
    assert s3.head_object(**it)["ContentLength"] == size
    kms.enable_key(KeyId=key)
    assert read(s3, bucket=bucket, key="key") == BODY[:size]
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert code(attempt(s3.get_object, **it)) == "KMS.KMSInvalidStateException"
    s3.delete_object(**it)
    assert code(attempt(s3.get_object, **it)) == "NoSuchKey"


def test_encryption_context(s3, bucket, key):
    context = b64encode(json.dumps({"department": "books"}).encode()).decode()
    put = s3.put_object(Bucket=bucket, Key="key", Body=b"x", **KMS, SSEKMSKeyId=key, SSEKMSEncryptionContext=context)
    assert put["SSEKMSEncryptionContext"] == context
    assert read(s3, bucket, "key") == b"x"


def test_versions_have_their_own(s3, versioned, key):
    one = s3.put_object(Bucket=versioned, Key="key", Body=b"one", **KMS)["VersionId"]
    two = s3.put_object(Bucket=versioned, Key="key", Body=b"two")["VersionId"]
    three = s3.put_object(Bucket=versioned, Key="key", Body=b"three", **KMS, SSEKMSKeyId=key)["VersionId"]
    assert [read(s3, versioned, "key", VersionId=v) for v in (one, two, three)] == [b"one", b"two", b"three"]


def test_key_name_that_is_no_text(s3, bucket):
    s3.put_object(Bucket=bucket, Key="Ã¼/Â  \U0001f600", Body=b"x", **KMS)
    assert read(s3, bucket, "Ã¼/Â  \U0001f600") == b"x"


def test_nothing_of_it_is_on_the_disk(s3, bucket, undercast):
    secret, plain = b"the secret recipe ", b"what all may read "
    for body, key, options in ((secret, "s", KMS), (plain, "p", {})):
        s3.put_object(Bucket=bucket, Key=key, Body=body, **options)
        s3.put_object(Bucket=bucket, Key=f"{key}-large", Body=body * 10_000, **options)
    disk = b"".join(file.read_bytes() for file in undercast.platform.folder.rglob("*") if file.is_file())
    assert plain in disk
    assert secret not in disk
