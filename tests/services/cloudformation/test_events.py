"""AWS::Events, and the SAM events that become rules: made, changed, deleted; functions that run end to end."""

from __future__ import annotations

import json
from typing import Any

import pytest

NEED = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]


def of(type_name: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{type_name}", "Properties": properties}


def att(name: str, attribute: str = "Arn") -> dict[str, Any]:
    return {"Fn::GetAtt": [name, attribute]}


def resources(source: str, *targets: str) -> dict[str, Any]:
    shown = [{"Id": name, "Arn": att(name)} for name in targets]
    pattern = {"source": [source]}
    return {
        "First": of("SQS::Queue"),
        "Second": of("SQS::Queue"),
        "Bus": of("Events::EventBus", Name="bus", Tags=[{"Key": "a", "Value": source}]),
        "Policy": of(
            "Events::EventBusPolicy", EventBusName={"Ref": "Bus"}, StatementId="others",
            Statement={"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "events:PutEvents", "Resource": att("Bus")},
        ),
        "Rule": of("Events::Rule", EventBusName={"Ref": "Bus"}, EventPattern=pattern, Targets=shown, Description=source),
        "Archive": of("Events::Archive", SourceArn=att("Bus"), EventPattern=pattern, RetentionDays=2, Description=source),
        "Connection": of(
            "Events::Connection", AuthorizationType="BASIC",
            AuthParameters={"BasicAuthParameters": {"Username": source, "Password": "p"}},
        ),
        "Destination": of(
            "Events::ApiDestination", ConnectionArn=att("Connection"), HttpMethod="POST",
            InvocationEndpoint=f"https://example.com/{source}",
        ),
    }  # fmt: skip


@pytest.fixture
def settle(undercast: Any) -> Any:
    return lambda: undercast.run(undercast.platform.jobs.idle())


def put(aws: Any, source: str, bus: str = "default") -> None:
    entry = {"Source": source, "DetailType": "kind", "Detail": '{"n": 1}', "EventBusName": bus}
    assert aws("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


def bodies(aws: Any, url: str) -> list[Any]:
    found = aws("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in found]


def test_a_bus_with_all_that_belongs_to_it(stacks: Any, aws: Any) -> None:
    events = aws("events")
    made = stacks.create({"Resources": resources("one", "First")})
    assert made["StackStatus"] == "CREATE_COMPLETE", stacks.events()
    put(aws, "one", "bus")
    assert [body["source"] for body in bodies(aws, stacks.physical("First"))] == ["one"]
    assert events.describe_archive(ArchiveName=stacks.physical("Archive"))["EventCount"] == 1
    policy = json.loads(events.describe_event_bus(Name="bus")["Policy"])
    assert [statement["Sid"] for statement in policy["Statement"]] == ["others"]

    made = stacks.update({"Resources": resources("two", "Second")})
    assert made["StackStatus"] == "UPDATE_COMPLETE", stacks.events()
    put(aws, "one", "bus")
    put(aws, "two", "bus")
    assert [body["source"] for body in bodies(aws, stacks.physical("Second"))] == ["two"]
    assert bodies(aws, stacks.physical("First")) == []
    assert events.describe_api_destination(Name=stacks.physical("Destination"))["InvocationEndpoint"].endswith("/two")
    connection = events.describe_connection(Name=stacks.physical("Connection"))
    assert connection["AuthParameters"]["BasicAuthParameters"] == {"Username": "two"}
    arn = events.describe_event_bus(Name="bus")["Arn"]
    assert {"Key": "a", "Value": "two"} in events.list_tags_for_resource(ResourceARN=arn)["Tags"]

    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"
    assert [bus["Name"] for bus in events.list_event_buses()["EventBuses"]] == ["default"]
    assert events.list_connections()["Connections"] == events.list_api_destinations()["ApiDestinations"] == []


def test_a_rule_that_is_there_is_not_taken_over(stacks: Any, aws: Any) -> None:
    aws("events").put_rule(Name="mine", EventPattern='{"source": ["x"]}')
    rule = of("Events::Rule", Name="mine", EventPattern={"source": ["y"]})
    assert stacks.create({"Resources": {"Rule": rule}})["StackStatus"] == "ROLLBACK_COMPLETE"
    assert aws("events").describe_rule(Name="mine")["EventPattern"] == '{"source": ["x"]}'


CODE = """
import boto3, json, os
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["URL"], MessageBody=json.dumps(event))
"""


def test_sam_events_run_functions(stacks: Any, aws: Any, clock: Any, settle: Any) -> None:
    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Runtime": "python3.12", "Handler": "index.handler", "InlineCode": CODE,
            "Environment": {"Variables": {"URL": {"Ref": "Queue"}}},
            "Policies": [{"SQSSendMessagePolicy": {"QueueName": att("Queue", "QueueName")}}],
            "Events": {
                "Bridge": {"Type": "EventBridgeRule", "Properties": {"Pattern": {"source": ["shop"]}}},
                "Watch": {"Type": "CloudWatchEvent", "Properties": {"Pattern": {"source": ["mill"]}}},
                "Hourly": {"Type": "Schedule", "Properties": {"Schedule": "rate(1 hour)", "Input": '{"tick": 1}'}},
            },
        },
    }  # fmt: skip
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"Queue": of("SQS::Queue"), "Function": function},
    }
    made = stacks.deploy(template, Capabilities=NEED)
    assert made["StackStatus"] == "CREATE_COMPLETE", stacks.events()
    put(aws, "shop")
    put(aws, "mill")
    put(aws, "other")
    settle()
    assert sorted(body["source"] for body in bodies(aws, stacks.physical("Queue"))) == ["mill", "shop"]
    clock.advance(hours=1)
    settle()
    assert {"tick": 1} in bodies(aws, stacks.physical("Queue"))
