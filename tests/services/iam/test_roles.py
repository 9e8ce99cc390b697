"""Operations on roles, as boto3 sees them."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.services.iam.conftest import ALLOW, TRUST


def refusal(action, /, **request):
    """The code and message with which a call is refused."""
    with pytest.raises(ClientError) as refused:
        action(**request)
    return refused.value.response["Error"]["Code"], refused.value.response["Error"]["Message"]


def test_names_differ_by_more_than_case(iam, role):
    assert refusal(iam.create_role, RoleName="WORKER", AssumeRolePolicyDocument=TRUST) == (
        "EntityAlreadyExists",
        "Role with name WORKER already exists.",
    )


def test_missing_role(iam):
    missing = ("NoSuchEntity", "The role with name nobody cannot be found.")
    assert refusal(iam.get_role, RoleName="nobody") == missing
    assert refusal(iam.delete_role, RoleName="nobody") == missing
    assert refusal(iam.put_role_policy, RoleName="nobody", PolicyName="p", PolicyDocument=ALLOW) == missing


def test_invalid_input_names_every_constraint(iam):
    code, message = refusal(
        iam.create_role, RoleName="a b", Path="no-slash", AssumeRolePolicyDocument=TRUST, MaxSessionDuration=999_999
    )
    assert code == "ValidationError"
    assert message.startswith("3 validation errors detected: ")
    assert "'roleName'" in message and "'path'" in message and "'maxSessionDuration'" in message


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ({"Effect": "Allow", "Action": "sts:AssumeRole"}, "Missing required field Principal"),
        (
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*", "Resource": "*"},
            "Has prohibited field Resource",
        ),
    ],
)
def test_trust_policy_is_checked(iam, role, statement, words):
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert refusal(iam.update_assume_role_policy, RoleName=role, PolicyDocument=document) == (
        "MalformedPolicyDocument",
        words,
    )


def test_updates_are_kept(iam, role):
    iam.update_role(RoleName=role, Description="works", MaxSessionDuration=7200)
    trust = json.loads(TRUST)
    trust["Statement"][0]["Principal"] = {"Service": "lambda.amazonaws.com"}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))
    shown = iam.get_role(RoleName=role)["Role"]
    assert (shown["Description"], shown["MaxSessionDuration"]) == ("works", 7200)
    assert shown["AssumeRolePolicyDocument"] == trust
    iam.update_role(RoleName=role, Description="")
    assert iam.get_role(RoleName=role)["Role"]["Description"] == ""


def test_role_is_deleted_only_when_nothing_hangs_on_it(iam, role, policy):
    iam.attach_role_policy(RoleName=role, PolicyArn=policy)
    iam.put_role_policy(RoleName=role, PolicyName="inline", PolicyDocument=ALLOW)
    iam.create_instance_profile(InstanceProfileName="profile")
    iam.add_role_to_instance_profile(InstanceProfileName="profile", RoleName=role)
    conflicts = []
    for undo in (
        lambda: iam.remove_role_from_instance_profile(InstanceProfileName="profile", RoleName=role),
        lambda: iam.detach_role_policy(RoleName=role, PolicyArn=policy),
        lambda: iam.delete_role_policy(RoleName=role, PolicyName="inline"),
    ):
        conflicts.append(refusal(iam.delete_role, RoleName=role))
        undo()
    assert conflicts == [
        ("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first."),
        ("DeleteConflict", "Cannot delete entity, must detach all policies first."),
        ("DeleteConflict", "Cannot delete entity, must delete policies first."),
    ]
    iam.delete_role(RoleName=role)
    assert iam.list_roles()["Roles"] == []


def test_pages_of_roles(iam):
    for number in range(5):
        iam.create_role(RoleName=f"role{number}", Path=f"/{number % 2}/", AssumeRolePolicyDocument=TRUST)
    pages = list(iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 2}))
    assert [[role["RoleName"] for role in page["Roles"]] for page in pages] == [
        ["role0", "role1"],
        ["role2", "role3"],
        ["role4"],
    ]
    assert [role["RoleName"] for role in iam.list_roles(PathPrefix="/1/")["Roles"]] == ["role1", "role3"]
    assert refusal(iam.list_roles, Marker="nonsense")[0] == "ValidationError"


def test_boundary(iam, role, policy, account):
    iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=policy)
    assert iam.get_policy(PolicyArn=policy)["Policy"]["PermissionsBoundaryUsageCount"] == 1
    assert refusal(iam.delete_policy, PolicyArn=policy)[0] == "DeleteConflict"
    iam.delete_role_permissions_boundary(RoleName=role)
    assert "PermissionsBoundary" not in iam.get_role(RoleName=role)["Role"]
    unknown = f"arn:aws:iam::{account}:policy/unknown"
    assert refusal(iam.put_role_permissions_boundary, RoleName=role, PermissionsBoundary=unknown) == (
        "NoSuchEntity",
        f"Scope ARN: {unknown} does not exist or is not attachable.",
    )


def test_service_linked_role_is_protected(iam):
    name = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com", CustomSuffix="mine")["Role"][
        "RoleName"
    ]
    assert name == "AWSServiceRoleForAutoScaling_mine"
    assert refusal(iam.delete_role, RoleName=name) == (
        "UnmodifiableEntity",
        f"Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS",
    )
    assert refusal(iam.create_service_linked_role, AWSServiceName="autoscaling.amazonaws.com", CustomSuffix="mine") == (
        "InvalidInput",
        f"Service role name {name} has been taken in this account, please try a different suffix.",
    )


def test_roles_of_another_account_are_out_of_sight(iam, role, aws):
    assert aws("iam", account="999999999999", region_name="eu-west-1").list_roles()["Roles"] == []
    assert aws("iam", region_name="eu-west-1").get_role(RoleName=role)["Role"]["RoleName"] == role  # IAM is global
