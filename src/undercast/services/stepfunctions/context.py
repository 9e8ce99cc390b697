"""The context object of a state (`$$`, `$states.context`), and the ARNs in it.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.services.stepfunctions import arns
from undercast.services.stepfunctions.frames import Frame
from undercast.services.stepfunctions.model import Execution, Revision


class Context:
    """What is the same for all states of an execution, made once."""

    def __init__(self, call: Call, execution: Execution, revision: Revision, arn: str = "") -> None:
        self._execution = execution
        self.machine_arn = arns.machine(call, revision.machine)
        self.execution_arn = arn or arns.execution(call, execution.machine, execution.name)
        self.version_arn = arns.machine(call, revision.machine, execution.version)
        self.alias_arn = arns.machine(call, revision.machine, execution.alias)
        self.input: Any = orjson.loads(execution.input)
        self._shared: dict[str, Any] = {
            "Execution": {
                "Id": self.execution_arn,
                "Input": self.input,
                "Name": execution.name,
                "RoleArn": revision.role,
                "StartTime": iso(execution.started_at),
            },
            "StateMachine": {"Id": self.machine_arn, "Name": revision.machine},
        }
        if not arn:  # recorded: Express executions have no such count
            self._shared["Execution"]["RedriveCount"] = execution.redrives
        if execution.redriven_at is not None:
            self._shared["Execution"]["RedriveTime"] = iso(execution.redriven_at)

    def of(self, frame: Frame, secret: str, *, retried: bool) -> dict[str, Any]:
        """The context of the state that a frame is in, one that can be `retried` or not.

        `secret` is its task's, if that waits for its token.
        """
        state: dict[str, Any] = {"Name": frame.state, "EnteredTime": iso(frame.entered_at)}
        if retried:
            state["RetryCount"] = frame.retries
        context: dict[str, Any] = {**self._shared, "State": state}
        if secret:
            context["Task"] = {"Token": token(self._execution.number, frame.id, secret)}
        if frame.item is not None:
            context["Map"] = {"Item": dict(zip(("Index", "Value", "Key"), frame.item, strict=False))}
        return context


def iso(ms: int) -> str:
    """`2026-11-21T12:00:00.123Z`."""
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def token(execution: int, frame: int, secret: str) -> str:
    """What a worker sends back: it says whose task it is, and nobody can guess it."""
    return paging.encode_token([execution, frame, secret])


def read_token(text: str) -> tuple[int, int, str] | None:
    """The execution, frame and secret of a token; None when it is none of ours."""
    try:
        found = paging.decode_token(text)
    except paging.InvalidToken:
        return None
    match found:
        case [int(execution), int(frame), str(secret)]:
            return execution, frame, secret
    return None
