"""Operations on databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.services.glue import catalogs, storage
from undercast.services.glue.model import Database


async def create_database(call: Call, request: dict[str, Any]) -> None:
    """Make a database."""
    there, given = catalogs.at(call, request), request["DatabaseInput"]
    catalogs.refuse(request, "Tags")
    catalogs.refuse(given, "TargetDatabase", "FederatedDatabase")
    name = catalogs.name_of(given["Name"])
    await storage.add_database(there, Database(there.account, there.region, name, call.now, catalogs.cleaned(given)))


async def get_database(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A database."""
    return {"Database": (await _find(call, request)).show()}


async def get_databases(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Databases by name."""
    after, limit = catalogs.page(request)
    found = await storage.list_databases(catalogs.at(call, request), after, limit + 1)
    token = paging.encode_token(found[limit - 1].name) if len(found) > limit else None
    return {"DatabaseList": [one.show() for one in found[:limit]], "NextToken": token}


async def update_database(call: Call, request: dict[str, Any]) -> None:
    """Change all but a database's name."""
    catalogs.refuse(request["DatabaseInput"], "TargetDatabase", "FederatedDatabase")
    found = await _find(call, request)
    await storage.save_database(call, replace(found, input=catalogs.cleaned(request["DatabaseInput"])))


async def delete_database(call: Call, request: dict[str, Any]) -> None:
    """Delete a database with its tables."""
    await storage.delete_database(call, await _find(call, request))


async def _find(call: Call, request: dict[str, Any]) -> Database:
    return await storage.find_database(catalogs.at(call, request), catalogs.name_of(request["Name"]))
