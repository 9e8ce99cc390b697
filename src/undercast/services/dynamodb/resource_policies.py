"""Resource-based policies of tables and of their streams."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.dynamodb import errors, storage
from undercast.services.dynamodb.model import Table

_LARGEST = 20 * 1024  # bytes, of the policies of a table and its stream each
_NONE = "NO_POLICY"


async def put_resource_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Set the policy, if it is the expected revision that is replaced."""
    table, arn = await _find(call, request["ResourceArn"])
    text = request["Policy"]
    _check(text)
    kept = _policies(table)
    expected = request.get("ExpectedRevisionId")
    if expected is not None and kept.get(arn, [None, _NONE])[1] != expected:
        raise errors.PolicyNotFoundException(f"Resource-based policy not found for the provided ResourceArn: {arn}")
    if arn in kept and kept[arn][0] == text:
        return {"RevisionId": kept[arn][1]}
    revision = str(call.now)
    await _save(call, table, {**kept, arn: [text, revision]})
    return {"RevisionId": revision}


async def get_resource_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The policy and its revision."""
    table, arn = await _find(call, request["ResourceArn"])
    text, revision = _policy(table, arn)
    return {"Policy": text, "RevisionId": revision}


async def delete_resource_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Take the policy away, if there is one and it is of the expected revision."""
    table, arn = await _find(call, request["ResourceArn"])
    expected = request.get("ExpectedRevisionId")
    if arn not in _policies(table) and expected is None:
        return {}  # deleting what is not there is no error
    _, revision = _policy(table, arn)
    if expected is not None and expected != revision:
        raise errors.PolicyNotFoundException(f"Resource-based policy not found for the provided ResourceArn: {arn}")
    await _save(call, table, {other: kept for other, kept in _policies(table).items() if other != arn})
    return {"RevisionId": revision}


def _policies(table: Table) -> dict[str, list[str]]:
    return dict(table.settings.get("policies") or {})


def _policy(table: Table, arn: str) -> list[str]:
    try:
        return _policies(table)[arn]
    except KeyError:
        raise errors.PolicyNotFoundException(
            f"Resource-based policy not found for the provided ResourceArn: {arn}"
        ) from None


async def _save(call: Call, table: Table, policies: dict[str, list[str]]) -> None:
    await storage.save_table(call, replace(table, settings={**table.settings, "policies": policies}))


async def _find(call: Call, arn: str) -> tuple[Table, str]:
    table = await storage.find_table_or_none(call, arn) if ":table/" in arn else None
    stream = table and f"{table.arn}/stream/{table.settings.get('LatestStreamLabel')}"
    if table is None or table.account != call.account or arn not in (table.arn, stream):
        raise errors.ResourceNotFoundException(f"Requested resource not found: ResourceArn: {arn} not found")
    return table, arn


def _check(text: str) -> None:
    if len(text.encode()) > _LARGEST:
        raise errors.ValidationException("Resource-based policy exceeds the maximum size of 20 KB")
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise errors.ValidationException("Invalid policy document: Syntax errors in policy") from error
    if not isinstance(document, dict) or "Statement" not in document:
        raise errors.ValidationException("Invalid policy document: Missing required field Statement")
