"""The right of this process to poll for a mapping, kept for as long as the mapping is what it was."""

from __future__ import annotations

import logging

from undercast.kit.call import Call
from undercast.kit.credentials import Identity

from . import mapping_storage
from .mapping_model import Mapping

log = logging.getLogger("undercast.lambda")

LEASE_MS = 60_000
_RENEW_MS = 20_000


async def keep(call: Call, mapping: Mapping, node: str) -> None:
    """Renew the lease again and again. It returns when another process polls, or the mapping was changed."""
    mine = True
    while mine:
        await call.clock.sleep_until(call.clock.now() + _RENEW_MS)
        try:
            mine = await call.transact(_renew, mapping, node)
        except Exception as error:  # noqa: BLE001  without the database nobody else can take over either
            log.warning("the lease of %s cannot be renewed now: %s", mapping.arn, error)


def reader(mapping: Mapping) -> Identity:
    """Who reads the source: the function, as on AWS."""
    arn = f"arn:aws:sts::{mapping.account}:assumed-role/lambda/{mapping.name}"
    return Identity(mapping.account, arn, mapping.account)


async def _renew(call: Call, mapping: Mapping, node: str) -> bool:
    found = await mapping_storage.find(call, mapping.id)
    if found is None or found.generation != mapping.generation:
        return False
    alone = call.platform.store.dialect == "sqlite"
    return await mapping_storage.lease(call, mapping.id, node, call.now + LEASE_MS, alone=alone)
