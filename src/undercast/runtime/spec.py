"""What is run and what came of it: FunctionSpec in, Outcome out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class RuntimeMissing(Exception):
    """No interpreter here can run this runtime; the message names what to install."""


class ShuttingDown(Exception):
    """The platform ended before the invocation did: its outcome is not known, and it is to be run again."""


@dataclass(frozen=True)
class FunctionSpec:
    """One version of a function with its configuration: everything an environment of it depends on."""

    key: str  # identity of exactly this code and configuration; every update makes a new one
    arn: str  # with qualifier, as the platform's own records name it
    name: str
    version: str  # "$LATEST" or a number
    runtime: str  # "python3.12", "nodejs20.x", "provided.al2023"…
    handler: str
    code_dir: Path  # the unpacked code: LAMBDA_TASK_ROOT and working folder
    layer_dirs: tuple[Path, ...] = ()  # as listed on the function: a later layer wins over an earlier one
    environment: Mapping[str, str] = field(default_factory=dict)
    memory_mb: int = 128
    timeout_s: float = 3.0
    log_group: str = ""
    region: str = "us-east-1"
    account_id: str = "000000000000"
    ephemeral_storage_mb: int = 512  # the largest file a function may write (there is no quota on a plain folder)
    log_format: str = "Text"  # "Text" | "JSON"
    application_log_level: str | None = None  # TRACE DEBUG INFO WARN ERROR FATAL; JSON format only
    system_log_level: str | None = None  # DEBUG INFO WARN; JSON format only


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one invocation came to."""

    payload: bytes  # the function's answer, or the error document; empty when the answer went to a StreamSink
    error: str | None  # X-Amz-Function-Error: None or "Unhandled"
    error_type: str | None  # "ValueError", "Sandbox.Timedout", "Runtime.ExitError"…
    log_tail: bytes  # the last 4 KB of this invocation's log
    log_stream: str
    duration_ms: float
    billed_ms: int
    init_ms: float | None  # of the invocation that started the environment
    max_memory_mb: int
    timed_out: bool = False
    content_type: str = "application/json"


class StreamSink(Protocol):
    """Takes a response as it is produced. While an awaitable that `write` returned runs, the function is held back."""

    def start(self, content_type: str) -> None: ...

    def write(self, chunk: bytes) -> Awaitable[None] | None: ...


# (function, log stream, [(milliseconds since the epoch, message)]). May return an awaitable: until it is done, the
# function's output is not read on, so a function that prints without end waits.
OnLog = Callable[[FunctionSpec, str, list[tuple[int, str]]], Awaitable[None] | None]
