"""Times and numbers that a state's fields give, and how large they may be."""

from __future__ import annotations

from typing import Any

from undercast.engines.states.errors import StateError, runtime
from undercast.engines.states.machine import Wait
from undercast.engines.states.payloads import is_number, json_text
from undercast.engines.states.scope import Field, Scope
from undercast.engines.states.times import timestamp_ms

MAX_SECONDS = 99_999_999
_LONGEST_WAIT_S = 2_147_483_647  # recorded: 24,855 days are waited for, 24,856 are not


def wait_until(state: Wait, value: Any, now_ms: int) -> int:
    """When a Wait is over. Raises StateError."""
    if state.field.startswith("Timestamp"):
        at_ms = timestamp_ms(value)
        if at_ms is None:
            raise _no_timestamp(state, value)
    else:
        at_ms = now_ms + 1000 * _wait_seconds(state, value)
    if at_ms - now_ms > _LONGEST_WAIT_S * 1000:
        raise runtime("Wait state delay is too long.")
    return at_ms


def _no_timestamp(state: Wait, value: Any) -> StateError:
    shown = value if isinstance(value, str) else json_text(value)
    if state.path:
        return runtime(
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: "
            f"{state.path} == {shown}"
        )
    cause = f"The Timestamp parameter is not a valid ISO-8601 extended offset date-time format string: {shown}"
    return StateError("States.QueryEvaluationError", cause, "Timestamp")


def _wait_seconds(state: Wait, value: Any) -> int:
    if is_number(value) and value == int(value) and 0 <= value <= MAX_SECONDS:
        return int(value)
    shown = value if isinstance(value, str) else json_text(value)
    if state.path:
        raise runtime(f"The SecondsPath parameter does not reference a positive integer: {state.path} == {shown}")
    cause = f"The Seconds parameter is not a positive integer: {shown}"
    raise StateError("States.QueryEvaluationError", cause, "Seconds")


def seconds(name: str, field: Field | None, scope: Scope, root: Any) -> int | None:
    """TimeoutSeconds or HeartbeatSeconds. Raises StateError."""
    if field is None:
        return None
    value = field.of(scope, root)
    if is_number(value) and value == int(value) and 0 < value <= MAX_SECONDS:
        return int(value)
    raise runtime(f"The {name} value must be a positive integer: {json_text(value)}")
