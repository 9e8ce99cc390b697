"""What is SQLite's own: one owner, one batch, plain words when something is wrong."""

from __future__ import annotations

import asyncio
import os

import pytest

from undercast.store.contract import StoreError, SuspendedInTransaction
from undercast.store.sqlite import SQLiteStore


@pytest.fixture
def sqlite(loop, tmp_path):
    store = SQLiteStore(tmp_path)
    loop.run_until_complete(store.open())
    loop.run_until_complete(store.migrate("t", ["CREATE TABLE t (id BIGINT PRIMARY KEY)"]))
    yield store
    loop.run_until_complete(store.close())


def test_operation_that_waits_inside_its_transaction_is_named(sqlite, loop):
    async def waits(db):
        await db.execute("INSERT INTO t VALUES (1)")
        await asyncio.sleep(0)

    with pytest.raises(SuspendedInTransaction, match=r"sqs\.Wait"):
        loop.run_until_complete(sqlite.run(waits, name="sqs.Wait"))
    assert loop.run_until_complete(sqlite.scan("SELECT * FROM t")) == []


def test_second_process_is_told_who_has_the_folder(sqlite, loop, tmp_path):
    with pytest.raises(StoreError, match=f"in use by process {os.getpid()}"):
        loop.run_until_complete(SQLiteStore(tmp_path).open())


def test_damaged_file_is_named(loop, tmp_path):
    (tmp_path / "undercast.db").write_bytes(b"not a database at all" * 1000)
    with pytest.raises(StoreError, match="damaged"):
        loop.run_until_complete(SQLiteStore(tmp_path).open())


def test_full_disk_loses_nothing_and_goes_on(sqlite, loop):
    async def add(db, id):
        await db.execute("INSERT INTO t VALUES (?)", id)

    async def page_limit(limit):
        sqlite._writer.execute(f"PRAGMA max_page_count={limit}")

    loop.run_until_complete(sqlite.run(lambda db: add(db, 1)))
    loop.run_until_complete(page_limit(1))

    async def fill(db):
        await db.execute_many("INSERT INTO t VALUES (?)", [(n,) for n in range(2, 100_000)])

    with pytest.raises(StoreError, match="full"):
        loop.run_until_complete(sqlite.run(fill))
    loop.run_until_complete(page_limit(100_000))
    loop.run_until_complete(sqlite.run(lambda db: add(db, 2)))
    assert loop.run_until_complete(sqlite.scan("SELECT id FROM t ORDER BY id")) == [(1,), (2,)]


def test_client_that_goes_away_takes_nobody_with_it(sqlite, loop):
    async def both():
        async def insert(db, number):
            await db.execute("INSERT INTO t VALUES (?)", number)

        one, other = (asyncio.create_task(sqlite.run(lambda db, n=n: insert(db, n))) for n in (1, 2))
        await asyncio.sleep(0)  # both wait for the commit of their batch
        one.cancel()
        await other

    loop.run_until_complete(both())
    assert loop.run_until_complete(sqlite.scan("SELECT id FROM t ORDER BY id")) == [(1,), (2,)]
