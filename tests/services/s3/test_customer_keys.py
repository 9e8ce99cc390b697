"""Content under the client's own keys: it comes back with the key only, in all its parts, and none of it is on the disk."""

from __future__ import annotations

import pytest

from tests.services.s3.answers import attempt

LARGE = bytes(range(256)) * 22_000  # 5,632,000 bytes
KEY = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
OTHER = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "o" * 32}
SOURCE = {f"CopySource{name}": value for name, value in KEY.items()}


def code(answer):
    return answer["Error"]["Code"]


@pytest.mark.parametrize("size", [0, 17, len(LARGE)])
def test_content_comes_back(s3, bucket, size):
    at = {"Bucket": bucket, "Key": "key"}
    s3.put_object(**at, Body=LARGE[:size], **KEY)
    assert s3.get_object(**at, **KEY)["Body"].read() == LARGE[:size]
    if size > 20:
        assert s3.get_object(**at, **KEY, Range="bytes=17-1048599")["Body"].read() == LARGE[17:1048600]


def test_parts(s3, bucket):
    at = {"Bucket": bucket, "Key": "key"}
    s3.put_object(Bucket=bucket, Key="source", Body=b"the end", **KEY)
    at["UploadId"] = s3.create_multipart_upload(**at, **OTHER)["UploadId"]
    assert code(attempt(s3.upload_part, **at, PartNumber=1, Body=b"x")) == "InvalidRequest"
    assert code(attempt(s3.upload_part, **at, PartNumber=1, Body=b"x", **KEY)) == "AccessDenied"
    one = s3.upload_part(**at, PartNumber=1, Body=LARGE, **OTHER)
    two = s3.upload_part_copy(**at, PartNumber=2, CopySource=f"{bucket}/source", **SOURCE, **OTHER)["CopyPartResult"]
    parts = [{"PartNumber": number, "ETag": part["ETag"]} for number, part in ((1, one), (2, two))]
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": parts})
    assert s3.get_object(Bucket=bucket, Key="key", **OTHER)["Body"].read() == LARGE + b"the end"


def test_reading_what_has_no_key(s3, bucket):
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    assert code(attempt(s3.get_object, Bucket=bucket, Key="key", **KEY)) == "InvalidRequest"


def test_head_needs_the_key(s3, bucket):
    at = {"Bucket": bucket, "Key": "key"}
    s3.put_object(**at, Body=b"x", **KEY)
    assert code(attempt(s3.head_object, **at)) == "400"
    assert code(attempt(s3.head_object, **at, **OTHER)) == "403"
    assert code(attempt(s3.get_object_attributes, **at, ObjectAttributes=["ETag"])) == "InvalidRequest"
    assert s3.head_object(**at, **KEY)["ContentLength"] == 1


def test_bucket_that_blocks_customers_keys(s3, bucket):
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
        "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
    }
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    told = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert told["BlockedEncryptionTypes"] == {"EncryptionType": ["SSE-C"]}
    assert code(attempt(s3.put_object, Bucket=bucket, Key="key", Body=b"x", **KEY)) == "AccessDenied"
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")


def test_nothing_of_it_is_on_the_disk(s3, bucket, undercast):
    secret = b"what only the customer may read "
    s3.put_object(Bucket=bucket, Key="small", Body=secret, **KEY)
    s3.put_object(Bucket=bucket, Key="large", Body=secret * 10_000, **KEY)
    disk = b"".join(file.read_bytes() for file in undercast.platform.folder.rglob("*") if file.is_file())
    assert secret not in disk
    assert KEY["SSECustomerKey"].encode() not in disk
