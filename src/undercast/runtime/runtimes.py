"""All environments of all functions: who runs an invocation, when a process starts and when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from undercast.runtime.environment import Environment, EnvironmentGone
from undercast.runtime.interpreters import Interpreter, resolve_runtime
from undercast.runtime.invocation import Invocation
from undercast.runtime.launch import NoEntrypoint, command, limits, python_paths, sdk_modules
from undercast.runtime.logs import EnvironmentLog
from undercast.runtime.nursery import Nursery
from undercast.runtime.places import interpreter_home, places, sandbox_plan
from undercast.runtime.spec import FunctionSpec, OnLog, Outcome, ShuttingDown, StreamSink
from undercast.runtime.variables import function_variables

SAMPLE_S = 0.05  # between looks at the memory of busy functions


class _Pool:
    """The environments of one key."""

    def __init__(self) -> None:
        self.all: set[Environment] = set()
        self.idle: list[Environment] = []  # the last one used is used first, so that the others can go
        self.provisioned = 0
        self.retired = False


class Runtimes:
    """Runs functions. All methods belong to the event loop it was created in.

    `ids` gives 32 hexadecimal digits; `credentials` the AWS_* credential variables of a new environment.
    With `isolation`, where Linux namespaces allow it, a process sees its code at /var/task, its layers at /opt, a /tmp
    of its own, the system, the interpreter and what is `visible`; nothing else of the machine's files.
    At most `max_processes` environments exist: beyond, idle ones of other functions go, or the invocation waits.
    """

    def __init__(
        self,
        *,
        endpoint_url: str,
        work_dir: Path,
        on_log: OnLog,
        now: Callable[[], int],
        ids: Callable[[], str],
        credentials: Callable[[FunctionSpec], Mapping[str, str]] | None = None,
        max_processes: int = 200,
        idle_s: float = 300.0,
        isolation: bool = True,
        visible: Sequence[Path] = (),
    ) -> None:
        self._endpoint_url = endpoint_url
        self._work_dir = work_dir.absolute()
        self._on_log = on_log
        self._now = now
        self._ids = ids
        self._credentials = credentials or _account_credentials
        self._max_processes = max_processes
        self._idle_s = idle_s
        self._isolation = isolation
        self._visible = tuple(visible)
        self._pools: dict[str, _Pool] = {}
        self._owner: dict[Environment, _Pool] = {}
        self._idle: OrderedDict[Environment, None] = OrderedDict()  # longest idle first
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._nurseries: dict[str, Nursery] = {}
        self._active: dict[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._closed = False
        shutil.rmtree(self._work_dir / "environments", ignore_errors=True)  # of a platform that was killed
        shutil.rmtree(self._work_dir / "trial", ignore_errors=True)
        (self._work_dir / "environments").mkdir(parents=True)

    async def invoke(
        self,
        spec: FunctionSpec,
        payload: bytes,
        *,
        request_id: str,
        invoked_arn: str,
        client_context: str | None = None,
        identity: str | None = None,
        trace_header: str | None = None,
        stream: StreamSink | None = None,
    ) -> Outcome:
        """Run the function once. Errors of the function are in the Outcome.

        `client_context` and `identity` are JSON texts. Raises RuntimeMissing when nothing installed can run it, and
        ShuttingDown when `close` ended it.
        """
        init_in_invoke = False
        self._active[spec.key] = self._active.get(spec.key, 0) + 1
        try:
            while True:
                invocation = Invocation(
                    request_id, payload, invoked_arn, client_context, identity, trace_header, stream
                )
                environment = await self._acquire(spec, init_in_invoke)
                try:
                    outcome = await environment.invoke(invocation)
                    if self._closed and outcome.error_type is not None:
                        raise ShuttingDown
                    return outcome
                except EnvironmentGone as gone:
                    init_in_invoke = gone.init_timed_out
                finally:
                    self._release(environment)
        finally:
            self._active[spec.key] -= 1
            if not self._active[spec.key]:
                del self._active[spec.key]

    def active(self, key: str) -> int:
        """How many invocations of this key run or wait for an environment."""
        return self._active.get(key, 0)

    def environments(self, key: str) -> int:
        """How many environments of this key exist, busy or idle."""
        return len(self._pools[key].all) if key in self._pools else 0

    async def prepare(self, runtime: str) -> str | None:
        """Make the first cold start of a runtime as fast as the next. Returns a warning if another version will run it.

        Raises RuntimeMissing.
        """
        interpreter = await self._interpreter(runtime)
        self._nursery(interpreter)
        return interpreter.warning

    async def isolated(self, runtime: str) -> bool:
        """Whether functions of this runtime have a root of their own here. Raises RuntimeMissing."""
        return await self._nursery(await self._interpreter(runtime)).isolated()

    async def provision(self, spec: FunctionSpec, count: int) -> int:
        """Keep `count` environments initialized, beyond what is idle for long. Returns how many are ready now.

        Fewer when they cannot be initialized or `max_processes` is reached.
        """
        pool = self._pool(spec.key)
        pool.provisioned = count
        for _ in range(min(count - len(pool.all), self._max_processes - len(self._owner))):
            if pool.retired or self._closed:
                break
            environment = await self._start(spec, pool, "provisioned-concurrency", False)
            self._release(environment)
        outcomes = await asyncio.gather(*[environment.initialized for environment in pool.all])
        self._plan("reap", self._reap, self._idle_s)
        return sum(outcome is None for outcome in outcomes)

    async def retire(self, key: str) -> None:
        """Let running invocations finish, then end all environments of the key; returns when they are gone."""
        pool = self._pools.pop(key, None)
        if pool is None:
            return
        pool.retired = True
        for environment in list(pool.idle):
            self._end(environment)
        await asyncio.gather(*[environment.ended.wait() for environment in list(pool.all)])

    async def close(self) -> None:
        """End everything now; returns when no process is left."""
        self._closed = True
        for timer in self._timers.values():
            timer.cancel()
        while self._waiters:
            self._wake()
        environments = list(self._owner)
        for environment in environments:
            environment.kill()
        nurseries = [nursery for nursery in self._nurseries.values() if nursery.alive]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5 if nurseries else 0):
                await asyncio.gather(*[environment.ended.wait() for environment in environments])
        await asyncio.gather(*[nursery.close() for nursery in self._nurseries.values()])
        for environment in list(self._owner):
            environment.on_exited(-9)
        for task in list(self._tasks):
            task.cancel()
        shutil.rmtree(self._work_dir / "environments", ignore_errors=True)

    # which environment

    async def _acquire(self, spec: FunctionSpec, init_in_invoke: bool) -> Environment:
        while True:
            if self._closed:
                raise ShuttingDown
            pool = self._pool(spec.key)
            while pool.idle and not init_in_invoke:
                environment = pool.idle.pop()
                self._idle.pop(environment, None)
                if not environment.dead:
                    self._plan("sample", self._sample, SAMPLE_S)
                    return environment
            if len(self._owner) < self._max_processes:
                return await self._start(spec, pool, "on-demand", init_in_invoke)
            if self._idle:
                self._end(next(iter(self._idle)))
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                self._wake()  # the turn goes to the next
                raise

    def _release(self, environment: Environment) -> None:
        pool = self._owner.get(environment)
        if environment.dead or pool is None:
            return
        if environment.busy or pool.retired or self._closed:  # busy: whoever invoked it was cancelled
            self._end(environment)
            return
        environment.idle_since = time.monotonic()
        pool.idle.append(environment)
        self._idle[environment] = None
        self._plan("reap", self._reap, self._idle_s)
        self._wake()

    def _wake(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    def _pool(self, key: str) -> _Pool:
        return self._pools.setdefault(key, _Pool())

    # an environment's start and end

    async def _start(
        self, spec: FunctionSpec, pool: _Pool, initialization_type: str, init_in_invoke: bool
    ) -> Environment:
        """A new environment whose process is being started."""
        interpreter = await self._interpreter(spec.runtime)
        number = self._ids().replace("-", "")
        day = datetime.fromtimestamp(self._now() / 1000, UTC).strftime("%Y/%m/%d")
        stream = f"{day}/[{spec.version}]{number}"
        home = self._work_dir / "environments" / number
        (home / "tmp").mkdir(parents=True)
        log = EnvironmentLog(spec, stream, self._on_log, self._now)
        environment = Environment(spec, log, home, self._ended, self._now, _runtime_version(spec, interpreter))
        environment.initialization_type = initialization_type
        environment.init_in_invoke = init_in_invoke
        pool.all.add(environment)
        self._owner[environment] = pool
        self._background(self._launch(environment, interpreter))
        self._plan("sample", self._sample, SAMPLE_S)
        return environment

    async def _launch(self, environment: Environment, interpreter: Interpreter) -> None:
        try:
            await self._start_process(environment, interpreter)
        except NoEntrypoint as error:
            environment.fail_init(error.fault)
            environment.close()
        except (OSError, TimeoutError):  # the nursery was ended from outside
            environment.on_exited(-9)
        except Exception:  # a bug, or `credentials` failed: who waits must not wait forever
            environment.on_exited(-9)
            raise

    async def _start_process(self, environment: Environment, interpreter: Interpreter) -> None:
        spec = environment.spec
        nursery = self._nursery(interpreter)
        isolated = await nursery.isolated()
        seen = places(spec, environment.home, self._work_dir / "pycache", isolated)
        env = function_variables(
            spec,
            interpreter,
            api=await environment.open_api(),
            endpoint_url=self._endpoint_url,
            seen=seen,
            log_stream=environment.log.stream,
            initialization_type=environment.initialization_type,
            credentials=self._credentials(spec),
        )
        await environment.launch(
            nursery,
            command(spec, interpreter, seen),
            env,
            limits(spec, interpreter),
            python_paths(spec, interpreter, seen),
            sandbox_plan(spec, environment.home, seen) if isolated else {},
            seen.task,
        )

    def _nursery(self, interpreter: Interpreter) -> Nursery:
        nursery = self._nurseries.get(interpreter.path)
        if nursery is None or not nursery.alive:
            trial = self._work_dir / "trial" / self._ids() if self._isolation else None
            visible = [*map(str, self._visible), *interpreter_home(interpreter)]
            nursery = Nursery(interpreter, sdk_modules(interpreter), trial, visible)
            self._nurseries[interpreter.path] = nursery
        return nursery

    async def _interpreter(self, runtime: str) -> Interpreter:
        interpreter = await asyncio.to_thread(resolve_runtime, runtime) if runtime.startswith("node") else None
        return interpreter or resolve_runtime(runtime)

    def _background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _end(self, environment: Environment) -> None:
        pool = self._owner.get(environment)
        if pool is not None and environment in pool.idle:
            pool.idle.remove(environment)
        self._idle.pop(environment, None)
        environment.kill()

    def _ended(self, environment: Environment) -> None:
        pool = self._owner.pop(environment, None)
        self._idle.pop(environment, None)
        if pool is None:
            return
        pool.all.discard(environment)
        if environment in pool.idle:
            pool.idle.remove(environment)
        key = environment.spec.key
        failed = not environment.initialized.done() or environment.initialized.result() is not None
        if len(pool.all) < pool.provisioned and not pool.retired and not self._closed and not failed:
            self._background(self._provision_again(environment.spec, pool.provisioned))
        elif not pool.all and not pool.provisioned and self._pools.get(key) is pool:
            del self._pools[key]
        self._wake()

    async def _provision_again(self, spec: FunctionSpec, count: int) -> None:
        await self.provision(spec, count)

    # what happens now and then, while there is anything to do

    def _plan(self, name: str, action: Callable[[], None], after_s: float) -> None:
        if name not in self._timers and not self._closed:
            self._timers[name] = asyncio.get_running_loop().call_later(after_s, action)

    def _sample(self) -> None:
        del self._timers["sample"]
        working = [environment for environment in self._owner if environment not in self._idle]
        for environment in working:
            environment.sample_memory()
        if working:
            self._plan("sample", self._sample, SAMPLE_S)

    def _reap(self) -> None:
        del self._timers["reap"]
        limit = time.monotonic() - self._idle_s
        for environment in [one for one in self._idle if one.idle_since <= limit]:
            pool = self._owner[environment]
            if len([one for one in pool.all if not one.dead]) > pool.provisioned:
                self._end(environment)
        rest = [one.idle_since for one in self._idle if one.idle_since > limit]
        if rest:
            self._plan("reap", self._reap, max(rest[0] - limit, 0.01))


def _runtime_version(spec: FunctionSpec, interpreter: Interpreter) -> str:
    """As AWS writes it (python:3.12.v7), with the version that really runs the function."""
    return (
        ":".join([interpreter.language, ".".join(map(str, interpreter.version))])
        if interpreter.version
        else spec.runtime
    )


def _account_credentials(spec: FunctionSpec) -> dict[str, str]:
    """An access key that is an account's number acts as that account where signatures are not checked."""
    return {
        "AWS_ACCESS_KEY_ID": spec.account_id,
        "AWS_SECRET_ACCESS_KEY": "undercast",
        "AWS_SESSION_TOKEN": "undercast",
    }
