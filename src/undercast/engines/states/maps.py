"""What a Map runs over: its items, their selection and batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from undercast.engines.states.actions import Action, Batching, Reader, RunMap, Writer
from undercast.engines.states.errors import StateError, runtime
from undercast.engines.states.limits import refused, whole_number
from undercast.engines.states.machine import JSONPATH, Map
from undercast.engines.states.payloads import MAX_BYTES, is_number, json_bytes, json_text, kind
from undercast.engines.states.scope import Field, Scope


def run(state: Map, scope: Scope, details: dict[str, Any]) -> Action:
    """Enter a Map. Raises StateError."""
    effective = state.data.effective(scope)
    if state.language == JSONPATH:  # JSONata has no InputPath
        details["afterInputPath"] = effective
    found = _reader(state, scope, effective) if state.reader else _items(state, scope, effective)
    items = _pairs(found) if isinstance(found, dict) else found
    try:
        return _run(state, scope, effective, items, details, keyed=isinstance(found, dict))
    except StateError as error:
        error.map_length = len(items) if isinstance(items, list) else None
        raise


def _run(
    state: Map, scope: Scope, effective: Any, items: list[Any] | Reader, details: dict[str, Any], keyed: bool
) -> RunMap:
    concurrency = _count(state, "MaxConcurrency", state.max_concurrency, scope, effective)
    details["maxConcurrency"] = concurrency or 0
    return RunMap(
        state=state,
        items=items,
        keyed=keyed,
        input=effective,
        variables={} if state.distributed else dict(scope.variables),
        outer=scope.variables,
        max_concurrency=concurrency or 0,
        tolerated_failure_count=_count(state, "ToleratedFailureCount", state.tolerated_failure_count, scope, effective),
        tolerated_failure_percentage=_percentage(state, scope, effective),
        batching=_batching(state, scope, effective),
        writer=_writer(state, scope, effective),
        details=details,
    )


def item_context(run: RunMap, context: Mapping[str, Any], index: int, item: Any, source: str) -> dict[str, Any]:
    """The context in which an item is selected.

    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html ("Map states"): "A Key is only
    available when iterating over JSON objects."
    """
    found = item if run.keyed else {"Value": item}
    return {**context, "Map": {"Item": {"Index": index, **found, "Source": source}}}


def selected(run: RunMap, scope: Scope, item: Any) -> Any:
    return item if run.state.selector is None else run.state.selector.of(scope, run.input)


def batches(run: RunMap, items: Iterable[Any]) -> Iterator[Any]:
    """The inputs of the child executions, out of the selected items: these themselves, or as many as a batch holds."""
    batching = run.batching
    if batching is None:
        yield from items
        return
    most = batching.max_items or MAX_BYTES
    room = min(batching.max_bytes or MAX_BYTES, MAX_BYTES)
    rest = {} if batching.batch_input is None else {"BatchInput": batching.batch_input}
    overhead = len(json_bytes({**rest, "Items": []}))
    batch: list[Any] = []
    size = overhead
    for item in items:
        more = len(json_bytes(item)) + 1
        if batch and (len(batch) >= most or size + more > room):
            yield {**rest, "Items": batch}
            batch, size = [], overhead
        batch.append(item)
        size += more
    if batch:
        yield {**rest, "Items": batch}


def _items(state: Map, scope: Scope, effective: Any) -> list[Any] | dict[str, Any]:
    """An array; of a distributed map also an object.

    https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html: "accepts only a JSON array"; "If the input
    to the Map state is a JSON object, it runs an iteration for each key-value pair in the object, passing the pair"
    (input-output-itemspath.html).
    """
    items = effective if state.items is None else state.items.of(scope, effective)
    if isinstance(items, list) or (isinstance(items, dict) and state.distributed):
        return items
    if state.language == JSONPATH:
        raise runtime(f'Reference path "{state.items_text}" must point to array.')
    cause = (
        f"The JSONata expression '{state.items_text}' specified for the field 'Items' returned an unexpected result type. "
        f"Expected 'array', but was '{kind(items)}' for value: {json_text(items)}"
    )
    raise StateError("States.QueryEvaluationError", cause, "Items")


def _pairs(items: dict[str, Any]) -> list[Any]:
    return [{"Key": name, "Value": value} for name, value in items.items()]


def _reader(state: Map, scope: Scope, effective: Any) -> Reader:
    reader = state.reader
    assert reader is not None
    arguments = None if reader.arguments is None else reader.arguments.of(scope, effective)
    most = _count(state, "MaxItems", reader.max_items, scope, effective)
    return Reader(reader.resource, arguments, dict(reader.config), most)


def _writer(state: Map, scope: Scope, effective: Any) -> Writer | None:
    writer = state.writer
    if writer is None:
        return None
    arguments = None if writer.arguments is None else writer.arguments.of(scope, effective)
    return Writer(writer.resource, arguments, dict(writer.config))


def _batching(state: Map, scope: Scope, effective: Any) -> Batching | None:
    batcher = state.batcher
    if batcher is None:
        return None
    items = _count(state, "MaxItemsPerBatch", batcher.max_items, scope, effective)
    size = _count(state, "MaxInputBytesPerBatch", batcher.max_bytes, scope, effective)
    return Batching(items, size, None if batcher.batch_input is None else batcher.batch_input.of(scope, effective))


def _count(state: Map, name: str, field: Field | None, scope: Scope, effective: Any) -> int | None:
    if field is None:
        return None
    value = field.of(scope, effective)
    whole = whole_number(value)
    if whole is None:
        raise _no_number(state, name, value, "integer")
    if whole < 0:
        raise refused(state, name, f"{name} must be a non-negative integer.")
    return whole


def _percentage(state: Map, scope: Scope, effective: Any) -> float | None:
    if state.tolerated_failure_percentage is None:
        return None
    value = state.tolerated_failure_percentage.of(scope, effective)
    if not is_number(value):
        raise _no_number(state, "ToleratedFailurePercentage", value, "float")
    if not 0 <= value <= 100:
        raise refused(state, "ToleratedFailurePercentage", "ToleratedFailurePercentage must be between 0 and 100.")
    return float(value)


def _no_number(state: Map, name: str, value: Any, wanted: str) -> StateError:
    shown = value if isinstance(value, str) else json_text(value)
    path = state.paths.get(f"{name}Path")
    if path is None:
        return StateError("States.QueryEvaluationError", f"The {name} field is not a valid {wanted}: {shown}", name)
    return runtime(f'The {name}Path field refers to value "{shown}" which is not a valid {wanted}: {path}')
