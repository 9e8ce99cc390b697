"""The PostgreSQL driver: a pool of connections, so that many processes on many machines share one database."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from functools import lru_cache
from typing import Any, TypeVar

from undercast.store.contract import Row, StoreError, Transaction, Value
from undercast.store.waiters import Signal, Waiters

try:
    import asyncpg
except ModuleNotFoundError:  # the extra `undercast[postgres]` is not installed; open() says so
    asyncpg = None

T = TypeVar("T")

_CHANNEL = "undercast"
_TRIES = 25  # of a transaction that loses races, before its error surfaces
_LISTEN_AGAIN_S = 0.5
_MIGRATION_LOCK = 0x756E6465726361

# Its pool tells in tracebacks what StoreError says in a sentence.
logging.getLogger("asyncpg").setLevel(logging.CRITICAL)


class PostgresStore:
    """One PostgreSQL database, named by its URL (`postgresql://user@host/database`)."""

    dialect = "postgres"

    def __init__(self, url: str, *, connections: int = 16) -> None:
        self._url = url
        self._connections = connections
        self._waiters = Waiters()
        self._line = asyncio.Lock()
        self._closing = False
        self._listening_again: asyncio.Task[None] | None = None

    async def open(self) -> None:
        if asyncpg is None:
            raise StoreError("PostgreSQL needs the extra 'postgres': pip install 'undercast[postgres]'.")
        try:
            self._pool = await asyncpg.create_pool(
                self._url, min_size=1, max_size=self._connections, statement_cache_size=1024, init=_prepare
            )
            await self._listen()
        except (OSError, asyncpg.PostgresError, ValueError) as error:
            raise StoreError(f"PostgreSQL at {_without_password(self._url)} cannot be used: {error}.") from error
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _MIGRATION_LOCK)
            await connection.execute(
                "CREATE TABLE IF NOT EXISTS schema_versions (component TEXT PRIMARY KEY, version BIGINT)"
            )

    async def close(self) -> None:
        self._closing = True
        if self._listening_again:
            self._listening_again.cancel()
        await self._listener.close()
        await self._pool.close()

    async def run(self, work: Callable[[Transaction], Awaitable[T]], *, name: str = "", relaxed: bool = False) -> T:
        isolation = "read_committed" if relaxed else "serializable"
        with suppress(asyncpg.SerializationError, asyncpg.DeadlockDetectedError):
            return await self._run_once(work, isolation)
        # Who loses a race stands in line, so that many who want the same row do not lose to each other again and again.
        async with self._line:
            for attempt in range(_TRIES):
                with suppress(asyncpg.SerializationError, asyncpg.DeadlockDetectedError):
                    return await self._run_once(work, isolation)
                await asyncio.sleep(random.uniform(0, 0.002) * 2 ** min(attempt, 6))
            return await self._run_once(work, isolation)

    async def _run_once(self, work: Callable[[Transaction], Awaitable[T]], isolation: str) -> T:
        async with self._connection() as connection:
            transaction = _PostgresTransaction(self, connection)
            async with connection.transaction(isolation=isolation):
                result = await work(transaction)
                await transaction.send_notifications()
        transaction.committed()
        return result

    async def scan(self, sql: str, *values: Value) -> list[Row]:
        async with self._connection() as connection:
            rows: list[Row] = await connection.fetch(_to_postgres(sql), *values)
            return rows

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        """One of the pool's. StoreError when the server is gone or has no room."""
        gone = (asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.InsufficientResourcesError)
        try:
            connection = await self._pool.acquire()
        except (OSError, asyncpg.InterfaceError, *gone) as error:
            raise self._failing(error) from error
        try:
            yield connection
        except (asyncpg.InterfaceError, *gone) as error:
            raise self._failing(error) from error
        finally:
            await self._pool.release(connection)

    def _failing(self, error: Exception) -> StoreError:
        where = _without_password(self._url)
        return StoreError(
            f"PostgreSQL at {where} does not serve ({error}); nothing acknowledged is lost, and it is asked again "
            "with the next request."
        )

    async def _listen(self) -> None:
        self._listener = await asyncpg.connect(self._url)
        self._listener.add_termination_listener(self._deaf)
        await self._listener.add_listener(_CHANNEL, self._notified)

    def _deaf(self, _connection: Any) -> None:
        if not self._closing:
            self._listening_again = asyncio.get_running_loop().create_task(self._listen_again())

    async def _listen_again(self) -> None:
        """Hear other nodes again as soon as the server is back; what they said meanwhile, everyone looks for."""
        while True:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._listen()
                return self._waiters.notify_all()
            await asyncio.sleep(_LISTEN_AGAIN_S)

    def listen(self, channel: str) -> AbstractContextManager[Signal]:
        return self._waiters.listen(channel)

    def notify_all(self) -> None:
        self._waiters.notify_all()

    async def migrate(self, component: str, steps: Sequence[str]) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _MIGRATION_LOCK)
            version = (
                await connection.fetchval("SELECT version FROM schema_versions WHERE component = $1", component) or 0
            )
            if version > len(steps):
                raise StoreError(
                    f"The database was written by a newer Undercast ({component} version {version}, "
                    f"this one knows {len(steps)}); upgrade Undercast or choose another database."
                )
            for step in steps[version:]:
                await connection.execute(step)
            if version < len(steps):
                await connection.execute(
                    "INSERT INTO schema_versions VALUES ($1, $2) ON CONFLICT (component) DO UPDATE SET version = $2",
                    component,
                    len(steps),
                )

    async def clear(self) -> None:
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'schema_versions'"
            )
            if rows:
                await connection.execute(f"TRUNCATE {', '.join(name for (name,) in rows)}")

    def notify(self, channel: str) -> None:
        """Wake who listens in this process."""
        self._waiters.notify(channel)

    def _notified(self, _connection: Any, _pid: int, _channel: str, payload: str) -> None:
        self.notify(payload)


