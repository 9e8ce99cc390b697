"""Reads a policy document and refuses what AWS refuses, in its words where they are known."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Literal, TypeGuard

from undercast.engines.policies.conditions import OPERATORS
from undercast.engines.policies.model import Condition, Policy, Principals, Statement

Kind = Literal["identity", "resource", "trust"]

MAX_CHARS = 200_000  # above every service's own limit
_VERSIONS = ("2012-10-17", "2008-10-17")
_TOP = {"Version", "Id", "Statement"}
_MEMBERS = {
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}  # fmt: skip
_PRINCIPAL_TYPES = {"AWS", "Service", "Federated", "CanonicalUser"}
_SID = re.compile(r"[0-9A-Za-z]*")
_VENDOR = re.compile(r"[a-zA-Z0-9.\-]+")
_ACTION = re.compile(r"[a-zA-Z0-9*?]+")
_PARTITION = re.compile(r"aws(?:-[a-z]+)*|\*")
_ROOT_OR_ACCOUNT = re.compile(r"\*|[0-9]{12}|arn:[\w-]+:(?:iam|sts)::(?:[0-9]{12}|cloudfront):.+|A[A-Z0-9]{3,127}")
_OPERATOR = re.compile(r"(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?", re.I)

_SYNTAX = "Syntax errors in policy."


class MalformedPolicy(Exception):
    """The document is no policy of this kind. The message is AWS's for MalformedPolicyDocument."""


def parse(text: str, kind: Kind = "identity", *, old: bool = False) -> Policy:
    """A policy for an identity, for a resource, or the trust policy of a role. Raises MalformedPolicy.

    `old`: an identity's policy may be of the language's first version, as inline ones may (managed ones may not).
    Services check resource policies further (actions and ARNs of their own) and have other error codes for them.
    """
    document = _load(text, kind)
    if not set(document) <= _TOP or not isinstance(document.get("Id", ""), str):
        raise MalformedPolicy(_SYNTAX)
    version = document.get("Version", "2008-10-17")
    if version not in _VERSIONS:
        raise MalformedPolicy(_SYNTAX)
    if kind == "identity" and version != "2012-10-17" and not old:
        raise MalformedPolicy("Policy document must be version 2012-10-17 or greater.")
    given = document.get("Statement")
    entries = given if isinstance(given, list) else [given]
    if not entries:
        raise MalformedPolicy(_SYNTAX)
    statements = tuple(_statement(entry, kind) for entry in entries)
    sids = [statement.sid for statement in statements if statement.sid]
    if len(set(sids)) < len(sids):
        raise MalformedPolicy("Statement IDs (SID) in a single policy must be unique.")
    return Policy(statements, str(version), str(document.get("Id", "")))


def _load(text: str, kind: Kind) -> Mapping[str, object]:
    # Recorded for CreateRole; the other text for CreatePolicy is known from its users.
    message = _SYNTAX if kind == "identity" else "This policy contains invalid Json"
    if len(text) > MAX_CHARS:
        raise MalformedPolicy(message)
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        raise MalformedPolicy(message) from None
    if not isinstance(document, dict):
        raise MalformedPolicy(message)
    return document


def _statement(entry: object, kind: Kind) -> Statement:
    if not _is_object(entry):
        raise MalformedPolicy(_SYNTAX)
    _check_members(entry, kind)
    sid = entry.get("Sid", "")
    if not isinstance(sid, str):
        raise MalformedPolicy(_SYNTAX)
    if kind == "identity" and not _SID.fullmatch(sid):
        raise MalformedPolicy(
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
            "[0-9A-Za-z]*"
        )
    return Statement(
        allows=entry["Effect"] == "Allow",
        sid=sid,
        actions=_actions(entry, "Action", kind),
        not_actions=_actions(entry, "NotAction", kind),
        resources=_resources(entry, "Resource", kind),
        not_resources=_resources(entry, "NotResource", kind),
        principals=_principals(entry, "Principal"),
        not_principals=_principals(entry, "NotPrincipal"),
        conditions=_conditions(entry.get("Condition", {})),
    )


def _check_members(entry: Mapping[str, object], kind: Kind) -> None:
    """Which members there must and must not be."""
    for unknown in sorted(set(entry) - _MEMBERS):
        raise MalformedPolicy(_SYNTAX if kind == "identity" else f"Unknown field {unknown}")
    for member in ("Action", "Resource", "Principal"):
        if member in entry and "Not" + member in entry:
            raise MalformedPolicy(_SYNTAX)
    actions, resources, principals = (
        member in entry or "Not" + member in entry for member in ("Action", "Resource", "Principal")
    )
    if kind == "identity":
        _check_identity(actions, resources, principals)
    elif kind == "trust" and resources:
        raise MalformedPolicy("Has prohibited field Resource")
    elif not principals:
        raise MalformedPolicy("Missing required field Principal")
    elif not actions:
        raise MalformedPolicy("Missing required field Action")
    elif kind == "resource" and not resources:
        raise MalformedPolicy("Missing required field Resource")
    if "Effect" not in entry and kind != "identity":
        raise MalformedPolicy("Missing required field Effect")
    if entry.get("Effect") not in ("Allow", "Deny"):
        raise MalformedPolicy(_SYNTAX if kind == "identity" else f"Invalid effect: {entry['Effect']}")


