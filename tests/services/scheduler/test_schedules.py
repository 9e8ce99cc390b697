"""Schedules: what is kept of them, how they are changed, listed and deleted, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

LATER = datetime(2090, 1, 1, tzinfo=UTC)


def test_what_is_shown(scheduler: Any, schedule: Any, target: dict[str, Any], account: str, region: str) -> None:
    arn = schedule("rate(1 hour)", State="DISABLED", Description="hourly", EndDate=LATER)
    assert arn == f"arn:aws:scheduler:{region}:{account}:schedule/default/schedule"
    shown = scheduler.get_schedule(Name="schedule")
    shown.pop("ResponseMetadata")
    assert shown.pop("CreationDate") == shown.pop("LastModificationDate")
    assert shown == {
        "ActionAfterCompletion": "NONE",
        "Arn": arn,
        "Description": "hourly",
        "EndDate": LATER,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "GroupName": "default",
        "Name": "schedule",
        "ScheduleExpression": "rate(1 hour)",
        "ScheduleExpressionTimezone": "UTC",
        "State": "DISABLED",
        "Target": {**target, "RetryPolicy": {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}},
    }


def test_a_name_is_taken_once_in_a_group(scheduler: Any, schedule: Any, refused: Any) -> None:
    schedule("rate(1 hour)", State="DISABLED")
    assert refused(schedule, "rate(1 hour)", State="DISABLED") == (
        "ConflictException", "Schedule schedule already exists.",
    )  # fmt: skip
    scheduler.create_schedule_group(Name="group")
    schedule("rate(1 hour)", State="DISABLED", GroupName="group")


def test_a_token_makes_creation_and_deletion_repeatable(scheduler: Any, schedule: Any, refused: Any) -> None:
    arn = schedule("rate(1 hour)", State="DISABLED", ClientToken="token")
    assert schedule("rate(1 hour)", State="DISABLED", ClientToken="token") == arn
    assert refused(schedule, "rate(2 hours)", State="DISABLED", ClientToken="token")[0] == "ConflictException"
    scheduler.delete_schedule(Name="schedule", ClientToken="gone")
    scheduler.delete_schedule(Name="schedule", ClientToken="gone")
    assert refused(scheduler.delete_schedule, Name="schedule", ClientToken="other") == (
        "ResourceNotFoundException", "Schedule schedule does not exist.",
    )  # fmt: skip


def test_an_update_replaces_everything(scheduler: Any, schedule: Any, target: dict[str, Any]) -> None:
    schedule("rate(1 hour)", State="DISABLED", Description="hourly", ScheduleExpressionTimezone="Europe/Berlin")
    scheduler.update_schedule(
        Name="schedule", ScheduleExpression="rate(2 days)", FlexibleTimeWindow={"Mode": "OFF"}, Target=target
    )
    shown = scheduler.get_schedule(Name="schedule")
    assert (shown["State"], shown["ScheduleExpression"]) == ("ENABLED", "rate(2 days)")
    assert shown["ScheduleExpressionTimezone"] == "UTC"
    assert "Description" not in shown


def test_pages_and_filters(scheduler: Any, schedule: Any) -> None:
    scheduler.create_schedule_group(Name="group")
    for name in ("a1", "a2", "b1"):
        schedule("rate(1 hour)", name, State="DISABLED")
        schedule("at(2090-01-01T00:00:00)", name, GroupName="group")

    def names(**filters: Any) -> list[str]:
        found = scheduler.get_paginator("list_schedules").paginate(**filters, PaginationConfig={"PageSize": 2})
        return [f"{one['GroupName']}/{one['Name']}" for page in found for one in page["Schedules"]]

    everything = ["default/a1", "default/a2", "default/b1", "group/a1", "group/a2", "group/b1"]
    assert names() == everything
    assert names(GroupName="group") == everything[3:]
    assert names(NamePrefix="a") == ["default/a1", "default/a2", "group/a1", "group/a2"]
    assert names(State="DISABLED") == everything[:3]
    assert set(scheduler.list_schedules()["Schedules"][0]) == {
        "Arn", "CreationDate", "GroupName", "LastModificationDate", "Name", "State", "Target",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ScheduleExpressionTimezone": "Mars/Base"}, "Invalid Schedule Expression Timezone Mars/Base."),
        ({"StartDate": datetime(2020, 1, 1)}, "The StartDate you specify cannot be earlier than 5 minutes ago."),
        ({"StartDate": LATER, "EndDate": LATER}, "The EndDate you specify must come after the StartDate."),
        ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "MaximumWindowInMinutes must be provided when Mode is FLEXIBLE."),
        (
            {"FlexibleTimeWindow": {"Mode": "OFF", "MaximumWindowInMinutes": 5}},
            "MaximumWindowInMinutes must not be provided when Mode is OFF.",
        ),
        ({"target": {"Arn": "queue"}}, "Provided Arn is not in correct format."),
        ({"target": {"Arn": "arn:aws:s3:::bucket"}}, "Provided Arn is not in correct format."),
        (
            {"target": {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:getQueueUrl"}},
            "Provided Arn is not supported: getQueueUrl only reads.",
        ),
        ({"target": {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:fly", "Input": "{}"}}, "Provided Arn is not in correct format."),
        ({"target": {"Arn": "arn:aws:scheduler:::aws-sdk:nothing:fly", "Input": "{}"}}, "Provided Arn is not in correct format."),
        (
            {"target": {"Arn": "arn:aws:sqs:us-east-1:000000000000:q.fifo"}},
            "SqsParameters.MessageGroupId must be provided for a FIFO queue.",
        ),
        (
            {"target": {"KinesisParameters": {"PartitionKey": "k"}, "Arn": "arn:aws:sqs:us-east-1:000000000000:q"}},
            "KinesisParameters cannot be used with target arn:aws:sqs:us-east-1:000000000000:q.",
        ),
    ],
)  # fmt: skip
def test_what_is_refused(schedule: Any, refused: Any, settings: dict[str, Any], message: str) -> None:
    assert refused(schedule, "rate(1 hour)", **settings) == ("ValidationException", message)


@pytest.mark.parametrize(
    "wrong",
    [
        {"Arn": "arn:aws:lambda:us-east-1:000000000000:function:f", "Input": "no json"},
        {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "Input": "no json"},
        {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "Input": "[]"},
    ],
)
def test_input_that_is_no_json(schedule: Any, refused: Any, wrong: dict[str, Any]) -> None:
    code, message = refused(schedule, "rate(1 hour)", target=wrong)
    assert code == "ValidationException"
    assert message.startswith("Invalid RequestJson provided. Reason")


@pytest.mark.parametrize("service", ["ecs", "sagemaker", "codebuild", "codepipeline", "inspector"])
def test_targets_that_are_not_here(schedule: Any, refused: Any, service: str) -> None:
    code, message = refused(schedule, "rate(1 hour)", target={"Arn": f"arn:aws:{service}:us-east-1:000000000000:x"})
    assert (code, service in message) == ("NotImplemented", True)


def test_groups_that_are_not_there(scheduler: Any, schedule: Any, refused: Any) -> None:
    missing = ("ResourceNotFoundException", "Schedule group group does not exist.")
    assert refused(schedule, "rate(1 hour)", GroupName="group") == missing
    assert refused(scheduler.list_schedules, GroupName="group") == missing


def test_schedules_that_are_not_there(scheduler: Any, target: dict[str, Any], refused: Any) -> None:
    missing = ("ResourceNotFoundException", "Schedule other does not exist.")
    assert refused(scheduler.get_schedule, Name="other") == missing
    assert refused(scheduler.delete_schedule, Name="other") == missing
    settings = {"ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}
    assert refused(scheduler.update_schedule, Name="other", **settings) == missing


def test_a_role_must_trust_the_scheduler(aws: Any, schedule: Any, refused: Any) -> None:
    iam = aws("iam")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]}  # fmt: skip
    role = iam.create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    assert refused(schedule, "rate(1 hour)", target={"RoleArn": role}) == (
        "ValidationException",
        "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
    )
    trust["Statement"][0]["Principal"]["Service"] = "scheduler.amazonaws.com"
    iam.update_assume_role_policy(RoleName="role", PolicyDocument=json.dumps(trust))
    schedule("rate(1 hour)", target={"RoleArn": role}, State="DISABLED")


def test_a_key_hides_the_input(
    aws: Any, undercast: Any, scheduler: Any, schedule: Any, bodies: Any, refused: Any
) -> None:
    kms = aws("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    schedule("rate(1 hour)", KmsKeyArn=key, target={"Input": "secret " + "x" * 5000})
    assert scheduler.get_schedule(Name="schedule")["Target"]["Input"][:7] == "secret "
    assert [body[:7] for body in bodies()] == ["secret "]
    kept = undercast.run(undercast.platform.store.scan("SELECT settings FROM scheduler_schedules WHERE settings LIKE ?", f"%{key}%"))  # fmt: skip
    assert len(kept) == 1
    assert "secret" not in kept[0][0]
    other = key[:-1] + ("0" if key[-1] != "0" else "1")
    assert refused(schedule, "rate(1 hour)", "second", KmsKeyArn=other)[0] == "ValidationException"


def test_an_old_start_date_may_stay(
    scheduler: Any, schedule: Any, target: dict[str, Any], clock: Any, now: Any
) -> None:
    start = now() + timedelta(days=400)
    schedule("rate(1 day)", StartDate=start, State="DISABLED")
    clock.advance(days=500)
    scheduler.update_schedule(
        Name="schedule", ScheduleExpression="rate(1 day)", StartDate=start, State="DISABLED", Target=target,
        FlexibleTimeWindow={"Mode": "OFF"},
    )  # fmt: skip
