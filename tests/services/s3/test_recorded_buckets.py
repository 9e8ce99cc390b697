"""What AWS answered about buckets and what is set on them."""

from __future__ import annotations

import json

import pytest

from tests.recorded import recorded
from tests.services.s3.answers import attempt, whole


def test_old_name_of_europe(aws, account):
    s3 = aws("s3", region_name="eu-west-1")
    name = f"bucket-eu-{account}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "EU"})
    case = recorded("s3::TestS3::test_create_bucket_with_eu_location_constraint")
    case.check("get-bucket-location", s3.get_bucket_location(Bucket=name))
    case.check("list-bucket-response", s3.list_buckets(Prefix=name))


@pytest.mark.parametrize("region", ["us-east-2", "us-west-1"])
def test_name_that_is_taken_already(aws, account, region):
    s3 = aws("s3", region_name=region)
    at = {"Bucket": f"bucket-{account}", "CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(**at)
    case = recorded("s3::TestS3::test_create_bucket_with_existing_name")
    case.check(f"create-bucket-{region}", attempt(s3.create_bucket, **at))


def test_region_of_a_bucket(aws, account):
    s3, name = aws("s3", region_name="eu-central-1"), f"bucket-{account}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    case = recorded("s3::TestS3::test_region_header_exists_outside_us_east_1")
    case.check("head_bucket", s3.head_bucket(Bucket=name))
    case.check("list_objects_v2", s3.list_objects_v2(Bucket=name))


@pytest.mark.parametrize("owner", ["abcd", "0000", "0000000000020", "aa000000000$"])
def test_expected_owner_that_is_no_account(s3, bucket, owner):
    case = recorded(f"s3::TestS3::test_get_bucket_policy_invalid_account_id[{owner}]")
    refused = attempt(s3.get_bucket_policy, Bucket=bucket, ExpectedBucketOwner=owner)
    case.check("get-bucket-policy-invalid-bucket-owner", refused)
    case = recorded(f"s3::TestS3::test_put_bucket_policy_invalid_account_id[{owner}]")
    refused = attempt(s3.put_bucket_policy, Bucket=bucket, Policy="{}", ExpectedBucketOwner=owner)
    case.check("put-bucket-policy-invalid-bucket-owner", refused)


def test_policy(s3, bucket):
    case = recorded("s3_api::TestS3BucketPolicy::test_bucket_policy_crud", "s3")
    statement = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Principal": {"AWS": "*"},
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    case.check("get-bucket-default-policy", attempt(s3.get_bucket_policy, Bucket=bucket))
    s3.delete_public_access_block(Bucket=bucket)
    case.check("put-bucket-policy", s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy)))
    case.check("get-bucket-policy", s3.get_bucket_policy(Bucket=bucket))
    case.check("delete-bucket-policy", s3.delete_bucket_policy(Bucket=bucket))
    case.check("get-bucket-policy-after-delete", attempt(s3.get_bucket_policy, Bucket=bucket))
    case.check("delete-bucket-policy-after-delete", s3.delete_bucket_policy(Bucket=bucket))


def test_ownership(s3, make_bucket):
    case = recorded("s3_api::TestS3BucketOwnershipControls::test_crud_bucket_ownership_controls", "s3")
    bucket = make_bucket()
    case.check("default-ownership", s3.get_bucket_ownership_controls(Bucket=bucket))
    wanted = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    case.check("put-ownership", s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=wanted))
    case.check("get-ownership", s3.get_bucket_ownership_controls(Bucket=bucket))
    case.check("delete-ownership", s3.delete_bucket_ownership_controls(Bucket=bucket))
    case.check("get-ownership-after-delete", attempt(s3.get_bucket_ownership_controls, Bucket=bucket))
    case.check("delete-ownership-after-delete", s3.delete_bucket_ownership_controls(Bucket=bucket))
    other = make_bucket(ObjectOwnership="BucketOwnerPreferred")
    case.check("get-ownership-at-creation", s3.get_bucket_ownership_controls(Bucket=other))


