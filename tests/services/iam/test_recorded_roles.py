"""What AWS answered: roles, policies, service-linked roles."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.recorded import cases, recorded
from tests.services.iam.conftest import ALLOW, TRUST

_LINKED = [name for name in cases("iam") if "::test_service_role_lifecycle[" in name]


def test_create_role_with_malformed_assume_role_policy_document(iam):
    with pytest.raises(ClientError) as refused:
        iam.create_role(RoleName="role", AssumeRolePolicyDocument="non-json")
    case = recorded("iam::TestIAMExtensions::test_create_role_with_malformed_assume_role_policy_document")
    case.check("invalid-json", refused.value)


def test_create_describe_role(iam):
    case = recorded("iam::TestIAMIntegrations::test_create_describe_role")
    created = iam.create_role(RoleName="role", Path="/prefix/", AssumeRolePolicyDocument=TRUST)
    iam.create_role(RoleName="other", AssumeRolePolicyDocument=TRUST)
    case.check("create_role_result", created)
    case.check("get_role_result", iam.get_role(RoleName="role"))
    case.check("list_roles_result", iam.list_roles(PathPrefix="/prefix/"))


def test_delete_non_existent_policy_returns_no_such_entity(iam, account):
    with pytest.raises(ClientError) as refused:
        iam.delete_policy(PolicyArn=f"arn:aws:iam::{account}:policy/non-existent-policy")
    case = recorded("iam::TestIAMIntegrations::test_delete_non_existent_policy_returns_no_such_entity")
    case.check("delete-non-existent-policy-exc", refused.value)


def test_list_roles_with_permission_boundary(iam, policy):
    case = recorded("iam::TestIAMIntegrations::test_list_roles_with_permission_boundary")
    iam.create_role(RoleName="role", Path="/prefix/", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=policy)
    assert iam.get_role(RoleName="role")["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == policy
    case.check("list_roles_result", iam.list_roles(PathPrefix="/prefix/"))


def test_created_role_with_permission_boundary(iam, policy):
    case = recorded("iam::TestIAMIntegrations::test_list_roles_with_permission_boundary")
    created = iam.create_role(
        RoleName="role", Path="/prefix/", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=policy
    )
    case.check("created_role", created)


@pytest.mark.parametrize("kind", ["role", "user"])
def test_attach_policy(iam, kind):
    """test_role_attach_policy and test_user_attach_policy."""
    case = recorded(f"iam::TestIAMIntegrations::test_{kind}_attach_policy")
    if kind == "role":
        iam.create_role(RoleName="someone", AssumeRolePolicyDocument=TRUST)
    else:
        iam.create_user(UserName="someone")
    name = {"role": "RoleName", "user": "UserName"}[kind]
    attach = getattr(iam, f"attach_{kind}_policy")

    def refusal(arn):
        with pytest.raises(ClientError) as refused:
            attach(**{name: "someone", "PolicyArn": arn})
        return refused.value

    created = iam.create_policy(PolicyName="a-policy-with-a-long-name", PolicyDocument=ALLOW)
    case.check("create_policy_response", created)
    arn = created["Policy"]["Arn"]
    case.check("non_existent_malformed_policy_arn", refusal("longpolicynamebutnoarn"))
    case.check("existing_policy_name_provided", refusal("a-policy-with-a-long-name"))
    case.check("valid_arn_not_existent", refusal(f"{arn}123"))
    case.check("valid_policy_arn", attach(**{name: "someone", "PolicyArn": arn}))


_ESCAPED = "arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Faaeeieije"
_TAGS = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["apigatway:PUT"],
            "Resource": [f"arn:aws:apigateway:us-east-1::/tags/{_ESCAPED}"],
        }
    ],
}


def test_put_role_policy_encoding(iam):
    case = recorded("iam::TestIAMPolicyEncoding::test_put_role_policy_encoding")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Effect": "Allow",
                "Condition": {"StringEquals": {"aws:SourceArn": _ESCAPED}},
            }
        ],
    }
    created = iam.create_role(RoleName="role", Path="/prefix/", AssumeRolePolicyDocument=json.dumps(trust))
    case.check("create-role-response", created)
    iam.put_role_policy(RoleName="role", PolicyName="policy", PolicyDocument=json.dumps(_TAGS))
    case.check("get-policy-response", iam.get_role_policy(RoleName="role", PolicyName="policy"))
    case.check("get-role-response", iam.get_role(RoleName="role"))
    case.check("list-roles-response", iam.list_roles(PathPrefix="/prefix/"))


def test_put_group_policy_encoding(iam):
    case = recorded("iam::TestIAMPolicyEncoding::test_put_group_policy_encoding")
    iam.create_group(GroupName="group")
    iam.put_group_policy(GroupName="group", PolicyName="policy", PolicyDocument=json.dumps(_TAGS))
    case.check("get-policy-response", iam.get_group_policy(GroupName="group", PolicyName="policy"))


def test_role_with_tags(iam):
    case = recorded("iam::TestRoles::test_role_with_tags")
    tags = [{"Key": "test", "Value": "value"}]
    created = iam.create_role(RoleName="role", Path="/role-with-tags/", AssumeRolePolicyDocument=TRUST, Tags=tags)
    case.check("create-role-response", created)
    case.check("get-role-response", iam.get_role(RoleName="role"))
    case.check("list-role-response", iam.list_roles(PathPrefix="/role-with-tags/"))


@pytest.mark.parametrize("name", _LINKED)
def test_service_role_lifecycle(iam, name):
    case = recorded(name)
    role = iam.create_service_linked_role(AWSServiceName=name.partition("[")[2].rstrip("]"))["Role"]["RoleName"]
    # Five of these roles had been used by AWS already in the recording account.
    case.check("describe-response", iam.get_role(RoleName=role), ignore=("RoleLastUsed",))
    case.check("inline-role-policies", iam.list_role_policies(RoleName=role))
    case.check("attached-role-policies", iam.list_attached_role_policies(RoleName=role))
    task = iam.delete_service_linked_role(RoleName=role)["DeletionTaskId"]
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.get_role(RoleName=role)
