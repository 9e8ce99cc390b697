"""Time to live: the attribute that says when an item expires."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.services.dynamodb import replicas, storage
from undercast.services.dynamodb.errors import ResourceNotFoundException, ValidationException
from undercast.services.dynamodb.model import Table


async def update_time_to_live(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Switch it on for an attribute, or off."""
    table = await _find(call, request["TableName"])
    wanted = request["TimeToLiveSpecification"]
    attribute = table.settings.get("ttl") or ""
    if wanted["Enabled"]:
        if attribute == wanted["AttributeName"]:
            raise ValidationException("TimeToLive is already enabled")
        _check_attribute(attribute, wanted["AttributeName"])
        await _set(call, table, wanted["AttributeName"])
    else:
        if not attribute:
            raise ValidationException("TimeToLive is already disabled")
        _check_attribute(attribute, wanted["AttributeName"])
        await _set(call, table, "")
    return {"TimeToLiveSpecification": wanted}


async def describe_time_to_live(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Whether it is on, and for which attribute."""
    table = await _find(call, request["TableName"])
    attribute = table.settings.get("ttl")
    status = {"TimeToLiveStatus": "ENABLED" if attribute else "DISABLED", "AttributeName": attribute or None}
    return {"TimeToLiveDescription": status}


async def _find(call: Call, name: str) -> Table:
    table = await storage.find_table_or_none(call, name)
    if table is None:
        raise ResourceNotFoundException(f"Requested resource not found: Table: {name} not found")
    return table


def _check_attribute(attribute: str, wanted: str) -> None:
    if attribute and attribute != wanted:
        raise ValidationException(
            f"TimeToLive is active on a different AttributeName: current AttributeName is {attribute}"
        )


async def _set(call: Call, table: Table, attribute: str) -> None:
    """For the table and for its replicas."""
    for one in await replicas.group(call, table):
        there = call.into(account=one.account, region=one.region)
        await storage.save_table(there, replace(one, settings={**one.settings, "ttl": attribute}))
        if attribute:
            await there.later(call.now, "find expiries", [one.name, one.id, None])
        else:
            await there.later(call.now, "forget expiries", [one.name, one.id])
