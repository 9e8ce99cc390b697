"""Times and numbers that a state's fields give, and how large they may be."""

from __future__ import annotations

from typing import Any

from undercast.engines.states.errors import StateError, runtime
from undercast.engines.states.machine import JSONATA, State, Wait
from undercast.engines.states.payloads import json_text
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
    whole = whole_number(value)
    if whole is not None and 0 <= whole <= MAX_SECONDS:
        return whole
    shown = value if isinstance(value, str) else json_text(value)
    if state.path:
        raise runtime(f"The SecondsPath parameter does not reference a positive integer: {state.path} == {shown}")
    cause = f"The Seconds parameter is not a positive integer: {shown}"
    raise StateError("States.QueryEvaluationError", cause, "Seconds")


def seconds(state: State, name: str, field: Field | None, scope: Scope, root: Any) -> int | None:
    """TimeoutSeconds or HeartbeatSeconds. Raises StateError."""
    if field is None:
        return None
    value = field.of(scope, root)
    whole = whole_number(value)
    if whole is not None and 0 < whole <= MAX_SECONDS:
        return whole
    raise refused(state, name, f"The {name} value must be a positive integer: {json_text(value)}")


def refused(state: State, name: str, cause: str) -> StateError:
    """The value of a field is not one that the field can have."""
    return StateError("States.QueryEvaluationError", cause, name) if state.language == JSONATA else runtime(cause)


def whole_number(value: Any) -> int | None:
    """An integer, also when it is written 5.0; None for all else."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
