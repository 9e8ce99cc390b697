"""Managed policies, inline policies and attaching, as boto3 sees them."""

from __future__ import annotations

import json

import pytest

from tests.services.iam.conftest import ALLOW
from tests.services.iam.test_roles import refusal
from undercast.engines import policies
from undercast.services.iam import aws_policies

_SQS = "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
_BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def test_aws_policy_is_attached_and_read(iam, role):
    iam.attach_role_policy(RoleName=role, PolicyArn=_BASIC)
    iam.attach_role_policy(RoleName=role, PolicyArn=_BASIC)
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert attached == [{"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": _BASIC}]
    version = iam.get_policy_version(PolicyArn=_BASIC, VersionId="v1")["PolicyVersion"]
    assert version["Document"]["Statement"][0]["Action"] == [
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    ]
    assert iam.get_policy(PolicyArn=_BASIC)["Policy"]["AttachmentCount"] == 1
    iam.detach_role_policy(RoleName=role, PolicyArn=_BASIC)
    assert refusal(iam.detach_role_policy, RoleName=role, PolicyArn=_BASIC) == (
        "NoSuchEntity",
        f"Policy {_BASIC} was not found.",
    )


def test_every_aws_policy_with_a_document_is_a_policy():
    known = [policy for policy in aws_policies.TABLE.values() if policy.statements is not None]
    assert len(known) > 90
    for policy in known:
        policies.parse(aws_policies.document(policy), kind="identity")


def test_unknown_aws_policy(iam, role):
    unknown = "arn:aws:iam::aws:policy/NoSuchPolicyOfAws"
    assert refusal(iam.get_policy, PolicyArn=unknown) == ("NoSuchEntity", f"Policy {unknown} was not found.")
    assert refusal(iam.attach_role_policy, RoleName=role, PolicyArn=unknown) == (
        "NoSuchEntity",
        f"Policy {unknown} does not exist or is not attachable.",
    )


def test_policy_known_by_name_only_says_so(iam):
    arn = "arn:aws:iam::aws:policy/aws-service-role/AmazonRDSServiceRolePolicy"
    assert iam.get_policy(PolicyArn=arn)["Policy"]["PolicyName"] == "AmazonRDSServiceRolePolicy"
    assert refusal(iam.get_policy_version, PolicyArn=arn, VersionId="v1")[0] == "NotImplemented"


def test_ten_policies_may_be_attached(iam, role):
    arns = [policy.arn for policy in aws_policies.TABLE.values() if policy.path == "/"][:11]
    for arn in arns[:10]:
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    assert refusal(iam.attach_role_policy, RoleName=role, PolicyArn=arns[10]) == (
        "LimitExceeded",
        "Cannot exceed quota for PoliciesPerRole: 10",
    )
    page = iam.list_attached_role_policies(RoleName=role, MaxItems=7)
    rest = iam.list_attached_role_policies(RoleName=role, MaxItems=7, Marker=page["Marker"])
    found = [policy["PolicyArn"] for policy in page["AttachedPolicies"] + rest["AttachedPolicies"]]
    assert (found, rest["IsTruncated"]) == (arns[:10], False)


def test_versions(iam, policy):
    for _ in range(4):
        iam.create_policy_version(PolicyArn=policy, PolicyDocument=ALLOW)
    assert refusal(iam.create_policy_version, PolicyArn=policy, PolicyDocument=ALLOW)[0] == "LimitExceeded"
    iam.set_default_policy_version(PolicyArn=policy, VersionId="v3")
    listed = iam.list_policy_versions(PolicyArn=policy)["Versions"]
    assert [(one["VersionId"], one["IsDefaultVersion"]) for one in listed] == [
        ("v5", False), ("v4", False), ("v3", True), ("v2", False), ("v1", False),
    ]  # fmt: skip
    assert refusal(iam.delete_policy_version, PolicyArn=policy, VersionId="v3") == (
        "DeleteConflict",
        "Cannot delete the default version of a policy.",
    )
    assert refusal(iam.delete_policy, PolicyArn=policy)[0] == "DeleteConflict"
    for version in ("v1", "v2", "v4", "v5"):
        iam.delete_policy_version(PolicyArn=policy, VersionId=version)
    assert refusal(iam.get_policy_version, PolicyArn=policy, VersionId="v1")[0] == "NoSuchEntity"
    iam.delete_policy(PolicyArn=policy)
    assert refusal(iam.get_policy, PolicyArn=policy)[0] == "NoSuchEntity"


