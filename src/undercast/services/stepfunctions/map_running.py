"""Distributed maps: their items are written down, and child executions take them, as many at once as the map allows.

https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson

from undercast.engines.states import flow
from undercast.engines.states.actions import EXCEEDED, Failed, Failure, Reader, Result, RunMap
from undercast.engines.states.payloads import json_text, too_large
from undercast.kit.call import Call
from undercast.kit.service import relaxed, waits
from undercast.services.stepfunctions import arns, execution_storage, item_readers, map_storage, result_writers
from undercast.services.stepfunctions.frames import CHILDREN, Frame
from undercast.services.stepfunctions.map_storage import MapRun
from undercast.services.stepfunctions.model import ABORTED, FAILED, RUNNING, SUCCEEDED, TIMED_OUT, Execution

if TYPE_CHECKING:
    from undercast.services.stepfunctions.run import Run

MOST_CHILDREN = 10_000  # that run at once: "Quotas related to Map Runs"
_AT_ONCE = 50  # children that one job begins
_ITEMS_AT_ONCE = 2_000  # that one transaction writes down
_COUNTED = {SUCCEEDED: "succeeded", FAILED: "failed", TIMED_OUT: "timedOut", ABORTED: "aborted"}


async def start(run: Run, frame: Frame, action: RunMap) -> None:
    """Begin a map run for the state that a frame is in."""
    call, state = run.call, action.state
    label = state.label or call.ids.uuid()
    id = call.ids.uuid()
    assert frame.work is not None
    frame.work = {"map_run": id}
    map_run = MapRun(
        id, run.execution.number, frame.id, frame.serial, f"{run.revision.machine}/{label}", RUNNING, call.now, None, -1, 0, 0,
        concurrency=action.max_concurrency, tolerated_count=action.tolerated_failure_count,
        tolerated_percentage=action.tolerated_failure_percentage, path=state.processor.pointer,
        express=state.execution_type == "EXPRESS",
    )  # fmt: skip
    run.map_run_started(frame, arns.map_run(call, map_run.machine, id))
    await map_storage.save_map_run(call, map_run)
    if isinstance(action.items, Reader):
        await call.later(call.now, "read items", id)
        return
    inputs = _selected(run, frame, action, action.items)
    if isinstance(inputs, Failed):
        await call.later(call.now, "fail map run", [id, inputs.error, inputs.cause])
        return
    contents = _contents(action, action.items, inputs)
    await map_storage.add_items(call, id, 0, contents)
    await _counted(call, map_run, len(action.items), len(contents))


@waits
async def read_items(call: Call, id: str) -> None:
    """The job: read the items from where the map's ItemReader says."""
    found = await call.transact_relaxed(_entered, id)
    if found is None:
        return
    run, frame, action, _ = found
    assert isinstance(action.items, Reader)
    try:
        items = await item_readers.read(call, action.items, run.revision.role)
    except item_readers.Unreadable as problem:
        failed: Failed | None = Failed("States.ItemReaderFailed", str(problem))
    else:
        failed = await _take_items(run, frame, action, id, items)
    if failed is not None:
        await call.transact_relaxed(fail, [id, failed.error, failed.cause])


@relaxed
async def fail(call: Call, payload: list[Any]) -> None:
    """The job: the map run cannot go on."""
    id, error, cause = payload
    map_run = await map_storage.find_map_run(call, id, hold=True)
    if map_run is not None and map_run.status == RUNNING:
        await _end(call, map_run, FAILED, Failure(error, cause))


@relaxed
async def fill(call: Call, id: str) -> None:
    """The job: begin children, up to the map's concurrency; end the run when all have ended."""
    map_run = await map_storage.find_map_run(call, id, hold=True)
    if map_run is not None and map_run.status == RUNNING:
        await _fill(call, map_run)


@relaxed
async def count_child(call: Call, payload: list[Any]) -> None:
    """The job: count a child that has ended, and go on."""
    id, status, items = payload
    map_run = await map_storage.find_map_run(call, id, hold=True)
    if map_run is None:
        return
    map_run.executions[_COUNTED[status]] += 1
    map_run.counts[_COUNTED[status]] += items
    map_run.running_items -= items
    if map_run.status != RUNNING:
        await map_storage.save_map_run(call, map_run)
    elif not _tolerates(map_run):
        await _end(call, map_run, FAILED, EXCEEDED)
    else:
        await _fill(call, map_run)