class _PostgresTransaction:
    """One transaction on one connection of the pool."""

    __slots__ = ("_channels", "_connection", "_store", "actions")

    def __init__(self, store: PostgresStore, connection: Any) -> None:
        self._store = store
        self._connection = connection
        self._channels: set[str] = set()
        self.actions: list[Callable[[], None]] = []

    async def fetch(self, sql: str, *values: Value) -> list[Row]:
        rows: list[Row] = await self._connection.fetch(_to_postgres(sql), *values)
        return rows

    async def fetch_one(self, sql: str, *values: Value) -> Row | None:
        rows: list[Row] = await self._connection.fetch(_to_postgres(sql), *values)
        return rows[0] if rows else None

    async def execute(self, sql: str, *values: Value) -> int:
        status: str = await self._connection.execute(_to_postgres(sql), *values)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def execute_many(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        await self._connection.executemany(_to_postgres(sql), rows)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        actions, channels = len(self.actions), set(self._channels)
        try:
            async with self._connection.transaction():
                yield
        except BaseException:  # whatever undid the savepoint, cancelling too: its actions are undone
            del self.actions[actions:]
            self._channels = channels
            raise

    def after_commit(self, action: Callable[[], None]) -> None:
        self.actions.append(action)

    def notify(self, channel: str) -> None:
        self._channels.add(channel)

    def committed(self) -> None:
        """Wake who listens here at once (other nodes hear of it from the database), and do what was to be done."""
        for channel in self._channels:
            self._store.notify(channel)
        for action in self.actions:
            action()

    async def send_notifications(self) -> None:
        for channel in self._channels:
            await self._connection.execute("SELECT pg_notify($1, $2)", _CHANNEL, channel)


async def _prepare(connection: Any) -> None:
    await connection.execute("SET synchronous_commit = on")


@lru_cache(maxsize=4096)
def _to_postgres(sql: str) -> str:
    parts = sql.split("?")
    return "".join(f"{part}${index}" for index, part in enumerate(parts[:-1], 1)) + parts[-1]


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
