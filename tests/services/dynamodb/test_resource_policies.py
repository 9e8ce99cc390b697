"""Resource-based policies."""

from __future__ import annotations

import json

import pytest

POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})


@pytest.fixture
def arn(make, describe):
    make(StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    return describe()["TableArn"]


def test_a_policy_is_put_and_taken_away(dynamodb, arn, describe, refused):
    for resource in (arn, describe()["LatestStreamArn"]):
        revision = dynamodb.put_resource_policy(ResourceArn=resource, Policy=POLICY)["RevisionId"]
        assert dynamodb.put_resource_policy(ResourceArn=resource, Policy=POLICY)["RevisionId"] == revision
        found = dynamodb.get_resource_policy(ResourceArn=resource)
        assert (found["Policy"], found["RevisionId"]) == (POLICY, revision)
        assert dynamodb.delete_resource_policy(ResourceArn=resource)["RevisionId"] == revision
        assert refused(dynamodb.get_resource_policy, ResourceArn=resource) == (
            "PolicyNotFoundException", f"Resource-based policy not found for the provided ResourceArn: {resource}",
        )  # fmt: skip
        assert "RevisionId" not in dynamodb.delete_resource_policy(ResourceArn=resource)


def test_revisions(dynamodb, arn, refused):
    put = dynamodb.put_resource_policy
    assert refused(put, ResourceArn=arn, Policy=POLICY, ExpectedRevisionId="1")[0] == "PolicyNotFoundException"
    revision = put(ResourceArn=arn, Policy=POLICY, ExpectedRevisionId="NO_POLICY")["RevisionId"]
    assert refused(put, ResourceArn=arn, Policy=POLICY, ExpectedRevisionId="NO_POLICY")[0] == "PolicyNotFoundException"
    delete = dynamodb.delete_resource_policy
    assert refused(delete, ResourceArn=arn, ExpectedRevisionId="1")[0] == "PolicyNotFoundException"
    delete(ResourceArn=arn, ExpectedRevisionId=revision)


def test_what_is_refused(dynamodb, arn, refused):
    put = dynamodb.put_resource_policy
    assert refused(put, ResourceArn=arn, Policy="nonsense")[0] == "ValidationException"
    assert refused(put, ResourceArn=arn, Policy="{}")[0] == "ValidationException"
    assert refused(put, ResourceArn=arn, Policy=json.dumps({"Statement": "x" * 21_000}))[0] == "ValidationException"
    assert refused(put, ResourceArn=arn + "x", Policy=POLICY)[0] == "ResourceNotFoundException"
