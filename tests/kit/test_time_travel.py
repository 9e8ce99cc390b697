"""Following a clock that another node moves."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from undercast.kit.clock import Clock
from undercast.kit.time_travel import TimeTravel
from undercast.store.waiters import Waiters


class Database(Waiters):
    """The rows of `clock`, in a database that may be away."""

    dialect = "postgres"
    away = False
    ahead = 0

    async def scan(self, _sql: str, *_values: Any) -> list[tuple[int]]:
        if self.away:
            raise OSError("the database is away")
        return [(self.ahead,)]


def test_a_clock_is_followed_again_when_the_database_is_back() -> None:
    async def story() -> None:
        clock, database, moved = Clock(), Database(), asyncio.Event()
        travel = TimeTravel(clock, database, lambda: SimpleNamespace(poll_soon=moved.set))  # type: ignore[arg-type,return-value]
        await travel.start()
        await asyncio.sleep(0)  # now it listens
        database.away = True
        database.notify("clock")
        for _ in range(5):
            await asyncio.sleep(0)
        assert not moved.is_set()
        database.away, database.ahead = False, 5_000_000
        database.notify("clock")
        await asyncio.wait_for(moved.wait(), 30)
        travel.close()
        assert clock.ahead >= 4_999_000

    asyncio.run(story())
