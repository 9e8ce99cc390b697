"""What AWS answered: assuming roles."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.recorded import recorded
from tests.services.sts.conftest import trust

_TAG_ACTIONS = ("sts:AssumeRole", "sts:TagSession")
_TAGGING = "sts::TestSTSAssumeRoleTagging"


def test_assume_role(iam, sts, account):
    case = recorded("sts::TestSTSIntegrations::test_assume_role")
    created = iam.create_role(RoleName="role", AssumeRolePolicyDocument=trust("111111111111", "sts:AssumeRole"))
    case.check("create-role", created)
    case.check("role-session-name", {"RoleSessionName": "session-1"})
    answer = sts.assume_role(RoleArn=created["Role"]["Arn"], RoleSessionName="session-1")
    case.check("assume-role", answer)


@pytest.mark.parametrize(
    ("step", "arn"),
    [
        ("malformed-arn", "nothing-valid-in-here"),
        ("no-partition", "arn::b:::something/test-role"),
        ("no-service", "arn:a::::something/test-role"),
        ("not-enough-colons", "arn:a:::something/test-role"),
        ("no-resource", "arn:a:a::aaaaaaaaaa:"),
    ],
)
def test_sts_invalid_parameters(sts, step, arn):
    with pytest.raises(ClientError) as refused:
        sts.assume_role(RoleArn=arn, RoleSessionName="Session1")
    recorded("sts::TestSTSIntegrations::test_sts_invalid_parameters").check(step, refused.value)


def test_sts_invalid_parameters_of_a_session(sts, role):
    with pytest.raises(ClientError) as refused:
        sts.assume_role(RoleArn=role, RoleSessionName="Session1:2")
    case = recorded("sts::TestSTSIntegrations::test_sts_invalid_parameters")
    case.check("invalid-session-name", refused.value)


def test_assume_role_tag_validation(iam, sts):
    case = recorded(f"{_TAGGING}::test_assume_role_tag_validation")
    created = iam.create_role(RoleName="one", AssumeRolePolicyDocument=trust("111111111111", *_TAG_ACTIONS))
    case.check("role-1", created)
    session = {"RoleArn": created["Role"]["Arn"], "RoleSessionName": "session"}
    with pytest.raises(ClientError) as refused:
        sts.assume_role(**session, Tags=[{"Key": "SessionTag1", "Value": "1"}], TransitiveTagKeys=["InvalidKey"])
    case.check("invalid-transitive-tag-keys", refused.value)
    with pytest.raises(ClientError) as refused:
        sts.assume_role(**session, Tags=[{"Key": "tag", "Value": "1"}, {"Key": "TAG", "Value": "2"}])
    case.check("duplicate-tag-keys-different-casing", refused.value)


def test_iam_role_chaining_override_transitive_tags(iam, sts, holding):
    case = recorded(f"{_TAGGING}::test_iam_role_chaining_override_transitive_tags")
    for number in (1, 2):
        document = trust("111111111111", *_TAG_ACTIONS)
        created = iam.create_role(RoleName=f"role{number}", AssumeRolePolicyDocument=document)
        case.check(f"role-{number}", created)
    one, two = (iam.get_role(RoleName=f"role{number}")["Role"]["Arn"] for number in (1, 2))
    tag = {"Key": "SessionTag1", "Value": "SessionValue1"}
    first = sts.assume_role(RoleArn=one, RoleSessionName="first", Tags=[tag], TransitiveTagKeys=["SessionTag1"])
    chained = holding(first["Credentials"], "sts")
    for step, key in (
        ("override-transitive-tag-error", "SessionTag1"),
        ("override-transitive-tag-case-ignore-error", "sessiontag1"),
    ):
        with pytest.raises(ClientError) as refused:
            chained.assume_role(RoleArn=two, RoleSessionName="second", Tags=[{"Key": key, "Value": "other"}])
        case.check(step, refused.value)
