"""Workflows that the tests of the console run."""

from __future__ import annotations

from typing import Any


def chain() -> dict[str, Any]:
    """A choice, a wait of an hour and an end."""
    return {
        "StartAt": "Large?",
        "States": {
            "Large?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.amount", "NumericGreaterThan": 100, "Next": "Too much"}],
                "Default": "Rest",
            },
            "Rest": {"Type": "Wait", "Seconds": 3600, "Next": "Done"},
            "Done": {"Type": "Pass", "Result": {"done": True}, "End": True},
            "Too much": {"Type": "Fail", "Error": "Order.TooLarge", "Cause": "Nobody may spend that much."},
        },
    }


def sending(queue_url: str) -> dict[str, Any]:
    """A task that fails while its queue is not there, with two retries; what came before it is not done again."""
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 1}]
    send = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": queue_url, "MessageBody.$": "$.text"},
        "Retry": retry,
        "End": True,
    }
    return {"StartAt": "Prepare", "States": {"Prepare": {"Type": "Pass", "Next": "Send"}, "Send": send}}


def picking() -> dict[str, Any]:
    """A Map whose items fail when they say so, beside a branch that passes."""
    check = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.bad", "BooleanEquals": True, "Next": "Broken"}],
        "Default": "Fine",
    }
    inside = {
        "StartAt": "Check",
        "States": {
            "Check": check,
            "Fine": {"Type": "Pass", "End": True},
            "Broken": {"Type": "Fail", "Error": "Item.Broken", "Cause": "It fell down."},
        },
    }
    pick = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": inside, "End": True}
    branches = [
        {"StartAt": "Pick", "States": {"Pick": pick}},
        {"StartAt": "Letter", "States": {"Letter": {"Type": "Pass", "End": True}}},
    ]
    return {"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "Branches": branches, "End": True}}}
