"""What is promised of the bodies of settings: Content-MD5 and checksums."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

CORS = {"CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}]}
WRONG_MD5 = b64encode(bytes(16)).decode()
TAGS = {"TagSet": [{"Key": "a", "Value": "b"}]}
EXPIRY = {"Rules": [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]}


@pytest.fixture
def send(aws: Any, bucket: str) -> Callable[..., tuple[str, str]]:
    """`send(headers, "put_bucket_cors", CORSConfiguration=…)`: code and message, or ("", "")."""

    def call(headers: dict[str, str], method: str, **parameters: Any) -> tuple[str, str]:
        s3 = aws("s3")

        def change(request: Any, **_: Any) -> None:
            for name in list(request.headers):
                if name.lower().startswith(("x-amz-checksum-", "x-amz-sdk-checksum-")):
                    del request.headers[name]
            for name, value in headers.items():
                request.headers[name] = value

        s3.meta.events.register("before-sign.s3", change)
        try:
            getattr(s3, method)(Bucket=bucket, **parameters)
        except ClientError as error:
            return error.response["Error"]["Code"], error.response["Error"]["Message"]
        return "", ""

    return call


@pytest.mark.parametrize(
    ("headers", "code", "message"),
    [
        ({"Content-MD5": WRONG_MD5}, "BadDigest", "The Content-MD5 you specified did not match what we received."),
        ({"Content-MD5": "no digest"}, "InvalidDigest", "The Content-MD5 you specified was invalid."),
        ({"x-amz-checksum-crc32": "AAAAAA=="}, "BadDigest", "The CRC32 you specified did not match the calculated checksum."),
        ({"x-amz-checksum-sha256": b64encode(bytes(32)).decode()}, "BadDigest", "The SHA256 you specified did not match the calculated checksum."),
        ({"x-amz-checksum-crc32": "AAAA"}, "InvalidRequest", "Value for x-amz-checksum-crc32 header is invalid."),
        ({"x-amz-sdk-checksum-algorithm": "CRC32"}, "InvalidRequest", "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found."),
    ],
)  # fmt: skip
def test_settings_are_refused_with_a_wrong_digest(
    s3: Any, bucket: str, account: str, send: Any, headers: dict[str, str], code: str, message: str
) -> None:
    allow = {
        "Effect": "Allow",
        "Principal": {"AWS": account},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    assert send(headers, "put_bucket_policy", Policy=policy) == (code, message)
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=bucket)
    assert send({}, "put_bucket_policy", Policy=policy) == ("", "")


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("put_bucket_cors", {"CORSConfiguration": CORS}),
        ("put_bucket_tagging", {"Tagging": TAGS}),
        ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Enabled"}}),
        ("put_bucket_lifecycle_configuration", {"LifecycleConfiguration": EXPIRY}),
        ("put_bucket_website", {"WebsiteConfiguration": {"IndexDocument": {"Suffix": "i"}}}),
        ("put_bucket_logging", {"BucketLoggingStatus": {}}),
        ("put_public_access_block", {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}),
        ("put_object_tagging", {"Key": "k", "Tagging": TAGS}),
        ("delete_objects", {"Delete": {"Objects": [{"Key": "k"}]}}),
    ],
)
def test_all_bodies_are_checked(s3: Any, bucket: str, send: Any, method: str, parameters: dict[str, Any]) -> None:
    s3.put_object(Bucket=bucket, Key="k")
    assert send({"Content-MD5": WRONG_MD5}, method, **parameters)[0] == "BadDigest"
    for algorithm in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"):
        getattr(s3, method)(Bucket=bucket, ChecksumAlgorithm=algorithm, **parameters)


def test_a_right_md5_is_taken(send: Any) -> None:
    policy = '{"Version":"2012-10-17","Statement":[]}'
    digest = b64encode(hashlib.md5(policy.encode()).digest()).decode()
    code, _ = send({"Content-MD5": digest}, "put_bucket_policy", Policy=policy)
    assert code != "BadDigest"
