"""Operations on buckets, as boto3 sees them."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.services.s3.answers import attempt


def code(answer):
    return answer["Error"]["Code"]


def test_name_is_taken_in_all_accounts(aws, bucket):
    other = aws("s3", account="123456789012")
    assert code(attempt(other.create_bucket, Bucket=bucket)) == "BucketAlreadyExists"
    assert bucket not in [entry["Name"] for entry in other.list_buckets()["Buckets"]]


def test_owner_may_create_again_at_home(s3, bucket):
    assert s3.create_bucket(Bucket=bucket)["Location"] == f"/{bucket}"


@pytest.mark.parametrize("fill", ["object", "marker"])
def test_only_an_empty_bucket_can_be_deleted(s3, versioned, fill):
    if fill == "object":
        s3.put_object(Bucket=versioned, Key="key", Body=b"x")
    else:
        s3.delete_object(Bucket=versioned, Key="key")
    assert code(attempt(s3.delete_bucket, Bucket=versioned)) == "BucketNotEmpty"
    for kind in ("Versions", "DeleteMarkers"):
        for version in s3.list_object_versions(Bucket=versioned).get(kind, []):
            s3.delete_object(Bucket=versioned, Key="key", VersionId=version["VersionId"])
    s3.delete_bucket(Bucket=versioned)
    with pytest.raises(ClientError) as refused:
        s3.head_bucket(Bucket=versioned)
    assert refused.value.response["Error"]["Code"] == "404"


def test_missing_bucket(s3):
    refused = attempt(s3.list_objects_v2, Bucket="missing-bucket")
    assert refused["Error"] == {
        "Code": "NoSuchBucket", "Message": "The specified bucket does not exist", "BucketName": "missing-bucket",
    }  # fmt: skip


def test_location(s3, bucket):
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    refused = attempt(
        s3.create_bucket, Bucket=f"{bucket}-x", CreateBucketConfiguration={"LocationConstraint": "us-east-1"}
    )
    assert code(refused) == "InvalidLocationConstraint"


def test_location_must_be_told_elsewhere(aws, account):
    s3 = aws("s3", region_name="eu-west-1")
    assert code(attempt(s3.create_bucket, Bucket=f"b-{account}")) == "IllegalLocationConstraintException"


def test_versioning(s3, bucket):
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def test_public_access_block(s3, bucket):
    assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
    wanted = {"BlockPublicAcls": True}
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=wanted)
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": False, "RestrictPublicBuckets": False,
    }  # fmt: skip
    s3.delete_public_access_block(Bucket=bucket)
    assert code(attempt(s3.get_public_access_block, Bucket=bucket)) == "NoSuchPublicAccessBlockConfiguration"


@pytest.mark.parametrize("text", ["[]", "{", "{}"])
def test_malformed_policy(s3, bucket, text):
    assert code(attempt(s3.put_bucket_policy, Bucket=bucket, Policy=text)) == "MalformedPolicy"


def test_lists_are_the_owners(s3, bucket):
    (grant,) = s3.get_bucket_acl(Bucket=bucket)["Grants"]
    assert grant["Permission"] == "FULL_CONTROL"
    for acl in ("private", "public-read"):
        assert code(attempt(s3.put_bucket_acl, Bucket=bucket, ACL=acl)) == "AccessControlListNotSupported"


@pytest.mark.parametrize(("default", "wanted"), [
    ({"SSEAlgorithm": "rot13"}, "MalformedXML"),
    ({"SSEAlgorithm": "AES256", "KMSMasterKeyID": "alias/mine"}, "InvalidArgument"),
])  # fmt: skip
def test_default_encryption_that_is_refused(s3, bucket, default, wanted):
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    refused = attempt(s3.put_bucket_encryption, Bucket=bucket, ServerSideEncryptionConfiguration=rules)
    assert code(refused) == wanted


def test_operations_that_are_not_here_say_so(s3, bucket):
    refused = attempt(s3.get_object_torrent, Bucket=bucket, Key="k")
    assert code(refused) == "NotImplemented"
