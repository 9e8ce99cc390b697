"""What AWS answered about objects."""

from __future__ import annotations

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.recorded import recorded
from tests.services.s3.answers import attempt, whole


def versions_of(answer):
    return [version["VersionId"] for version in answer["Versions"]]


def test_keys_that_end_in_a_slash(s3, bucket):
    case = recorded("s3::TestS3::test_put_get_object_single_character_trailing_slash")
    for key in ("a/", "t/", "u/"):
        case.check(f"put-object-single-char-{key}", s3.put_object(Bucket=bucket, Key=key, Body=b"test"))
        case.check(f"get-object-single-char-{key}", whole(s3.get_object(Bucket=bucket, Key=key)))
    case.check("list-objects-single-char", s3.list_objects_v2(Bucket=bucket))


@pytest.mark.parametrize("quoted", [True, False])
def test_keys_with_slashes(s3, bucket, quoted):
    for key, body in (("/foo", b"foobar"), ("bar", b"barfoo"), ("/bar/foo/", b"test")):
        s3.put_object(Bucket=bucket, Key=key, Body=body)
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == body
    case = recorded(f"s3::TestS3::test_object_with_slashes_in_key[{quoted}]")
    case.check("list-objects-slashes", s3.list_objects_v2(Bucket=bucket))


def test_several_keys(s3, bucket):
    for key in ("aws/key1.txt", "aws/key2.txt", "aws/key3.txt"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"test")
    recorded("s3::TestS3::test_putobject_with_multiple_keys").check(
        "get_object", whole(s3.get_object(Bucket=bucket, Key="aws/key1.txt"))
    )


def test_xml_preamble_is_content_like_any_other(s3, bucket):
    s3.put_object(Bucket=bucket, Key="key", Body='<?xml version="1.0" encoding="UTF-8"?><test/>')
    recorded("s3::TestS3::test_upload_file_with_xml_preamble").check(
        "get_object", whole(s3.get_object(Bucket=bucket, Key="key"))
    )


def test_range_of_a_missing_key(s3, bucket):
    refused = attempt(s3.get_object, Bucket=bucket, Key="my-key", Range="bytes=1024-4096")
    recorded("s3::TestS3::test_range_key_not_exists").check("exc", refused)


RANGES = ["0-8", "1-1", "1-0", "1-", "-1-", "-2", "-9", "-15", "0-100", "0-0", "0--1", "-", "-0", "100-200"]


@pytest.mark.parametrize("text", RANGES)
def test_ranges(s3, bucket, text):
    s3.put_object(Bucket=bucket, Key="key", Body=b"0123456789")
    case = recorded("s3_api::TestS3ObjectCRUD::test_get_object_range", "s3")
    case.check(f"get-{text}", attempt(s3.get_object, Bucket=bucket, Key="key", Range=f"bytes={text}"))


def test_odd_ranges(s3, bucket):
    s3.put_object(Bucket=bucket, Key="key", Body=b"0123456789")
    case = recorded("s3_api::TestS3ObjectCRUD::test_get_object_range", "s3")
    case.check("get-wrong-format", attempt(s3.get_object, Bucket=bucket, Key="key", Range="0-8"))
    case.check("get-multiple-ranges", attempt(s3.get_object, Bucket=bucket, Key="key", Range="bytes=0-1,3-4,7-9"))
    partial = attempt(s3.get_object, Bucket=bucket, Key="key", Range="bytes=0-8", ChecksumMode="ENABLED")
    case.check("get-0-8-checksum", partial)


def test_attributes(s3, bucket):
    s3.put_object(Bucket=bucket, Key="key", Body=b"foobar\n"[:7])
    case = recorded("s3::TestS3::test_get_object_attributes")
    wanted = ["StorageClass", "ETag", "ObjectSize", "ObjectParts", "Checksum"]
    answer = s3.get_object_attributes(Bucket=bucket, Key="key", ObjectAttributes=wanted)
    case.check("object-attrs", answer, ignore=("ETag", "ChecksumCRC32"))
    body = b"upload-part-1" * 5
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1, Body=body)
    s3.complete_multipart_upload(
        Bucket=bucket, Key="parts", UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )  # fmt: skip
    answer = s3.get_object_attributes(Bucket=bucket, Key="parts", ObjectAttributes=wanted[:-1])
    case.check("object-attrs-multiparts-1-part", answer)


