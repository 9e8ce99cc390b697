"""The right of one process to do what only one may do at a time, kept for as long as it is renewed."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec

from undercast.kit.call import Call

P = ParamSpec("P")

LEASE_MS = 60_000
_RENEW_MS = 20_000

log = logging.getLogger("undercast.leases")


async def keep(
    call: Call, what: str, renew: Callable[Concatenate[Call, P], Awaitable[bool]], *args: P.args, **kwargs: P.kwargs
) -> None:
    """Run `renew(call, …)`, each time in a transaction of its own, until it says that the lease is lost."""
    held = True
    while held:
        await call.clock.sleep_until(call.clock.now() + _RENEW_MS)
        try:
            held = await call.transact(renew, *args, **kwargs)
        except Exception as error:  # noqa: BLE001  without the database nobody else can take over either
            log.warning("the lease of %s cannot be renewed now: %s", what, error)
