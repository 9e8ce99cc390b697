"""The right of this process to poll for a mapping, kept for as long as the mapping is what it was."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from undercast.kit.call import Call

from . import mapping_storage
from .mapping_model import Mapping

log = logging.getLogger("undercast.lambda")

LEASE_MS = 60_000
_RENEW_MS = 20_000


class Polls(Protocol):
    """Who polls for a mapping."""

    mapping: Mapping

    def start(self) -> None:
        """Begin, in tasks of their own."""
        ...

    async def stop(self) -> None:
        """Begin no new batch; what came of those under way is kept."""
        ...

    async def close(self) -> None:
        """The platform ends: wait for nothing."""
        ...


async def keep(poller: Polls, call: Call, node: str) -> None:
    """Renew the lease again and again; stop the poller when another process polls, or the mapping was changed."""
    while True:
        await call.clock.sleep_until(call.clock.now() + _RENEW_MS)
        try:
            mine = await call.transact(_renew, poller.mapping, node)
        except Exception as error:  # noqa: BLE001  without the database nobody else can take over either
            log.warning("the lease of %s cannot be renewed now: %s", poller.mapping.arn, error)
            continue
        if not mine:
            # In a task of its own: stopping cancels this one.
            poller.mapping.stopping = asyncio.ensure_future(poller.stop())
            return


async def _renew(call: Call, mapping: Mapping, node: str) -> bool:
    found = await mapping_storage.find(call, mapping.id)
    if found is None or found.generation != mapping.generation:
        return False
    alone = call.platform.store.dialect == "sqlite"
    return await mapping_storage.lease(call, mapping.id, node, call.now + LEASE_MS, alone=alone)
