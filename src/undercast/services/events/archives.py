"""Operations on archives. A rule that EventBridge manages fills each, as on AWS."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.kit.service import waits
from undercast.services.events import archive_storage, errors, pages, storage, sweeps
from undercast.services.events.model import ARCHIVER, Archive, Bus, Rule, archiver_arn, compiled

_UNREPLAYED: dict[str, Any] = {"replay-name": [{"exists": False}]}  # what was archived once is not archived again


async def create_archive(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Begin to keep the events of a bus that match a pattern."""
    _check(request)
    name = request["ArchiveName"]
    if await archive_storage.find(call, name):
        raise errors.ResourceAlreadyExistsException(f"Archive {name} already exists.")
    bus = await storage.find_bus(call, request["EventSourceArn"])
    archive = Archive(
        call.account, call.region, name, call.ids.sequence(), bus.name, call.now, request.get("Description") or "",
        request.get("EventPattern") or "", request.get("RetentionDays") or 0,
    )  # fmt: skip
    await archive_storage.save(call, archive)
    await _put_rule(call, bus, archive)
    await sweeps.begin(call, archive)
    return _outcome(archive)


async def update_archive(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change what is given."""
    _check(request)
    before = await _find(call, request["ArchiveName"])
    given = {"description": "Description", "pattern": "EventPattern", "retention_days": "RetentionDays"}
    changes = {field: request[name] for field, name in given.items() if request.get(name) is not None}
    archive = before._replace(**changes)
    await archive_storage.save(call, archive)
    await _put_rule(call, await storage.find_bus(call, archive.bus), archive)
    if archive.retention_days != before.retention_days:
        await sweeps.begin(call, archive)
    return _outcome(archive)


async def delete_archive(call: Call, request: dict[str, Any]) -> None:
    """Delete an archive with its events."""
    archive = await _find(call, request["ArchiveName"])
    await archive_storage.delete(call, archive)
    rule = await storage.load_rule(call, archive.bus, archive.rule_name)
    if rule:
        await storage.delete_rule(call, rule)
    await call.later(call.now, "drain", archive.id)


@waits
async def describe_archive(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """An archive, how many events it holds and their size."""
    archive = await call.transact(_find, request["ArchiveName"])
    return {
        **await _show(call, archive),
        "ArchiveArn": archive.arn,
        "Description": archive.description or None,
        "EventPattern": archive.pattern or None,
    }


@waits
async def list_archives(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Archives by name."""
    size = pages.limit(request)
    found = await call.transact(_list, request, size + 1)
    page = pages.answer("Archives", found, size, lambda archive: archive, lambda archive: archive.name)
    return {**page, "Archives": [await _show(call, archive) for archive in page["Archives"]]}


async def _list(call: Call, request: dict[str, Any], limit: int) -> list[Archive]:
    if request.get("State") not in (None, "ENABLED"):
        return []
    source = request.get("EventSourceArn")
    bus = (await storage.find_bus(call, source)).name if source else ""
    return await archive_storage.list_archives(call, request.get("NamePrefix") or "", bus, pages.after(request), limit)


async def _find(call: Call, name: str) -> Archive:
    archive = await archive_storage.find(call, name)
    if archive is None:
        raise errors.ResourceNotFoundException(f"Archive {name} does not exist.")
    return archive


def _check(request: dict[str, Any]) -> None:
    if request.get("KmsKeyIdentifier"):
        raise NotImplementedYet(
            "Undercast does not encrypt archives with keys of the user yet; leave KmsKeyIdentifier out."
        )
    if request.get("EventPattern"):
        compiled(request["EventPattern"])


async def _put_rule(call: Call, bus: Bus, archive: Archive) -> None:
    pattern = {**orjson.loads(archive.pattern or "{}"), **_UNREPLAYED}
    rule = Rule(
        call.account, call.region, bus.name, archive.rule_name, orjson.dumps(pattern).decode(), "", "ENABLED", "", "",
        ARCHIVER, call.ids.sequence(), {},
    )  # fmt: skip
    await storage.save_rule(call, rule)
    await storage.save_target(call, rule, {"Id": archive.rule_name, "Arn": archiver_arn(call.region)})


def _outcome(archive: Archive) -> dict[str, Any]:
    return {"ArchiveArn": archive.arn, "State": "ENABLED", "CreationTime": archive.created_at}


async def _show(call: Call, archive: Archive) -> dict[str, Any]:
    count, size = await archive_storage.measure(call, archive)
    return {
        "ArchiveName": archive.name,
        "EventSourceArn": call.arn(f"event-bus/{archive.bus}", "events"),
        "State": "ENABLED",
        "RetentionDays": archive.retention_days,
        "SizeBytes": size,
        "EventCount": count,
        "CreationTime": archive.created_at,
    }
