"""Operations on API keys."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

from undercast.kit.call import Call
from undercast.services.apigateway import errors, keystore, pages, patches, storage
from undercast.services.apigateway.model import Document
from undercast.services.apigateway.patches import Field, Listed

_TABLE = {
    "/description": Field(),
    "/enabled": Field(read=patches.boolean),
    "/name": Field(),
    "/customerId": Field(),
    "/stages": Listed(ops=("add", "remove")),
}
_PATCHABLE = "/description, /enabled, /name, /customerId"


async def create_api_key(call: Call, request: dict[str, Any]) -> Document:
    """Create a key."""
    key = new_key(call, request)
    if await keystore.find_key_by_value(call, key["value"]):
        raise errors.ConflictException("API Key already exists")
    for stage in request.get("stageKeys") or ():
        await _check_stage(call, stage["restApiId"], stage["stageName"])
    await keystore.save_key(call, key)
    return _shown(key, value=True)


async def get_api_key(call: Call, request: dict[str, Any]) -> Document:
    """One key; its value when `includeValue` says so."""
    return _shown(await keystore.find_key(call, request["apiKey"]), value=request.get("includeValue", False))


async def get_api_keys(call: Call, request: dict[str, Any]) -> Document:
    """The keys, or those of a customer or whose names begin with `nameQuery`."""
    limit = pages.limit(request)
    found = await keystore.list_keys(call, request.get("nameQuery") or "", pages.after(request), limit + 1)
    page = pages.answer(found, request)
    customer = request.get("customerId")
    shown = [key for key in page["items"] if not customer or key.get("customerId") == customer]
    return {**page, "items": [_shown(key, value=request.get("includeValues", False)) for key in shown]}


async def update_api_key(call: Call, request: dict[str, Any]) -> Document:
    """Patch a key."""
    key = await keystore.find_key(call, request["apiKey"])
    key["stages"] = key.pop("stageKeys")
    patches.apply(key, patches.of(request), _TABLE, _refuse)
    key["stageKeys"] = key.pop("stages", [])
    key["lastUpdatedDate"] = call.now // 1000 * 1000
    await keystore.save_key(call, key)
    return _shown(key)


async def delete_api_key(call: Call, request: dict[str, Any]) -> None:
    """Delete a key; it leaves its usage plans."""
    await keystore.find_key(call, request["apiKey"])
    await keystore.delete_key(call, request["apiKey"])


async def import_api_keys(call: Call, request: dict[str, Any]) -> Document:
    """Take keys from a CSV file: Name, Key, Description, Enabled, UsageplanIds."""
    ids, warnings = [], []
    for row in csv.DictReader(StringIO(request["body"].decode())):
        cells = {name.strip().lower(): (value or "").strip() for name, value in row.items() if name}
        if not cells.get("name") or not cells.get("key"):
            raise errors.BadRequestException("The columns name and key are required")
        if await keystore.find_key_by_value(call, cells["key"]):
            warnings.append(f"API Key {cells['name']} already exists")
            continue
        key = new_key(call, {
            "name": cells["name"], "value": cells["key"], "description": cells.get("description"),
            "enabled": patches.boolean(cells.get("enabled", "")),
        })  # fmt: skip
        await keystore.save_key(call, key)
        for plan_id in filter(None, cells.get("usageplanids", "").split(",")):
            await keystore.link(call, (await keystore.find_plan(call, plan_id.strip()))["id"], key["id"])
        ids.append(key["id"])
    if warnings and request.get("failOnWarnings"):
        raise errors.BadRequestException("; ".join(warnings))
    return {"ids": ids, "warnings": warnings or None}


def new_key(call: Call, given: Document) -> Document:
    """A key with a value of its own when none is given. BadRequestException."""
    value = given.get("value") or call.ids.alnum(40)
    if len(value) < 20:
        raise errors.BadRequestException("API Key value should be at least 20 characters")
    if len(value) > 128:
        raise errors.BadRequestException("API Key value exceeds maximum size of 128 characters")
    now = call.now // 1000 * 1000
    return {
        "id": call.ids.alnum(10),
        "value": value,
        "name": given.get("name"),
        "customerId": given.get("customerId"),
        "description": given.get("description"),
        "enabled": given.get("enabled", False),
        "createdDate": now,
        "lastUpdatedDate": now,
        "stageKeys": [f"{stage['restApiId']}/{stage['stageName']}" for stage in given.get("stageKeys") or ()],
        "tags": given.get("tags"),
    }


def _shown(key: Document, *, value: bool = False) -> Document:
    return {**key, "value": key["value"] if value else None}


def _refuse(patch: patches.Patch) -> Exception:
    return errors.BadRequestException(
        f"Invalid patch path  '{patch['path']}' specified for op '{patch['op']}'. Must be one of: [{_PATCHABLE}]"
    )


async def _check_stage(call: Call, api_id: str, name: str) -> None:
    if await storage.find_stage(call, api_id, name) is None:
        raise errors.BadRequestException("Invalid stage identifier specified")