async def _fill(call: Call, map_run: MapRun) -> None:
    id = map_run.id
    most = min(map_run.concurrency or MOST_CHILDREN, MOST_CHILDREN)
    room = min(most - (map_run.begun - map_run.ended), map_run.batches - map_run.begun)
    if room > 0:
        await _begin_children(call, map_run, min(room, _AT_ONCE))
    await map_storage.save_map_run(call, map_run)
    if room > _AT_ONCE:
        await fill_later(call, id)
    if map_run.ended >= map_run.batches:
        await _complete(call, map_run)


async def child_ended(call: Call, child: Execution) -> None:
    """Have a child that has ended counted. One after the other: many end at once."""
    assert child.map_run is not None
    items = int((child.parent or {}).get("items", 1))
    await call.later(call.now, "count child", [child.map_run, child.status, items], key=_key(call, child.map_run))


async def abort_below(run: Run) -> None:
    """Stop the map runs of an execution that has ended."""
    if run.is_child:
        return
    for one in await map_storage.list_map_runs(run.call, run.execution.number):
        map_run = await map_storage.find_map_run(run.call, one.id, hold=True) if one.status == RUNNING else None
        if map_run is not None and map_run.status == RUNNING:
            await _stop(run.call, map_run, ABORTED)


@relaxed
async def abort_children(call: Call, id: str) -> None:
    """The job: stop what still runs of a map run that has ended."""
    from undercast.services.stepfunctions import standard  # noqa: PLC0415  they need one another

    map_run = await map_storage.find_map_run(call, id)
    if map_run is None:
        return
    where = {"machine": map_run.machine, "map_run": id, "status": RUNNING}
    found = await execution_storage.list_executions(call, where, None, [2**62, 0], _AT_ONCE)
    for child in found:
        await standard.stop(call, child.number, ABORTED, None, None)
    if len(found) == _AT_ONCE:
        await call.later(call.now, "abort children", id)


async def redrive(run: Run, frame: Frame) -> bool:
    """Run again the children of a frame's map that did not succeed; False when it has no map run."""
    id = (frame.work or {}).get("map_run") or frame.left_map_run
    map_run = await map_storage.find_map_run(run.call, id) if id else None
    if map_run is None or map_run.items < 0 or map_run.status == SUCCEEDED:
        return False
    call = run.call
    frame.status, frame.work = CHILDREN, {"map_run": map_run.id}
    frame.serial += 1
    run.frames.changed(frame)
    map_run.status, map_run.stopped_at, map_run.serial = RUNNING, None, frame.serial
    map_run.redrives += 1
    map_run.redriven_at = call.now
    run.map_run_redriven(frame, arns.map_run(call, map_run.machine, map_run.id), map_run.redrives)
    await map_storage.save_map_run(call, map_run)
    await call.later(call.now, "redrive children", [map_run.id, -1], key=_key(call, map_run.id))
    return True


async def redrive_children(call: Call, payload: list[Any]) -> None:
    """The job: redrive children that did not succeed, then begin those that never began."""
    from undercast.services.stepfunctions import redriving  # noqa: PLC0415  they need one another

    id, after = payload
    map_run = await map_storage.find_map_run(call, id)
    if map_run is None or map_run.status != RUNNING:
        return
    children = await execution_storage.list_children(call, id, after, _AT_ONCE)
    for child in children:
        if child.status in (FAILED, TIMED_OUT, ABORTED):
            items = int((child.parent or {}).get("items", 1))
            map_run.executions[_COUNTED[child.status]] -= 1
            map_run.counts[_COUNTED[child.status]] -= items
            map_run.running_items += items
            await redriving.redrive(call, child)
    await map_storage.save_map_run(call, map_run)
    if len(children) == _AT_ONCE:
        await call.later(call.now, "redrive children", [id, children[-1].position], key=_key(call, id))
    else:
        await fill_later(call, id)


# --- items ---


