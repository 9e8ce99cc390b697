"""One turn of an execution: its frames go through their states until each of them waits for something.

The rules of states are `engines.states`; here their actions become frames, history events and requests to the world
(timers, tasks, map runs). The world is the database and its jobs for Standard executions, a coroutine for Express ones.
"""

from __future__ import annotations

from hashlib import sha256

from undercast.engines.states import actions, flow
from undercast.engines.states import machine as machines
from undercast.engines.states.payloads import json_text
from undercast.services.stepfunctions import history, integrations
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
)
from undercast.services.stepfunctions.integrations import Kind
from undercast.services.stepfunctions.model import ABORTED, SUCCEEDED, TIMED_OUT
from undercast.services.stepfunctions.model import FAILED as EXECUTION_FAILED
from undercast.services.stepfunctions.stage import Stage

INLINE_CONCURRENCY = 40  # "Map state", developer guide
_ABORTABLE = ("Task", "Wait", "Parallel", "Map")
_ENDS = {
    SUCCEEDED: "ExecutionSucceeded",
    EXECUTION_FAILED: "ExecutionFailed",
    TIMED_OUT: "ExecutionTimedOut",
    ABORTED: "ExecutionAborted",
}


class Run(Stage):
    """An execution in one turn. Who drives it saves `frames`, `events` and `execution` afterwards."""

    # --- what happens to it ---

    def begin(self) -> None:
        """The first event and frame."""
        execution = self.execution
        details = history.with_input(execution.input, roleArn=self.revision.role)
        if execution.version is not None:
            details["stateMachineVersionArn"] = self.context.version_arn
        if execution.alias is not None:
            details["stateMachineAliasArn"] = self.context.alias_arn
        self.event("ExecutionStarted", 0, details)
        root = Frame(
            ROOT, NO_PARENT, 0, READY, self.machine.pointer, self.machine.start_at, self.context.input,
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
            self.make_ready(frame)
        else:
            await self._leave(frame, actions.Result(None))

    async def settled(self, frame: Frame, outcome: integrations.Outcome) -> None:
        """A task was started, is done or failed."""
        resource = self.resource(frame)
        kind, named = resource.kind.value, history.named(resource)
        if isinstance(outcome, integrations.Submitted):
            self.follow(frame, "TaskSubmitted", history.with_output(json_text(outcome.output), **named))
            return
        await self.world.forget(frame)
        if isinstance(outcome, integrations.Failed):
            type = "TaskSubmitFailed" if outcome.submitting else f"{kind}Failed"
            self.follow(frame, type, history.failure(outcome.error, outcome.cause, **named))
            await self._leave(frame, actions.Failure(outcome.error, outcome.cause))
            return
        failure = flow.oversized(self.state_of(frame), outcome.output)
        if failure is not None:
            self.follow(frame, f"{kind}Failed", history.failure(failure.error, failure.cause, **named))
            await self._leave(frame, failure)
            return
        self.follow(frame, f"{kind}Succeeded", history.with_output(json_text(outcome.output), **named))
        await self._leave(frame, actions.Result(outcome.output))

    def taken(self, frame: Frame, worker: str | None) -> None:
        """A worker took an activity's task."""
        self.follow(frame, "ActivityStarted", {"workerName": worker} if worker else {})

    async def timed_out(self, frame: Frame, cause: str | None = None, error: str = "States.Timeout") -> None:
        """A task took too long, or its worker was silent for too long."""
        resource = self.resource(frame)
        self.follow(
            frame, f"{resource.kind.value}TimedOut", history.failure("States.Timeout", cause, **history.named(resource))
        )
        await self.world.forget(frame)
        await self._leave(frame, actions.Failure(error, cause))

    def map_run_started(self, frame: Frame, arn: str) -> None:
        """A distributed map begins."""
        self.follow(frame, "MapRunStarted", {"mapRunArn": arn})

    def map_run_redriven(self, frame: Frame, arn: str, count: int) -> None:
        """Its children that did not succeed run again."""
        frame.previous = self.execution.events
        self.follow(frame, "MapRunRedriven", {"mapRunArn": arn, "redriveCount": count})

    async def map_run_ended(self, frame: Frame, outcome: actions.Result | actions.Failure) -> None:
        """A distributed map has all its results, or failed."""
        if isinstance(outcome, actions.Failure):
            frame.left_map_run = (frame.work or {}).get("map_run")
            self.follow(frame, "MapRunFailed", history.failure(outcome.error, outcome.cause))
            await self._leave(frame, outcome)
            return
        self.follow(frame, "MapRunSucceeded", None)
        self.event("MapStateSucceeded", frame.previous, None)
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
        self.event(_ENDS[status], root.previous if root else 0, details, last=True)
        await self.world.ended()

    def redriven(self) -> None:
        """It runs again after its end."""
        self.event("ExecutionRedriven", self.execution.events, {"redriveCount": self.execution.redrives})

    def enter_again(self, frame: Frame) -> None:
        """Enter a frame's state once more, with nothing of its attempts counted."""
        frame.attempts, frame.retries, frame.error, frame.cause = {}, 0, None, None
        frame.again = bool(frame.entered)
        frame.previous = self.execution.events
        self.make_ready(frame)

    # --- entering and leaving ---

    async def _enter(self, frame: Frame) -> None:
        state = self.state_of(frame)
        self.transitions += 1
        if not frame.again:
            text = json_text(frame.input) if frame.text is None else frame.text
            frame.text = text
            frame.entered_at = self.now
            self.follow(frame, f"{state.type}StateEntered", history.with_input(text, name=state.name))
            frame.entered = frame.previous
        frame.again = False
        token = self.new_secret(state)
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
                self.follow(frame, f"{state.type}StateFailed", None)
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
            self.follow(frame, "MapStateStarted", {"length": action.map_length})
        if action.evaluation is not None:
            self.evaluation_failed(frame, state, action)
        if isinstance(action, actions.RetryAt):
            frame.attempts[action.retrier] = frame.attempts.get(action.retrier, 0) + 1
            frame.retries += 1
            frame.again = True
            await self._wait(frame, action.at_ms)
        elif isinstance(action, actions.Caught):
            await self._exit(frame, state, action, action.state)
        else:
            if isinstance(state, machines.Map) and action.evaluation is not None:  # but not after States.Runtime
                self.follow(frame, "MapStateFailed", None)
            await self._fail(frame, state, action.error, action.cause)

    async def _exit(
        self, frame: Frame, state: machines.State, action: actions.Next | actions.Caught, following: str | None
    ) -> None:
        text = frame.text if action.output is frame.input and frame.text is not None else json_text(action.output)
        self.follow(frame, f"{state.type}StateExited", history.exited(state.name, text, action.assigned))
        frame.input, frame.text, frame.variables = action.output, text, action.variables
        frame.attempts, frame.retries, frame.entered = {}, 0, 0
        if following is not None:
            frame.state = following
            self.make_ready(frame)
        else:
            await self._finish(frame, text)

    async def _finish(self, frame: Frame, text: str) -> None:
        frame.status = DONE
        self.frames.changed(frame)
        if frame.parent == NO_PARENT:
            await self.end(SUCCEEDED, output=text)
            return
        parent = await self.parent_of(frame)
        work = parent.work
        assert work is not None
        work["left"] -= 1
        parent.previous = frame.previous
        self.frames.changed(parent)
        state = self.state_of(parent)
        if isinstance(state, machines.Map):
            details = {"name": state.name, "index": frame.position}
            ended = self.event("MapIterationSucceeded", frame.previous, details)
            if work["left"]:
                following = await self.frames.next_pending(parent.id)
                if following is not None:
                    self._begin_iterations(parent, state, [following])
                return
            parent.previous = ended
        if not work["left"]:
            self.event(f"{state.type}StateSucceeded", parent.previous, None)
            await self._leave(parent, actions.Result([child.input for child in await self.frames.children(parent.id)]))

    async def _fail(self, frame: Frame, state: machines.State, error: str | None, cause: str | None) -> None:
        frame.status, frame.error, frame.cause = FAILED, error, cause
        self.frames.changed(frame)
        if frame.parent == NO_PARENT:
            await self.end(EXECUTION_FAILED, error=error, cause=cause)
            return
        if isinstance(state, machines.Task):
            self.event("TaskStateAborted", frame.previous, None)
        parent = await self.parent_of(frame)
        above = self.state_of(parent)
        if isinstance(above, machines.Map):
            details = {"name": above.name, "index": frame.position}
            self.event("MapIterationFailed", frame.previous, details)
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
                self.event(f"{state.type}StateAborted", child.previous, None)
            if isinstance(above, machines.Map):
                self.event("MapIterationAborted", child.previous, {"name": above.name, "index": child.position})
            child.status, child.work = GIVEN_UP, None
            self.frames.changed(child)

    # --- what states ask for ---

    async def _wait(self, frame: Frame, at: int) -> None:
        self.block(frame, WAITING, {})
        await self.world.wake(frame, at)

    def _trace(self) -> str | None:
        """The trace header of the execution; a machine that traces begins a sampled one."""
        if self.execution.trace or not self.revision.settings["tracingConfiguration"]["enabled"]:
            return self.execution.trace
        root = sha256(self.arn.encode()).hexdigest()[:24]
        return f"Root=1-{self.execution.started_at // 1000:08x}-{root};Sampled=1"

    async def _call(self, frame: Frame, action: actions.CallTask, token: str) -> None:
        resource = integrations.parse(action.resource)
        role = (action.credentials or {}).get("RoleArn") or self.revision.role
        task = integrations.Task(
            resource, action.arguments, role, self.context.execution_arn, self.context.machine_arn, action.timeout_s,
            has_credentials=bool(action.credentials), trace=self._trace(),
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
        self.follow(frame, f"{resource.kind.value}Scheduled", details)
        if resource.kind is not Kind.ACTIVITY:
            started = history.named(resource)
            self.follow(frame, f"{resource.kind.value}Started", started or None)
        if resource.kind is Kind.ACTIVITY and not token:
            token = self.call.ids.hex(32)
        work = {"timeout_s": action.timeout_s, "heartbeat_s": action.heartbeat_s, "secret": token, "role": role}
        self.block(frame, CALLING, work)
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
        self.follow(frame, "ParallelStateStarted", None)
        text = frame.text if action.branches[0][1] is frame.input else None
        children = [
            Frame(0, frame.id, position, READY, machine.pointer, machine.start_at, input, dict(action.variables),
                  frame.item, previous=frame.previous, text=text)
            for position, (machine, input) in enumerate(action.branches)
        ]  # fmt: skip
        self.frames.add(children)
        self.block(frame, CHILDREN, {"left": len(children)})
        self.ready.extendleft(reversed(children))

    async def _map(self, frame: Frame, action: actions.RunMap) -> None:
        state = action.state
        if action.distributed:
            length = len(action.items) if isinstance(action.items, list) else 0
            self.follow(frame, "MapStateStarted", {"length": length})
            self.block(frame, CHILDREN, {"map_run": ""})
            await self.world.start_map_run(frame, action)
            return
        assert isinstance(action.items, list)
        self.follow(frame, "MapStateStarted", {"length": len(action.items)})
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
        self.block(frame, CHILDREN, {"left": len(children)})
        if not children:
            self.event("MapStateSucceeded", frame.previous, None)
            await self._leave(frame, actions.Result([]))
            return
        self.frames.add(children)
        most = min(action.max_concurrency or INLINE_CONCURRENCY, INLINE_CONCURRENCY)
        self._begin_iterations(frame, state, children[:most])

    async def _failed_selection(self, frame: Frame, state: machines.State, failed: actions.Failed) -> None:
        if failed.evaluation is not None:
            self.evaluation_failed(frame, state, failed)
        await self._leave(frame, actions.Failure(failed.error, failed.cause))

    def _begin_iterations(self, frame: Frame, state: machines.Map, children: list[Frame]) -> None:
        for child in children:
            child.status, child.variables = READY, dict(frame.variables or {})
            details = {"name": state.name, "index": child.position}
            child.previous = self.event("MapIterationStarted", frame.previous, details)
            self.frames.changed(child)
        self.ready.extendleft(reversed(children))