def test_attributes_of_versions(s3, versioned):
    case = recorded("s3::TestS3::test_get_object_attributes_versioned")
    key = "key-attrs-versioned"
    first = s3.put_object(Bucket=versioned, Key=key, Body="something"[:7])
    case.check("put-obj-v1", first, ignore=("ETag", "ChecksumCRC32"))
    second = s3.put_object(Bucket=versioned, Key=key, Body="version 2")
    case.check("put-obj-v2", second, ignore=("ETag", "ChecksumCRC32"))
    wanted = ["StorageClass", "ETag", "ObjectSize", "ObjectParts", "Checksum"]
    answer = s3.get_object_attributes(Bucket=versioned, Key=key, ObjectAttributes=wanted)
    case.check("object-attrs", answer, ignore=("ETag", "ChecksumCRC32"))
    case.check("delete-key", s3.delete_object(Bucket=versioned, Key=key))
    case.check(
        "deleted-object-attrs",
        attempt(s3.get_object_attributes, Bucket=versioned, Key=key, ObjectAttributes=["ETag"]),
    )
    answer = s3.get_object_attributes(
        Bucket=versioned, Key=key, VersionId=first["VersionId"], ObjectAttributes=["ETag", "ObjectSize", "StorageClass"]
    )
    case.check("get-object-attrs-v1", answer, ignore=("ETag",))


def test_response_overrides(s3, bucket):
    s3.put_object(Bucket=bucket, Key="key", Body="something")
    answer = s3.get_object(
        Bucket=bucket, Key="key",
        ResponseCacheControl="max-age=74", ResponseContentDisposition='attachment; filename="foo.jpg"',
        ResponseContentEncoding="identity", ResponseContentLanguage="de-DE", ResponseContentType="image/jpeg",
        ResponseExpires="Wed, 21 Oct 2015 07:28:00 GMT",
    )  # fmt: skip
    recorded("s3::TestS3::test_s3_get_object_header_overrides").check("get-object", whole(answer))


def test_conditional_reads(s3, bucket):
    case = recorded("s3::TestS3::test_s3_get_object_headers")
    etag = s3.put_object(Bucket=bucket, Key="key", Body=b"something")["ETag"]

    def get(**conditions):
        answer = attempt(s3.get_object, Bucket=bucket, Key="key", **conditions)
        return answer["Error"] if "Error" in answer else answer["ResponseMetadata"]["HTTPStatusCode"]

    case.check("if_match_1", get(IfMatch=etag))
    case.check("if_match_2", get(IfMatch=etag.strip('"')))
    case.check("if_none_match_1", get(IfNoneMatch="etag"))
    case.check("if_match_err_1", get(IfMatch="etag"))
    case.check("if_none_match_err_1", get(IfNoneMatch=etag))
    case.check("if_none_match_err_2", get(IfNoneMatch=etag.strip('"')))


BAD_MD5 = ["__invalid__", "000", "not base64 encoded checksum", "MTIz", "dGVzdC1zdHJpbmc="]


def test_content_md5(s3, bucket):
    case = recorded("s3::TestS3::test_s3_invalid_content_md5")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="multi-key")["UploadId"]
    part = {"Bucket": bucket, "Key": "multi-key", "UploadId": upload, "PartNumber": 1, "Body": "something"}
    for index, digest in enumerate(BAD_MD5):
        refused = attempt(s3.put_object, Bucket=bucket, Key="key", Body="something", ContentMD5=digest)
        case.check(f"md5-error-{index}", refused)
        case.check(f"upload-part-md5-error-{index}", attempt(s3.upload_part, ContentMD5=digest, **part))
    wrong, right = "CYketZBSTjX8czcs3cXVlg==", "Q3uTDbhLgHnC3YBKcZNrXw=="
    refused = attempt(s3.put_object, Bucket=bucket, Key="key", Body="something", ContentMD5=wrong)
    case.check("md5-error-bad-digest", refused)
    case.check("upload-part-md5-bad-digest", attempt(s3.upload_part, ContentMD5=wrong, **part))
    answer = s3.put_object(Bucket=bucket, Key="key", Body="something", ContentMD5=right)
    case.check("success-put-object-md5", answer)
    case.check("success-upload-part-md5", s3.upload_part(ContentMD5=right, **part))


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", None])
def test_checksums(s3, bucket, algorithm):
    case = recorded(f"s3::TestS3PutObjectChecksum::test_s3_get_object_checksum[{algorithm}]")
    options = {"ChecksumAlgorithm": algorithm} if algorithm else {}
    case.check("put-object", s3.put_object(Bucket=bucket, Key="key", Body=b"test-checksum", **options))
    case.check("get-object", whole(s3.get_object(Bucket=bucket, Key="key")))
    answer = s3.get_object(Bucket=bucket, Key="key", ChecksumMode="ENABLED")
    case.check("get-object-with-checksum", whole(answer))
    head = s3.head_object(Bucket=bucket, Key="key", ChecksumMode="ENABLED")
    case.check("head-object-with-checksum", head, ignore=("Body",))
    answer = s3.get_object_attributes(Bucket=bucket, Key="key", ObjectAttributes=["Checksum"])
    case.check("get-object-attrs", answer)


