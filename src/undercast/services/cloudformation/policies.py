"""Stack policies: whether an update may touch a resource. Pure."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

import orjson

from undercast.services.cloudformation import errors

_ACTIONS = frozenset({"Update:*", "Update:Modify", "Update:Replace", "Update:Delete"})


def check(text: str) -> None:
    """ValidationError unless the text is a stack policy. Recorded: stack_policies::TestStackPolicy::*."""
    if not _is_policy(text):
        raise errors.ValidationError("Error validating stack policy: Invalid stack policy")


def denial(text: str, action: str, logical_id: str, type_name: str) -> str:
    """Why the policy forbids an action on a resource; "" if it allows it. An empty policy allows everything.

    The user guide, "prevent updates to stack resources": with a policy, what no statement allows is denied.
    """
    statements = _statements(text)
    if not statements:
        return ""
    found = [
        (number, one)
        for number, one in enumerate(statements, 1)
        if _matches(one, "Action", action) and _names(one, logical_id) and _holds(one, type_name)
    ]
    for number, one in found:
        if one["Effect"] == "Deny":
            return f"Action denied by stack policy: Statement [#{number}] does not allow [{action}] for resource [LogicalResourceId/{logical_id}]"
    if found:
        return ""
    return f"Action not allowed by stack policy: no statement allows [{action}] for resource [LogicalResourceId/{logical_id}]"


@lru_cache(maxsize=256)
def _statements(text: str) -> list[dict[str, Any]]:
    found = orjson.loads(text).get("Statement", []) if text else []
    return found if isinstance(found, list) else [found]


def _is_policy(text: str) -> bool:
    try:
        document = orjson.loads(text)
    except ValueError:
        return False
    if not isinstance(document, dict):
        return False
    statements = document.get("Statement", [])
    return all(_is_statement(one) for one in (statements if isinstance(statements, list) else [statements]))


def _is_statement(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and one.get("Effect") in ("Allow", "Deny")
        and one.get("Principal") == "*"
        and ("Action" in one) != ("NotAction" in one)
        and all(action in _ACTIONS for action in _list(one.get("Action", one.get("NotAction"))))
        and ("Resource" in one) != ("NotResource" in one)
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _matches(one: dict[str, Any], member: str, value: str) -> bool:
    if member in one:
        return any(fnmatchcase(value, pattern) for pattern in _list(one[member]))
    return not any(fnmatchcase(value, pattern) for pattern in _list(one[f"Not{member}"]))


def _names(one: dict[str, Any], logical_id: str) -> bool:
    patterns = _list(one.get("Resource", one.get("NotResource")))
    named = any(pattern == "*" or fnmatchcase(f"LogicalResourceId/{logical_id}", pattern) for pattern in patterns)
    return named == ("Resource" in one)


def _holds(one: dict[str, Any], type_name: str) -> bool:
    """Conditions are on ResourceType, by StringEquals or StringLike."""
    for operator, tests in one.get("Condition", {}).items():
        for values in tests.values():
            equal = any(
                fnmatchcase(type_name, value) if operator == "StringLike" else type_name == value
                for value in _list(values)
            )
            if not equal:
                return False
    return True
