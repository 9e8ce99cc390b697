"""Files that no row came to name: their client left, or the platform ended, between the file and the commit."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from undercast.services.s3 import storage

log = logging.getLogger("undercast.s3")

_EVERY_S = 3600.0
_YOUNG_S = 3600.0  # a file this young may still get its row
_AT_ONCE = 500  # names that one query looks for
_NAME_LENGTH = 32  # of our files; other services' are named by their content, in 64 digits
_SWEEPER = "s3 sweeper"


async def start(platform: Any) -> None:
    """Sweep beside everything else, now and every hour."""
    platform.things[_SWEEPER] = asyncio.get_running_loop().create_task(_sweep_always(platform))


async def stop(platform: Any) -> None:
    """End it."""
    platform.things[_SWEEPER].cancel()
    await asyncio.gather(platform.things[_SWEEPER], return_exceptions=True)


async def _sweep_always(platform: Any) -> None:
    """What was just released has a job that deletes it and may be read until then; so, but for the first time, a file
    goes when it was without a name an hour ago, too."""
    before: set[str] | None = None
    while True:
        try:
            unnamed = await find_unnamed(platform)
            for blob in unnamed if before is None else unnamed & before:
                platform.blobs.delete(blob)
            before = unnamed
        except Exception as error:  # noqa: BLE001  a file went meanwhile, the database is away: the next hour will do
            log.warning("files were not swept: %s", error)
        await asyncio.sleep(_EVERY_S)


async def find_unnamed(platform: Any) -> set[str]:
    """Our files that are older than an hour and that no row names."""
    folders = platform.blobs.keys(time.time() - _YOUNG_S)  # files bear the system's time, whatever our clock says
    unnamed: set[str] = set()
    while (names := await asyncio.to_thread(next, folders, None)) is not None:
        ours = [name for name in names if len(name) == _NAME_LENGTH]
        for at in range(0, len(ours), _AT_ONCE):
            some = ours[at : at + _AT_ONCE]
            unnamed.update(set(some) - await storage.find_named(platform, some))
    return unnamed
