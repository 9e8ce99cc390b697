"""Who may do what: policies, lists, ownership and the block of public access at work."""

from __future__ import annotations

import json

import pytest
from botocore import UNSIGNED
from botocore.config import Config

from tests.services.s3.answers import attempt

OTHER = "999988887777"
EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"
ANYONE_SIGNED = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"


def code(answer):
    return answer["Error"]["Code"] if "Error" in answer else "OK"


@pytest.fixture
def nobody(aws):
    """A client that signs nothing."""
    return aws("s3", config=Config(signature_version=UNSIGNED))


@pytest.fixture
def other(aws):
    """A client of another account."""
    return aws("s3", account=OTHER)


@pytest.fixture
def listed(s3, make_bucket):
    """A bucket in which lists act, public ones too."""
    bucket = make_bucket(ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket=bucket)
    return bucket


@pytest.fixture
def let(s3):
    """Sets a policy of one or several statements; `*` in a resource stands after the bucket's ARN."""

    def put(bucket, *statements):
        s3.delete_public_access_block(Bucket=bucket)
        whole = [
            {"Effect": "Allow", "Principal": "*", "Resource": f"arn:aws:s3:::{bucket}/*", **statement}
            for statement in statements
        ]
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": whole}))

    return put


def canonical(client):
    return client.list_buckets()["Owner"]["ID"]


# --- nobody's and others' access is refused, unless a bucket lets them ---


@pytest.mark.parametrize("who", ["nobody", "other"])
def test_private_bucket(request, s3, bucket, who):
    client = request.getfixturevalue(who)
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    at = {"Bucket": bucket, "Key": "key"}
    for method in (client.get_object, client.delete_object, client.put_object, client.get_object_acl):
        assert code(attempt(method, **at)) == "AccessDenied"
    assert code(attempt(client.get_object, Bucket=bucket, Key="missing")) == "AccessDenied"
    for method in (client.list_objects_v2, client.get_bucket_policy, client.delete_bucket, client.get_bucket_acl):
        assert code(attempt(method, Bucket=bucket)) == "AccessDenied"
    assert code(attempt(client.copy_object, Bucket=bucket, Key="copy", CopySource=f"{bucket}/key")) == "AccessDenied"
    assert code(attempt(client.head_object, **at)) == "403"
    assert code(attempt(client.get_object, Bucket=f"{bucket}-none", Key="key")) == "NoSuchBucket"


def test_nobody_has_no_buckets(nobody, account):
    assert code(attempt(nobody.list_buckets)) == "AccessDenied"
    assert code(attempt(nobody.create_bucket, Bucket=f"bucket-{account}-nobody")) == "AccessDenied"


