"""The JSON that passes between states: its text and its limit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeGuard

import orjson

from undercast.engines.states.errors import StateError, runtime

MAX_STORED_BYTES = 10 * 1024 * 1024  # of all variables: .../dg/workflow-variables.html ("Limits")
MAX_BYTES = 262_144  # https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html


def json_text(value: Any) -> str:
    """Compact JSON. Raises StateError for what is nested too deep."""
    return json_bytes(value).decode("utf-8", "surrogatepass")


def json_bytes(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # integers beyond 64 bits, or nested deeper than 254
        pass
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    except RecursionError:
        raise runtime("The JSON is nested too deep.") from None


def too_large(value: Any) -> bool:
    """Whether the value's text exceeds what may pass from state to state."""
    if (isinstance(value, str) and len(value) < MAX_BYTES // 6) or isinstance(value, int | float | None):
        return False
    try:
        return len(json_bytes(value)) > MAX_BYTES
    except StateError:
        return True


def too_much_stored(variables: Mapping[str, Any]) -> bool:
    """Whether the variables together exceed what an execution may have. None of them exceeds MAX_BYTES: so few never do."""
    if len(variables) * MAX_BYTES <= MAX_STORED_BYTES:
        return False
    return sum(len(json_bytes(value)) for value in variables.values()) > MAX_STORED_BYTES


def kind(value: Any) -> str:
    """The JSON type's name, as AWS's messages have it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object" if isinstance(value, dict) else "function"


def is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
