"""Every contract test runs on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from undercast.store.postgres import PostgresStore
from undercast.store.sqlite import SQLiteStore

TABLE = "CREATE TABLE things (account TEXT NOT NULL, id BIGINT NOT NULL, name TEXT, PRIMARY KEY (account, id)) /* clustered */"


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, loop: asyncio.AbstractEventLoop, tmp_path: Path) -> Iterator[Any]:
    """An open store with one empty table, `things`."""
    if request.param == "sqlite":
        store: Any = SQLiteStore(tmp_path)
    else:
        store = PostgresStore(request.getfixturevalue("postgres_url"))
    loop.run_until_complete(store.open())
    loop.run_until_complete(store.migrate("things", [TABLE.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS")]))
    yield store
    loop.run_until_complete(store.clear())
    loop.run_until_complete(store.close())
