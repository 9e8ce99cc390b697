"""The pure rules of S3: names, version ids, ranges, checksums."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.services.s3 import checksums, conditions, errors
from undercast.services.s3.model import check_bucket_name, read_version_id, version_id


@given(st.integers(-(2**63), 2**63 - 1))
def test_version_id_is_opaque_and_comes_back(rank):
    text = version_id(rank)
    assert len(text) == 32
    assert read_version_id(text) == rank


@given(st.text(max_size=40))
def test_other_texts_are_no_version_ids(text):
    with pytest.raises(errors.InvalidArgument):
        read_version_id(f"{text}x")


@pytest.mark.parametrize(
    "name", ["abc", "my.bucket", "a-b", "0" * 63, "aws-sam-cli-managed-default-samclisourcebucket-x"]
)
def test_good_bucket_names(name):
    check_bucket_name(name)


@pytest.mark.parametrize(
    "name", ["ab", "A-b", "a_b", "a..b", "-abc", "abc-", "192.168.0.1", "0" * 64, "xn--abc", "abc-s3alias"]
)
def test_bad_bucket_names(name):
    with pytest.raises(errors.InvalidBucketName):
        check_bucket_name(name)


@given(st.text("0123456789-=,bytes", max_size=12), st.integers(0, 20))
def test_a_range_lies_within_the_object(text, size):
    try:
        found = conditions.byte_range(f"bytes={text}", size)
    except errors.InvalidRange:
        return
    if found:
        start, length = found
        assert start >= 0 and length > 0 and start + length <= size


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=5), st.sampled_from(["CRC32", "CRC32C", "CRC64NVME"]))
def test_combined_checksum_is_that_of_the_whole(parts, algorithm):
    combined = checksums.combine(algorithm, [(checksums.of(algorithm, part), len(part)) for part in parts])
    assert combined == checksums.of(algorithm, b"".join(parts))


@given(st.lists(st.binary(max_size=50), max_size=5), st.sampled_from(checksums.ALGORITHMS))
def test_running_checksum_is_that_of_the_whole(parts, algorithm):
    running = checksums.start(algorithm)
    for part in parts:
        running.update(part)
    assert checksums.text(running.digest()) == checksums.of(algorithm, b"".join(parts))


def test_crc32_is_the_well_known_one():
    assert checksums.of("CRC32", b"hello") == checksums.text(zlib.crc32(b"hello").to_bytes(4, "big"))
