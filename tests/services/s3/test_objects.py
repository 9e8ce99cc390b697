"""Operations on objects, as boto3 sees them."""

from __future__ import annotations

import http.client
import zlib
from base64 import b64encode

import pytest
from botocore import handlers
from botocore.config import Config
from botocore.exceptions import ClientError

from undercast.kit.call import Call
from undercast.kit.credentials import root_identity

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


def raw(undercast, account, method, path, body=b"", **headers):
    """Status and text of a request that no SDK would send."""
    host = undercast.url.removeprefix("http://")
    scope = f"{account}/20260101/us-east-1/s3/aws4_request"
    connection = http.client.HTTPConnection(host)
    connection.putrequest(method, path)
    connection.putheader("Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0")
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders(body)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def chunked(*chunks, trailer):
    """A body in aws-chunked encoding, unsigned."""
    framed = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return framed + b"0\r\n" + trailer + b"\r\n\r\n"


@pytest.mark.parametrize("size", [5, 100_000])
@pytest.mark.parametrize("good", [True, False])
def test_trailing_checksum(s3, bucket, undercast, account, size, good):
    body = b"x" * size
    digest = b64encode(zlib.crc32(body if good else b"other").to_bytes(4, "big"))
    framed = chunked(body[:3], body[3:], trailer=b"x-amz-checksum-crc32:" + digest)
    status, text = raw(
        undercast, account, "PUT", f"/{bucket}/key", framed, Content_Length=str(len(framed)),
        Content_Encoding="aws-chunked", X_Amz_Trailer="x-amz-checksum-crc32",
        X_Amz_Content_SHA256="STREAMING-UNSIGNED-PAYLOAD-TRAILER", X_Amz_Decoded_Content_Length=str(size),
    )  # fmt: skip
    if good:
        assert status == 200
        got = s3.get_object(Bucket=bucket, Key="key", ChecksumMode="ENABLED")
        assert got["Body"].read() == body
        assert got["ChecksumCRC32"] == digest.decode() and "ContentEncoding" not in got
    else:
        assert (status, "BadDigest" in text) == (400, True)
        assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_length_must_be_told(bucket, undercast, account):
    assert raw(undercast, account, "PUT", f"/{bucket}/key")[0] == 411


def test_content_hash_must_be_true(bucket, undercast, account):
    status, text = raw(
        undercast, account, "PUT", f"/{bucket}/key", b"x", Content_Length="1", X_Amz_Content_SHA256="0" * 64
    )
    assert (status, "XAmzContentSHA256Mismatch" in text) == (400, True)


def test_key_that_is_too_long(s3, bucket):
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="k" * 1025, Body=b"")
    assert code(refused) == "KeyTooLongError"


