"""What a database driver promises to the services: one contract, kept by `sqlite.py` and `postgres.py`.

SQL is written once, in PostgreSQL's words with `?` for parameters. SQLite takes the same text; what only PostgreSQL
needs (`FOR UPDATE SKIP LOCKED`) the SQLite driver leaves out, because there a transaction is alone anyway.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any, Protocol, TypeVar

from undercast.store.waiters import Signal

T = TypeVar("T")
Row = Sequence[Any]
Value = str | int | float | bytes | None


class StoreError(Exception):
    """The database cannot be used; the message is one sentence for the operator: what, where, what to do."""


class SuspendedInTransaction(RuntimeError):
    """An operation waited for the outside world inside its transaction; the message names it."""


class Transaction(Protocol):
    """One unit of work: all of it commits, or none."""

    async def fetch(self, sql: str, *values: Value) -> list[Row]:
        """All rows of a query or of a statement with RETURNING."""
        ...

    async def fetch_one(self, sql: str, *values: Value) -> Row | None:
        """The first row, or None."""
        ...

    async def execute(self, sql: str, *values: Value) -> int:
        """Run a statement; the number of rows it changed."""
        ...

    async def execute_many(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run one statement for every row."""
        ...

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """Undo only what happens inside when it raises."""
        ...

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run `action` once the transaction is durable; never when it rolls back."""
        ...

    def notify(self, channel: str) -> None:
        """Wake everyone who waits for `channel` (on any node) after the commit."""
        ...


class Store(Protocol):
    """A database that is open."""

    dialect: str  # "sqlite" or "postgres"

    async def open(self) -> None:
        """Connect, create what is missing. StoreError when the database cannot be used."""
        ...

    async def close(self) -> None:
        """Finish what is under way and release the database."""
        ...

    async def run(self, work: Callable[[Transaction], Awaitable[T]], *, name: str = "", relaxed: bool = False) -> T:
        """Run `work` in one transaction and return its result once that is durable.

        Transactions are serializable; one that loses a race runs again from its start. `relaxed` gives that up
        (read committed) for hot paths that claim rows with SKIP LOCKED. `name` is told when something goes wrong.
        """
        ...

    async def scan(self, sql: str, *values: Value) -> list[Row]:
        """A large read of committed data that holds nothing up: on a connection of its own, off the event loop."""
        ...

    def listen(self, channel: str) -> AbstractContextManager[Signal]:
        """A signal that is set by every `notify(channel)` from now on."""
        ...

    def notify_all(self) -> None:
        """Let everyone who listens look again."""
        ...

    async def migrate(self, component: str, steps: Sequence[str]) -> None:
        """Bring a component's tables forward to `len(steps)`. StoreError when they are from a newer version."""
        ...

    async def clear(self) -> None:
        """Delete every row of every table; the tables stay."""
        ...