def test_checksum_that_s3_computes_by_itself(aws, bucket):
    s3 = aws("s3", config=Config(request_checksum_calculation="when_required"))
    case = recorded("s3::TestS3PutObjectChecksum::test_s3_checksum_no_automatic_sdk_calculation")
    s3.put_object(Bucket=bucket, Key="key", Body=b"test data..")
    head = s3.head_object(Bucket=bucket, Key="key", ChecksumMode="ENABLED")
    case.check("head-obj-no-checksum", head)
    answer = s3.get_object_attributes(Bucket=bucket, Key="key", ObjectAttributes=["Checksum"])
    case.check("get-obj-attrs-no-checksum", answer)
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/key")
    case.check("copy-obj-default-checksum", copied)
    answer = s3.get_object_attributes(Bucket=bucket, Key="copy", ObjectAttributes=["Checksum"])
    case.check("get-copy-obj-attrs-no-checksum", answer)
    sha = "2l26x0trnT0r2AvakoFk2MB7eKVKzYESLMxSAKAzoik="
    s3.put_object(Bucket=bucket, Key="sha", Body=b"test data..", ChecksumSHA256=sha)
    case.check("head-obj-right-checksum", s3.head_object(Bucket=bucket, Key="sha", ChecksumMode="ENABLED"))


def test_if_match(s3, bucket):
    case, key = recorded("s3_api::TestS3ObjectWritePrecondition::test_put_object_if_match", "s3"), "test-precondition"
    put = s3.put_object(Bucket=bucket, Key=key, Body=b"test")
    case.check("put-obj", put)
    refused = attempt(s3.put_object, Bucket=bucket, Key=key, IfMatch="d41d8cd98f00b204e9800998ecf8427e")
    case.check("put-obj-if-match-wrong-etag", refused)
    case.check("put-obj-overwrite", s3.put_object(Bucket=bucket, Key=key, IfMatch=put["ETag"]))
    case.check("del-obj", s3.delete_object(Bucket=bucket, Key=key))
    refused = attempt(s3.put_object, Bucket=bucket, Key=key, IfMatch=put["ETag"])
    case.check("put-obj-if-match-key-not-exists", refused)
    case.check("put-obj-after-del", s3.put_object(Bucket=bucket, Key=key))


def test_if_match_among_versions(s3, versioned):
    case = recorded("s3_api::TestS3ObjectWritePrecondition::test_put_object_if_match_versioned_bucket", "s3")
    key = "test-precondition"
    put = s3.put_object(Bucket=versioned, Key=key, Body=b"test")
    case.check("put-obj", put)
    refused = attempt(s3.put_object, Bucket=versioned, Key=key, Body=b"x", IfMatch="d41d8cd98f00b204e9800998ecf8427e")
    case.check("put-obj-if-none-match-bad-value", refused)
    case.check("del-obj", s3.delete_object(Bucket=versioned, Key=key))
    refused = attempt(s3.put_object, Bucket=versioned, Key=key, Body=b"x", IfMatch=put["ETag"])
    case.check("put-obj-after-del-exc", refused)
    again = s3.put_object(Bucket=versioned, Key=key, Body="test-after-del")
    case.check("put-obj-after-del", again, ignore=("ETag", "ChecksumCRC32"))
    answer = s3.put_object(Bucket=versioned, Key=key, Body="test-if-match", IfMatch=again["ETag"])
    case.check("put-obj-if-match", answer, ignore=("ETag", "ChecksumCRC32"))
    listed = s3.list_object_versions(Bucket=versioned)
    case.check("list-object-versions", listed, ignore=("ETag",))


