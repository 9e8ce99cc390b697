"""What policies would allow, as boto3 sees it."""

from __future__ import annotations

import json

import pytest

from tests.recorded import recorded
from tests.services.iam.conftest import ALLOW
from tests.services.iam.test_roles import refusal


def document(**statement):
    """A policy of one statement; the recorded one is written like this."""
    whole = {"Sid": "", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"} | statement
    return json.dumps({"Version": "2012-10-17", "Statement": [whole]})


@pytest.mark.parametrize("kind", ["user", "role", "group"])
def test_simulate_principle_policy(iam, role, user, account, kind):
    case = recorded(f"iam::TestIAMIntegrations::test_simulate_principle_policy[{kind}]")
    name = {"user": user, "role": role, "group": "team"}[kind]
    iam.create_group(GroupName="team")
    arn = iam.create_policy(PolicyName="writers", PolicyDocument=document())["Policy"]["Arn"]
    getattr(iam, f"attach_{kind}_policy")(**{f"{kind.capitalize()}Name": name, "PolicyArn": arn})
    answer = iam.simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{account}:{kind}/{name}",
        ActionNames=["s3:PutObject", "s3:GetObjectVersion"],
        ResourceArns=["arn:aws:s3:::bucket"],
    )
    case.check("response", answer)


def decisions(answer):
    return [one["EvalDecision"] for one in answer["EvaluationResults"]]


def test_user_has_its_groups_policies_within_its_boundary(iam, user, account, policy):
    iam.create_group(GroupName="team")
    iam.add_user_to_group(GroupName="team", UserName=user)
    wide = document(Action=["sqs:SendMessage", "sqs:DeleteQueue"])
    iam.put_group_policy(GroupName="team", PolicyName="wide", PolicyDocument=wide)
    ask = {
        "PolicySourceArn": f"arn:aws:iam::{account}:user/{user}",
        "ActionNames": ["sqs:SendMessage", "sqs:DeleteQueue"],
    }
    assert decisions(iam.simulate_principal_policy(**ask)) == ["allowed", "allowed"]
    iam.put_user_permissions_boundary(UserName=user, PermissionsBoundary=policy)
    assert decisions(iam.simulate_principal_policy(**ask)) == ["allowed", "implicitDeny"]
    deny = json.loads(ALLOW)
    deny["Statement"][0]["Effect"] = "Deny"
    iam.put_user_policy(UserName=user, PolicyName="deny", PolicyDocument=json.dumps(deny))
    assert decisions(iam.simulate_principal_policy(**ask)) == ["explicitDeny", "implicitDeny"]


def test_conditions_and_what_is_missing_for_them(iam):
    text = document(Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, Resource="arn:aws:s3:::${aws:x}")
    assert iam.get_context_keys_for_custom_policy(PolicyInputList=[text])["ContextKeyNames"] == [
        "aws:RequestedRegion",
        "aws:x",
    ]
    ask = {"PolicyInputList": [text], "ActionNames": ["s3:PutObject"], "ResourceArns": ["arn:aws:s3:::mine"]}
    (without,) = iam.simulate_custom_policy(**ask)["EvaluationResults"]
    assert (without["EvalDecision"], len(without["MissingContextValues"])) == ("implicitDeny", 2)
    entries = [
        {"ContextKeyName": "aws:requestedregion", "ContextKeyValues": ["eu-west-1"], "ContextKeyType": "string"},
        {"ContextKeyName": "aws:x", "ContextKeyValues": ["mine"], "ContextKeyType": "string"},
    ]
    (with_them,) = iam.simulate_custom_policy(**ask, ContextEntries=entries)["EvaluationResults"]
    assert (with_them["EvalDecision"], with_them["MissingContextValues"]) == ("allowed", [])


def test_positions_are_those_of_the_statements(iam):
    text = '{"Version": "2012-10-17",\n "Statement": {"Effect": "Allow", "Action": "s3:*",\n  "Resource": "*"}}'
    answer = iam.simulate_custom_policy(PolicyInputList=[text], ActionNames=["s3:GetObject"])
    (match,) = answer["EvaluationResults"][0]["MatchedStatements"]
    assert match["SourcePolicyId"] == "PolicyInputList.1"
    assert (match["StartPosition"], match["EndPosition"]) == ({"Line": 2, "Column": 15}, {"Line": 3, "Column": 18})


def test_refused_simulations(iam):
    ask = {"ActionNames": ["s3:GetObject"]}
    bad = refusal(iam.simulate_principal_policy, **ask, PolicySourceArn="arn:aws:iam::111111111111:policy/x")
    assert bad[0] == "InvalidInput"
    assert refusal(iam.simulate_custom_policy, **ask, PolicyInputList=["{}"])[0] == "MalformedPolicyDocument"
    assert refusal(iam.simulate_custom_policy, **ask, PolicyInputList=[ALLOW], CallerArn="me")[0] == "InvalidInput"
