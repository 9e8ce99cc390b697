"""The right of this process to poll for a mapping, kept for as long as the mapping is what it was."""

from __future__ import annotations

from undercast.kit import leases
from undercast.kit.call import Call
from undercast.kit.credentials import Identity

from . import mapping_storage
from .mapping_model import Mapping


async def keep(call: Call, mapping: Mapping, node: str) -> None:
    """Renew the lease again and again. It returns when another process polls, or the mapping was changed."""
    await leases.keep(call, mapping.arn, _renew, mapping, node)


def reader(mapping: Mapping) -> Identity:
    """Who reads the source: the function, as on AWS."""
    arn = f"arn:aws:sts::{mapping.account}:assumed-role/lambda/{mapping.name}"
    return Identity(mapping.account, arn, mapping.account)


async def _renew(call: Call, mapping: Mapping, node: str) -> bool:
    found = await mapping_storage.find(call, mapping.id)
    if found is None or found.generation != mapping.generation:
        return False
    alone = call.platform.store.dialect == "sqlite"
    return await mapping_storage.lease(call, mapping.id, node, call.now + leases.LEASE_MS, alone=alone)
