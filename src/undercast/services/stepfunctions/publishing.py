"""Publishes revisions as versions."""

from __future__ import annotations

from dataclasses import replace

from undercast.kit.call import Call
from undercast.services.stepfunctions import errors, storage
from undercast.services.stepfunctions.model import Machine, Version

MOST = 1000


async def publish(call: Call, machine: Machine, description: str | None) -> Version:
    """The version of a machine's current revision; a new one, unless it was published before.

    ServiceQuotaExceededException.
    """
    found = await storage.find_version_of_revision(call, machine.name, machine.revision)
    if found is not None:
        if description is not None and description != found.description:
            raise errors.ConflictException("Version already exists for this revision with a different description.")
        return found
    if await storage.count_versions(call, machine.name) >= MOST:
        raise errors.ServiceQuotaExceededException(f"A state machine can have {MOST} versions.")
    version = Version(machine.name, machine.versions + 1, machine.revision, description, call.now)
    await storage.add_version(call, version)
    await storage.save_machine(call, replace(machine, versions=version.number))
    return version
