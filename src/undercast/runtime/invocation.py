"""One invocation on its way through an environment, and the error documents and log lines that AWS has for it."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from undercast.runtime.spec import FunctionSpec, StreamSink


@dataclass(slots=True, eq=False)
class Invocation:
    request_id: str
    payload: bytes
    arn: str
    client_context: str | None
    identity: str | None
    trace_header: str | None
    sink: StreamSink | None
    future: asyncio.Future[Result] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    delivered_at: float = 0.0  # monotonic seconds; 0 until the function has it
    started: bool = False  # START is in the log
    streamed: bytearray = field(default_factory=bytearray)  # a streamed response that no sink takes
    streamed_bytes: int = 0
    content_type: str = "application/json"
    deaf: bool = False  # nobody takes the stream any more
    writes: list[asyncio.Future[None]] = field(default_factory=list)  # to the sink, under way

    def headers(self, deadline_ms: int) -> list[tuple[str, str]]:
        """What the Runtime API says about an invocation besides its payload."""
        optional = [
            ("Lambda-Runtime-Trace-Id", _one_line(self.trace_header)),
            ("Lambda-Runtime-Client-Context", _one_line(self.client_context)),
            ("Lambda-Runtime-Cognito-Identity", _one_line(self.identity)),
        ]
        return [
            ("Lambda-Runtime-Aws-Request-Id", self.request_id),
            ("Lambda-Runtime-Deadline-Ms", str(deadline_ms)),
            ("Lambda-Runtime-Invoked-Function-Arn", self.arn),
            *[(name, value) for name, value in optional if value],
        ]

    def start_sink(self, content_type: str) -> None:
        self.content_type = content_type
        if self.sink is not None:
            self._guarded(lambda sink: sink.start(content_type))

    def write_sink(self, chunk: bytes) -> Awaitable[None] | None:
        wait = self._guarded(lambda sink: sink.write(chunk))
        if wait is None:
            return None
        self.writes = [one for one in self.writes if not one.done()]
        self.writes.append(asyncio.ensure_future(wait))
        return self.writes[-1]

    def _guarded(self, call: Callable[[StreamSink], Awaitable[None] | None]) -> Awaitable[None] | None:
        if self.sink is None or self.deaf:
            return None
        try:
            return call(self.sink)
        except Exception:  # noqa: BLE001 - who asked went away: as on AWS, the function runs on, unheard
            self.deaf = True
            return None

    def elapsed_ms(self) -> float:
        return (time.monotonic() - self.delivered_at) * 1000 if self.delivered_at else 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """How the function ended: an answer, or an error with its document."""

    payload: bytes
    error_type: str | None = None
    status: str = "success"  # of the report: "success" | "error" | "timeout"
    content_type: str = "application/json"


def _one_line(value: str | None) -> str | None:
    """As a header can carry it: JSON in ASCII and without line breaks; anything else without what is not."""
    if not value:
        return None
    try:
        return json.dumps(json.loads(value))
    except ValueError:
        return "".join(character for character in value if " " <= character <= "~")


def fault(error_type: str, message: str, status: str = "error") -> Result:
    return Result(json.dumps({"errorType": error_type, "errorMessage": message}).encode(), error_type, status)


def exit_fault(request_id: str, code: int, out_of_memory: bool) -> Result:
    """The process ended before it answered."""
    if out_of_memory:
        return fault("Runtime.OutOfMemory", f"RequestId: {request_id} Error: Runtime exited with error: signal: killed")
    if code == 0:
        return fault("Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited without providing a reason")
    reason = f"exit status {code}" if code > 0 else f"signal: {SIGNALS.get(-code, -code)}"
    return fault("Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited with error: {reason}")


# as Go, which AWS's supervisor is written in, names them
SIGNALS = {
    1: "hangup",
    2: "interrupt",
    3: "quit",
    4: "illegal instruction",
    6: "aborted",
    7: "bus error",
    8: "floating point exception",
    9: "killed",
    11: "segmentation fault",
    13: "broken pipe",
    15: "terminated",
}


def report(
    spec: FunctionSpec, request_id: str, duration_ms: float, init_ms: float | None, memory_mb: int, result: Result
) -> tuple[str, dict[str, object]]:
    """The REPORT line and the record of platform.report."""
    billed = billed_ms(duration_ms)
    parts = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {duration_ms:.2f} ms",
        f"Billed Duration: {billed} ms",
        f"Memory Size: {spec.memory_mb} MB",
        f"Max Memory Used: {memory_mb} MB",
    ]
    metrics: dict[str, object] = {"durationMs": round(duration_ms, 3), "billedDurationMs": billed}
    metrics |= {"memorySizeMB": spec.memory_mb, "maxMemoryUsedMB": memory_mb}
    if init_ms is not None:
        parts.append(f"Init Duration: {init_ms:.2f} ms")
        metrics["initDurationMs"] = round(init_ms, 3)
    record: dict[str, object] = {"requestId": request_id, "metrics": metrics, "status": result.status}
    if result.status != "success":
        parts.append(f"Status: {result.status}")
        if result.status == "error" and result.error_type:
            parts.append(f"Error Type: {result.error_type}")
            record["errorType"] = result.error_type
    return "\t".join(parts) + "\t\n", record


def billed_ms(duration_ms: float) -> int:
    """A started millisecond is billed whole."""
    return max(math.ceil(duration_ms), 1)
