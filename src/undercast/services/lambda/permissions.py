"""Operations on the resource policies of functions."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call

from . import errors, names, statements, storage
from .names import LATEST, Reference

POLICY = "policy"
_MISMATCH = (
    "The Revision Id provided does not match the latest Revision Id. "
    "Call the GetPolicy API to retrieve the latest Revision Id"
)


async def add_permission(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Let someone use a function, a version or an alias."""
    reference = names.read(call, request)
    await _check_target(call, reference, missing_version=True)
    policy = await _find(call, reference)
    if request.get("RevisionId") and (policy is None or policy["revision"] != request["RevisionId"]):
        raise errors.PreconditionFailedException(_MISMATCH)
    statement = statements.statement(request, reference.qualified_arn)
    policy = policy or {"revision": "", "statements": []}
    if any(other["Sid"] == statement["Sid"] for other in policy["statements"]):
        raise errors.ResourceConflictException(
            f"The statement id ({statement['Sid']}) provided already exists. Please provide a new statement id, or "
            "remove the existing statement."
        )
    policy = {"revision": call.ids.uuid(), "statements": [*policy["statements"], statement]}
    text = orjson.dumps(_document(policy))
    if len(text) > statements.LIMIT_BYTES:
        raise errors.PolicyLengthExceededException(
            f"The final policy size ({len(text)}) is bigger than the limit ({statements.LIMIT_BYTES})."
        )
    await storage.save_setting(call, reference, POLICY, policy)
    return {"Statement": orjson.dumps(statement).decode()}


async def remove_permission(call: Call, request: dict[str, Any]) -> None:
    """Take one statement back."""
    reference = names.read(call, request)
    if await storage.find_function(call, reference) is None:
        raise errors.ResourceNotFoundException(f"No policy found for: {reference.arn}")
    await _check_target(call, reference, missing_version=False)
    policy = await _find(call, reference)
    if policy is None:
        raise errors.ResourceNotFoundException("No policy is associated with the given resource.")
    if request.get("RevisionId") and policy["revision"] != request["RevisionId"]:
        raise errors.PreconditionFailedException(_MISMATCH)
    kept = [other for other in policy["statements"] if other["Sid"] != request["StatementId"]]
    if len(kept) == len(policy["statements"]):
        raise errors.ResourceNotFoundException(f"Statement {request['StatementId']} is not found in resource policy.")
    if kept:
        await storage.save_setting(call, reference, POLICY, {"revision": call.ids.uuid(), "statements": kept})
    else:
        await storage.delete_setting(call, reference, POLICY)


async def get_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The whole policy."""
    policy = await _find(call, names.read(call, request))
    if policy is None:
        raise errors.ResourceNotFoundException()
    return {"Policy": orjson.dumps(_document(policy)).decode(), "RevisionId": policy["revision"]}


async def _check_target(call: Call, reference: Reference, *, missing_version: bool) -> None:
    if await storage.find_function(call, reference) is None:
        raise errors.no_function(reference.arn)
    qualifier = reference.qualifier
    if qualifier is None:
        return
    if qualifier == LATEST:
        raise errors.InvalidParameterValueException("We currently do not support adding policies for $LATEST.")
    if not qualifier.isdigit() and "$" not in qualifier:
        await storage.get_alias(call, reference, qualifier)
    elif missing_version and await storage.find_version(call, reference, qualifier) is None:
        raise errors.no_function(reference.qualified_arn)


async def _find(call: Call, reference: Reference) -> Any:
    return await storage.find_setting(call, reference, POLICY)


def _document(policy: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Id": "default", "Statement": policy["statements"]}
