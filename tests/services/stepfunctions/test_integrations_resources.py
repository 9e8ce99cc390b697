"""What the resource of a Task says."""

from __future__ import annotations

import pytest

from undercast.services.stepfunctions.integrations.resources import Kind, find, parse


@pytest.mark.parametrize(
    ("arn", "kind", "resource_type", "resource"),
    [
        ("arn:aws:states:::sqs:sendMessage", Kind.TASK, "sqs", "sendMessage"),
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", Kind.TASK, "sqs", "sendMessage.waitForTaskToken"),
        ("arn:aws:states:::states:startExecution.sync:2", Kind.TASK, "states", "startExecution.sync:2"),
        ("arn:aws:states:::aws-sdk:sfn:startExecution", Kind.TASK, "aws-sdk:sfn", "startExecution"),
        ("arn:aws-cn:states:::events:putEvents", Kind.TASK, "events", "putEvents"),
    ],
)
def test_task(arn: str, kind: Kind, resource_type: str, resource: str) -> None:
    found = parse(arn)
    assert (found.kind, found.resource_type, found.resource) == (kind, resource_type, resource)


@pytest.mark.parametrize(
    ("arn", "kind"),
    [
        ("arn:aws:lambda:eu-west-1:111111111111:function:book", Kind.FUNCTION),
        ("arn:aws:lambda:eu-west-1:111111111111:function:book:live", Kind.FUNCTION),
        ("arn:aws:states:eu-west-1:111111111111:activity:pack", Kind.ACTIVITY),
    ],
)
def test_named_by_its_own_arn(arn: str, kind: Kind) -> None:
    found = parse(arn)
    assert (found.kind, found.resource) == (kind, arn)


def test_what_waits() -> None:
    assert parse("arn:aws:states:::sns:publish.waitForTaskToken").waits_for_token
    assert parse("arn:aws:states:eu-west-1:111111111111:activity:pack").waits_for_token
    assert not parse("arn:aws:states:::sns:publish").waits_for_token
    assert parse("arn:aws:states:::states:startExecution.sync").waits_for_execution
    assert not parse("arn:aws:states:::states:startExecution").waits_for_execution


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:states:::dynamodb:query",  # recorded: dynamodb_task_service::…::test_invalid_integration
        "arn:aws:states:::sqs:sendMessage.sync",
        "arn:aws:states:::states:startExecution.sync:3",
        "arn:aws:states:::http:invoke.waitForTaskToken",
        "arn:aws:states:::aws-sdk:s3:getObject.sync",
        "arn:aws:lambda:eu-west-1:111111111111:layer:book",
        "book",
        "",
    ],
)
def test_what_aws_does_not_recognize(arn: str) -> None:
    assert find(arn) is None
