"""The SQLite driver: one writer inside the event loop, many operations to one fsync.

Operations that become ready in the same turn of the event loop run one after the other, each in a savepoint of one
open transaction (the batch). When a turn brings no more of them the batch commits, with one fsync, and then everyone is answered,
readers included, so that nobody sees what could still be lost.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, TypeVar, cast

from undercast.store.contract import Row, StoreError, SuspendedInTransaction, Transaction, Value
from undercast.store.waiters import Signal, Waiters

T = TypeVar("T")

log = logging.getLogger("undercast.store")

_CHECKPOINT_PAGES = 2_000  # pages of 4 KiB in the log before a background checkpoint starts
_RESTART_PAGES = 16_000  # pages before the writer itself waits for the log to start anew
_READERS = 4
_LONGEST_BATCH_S = 0.002  # how long a batch stays open while more operations keep joining it


class SQLiteStore:
    """One database file in `folder`, owned by this process alone. `durable=False` skips the fsync (memory mode)."""

    dialect = "sqlite"

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self.path = folder / "undercast.db"
        self._durable = durable
        self._waiters = Waiters()
        self._batch: _Batch | None = None
        self._local = threading.local()
        self._readers = ThreadPoolExecutor(_READERS, "undercast-reader")
        self._lock: IO[str] | None = None
        self._reader_connections: list[sqlite3.Connection] = []
        self._checkpoint: asyncio.Future[None] | None = None
        self._commits = 0
        self._crowded = False  # a write failed: the log may take the room that is wanting

    async def open(self) -> None:
        if sqlite3.sqlite_version_info < (3, 35):
            raise StoreError(f"Python's SQLite is {sqlite3.sqlite_version}; Undercast needs 3.35 or newer.")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = _lock_folder(self.folder)
            self._writer = self._connect()
            self._writer.execute(
                "CREATE TABLE IF NOT EXISTS schema_versions (component TEXT PRIMARY KEY, version BIGINT)"
            )
        except OSError as error:
            raise StoreError(f"The data folder {self.folder} cannot be used: {error.strerror}.") from error
        except sqlite3.DatabaseError as error:
            raise StoreError(_explain(error, self.path)) from error

    async def close(self) -> None:
        if self._batch:
            self._commit()
        if self._checkpoint:
            await asyncio.wait([self._checkpoint])
        self._readers.shutdown()
        for connection in self._reader_connections:
            connection.close()
        self._writer.close()
        if self._lock:
            self._lock.close()

    async def run(self, work: Callable[[Transaction], Awaitable[T]], *, name: str = "", relaxed: bool = False) -> T:
        transaction = _SQLiteTransaction(self, self._writer)
        try:
            result = self._run_at_once(cast("Coroutine[Any, Any, T]", work(transaction)), name)
        except BaseException as error:
            transaction.undo()
            if isinstance(error, sqlite3.OperationalError):
                self._crowded = True
                raise StoreError(_explain(error, self.path)) from error
            if self._batch:  # the refusal may rest on what others in this batch wrote
                await self._batch.committed()
            raise
        transaction.finish()
        if self._batch:
            if transaction.actions:
                self._batch.actions.extend(transaction.actions)
            await self._batch.committed()
        else:
            for action in transaction.actions:
                action()
        return result

    def _run_at_once(self, coroutine: Coroutine[Any, Any, T], name: str) -> T:
        """Run a coroutine to its end without giving the event loop a turn."""
        try:
            coroutine.send(None)
        except StopIteration as done:
            return cast(T, done.value)
        coroutine.close()
        raise SuspendedInTransaction(f"{name or coroutine} waited for something outside inside its transaction")

    async def scan(self, sql: str, *values: Value) -> list[Row]:
        if self._batch:
            await self._batch.committed()
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._scan, sql, values)

    def listen(self, channel: str) -> AbstractContextManager[Signal]:
        return self._waiters.listen(channel)

    def notify(self, channel: str) -> None:
        self._waiters.notify(channel)

    def notify_all(self) -> None:
        self._waiters.notify_all()

    async def migrate(self, component: str, steps: Sequence[str]) -> None:
        row = self._writer.execute("SELECT version FROM schema_versions WHERE component = ?", (component,)).fetchone()
        version = row[0] if row else 0
        if version > len(steps):
            raise StoreError(
                f"The data in {self.folder} was written by a newer Undercast ({component} version {version}, "
                f"this one knows {len(steps)}); upgrade Undercast or choose another --data folder."
            )
        if version == len(steps):
            return
        script = "".join(_to_sqlite_schema(step) + ";\n" for step in steps[version:])
        self._writer.executescript(
            f"BEGIN IMMEDIATE;{script}INSERT OR REPLACE INTO schema_versions VALUES ('{component}', {len(steps)});COMMIT;"
        )

    async def clear(self) -> None:
        if self._batch:
            self._commit()
        names = self._writer.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        tables = [name for (name,) in names.fetchall() if name != "schema_versions"]
        self._writer.executescript("BEGIN IMMEDIATE;" + "".join(f"DELETE FROM {t};" for t in tables) + "COMMIT;")

    # --- the batch ---

    def begin(self) -> _Batch:
        """The open batch; begins one that will commit at the end of this turn of the event loop."""
        if self._batch is None:
            self._writer.execute("BEGIN IMMEDIATE")
            self._batch = _Batch(asyncio.get_running_loop())
            self._batch.loop.call_soon(self._commit_when_quiet)
        self._batch.size += 1
        return self._batch

    def _commit_when_quiet(self) -> None:
        """Commit once a turn of the loop brought no more operations: what arrives together shares the fsync."""
        batch = self._batch
        if batch and batch.size > batch.seen and batch.loop.time() - batch.began < _LONGEST_BATCH_S:
            batch.seen = batch.size
            batch.loop.call_soon(self._commit_when_quiet)
        else:
            self._commit()

    def _commit(self) -> None:
        batch, self._batch = self._batch, None
        if batch is None:
            return
        try:
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            batch.failed(StoreError(_explain(error, self.path)))
            self._crowded = True
        else:
            batch.succeeded()
            self._checkpoint_if_due()
        if self._crowded:
            self._crowded = not self._checkpoint_on(self._writer, "TRUNCATE")

    def _checkpoint_if_due(self) -> None:
        """Move the log into the database beside the writer; only when it grows too long does the writer wait."""
        self._commits += 1
        if self._commits % 64:
            return
        try:
            pages = os.stat(f"{self.path}-wal").st_size // 4096
        except FileNotFoundError:
            return
        if pages > _RESTART_PAGES:
            self._checkpoint_on(self._writer, "TRUNCATE")
        elif pages > _CHECKPOINT_PAGES and (self._checkpoint is None or self._checkpoint.done()):
            loop = asyncio.get_running_loop()
            self._checkpoint = loop.run_in_executor(self._readers, self._checkpoint_beside)

    def _checkpoint_beside(self) -> None:
        self._checkpoint_on(self._reader(), "PASSIVE")

    def _checkpoint_on(self, connection: sqlite3.Connection, mode: str) -> bool:
        """False when it failed: it is tried again later, and the log keeps everything until then."""
        try:
            connection.execute(f"PRAGMA wal_checkpoint({mode})")
        except sqlite3.OperationalError as error:
            log.warning("%s", _explain(error, self.path))
            return False
        return True

    # --- connections ---

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, cached_statements=512)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={'FULL' if self._durable else 'OFF'}")
        for pragma in ("wal_autocheckpoint=0", "temp_store=MEMORY", "cache_size=-32000", "busy_timeout=5000"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
            self._reader_connections.append(connection)
        return connection

    def _scan(self, sql: str, values: Sequence[Value]) -> list[Row]:
        return self._reader().execute(_to_sqlite(sql), values).fetchall()


class _Batch:
    """The operations that share one commit."""

    __slots__ = ("_futures", "actions", "began", "loop", "seen", "size")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.actions: list[Callable[[], None]] = []
        self.began = loop.time()
        self.size = self.seen = 0
        self._futures: list[asyncio.Future[None]] = []

    def committed(self) -> asyncio.Future[None]:
        """A future for each who waits: one that is cancelled (its client went away) must not cancel the others."""
        future = self.loop.create_future()
        self._futures.append(future)
        return future

    def succeeded(self) -> None:
        for future in self._futures:
            if not future.done():
                future.set_result(None)
        for action in self.actions:
            action()

    def failed(self, error: StoreError) -> None:
        for future in self._futures:
            if not future.done():
                future.set_exception(error)


class _SQLiteTransaction:
    """One operation's part of the batch: a savepoint from its first write on."""

    __slots__ = ("_connection", "_depth", "_store", "_wrote", "actions")

    def __init__(self, store: SQLiteStore, connection: sqlite3.Connection) -> None:
        self._store = store
        self._connection = connection
        self._wrote = False
        self._depth = 0
        self.actions: list[Callable[[], None]] = []

    async def fetch(self, sql: str, *values: Value) -> list[Row]:
        text = _to_sqlite(sql)
        if not self._wrote and _writes(text):
            self._begin()
        return self._connection.execute(text, values).fetchall()

    async def fetch_one(self, sql: str, *values: Value) -> Row | None:
        text = _to_sqlite(sql)
        if not self._wrote and _writes(text):
            self._begin()
        rows = self._connection.execute(text, values).fetchall()  # to the end, so that RETURNING has done its work
        return rows[0] if rows else None

    async def execute(self, sql: str, *values: Value) -> int:
        if not self._wrote:
            self._begin()
        return self._connection.execute(_to_sqlite(sql), values).rowcount

    async def execute_many(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        if not self._wrote:
            self._begin()
        self._connection.executemany(_to_sqlite(sql), rows)

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        return _Savepoint(self)

    def after_commit(self, action: Callable[[], None]) -> None:
        self.actions.append(action)

    def notify(self, channel: str) -> None:
        self.actions.append(lambda: self._store.notify(channel))

    def enter(self) -> tuple[str, int]:
        """Begin a savepoint: its name, and how many actions were registered before it."""
        if not self._wrote:
            self._begin()
        self._depth += 1
        name = f"s{self._depth}"
        self._connection.execute(f"SAVEPOINT {name}")
        return name, len(self.actions)

    def leave(self, name: str, actions: int, *, failed: bool) -> None:
        """End a savepoint, undoing it and its actions when it `failed`."""
        self._depth -= 1
        if failed:
            del self.actions[actions:]
            self._connection.execute(f"ROLLBACK TO {name}")
        self._connection.execute(f"RELEASE {name}")

    def finish(self) -> None:
        if self._wrote:
            self._connection.execute("RELEASE operation")

    def undo(self) -> None:
        if self._wrote and self._connection.in_transaction:
            self._connection.execute("ROLLBACK TO operation")
            self._connection.execute("RELEASE operation")

    def _begin(self) -> None:
        self._store.begin()
        self._connection.execute("SAVEPOINT operation")
        self._wrote = True


class _Savepoint(AbstractAsyncContextManager[None]):
    """What happens inside is undone when it raises."""

    __slots__ = ("_actions", "_name", "_transaction")

    def __init__(self, transaction: _SQLiteTransaction) -> None:
        self._transaction = transaction

    async def __aenter__(self) -> None:
        self._name, self._actions = self._transaction.enter()

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._transaction.leave(self._name, self._actions, failed=error is not None)


@lru_cache(maxsize=4096)
def _to_sqlite(sql: str) -> str:
    return sql.replace("FOR UPDATE SKIP LOCKED", "").replace("FOR UPDATE", "")


@lru_cache(maxsize=4096)
def _writes(sql: str) -> bool:
    return not sql.lstrip().upper().startswith("SELECT")


def _to_sqlite_schema(sql: str) -> str:
    """`/* clustered */` before the closing of a table stores its rows in the order of the primary key."""
    return sql.replace(") /* clustered */", ") WITHOUT ROWID")


def _lock_folder(folder: Path) -> IO[str]:
    lock = open(folder / "lock", "a+")  # noqa: SIM115  held until close()
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        owner = lock.read().strip() or "another process"
        lock.close()
        raise StoreError(
            f"The data folder {folder} is in use by {owner}; stop it or choose another folder with --data."
        ) from error
    lock.truncate(0)
    lock.write(f"process {os.getpid()}")
    lock.flush()
    return lock


def _explain(error: sqlite3.Error, path: Path) -> str:
    text = str(error)
    if "disk is full" in text or "disk I/O" in text:
        return f"The disk that holds {path} is full or failing ({text}); nothing acknowledged is lost. Free some space."
    if "not a database" in text or "malformed" in text:
        return f"{path} is damaged ({text}); restore it from a backup or choose another --data folder."
    if "readonly" in text or "unable to open" in text:
        return f"{path} cannot be written ({text}); check its permissions or choose another --data folder."
    return f"The database {path} answered: {text}."