async def _take_items(run: Run, frame: Frame, action: RunMap, id: str, items: list[Any]) -> Failed | None:
    """Write down what each child will be given, some at a time: what a crash leaves of it is written anew."""
    call, inputs = run.call.outside(), list[Any]()
    await call.transact_relaxed(map_storage.delete_items, id)
    for start in range(0, len(items), _ITEMS_AT_ONCE):
        some = _selected(run, frame, action, items[start : start + _ITEMS_AT_ONCE], start)
        if isinstance(some, Failed):
            return some
        inputs += some
        await asyncio.sleep(0)  # others get their turn
    contents = _contents(action, items, inputs)
    for start in range(0, len(contents), _ITEMS_AT_ONCE):
        await call.transact_relaxed(map_storage.add_items, id, start, contents[start : start + _ITEMS_AT_ONCE])
    await call.transact_relaxed(_taken, id, len(items), len(contents))
    return None


async def _taken(call: Call, id: str, items: int, batches: int) -> None:
    await call.finish_job()
    map_run = await map_storage.find_map_run(call, id, hold=True)
    if map_run is not None and map_run.status == RUNNING:
        await _counted(call, map_run, items, batches)


async def _counted(call: Call, map_run: MapRun, items: int, batches: int) -> None:
    """All of them are written down: the children may begin."""
    map_run.items, map_run.batches = items, batches
    await map_storage.save_map_run(call, map_run)
    await fill_later(call, map_run.id)


async def _entered(call: Call, id: str) -> tuple[Run, Frame, RunMap, MapRun] | None:
    """A map's state as it was entered: nothing of it is kept, because the same input gives the same again."""
    from undercast.services.stepfunctions import standard  # noqa: PLC0415  they need one another

    map_run = await map_storage.find_map_run(call, id)
    if map_run is None or map_run.status != RUNNING:
        return None
    execution = await execution_storage.find_by_number(call, map_run.execution)
    if execution is None or execution.status != RUNNING:
        return None
    run = await standard.load(call, execution)
    frame = await run.frames.find(map_run.frame)
    if frame is None or frame.serial != map_run.serial:
        return None
    action = run.entered(frame)
    assert isinstance(action, RunMap)
    return run, frame, action, map_run


def _selected(run: Run, frame: Frame, action: RunMap, items: list[Any], start: int = 0) -> list[Any] | Failed:
    """The inputs of items, the first of which has the index `start`."""
    context, moment, inputs = run.context_of(frame), run.moment(frame), []
    source = item_readers.source_of(action.items) if isinstance(action.items, Reader) else "STATE_DATA"
    for index, item in enumerate(items, start):
        found = flow.item_input(action, index, item, context, moment, source)
        if isinstance(found, Failed):
            return found
        inputs.append(found.value)
    return inputs


def _contents(action: RunMap, items: list[Any], inputs: list[Any]) -> list[dict[str, Any]]:
    """What each child will be given."""
    if action.batching is None:
        shown = [[item["Value"], item["Key"]] if action.keyed else [item] for item in items]
        return [{"input": one, "item": [i, *shown[i]], "items": 1} for i, one in enumerate(inputs)]
    return [{"input": one, "item": None, "items": len(one["Items"])} for one in flow.batches(action, inputs)]


# --- children ---


async def _begin_children(call: Call, map_run: MapRun, most: int) -> None:
    parent = await execution_storage.find_by_number(call, map_run.execution)
    assert parent is not None, "map runs go with their execution"
    for position, content in await map_storage.list_items(call, map_run.id, map_run.begun, most):
        await _begin_child(call, parent, map_run, position, content)


async def _begin_child(call: Call, parent: Execution, map_run: MapRun, position: int, content: dict[str, Any]) -> None:
    from undercast.services.stepfunctions import standard  # noqa: PLC0415  they need one another

    path = {"path": map_run.path, "item": content["item"], "items": content["items"], "express": map_run.express}
    child = Execution(
        machine=map_run.machine, name=call.ids.uuid(), number=call.ids.sequence(), revision=parent.revision,
        version=None, alias=None, status=RUNNING, started_at=call.now, stopped_at=None, input=json_text(content["input"]),
        output=None, error=None, cause=None, trace=parent.trace, events=0, redrives=0, redriven_at=None, parent=path,
        map_run=map_run.id, position=position, test_case=parent.test_case,
    )  # fmt: skip
    await standard.start(call, child)
    map_run.begun += 1
    map_run.running_items += content["items"]