def test_version_numbers_are_not_used_again(iam, policy):
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=ALLOW)
    iam.delete_policy_version(PolicyArn=policy, VersionId="v2")
    made = iam.create_policy_version(PolicyArn=policy, PolicyDocument=ALLOW, SetAsDefault=True)["PolicyVersion"]
    assert (made["VersionId"], made["IsDefaultVersion"]) == ("v3", True)
    assert iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"] == "v3"


def test_who_has_a_policy(iam, role, user, policy):
    iam.create_group(GroupName="team")
    iam.attach_role_policy(RoleName=role, PolicyArn=policy)
    iam.attach_group_policy(GroupName="team", PolicyArn=policy)
    iam.put_user_permissions_boundary(UserName=user, PermissionsBoundary=policy)
    found = iam.list_entities_for_policy(PolicyArn=policy)
    names = [found["PolicyRoles"][0]["RoleName"], found["PolicyUsers"][0]["UserName"]]
    assert [*names, found["PolicyGroups"][0]["GroupName"]] == [role, user, "team"]
    limits = iam.list_entities_for_policy(PolicyArn=policy, PolicyUsageFilter="PermissionsBoundary")
    assert (limits["PolicyRoles"], len(limits["PolicyUsers"])) == ([], 1)
    assert refusal(iam.delete_policy, PolicyArn=policy) == (
        "DeleteConflict",
        "Cannot delete a policy attached to entities.",
    )


def test_list_policies(iam, role, policy):
    assert [one["Arn"] for one in iam.list_policies(Scope="Local")["Policies"]] == [policy]
    pages = iam.get_paginator("list_policies").paginate(PaginationConfig={"PageSize": 50})
    everything = [one["Arn"] for page in pages for one in page["Policies"]]
    assert everything == [policy, *aws_policies.TABLE]
    assert iam.list_policies(OnlyAttached=True)["Policies"] == []
    iam.attach_role_policy(RoleName=role, PolicyArn=_SQS)
    assert [one["Arn"] for one in iam.list_policies(OnlyAttached=True)["Policies"]] == [_SQS]


def test_aws_policies_cannot_be_changed(iam):
    assert refusal(iam.delete_policy, PolicyArn=_SQS)[0] == "ValidationError"


def test_existing_name(iam, policy):
    assert refusal(iam.create_policy, PolicyName="Senders", PolicyDocument=ALLOW) == (
        "EntityAlreadyExists",
        "A policy called Senders already exists. Duplicate names are not allowed.",
    )


def test_large_policies_are_refused(iam, role):
    statement = {"Effect": "Allow", "Action": "sqs:*", "Resource": [f"arn:aws:sqs:*:*:{n:0100}" for n in range(100)]}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert refusal(iam.create_policy, PolicyName="large", PolicyDocument=document) == (
        "LimitExceeded",
        "Cannot exceed quota for PolicySize: 6144",
    )
    assert refusal(iam.put_role_policy, RoleName=role, PolicyName="large", PolicyDocument=document) == (
        "LimitExceeded",
        "Maximum policy size of 10240 bytes exceeded for role worker",
    )


@pytest.mark.parametrize("kind", ["role", "user", "group"])
def test_inline_policies(iam, role, user, kind):
    iam.create_group(GroupName="team")
    owner = {f"{kind.capitalize()}Name": {"role": role, "user": user, "group": "team"}[kind]}
    getattr(iam, f"put_{kind}_policy")(**owner, PolicyName="one", PolicyDocument=ALLOW)
    assert getattr(iam, f"list_{kind}_policies")(**owner)["PolicyNames"] == ["one"]
    found = getattr(iam, f"get_{kind}_policy")(**owner, PolicyName="one")
    assert found["PolicyDocument"] == json.loads(ALLOW)
    getattr(iam, f"delete_{kind}_policy")(**owner, PolicyName="one")
    assert refusal(getattr(iam, f"get_{kind}_policy"), **owner, PolicyName="one") == (
        "NoSuchEntity",
        f"The {kind} policy with name one cannot be found.",
    )


def test_inline_policy_with_a_principal(iam, role):
    statement = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Principal": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert refusal(iam.put_role_policy, RoleName=role, PolicyName="p", PolicyDocument=document) == (
        "MalformedPolicyDocument",
        "Policy document should not specify a principal.",
    )
