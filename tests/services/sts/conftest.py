"""Fixtures of STS's tests."""

from __future__ import annotations

import json

import pytest


def trust(account, *actions):
    """A trust policy for an account."""
    action = actions if len(actions) > 1 else actions[0]
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": action}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def iam(aws):
    return aws("iam")


@pytest.fixture
def sts(aws):
    return aws("sts")


@pytest.fixture
def role(iam, account):
    """The ARN of a fresh role that the account may assume."""
    document = trust(account, "sts:AssumeRole")
    return iam.create_role(RoleName="worker", AssumeRolePolicyDocument=document)["Role"]["Arn"]


@pytest.fixture
def holding(aws):
    """`holding(answer["Credentials"], "sts")`: a client with the credentials of an answer."""

    def client(credentials, service):
        return aws(
            service,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_session_token=credentials.get("SessionToken"),
        )

    return client
