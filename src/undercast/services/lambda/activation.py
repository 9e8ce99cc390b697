"""From Pending to Active, and from an update to its success: the short time after a change of a function."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.kit.service import waits
from undercast.runtime import RuntimeMissing

from . import storage
from .fleet import fleet
from .model import Version
from .names import LATEST, Reference


async def later(call: Call, version: Version) -> None:
    """Have a changed version become active in a moment."""
    await call.later(call.now, "activate", [version.name, version.version, version.revision])


@waits
async def activate(call: Call, payload: list[Any]) -> None:
    """The job: unpack the code, start its interpreter, then say that the version is ready."""
    name, number, revision = payload
    reference = Reference(call.account, call.region, name)
    version = await call.transact(storage.find_version, reference, number)
    if version is None or version.revision != revision:
        return
    with suppress(RuntimeMissing):  # it can be kept, and deployed with others; invoking it says what to install
        await fleet(call).warm(version)
    await call.transact(_settle, reference, number, revision)


async def complete(call: Call, version: Version) -> Version:
    """The version as it is when its change is done; who invokes it meanwhile need not wait for the job.

    AWS refuses invocations for the seconds that this takes there. Here it is milliseconds, and whether a client falls
    into them would be chance.
    """
    if version.version == LATEST:  # what was published of it meanwhile is the same code
        for published in await storage.pending_versions(call, version.reference):
            await _save_done(call, published)
    return await _save_done(call, version)


async def _save_done(call: Call, version: Version) -> Version:
    done = replace(version, state="Active", update_status="Successful", revision=call.ids.uuid())
    await storage.save_version(call, done)
    return done


async def _settle(call: Call, reference: Reference, number: str, revision: str) -> None:
    version = await storage.find_version(call, reference, number)
    if version and version.revision == revision:
        await complete(call, version)
