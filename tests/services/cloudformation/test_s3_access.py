"""AWS::S3::Bucket and BucketPolicy: the properties that say who may do what, how objects are encrypted and locked."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

OPEN = {
    "BlockPublicAcls": False,
    "BlockPublicPolicy": False,
    "IgnorePublicAcls": False,
    "RestrictPublicBuckets": False,
}


@pytest.fixture
def s3(aws: Any) -> Any:
    return aws("s3")


@pytest.fixture
def nobody(aws: Any) -> Any:
    return aws("s3", config=Config(signature_version=UNSIGNED))


def template(account: str, others: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"bucket-{account}", **properties}}
    return {"Resources": {"Bucket": bucket, **(others or {})}}


def refused(method: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as error:
        method(**parameters)
    return str(error.value.response["Error"]["Code"])


def test_policy_lets_everybody_read(stacks: Any, s3: Any, nobody: Any, account: str) -> None:
    statement = {
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::bucket-{account}/*",
    }  # fmt: skip
    document = {"Version": "2012-10-17", "Statement": [statement]}
    policy = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": document}}
    stack = stacks.create(template(account, {"Policy": policy}, PublicAccessBlockConfiguration=OPEN))
    assert stack["StackStatus"] == "CREATE_COMPLETE", stacks.events()
    at = {"Bucket": f"bucket-{account}", "Key": "key"}
    s3.put_object(**at, Body=b"x")
    assert nobody.get_object(**at)["Body"].read() == b"x"
    stacks.update(template(account, PublicAccessBlockConfiguration=OPEN))
    assert refused(nobody.get_object, **at) == "AccessDenied"


def test_public_policy_in_a_bucket_that_blocks_it(stacks: Any, account: str) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::bucket-{account}/*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    policy = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": document}}
    stack = stacks.create(template(account, {"Policy": policy}))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"


def test_list_with_its_ownership(stacks: Any, s3: Any, nobody: Any, account: str) -> None:
    written = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    properties = {"OwnershipControls": written, "PublicAccessBlockConfiguration": OPEN}
    stack = stacks.create(template(account, AccessControl="PublicRead", **properties))
    assert stack["StackStatus"] == "CREATE_COMPLETE", stacks.events()
    assert nobody.list_objects_v2(Bucket=f"bucket-{account}")["KeyCount"] == 0
    stacks.update(template(account, **properties))
    assert refused(nobody.list_objects_v2, Bucket=f"bucket-{account}") == "AccessDenied"


@pytest.mark.parametrize(("acl", "status"), [("Private", "CREATE_COMPLETE"), ("PublicRead", "ROLLBACK_COMPLETE")])
def test_list_where_lists_are_off(stacks: Any, account: str, acl: str, status: str) -> None:
    assert stacks.create(template(account, AccessControl=acl))["StackStatus"] == status


def test_encryption(stacks: Any, s3: Any, account: str) -> None:
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Fn::GetAtt": ["Key", "Arn"]}}
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*", "Resource": "*"},
    ]}}}  # fmt: skip
    rules = [{"ServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]
    encryption = {"ServerSideEncryptionConfiguration": rules}
    stack = stacks.create(template(account, {"Key": key}, BucketEncryption=encryption))
    assert stack["StackStatus"] == "CREATE_COMPLETE", stacks.events()
    at = {"Bucket": f"bucket-{account}", "Key": "key"}
    put = s3.put_object(**at, Body=b"x")
    assert (put["ServerSideEncryption"], put["BucketKeyEnabled"]) == ("aws:kms", True)
    stacks.update(template(account, {"Key": key}))
    assert s3.put_object(**at, Body=b"x")["ServerSideEncryption"] == "AES256"


def test_object_lock(stacks: Any, s3: Any, account: str) -> None:
    def locked(**rule: Any) -> dict[str, Any]:
        retention = {"DefaultRetention": {"Mode": "GOVERNANCE", **rule}}
        configuration = {"ObjectLockEnabled": "Enabled", "Rule": retention}
        return template(account, ObjectLockEnabled=True, ObjectLockConfiguration=configuration)

    stack = stacks.create(locked(Days=1))
    assert stack["StackStatus"] == "CREATE_COMPLETE", stacks.events()
    at = {"Bucket": f"bucket-{account}", "Key": "key"}
    version = s3.put_object(**at, Body=b"x")["VersionId"]
    assert refused(s3.delete_object, **at, VersionId=version) == "AccessDenied"
    stacks.update(locked(Years=2))
    told = s3.get_object_lock_configuration(Bucket=at["Bucket"])["ObjectLockConfiguration"]
    assert told["Rule"] == {"DefaultRetention": {"Mode": "GOVERNANCE", "Years": 2}}
    stacks.update(template(account, ObjectLockEnabled=True))
    told = s3.get_object_lock_configuration(Bucket=at["Bucket"])["ObjectLockConfiguration"]
    assert told == {"ObjectLockEnabled": "Enabled"}
