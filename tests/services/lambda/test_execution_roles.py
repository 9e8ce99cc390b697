"""In whose name functions run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError


def _role(aws: Any, principal: str) -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": principal}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    return aws("iam").create_role(RoleName=principal.split(".")[0], AssumeRolePolicyDocument=document)["Role"]["Arn"]


@pytest.fixture
def trusting(aws: Any) -> str:
    """A role that trusts Lambda."""
    return _role(aws, "lambda.amazonaws.com")


@pytest.fixture
def other(aws: Any) -> str:
    """A role that trusts another service."""
    return _role(aws, "events.amazonaws.com")


def _refused(error: pytest.ExceptionInfo[ClientError]) -> None:
    assert error.value.response["Error"]["Code"] == "InvalidParameterValueException"
    assert error.value.response["Error"]["Message"] == "The role defined for the function cannot be assumed by Lambda."


def test_a_role_that_trusts_another_service_is_refused(create: Any, client: Any, trusting: str, other: str) -> None:
    with pytest.raises(ClientError) as error:
        create("f", Role=other)
    _refused(error)
    create("f", Role=trusting)
    with pytest.raises(ClientError) as error:
        client.update_function_configuration(FunctionName="f", Role=other)
    _refused(error)


def test_a_role_that_stops_trusting_ends_the_invocations(function: Any, client: Any, aws: Any, trusting: str) -> None:
    function("f", Role=trusting)
    trust = {"Effect": "Deny", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    aws("iam").update_assume_role_policy(RoleName="lambda", PolicyDocument=document)
    with pytest.raises(ClientError) as error:
        client.invoke(FunctionName="f")
    assert error.value.response["Error"]["Code"] == "AccessDeniedException"


def test_a_role_that_iam_does_not_have_is_a_name(function: Any, invoke: Any) -> None:
    function("f", Role="arn:aws:iam::000000000000:role/lambda-role")
    assert invoke("f", {"a": 1}) == {"a": 1}
