"""Moving the platform's clock forward: at once, or in the steps of what falls due. A moved clock stays so."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from pathlib import Path

from undercast.kit.clock import Clock
from undercast.kit.jobs import AT_START, Jobs
from undercast.store.contract import Store, Transaction

log = logging.getLogger("undercast.clock")

SCHEMA = [(Path(__file__).parent / "clock.sql").read_text()]

_CHANNEL = "clock"
_STEP_MS = 1000  # what falls due within a second is done in one step
_STRIDE_MS = 6 * 3_600_000  # the longest step, so that what polls keeps up with what expires
_PAUSE_S = 0.005  # for what polls
_LOOK_S = 60.0
_SETTLE_S = 60.0  # how long a step waits, by the world's clock, for the work that it began


class TimeTravel:
    """The clock of all nodes. Where it stands is in the database, so that ids and times never go back."""

    def __init__(self, clock: Clock, store: Store, jobs: Callable[[], Jobs]) -> None:
        self._clock = clock
        self._store = store
        self._jobs = jobs
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Go on from where the clock stood; follow whoever moves it on another node."""
        await self._catch_up()
        if self._store.dialect != "sqlite":
            self._following = asyncio.ensure_future(self._follow())

    def close(self) -> None:
        if self._following:
            self._following.cancel()

    async def jump(self, milliseconds: int) -> None:
        """Move the clock at once; all that fell due begins together."""
        self._move(milliseconds)
        await self._store.run(self._save, name="clock")

    async def walk(self, milliseconds: int) -> None:
        """Let the time pass as it would have: what falls due is done at its time, before later things begin."""
        until = self._clock.now() + milliseconds
        while (now := self._clock.now()) < until:
            self._move(min(await self._next_due(until), now + _STRIDE_MS) - now)
            await self._settle()
        await self._store.run(self._save, name="clock")

    def _move(self, milliseconds: int) -> None:
        self._clock.advance(milliseconds)
        self._store.notify_all()
        self._jobs().poll_soon()

    async def _settle(self) -> None:
        """Wait for what is due, but not forever: a function may take its time."""
        await asyncio.sleep(_PAUSE_S)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._jobs().idle(), _SETTLE_S)

    async def _next_due(self, until: int) -> int:
        """When the next job is due, at the end of its second; `until` when none is before that."""
        (row,) = await self._store.scan(
            "SELECT MIN(due_at) FROM jobs WHERE due_at > ? AND due_at < ?", self._clock.now(), min(until, AT_START)
        )
        return until if row[0] is None else min(until, -(-int(row[0]) // _STEP_MS) * _STEP_MS)

    # --- keeping it ---

    async def _save(self, db: Transaction) -> None:
        await db.execute(
            "INSERT INTO clock (id, ahead_ms) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET ahead_ms = excluded.ahead_ms",
            self._clock.ahead,
        )
        db.notify(_CHANNEL)

    async def _catch_up(self) -> None:
        rows = await self._store.scan("SELECT ahead_ms FROM clock")
        if self._clock.stopped:  # how far it is ahead shrinks while it stands
            return
        if rows and (behind := int(rows[0][0]) - self._clock.ahead) > 0:
            self._clock.advance(behind)

    async def _follow(self) -> None:
        with self._store.listen(_CHANNEL) as moved:
            while True:
                await moved.wait(_LOOK_S)
                try:
                    await self._catch_up()
                except Exception:  # the database is away: the next look will do
                    log.warning("the clock of the other nodes was not seen", exc_info=True)
                else:
                    self._jobs().poll_soon()
