"""Operations on objects, as boto3 sees them."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

MB = 1024 * 1024


def code(refused):
    return refused.value.response["Error"]["Code"]


@pytest.mark.parametrize("size", [0, 1, 16 * 1024, 16 * 1024 + 1, 3 * MB + 7])
def test_object_comes_back_as_it_was_put(s3, bucket, size):
    body = bytes(range(256)) * (size // 256 + 1)
    s3.put_object(Bucket=bucket, Key="a/ü 1+2", Body=body[:size], Metadata={"who": "me"})
    got = s3.get_object(Bucket=bucket, Key="a/ü 1+2")
    assert got["Body"].read() == body[:size]
    assert (got["ContentLength"], got["Metadata"]) == (size, {"who": "me"})
    assert s3.head_object(Bucket=bucket, Key="a/ü 1+2")["ETag"] == got["ETag"]
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["a/ü 1+2"]


def test_deleted_object_is_gone(s3, bucket):
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    s3.delete_object(Bucket=bucket, Key="key")
    with pytest.raises(ClientError) as refused:
        s3.get_object(Bucket=bucket, Key="key")
    assert code(refused) == "NoSuchKey"