def test_if_none_match_among_versions(s3, versioned):
    case = recorded("s3_api::TestS3ObjectWritePrecondition::test_put_object_if_none_match_versioned_bucket", "s3")
    key = "test-precondition"
    case.check("put-obj", s3.put_object(Bucket=versioned, Key=key, IfNoneMatch="*"))
    case.check("put-obj-if-none-match", attempt(s3.put_object, Bucket=versioned, Key=key, IfNoneMatch="*"))
    case.check("del-obj", s3.delete_object(Bucket=versioned, Key=key))
    case.check("put-obj-after-del", s3.put_object(Bucket=versioned, Key=key, IfNoneMatch="*"))
    case.check("list-object-versions", s3.list_object_versions(Bucket=versioned))


def test_conditional_deletes(s3, bucket):
    s3.put_object(Bucket=bucket, Key="key", Body=b"test")
    group = "s3_api::TestS3DeletePrecondition::test_delete_object_if_match"
    refused = attempt(s3.delete_object, Bucket=bucket, Key="key", IfMatch="badvalue")
    recorded(f"{group}_non_express", "s3").check("delete-obj-if-match", refused)
    refused = attempt(s3.delete_object, Bucket=bucket, Key="key", IfMatchLastModifiedTime=0)
    recorded(f"{group}_modified_non_express", "s3").check("delete-obj-if-match-last-modified", refused)
    refused = attempt(s3.delete_object, Bucket=bucket, Key="key", IfMatch="x", IfMatchSize=1, IfMatchLastModifiedTime=0)
    recorded(f"{group}_all_non_express", "s3").check("delete-obj-if-match-all", refused)
    assert s3.head_object(Bucket=bucket, Key="key")


def test_delete_keys_that_are_not_there(s3, bucket):
    s3.put_object(Bucket=bucket, Key="test-key-nonexistent", Body=b"something")
    wanted = [{"Key": key} for key in ("test-key-nonexistent", "dummy1", "dummy2")]
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": wanted})
    answer["Deleted"].sort(key=lambda entry: entry["Key"])
    recorded("s3::TestS3::test_delete_non_existing_keys").check("deleted-resp", answer)


def test_batch_delete(s3, bucket):
    case = recorded("s3::TestS3::test_s3_batch_delete_objects")
    keys = [f"key-{number}" for number in range(5)]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})
    case.check("batch-delete", answer)
    case.check("list-remaining-objects", s3.list_objects(Bucket=bucket))


def test_versions_and_delete_markers(s3, versioned):
    case, key = recorded("s3_api::TestS3ObjectCRUD::test_delete_object_versioned", "s3"), "test-delete"
    at = {"Bucket": versioned, "Key": key}
    put = s3.put_object(**at, Body=b"test-delete")
    case.check("put-object", put)
    marker = s3.delete_object(**at)
    case.check("delete-object", marker)
    case.check("get-deleted-object", attempt(s3.get_object, **at))
    case.check("get-delete-marker", attempt(s3.get_object, **at, VersionId=marker["VersionId"]))
    case.check("delete-object-2", s3.delete_object(**at))
    got = s3.get_object(**at, VersionId=put["VersionId"])
    case.check("get-object-with-version", whole(got))
    case.check("list-object-versions", s3.list_object_versions(Bucket=versioned, Prefix=key))
    case.check("delete-object-version", s3.delete_object(**at, VersionId=put["VersionId"]))
    refused = attempt(s3.get_object, **at, VersionId=put["VersionId"])
    case.check("get-deleted-object-with-version", refused)
    case.check("delete-with-bad-version", attempt(s3.delete_object, **at, VersionId=put["VersionId"][:-4]))
    case.check("delete-delete-marker", s3.delete_object(**at, VersionId=marker["VersionId"]))
    case.check("delete-wrong-key", s3.delete_object(Bucket=versioned, Key="wrong-key"))


