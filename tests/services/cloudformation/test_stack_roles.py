"""The role of a stack, the types that its customer lets it make, pages of change sets and imports."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.services.cloudformation.test_stacks import BROKEN, QUEUE, failure, template

PARAMETER = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "p", "Type": "String", "Value": "1"}}
CHANGED = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "p", "Type": "String", "Value": "2"}}


@pytest.fixture
def role(account: str) -> Any:
    return lambda name: f"arn:aws:iam::{account}:role/{name}"


@pytest.fixture
def last_user(ssm: Any) -> Any:
    """Who changed the parameter last: `assumed-role/name/session`, or `root`."""
    return lambda: ssm.get_parameter_history(Name="p")["Parameters"][-1]["LastModifiedUser"].rpartition(":")[2]


def test_resources_are_made_in_the_role(stacks: Any, cfn: Any, role: Any, last_user: Any) -> None:
    stacks.create(template(P=PARAMETER), RoleARN=role("maker"))
    assert last_user() == "assumed-role/maker/AWSCloudFormation"
    stacks.update(template(P=CHANGED))
    assert last_user() == "assumed-role/maker/AWSCloudFormation"
    stacks.update(template(P=PARAMETER), RoleARN=role("other"))
    assert last_user() == "assumed-role/other/AWSCloudFormation"
    assert stacks.describe()["RoleARN"] == role("other")


def test_resources_that_are_made_outside_of_transactions_have_the_role_too(
    stacks: Any, aws: Any, role: Any, last_user: Any
) -> None:
    aws("s3").create_bucket(Bucket=(bucket := f"templates-{role('x')[13:25]}"))
    aws("s3").put_object(Bucket=bucket, Key="t", Body=json.dumps(template(P=PARAMETER)))
    url = {"TemplateURL": f"https://s3.amazonaws.com/{bucket}/t"}
    stacks.create(template(Child={"Type": "AWS::CloudFormation::Stack", "Properties": url}), RoleARN=role("maker"))
    assert last_user() == "assumed-role/maker/AWSCloudFormation"
    child = stacks.physical("Child")
    assert stacks.describe(child)["RoleARN"] == role("maker")
    stacks.delete(RoleARN=role("remover"))
    assert stacks.describe(child)["RoleARN"] == role("remover")


def test_delete_takes_a_role(stacks: Any, cfn: Any, role: Any) -> None:
    stacks.create(template(P=PARAMETER), RoleARN=role("maker"))
    made = stacks.delete(RoleARN=role("remover"))
    assert (made["StackStatus"], made["RoleARN"]) == ("DELETE_COMPLETE", role("remover"))


def test_rollback_takes_a_role(stacks: Any, cfn: Any, role: Any, last_user: Any) -> None:
    stacks.create(template(P=PARAMETER))
    assert last_user() == "root"
    changed = template(P=CHANGED, Broken={**BROKEN, "DependsOn": "P"})
    assert stacks.update(changed, DisableRollback=True)["StackStatus"] == "UPDATE_FAILED"
    cfn.rollback_stack(StackName="stack", RoleARN=role("mender"))
    assert stacks.settled("stack")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert last_user() == "assumed-role/mender/AWSCloudFormation"


def test_continued_rollback_takes_a_role(stacks: Any, cfn: Any, aws: Any, role: Any, last_user: Any) -> None:
    """The rollback fails at the queue, which someone has deleted; then the parameter goes back in the role."""
    queue = {**QUEUE, "Properties": {"QueueName": "q"}}
    slow = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q", "DelaySeconds": 7}}
    stacks.create(template(Q=queue, P={**PARAMETER, "DependsOn": "Q"}))
    url = stacks.physical("Q")
    waiting = {
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle", "DependsOn": "P"},
        "Wait": {
            "Type": "AWS::CloudFormation::WaitCondition",
            "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": 600},
        },
    }
    body = json.dumps(template(Q=slow, P={**CHANGED, "DependsOn": "Q"}, **waiting))
    cfn.update_stack(StackName="stack", TemplateBody=body)
    aws("sqs").delete_queue(QueueUrl=url)
    cfn.cancel_update_stack(StackName="stack")
    assert stacks.settled("stack")["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
    cfn.continue_update_rollback(StackName="stack", RoleARN=role("mender"), ResourcesToSkip=["Q"])
    made = stacks.settled("stack")
    assert (made["StackStatus"], made["RoleARN"]) == ("UPDATE_ROLLBACK_COMPLETE", role("mender"))
    assert last_user() == "assumed-role/mender/AWSCloudFormation"


def test_a_role_must_let_cloudformation_assume_it(stacks: Any, cfn: Any, aws: Any, role: Any) -> None:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    aws("iam").create_role(RoleName="others", AssumeRolePolicyDocument=document)
    stacks.create(template(P=PARAMETER))
    for arn in (role("others"), "arn:aws:iam::111122223333:role/theirs", "no role, but long enough"):
        said = f"ValidationError: Role {arn} is invalid or cannot be assumed"
        assert failure(stacks.create, template(Q=QUEUE), "new", RoleARN=arn) == said
        assert failure(stacks.update, template(Q=QUEUE), RoleARN=arn) == said
        assert failure(cfn.delete_stack, StackName="stack", RoleARN=arn) == said


# --- ResourceTypes ---


@pytest.mark.parametrize(
    "types", [["AWS::*"], ["AWS::SQS::*", "AWS::SSM::Parameter"], ["AWS::SQS::Queue", "AWS::SSM::*"]]
)
def test_types_that_are_covered_are_made(stacks: Any, types: list[str]) -> None:
    assert stacks.create(template(Q=QUEUE, P=PARAMETER), ResourceTypes=types)["StackStatus"] == "CREATE_COMPLETE"


def test_types_that_are_not_covered_are_refused(stacks: Any, cfn: Any) -> None:
    both = template(Q=QUEUE, P=PARAMETER)
    said = "ValidationError: Resource type AWS::SSM::Parameter is not allowed by parameter ResourceTypes [AWS::SQS::*]"
    assert failure(stacks.create, both, ResourceTypes=["AWS::SQS::*"]) == said
    assert "Custom::Thing" in failure(
        stacks.create,
        template(T={"Type": "Custom::Thing", "Properties": {"ServiceToken": "arn"}}),
        ResourceTypes=["AWS::*"],
    )
    stacks.create(template(Q=QUEUE), ResourceTypes=["AWS::SQS::*"])
    assert failure(stacks.update, both, ResourceTypes=["AWS::SQS::*"]) == said
    assert failure(stacks.deploy, both, kind="UPDATE", ResourceTypes=["AWS::SQS::*"]) == said


# --- pages ---


def test_changes_come_in_pages(stacks: Any, cfn: Any) -> None:
    stacks.create(template(Q=QUEUE))
    topics = {f"T{number:03}": {"Type": "AWS::SNS::Topic"} for number in range(120)}
    body = json.dumps(template(Q=QUEUE, **topics))
    cfn.create_change_set(StackName="stack", ChangeSetName="cs", TemplateBody=body)
    first = cfn.describe_change_set(StackName="stack", ChangeSetName="cs")
    rest = cfn.describe_change_set(StackName="stack", ChangeSetName="cs", NextToken=first["NextToken"])
    changes = [one["ResourceChange"]["LogicalResourceId"] for one in (*first["Changes"], *rest["Changes"])]
    assert (len(first["Changes"]), sorted(changes), "NextToken" in rest) == (100, sorted(topics), False)


def test_change_sets_come_in_pages(stacks: Any, cfn: Any) -> None:
    stacks.create(template(Q=QUEUE))
    body = json.dumps(template(Q=QUEUE, T={"Type": "AWS::SNS::Topic"}))
    for number in range(103):
        cfn.create_change_set(StackName="stack", ChangeSetName=f"cs{number}", TemplateBody=body)
    pages = list(cfn.get_paginator("list_change_sets").paginate(StackName="stack"))
    assert [len(page["Summaries"]) for page in pages] == [100, 3]
    assert len({one["ChangeSetName"] for page in pages for one in page["Summaries"]}) == 103


def test_imports_come_in_pages(stacks: Any, cfn: Any) -> None:
    export = {"Value": {"Ref": "Q"}, "Export": {"Name": "url"}}
    stacks.create({"Resources": {"Q": QUEUE}, "Outputs": {"Url": export}}, "exporter")
    handle = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    body = {"Resources": {"H": handle}, "Outputs": {"Url": {"Value": {"Fn::ImportValue": "url"}}}}
    names = [f"importer-{number:03}" for number in range(102)]
    for name in names:
        cfn.create_stack(StackName=name, TemplateBody=json.dumps(body))
    for name in names:
        stacks.settled(name)
    pages = [page["Imports"] for page in cfn.get_paginator("list_imports").paginate(ExportName="url")]
    assert [len(page) for page in pages] == [100, 2]
    assert [name for page in pages for name in page] == names


@pytest.mark.parametrize("operation", ["list_imports", "list_change_sets", "describe_change_set"])
def test_tokens_of_others_are_refused(stacks: Any, cfn: Any, operation: str) -> None:
    export = {"Value": {"Ref": "Q"}, "Export": {"Name": "url"}}
    stacks.create({"Resources": {"Q": QUEUE}, "Outputs": {"Url": export}}, "exporter")
    stacks.create({"Resources": {"Q": QUEUE}, "Outputs": {"Url": {"Value": {"Fn::ImportValue": "url"}}}})
    body = json.dumps(template(Q=QUEUE, T={"Type": "AWS::SNS::Topic"}))
    cfn.create_change_set(StackName="stack", ChangeSetName="cs", TemplateBody=body)
    parameters = {
        "list_imports": {"ExportName": "url"},
        "list_change_sets": {"StackName": "stack"},
        "describe_change_set": {"StackName": "stack", "ChangeSetName": "cs"},
    }[operation]
    assert failure(getattr(cfn, operation), NextToken="?", **parameters) == "ValidationError: Invalid NextToken"