async def _complete(call: Call, map_run: MapRun) -> None:
    """All children have ended: gather their results, or have them written where the map's ResultWriter says."""
    found = await _entered(call, map_run.id)
    if found is None:
        return
    action = found[2]
    if action.writer is not None and action.writer.resource:
        await call.later(call.now, "write results", map_run.id)
        return
    children = await _children(call, map_run)
    if action.writer is not None:
        results = result_writers.transformed(call, action.writer, children)
    else:
        results = [orjson.loads(child.output) for child in children if child.output is not None]
    if too_large(results):
        cause = f"The state/task '{action.state.name}' returned a result with a size exceeding the maximum number of bytes service limit."
        await _end(call, map_run, FAILED, Failure("States.DataLimitExceeded", cause))
    else:
        await _end(call, map_run, SUCCEEDED, Result(results))


@waits
async def write_results(call: Call, id: str) -> None:
    """The job: write the children's results into a bucket, then go on."""
    found = await call.transact_relaxed(_written, id)
    if found is None:
        return
    map_run, writer, role, children = found
    arn = arns.map_run(call, map_run.machine, id)
    try:
        where = await result_writers.write(call.as_role(role, "states"), arn, writer, children)
    except result_writers.Unwritable as problem:
        await call.transact_relaxed(fail, [id, "States.ResultWriterFailed", str(problem)])
        return
    await call.transact_relaxed(_wrote, id, {"MapRunArn": arn, "ResultWriterDetails": where})


async def _written(call: Call, id: str) -> tuple[MapRun, Any, str, list[Execution]] | None:
    found = await _entered(call, id)
    if found is None:
        return None
    run, _, action, map_run = found
    return map_run, action.writer, run.revision.role, await _children(call, map_run)


async def _wrote(call: Call, id: str, result: dict[str, Any]) -> None:
    await call.finish_job()
    map_run = await map_storage.find_map_run(call, id, hold=True)
    if map_run is not None and map_run.status == RUNNING:
        map_run.written = map_run.items
        await _end(call, map_run, SUCCEEDED, Result(result))


async def _children(call: Call, map_run: MapRun) -> list[Execution]:
    return await execution_storage.list_children(call, map_run.id, -1, 2**31)


async def _end(call: Call, map_run: MapRun, status: str, outcome: Result | Failure) -> None:
    from undercast.services.stepfunctions import standard  # noqa: PLC0415  they need one another

    await _stop(call, map_run, status)
    where = [map_run.execution, map_run.frame, map_run.serial]
    await standard.of_frame(call, where, lambda run, frame: run.map_run_ended(frame, outcome))


async def _stop(call: Call, map_run: MapRun, status: str) -> None:
    map_run.status, map_run.stopped_at = status, call.now
    await map_storage.save_map_run(call, map_run)
    if status == SUCCEEDED:
        await map_storage.delete_items(call, map_run.id)
    elif map_run.begun > map_run.ended:
        await call.later(call.now, "abort children", map_run.id)


async def fill_later(call: Call, id: str) -> None:
    """Have children begun that the limits allow."""
    await call.later(call.now, "fill map run", id, key=_key(call, id))


def _key(call: Call, id: str) -> str:
    """What changes a map run happens in its order, where transactions that meet would wait for one another."""
    return "" if call.platform.store.dialect == "sqlite" else f"stepfunctions map run {id}"


def _tolerates(map_run: MapRun) -> bool:
    """As `RunMap.tolerates`, by the limits that UpdateMapRun may have changed."""
    failed = map_run.counts["failed"] + map_run.counts["timedOut"] + map_run.counts["aborted"]
    count, percentage = map_run.tolerated_count, map_run.tolerated_percentage
    if not failed:
        return True
    if not count and not percentage:
        return False
    within = count is None or failed <= count
    return within and (percentage is None or failed * 100 <= percentage * max(map_run.items, 1))
