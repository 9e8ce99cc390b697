"""Large objects go in and out with constant memory."""

from __future__ import annotations

import tracemalloc

import pytest

SIZE = 96 * 1024 * 1024
PART = 48 * 1024 * 1024
MOST = 24 * 1024 * 1024  # of client and platform together; by far less than the object


@pytest.fixture
def sparse(tmp_path):
    """A file that takes no room on the disk."""
    path = tmp_path / "sparse"
    with open(path, "wb") as file:
        file.truncate(SIZE)
    return path


@pytest.fixture
def peak():
    """The most memory that was in use since the test began, in bytes."""
    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()


def read(s3, bucket, key):
    body = s3.get_object(Bucket=bucket, Key=key)["Body"]
    return sum(len(chunk) for chunk in body.iter_chunks(1024 * 1024))


def test_put_get_copy_and_parts(s3, bucket, sparse, peak):
    with open(sparse, "rb") as file:
        s3.put_object(Bucket=bucket, Key="whole", Body=file)
    assert read(s3, bucket, "whole") == SIZE
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/whole", ChecksumAlgorithm="SHA256")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    at = {"Bucket": bucket, "Key": "parts", "UploadId": upload}
    parts = []
    for number in (1, 2):
        start = (number - 1) * PART
        copied = s3.upload_part_copy(
            **at, PartNumber=number, CopySource=f"{bucket}/whole", CopySourceRange=f"bytes={start}-{start + PART - 1}"
        )
        parts.append({"PartNumber": number, "ETag": copied["CopyPartResult"]["ETag"]})
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": parts})
    assert read(s3, bucket, "parts") == SIZE
    assert peak() < MOST