def test_refused_ownership(s3, bucket, account):
    case = recorded("s3_api::TestS3BucketOwnershipControls::test_bucket_ownership_controls_exc", "s3")
    case.check("default-ownership", s3.get_bucket_ownership_controls(Bucket=bucket))

    def put(*rules):
        return attempt(s3.put_bucket_ownership_controls, Bucket=bucket, OwnershipControls={"Rules": list(rules)})

    case.check(
        "put-ownership-multiple-rules", put({"ObjectOwnership": "ObjectWriter"}, {"ObjectOwnership": "ObjectWriter"})
    )
    case.check("put-ownership-wrong-value", put({"ObjectOwnership": "RandomValue"}))
    case.check("put-ownership-empty-rule", put())
    refused = attempt(s3.create_bucket, Bucket=f"b-{account}", ObjectOwnership="RandomValue")
    case.check("ownership-wrong-value-at-creation", refused)
    refused = attempt(s3.create_bucket, Bucket=f"b-{account}", ObjectOwnership="")
    case.check("ownership-non-value-at-creation", refused)


def test_default_encryption(s3, bucket):
    case = recorded("s3_api::TestS3BucketEncryption::test_s3_default_bucket_encryption", "s3")
    case.check("default-bucket-encryption", s3.get_bucket_encryption(Bucket=bucket))
    case.check("delete-bucket-encryption", s3.delete_bucket_encryption(Bucket=bucket))
    case.check("delete-bucket-encryption-idempotent", s3.delete_bucket_encryption(Bucket=bucket))


def test_tags_of_a_bucket(s3, bucket):
    case = recorded("s3_api::TestS3BucketObjectTagging::test_bucket_tagging_crud", "s3")
    case.check("get-bucket-tags-empty", attempt(s3.get_bucket_tagging, Bucket=bucket))
    tags = [{"Key": "tag1", "Value": "tag1"}, {"Key": "tag2", "Value": ""}]
    case.check("put-bucket-tags", s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags}))
    case.check("get-bucket-tags", s3.get_bucket_tagging(Bucket=bucket))
    tags = [{"Key": "tag3", "Value": "tag3"}]
    case.check("put-bucket-tags-overwrite", s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags}))
    case.check("get-bucket-tags-overwritten", s3.get_bucket_tagging(Bucket=bucket))
    case.check("delete-bucket-tags", s3.delete_bucket_tagging(Bucket=bucket))
    assert attempt(s3.get_bucket_tagging, Bucket=bucket)["Error"]["Code"] == "NoSuchTagSet"


