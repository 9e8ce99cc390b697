"""Which mappings are polled, and by whom: a job for each brings it into its state and sees that one process polls it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit import shards
from undercast.kit.call import Call
from undercast.kit.jobs import AT_START
from undercast.kit.leases import LEASE_MS
from undercast.kit.service import waits

from . import mapping_model, mapping_storage
from .fleet import Fleet, fleet
from .mapping_model import Mapping
from .poller import Poller
from .stream_poller import StreamPoller

_LOOK_AGAIN_MS = 30_000  # for a mapping whose process died, where there are several


async def later(call: Call, mapping: Mapping) -> None:
    """Have a new, changed or deleted mapping come into its state."""
    await call.later(call.now, "mapping", [mapping.id, mapping.generation])


@waits
async def keep(call: Call, payload: list[Any]) -> None:
    """The job. It is written anew for the next start of the platform (or, among several nodes, for a while later)."""
    id, generation = payload
    here = fleet(call)
    await _begin(here, call, id, generation)
    alone = call.platform.store.dialect == "sqlite"
    mapping, mine = await call.transact(_settle, id, generation, here.node, alone)
    if mapping is None:  # of another generation: its own job sees to it
        return
    runs = mine and mapping.state == mapping_model.ENABLED
    poller = here.pollers.get(id)
    if poller and not (runs and poller.mapping.generation == generation):
        await poller.stop()
    if mapping.state == mapping_model.DELETING:
        await call.transact(shards.forget, id)  # after the last batch under way
    elif runs and await call.transact(_is_current, id, generation) and id not in here.pollers:
        _start(here, call, mapping)


async def _is_current(call: Call, id: str, generation: int) -> bool:
    """Whether the mapping was not changed again while its last poller stopped."""
    mapping = await mapping_storage.find(call, id)
    return mapping is not None and mapping.generation == generation


def _start(here: Fleet, call: Call, mapping: Mapping) -> None:
    kind = StreamPoller if mapping.of_stream else Poller
    poller = here.pollers[mapping.id] = kind(here, call.outside(), mapping)
    poller.start()


async def _begin(here: Fleet, call: Call, id: str, generation: int) -> None:
    """What is put into a stream once its mapping is said to be enabled is processed, also with LATEST."""
    mapping = await call.transact(mapping_storage.find, id)
    if mapping is None or mapping.generation != generation or mapping.state == mapping_model.DELETING:
        return
    if mapping.of_stream and mapping.enabled:
        await StreamPoller(here, call.outside(), mapping).begin()


async def _settle(call: Call, id: str, generation: int, node: str, alone: bool) -> tuple[Mapping | None, bool]:
    mapping = await mapping_storage.find(call, id)
    if mapping is None or mapping.generation != generation:
        return None, False
    if mapping.state == mapping_model.DELETING:
        await mapping_storage.delete(call, id)
        return mapping, False
    state = mapping_model.ENABLED if mapping.enabled else mapping_model.DISABLED
    if mapping.state != state:
        mapping = replace(mapping, state=state)
        await mapping_storage.save(call, mapping)
    if state == mapping_model.DISABLED:
        return mapping, False
    mine = await mapping_storage.lease(call, id, node, call.now + LEASE_MS, alone=alone)
    await call.later(AT_START if alone else call.now + _LOOK_AGAIN_MS, "mapping", [id, generation])
    return mapping, mine
