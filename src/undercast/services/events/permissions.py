"""The policy of a bus: its statements, and whether it lets someone of another account send events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from undercast.engines import policies
from undercast.services.events import errors
from undercast.services.events.model import Bus

LONGEST = 10_240  # bytes; "Event bus policy size" in the quotas of EventBridge


def with_statement(bus: Bus, request: dict[str, Any]) -> str:
    """The policy with the statement that PutPermission describes, in place of one of the same id."""
    for name in ("Action", "Principal", "StatementId"):
        if not request.get(name):
            raise errors.ValidationException(f"Parameter {name} must be specified.")
    principal = request["Principal"]
    statement = {
        "Sid": request["StatementId"],
        "Effect": "Allow",
        "Principal": "*" if principal == "*" else {"AWS": f"arn:aws:iam::{principal}:root"},
        "Action": request["Action"],
        "Resource": bus.arn,
    }
    if condition := request.get("Condition"):
        statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    others = [one for one in _statements(bus) if one.get("Sid") != request["StatementId"]]
    return _document([*others, statement])


def without_statement(bus: Bus, request: dict[str, Any]) -> str:
    """The policy without a statement; "" when none is left. ResourceNotFoundException."""
    if not request.get("StatementId"):
        raise errors.ValidationException("Parameter StatementId must be specified.")
    statements = _statements(bus)
    if not statements:
        raise errors.ResourceNotFoundException("EventBus does not have a policy.")
    kept = [one for one in statements if one.get("Sid") != request["StatementId"]]
    if len(kept) == len(statements):
        raise errors.ResourceNotFoundException("Statement with the provided id does not exist.")
    return _document(kept) if kept else ""


def check(policy: str) -> None:
    """ValidationException unless it is a policy."""
    try:
        policies.parse(policy, "resource")
    except policies.MalformedPolicy as error:
        raise errors.ValidationException(f"Policy is not valid. Reason: {error}") from None


def allows(bus: Bus, account: str, arns: Sequence[str], context: dict[str, Any]) -> bool:
    """Whether a caller of another account may put events on a bus; `context` are the condition keys."""
    if not bus.policy:
        return False
    principal = policies.Principal(account, (*arns, f"arn:aws:iam::{account}:root"))
    request = policies.Request("events:PutEvents", bus.arn, principal, {"aws:PrincipalAccount": account, **context})
    return policies.evaluate([policies.parse(bus.policy, "resource")], request).allowed


def _statements(bus: Bus) -> list[dict[str, Any]]:
    found = orjson.loads(bus.policy)["Statement"] if bus.policy else []
    return found if isinstance(found, list) else [found]


def _document(statements: list[dict[str, Any]]) -> str:
    return orjson.dumps({"Version": "2012-10-17", "Statement": statements}).decode()
