"""Jobs: what is done later, repeatedly or elsewhere, and goes on after a restart. One table, one engine.

A job is written in the transaction that wants it, started by a timer in this process at its time, and deleted in the
transaction of its effects. Polling finds what timers do not know: jobs far in the future, of a dead node, of a restart.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from undercast.kit import service as kit_service
from undercast.kit.call import Call, Platform
from undercast.kit.clock import Timer
from undercast.kit.credentials import root_identity
from undercast.store.contract import StoreError

if TYPE_CHECKING:
    from undercast.kit.service import Service
    from undercast.store.contract import Transaction

SCHEMA = [(Path(__file__).parent / "jobs.sql").read_text()]

AT_START = 2**62  # the time of a job that is run when the platform starts; to be run again, it is written again

_HORIZON_MS = 60_000  # jobs due within this get a timer at once
_POLL_MS = 20_000
_LOADED = 2_000  # jobs that one poll takes into memory
_LEASE_MS = 60_000
_DATABASE_MS = 5_000  # until what the database could not do is tried again
_TURN_MS = 100  # until a job that another node's job holds up is looked at again
_RUNNING = 512  # jobs under way at once

_COLUMNS = "account, region, id, service, name, due_at, payload, failures, ordering"

# Of the jobs of one ordering: those that come first are due, or were and failed.
_IN_FRONT = (
    "earlier.ordering = jobs.ordering AND earlier.id < jobs.id AND (earlier.due_at <= ? OR earlier.failures > 0)"
)
_FIRST = (
    "(ordering = '' OR NOT EXISTS (SELECT 1 FROM jobs earlier WHERE earlier.account = jobs.account "
    f"AND earlier.region = jobs.region AND {_IN_FRONT}))"
)

log = logging.getLogger("undercast.jobs")


class _Services(Platform, Protocol):
    async def service(self, name: str) -> Service: ...


@dataclass(slots=True)
class _Entry:
    """A job as this process knows it."""

    account: str
    region: str
    id: int
    service: str
    name: str
    due_at: int
    payload: bytes
    failures: int
    ordering: str
    timer: Timer | None = None


class Jobs:
    """The engine of this process."""

    def __init__(self, platform: _Services) -> None:
        self._platform = platform
        self._known: dict[int, _Entry] = {}
        self._ready: deque[_Entry] = deque()
        self._orderings: dict[tuple[str, str, str], list[tuple[int, _Entry]]] = {}  # behind the one that runs: heaps
        self._busy: Counter[tuple[str, str]] = Counter()  # running, by service and name, of kinds that have a limit
        self._held: dict[tuple[str, str], deque[_Entry]] = {}  # due, of kinds that are at their limit
        self._tasks: set[asyncio.Task[None]] = set()
        self._poll_timer: Timer | None = None
        self._polling = False
        self._again = False
        self._more = False  # jobs are due that one poll could not take
        self._closed = False

    async def start(self) -> None:
        """Take up what an earlier run left."""
        for row in await self._platform.store.scan(f"SELECT {_COLUMNS} FROM jobs WHERE due_at = ?", AT_START):
            entry = _Entry(*row)
            entry.due_at = self._platform.clock.now()
            self._learn(entry)
        await self._poll()

    async def close(self) -> None:
        """Stop: what is under way is cancelled and goes on after the next start."""
        self._closed = True
        if self._poll_timer:
            self._poll_timer.cancel()
        for entry in self._known.values():
            if entry.timer:
                entry.timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def idle(self, within_ms: int = 0) -> None:
        """Wait until nothing is due (`within_ms` from now). For tests and demonstrations."""
        while (  # noqa: ASYNC110  no one event stands for all of these
            self._tasks
            or self._ready
            or any(entry.due_at <= self._platform.clock.now() + within_ms for entry in self._in_front())
        ):
            await asyncio.sleep(0.001)

    def _in_front(self) -> list[_Entry]:
        """The jobs that wait for their time only, not for one before them."""
        behind = {id for waiting in self._orderings.values() for id, _ in waiting}
        return [entry for entry in self._known.values() if entry.id not in behind]

    async def add(self, call: Call, at: int, name: str, payload: object, ordering: str) -> int:
        entry = _Entry(
            call.account, call.region, self._platform.ids.sequence(), call.service, name, at,
            orjson.dumps(payload), 0, ordering,
        )  # fmt: skip
        await call.db.execute(
            f"INSERT INTO jobs ({_COLUMNS}, leased_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            entry.account, entry.region, entry.id, entry.service, name, at, entry.payload, 0, ordering,
        )  # fmt: skip
        if at <= self._platform.clock.now() + _HORIZON_MS:
            call.db.after_commit(lambda: self._learn(entry))
        return entry.id

    async def cancel(self, call: Call, job_id: int) -> bool:
        deleted = await call.db.execute(
            "DELETE FROM jobs WHERE account = ? AND region = ? AND id = ?", call.account, call.region, job_id
        )
        return deleted > 0

    async def forget(self, account: str) -> None:
        """Drop all jobs of an account: nobody waits for them any more."""

        async def delete(db: Transaction) -> None:
            await db.execute("DELETE FROM jobs WHERE account = ?", account)

        await self._platform.store.run(delete, name="jobs.forget")

    def poll_soon(self) -> None:
        """Look for due jobs now: the clock was moved."""
        if not self._closed:
            self._spawn(self._poll())

    # --- finding ---

    async def _poll(self) -> None:
        if self._polling:
            self._again = True  # the clock was moved meanwhile: what is due now may not have been when it began
            return
        if self._closed:
            return
        self._polling, self._again = True, False
        try:
            now = self._platform.clock.now()
            rows = await self._platform.store.scan(
                f"SELECT {_COLUMNS} FROM jobs WHERE due_at <= ? AND leased_until <= ? ORDER BY due_at, id LIMIT ?",
                now + _HORIZON_MS, now, _LOADED + len(self._known),
            )  # fmt: skip
            self._more = len(rows) == _LOADED + len(self._known)
            for row in rows:
                self._learn(_Entry(*row))
        finally:
            self._polling = False
            if self._poll_timer:
                self._poll_timer.cancel()
            self._poll_timer = self._platform.clock.call_at(self._platform.clock.now() + _POLL_MS, self.poll_soon)
            if self._again:
                self.poll_soon()

    def _learn(self, entry: _Entry) -> None:
        if entry.id in self._known or self._closed:
            return
        self._known[entry.id] = entry
        if entry.due_at <= self._platform.clock.now():
            self._due(entry)
        else:
            entry.timer = self._platform.clock.call_at(entry.due_at, lambda: self._due(entry))

    # --- running ---

    def _due(self, entry: _Entry) -> None:
        if self._closed:
            return
        if entry.ordering:
            key = _line(entry)
            if key in self._orderings:
                heapq.heappush(self._orderings[key], (entry.id, entry))
                return
            self._orderings[key] = []
        self._start(entry)

    def _start(self, entry: _Entry) -> None:
        if len(self._tasks) >= _RUNNING:
            self._ready.append(entry)
        else:
            self._spawn(self._run(entry))

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, StoreError):  # a look for jobs; the next one may find the database well
            log.warning("%s", error)
        elif error:
            log.error("a job could not be kept", exc_info=error)
        while self._ready and len(self._tasks) < _RUNNING and not self._closed:
            self._spawn(self._run(self._ready.popleft()))

    async def _run(self, entry: _Entry) -> None:
        try:
            await self._try(entry)
        except StoreError as error:  # the database's failure, not the job's: it counts as no attempt
            log.warning("job %s.%s waits for the database: %s", entry.service, entry.name, error)
            entry.due_at = self._platform.clock.now() + _DATABASE_MS
            if not self._closed:
                entry.timer = self._platform.clock.call_at(entry.due_at, lambda: self._start(entry))

    async def _try(self, entry: _Entry) -> None:
        if (job := await self._job(entry)) is None:
            log.error("no job is called %s.%s; it stays in the table", entry.service, entry.name)
            self._forget(entry)
            return
        call, again_at = self._call(entry), None
        try:
            kind = (entry.service, entry.name)
            if job.at_once is not None and self._busy[kind] >= job.at_once:
                self._held.setdefault(kind, deque()).append(entry)
                return
            self._busy[kind] += 1
            try:
                if not await self._attempt(entry, job, call) and entry.ordering:
                    again_at = await call.transact(self._held_up, entry)
            finally:
                self._busy[kind] -= 1
                if self._held.get(kind) and not self._closed:
                    self._start(self._held[kind].popleft())
        except StoreError:
            raise  # to `_run`
        except Exception as error:  # noqa: BLE001  whatever else a job raises is a failed attempt
            await self._failed(entry, job, call, error)
        else:
            if again_at is None:
                self._forget(entry)
            else:
                self._let_earlier_pass(entry, again_at)

    async def _job(self, entry: _Entry) -> kit_service.Job | None:
        try:
            return (await self._platform.service(entry.service)).jobs[entry.name]
        except KeyError:  # of another version of the program, which knows it
            return None

    async def _attempt(self, entry: _Entry, job: kit_service.Job, call: Call) -> bool:
        """Do it, if it is this process's to do; whether it was."""
        payload = orjson.loads(entry.payload)
        if not getattr(job.function, "waits", False):
            transact = call.transact_relaxed if hasattr(job.function, "relaxed") else call.transact
            done = await transact(self._in_transaction, job, payload)
        elif done := await call.transact_relaxed(self._claim):
            async with self._leased(call):
                await job.function(call, payload)
            await call.transact_relaxed(self.cancel, call.job_id)
        if done and self._platform.changes.listeners:
            self._platform.changes.tell(entry.service, entry.name, entry.account, entry.region, payload)
        return done

    async def _in_transaction(self, call: Call, job: kit_service.Job, payload: Any) -> bool:
        if not await self._claim(call) or not await self.cancel(call, call.job_id):
            return False
        await job.function(call, payload)
        return True

    async def _claim(self, call: Call) -> bool:
        """Lease the job to this process; False when it is gone, another node has it or earlier ones of its ordering wait."""
        now, key = self._platform.clock.now(), (call.account, call.region, call.job_id)
        if self._platform.store.dialect == "sqlite":
            sql = f"SELECT id FROM jobs WHERE account = ? AND region = ? AND id = ? AND {_FIRST}"
            return bool(await call.db.fetch(sql, *key, now))
        sql = (
            "UPDATE jobs SET leased_until = ? WHERE account = ? AND region = ? AND id = ? AND leased_until <= ? "
            f"AND {_FIRST} RETURNING id"
        )
        return bool(await call.db.fetch(sql, now + _LEASE_MS, *key, now, now))

    async def _held_up(self, call: Call, entry: _Entry) -> int | None:
        """When to look again at a job that could not be claimed; None when it is gone or another node has it."""
        now = self._platform.clock.now()
        first = await call.db.fetch_one(
            "SELECT id, due_at, leased_until FROM jobs WHERE account = ? AND region = ? AND ordering = ? AND id <= ? "
            "AND (id = ? OR due_at <= ? OR failures > 0) ORDER BY id LIMIT 1",
            entry.account, entry.region, entry.ordering, entry.id, entry.id, now,
        )  # fmt: skip
        if first is None:
            return None
        if first[0] == entry.id:
            return now if first[2] <= now else None
        return max(now + _TURN_MS, int(first[1]))

    def _let_earlier_pass(self, entry: _Entry, again_at: int) -> None:
        """Jobs of one ordering become known in the order of their commits, or of their times after a restart."""
        first = heapq.heappushpop(self._orderings[_line(entry)], (entry.id, entry))[1]
        if first is entry:
            entry.due_at = again_at
            entry.timer = self._platform.clock.call_at(again_at, lambda: self._start(entry))
        else:
            self._start(first)

    @asynccontextmanager
    async def _leased(self, call: Call) -> AsyncIterator[None]:
        """Keep the lease of a job that waits for as long as it takes. With one process there is none to keep."""
        if self._platform.store.dialect == "sqlite":
            yield
            return
        keeper = asyncio.ensure_future(self._keep_lease(call))
        try:
            yield
        finally:
            keeper.cancel()

    async def _keep_lease(self, call: Call) -> None:
        while True:
            await asyncio.sleep(_LEASE_MS / 3000)
            await call.transact_relaxed(self._renew)

    async def _renew(self, call: Call) -> None:
        await call.db.execute(
            "UPDATE jobs SET leased_until = ? WHERE account = ? AND region = ? AND id = ?",
            self._platform.clock.now() + _LEASE_MS, call.account, call.region, call.job_id,
        )  # fmt: skip

    async def _failed(self, entry: _Entry, job: kit_service.Job, call: Call, error: Exception) -> None:
        entry.failures += 1
        if job.attempts is not None and entry.failures >= job.attempts:
            log.warning("job %s.%s failed %d times: %s", entry.service, entry.name, entry.failures, error)
            await self._exhausted(entry, job, call, error)
            return
        log.warning("job %s.%s failed and is tried again: %r", entry.service, entry.name, error, exc_info=error)
        entry.due_at = self._platform.clock.now() + int(job.backoff_s(entry.failures) * 1000)
        await call.transact(self._postpone, entry)
        entry.timer = self._platform.clock.call_at(entry.due_at, lambda: self._start(entry))

    async def _postpone(self, call: Call, entry: _Entry) -> None:
        await call.db.execute(
            "UPDATE jobs SET due_at = ?, failures = ?, leased_until = 0 WHERE account = ? AND region = ? AND id = ?",
            entry.due_at, entry.failures, entry.account, entry.region, entry.id,
        )  # fmt: skip

    async def _exhausted(self, entry: _Entry, job: kit_service.Job, call: Call, error: Exception) -> None:
        async def give_up(call: Call) -> None:
            if await self.cancel(call, entry.id):
                outcome = job.exhausted(call, orjson.loads(entry.payload), error)
                if outcome is not None:
                    await outcome

        await call.transact(give_up)
        self._forget(entry)

    def _forget(self, entry: _Entry) -> None:
        self._known.pop(entry.id, None)
        waiting = self._orderings.get(_line(entry)) if entry.ordering else None
        if waiting:
            self._start(heapq.heappop(waiting)[1])
        elif waiting is not None:
            del self._orderings[_line(entry)]
        if self._more and len(self._known) < _LOADED // 2:
            self._more = False
            self.poll_soon()

    def _call(self, entry: _Entry) -> Call:
        call = Call(
            self._platform,
            account=entry.account,
            region=entry.region,
            identity=root_identity(entry.account),
            request_id=self._platform.ids.uuid(),
            service=entry.service,
            operation=entry.name,
        )
        call.job_id = entry.id
        call.attempt = entry.failures + 1
        return call


def _line(entry: _Entry) -> tuple[str, str, str]:
    return entry.account, entry.region, entry.ordering
