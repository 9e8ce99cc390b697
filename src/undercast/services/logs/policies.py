"""Operations on resource policies: who may write logs into this account."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.services.logs import errors, storage
from undercast.services.logs.errors import InvalidParameterException

_MOST = 10


async def put_resource_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Add or replace a policy of the account."""
    _of_the_account(request)
    name, document = request.get("policyName"), request.get("policyDocument")
    if not name or not document:
        raise InvalidParameterException("policyName and policyDocument are required.")
    _check_document(document)
    known = [policy for policy, _, _ in await storage.list_policies(call)]
    if name not in known and len(known) >= _MOST:
        raise errors.LimitExceededException()
    await storage.put_policy(call, name, document)
    return {"resourcePolicy": _show(name, document, call.now)}


async def delete_resource_policy(call: Call, request: dict[str, Any]) -> None:
    """Delete a policy of the account."""
    _of_the_account(request)
    name = request.get("policyName") or ""
    if not await storage.delete_policy(call, name):
        raise errors.ResourceNotFoundException(f"Policy with name [{name}] does not exist.")


async def describe_resource_policies(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The policies of the account."""
    _of_the_account(request)
    policies = [_show(*policy) for policy in await storage.list_policies(call)]
    try:
        shown, token = paging.page(
            policies, lambda policy: str(policy["policyName"]), request.get("nextToken"), request.get("limit") or 50
        )
    except paging.InvalidToken:
        raise InvalidParameterException("The specified nextToken is invalid.") from None
    return {"resourcePolicies": list(shown), "nextToken": token}


def _of_the_account(request: dict[str, Any]) -> None:
    if request.get("resourceArn") or request.get("expectedRevisionId") or request.get("policyScope") == "RESOURCE":
        raise NotImplementedYet("Undercast has resource policies of the account, not yet those of one log group.")


def _check_document(document: str) -> None:
    try:
        content = orjson.loads(document)
    except ValueError:
        content = None
    if not isinstance(content, dict) or "Statement" not in content:
        raise InvalidParameterException("Policy document is malformed.")


def _show(name: str, document: str, updated_at: int) -> dict[str, Any]:
    return {"policyName": name, "policyDocument": document, "lastUpdatedTime": updated_at, "policyScope": "ACCOUNT"}
