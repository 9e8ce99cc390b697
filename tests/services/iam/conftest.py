"""Fixtures of IAM's tests."""

from __future__ import annotations

import json

import pytest

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}],
    }
)
ALLOW = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]}
)


@pytest.fixture
def iam(aws):
    return aws("iam")


@pytest.fixture
def role(iam):
    """The name of a fresh role."""
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=TRUST)
    return "worker"


@pytest.fixture
def user(iam):
    """The name of a fresh user."""
    iam.create_user(UserName="ann")
    return "ann"


@pytest.fixture
def policy(iam):
    """The ARN of a fresh managed policy."""
    return iam.create_policy(PolicyName="senders", PolicyDocument=ALLOW)["Policy"]["Arn"]
