"""One execution environment: a process, its Runtime API, its log, and the invocation it works on."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from undercast.runtime.api import RESPONSE_LIMIT_BYTES, WRONG_ID, WRONG_STATE, Refusal, RuntimeApi
from undercast.runtime.invocation import Invocation, Result, billed_ms, exit_fault, fault, report
from undercast.runtime.logs import EnvironmentLog, iso
from undercast.runtime.memory import MemoryMeter
from undercast.runtime.nursery import Nursery
from undercast.runtime.spec import FunctionSpec, Outcome

INIT_LIMIT_S = 10.0
STREAM_LIMIT_BYTES = 200 << 20
READ_BYTES = 65_536
TOO_LARGE_TEXT = f"Response payload size exceeded maximum allowed payload size ({RESPONSE_LIMIT_BYTES} bytes)."
Failure = Callable[[str], Result]  # of the initialization; told the request id it is the answer to


class EnvironmentGone(Exception):
    """The environment ended before the function saw the invocation: it can be given to another one.

    `init_timed_out`: because it took too long to initialize.
    """

    def __init__(self, init_timed_out: bool = False) -> None:
        self.init_timed_out = init_timed_out


class Environment:
    """Created, then `launch`ed; serves one invocation at a time until it is `kill`ed or its process ends.

    `on_end` is called once, when the process is gone.
    """

    def __init__(
        self,
        spec: FunctionSpec,
        log: EnvironmentLog,
        home: Path,
        on_end: Callable[[Environment], None],
        now: Callable[[], int],
        runtime_version: str,
    ) -> None:
        self.spec = spec
        self.log = log
        self.home = home
        self.idle_since = 0.0
        self.dead = False  # no more invocations; its process may still be ending
        self.initialization_type = "on-demand"
        self.init_in_invoke = False  # a second try, on the invocation's own time
        self.initialized: asyncio.Future[Failure | None] = asyncio.get_running_loop().create_future()
        self.ended = asyncio.Event()
        self._on_end = on_end
        self._now = now
        self._runtime_version = runtime_version
        self._loop = asyncio.get_running_loop()
        self._current: Invocation | None = None
        self._waiting: RuntimeApi | None = None  # the connection that asks for the next event
        self._timer: asyncio.TimerHandle | None = None
        self._started_at = time.monotonic()
        self._nursery: Nursery | None = None
        self._number = 0
        self._meter: MemoryMeter | None = None
        self._peak_bytes = 0
        self._out_of_memory = False
        self._init_ms: float | None = None
        self._output = -1
        self._server: asyncio.Server | None = None
        self._reading: asyncio.Future[None] | None = None

    # life

    async def open_api(self) -> str:
        """Listen for the runtime; returns host:port."""
        listener = socket.create_server(("127.0.0.1", 0))
        self._server = await self._loop.create_server(lambda: RuntimeApi(self), sock=listener)
        address = listener.getsockname()
        return f"{address[0]}:{address[1]}"

    async def launch(
        self,
        nursery: Nursery,
        argv: list[str],
        env: dict[str, str],
        limits: dict[str, int],
        python: dict[str, object],
        sandbox: dict[str, object],
        cwd: str,
    ) -> None:
        """Start the process. Raises OSError when it cannot be."""
        self._log_init_start()
        self._started_at = time.monotonic()
        self._output, write_end = os.pipe()
        os.set_blocking(self._output, False)
        self._loop.add_reader(self._output, self._read_output)
        self._nursery = nursery
        limit_s = self.spec.timeout_s if self.init_in_invoke else INIT_LIMIT_S
        self._timer = self._loop.call_later(limit_s, self._init_timed_out)
        self._number = await nursery.spawn(
            self,
            argv=argv,
            env=env,
            cwd=cwd,
            output=write_end,
            limits=limits,
            python=python,
            sandbox=sandbox,
        )
        if self.dead:
            nursery.kill(self._number)

    @property
    def busy(self) -> bool:
        return self._current is not None

    def kill(self) -> None:
        """End the process and all it started. What it works on is not answered by this."""
        self.dead = True
        if self._nursery is not None and self._number:
            self._nursery.kill(self._number)

    def on_started(self, pid: int) -> None:
        self._meter = MemoryMeter(pid)

    def on_exited(self, code: int) -> None:
        self.dead = True
        self._drain()
        if not self.initialized.done():
            self._log_init_report("error", exit_fault("", code, self._out_of_memory).error_type)
            self._settle_init(lambda request_id: exit_fault(request_id, code, self._out_of_memory))
        if (invocation := self._current) is not None:
            failure = self.initialized.result()
            if failure is not None:
                self._finish(failure(invocation.request_id))
            elif invocation.delivered_at:
                self._finish(exit_fault(invocation.request_id, code, self._out_of_memory))
            else:
                self._give_back(invocation)
        self.close()

    def close(self) -> None:
        """Free what the environment holds here. The process is gone."""
        self.dead = True
        if self._timer:
            self._timer.cancel()
        if self._output >= 0:
            self._loop.remove_reader(self._output)
            os.close(self._output)
            self._output = -1
        if self._server is not None:
            self._server.close()
        if self._meter is not None:
            self._meter.close()
        self.log.flush()
        shutil.rmtree(self.home, ignore_errors=True)
        if not self.ended.is_set():
            self.ended.set()
            self._on_end(self)

    # invocations

    async def invoke(self, invocation: Invocation) -> Outcome:
        """Raises EnvironmentGone when the process ended before it could have seen the invocation."""
        self._current = invocation
        if self.initialized.done() and (failure := self.initialized.result()) is not None:
            self._finish(failure(invocation.request_id))
        elif self.dead:
            self._give_back(invocation)
        elif self._waiting is not None:
            self._deliver(self._waiting)
        result = await invocation.future
        duration = invocation.elapsed_ms()
        await asyncio.gather(*invocation.writes, return_exceptions=True)
        if result.status == "timeout":
            duration = self.spec.timeout_s * 1000
        return self._outcome(invocation, result, duration)

    def _deliver(self, connection: RuntimeApi) -> None:
        invocation = self._current
        assert invocation is not None
        self._waiting = None
        self._log_start(invocation)
        invocation.delivered_at = time.monotonic()
        self._timer = self._loop.call_later(self.spec.timeout_s, self._timed_out)
        deadline_ms = int((time.time() + self.spec.timeout_s) * 1000)  # real time: the function's own clock
        connection.send_event(invocation.headers(deadline_ms), invocation.payload)

    def _finish(self, result: Result) -> None:
        """The function is done with the current invocation, in whatever way."""
        invocation, self._current = self._current, None
        assert invocation is not None
        if self._timer:
            self._timer.cancel()
        self._drain()
        self.log.finish_line()
        self._measure()
        if not invocation.future.done():
            invocation.future.set_result(result)

    def _give_back(self, invocation: Invocation, again: bool = False) -> None:
        self._current = None
        if not invocation.future.done():
            invocation.future.set_exception(EnvironmentGone(again))

    def _outcome(self, invocation: Invocation, result: Result, duration_ms: float) -> Outcome:
        self._log_start(invocation)
        request_id, init_ms, memory_mb = invocation.request_id, self._init_ms, -(-self._peak_bytes >> 20)
        self._init_ms = None
        self.log.system(f"END RequestId: {request_id}\n", "runtimeDone", "DEBUG", {"requestId": request_id})
        line, record = report(self.spec, request_id, duration_ms, init_ms, memory_mb, result)
        self.log.system(line, "report", "INFO" if result.status == "success" else "WARN", record)
        self.log.flush()
        return Outcome(
            payload=result.payload,
            error="Unhandled" if result.error_type is not None else None,
            error_type=result.error_type,
            log_tail=self.log.tail(),
            log_stream=self.log.stream,
            duration_ms=duration_ms,
            billed_ms=billed_ms(duration_ms),
            init_ms=init_ms,
            max_memory_mb=memory_mb,
            timed_out=result.status == "timeout",
            content_type=result.content_type,
        )

    # what the runtime says (api.Host)

    def on_next(self, connection: RuntimeApi) -> Refusal | None:
        if not self.initialized.done():
            self._init_ms = (time.monotonic() - self._started_at) * 1000
            if self.initialization_type != "on-demand":
                self._init_ms = None  # it was not part of an invocation
            self._settle_init(None)
        if self._current is not None and self._current.delivered_at:
            return WRONG_STATE
        self._waiting = connection
        if self._current is not None:
            self._deliver(connection)
        return None

    def on_response(self, request_id: str, body: bytes, content_type: str) -> Refusal | None:
        if (invocation := self._answering(request_id)) is None:
            return WRONG_ID
        if invocation.sink is not None:
            invocation.start_sink(content_type)
            invocation.write_sink(body)
            body = b""
        self._finish(Result(body, content_type=content_type))
        return None

    def on_too_large(self, request_id: str) -> None:
        if self._answering(request_id) is not None:
            self._finish(fault("Function.ResponseSizeTooLarge", TOO_LARGE_TEXT))

    def on_error(self, request_id: str, body: bytes, error_type: str) -> Refusal | None:
        if self._answering(request_id) is None:
            return WRONG_ID
        self._finish(Result(body, error_type or _type_in(body) or "Unhandled", "error"))
        return None

    def on_init_error(self, body: bytes, error_type: str) -> Refusal | None:
        if self.initialized.done():
            return WRONG_STATE
        result = Result(body, error_type or _type_in(body) or "Runtime.Unknown", "error")
        self.fail_init(lambda _request_id: result)
        return None

    def on_stream_start(self, request_id: str, content_type: str) -> Refusal | None:
        if (invocation := self._answering(request_id)) is None:
            return WRONG_ID
        invocation.start_sink(content_type)
        return None

    def on_stream_chunk(self, chunk: bytes) -> Awaitable[None] | None:
        invocation = self._current
        if invocation is None or self.dead:
            return None  # it ran out of time in the middle of its answer
        invocation.streamed_bytes += len(chunk)
        if invocation.streamed_bytes > (STREAM_LIMIT_BYTES if invocation.sink is not None else RESPONSE_LIMIT_BYTES):
            self._finish(fault("Function.ResponseSizeTooLarge", TOO_LARGE_TEXT))
            return None
        if invocation.sink is not None:
            return invocation.write_sink(chunk)
        invocation.streamed += chunk
        return None

    def on_stream_end(self, error_type: str, error_body: str) -> None:
        invocation = self._current
        if invocation is None or self.dead:
            return
        if error_type:
            self._finish(Result(base64.b64decode(error_body), error_type, "error", invocation.content_type))
        else:
            self._finish(Result(bytes(invocation.streamed), content_type=invocation.content_type))

    def on_disconnect(self, connection: RuntimeApi) -> None:
        if self._waiting is connection:
            self._waiting = None

    def _answering(self, request_id: str) -> Invocation | None:
        current = self._current
        if current is None or not current.delivered_at or current.request_id != request_id or self.dead:
            return None
        return current

    # limits

    def sample_memory(self) -> None:
        """Called now and then while busy or starting: a function over its limit is killed."""
        if self._meter is None or self.dead:
            return
        self._peak_bytes = max(self._peak_bytes, self._meter.own_bytes())
        used = self._meter.tree_bytes()
        self._peak_bytes = max(self._peak_bytes, used)
        if used > self.spec.memory_mb << 20:
            self._peak_bytes = self.spec.memory_mb << 20
            self._out_of_memory = True
            self.kill()

    def _measure(self) -> None:
        if self._meter is not None:
            self._peak_bytes = max(self._peak_bytes, min(self._meter.own_bytes(), self.spec.memory_mb << 20))

    def _timed_out(self) -> None:
        invocation = self._current
        if invocation is None:
            return
        self._log_start(invocation)
        self._drain()
        self.log.finish_line()
        self.log.line(f"{iso(self._now())} {invocation.request_id} {self._timeout_text()}\n\n")
        self.kill()
        self._finish(self._timeout(invocation.request_id))

    def _timeout(self, request_id: str) -> Result:
        return fault("Sandbox.Timedout", f"RequestId: {request_id} Error: {self._timeout_text()}", "timeout")

    def _timeout_text(self) -> str:
        return f"Task timed out after {self.spec.timeout_s:.2f} seconds"

    def _init_timed_out(self) -> None:
        if self.init_in_invoke:
            self.fail_init(self._timeout)
            if self._current is not None:
                self._timed_out()
            return
        self._log_init_report("timeout", None)
        self.kill()
        # AWS: "the Init phase is retried at the time of the first invocation", within the function's own timeout
        if self._current is not None:
            self._give_back(self._current, again=True)
        self._settle_init(self._timeout)

    def fail_init(self, failure: Failure) -> None:
        """The function cannot be served by this environment: answer so, and end."""
        result = failure("")
        self._drain()
        if result.status == "error":
            self._log_init_report("error", result.error_type)
        self._settle_init(failure)
        if self._current is not None and result.status == "error":
            self._finish(failure(self._current.request_id))
        self.kill()

    def _settle_init(self, failure: Failure | None) -> None:
        if not self.initialized.done():
            if self._timer:
                self._timer.cancel()
            self.initialized.set_result(failure)

    # the log

    def _read_output(self) -> None:
        try:
            data = os.read(self._output, READ_BYTES)
        except BlockingIOError:
            return
        if not data:
            self._loop.remove_reader(self._output)
        elif (wait := self.log.feed(data)) is not None:
            self._loop.remove_reader(self._output)
            self._reading = asyncio.ensure_future(self._read_after(wait))

    async def _read_after(self, wait: Awaitable[None]) -> None:
        """Who takes the log is behind: the function's next write waits for it."""
        await wait
        if self._output >= 0:
            self._loop.add_reader(self._output, self._read_output)

    def _drain(self) -> None:
        """What was printed before an answer belongs before its END; it is in the pipe by now (64 KB at most)."""
        for _ in range(4):
            if self._output < 0:
                return
            try:
                data = os.read(self._output, READ_BYTES)
            except BlockingIOError:
                return
            if not data:
                return
            self.log.feed(data)

    def _log_init_start(self) -> None:
        spec = self.spec
        arn = f"arn:aws:lambda:{spec.region}::runtime:undercast"
        text = f"INIT_START Runtime Version: {self._runtime_version}\tRuntime Version ARN: {arn}\n"
        record: dict[str, object] = {"initializationType": self.initialization_type, "phase": "init"}
        record |= {"runtimeVersion": self._runtime_version, "runtimeVersionArn": arn}
        record |= {"functionName": spec.name, "functionVersion": spec.version}
        self.log.system(text, "initStart", "INFO", record)

    def _log_init_report(self, status: str, error_type: str | None) -> None:
        init_ms = (time.monotonic() - self._started_at) * 1000
        text = f"INIT_REPORT Init Duration: {init_ms:.2f} ms\tPhase: init\tStatus: {status}"
        text += f"\tError Type: {error_type}\n" if error_type else "\n"
        record: dict[str, object] = {"initializationType": self.initialization_type, "phase": "init", "status": status}
        if error_type:
            record["errorType"] = error_type
        self.log.system(text, "initReport", "WARN", {**record, "metrics": {"durationMs": round(init_ms, 3)}})

    def _log_start(self, invocation: Invocation) -> None:
        if invocation.started:
            return
        invocation.started = True
        self.log.start_tail()
        text = f"START RequestId: {invocation.request_id} Version: {self.spec.version}\n"
        record: dict[str, object] = {"requestId": invocation.request_id, "version": self.spec.version}
        self.log.system(text, "start", "INFO", record)


def _type_in(body: bytes) -> str:
    try:
        value = json.loads(body)
    except ValueError:
        return ""
    return str(value.get("errorType", "")) if isinstance(value, dict) else ""