@pytest.mark.parametrize(("options", "wanted"), [
    ({"ServerSideEncryption": "rot13"}, "InvalidEncryptionAlgorithmError"),
    ({"SSEKMSKeyId": "alias/mine"}, "InvalidArgument"),
    ({"ServerSideEncryption": "AES256", "SSEKMSKeyId": "alias/mine"}, "InvalidArgument"),
    ({"ServerSideEncryption": "aws:kms", "SSEKMSEncryptionContext": "{}"}, "InvalidArgument"),
    ({"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/mine"}, "KMS.NotFoundException"),
    ({"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}, "InvalidArgument"),
    ({"ACL": "public-read"}, "AccessControlListNotSupported"),
    ({"ObjectLockLegalHoldStatus": "ON"}, "InvalidRequest"),
    ({"StorageClass": "WARM"}, "InvalidStorageClass"),
    ({"Tagging": "a=1&a=2"}, "InvalidArgument"),
    ({"Tagging": "&".join(f"k{n}=v" for n in range(11))}, "BadRequest"),
    ({"Metadata": {"big": "x" * 2048}}, "MetadataTooLarge"),
    ({"ExpectedBucketOwner": "111122223333"}, "AccessDenied"),
])  # fmt: skip
def test_what_cannot_act_is_refused(aws, bucket, options, wanted):
    s3 = aws("s3", config=Config(inject_host_prefix=False), use_ssl=False)
    s3.meta.events.unregister("before-parameter-build.s3.PutObject", handlers.sse_md5)
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="key", Body=b"x", **options)
    assert code(refused) == wanted
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_storage_class_and_headers_are_kept(s3, bucket):
    s3.put_object(
        Bucket=bucket, Key="key", Body=b"x", StorageClass="STANDARD_IA", CacheControl="no-cache",
        ContentType="text/plain", ContentLanguage="de", WebsiteRedirectLocation="/other",
    )  # fmt: skip
    head = s3.head_object(Bucket=bucket, Key="key")
    assert head["StorageClass"] == "STANDARD_IA" and head["CacheControl"] == "no-cache"
    assert (head["ContentType"], head["ContentLanguage"], head["WebsiteRedirectLocation"]) == (
        "text/plain",
        "de",
        "/other",
    )


def test_range_across_parts(s3, bucket):
    pieces = [b"a" * 5 * MB, b"b" * 5 * MB, b"cc"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="key", Metadata={"a": "1"})["UploadId"]
    at = {"Bucket": bucket, "Key": "key", "UploadId": upload}
    parts = [
        {"PartNumber": number, "ETag": s3.upload_part(**at, PartNumber=number, Body=piece)["ETag"]}
        for number, piece in enumerate(pieces, 1)
    ]
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": parts})
    whole = b"".join(pieces)
    for first, last in ((0, 0), (5 * MB - 2, 5 * MB + 1), (5 * MB - 1, len(whole) - 1), (10 * MB, 10 * MB + 1)):
        got = s3.get_object(Bucket=bucket, Key="key", Range=f"bytes={first}-{last}")
        assert got["Body"].read() == whole[first : last + 1]
        assert got["ContentRange"] == f"bytes {first}-{last}/{len(whole)}"
    assert s3.get_object(Bucket=bucket, Key="key")["Metadata"] == {"a": "1"}


def test_covered_version_returns_when_the_marker_goes(s3, versioned):
    at = {"Bucket": versioned, "Key": "key"}
    first = s3.put_object(**at, Body=b"one")["VersionId"]
    s3.put_object(**at, Body=b"two")
    marker = s3.delete_object(**at)["VersionId"]
    s3.delete_object(**at, VersionId=marker)
    got = s3.get_object(**at)
    assert got["Body"].read() == b"two"
    s3.delete_object(**at, VersionId=got["VersionId"])
    got = s3.get_object(**at)
    assert (got["Body"].read(), got["VersionId"]) == (b"one", first)


def test_suspended_bucket_has_one_null_version(s3, versioned):
    at = {"Bucket": versioned, "Key": "key"}
    kept = s3.put_object(**at, Body=b"kept")["VersionId"]
    s3.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Suspended"})
    for body in (b"one", b"two"):
        s3.put_object(**at, Body=body)
    assert s3.delete_object(**at)["VersionId"] == "null"
    listed = s3.list_object_versions(Bucket=versioned)
    assert [version["VersionId"] for version in listed["Versions"]] == [kept]
    assert [marker["VersionId"] for marker in listed["DeleteMarkers"]] == ["null"]


def test_versions_by_page(s3, versioned):
    for key in ("a", "b"):
        for body in (b"1", b"2", b"3"):
            s3.put_object(Bucket=versioned, Key=key, Body=body)
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=versioned, PaginationConfig={"PageSize": 2})
    versions = [version for page in pages for version in page["Versions"]]
    assert [version["Key"] for version in versions] == list("aaabbb")
    assert [version["IsLatest"] for version in versions] == [True, False, False] * 2
    assert len({version["VersionId"] for version in versions}) == 6


def files(undercast):
    return {path for path in undercast.platform.blobs.path("00").parent.parent.rglob("*") if path.is_file()}


def test_file_goes_with_the_last_object_that_shares_it(s3, bucket, undercast, clock):
    before = files(undercast)
    s3.put_object(Bucket=bucket, Key="one", Body=b"x" * 100_000)
    s3.copy_object(Bucket=bucket, Key="two", CopySource=f"{bucket}/one")
    (file,) = files(undercast) - before
    for key in ("one", "two"):
        assert file.exists()
        s3.delete_object(Bucket=bucket, Key=key)
        clock.advance(minutes=2)
        undercast.run(undercast.platform.jobs.idle())
    assert not file.exists()


def test_refused_and_aborted_uploads_leave_no_files(s3, bucket, undercast, clock):
    before = files(undercast)
    with pytest.raises(ClientError):
        s3.put_object(Bucket=bucket, Key="one", Body=b"x" * 100_000, IfMatch="nothing")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="key")["UploadId"]
    at = {"Bucket": bucket, "Key": "key", "UploadId": upload}
    for _ in range(2):  # the second replaces the first
        s3.upload_part(**at, PartNumber=1, Body=b"y" * 100_000)
    s3.abort_multipart_upload(**at)
    for _ in range(2):
        clock.advance(minutes=2)
        undercast.run(undercast.platform.jobs.idle())
    assert files(undercast) == before


@pytest.mark.parametrize("size", [10, 100_000, 3 * MB])
def test_other_services_use_it_in_process(s3, bucket, undercast, account, size):
    call = Call(
        undercast.platform, account=account, region="us-east-1", identity=root_identity(account), request_id="test",
        service="lambda",
    )  # fmt: skip

    async def read(body):
        return body if isinstance(body, bytes) else b"".join([chunk async for chunk in body])

    async def use():
        await call.aws.s3.put_object(Bucket=bucket, Key="key", Body=b"x" * size)
        alone = await call.aws.s3.get_object(Bucket=bucket, Key="key")
        within = await call.transact(lambda call: call.aws.s3.get_object(Bucket=bucket, Key="key"))
        return await read(alone["Body"]), await read(within["Body"])

    assert undercast.run(use()) == (b"x" * size, b"x" * size)
    assert s3.head_object(Bucket=bucket, Key="key")["ContentLength"] == size
