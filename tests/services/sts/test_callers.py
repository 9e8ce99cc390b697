"""Who calls, and temporary credentials of one's own, as boto3 sees them."""

from __future__ import annotations

import pytest

from tests.services.sts.test_roles import refusal


@pytest.fixture
def user(iam, aws):
    """A client of STS with a user's access key."""
    iam.create_user(UserName="ann", Path="/staff/")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    return aws("sts", aws_access_key_id=key["AccessKeyId"])


def test_account_itself(sts, account):
    seen = sts.get_caller_identity()
    assert (seen["Account"], seen["Arn"], seen["UserId"]) == (account, f"arn:aws:iam::{account}:root", account)


def test_session_of_a_user_is_still_the_user(user, account, holding, clock):
    credentials = user.get_session_token(DurationSeconds=900)["Credentials"]
    assert credentials["AccessKeyId"].startswith("ASIA")
    session = holding(credentials, "sts")
    assert session.get_caller_identity()["Arn"] == f"arn:aws:iam::{account}:user/staff/ann"
    assert holding(credentials, "iam").get_user()["User"]["UserName"] == "ann"
    assert refusal(session.get_session_token) == (
        "AccessDenied",
        "Cannot call GetSessionToken with session credentials",
    )
    clock.advance(seconds=901)
    assert "Expired" in refusal(session.get_caller_identity)[0]


def test_federated_user(user, account, holding):
    answer = user.get_federation_token(Name="guest")
    assert answer["FederatedUser"]["FederatedUserId"] == f"{account}:guest"
    seen = holding(answer["Credentials"], "sts").get_caller_identity()
    assert seen["Arn"] == f"arn:aws:sts::{account}:federated-user/guest"
    assert refusal(user.get_federation_token, Name="guest", Policy="no")[0] == "MalformedPolicyDocument"


def test_users_name_is_in_the_denial(user, account):
    arn = f"arn:aws:iam::{account}:role/nobody"
    assert refusal(user.assume_role, RoleArn=arn, RoleSessionName="me") == (
        "AccessDenied",
        f"User: arn:aws:iam::{account}:user/staff/ann is not authorized to perform: sts:AssumeRole on resource: {arn}",
    )


def test_account_of_a_key(iam, user, sts, account):
    key = iam.list_access_keys(UserName="ann")["AccessKeyMetadata"][0]["AccessKeyId"]
    assert sts.get_access_key_info(AccessKeyId=key)["Account"] == account


def test_key_that_nobody_issued_is_the_default_account(aws):
    seen = aws("sts", aws_access_key_id="AKIAIOSFODNN7EXAMPLE").get_caller_identity()
    assert seen["Arn"] == "arn:aws:iam::000000000000:root"