def test_empty_tags_of_a_bucket(s3, bucket):
    case = recorded("s3_api::TestS3BucketObjectTagging::test_put_bucket_tagging_none_value", "s3")
    tags = [{"Key": "tag1", "Value": "tag1"}]
    case.check("put-bucket-tags-origin", s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags}))
    case.check("put-none-tag-set", s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": []}))
    case.check("no-such-tag-set", attempt(s3.get_bucket_tagging, Bucket=bucket))


def test_tags_of_an_object(s3, bucket):
    case = recorded("s3_api::TestS3BucketObjectTagging::test_object_tagging_crud", "s3")
    at = {"Bucket": bucket, "Key": "key"}
    case.check("put-object", s3.put_object(**at, Body="test-tagging"))
    case.check("get-object-tags-empty", s3.get_object_tagging(**at))
    tags = [{"Key": "tag1", "Value": "tag1"}, {"Key": "tag2", "Value": ""}]
    case.check("put-object-tags", s3.put_object_tagging(**at, Tagging={"TagSet": tags}))
    case.check("get-object-tags", s3.get_object_tagging(**at))
    tags = [{"Key": "tag3", "Value": "tag3"}]
    case.check("put-object-tags-overwrite", s3.put_object_tagging(**at, Tagging={"TagSet": tags}))
    case.check("get-object-tags-overwritten", s3.get_object_tagging(**at))
    case.check("get-obj-after-tags", whole(s3.get_object(**at)))
    case.check("delete-object-tags", s3.delete_object_tagging(**at))
    case.check("get-object-tags-deleted", s3.get_object_tagging(**at))
    case.check("get-obj-after-tags-deleted", whole(s3.get_object(**at)))


def test_empty_tags_of_an_object(s3, bucket):
    case = recorded("s3_api::TestS3BucketObjectTagging::test_put_object_tagging_none_value", "s3")
    at = {"Bucket": bucket, "Key": "key"}
    s3.put_object(**at, Body="test-tagging", Tagging="tag1=tag1")
    case.check("put-none-tag-set", s3.put_object_tagging(**at, Tagging={"TagSet": []}))
    case.check("get-object-tags-none", s3.get_object_tagging(**at))


def test_tags_gone_with_the_tagging(s3, bucket):
    case = recorded("s3::TestS3::test_delete_object_tagging")
    at = {"Bucket": bucket, "Key": "key"}
    s3.put_object(**at, Body="something")
    case.check("get-obj", whole(s3.get_object(**at)))
    s3.delete_object_tagging(**at)
    case.check("get-obj-after-tag-deletion", whole(s3.get_object(**at)))


def test_tags_of_versions(s3, versioned):
    case = recorded("s3_api::TestS3BucketObjectTagging::test_object_tagging_versioned", "s3")
    at, ids = {"Bucket": versioned, "Key": "key"}, []
    for number in range(2):
        put = s3.put_object(**at, Body=f"test-{number}")
        case.check(f"put-obj-{number}", put)
        ids.append(put["VersionId"])
    first, second = ids

    def tagging(*pairs):
        return {"TagSet": [{"Key": key, "Value": value} for key, value in pairs]}

    answer = s3.put_object_tagging(**at, Tagging=tagging(("tag3", "tag3")))
    case.check("put-object-tags-current-version", answer)
    case.check("get-object-tags-current-version", s3.get_object_tagging(**at))
    answer = s3.put_object_tagging(**at, VersionId=first, Tagging=tagging(("test_tag", "tagv1")))
    case.check("put-object-tags-previous-version", answer)
    case.check("get-object-tags-previous-version", s3.get_object_tagging(**at, VersionId=first))
    s3.delete_object_tagging(**at)
    case.check("get-object-tags-deleted-current", s3.get_object_tagging(**at))
    marker = s3.delete_object(**at)
    case.check("put-delete-marker", marker)
    one = {"VersionId": marker["VersionId"]}
    case.check("get-object-tags-delete-marker-latest", attempt(s3.get_object_tagging, **at))
    case.check("get-object-tags-delete-marker-id", attempt(s3.get_object_tagging, **at, **one))
    tags = tagging(("tag1", "tag1"))
    case.check("put-object-tags-delete-marker-latest", attempt(s3.put_object_tagging, **at, Tagging=tags))
    case.check("put-object-tags-delete-marker-id", attempt(s3.put_object_tagging, **at, **one, Tagging=tags))
    case.check("delete-object-tags-delete-marker-latest", attempt(s3.delete_object_tagging, **at))
    case.check("delete-object-tags-delete-marker-id", attempt(s3.delete_object_tagging, **at, **one))
    assert s3.get_object_tagging(**at, VersionId=second)["TagSet"] == []


def test_cors_configuration(s3, bucket):
    case = recorded("s3_cors::TestS3Cors::test_delete_cors", "s3")
    case.check("delete-cors-before-set", s3.delete_bucket_cors(Bucket=bucket))
    wanted = {"CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}]}
    case.check("put-cors", s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=wanted))
    case.check("get-cors", s3.get_bucket_cors(Bucket=bucket))
    case.check("delete-cors", s3.delete_bucket_cors(Bucket=bucket))
    case.check("get-cors-deleted", attempt(s3.get_bucket_cors, Bucket=bucket))


def test_no_bucket_to_set_anything_on(s3):
    """CORS and policies of a missing bucket; its lifecycle and replication are not here yet."""
    want = recorded("s3::TestS3::test_bucket_availability").answers["bucket-lifecycle"]["Error"]
    for method in (s3.get_bucket_cors, s3.get_bucket_policy, s3.get_bucket_versioning, s3.get_bucket_tagging):
        error = attempt(method, Bucket="no-such-bucket-here")["Error"]
        assert error == {**want, "BucketName": "no-such-bucket-here"}


def test_cors_from_another_region(aws, bucket):
    case = recorded("s3::TestS3::test_bucket_operation_between_regions")
    wanted = {"CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}]}
    one, two = aws("s3"), aws("s3", region_name="eu-west-1")
    case.check("put-cors-config-region-1", one.put_bucket_cors(Bucket=bucket, CORSConfiguration=wanted))
    case.check("get-cors-config-region-2", two.get_bucket_cors(Bucket=bucket))
