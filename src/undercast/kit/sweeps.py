"""Files that no row names: their client left, or the platform ended, between the file and the commit, or their last
row went. Each service that keeps files sweeps those whose names are of its kind."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

log = logging.getLogger("undercast.sweeps")

_EVERY_S = 3600.0
_YOUNG_S = 3600.0  # a file this young may still get its row
_AT_ONCE = 500  # names that one query looks for


class Sweeper:
    """Sweeps now and every hour, beside everything else.

    is_ours     whether a file of this name is one of the service's
    find_named  `await find_named(platform, names)`: those of these files that rows name, whoever's they are
    """

    def __init__(
        self, platform: Any, is_ours: Callable[[str], bool], find_named: Callable[[Any, list[str]], Awaitable[set[str]]]
    ) -> None:
        self._platform = platform
        self._is_ours = is_ours
        self._find_named = find_named
        self._task = asyncio.get_running_loop().create_task(self._sweep_always())

    async def close(self) -> None:
        """End it."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def find_unnamed(self) -> dict[str, float]:
        """Our files that are older than an hour and that no row names, and when they were written."""
        folders = self._platform.blobs.keys(time.time() - _YOUNG_S)  # files bear the system's time, not our clock's
        unnamed: dict[str, float] = {}
        while (written := await asyncio.to_thread(next, folders, None)) is not None:
            ours = [name for name in written if self._is_ours(name)]
            for at in range(0, len(ours), _AT_ONCE):
                some = ours[at : at + _AT_ONCE]
                named = await self._find_named(self._platform, some)
                unnamed.update((name, written[name]) for name in some if name not in named)
        return unnamed

    def _delete(self, files: Iterable[tuple[str, float]]) -> None:
        for name, written_s in files:
            self._platform.blobs.delete_unless_written_since(name, written_s)

    async def _sweep_always(self) -> None:
        """What was just released may be read for a while; so, but for the first time, a file goes when it was without
        a name an hour ago, too."""
        before: dict[str, float] | None = None
        while True:
            try:
                self._platform.blobs.delete_abandoned()
                unnamed = await self.find_unnamed()
                last = unnamed if before is None else before
                await asyncio.to_thread(self._delete, unnamed.items() & last.items())
                before = unnamed
            except Exception:  # a file went meanwhile, the database is away: the next hour will do
                log.warning("files were not swept", exc_info=True)
            await asyncio.sleep(_EVERY_S)