def test_policy_lets_read(s3, nobody, bucket, let):
    s3.put_object(Bucket=bucket, Key="public/key", Body=b"x")
    s3.put_object(Bucket=bucket, Key="private/key", Body=b"x")
    let(bucket, {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/public/*"})
    assert nobody.get_object(Bucket=bucket, Key="public/key")["Body"].read() == b"x"
    assert nobody.head_object(Bucket=bucket, Key="public/key")["ContentLength"] == 1
    assert code(attempt(nobody.get_object, Bucket=bucket, Key="private/key")) == "AccessDenied"
    assert code(attempt(nobody.put_object, Bucket=bucket, Key="public/key")) == "AccessDenied"


def test_missing_key_is_told_to_who_may_list(nobody, bucket, let):
    let(bucket, {"Action": "s3:GetObject"})
    assert code(attempt(nobody.get_object, Bucket=bucket, Key="missing")) == "AccessDenied"
    let(bucket, {"Action": "s3:GetObject"}, {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"})
    assert code(attempt(nobody.get_object, Bucket=bucket, Key="missing")) == "NoSuchKey"


def test_versions_are_another_action(s3, nobody, versioned, let):
    version = s3.put_object(Bucket=versioned, Key="key", Body=b"x")["VersionId"]
    at = {"Bucket": versioned, "Key": "key", "VersionId": version}
    let(versioned, {"Action": "s3:GetObject"})
    assert code(attempt(nobody.get_object, **at)) == "AccessDenied"
    let(versioned, {"Action": "s3:GetObjectVersion"})
    assert code(attempt(nobody.get_object, **at)) == "OK"


def test_deny_wins(s3, listed, nobody, let):
    s3.put_object(Bucket=listed, Key="key", Body=b"x", ACL="public-read")
    assert code(attempt(nobody.get_object, Bucket=listed, Key="key")) == "OK"
    let(listed, {"Action": "s3:GetObject"}, {"Effect": "Deny", "Action": "s3:Get*"})
    assert code(attempt(nobody.get_object, Bucket=listed, Key="key")) == "AccessDenied"
    assert code(attempt(s3.get_object, Bucket=listed, Key="key")) == "OK"  # of the bucket's account, until enforced


@pytest.mark.parametrize("principal", [OTHER, f"arn:aws:iam::{OTHER}:root"])
def test_policy_for_an_account(s3, bucket, other, nobody, let, principal):
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    let(bucket, {"Action": "s3:GetObject", "Principal": {"AWS": principal}})
    assert code(attempt(other.get_object, Bucket=bucket, Key="key")) == "OK"
    assert code(attempt(nobody.get_object, Bucket=bucket, Key="key")) == "AccessDenied"


def test_policy_for_a_user_and_a_role(aws, s3, bucket, let):
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    iam, trust = aws("iam", account=OTHER), {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sts:AssumeRole"}
    user = iam.create_user(UserName=f"u-{bucket}")["User"]["Arn"]
    key = iam.create_access_key(UserName=f"u-{bucket}")["AccessKey"]
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    role = iam.create_role(RoleName=f"r-{bucket}", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    keys = aws("sts", account=OTHER).assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    as_user = aws("s3", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    as_role = aws(
        "s3", aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )  # fmt: skip
    for principal, allowed in ((user, as_user), (role, as_role)):
        let(bucket, {"Action": "s3:GetObject", "Principal": {"AWS": principal}})
        for client in (as_user, as_role):
            wanted = "OK" if client is allowed else "AccessDenied"
            assert code(attempt(client.get_object, Bucket=bucket, Key="key")) == wanted


@pytest.mark.parametrize(("condition", "allowed"), [
    ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, True),
    ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
    ({"StringEquals": {"s3:ExistingObjectTag/open": "yes"}}, True),
    ({"StringEquals": {"s3:ExistingObjectTag/open": "no"}}, False),
    ({"Bool": {"aws:SecureTransport": "true"}}, False),
    ({"StringLike": {"aws:UserAgent": "*otocore*"}}, True),
    ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, True),
    ({"StringEquals": {"s3:authType": "REST-QUERY-STRING"}}, False),
])  # fmt: skip
def test_conditions(s3, nobody, bucket, let, condition, allowed):
    s3.put_object(Bucket=bucket, Key="key", Body=b"x", Tagging="open=yes")
    let(bucket, {"Action": "s3:GetObject", "Condition": condition})
    assert code(attempt(nobody.get_object, Bucket=bucket, Key="key")) == ("OK" if allowed else "AccessDenied")


def test_listing_under_a_prefix(nobody, bucket, let):
    condition = {"StringLike": {"s3:prefix": "public/*"}}
    let(bucket, {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}", "Condition": condition})
    assert code(attempt(nobody.list_objects_v2, Bucket=bucket, Prefix="public/a")) == "OK"
    assert code(attempt(nobody.list_objects_v2, Bucket=bucket)) == "AccessDenied"


def test_deleting_several_is_judged_one_by_one(s3, nobody, bucket, let):
    for key in ("mine/a", "yours/a"):
        s3.put_object(Bucket=bucket, Key=key)
    let(bucket, {"Action": "s3:DeleteObject", "Resource": f"arn:aws:s3:::{bucket}/yours/*"})
    done = nobody.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "mine/a"}, {"Key": "yours/a"}]})
    assert [one["Key"] for one in done["Deleted"]] == ["yours/a"]
    assert [(one["Key"], one["Code"]) for one in done["Errors"]] == [("mine/a", "AccessDenied")]


def test_copying_needs_both_ends(s3, other, aws, bucket, account, let):
    other.create_bucket(Bucket=f"other-{account}")
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    copy = {"Bucket": f"other-{account}", "Key": "copy", "CopySource": f"{bucket}/key"}
    assert code(attempt(other.copy_object, **copy)) == "AccessDenied"
    let(bucket, {"Action": "s3:GetObject", "Principal": {"AWS": OTHER}})
    assert code(attempt(other.copy_object, **copy)) == "OK"
    assert code(attempt(s3.get_object, Bucket=f"other-{account}", Key="copy")) == "AccessDenied"


# --- lists ---


@pytest.mark.parametrize(("acl", "anyone", "signed"), [
    ("private", False, False), ("public-read", True, True), ("authenticated-read", False, True),
    ("bucket-owner-full-control", False, False),
])  # fmt: skip
def test_canned_lists(s3, listed, nobody, other, acl, anyone, signed):
    at = {"Bucket": listed, "Key": "key"}
    s3.put_object(**at, Body=b"x", ACL=acl)
    for client, allowed in ((nobody, anyone), (other, signed)):
        assert code(attempt(client.get_object, **at)) == ("OK" if allowed else "AccessDenied")
        assert code(attempt(client.get_object_acl, **at)) == "AccessDenied"


def test_grants_by_header(s3, listed, other, nobody):
    at = {"Bucket": listed, "Key": "key"}
    grantee = f'id="{canonical(other)}"'
    s3.put_object(**at, Body=b"x", GrantRead=grantee, GrantReadACP=f'{grantee}, uri="{EVERYBODY}"')
    assert code(attempt(other.get_object, **at)) == "OK"
    assert code(attempt(nobody.get_object, **at)) == "AccessDenied"
    grants = nobody.get_object_acl(**at)["Grants"]
    assert [(grant["Permission"], grant["Grantee"]["Type"]) for grant in grants] == [
        ("READ", "CanonicalUser"), ("READ_ACP", "CanonicalUser"), ("READ_ACP", "Group"),
    ]  # fmt: skip
    assert code(attempt(other.put_object_acl, **at, ACL="public-read")) == "AccessDenied"


def test_list_as_a_document(s3, listed, other):
    at = {"Bucket": listed, "Key": "key"}
    s3.put_object(**at, Body=b"x")
    document = s3.get_object_acl(**at)
    document.pop("ResponseMetadata")
    grantee = {"Type": "CanonicalUser", "ID": canonical(other)}
    document["Grants"].append({"Grantee": grantee, "Permission": "WRITE_ACP"})
    s3.put_object_acl(**at, AccessControlPolicy=document)
    assert s3.get_object_acl(**at)["Grants"] == document["Grants"]
    assert code(attempt(other.get_object, **at)) == "AccessDenied"
    assert code(attempt(other.put_object_acl, **at, ACL="authenticated-read")) == "OK"
    assert code(attempt(other.get_object, **at)) == "OK"


def test_list_of_a_bucket(s3, listed, nobody, other):
    s3.put_bucket_acl(Bucket=listed, GrantRead=f'uri="{ANYONE_SIGNED}"', GrantWrite=f'id="{canonical(other)}"')
    assert code(attempt(other.list_objects_v2, Bucket=listed)) == "OK"
    assert code(attempt(nobody.list_objects_v2, Bucket=listed)) == "AccessDenied"
    assert code(attempt(other.put_object, Bucket=listed, Key="theirs", Body=b"x")) == "OK"
    acl = s3.get_object_acl(Bucket=listed, Key="theirs")
    assert acl["Owner"]["ID"] == canonical(other)
    assert code(attempt(other.get_object, Bucket=listed, Key="theirs")) == "OK"


def test_preferred_owner(s3, listed, other):
    s3.put_bucket_acl(Bucket=listed, ACL="public-read-write")
    rules = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    s3.put_bucket_ownership_controls(Bucket=listed, OwnershipControls=rules)
    other.put_object(Bucket=listed, Key="given", ACL="bucket-owner-full-control")
    other.put_object(Bucket=listed, Key="kept")
    assert s3.get_object_acl(Bucket=listed, Key="given")["Owner"]["ID"] == canonical(s3)
    assert s3.get_object_acl(Bucket=listed, Key="kept")["Owner"]["ID"] == canonical(other)


def test_lists_can_be_switched_off_only_when_they_give_nothing(s3, listed, nobody):
    s3.put_object(Bucket=listed, Key="key", ACL="public-read")
    s3.put_bucket_acl(Bucket=listed, ACL="public-read")
    enforced = {"Bucket": listed, "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}
    assert code(attempt(s3.put_bucket_ownership_controls, **enforced)) == "InvalidBucketAclWithObjectOwnership"
    s3.put_bucket_acl(Bucket=listed, ACL="private")
    s3.put_bucket_ownership_controls(**enforced)
    assert code(attempt(nobody.get_object, Bucket=listed, Key="key")) == "AccessDenied"
    assert len(s3.get_object_acl(Bucket=listed, Key="key")["Grants"]) == 1


@pytest.mark.parametrize(("options", "wanted"), [
    ({"ACL": "public-read"}, "InvalidBucketAclWithObjectOwnership"),
    ({"ACL": "public-read", "ObjectOwnership": "ObjectWriter"}, "InvalidBucketAclWithBlockPublicAccessError"),
    ({"ACL": "private"}, "OK"),
    ({"ACL": "log-delivery-write", "ObjectOwnership": "BucketOwnerPreferred"}, "OK"),
])  # fmt: skip
def test_lists_of_new_buckets(s3, account, options, wanted):
    assert code(attempt(s3.create_bucket, Bucket=f"bucket-{account}-new", **options)) == wanted


@pytest.mark.parametrize(("options", "wanted"), [
    ({"ACL": "bucket-owner-full-control"}, "OK"),
    ({"ACL": "private"}, "AccessControlListNotSupported"),
    ({"GrantRead": f'uri="{EVERYBODY}"'}, "AccessControlListNotSupported"),
])  # fmt: skip
def test_lists_where_they_are_off(s3, bucket, options, wanted):
    assert code(attempt(s3.put_object, Bucket=bucket, Key="key", **options)) == wanted
    assert code(attempt(s3.create_multipart_upload, Bucket=bucket, Key="key", **options)) == wanted


def test_others_may_give_everything_to_the_owner(s3, bucket, other, let):
    let(bucket, {"Action": "s3:PutObject"})
    other.put_object(Bucket=bucket, Key="key", Body=b"x", ACL="bucket-owner-full-control")
    assert s3.get_object_acl(Bucket=bucket, Key="key")["Owner"]["ID"] == canonical(s3)


def test_nobody_has_a_mail_address(s3, listed):
    refused = attempt(s3.put_bucket_acl, Bucket=listed, GrantRead='emailAddress="a@example.com"')
    assert code(refused) == "UnresolvableGrantByEmailAddress"


# --- the block of public access ---


def test_blocked_public_lists(s3, listed, nobody):
    s3.put_object(Bucket=listed, Key="key", ACL="public-read")
    block = {"Bucket": listed, "PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}
    s3.put_public_access_block(**block)
    assert code(attempt(s3.put_object, Bucket=listed, Key="key", ACL="public-read")) == "AccessDenied"
    assert code(attempt(s3.put_bucket_acl, Bucket=listed, ACL="public-read")) == "AccessDenied"
    assert code(attempt(nobody.get_object, Bucket=listed, Key="key")) == "OK"
    s3.put_public_access_block(Bucket=listed, PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
    assert code(attempt(nobody.get_object, Bucket=listed, Key="key")) == "AccessDenied"


def test_blocked_public_policies(s3, bucket, nobody, other, let):
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    let(bucket, {"Action": "s3:GetObject"}, {"Action": "s3:GetObject", "Principal": {"AWS": OTHER}})
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"]
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicPolicy": True})
    assert code(attempt(s3.put_bucket_policy, Bucket=bucket, Policy=policy)) == "AccessDenied"
    assert code(attempt(nobody.get_object, Bucket=bucket, Key="key")) == "OK"
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True})
    for client in (nobody, other):
        assert code(attempt(client.get_object, Bucket=bucket, Key="key")) == "AccessDenied"


# --- what a policy may not say, and which are public ---


@pytest.mark.parametrize(("change", "wanted"), [
    ({"Action": "sqs:SendMessage"}, "Policy has invalid action"),
    ({"Resource": "arn:aws:s3:::another/*"}, "Policy has invalid resource"),
    ({"Resource": "{arn}"}, "Action does not apply to any resource(s) in statement"),
    ({"Action": "s3:ListBucket"}, "Action does not apply to any resource(s) in statement"),
    ({"Principal": {"AWS": "nobody"}}, 'Invalid principal in policy: "AWS":"nobody"'),
    ({"Effect": "Perhaps"}, "Invalid effect: Perhaps"),
    ({"Principal": None}, "Missing required field Principal"),
])  # fmt: skip
def test_malformed_statements(s3, bucket, change, wanted):
    arn = f"arn:aws:s3:::{bucket}"
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": OTHER},
        "Action": "s3:GetObject",
        "Resource": f"{arn}/*",
        **change,
    }
    statement = {key: value for key, value in statement.items() if value is not None}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]}).replace("{arn}", arn)
    refused = attempt(s3.put_bucket_policy, Bucket=bucket, Policy=policy)
    assert (code(refused), refused["Error"]["Message"].partition(" (")[0]) == ("MalformedPolicy", wanted)


@pytest.mark.parametrize(("statement", "public"), [
    ({}, True),
    ({"Principal": {"AWS": "*"}}, True),
    ({"Principal": {"AWS": OTHER}}, False),
    ({"Effect": "Deny"}, False),
    ({"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}, False),
    ({"Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}}, True),
    ({"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}, False),
    ({"Condition": {"StringLike": {"aws:SourceVpce": "vpce-*"}}}, True),
    ({"Condition": {"StringEquals": {"aws:Referer": "http://a"}}}, True),
])  # fmt: skip
def test_policy_status(s3, bucket, let, statement, public):
    let(bucket, {"Action": "s3:GetObject", **statement})
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is public


def test_no_policy_has_no_status(s3, bucket):
    assert code(attempt(s3.get_bucket_policy_status, Bucket=bucket)) == "NoSuchBucketPolicy"
