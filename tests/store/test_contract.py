"""What a driver promises, on both databases."""

from __future__ import annotations

import asyncio

import pytest

from undercast.store.contract import StoreError

INSERT = "INSERT INTO things (account, id, name) VALUES (?, ?, ?)"


def add(id, name="x"):
    async def work(db):
        await db.execute(INSERT, "a", id, name)
        return id

    return work


async def names(store):
    return [name for (name,) in await store.scan("SELECT name FROM things ORDER BY id")]


def test_run_returns_the_result_of_its_work(store, loop):
    assert loop.run_until_complete(store.run(add(7))) == 7
    assert loop.run_until_complete(names(store)) == ["x"]


def test_many_at_once_all_commit(store, loop):
    async def many():
        return await asyncio.gather(*(store.run(add(n, str(n))) for n in range(50)))

    assert loop.run_until_complete(many()) == list(range(50))
    assert loop.run_until_complete(names(store)) == [str(n) for n in range(50)]


def test_what_fails_leaves_nothing_and_its_neighbours_stay(store, loop):
    async def fail(db):
        await db.execute(INSERT, "a", 1, "lost")
        raise ValueError("no")

    async def together():
        return await asyncio.gather(
            store.run(add(2, "kept")), store.run(fail), store.run(add(3)), return_exceptions=True
        )

    results = loop.run_until_complete(together())
    assert [type(result) for result in results] == [int, ValueError, int]
    assert loop.run_until_complete(names(store)) == ["kept", "x"]


def test_savepoint_undoes_only_its_inside(store, loop):
    done = []

    async def work(db):
        await db.execute(INSERT, "a", 1, "before")
        with pytest.raises(ValueError):
            async with db.savepoint():
                await db.execute(INSERT, "a", 2, "inside")
                db.after_commit(lambda: done.append("inside"))
                raise ValueError
        async with db.savepoint():
            await db.execute(INSERT, "a", 3, "after")
            db.after_commit(lambda: done.append("after"))

    loop.run_until_complete(store.run(work))
    assert loop.run_until_complete(names(store)) == ["before", "after"]
    assert done == ["after"]


def test_rows_counts_and_returning(store, loop):
    async def work(db):
        await db.execute_many(INSERT, [("a", n, f"n{n}") for n in range(5)])
        changed = await db.execute("UPDATE things SET name = ? WHERE id < ?", "low", 2)
        rows = await db.fetch("DELETE FROM things WHERE name = ? RETURNING id", "low")
        one = await db.fetch_one("SELECT id, name FROM things WHERE id = ?", 4)
        none = await db.fetch_one("SELECT id FROM things WHERE id = ?", 99)
        return changed, sorted(id for (id,) in rows), tuple(one), none

    assert loop.run_until_complete(store.run(work)) == (2, [0, 1], (4, "n4"), None)


def test_claimed_rows_are_skipped_in_the_words_of_postgres(store, loop):
    loop.run_until_complete(store.run(add(1)))

    async def claim(db):
        rows = await db.fetch(
            "UPDATE things SET name = ? WHERE id IN (SELECT id FROM things WHERE name = ? LIMIT 1 FOR UPDATE SKIP LOCKED) "
            "RETURNING id",
            "taken",
            "x",
        )
        return len(rows)

    async def two():
        return await asyncio.gather(store.run(claim, relaxed=True), store.run(claim, relaxed=True))

    assert sorted(loop.run_until_complete(two())) == [0, 1]


def test_counter_that_many_raise_at_once_loses_no_turn(store, loop):
    loop.run_until_complete(store.run(add(1, "0")))

    async def increase(db):
        for _ in range(5):  # as long as an operation may take
            (value,) = await db.fetch_one("SELECT name FROM things WHERE id = ?", 1)
        await db.execute("UPDATE things SET name = ? WHERE id = ?", str(int(value) + 1), 1)

    async def again_and_again():
        for _ in range(10):
            await store.run(increase)

    async def many():
        await asyncio.gather(*(again_and_again() for _ in range(40)))

    loop.run_until_complete(many())
    assert loop.run_until_complete(names(store)) == ["400"]


def test_after_commit_runs_after_a_commit_only(store, loop):
    done = []

    async def work(db, fail):
        await db.execute(INSERT, "a", 1 + fail, "x")
        db.after_commit(lambda: done.append(fail))
        if fail:
            raise ValueError

    async def both():
        await asyncio.gather(
            store.run(lambda db: work(db, 0)), store.run(lambda db: work(db, 1)), return_exceptions=True
        )

    loop.run_until_complete(both())
    assert done == [0]


def test_notify_wakes_who_listens_and_only_on_commit(store, loop):
    async def notify(db, fail=False):
        await db.execute(INSERT, "a", 1 + fail, "x")
        db.notify("news")
        if fail:
            raise ValueError

    async def listen():
        with store.listen("news") as signal:
            with pytest.raises(ValueError):
                await store.run(lambda db: notify(db, fail=True))
            early = await signal.wait(0.05)
            await store.run(notify)
            return early, await signal.wait(5)

    assert loop.run_until_complete(listen()) == (False, True)


def test_migrations_go_forward_and_never_back(store, loop):
    steps = ["CREATE TABLE IF NOT EXISTS more (id BIGINT)", "ALTER TABLE more ADD COLUMN name TEXT"]

    async def drop(db):
        await db.execute("DROP TABLE IF EXISTS more")
        await db.execute("DELETE FROM schema_versions WHERE component = 'more'")

    loop.run_until_complete(store.run(drop))
    loop.run_until_complete(store.migrate("more", steps[:1]))
    loop.run_until_complete(store.migrate("more", steps))
    loop.run_until_complete(store.migrate("more", steps))
    assert loop.run_until_complete(store.scan("SELECT id, name FROM more")) == []
    with pytest.raises(StoreError, match="newer Undercast"):
        loop.run_until_complete(store.migrate("more", steps[:1]))
    loop.run_until_complete(store.run(drop))


def test_clear_empties_every_table(store, loop):
    loop.run_until_complete(store.run(add(1)))
    loop.run_until_complete(store.clear())
    assert loop.run_until_complete(names(store)) == []
