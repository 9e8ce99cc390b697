"""Operations on tables and their versions."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.services.glue import catalogs, errors, storage
from undercast.services.glue.model import Table

_BEFORE_ALL = 2**62
_INPUTS = ("TargetTable", "FederatedTable", "ViewDefinition")


async def create_table(call: Call, request: dict[str, Any]) -> None:
    """Make a table in a database."""
    catalogs.refuse(request, "OpenTableFormatInput", "PartitionIndexes", "TransactionId")
    there, given = catalogs.at(call, request), _input(request)
    database = await storage.find_database(there, catalogs.name_of(request["DatabaseName"]))
    name = catalogs.name_of(given["Name"])
    if await storage.load_table(there, database.name, name):
        raise errors.AlreadyExistsException("Table already exists.")
    await storage.add_version(
        there,
        Table(
            there.account, there.region, database.name, name, 0, call.now, call.now, call.identity.arn,
            catalogs.cleaned(given),
        ),
    )  # fmt: skip


async def get_table(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A table as it is now."""
    catalogs.refuse(request, "TransactionId", "QueryAsOfTime")
    return {"Table": (await _find(call, request, request["Name"])).show()}


async def get_tables(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The tables of a database by name."""
    catalogs.refuse(request, "TransactionId", "QueryAsOfTime")
    there, (after, limit) = catalogs.at(call, request), catalogs.page(request)
    database = await storage.find_database(there, catalogs.name_of(request["DatabaseName"]))
    found = await storage.list_tables(there, database.name, after, limit + 1)
    token = paging.encode_token(found[limit - 1].name) if len(found) > limit else None
    wanted = _expression(request.get("Expression") or "")
    return {"TableList": [one.show() for one in found[:limit] if wanted.fullmatch(one.name)], "NextToken": token}


async def update_table(call: Call, request: dict[str, Any]) -> None:
    """Change a table; it was a version before, unless that is not to be kept."""
    catalogs.refuse(request, "TransactionId", "ViewUpdateAction", "UpdateOpenTableFormatInput")
    given = _input(request)
    found = await _find(call, request, given["Name"])
    if request.get("VersionId") and request["VersionId"] != str(found.version):
        raise errors.ConcurrentModificationException("Update table failed due to concurrent modifications.")
    if request.get("SkipArchive"):
        await storage.delete_version(call, found)
    changed = replace(found, version=found.version + 1, updated_at=call.now, input=catalogs.cleaned(given))
    await storage.add_version(call, changed)


async def delete_table(call: Call, request: dict[str, Any]) -> None:
    """Delete a table with its versions."""
    catalogs.refuse(request, "TransactionId")
    await storage.delete_table(call, await _find(call, request, request["Name"]))


async def get_table_version(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A version of a table, the newest unless told otherwise."""
    return {"TableVersion": (await _find(call, request, request["TableName"], request.get("VersionId"))).show_version()}


async def get_table_versions(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The versions of a table, newest first."""
    before, limit = catalogs.page(request)
    table = await _find(call, request, request["TableName"])
    found = await storage.list_versions(call, table, _BEFORE_ALL if before == "" else before, limit + 1)
    token = paging.encode_token(found[limit - 1].version) if len(found) > limit else None
    return {"TableVersions": [one.show_version() for one in found[:limit]], "NextToken": token}


async def _find(call: Call, request: dict[str, Any], name: str, version: str | None = None) -> Table:
    """EntityNotFoundException."""
    there = catalogs.at(call, request)
    database = await storage.find_database(there, catalogs.name_of(request["DatabaseName"]))
    number = int(version) if version and version.isdigit() else None
    found = await storage.load_table(there, database.name, catalogs.name_of(name), number)
    if found is None or (version and number is None):
        raise errors.EntityNotFoundException("Entity Not Found")
    return found


def _input(request: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] | None = request.get("TableInput")
    if not given:
        raise errors.InvalidInputException("TableInput must be specified.")
    catalogs.refuse(given, *_INPUTS)
    return given


def _expression(text: str) -> re.Pattern[str]:
    """Glue's expressions have only `*` and `|`. https://docs.aws.amazon.com/glue/latest/webapi/API_GetTables.html"""
    parts = [
        "".join(".*" if one == "*" else re.escape(one) for one in part) for part in text.replace(".*", "*").split("|")
    ]
    return re.compile("|".join(parts) if text else ".*")