def _check_identity(actions: bool, resources: bool, principals: bool) -> None:
    if principals:
        raise MalformedPolicy("Policy document should not specify a principal.")
    if not actions:
        raise MalformedPolicy("Policy statement must contain actions.")
    if not resources:
        raise MalformedPolicy("Policy statement must contain resources.")


def _texts(value: object) -> tuple[str, ...]:
    """A string or a list of strings."""
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in values):
        raise MalformedPolicy(_SYNTAX)
    return tuple(values)


def _actions(entry: Mapping[str, object], member: str, kind: Kind) -> tuple[str, ...] | None:
    if member not in entry:
        return None
    actions = _texts(entry[member])
    if not actions:
        raise MalformedPolicy("Policy statement must contain actions.")
    for action in actions:
        _check_action(action)
        if kind == "trust" and not action.lower().startswith("sts:"):
            raise MalformedPolicy("AssumeRole policy may only specify STS AssumeRole actions.")
    return actions


def _check_action(action: str) -> None:
    if action == "*":
        return
    vendor, colon, name = action.partition(":")
    if not colon:
        raise MalformedPolicy("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
    if not _VENDOR.fullmatch(vendor):
        raise MalformedPolicy(f"Vendor {vendor} is not valid")
    if not _ACTION.fullmatch(name):
        raise MalformedPolicy(_SYNTAX if ":" not in name else "Actions/Condition can contain only one colon.")


def _resources(entry: Mapping[str, object], member: str, kind: Kind) -> tuple[str, ...] | None:
    if member not in entry:
        return None
    resources = _texts(entry[member])
    if not resources:
        raise MalformedPolicy("Policy statement must contain resources.")
    for resource in resources:
        if kind == "identity" and resource != "*":
            _check_arn(resource)
    return resources


def _check_arn(resource: str) -> None:
    parts = resource.split(":", 5)
    if parts[0] != "arn":
        raise MalformedPolicy(f'Resource {resource} must be in ARN format or "*".')
    if len(parts) > 1 and not _PARTITION.fullmatch(parts[1]):
        raise MalformedPolicy(f'Partition "{parts[1]}" is not valid for resource "{resource}".')
    if len(parts) < 6 and "*" not in resource:
        raise MalformedPolicy("The policy failed legacy parsing")
    if len(parts) > 2 and not re.fullmatch(r"[a-zA-Z0-9-]+|\*", parts[2]):
        raise MalformedPolicy("Resource vendor must be fully qualified and cannot contain regexes.")


def _principals(entry: Mapping[str, object], member: str) -> Principals | None:
    if member not in entry:
        return None
    given = entry[member]
    if given == "*":
        return {"*": ("*",)}
    if not _is_object(given):
        raise MalformedPolicy("Invalid principal in policy")
    for unknown in sorted(set(given) - _PRINCIPAL_TYPES):
        raise MalformedPolicy(f"Unknown field {unknown}")
    principals = {kind: _texts(value) for kind, value in given.items()}
    if not any(principals.values()):
        raise MalformedPolicy(
            "Invalid principal in policy: com.amazon.balsa.error.InvalidPolicyException: The passed in policy has a "
            "statement with no principals!"
        )
    for one in principals.get("AWS", ()):
        if not _ROOT_OR_ACCOUNT.fullmatch(one):
            raise MalformedPolicy(f'Invalid principal in policy: "AWS":"{one}"')
    return principals


def _conditions(block: object) -> tuple[Condition, ...]:
    if not _is_object(block):
        raise MalformedPolicy(_SYNTAX)
    found: list[Condition] = []
    for operator, keys in block.items():
        match = _OPERATOR.fullmatch(operator)
        name = OPERATORS.get(match.group(2).lower()) if match else None
        if not match or not name or not _is_object(keys):
            raise MalformedPolicy(_SYNTAX)
        quantifier = {"forallvalues": "ForAllValues", "foranyvalue": "ForAnyValue"}.get(
            (match.group(1) or "").lower(), ""
        )
        if_exists = bool(match.group(3))
        found += [Condition(name, key, _condition_values(given), quantifier, if_exists) for key, given in keys.items()]
    return tuple(found)


def _condition_values(given: object) -> tuple[str, ...]:
    values = given if isinstance(given, list) else [given]
    if not all(isinstance(value, str | int | float | bool) for value in values):
        raise MalformedPolicy(_SYNTAX)
    return tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in values)


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)
