"""Copies whose source changes while it is read."""

from __future__ import annotations

import asyncio

import pytest

from undercast.services.s3 import contents


@pytest.fixture
def while_it_is_read(monkeypatch):
    """Has something done once the bytes of a copy's source are known, before they are stored."""

    def arrange(action):
        keep = contents.keep

        async def late(*args, **options):
            await asyncio.to_thread(action)
            return await keep(*args, **options)

        monkeypatch.setattr(contents, "keep", late)

    return arrange


@pytest.mark.parametrize("size", [9, 300_000])
def test_the_copy_is_of_the_source_as_it_was_read(s3, bucket, while_it_is_read, size):
    s3.put_object(Bucket=bucket, Key="source", Body=b"1" * size, Metadata={"is": "old"}, Tagging="is=old")
    new = {"Body": b"2" * size, "Metadata": {"is": "new"}, "Tagging": "is=new"}
    while_it_is_read(lambda: s3.put_object(Bucket=bucket, Key="source", **new))
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/source", ChecksumAlgorithm="SHA256")
    copy = s3.get_object(Bucket=bucket, Key="copy")
    assert (copy["Body"].read(), copy["Metadata"]) == (b"1" * size, {"is": "old"})
    assert s3.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == [{"Key": "is", "Value": "old"}]
    assert s3.get_object(Bucket=bucket, Key="source")["Metadata"] == {"is": "new"}


def test_the_source_may_go_meanwhile(s3, bucket, while_it_is_read):
    s3.put_object(Bucket=bucket, Key="source", Body=b"1" * 300_000)
    while_it_is_read(lambda: s3.delete_object(Bucket=bucket, Key="source"))
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/source", ChecksumAlgorithm="SHA256")
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"1" * 300_000
