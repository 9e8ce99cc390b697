"""AWS::Scheduler, and the SAM event ScheduleV2: made, changed, replaced, deleted; a function that runs by the clock."""

from __future__ import annotations

import json
from typing import Any

import pytest

NEED = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]


def template(expression: str = "rate(1 hour)", group: str = "Group", **more: Any) -> dict[str, Any]:
    target = {
        "Arn": {"Fn::GetAtt": ["Queue", "Arn"]},
        "RoleArn": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/any"},
        "Input": "tick",
    }
    schedule = {
        "ScheduleExpression": expression,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": target,
        "GroupName": {"Ref": group},
        **more,
    }
    return {
        "Resources": {
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Group": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Tags": [{"Key": "a", "Value": "b"}]}},
            "Other": {"Type": "AWS::Scheduler::ScheduleGroup"},
            "Schedule": {"Type": "AWS::Scheduler::Schedule", "Properties": schedule},
        },
        "Outputs": {
            "Schedule": {"Value": {"Fn::GetAtt": ["Schedule", "Arn"]}},
            "Group": {"Value": {"Fn::GetAtt": ["Group", "Arn"]}},
            "State": {"Value": {"Fn::GetAtt": ["Group", "State"]}},
        },
    }


@pytest.fixture
def settle(undercast: Any) -> Any:
    return lambda: undercast.run(undercast.platform.jobs.idle())


def test_a_schedule_and_its_group(stacks: Any, aws: Any, settle: Any) -> None:
    scheduler = aws("scheduler")
    made = stacks.create(template())
    assert made["StackStatus"] == "CREATE_COMPLETE", stacks.events()
    group, name = stacks.physical("Group"), stacks.physical("Schedule")
    outputs = stacks.outputs()
    assert outputs["Schedule"].endswith(f":schedule/{group}/{name}")
    assert (outputs["Group"].endswith(f":schedule-group/{group}"), outputs["State"]) == (True, "ACTIVE")
    tags = {tag["Key"]: tag["Value"] for tag in scheduler.list_tags_for_resource(ResourceArn=outputs["Group"])["Tags"]}
    assert (tags["a"], tags["aws:cloudformation:logical-id"]) == ("b", "Group")

    stacks.update(template("rate(2 hours)", Description="changed"))
    shown = scheduler.get_schedule(Name=name, GroupName=group)
    assert (shown["ScheduleExpression"], shown["Description"]) == ("rate(2 hours)", "changed")

    stacks.update(template(group="Other"))
    assert [one["GroupName"] for one in scheduler.list_schedules()["Schedules"]] == [stacks.physical("Other")]

    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"
    settle()
    assert scheduler.list_schedules()["Schedules"] == []
    assert [one["Name"] for one in scheduler.list_schedule_groups()["ScheduleGroups"]] == ["default"]


def test_an_expression_that_is_none(stacks: Any) -> None:
    failed = stacks.create(template("rate(1 blue moon)"))
    assert failed["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("Invalid Schedule Expression rate(1 blue moon)." in reason for _, _, reason in stacks.events())


def test_a_function_by_the_clock(stacks: Any, aws: Any, sqs: Any, clock: Any, settle: Any) -> None:
    """SAM: ScheduleV2 brings a role and a schedule; the function's result goes to a queue."""
    function = {
        "InlineCode": "def handler(event, context):\n    return event['n']",
        "Handler": "index.handler",
        "Runtime": "python3.12",
        "EventInvokeConfig": {"DestinationConfig": {"OnSuccess": {"Type": "SQS"}}},
        "Events": {
            "Nightly": {
                "Type": "ScheduleV2",
                "Properties": {
                    "ScheduleExpression": "cron(0 3 * * ? *)",
                    "ScheduleExpressionTimezone": "Europe/Berlin",
                    "Input": '{"n": 42}',
                    "RetryPolicy": {"MaximumRetryAttempts": 3},
                },
            }
        },
    }
    resources = {"Function": {"Type": "AWS::Serverless::Function", "Properties": function}}
    made = stacks.create({"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}, Capabilities=NEED)
    assert made["StackStatus"] == "CREATE_COMPLETE", stacks.events()
    (url,) = sqs.list_queues()["QueueUrls"]
    clock.advance(days=2)
    settle()
    results = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=20)["Messages"]
    assert {json.loads(message["Body"])["responsePayload"] for message in results} == {42}
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"
    assert aws("scheduler").list_schedules()["Schedules"] == []
