"""Publishing: a version is `$LATEST` as it was at one time."""

from __future__ import annotations

from dataclasses import replace

from undercast.kit.call import Call

from . import storage
from .model import Version


async def publish(call: Call, latest: Version, description: str | None = None) -> Version:
    """The next version, or the last one when nothing has changed since. It becomes active with `$LATEST`."""
    newest = await storage.newest_version(call, latest.reference)
    if newest and newest.same_release(latest):
        return newest
    function = await storage.get_function(call, latest.reference)
    number = function.last_version + 1
    config = dict(latest.config)
    if description is not None:
        config["Description"] = description
    if config["SnapStart"]["ApplyOn"] == "PublishedVersions":
        config["SnapStart"] = {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}
    busy = latest.state == "Pending" or latest.update_status == "InProgress"
    version = replace(
        latest, version=str(number), number=number, revision=call.ids.uuid(), config=config,
        state="Pending" if busy else "Active", update_status="" if busy else "Successful",
    )  # fmt: skip
    await storage.save_function(call, replace(function, last_version=number))
    await storage.add_version(call, version)
    return version
