"""What PostgreSQL alone can do to us: connections that end, a server that goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from undercast.store.contract import StoreError
from undercast.store.postgres import PostgresStore


@pytest.fixture
def store(loop: asyncio.AbstractEventLoop, postgres_url: str) -> Iterator[PostgresStore]:
    store = PostgresStore(postgres_url)
    loop.run_until_complete(store.open())
    yield store
    loop.run_until_complete(store.close())


def test_a_connection_that_ends_is_one_sentence_and_the_next_works(store, loop):
    async def end_own(db):
        await db.fetch("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(StoreError, match=r"PostgreSQL at \S+ does not serve .*nothing acknowledged is lost"):
        loop.run_until_complete(store.run(end_own))
    assert loop.run_until_complete(store.scan("SELECT 1")) == [(1,)]


def test_others_are_heard_again_after_the_listener_ended(store, loop, postgres_url):
    async def say(db):
        db.notify("channel")

    async def story():
        other = PostgresStore(postgres_url)
        await other.open()
        with store.listen("channel") as signal:
            await other.scan("SELECT pg_terminate_backend(?)", store._listener.get_server_pid())
            assert await signal.wait(10), "who waited is not told to look for what was said meanwhile"
            await other.run(say)
            assert await signal.wait(10)
        await other.close()

    loop.run_until_complete(story())


def test_a_server_that_is_not_there(loop, tmp_path):
    store = PostgresStore(f"postgresql://nobody@/none?host={tmp_path}")
    with pytest.raises(StoreError, match=r"PostgreSQL at .* cannot be used"):
        loop.run_until_complete(store.open())
