"""What AWS answered to copies."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.recorded import recorded
from tests.services.s3.answers import attempt, whole

BODY = '{"key": "value"}'
ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]


def attributes(s3, bucket, key, *wanted):
    return s3.get_object_attributes(Bucket=bucket, Key=key, ObjectAttributes=list(wanted))


def test_special_characters(s3, bucket):
    case = recorded("s3::TestS3::test_copy_object_special_character")
    keys = ["file%2Fname", "test@key/", "test key/", "test key//", "a/%F0%9F%98%80/", "test+key"]
    for key in keys:
        case.check(f"put-object-src-special-char-{key}", s3.put_object(Bucket=bucket, Key=key, Body=b"test"))
        answer = s3.copy_object(Bucket=bucket, Key=f"copy-{key}", CopySource={"Bucket": bucket, "Key": key})
        case.check(f"copy-object-special-char-{key}", answer)
        assert s3.get_object(Bucket=bucket, Key=f"copy-{key}")["Body"].read() == b"test"


def test_in_place(s3, bucket):
    case = recorded("s3::TestS3::test_s3_copy_object_in_place")
    at, source = {"Bucket": bucket, "Key": "source"}, {"Bucket": bucket, "Key": "source"}
    put = s3.put_object(**at, Body=BODY, ContentType="application/json", Metadata={"key": "value"})
    case.check("put_object", put)
    case.check("head_object", s3.head_object(**at))
    case.check("object-attrs", attributes(s3, bucket, "source", "StorageClass"))
    case.check("copy-object-in-place-no-change", attempt(s3.copy_object, **at, CopySource=source))
    refused = attempt(s3.copy_object, **at, CopySource=source, ACL="bucket-owner-full-control")
    case.check("copy-object-in-place-with-acl", refused)
    copied = s3.copy_object(**at, CopySource=source, StorageClass="STANDARD", ChecksumAlgorithm="SHA256")
    case.check("copy-object-in-place-with-storage-class", copied)
    case.check("object-attrs-after-copy", attributes(s3, bucket, "source", "StorageClass"))


def test_in_place_among_versions(s3, versioned):
    case = recorded("s3::TestS3::test_s3_copy_object_in_place_versioned")
    at = {"Bucket": versioned, "Key": "source"}
    put = s3.put_object(**at, Body=BODY, ContentType="application/json", Metadata={"key": "value"})
    case.check("put_object", put)
    case.check("head_object", s3.head_object(**at))
    case.check("object-attrs", attributes(s3, versioned, "source", "StorageClass"))
    case.check("copy-object-in-place-no-change", attempt(s3.copy_object, **at, CopySource=at))
    first = s3.copy_object(**at, CopySource=at, MetadataDirective="REPLACE")
    case.check("copy-in-place-versioned", first)
    case.check("head-object-copied", s3.head_object(**at))
    case.check("get-object-copied", whole(s3.get_object(**at)))
    s3.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Suspended"})
    copied = s3.copy_object(**at, CopySource=at, MetadataDirective="REPLACE")
    case.check("copy-in-place-versioned-suspended", copied)
    case.check("head-object-copied-suspended", s3.head_object(**at))
    case.check("get-object-copied-suspended", whole(s3.get_object(**at)))
    previous = s3.head_object(**at, VersionId=first["VersionId"])
    case.check("head-object-previous-version-suspended", previous)
    s3.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Enabled"})
    copied = s3.copy_object(**at, CopySource=at, MetadataDirective="REPLACE")
    case.check("copy-in-place-versioned-re-enabled", copied)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_checksum_of_choice(s3, bucket, algorithm):
    case = recorded(f"s3::TestS3::test_s3_copy_object_with_checksum[{algorithm}]")
    source = {"Bucket": bucket, "Key": "source"}
    case.check("put-object-no-checksum", s3.put_object(**source, Body=BODY))
    case.check("object-attrs", attributes(s3, bucket, "source", "Checksum"))
    copied = s3.copy_object(**source, CopySource=source, MetadataDirective="REPLACE", ChecksumAlgorithm=algorithm)
    case.check("copy-object-in-place-with-checksum", copied)
    case.check("object-attrs-after-copy", attributes(s3, bucket, "source", "Checksum"))
    copied = s3.copy_object(Bucket=bucket, Key="dest", CopySource=source)
    case.check("copy-object-to-dest-keep-checksum", copied)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_checksum_of_the_source(s3, bucket, algorithm):
    case = recorded(f"s3::TestS3::test_s3_copy_object_with_default_checksum[{algorithm}]")
    source = {"Bucket": bucket, "Key": "source"}
    put = s3.put_object(**source, Body=BODY, ChecksumAlgorithm=algorithm)
    case.check("put-object-no-checksum", put)
    case.check("object-attrs", attributes(s3, bucket, "source", "Checksum"))
    copied = s3.copy_object(**source, CopySource=source, MetadataDirective="REPLACE")
    case.check("copy-object-in-place-with-no-checksum", copied)
    case.check("object-attrs-after-copy", attributes(s3, bucket, "source", "Checksum"))
    copied = s3.copy_object(Bucket=bucket, Key="dest", CopySource=source)
    case.check("copy-object-to-dest-keep-checksum", copied)
    case.check("dest-object-attrs-after-copy", attributes(s3, bucket, "dest", "Checksum"))


@pytest.mark.parametrize("directive", ["COPY", "REPLACE", None])
def test_tagging_directive(s3, bucket, directive):
    case = recorded(f"s3::TestS3::test_s3_copy_tagging_directive[{directive}]")
    source = {"Bucket": bucket, "Key": "source"}
    options = {"TaggingDirective": directive} if directive else {}
    case.check("put-object", s3.put_object(**source, Body=b"test", Tagging="key1=value1"))
    case.check("get-object-tag", s3.get_object_tagging(**source))
    copied = s3.copy_object(Bucket=bucket, Key="dest", CopySource=source, Tagging="key2=value2", **options)
    case.check("copy-object", copied)
    case.check("get-copy-object-tag", s3.get_object_tagging(Bucket=bucket, Key="dest"))
    copied = s3.copy_object(Bucket=bucket, Key="dest", CopySource=source, **options)
    case.check("copy-object-tag-empty", copied)
    case.check("get-copy-object-tag-empty", s3.get_object_tagging(Bucket=bucket, Key="dest"))


def test_write_preconditions(s3, bucket):
    case = recorded("s3_api::TestS3ObjectWritePrecondition::test_copy_object_precondition_write_validation", "s3")
    s3.put_object(Bucket=bucket, Key="source", Body=b"test")
    at = {"Bucket": bucket, "Key": "dest", "CopySource": {"Bucket": bucket, "Key": "source"}}
    case.check("copy-obj-if-match-star", attempt(s3.copy_object, **at, IfMatch="*"))
    case.check("copy-obj-none-match-etag", attempt(s3.copy_object, **at, IfNoneMatch="etag"))
    case.check("copy-obj-both", attempt(s3.copy_object, **at, IfMatch="etag", IfNoneMatch="*"))


def test_source_modified_since(s3, versioned):
    case = recorded("s3_preconditions::TestS3CopySourcePreconditions::test_s3_copy_object_if_source_modified_since_versioned", "s3")  # fmt: skip
    source = {"Bucket": versioned, "Key": "source"}
    s3.put_object(**source, Body=b"data")
    head = s3.head_object(**source)
    case.check("head-object", head)
    at = {"Bucket": versioned, "Key": "dest", "CopySource": source}
    copied = s3.copy_object(**at, CopySourceIfModifiedSince=datetime(2020, 1, 1, tzinfo=UTC))
    case.check("copy-if-modified-since", copied)
    refused = attempt(s3.copy_object, **at, CopySourceIfModifiedSince=head["LastModified"])
    case.check("copy-if-modified-since-last-modified", refused)


def test_source_unmodified_since(s3, versioned):
    case = recorded("s3_preconditions::TestS3CopySourcePreconditions::test_s3_copy_object_if_source_unmodified_since_versioned", "s3")  # fmt: skip
    source = {"Bucket": versioned, "Key": "source"}
    s3.put_object(**source, Body=b"data")
    case.check("head-object", s3.head_object(**source))
    at = {"Bucket": versioned, "Key": "dest", "CopySource": source}
    later = datetime(2099, 1, 1, tzinfo=UTC)  # the platform's clock may be years ahead of ours
    case.check("copy-if-unmodified-since", s3.copy_object(**at, CopySourceIfUnmodifiedSince=later))
    refused = attempt(s3.copy_object, **at, CopySourceIfUnmodifiedSince=datetime(2020, 1, 1, tzinfo=UTC))
    case.check("copy-past-if-unmodified-since", refused)
