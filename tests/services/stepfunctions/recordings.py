"""Histories as AWS recorded them: `check_history("sqs_task_service::…", workflows, execution)`."""

from __future__ import annotations

from typing import Any

from tests.recorded import Recorded, recorded

SERVICE = "stepfunctions"
# What differs from run to run, but was kept as it was in the recordings, or replaced by its own name.
_VARYING = ("roleArn", "x-amzn-RequestId", "X-Amzn-Trace-Id", "x-amz-crc32")
ATTEMPTS = " (SDK Attempt Count: 1)"  # which AWS writes since 2025: older recordings lack it


def of(case: str) -> Recorded:
    """A recorded case, by its name without the class: `sqs_task_service::test_send_message`."""
    return recorded(case, SERVICE)


def check_history(
    case: str, events: list[dict[str, Any]], *ignore: str, step: str = "get_execution_history", without: str = ""
) -> None:
    """Assert that a history is the recorded one. `ignore` names members left out, `without` a text to take out of ours."""
    have = _without(events, without) if without else events
    of(case).check(step, {"events": have}, ignore=(*_VARYING, *ignore, "ResponseMetadata"))


def check_branches(case: str, events: list[dict[str, Any]], *ignore: str) -> None:
    """The same where the order of branches was not recorded: their events are sorted, their ids are `[0]`."""
    left = list(events)
    have = []
    for want in of(case).answers["get_execution_history"]["events"]:
        found = next((event for event in left if _alike(want, event)), {})
        left = [event for event in left if event is not found]
        have.append({**found, "id": [0], "previousEventId": 0} if want["id"] == [0] else found)
    assert {event["type"] for event in left} <= {"ParallelStateSucceeded", "ParallelStateFailed"}  # not kept either
    check_history(case, have, *ignore)


def _alike(want: dict[str, Any], have: dict[str, Any]) -> bool:
    return want["type"] == have["type"] and _told(want) == _told(have)


def _told(event: dict[str, Any]) -> list[Any]:
    """What tells apart two events of one type."""
    details = next((value for name, value in event.items() if name.endswith("EventDetails")), {})
    return [details.get("name"), details.get("parameters") and event["type"]]


def _without(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {name: _without(inner, text) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without(inner, text) for inner in value]
    return value.replace(text, "") if isinstance(value, str) else value
