"""Conditions of deletes, parts and checksums that other tests do not ask for."""

from __future__ import annotations

import pytest

from tests.services.s3.answers import attempt
from tests.services.s3.plain import error_of, fetch


def code(answer):
    return answer["Error"]["Code"] if "Error" in answer else "OK"


def test_delete_if_it_is_still_the_same(s3, bucket):
    at = {"Bucket": bucket, "Key": "key"}
    etag = s3.put_object(**at, Body=b"x")["ETag"]
    assert code(attempt(s3.delete_object, **at, IfMatch='"other"')) == "PreconditionFailed"
    assert code(attempt(s3.delete_object, **at, IfMatch=etag)) == "OK"
    assert code(attempt(s3.delete_object, **at, IfMatch=etag)) == "NoSuchKey"


def test_delete_several_if_they_are_still_the_same(s3, bucket):
    tags = {key: s3.put_object(Bucket=bucket, Key=key, Body=key.encode())["ETag"] for key in "abc"}
    entries = [{"Key": "a", "ETag": tags["a"]}, {"Key": "b", "ETag": tags["a"]}, {"Key": "c", "Size": 1}]
    done = s3.delete_objects(Bucket=bucket, Delete={"Objects": entries})
    assert done["Deleted"] == [{"Key": "a"}]
    assert [(one["Key"], one["Code"]) for one in done["Errors"]] == [
        ("b", "PreconditionFailed"),
        ("c", "NotImplemented"),
    ]


@pytest.mark.parametrize(("options", "wanted"), [
    ({"PartNumber": 1, "Range": "bytes=0-0"}, "InvalidRequest"),
    ({"PartNumber": 0}, "InvalidArgument"),
    ({"PartNumber": 10_001}, "InvalidArgument"),
    ({"PartNumber": 2}, "InvalidPartNumber"),
])  # fmt: skip
def test_parts_that_cannot_be_read(s3, bucket, options, wanted):
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    assert code(attempt(s3.get_object, Bucket=bucket, Key="key", **options)) == wanted


def test_promised_checksum_that_does_not_come(s3, bucket):
    url = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "key"})
    status, text = fetch(f"{url}&x-amz-sdk-checksum-algorithm=CRC32", "PUT", b"x")
    assert (status, error_of(text)["Error"]["Code"]) == (400, "InvalidRequest")
    assert "no corresponding" in text
