"""One turn of an execution: its frames go through their states until each of them waits for something.

The rules of states are `engines.states`; here their actions become frames, history events and requests to the world
(timers, tasks, map runs). The world is the database and its jobs for Standard executions, a coroutine for Express ones.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Protocol

from undercast.engines.states import actions, flow
from undercast.engines.states import machine as machines
from undercast.engines.states.payloads import json_text
from undercast.engines.states.scope import Moment
from undercast.kit.call import Call
from undercast.services.stepfunctions import context, history, integrations
from undercast.services.stepfunctions.frames import ABORTED as GIVEN_UP
from undercast.services.stepfunctions.frames import (
    CALLING,
    CHILDREN,
    DONE,
    FAILED,
    NO_PARENT,
    PENDING,
    READY,
    ROOT,
    WAITING,
    Frame,
    Frames,
)
from undercast.services.stepfunctions.integrations import Kind
from undercast.services.stepfunctions.model import ABORTED, RUNNING, SUCCEEDED, TIMED_OUT, Execution, Revision
from undercast.services.stepfunctions.model import FAILED as EXECUTION_FAILED

INLINE_CONCURRENCY = 40  # "Map state", developer guide
_ABORTABLE = ("Task", "Wait", "Parallel", "Map")
_ENDS = {
    SUCCEEDED: "ExecutionSucceeded",
    EXECUTION_FAILED: "ExecutionFailed",
    TIMED_OUT: "ExecutionTimedOut",
    ABORTED: "ExecutionAborted",
}


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


class Run:
    """An execution in one turn. Who drives it saves `frames`, `events` and `execution` afterwards."""

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
        self.world: World = _Nowhere()
        self.machine = machine
        self.events: list[dict[str, Any]] = []
        self.most_events: float = history.MOST_EVENTS
        self.transitions = 0
        self.ready: deque[Frame] = deque()
        self._context = context.Context(call, execution, revision, arn)
        self._machines: dict[str, machines.Machine] = {}

    @property
    def runs(self) -> bool:
        return self.execution.status == RUNNING

    @property
    def arn(self) -> str:
        return self._context.execution_arn

    # --- what happens to it ---

    def begin(self) -> None:
        """The first event and frame."""
        execution = self.execution
        details = history.with_input(execution.input, roleArn=self.revision.role)
        if execution.version is not None:
            details["stateMachineVersionArn"] = self._context.version_arn
        if execution.alias is not None:
            details["stateMachineAliasArn"] = self._context.alias_arn
        self._event("ExecutionStarted", 0, details)
        root = Frame(
            ROOT, NO_PARENT, 0, READY, self.machine.pointer, self.machine.start_at, self._context.input,
            {}, item=(execution.parent or {}).get("item"), text=execution.input,
        )  # fmt: skip
        self.frames.add([root])
        self.ready.append(root)

    async def proceed(self, most: int) -> bool:
        """Take frames on until all of them wait, or `most` transitions were made; whether that is all for now."""
        limit = self.transitions + most
        while self.ready and self.runs:
            if self.transitions >= limit:
                return False
            frame = self.ready.popleft()
            if frame.status == READY:
                await self._enter(frame)
        return True

    async def woken(self, frame: Frame) -> None:
        """The time that a frame waited for has come."""
        if frame.again:
            self._make_ready(frame)
        else:
            await self._leave(frame, actions.Result(None))

    async def settled(self, frame: Frame, outcome: integrations.Outcome) -> None:
        """A task was started, is done or failed."""
        resource = self.resource(frame)
        kind, named = resource.kind.value, history.named(resource)
        if isinstance(outcome, integrations.Submitted):
            self._follow(frame, "TaskSubmitted", history.with_output(json_text(outcome.output), **named))
            return
        await self.world.forget(frame)
        if isinstance(outcome, integrations.Failed):
            type = "TaskSubmitFailed" if outcome.submitting else f"{kind}Failed"
            self._follow(frame, type, history.failure(outcome.error, outcome.cause, **named))
            await self._leave(frame, actions.Failure(outcome.error, outcome.cause))
            return
        failure = flow.oversized(self.state_of(frame), outcome.output)
        if failure is not None:
            self._follow(frame, f"{kind}Failed", history.failure(failure.error, failure.cause, **named))
            await self._leave(frame, failure)
            return
        self._follow(frame, f"{kind}Succeeded", history.with_output(json_text(outcome.output), **named))
        await self._leave(frame, actions.Result(outcome.output))

    def taken(self, frame: Frame, worker: str | None) -> None:
        """A worker took an activity's task."""
        self._follow(frame, "ActivityStarted", {"workerName": worker} if worker else {})

    async def timed_out(self, frame: Frame, cause: str | None = None, error: str = "States.Timeout") -> None:
        """A task took too long, or its worker was silent for too long."""
        resource = self.resource(frame)
        self._follow(
            frame, f"{resource.kind.value}TimedOut", history.failure("States.Timeout", cause, **history.named(resource))
        )
        await self.world.forget(frame)
        await self._leave(frame, actions.Failure(error, cause))

    def map_run_started(self, frame: Frame, arn: str) -> None:
        """A distributed map begins."""
        self._follow(frame, "MapRunStarted", {"mapRunArn": arn})

    def map_run_redriven(self, frame: Frame, arn: str, count: int) -> None:
        """Its children that did not succeed run again."""
        frame.previous = self.execution.events
        self._follow(frame, "MapRunRedriven", {"mapRunArn": arn, "redriveCount": count})

    async def map_run_ended(self, frame: Frame, outcome: actions.Result | actions.Failure) -> None:
        """A distributed map has all its results, or failed."""
        if isinstance(outcome, actions.Failure):
            frame.left_map_run = (frame.work or {}).get("map_run")
            self._follow(frame, "MapRunFailed", history.failure(outcome.error, outcome.cause))
            await self._leave(frame, outcome)
            return
        self._follow(frame, "MapRunSucceeded", None)
        self._event("MapStateSucceeded", frame.previous, None)
        await self._leave(frame, outcome)

    async def end(
        self, status: str, *, output: str | None = None, error: str | None = None, cause: str | None = None
    ) -> None:
        """The execution's last event."""
        execution = self.execution
        execution.status, execution.stopped_at = status, self.now
        execution.output, execution.error, execution.cause = output, error, cause
        details = history.failure(error, cause) if output is None else history.with_output(output)
        root = await self.frames.find(ROOT)
        self._event(_ENDS[status], root.previous if root else 0, details, last=True)
        await self.world.ended()

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
        return self._context.of(frame, token, retried=isinstance(self.state_of(frame), machines.Working))

    @property
    def is_child(self) -> bool:
        """Whether it is a child of a map run."""
        return self.execution.map_run is not None

    def redriven(self) -> None:
        """It runs again after its end."""
        self._event("ExecutionRedriven", self.execution.events, {"redriveCount": self.execution.redrives})

    def enter_again(self, frame: Frame) -> None:
        """Enter a frame's state once more, with nothing of its attempts counted."""
        frame.attempts, frame.retries, frame.error, frame.cause = {}, 0, None, None
        frame.again = True
        frame.previous = self.execution.events
        self._make_ready(frame)

    # --- entering and leaving ---

    async def _enter(self, frame: Frame) -> None:
        state = self.state_of(frame)
        self.transitions += 1
        if not frame.again:
            text = json_text(frame.input) if frame.text is None else frame.text
            frame.text = text
            frame.entered_at = self.now
            self._follow(frame, f"{state.type}StateEntered", history.with_input(text, name=state.name))
            frame.entered = frame.previous
        frame.again = False
        token = self._token(frame, state)
        action = flow.enter(
            state,
            frame.input,
            frame.variables or {},
            self.context_of(frame, token),
            self.moment(frame),
            frame.attempts,
        )
        await self._act(frame, state, action, token)

    async def _leave(self, frame: Frame, outcome: actions.Result | actions.Failure) -> None:
        state = self.state_of(frame)
        self.transitions += 1
        action = flow.leave(
            state, frame.input, outcome, frame.attempts, frame.variables or {}, self.context_of(frame),
            self.moment(frame),
        )  # fmt: skip
        frame.work = None
        if isinstance(state, machines.Parallel | machines.Map):
            failed = isinstance(outcome, actions.Failure)
            if failed and isinstance(action, actions.Caught | actions.Failed):
                self._follow(frame, f"{state.type}StateFailed", None)
            if not isinstance(action, actions.Failed):  # a redrive goes on with what is below
                await self.frames.remove_below(frame.id)
        await self._act(frame, state, action, "")

    async def _act(self, frame: Frame, state: machines.State, action: actions.Action, token: str) -> None:
        if isinstance(action, actions.Next):
            await self._exit(frame, state, action, action.state)
        elif isinstance(action, actions.WaitUntil):
            await self._wait(frame, action.at_ms)
        elif isinstance(action, actions.CallTask):
            await self._call(frame, action, token)
        elif isinstance(action, actions.RunBranches):
            await self._branch(frame, action)
        elif isinstance(action, actions.RunMap):
            await self._map(frame, action)
        else:
            await self._failure(frame, state, action)

    async def _failure(
        self, frame: Frame, state: machines.State, action: actions.Caught | actions.Failed | actions.RetryAt
    ) -> None:
        if action.map_length is not None:
            self._follow(frame, "MapStateStarted", {"length": action.map_length})
        if action.evaluation is not None:
            self._evaluation_failed(frame, state, action)
        if isinstance(action, actions.RetryAt):
            frame.attempts[action.retrier] = frame.attempts.get(action.retrier, 0) + 1
            frame.retries += 1
            frame.again = True
            await self._wait(frame, action.at_ms)
        elif isinstance(action, actions.Caught):
            await self._exit(frame, state, action, action.state)
        else:
            if isinstance(state, machines.Map) and action.evaluation is not None:  # but not after States.Runtime
                self._follow(frame, "MapStateFailed", None)
            await self._fail(frame, state, action.error, action.cause)

    async def _exit(
        self, frame: Frame, state: machines.State, action: actions.Next | actions.Caught, following: str | None
    ) -> None:
        text = frame.text if action.output is frame.input and frame.text is not None else json_text(action.output)
        self._follow(frame, f"{state.type}StateExited", history.exited(state.name, text, action.assigned))
        frame.input, frame.text, frame.variables = action.output, text, action.variables
        frame.attempts, frame.retries = {}, 0
        if following is not None:
            frame.state = following
            self._make_ready(frame)
        else:
            await self._finish(frame, text)

    async def _finish(self, frame: Frame, text: str) -> None:
        frame.status = DONE
        self.frames.changed(frame)
        if frame.parent == NO_PARENT:
            await self.end(SUCCEEDED, output=text)
            return
        parent = await self._parent(frame)
        work = parent.work
        assert work is not None
        work["left"] -= 1
        parent.previous = frame.previous
        self.frames.changed(parent)
        state = self.state_of(parent)
        if isinstance(state, machines.Map):
            details = {"name": state.name, "index": frame.position}
            ended = self._event("MapIterationSucceeded", frame.previous, details)
            if work["left"]:
                following = await self.frames.next_pending(parent.id)
                if following is not None:
                    self._begin_iterations(parent, state, [following])
                return
            parent.previous = ended
        if not work["left"]:
            self._event(f"{state.type}StateSucceeded", parent.previous, None)
            await self._leave(parent, actions.Result([child.input for child in await self.frames.children(parent.id)]))

    async def _fail(self, frame: Frame, state: machines.State, error: str | None, cause: str | None) -> None:
        frame.status, frame.error, frame.cause = FAILED, error, cause
        self.frames.changed(frame)
        if frame.parent == NO_PARENT:
            await self.end(EXECUTION_FAILED, error=error, cause=cause)
            return
        if isinstance(state, machines.Task):
            self._event("TaskStateAborted", frame.previous, None)
        parent = await self._parent(frame)
        above = self.state_of(parent)
        if isinstance(above, machines.Map):
            details = {"name": above.name, "index": frame.position}
            self._event("MapIterationFailed", frame.previous, details)
        await self.abort_below(parent)
        parent.previous = frame.previous
        await self._leave(parent, actions.Failure(error, cause))

    async def abort_below(self, parent: Frame) -> None:
        """Give up what still runs of a frame's branches or iterations."""
        above = self.state_of(parent)
        for child in await self.frames.children(parent.id):
            if child.status in (DONE, FAILED, PENDING, GIVEN_UP):
                continue
            await self.abort_below(child)
            await self.world.forget(child)
            state = self.state_of(child)
            if state.type in _ABORTABLE and child.status != READY:
                self._event(f"{state.type}StateAborted", child.previous, None)
            if isinstance(above, machines.Map):
                self._event("MapIterationAborted", child.previous, {"name": above.name, "index": child.position})
            child.status, child.work = GIVEN_UP, None
            self.frames.changed(child)

    # --- what states ask for ---

    async def _wait(self, frame: Frame, at: int) -> None:
        self._block(frame, WAITING, {})
        await self.world.wake(frame, at)

    async def _call(self, frame: Frame, action: actions.CallTask, token: str) -> None:
        resource = integrations.parse(action.resource)
        role = (action.credentials or {}).get("RoleArn") or self.revision.role
        task = integrations.Task(
            resource, action.arguments, role, self._context.execution_arn, self._context.machine_arn, action.timeout_s,
            has_credentials=bool(action.credentials),
        )  # fmt: skip
        state, mocked = self.state_of(frame), self._mocked(frame)
        try:
            if mocked is None:
                integrations.check(self.call, task)
        except integrations.InvalidArguments as problem:
            cause = (
                f"An error occurred while executing the state '{frame.state}' (entered at the event id #{frame.entered}). "
                f"The Parameters '{json_text(action.arguments)}' could not be used to start the Task: {problem}"
            )
            await self._fail(frame, state, "States.Runtime", cause)
            return
        limits = {"timeoutInSeconds": action.timeout_s, "heartbeatInSeconds": action.heartbeat_s}
        known = {name: limit for name, limit in limits.items() if limit is not None}
        details = history.scheduled(task, self.call.region, known, action.credentials)
        self._follow(frame, f"{resource.kind.value}Scheduled", details)
        if resource.kind is not Kind.ACTIVITY:
            started = history.named(resource)
            self._follow(frame, f"{resource.kind.value}Started", started or None)
        if resource.kind is Kind.ACTIVITY and not token:
            token = self.call.ids.hex(32)
        work = {"timeout_s": action.timeout_s, "heartbeat_s": action.heartbeat_s, "secret": token, "role": role}
        self._block(frame, CALLING, work)
        if mocked is not None:
            await self.settled(frame, mocked)
        else:
            await self.world.start_task(frame, task)

    def _mocked(self, frame: Frame) -> integrations.Outcome | None:
        """What the execution's test case says of a task, if it is one of the mock configuration."""
        execution = self.execution
        mocks = integrations.mocks.of(self.call.platform) if execution.test_case is not None else None
        if mocks is None or execution.test_case is None:
            return None
        machine = execution.machine.partition("/")[0]
        return mocks.outcome(machine, execution.test_case, frame.state, frame.retries)

    async def _branch(self, frame: Frame, action: actions.RunBranches) -> None:
        self._follow(frame, "ParallelStateStarted", None)
        text = frame.text if action.branches[0][1] is frame.input else None
        children = [
            Frame(0, frame.id, position, READY, machine.pointer, machine.start_at, input, dict(action.variables),
                  frame.item, previous=frame.previous, text=text)
            for position, (machine, input) in enumerate(action.branches)
        ]  # fmt: skip
        self.frames.add(children)
        self._block(frame, CHILDREN, {"left": len(children)})
        self.ready.extendleft(reversed(children))

    async def _map(self, frame: Frame, action: actions.RunMap) -> None:
        state = action.state
        if action.distributed:
            length = len(action.items) if isinstance(action.items, list) else 0
            self._follow(frame, "MapStateStarted", {"length": length})
            self._block(frame, CHILDREN, {"map_run": ""})
            await self.world.start_map_run(frame, action)
            return
        assert isinstance(action.items, list)
        self._follow(frame, "MapStateStarted", {"length": len(action.items)})
        children = []
        seen, moment = self.context_of(frame), self.moment(frame)
        for index, item in enumerate(action.items):
            selected = flow.item_input(action, index, item, seen, moment)
            if isinstance(selected, actions.Failed):
                await self._failed_selection(frame, state, selected)
                return
            children.append(
                Frame(0, frame.id, index, PENDING, state.processor.pointer, state.processor.start_at, selected.value,
                      item=[index, item])
            )  # fmt: skip
        self._block(frame, CHILDREN, {"left": len(children)})
        if not children:
            self._event("MapStateSucceeded", frame.previous, None)
            await self._leave(frame, actions.Result([]))
            return
        self.frames.add(children)
        most = min(action.max_concurrency or INLINE_CONCURRENCY, INLINE_CONCURRENCY)
        self._begin_iterations(frame, state, children[:most])

    async def _failed_selection(self, frame: Frame, state: machines.State, failed: actions.Failed) -> None:
        if failed.evaluation is not None:
            self._evaluation_failed(frame, state, failed)
        await self._leave(frame, actions.Failure(failed.error, failed.cause))

    def _begin_iterations(self, frame: Frame, state: machines.Map, children: list[Frame]) -> None:
        for child in children:
            child.status, child.variables = READY, dict(frame.variables or {})
            details = {"name": state.name, "index": child.position}
            child.previous = self._event("MapIterationStarted", frame.previous, details)
            self.frames.changed(child)
        self.ready.extendleft(reversed(children))

    # --- small things ---

    def _make_ready(self, frame: Frame) -> None:
        frame.status, frame.work = READY, None
        frame.serial += 1
        self.frames.changed(frame)
        self.ready.appendleft(frame)

    def _block(self, frame: Frame, status: str, work: dict[str, Any]) -> None:
        frame.status, frame.work = status, work
        frame.serial += 1
        self.frames.changed(frame)

    async def _parent(self, frame: Frame) -> Frame:
        parent = await self.frames.find(frame.parent)
        assert parent is not None
        return parent

    def _token(self, frame: Frame, state: machines.State) -> str:
        return self.call.ids.hex(32) if isinstance(state, machines.Task) and state.waits_for_token else ""

    def moment(self, frame: Frame) -> Moment:
        ids = self.call.ids
        return Moment(self.now, ids.fraction, ids.uuid, frame.entered)

    def _evaluation_failed(
        self, frame: Frame, state: machines.State, failed: actions.Caught | actions.Failed | actions.RetryAt
    ) -> None:
        """Right after …StateEntered it follows what that event follows: AWS has it so (test_math_random_seeded)."""
        details = history.failure(failed.error, failed.cause, state=state.name, location=failed.evaluation)
        last = self.events[-1] if self.events else {}
        if last.get("id") == frame.entered == frame.previous:
            frame.previous = last["previousEventId"]
        self._follow(frame, "EvaluationFailed", details)

    def _follow(self, frame: Frame, type: str, details: dict[str, Any] | None) -> None:
        """An event that the frame's next one follows."""
        frame.previous = self._event(type, frame.previous, details)
        self.frames.changed(frame)

    def _event(self, type: str, previous: int, details: dict[str, Any] | None, *, last: bool = False) -> int:
        execution = self.execution
        if execution.events >= self.most_events - 1 and not last:
            raise HistoryIsFull
        execution.events += 1
        self.events.append(history.event(execution.events, previous, self.now, type, details))
        return execution.events


class _Nowhere:
    """The world of a run that was given none yet."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"the run has no world for {name}")