def test_delete_many_versions(s3, versioned):
    case, key = recorded("s3::TestS3::test_delete_keys_in_versioned_bucket"), "test-key-versioned"
    s3.put_object(Bucket=versioned, Key=key, Body="something")
    s3.put_object(Bucket=versioned, Key=key, Body="something-v2")
    case.check("list-objects-v2", s3.list_objects_v2(Bucket=versioned))
    answer = s3.delete_objects(Bucket=versioned, Delete={"Objects": [{"Key": key}]})
    case.check("delete-object", answer)
    listed = s3.list_object_versions(Bucket=versioned)
    case.check("list-object-version", listed)
    wanted = [{"Key": key, "VersionId": version} for version in reversed(versions_of(listed))]
    case.check("delete-object-version", s3.delete_objects(Bucket=versioned, Delete={"Objects": wanted}))
    listed = s3.list_object_versions(Bucket=versioned)
    case.check("list-object-version-after-delete", listed)
    case.check("list-objects-v2-after-delete", s3.list_objects_v2(Bucket=versioned))
    wanted = [{"Key": key, "VersionId": listed["DeleteMarkers"][0]["VersionId"]}]
    case.check("delete-object-delete-marker", s3.delete_objects(Bucket=versioned, Delete={"Objects": wanted}))


def test_versioning_on_and_off(s3, bucket):
    case = recorded("s3::TestS3::test_s3_put_object_versioned")
    old, key, post = "non-version-bucket-key", "version-key", "non-version-bucket-key-post"
    case.check("put-pre-versioned", s3.put_object(Bucket=bucket, Key=old, Body="non-versioned-key"))
    case.check("get-pre-versioned", whole(s3.get_object(Bucket=bucket, Key=old)))
    case.check("list-object-pre-versioned", s3.list_object_versions(Bucket=bucket))
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    case.check("get-post-versioned", whole(s3.get_object(Bucket=bucket, Key=old)))
    ignore = ("ETag", "ChecksumCRC32")
    case.check("put-obj-versioned-1", s3.put_object(Bucket=bucket, Key=key, Body="versioned-key"), ignore=ignore)
    answer = s3.put_object(Bucket=bucket, Key=key, Body="versioned-key-updated")
    case.check("put-obj-versioned-2", answer)
    case.check("get-obj-versioned", whole(s3.get_object(Bucket=bucket, Key=key)))
    case.check("list-object-versioned", s3.list_object_versions(Bucket=bucket), ignore=("ETag", "Key", "Size"))
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    case.check("get-obj-versioned-disabled", whole(s3.get_object(Bucket=bucket, Key=key)))
    case.check("get-obj-non-versioned-disabled", whole(s3.get_object(Bucket=bucket, Key=old)))
    case.check("list-bucket-suspended", s3.list_object_versions(Bucket=bucket), ignore=("ETag", "Key", "Size"))
    answer = s3.put_object(Bucket=bucket, Key=post, Body="non-versioned-key-post")
    case.check("put-non-versioned-post-disable", answer)
    case.check("get-non-versioned-post-disable", whole(s3.get_object(Bucket=bucket, Key=post)))


@pytest.mark.parametrize(("name", "when"), [("past", "2020-01-01T00:00:00Z"), ("future", "2100-01-01T00:00:00Z")])
def test_expires(s3, bucket, name, when):
    case = recorded("s3::TestS3::test_s3_object_expires")
    answer = s3.put_object(Bucket=bucket, Key=name, Body="foo", Expires=when)
    case.check(f"put-object-expires-{name}", answer)
    case.check(f"get-object-expires-{name}", whole(s3.get_object(Bucket=bucket, Key=name)))
    case.check(f"head-object-expires-{name}", s3.head_object(Bucket=bucket, Key=name))


def test_refused_put_leaves_the_connection_usable(s3, bucket):
    s3.put_object(Bucket=bucket, Key="key", Body=b"0123456789")
    attempt(s3.get_object, Bucket=bucket, Key="key", Range="bytes=100-200")
    with pytest.raises(ClientError):
        s3.put_object(Bucket=f"{bucket}-missing", Key="key", Body=b"x" * 1_000_000)
    recorded("s3_api::TestS3ObjectCRUD::test_get_object_range", "s3").check(
        "put-after-failed", s3.put_object(Bucket=bucket, Key="key", Body=b"x"), ignore=("ETag", "ChecksumCRC32")
    )
