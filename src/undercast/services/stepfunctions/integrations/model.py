"""What a Task asks for, and what can come of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from undercast.services.stepfunctions.integrations.resources import Resource


@dataclass(frozen=True, slots=True)
class Task:
    """One attempt of a Task state. `arguments` is the JSON value that Parameters or Arguments made."""

    resource: Resource
    arguments: Any
    role_arn: str  # the state machine's, or that of the state's Credentials
    execution_arn: str
    machine_arn: str
    timeout_s: int | None = None
    has_credentials: bool = False  # the role is that of the state's Credentials, perhaps of another account
    trace: str | None = None  # the trace header that the call goes out with


@dataclass(frozen=True, slots=True)
class Done:
    """The task is finished: its result, a JSON value."""

    output: Any


@dataclass(frozen=True, slots=True)
class Submitted:
    """The call succeeded with `output`; now the task waits for its token, or for the end of the execution it started."""

    output: Any
    execution_arn: str = ""  # `.sync` and `.sync:2`: what is waited for


@dataclass(frozen=True, slots=True)
class Failed:
    """The task failed: TaskFailed, or TaskSubmitFailed when `submitting` (it would have waited afterwards)."""

    error: str | None
    cause: str | None
    submitting: bool = False


Outcome = Done | Submitted | Failed


class InvalidArguments(Exception):
    """The arguments could not be used to start the task: States.Runtime, before anything is scheduled.

    `problems` are AWS's words, one for each field.
    """

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__(f"[{', '.join(problems)}]")
