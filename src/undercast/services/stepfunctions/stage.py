"""What one turn of an execution knows, and how it writes down what happens."""

from __future__ import annotations

from collections import deque
from typing import Any, Protocol

from undercast.engines.states import actions, flow
from undercast.engines.states import machine as machines
from undercast.engines.states.scope import Moment
from undercast.kit.call import Call
from undercast.services.stepfunctions import context, history, integrations
from undercast.services.stepfunctions.frames import READY, Frame, Frames
from undercast.services.stepfunctions.model import RUNNING, Execution, Revision


class HistoryIsFull(Exception):
    """No event but the last fits into the history."""


class World(Protocol):
    """What a run asks of the world around it."""

    async def wake(self, frame: Frame, at: int) -> None:
        """Call `Run.woken` at a time."""
        ...

    async def start_task(self, frame: Frame, task: integrations.Task) -> None:
        """Do a task, and tell `Run.settled` what came of it. `frame.work` holds its limits and token."""
        ...

    async def start_map_run(self, frame: Frame, run: actions.RunMap) -> None:
        """Run a distributed map."""
        ...

    async def forget(self, frame: Frame) -> None:
        """What the frame waited for does not matter any more."""
        ...

    async def ended(self) -> None:
        """The execution ended."""
        ...


class Stage:
    """An execution in one turn: its frames, those that are ready, the events so far."""

    def __init__(
        self,
        call: Call,
        execution: Execution,
        revision: Revision,
        machine: machines.Machine,
        frames: Frames,
        arn: str = "",
    ) -> None:
        self.call = call
        self.execution = execution
        self.revision = revision
        self.frames = frames
        self.world: World = Nowhere()
        self.machine = machine
        self.events: list[dict[str, Any]] = []
        self.most_events: float = history.MOST_EVENTS
        self.transitions = 0
        self.ready: deque[Frame] = deque()
        self.context = context.Context(call, execution, revision, arn)
        self._machines: dict[str, machines.Machine] = {}

    @property
    def runs(self) -> bool:
        return self.execution.status == RUNNING

    @property
    def arn(self) -> str:
        return self.context.execution_arn

    def resource(self, frame: Frame) -> integrations.Resource:
        """The resource of a task that is under way."""
        state = self.state_of(frame)
        assert isinstance(state, machines.Task)
        return integrations.parse(state.resource)

    def state_of(self, frame: Frame) -> machines.State:
        """The state a frame is in."""
        machine = self._machines.get(frame.pointer)
        if machine is None:
            machine = self._machines[frame.pointer] = self.machine.at(frame.pointer)
        return machine.states[frame.state]

    @property
    def now(self) -> int:
        return self.call.clock.now()

    def entered(self, frame: Frame) -> actions.Action:
        """What the state that a frame is in asked for when it was entered."""
        return flow.enter(
            self.state_of(frame), frame.input, frame.variables or {}, self.context_of(frame), self.moment(frame)
        )

    def context_of(self, frame: Frame, token: str = "") -> dict[str, Any]:
        """The context object of the state that a frame is in."""
        return self.context.of(frame, token, retried=isinstance(self.state_of(frame), machines.Working))

    @property
    def is_child(self) -> bool:
        """Whether it is a child of a map run."""
        return self.execution.map_run is not None

    def make_ready(self, frame: Frame) -> None:
        """Its state is to be entered in this turn."""
        frame.status, frame.work = READY, None
        frame.serial += 1
        self.frames.changed(frame)
        self.ready.appendleft(frame)

    def block(self, frame: Frame, status: str, work: dict[str, Any]) -> None:
        """It waits, for what `work` says."""
        frame.status, frame.work = status, work
        frame.serial += 1
        self.frames.changed(frame)

    async def parent_of(self, frame: Frame) -> Frame:
        parent = await self.frames.find(frame.parent)
        assert parent is not None
        return parent

    def new_secret(self, state: machines.State) -> str:
        """What makes the token of a task that waits for it unguessable; "" for other states."""
        return self.call.ids.hex(32) if isinstance(state, machines.Task) and state.waits_for_token else ""

    def moment(self, frame: Frame) -> Moment:
        """The time and chance of a step."""
        ids = self.call.ids
        return Moment(self.now, ids.fraction, ids.uuid, frame.entered)

    def evaluation_failed(
        self, frame: Frame, state: machines.State, failed: actions.Caught | actions.Failed | actions.RetryAt
    ) -> None:
        """Right after …StateEntered it follows what that event follows: AWS has it so (test_math_random_seeded)."""
        details = history.failure(failed.error, failed.cause, state=state.name, location=failed.evaluation)
        last = self.events[-1] if self.events else {}
        if last.get("id") == frame.entered == frame.previous:
            frame.previous = last["previousEventId"]
        self.follow(frame, "EvaluationFailed", details)

    def follow(self, frame: Frame, type: str, details: dict[str, Any] | None) -> None:
        """An event that the frame's next one follows."""
        frame.previous = self.event(type, frame.previous, details)
        self.frames.changed(frame)

    def event(self, type: str, previous: int, details: dict[str, Any] | None, *, last: bool = False) -> int:
        """Write an event down; its id. HistoryIsFull."""
        execution = self.execution
        if execution.events >= self.most_events - 1 and not last:
            raise HistoryIsFull
        execution.events += 1
        self.events.append(history.event(execution.events, previous, self.now, type, details))
        return execution.events


class Nowhere:
    """The world of a run that was given none yet."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"the run has no world for {name}")
