"""What a stack does goes on after a restart."""

from __future__ import annotations

import json
import urllib.request
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.services.cloudformation.test_resources import ROLE, function
from undercast.pytest_plugin import InProcessPlatform
from undercast.services.cloudformation import actions

QUEUE = {"Type": "AWS::SQS::Queue"}


def client(platform: InProcessPlatform, service: str) -> Any:
    return boto3.client(service, endpoint_url=platform.url, region_name="us-east-1", aws_access_key_id="111122223333", aws_secret_access_key="x")  # fmt: skip


def test_a_stack_goes_on_after_a_restart(tmp_path: Path) -> None:
    template = {
        "Resources": {
            "Wait": {
                "Type": "AWS::CloudFormation::WaitCondition",
                "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": 600},
            },
            "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
            "Queue": {"Type": "AWS::SQS::Queue", "DependsOn": "Wait"},
        }
    }
    with closing(InProcessPlatform(tmp_path)) as platform:
        cfn = client(platform, "cloudformation")
        cfn.create_stack(StackName="stack", TemplateBody=json.dumps(template))
        platform.run(platform.platform.jobs.idle())
        rows = cfn.describe_stack_resources(StackName="stack")["StackResources"]
        assert [row["LogicalResourceId"] for row in rows] == ["Handle", "Wait"]
        path = rows[0]["PhysicalResourceId"].partition("/_aws")[2]
    with closing(InProcessPlatform(tmp_path)) as platform:
        cfn = client(platform, "cloudformation")
        body = json.dumps({"Status": "SUCCESS", "UniqueId": "1", "Data": "d"}).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{platform.url}/_aws{path}", body, method="PUT")):
            pass
        platform.run(platform.platform.jobs.idle())
        assert cfn.describe_stacks(StackName="stack")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
        assert len(client(platform, "sqs").list_queues()["QueueUrls"]) == 1


def cut_off(monkeypatch: pytest.MonkeyPatch, type_name: str) -> list[str]:
    """The first action on a type ends without being written down, as when the process dies; the list tells."""
    settle, cut = actions._settle, []

    async def dying(call: Any, generation: int, action: str, work: Any, outcome: Any) -> None:
        if work.type == type_name and not cut:
            cut.append(action)
            raise ConnectionError("cut off")
        await settle(call, generation, action, work, outcome)

    monkeypatch.setattr(actions, "_settle", dying)
    return cut


def create(platform: InProcessPlatform, resources: dict[str, Any]) -> str:
    """The stack's status once all that failed has been tried again."""
    cfn = client(platform, "cloudformation")
    cfn.create_stack(
        StackName="stack", TemplateBody=json.dumps({"Resources": resources}), Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    platform.run(platform.platform.jobs.idle())
    platform.advance(timedelta(seconds=5))
    platform.run(platform.platform.jobs.idle())
    return cfn.describe_stacks(StackName="stack")["Stacks"][0]["StackStatus"]


def test_a_key_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = cut_off(monkeypatch, "AWS::KMS::Key")
    with closing(InProcessPlatform(tmp_path)) as platform:
        key = {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": True}}
        assert create(platform, {"Key": key, "Other": key}) == "CREATE_COMPLETE"
        rows = client(platform, "cloudformation").describe_stack_resources(StackName="stack")["StackResources"]
        keys = client(platform, "kms").list_keys()["Keys"]
        assert {one["KeyId"] for one in keys} == {row["PhysicalResourceId"] for row in rows}
        assert (cut, len(keys)) == (["create"], 2)


@pytest.mark.parametrize("name", ["Function", "EventSourceMapping"])
def test_a_function_and_its_source_are_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    cut = cut_off(monkeypatch, f"AWS::Lambda::{name}")
    mapping = {"FunctionName": {"Ref": "Function"}, "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]}}
    with closing(InProcessPlatform(tmp_path)) as platform:
        resources = {
            "Role": ROLE,
            "Queue": QUEUE,
            "Function": function("def handler(event, context): pass\n"),
            "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping},
        }
        assert create(platform, resources) == "CREATE_COMPLETE"
        lambda_ = client(platform, "lambda")
        made = (lambda_.list_functions()["Functions"], lambda_.list_event_source_mappings()["EventSourceMappings"])
        assert (cut, [len(one) for one in made]) == (["create"], [1, 1])


def test_a_rotation_begins_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = cut_off(monkeypatch, "AWS::SecretsManager::RotationSchedule")
    schedule = {"SecretId": {"Ref": "Secret"}, "RotationLambdaARN": {"Fn::GetAtt": ["Function", "Arn"]}}
    with closing(InProcessPlatform(tmp_path)) as platform:
        resources = {
            "Role": ROLE,
            "Function": function("def handler(event, context): pass\n"),
            "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "old"}},
            "Schedule": {"Type": "AWS::SecretsManager::RotationSchedule", "Properties": schedule},
        }
        assert create(platform, resources) == "CREATE_COMPLETE"
        assert cut == ["create"]


def test_a_key_that_fails_late_is_not_left(tmp_path: Path) -> None:
    with closing(InProcessPlatform(tmp_path)) as platform:
        properties = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY", "EnableKeyRotation": True}
        assert create(platform, {"Key": {"Type": "AWS::KMS::Key", "Properties": properties}}) == "ROLLBACK_COMPLETE"
        kms = client(platform, "kms")
        (key,) = kms.list_keys()["Keys"]
        assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_stacks_on_postgres(on_postgres: InProcessPlatform) -> None:
    cfn = client(on_postgres, "cloudformation")

    def status() -> str:
        on_postgres.run(on_postgres.platform.jobs.idle())
        return cfn.describe_stacks(StackName=made["StackId"])["Stacks"][0]["StackStatus"]

    template = {"Resources": {f"Q{index}": QUEUE for index in range(70)}}
    made = cfn.create_stack(StackName="stack", TemplateBody=json.dumps(template))
    assert status() == "CREATE_COMPLETE"
    template["Resources"]["Q1"] = {**QUEUE, "Properties": {"QueueName": "other"}}
    cfn.update_stack(StackName="stack", TemplateBody=json.dumps(template))
    assert status() == "UPDATE_COMPLETE"
    assert cfn.describe_stacks()["Stacks"][0]["StackName"] == "stack"
    cfn.delete_stack(StackName="stack")
    assert status() == "DELETE_COMPLETE"
