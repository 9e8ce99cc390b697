"""Environments that are kept ready: started when it is asked for, and again after a restart."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.service import waits
from undercast.runtime import RuntimeMissing

from . import storage
from .fleet import fleet
from .names import Reference

PROVISIONED = "provisioned"
_LOOK_AGAIN_MS = 300_000


@waits
async def provision(call: Call, payload: list[str]) -> None:
    """The job: start the environments; come back, so that they are there after a restart too."""
    name, qualifier = payload
    reference = Reference(call.account, call.region, name, qualifier)
    found = await call.transact(_load, reference)
    if found is None:
        return
    config, version, function = found
    here = fleet(call)
    try:
        ready = await here.provision(call, version, function, config["requested"] if config["wanted"] else 0)
    except (RuntimeMissing, ServiceError):  # nothing runs it, or KMS does not open its variables now
        ready = 0
    if config["wanted"]:
        await call.transact(_note, reference, ready)


async def _load(call: Call, reference: Reference) -> Any:
    function = await storage.find_function(call, reference)
    config = await storage.find_setting(call, reference, PROVISIONED)
    if function is None:
        return None
    try:
        version = await storage.get_version(call, reference)
    except ServiceError:
        return None
    wanted = config is not None
    return {"requested": 0, **(config or {}), "wanted": wanted}, version, function


async def _note(call: Call, reference: Reference, ready: int) -> None:
    config = await storage.find_setting(call, reference, PROVISIONED)
    if config is not None:
        await storage.save_setting(call, reference, PROVISIONED, {**config, "available": ready})
        await call.later(call.now + _LOOK_AGAIN_MS, "provision", [reference.name, reference.qualifier])
