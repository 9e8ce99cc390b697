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


def _without(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {name: _without(inner, text) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without(inner, text) for inner in value]
    return value.replace(text, "") if isinstance(value, str) else value
