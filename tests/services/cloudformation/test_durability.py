"""What a stack does goes on after a restart."""

from __future__ import annotations

import json
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import boto3

from undercast.pytest_plugin import InProcessPlatform

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
