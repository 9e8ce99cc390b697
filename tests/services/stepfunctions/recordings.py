"""Histories as AWS recorded them: `check_history("sqs_task_service::…", workflows, execution)`."""

from __future__ import annotations

import json
import re
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
    have = _in_task_folder(_without(events, without) if without else events)
    of(case).check(step, {"events": have}, ignore=(*_VARYING, *ignore, "ResponseMetadata"))


def _in_task_folder(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Where a machine allows no namespaces, a function's traceback shows the folder that it really lies in."""
    text = re.sub(r"(/[\w.-]+)+/functions/code/[0-9a-f]+", "/var/task", json.dumps(events, default=str))
    found: list[dict[str, Any]] = json.loads(text)
    return found


def check_branches(case: str, events: list[dict[str, Any]], *ignore: str) -> None:
    """The same where the order of branches was not recorded: their events are sorted, their ids are `[0]`."""
    left = list(events)
    have = []
    for want in of(case).answers["get_execution_history"]["events"]:
        found = next((event for event in left if _alike(want, event)), {})
        left = [event for event in left if event is not found]
        have.append({**found, "id": [0], "previousEventId": 0} if want["id"] == [0] else found)
    ends = {f"ParallelState{end}" for end in ("Succeeded", "Failed", "Exited")}
    assert {event["type"] for event in left} <= ends  # which were not always kept
    check_history(case, have, *ignore)


def _alike(want: dict[str, Any], have: dict[str, Any]) -> bool:
    """Whether two events may be the same: type, state, and payload of the answer where the recording has one."""
    if want["type"] != have["type"]:
        return False
    wanted, had = _details(want), _details(have)
    payload = _payload(wanted)
    return wanted.get("name") == had.get("name") and (payload is None or payload == _payload(had))


def _details(event: dict[str, Any]) -> dict[str, Any]:
    return next((value for name, value in event.items() if name.endswith("EventDetails")), {})


def _payload(details: dict[str, Any]) -> Any:
    output = details.get("output")
    answer = json.loads(output) if isinstance(output, str) and output.startswith("{") else output
    return answer.get("Payload") if isinstance(answer, dict) else None


def _without(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {name: _without(inner, text) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without(inner, text) for inner in value]
    return value.replace(text, "") if isinstance(value, str) else value
