"""Parallel and Map."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engines.states.running import TaskError, World, failure, one, output, run
from undercast.engines import states
from undercast.engines.states import flow
from undercast.engines.states.actions import (
    EXCEEDED,
    Batching,
    Failed,
    Next,
    Reader,
    Result,
    RunBranches,
    RunMap,
    Writer,
)
from undercast.engines.states.payloads import json_bytes
from undercast.engines.states.scope import Moment

INNER: dict[str, Any] = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
PREFIX = "An error occurred while executing the state 'X' (entered at the event id #2). "
DISTRIBUTED = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}


def branch(name: str, **fields: Any) -> dict[str, Any]:
    return {"StartAt": name, "States": {name: {"Type": "Pass", "End": True, **fields}}}


def distributed(**fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": {**INNER, "ProcessorConfig": DISTRIBUTED}, **fields}


def entered(state: dict[str, Any], input: Any, variables: Any = None, context: Any = None) -> Any:
    machine = states.parse(json.dumps({"StartAt": "X", "States": {"X": {**state, "End": True}}}))
    return flow.enter(flow.begin(machine), input, variables or {}, context or {}, moment())


def moment() -> Moment:
    return Moment(0, lambda: 0.5, lambda: "u", 2)


def test_parallel() -> None:
    state = {
        "Type": "Parallel",
        "InputPath": "$.in",
        "Parameters": {"v.$": "$.n"},
        "Branches": [branch("A"), branch("B", Parameters={"double.$": "States.MathAdd($.v, $.v)"})],
        "ResultSelector": {"both.$": "$[*]"},
        "ResultPath": "$.out",
    }
    assert output(state, {"in": {"n": 2}}) == {"in": {"n": 2}, "out": {"both": [{"v": 2}, {"double": 4}]}}


def test_the_first_branch_that_fails_fails_the_parallel() -> None:
    fail = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "c"}}}
    state = {"Type": "Parallel", "Branches": [branch("A"), fail]}
    assert failure(state) == ("E", "c")
    states_ = {
        "X": {**state, "End": True, "Catch": [{"ErrorEquals": ["E"], "Next": "Y"}]},
        "Y": {"Type": "Succeed"},
    }
    ended = run({"StartAt": "X", "States": states_})
    assert isinstance(ended, Next) and ended.output == {"Error": "E", "Cause": "c"}


def test_variables_of_a_branch_stay_within_it() -> None:
    world = World(variables={"outer": 1})
    state = {
        "Type": "Parallel",
        "Branches": [branch("A", Parameters={"o.$": "$outer"}, Assign={"inner": 5}), branch("B")],
        "Assign": {"after.$": "$[0].o"},
    }
    ended = one(state, {}, world)
    assert isinstance(ended, Next) and ended.variables == {"outer": 1, "after": 1}


def test_branches_are_found_by_their_pointers() -> None:
    machine = states.parse(
        json.dumps(
            {
                "StartAt": "X",
                "States": {
                    "X": {"Type": "Parallel", "Branches": [branch("A"), branch("B")], "Next": "Y"},
                    "Y": {"Type": "Map", "ItemProcessor": INNER, "End": True},
                },
            }
        )
    )
    assert [m.pointer for m in machine.machines()] == [
        "",
        "/States/Y/ItemProcessor",
        "/States/X/Branches[1]",
        "/States/X/Branches[0]",
    ]
    assert machine.at("/States/X/Branches[1]").start_at == "B"
    assert machine.at("/States/Y/ItemProcessor").states["P"].pointer == "/States/Y/ItemProcessor/States/P"
    with pytest.raises(KeyError):
        machine.at("/States/X/Branches[2]")


@pytest.mark.parametrize(
    ("fields", "input", "expected"),
    [
        ({"ItemProcessor": INNER}, [1, 2], [1, 2]),
        ({"Iterator": INNER}, [], []),
        ({"ItemProcessor": INNER, "ItemsPath": "$.a.b"}, {"a": {"b": [3]}}, [3]),
        ({"ItemProcessor": INNER, "InputPath": "$.a", "ItemsPath": "$.b"}, {"a": {"b": [3]}}, [3]),
        ({"ItemProcessor": INNER, "ItemsPath": "$..b"}, {"a": {"b": 3}}, [3]),
        (
            {
                "ItemProcessor": INNER,
                "ItemsPath": "$.l",
                "ItemSelector": {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "k.$": "$.k"},
            },
            {"l": ["x", "y"], "k": 7},
            [{"i": 0, "v": "x", "k": 7}, {"i": 1, "v": "y", "k": 7}],
        ),
        ({"Iterator": INNER, "Parameters": {"v.$": "$$.Map.Item.Value"}}, ["x"], [{"v": "x"}]),
        ({"ItemProcessor": branch("Q", Parameters={"v.$": "$$.Map.Item.Value"})}, [5], [{"v": 5}]),
    ],
)
def test_map(fields: dict[str, Any], input: Any, expected: Any) -> None:
    assert output({"Type": "Map", **fields}, input) == expected


@pytest.mark.parametrize("input", [{}, {"l": None}, {"l": {}}, {"l": "abc"}])
def test_items_must_be_an_array(input: Any) -> None:
    error, cause = failure({"Type": "Map", "ItemProcessor": INNER, "ItemsPath": "$.l"}, input)
    missing = "Invalid path '$.l': Missing property in path $['l']"
    array = 'Reference path "$.l" must point to array.'
    assert (error, cause) == ("States.Runtime", PREFIX + (array if input else missing))


@pytest.mark.parametrize(
    "state",
    [
        distributed(ItemsPath="$.o", ItemSelector={"k.$": "$$.Map.Item.Key", "v.$": "$$.Map.Item.Value"}),
        distributed(
            QueryLanguage="JSONata",
            Items="{% $states.input.o %}",
            ItemSelector={"k": "{% $states.context.Map.Item.Key %}", "v": "{% $states.context.Map.Item.Value %}"},
        ),
    ],
)
def test_a_distributed_map_goes_over_an_object(state: dict[str, Any]) -> None:
    given = {"o": {"b": 1, "a": [None]}}
    assert output(state, given) == [{"k": "b", "v": 1}, {"k": "a", "v": [None]}]
    plain = {name: value for name, value in state.items() if name != "ItemSelector"}
    assert output(plain, given) == [{"Key": "b", "Value": 1}, {"Key": "a", "Value": [None]}]
    assert output(plain, {"o": {}}) == []


def test_an_array_has_no_keys() -> None:
    state = distributed(ItemSelector={"item.$": "$$.Map.Item"})
    item = {"Key": "b", "Value": 1}
    assert output(state, [item]) == [{"item": {"Index": 0, "Value": item, "Source": "STATE_DATA"}}]


def test_a_failing_iteration_fails_an_inline_map() -> None:
    def work(given: Any) -> Any:
        if given == 2:
            raise TaskError("E", "two")
        return given

    task = {"Type": "Task", "Resource": "arn:aws:lambda:r:1:function:work", "End": True}
    state = {"Type": "Map", "ItemProcessor": {"StartAt": "T", "States": {"T": task}}}
    assert failure(state, [1, 2, 3], work=work) == ("E", "two")


def test_iterations_see_the_variables_of_an_inline_map_only() -> None:
    action = entered({"Type": "Map", "ItemProcessor": INNER}, [1], {"v": 1})
    assert isinstance(action, RunMap) and action.variables == {"v": 1} and not action.distributed
    action = entered(distributed(), [1], {"v": 1})
    assert isinstance(action, RunMap) and action.variables == {} and action.distributed
    action = entered(distributed(ItemSelector={"v.$": "$v"}), [1], {"v": 1})
    assert flow.item_input(action, 0, 1, {}, moment()) == Result({"v": 1})  # the selector is the map's own field


def test_a_distributed_map_reads_batches_and_writes() -> None:
    state = distributed(
        Label="jobs",
        MaxConcurrencyPath="$.most",
        ItemReader={
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItemsPath": "$.limit"},
            "Parameters": {"Bucket.$": "$.bucket", "Key": "k"},
        },
        ItemBatcher={"MaxItemsPerBatch": 2, "MaxInputBytesPerBatchPath": "$.bytes", "BatchInput": {"b.$": "$.bucket"}},
        ResultWriter={
            "Resource": "arn:aws:states:::s3:putObject",
            "Parameters": {"Bucket.$": "$.bucket"},
            "WriterConfig": {"OutputType": "JSONL", "Transformation": "COMPACT"},
        },
        ToleratedFailureCountPath="$.most",
        ToleratedFailurePercentage=12.5,
    )
    action = entered(state, {"most": 3, "limit": 10, "bucket": "bk", "bytes": 1000})
    assert isinstance(action, RunMap)
    assert action.items == Reader(
        "arn:aws:states:::s3:getObject",
        {"Bucket": "bk", "Key": "k"},
        {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
        10,
    )
    assert action.batching == Batching(2, 1000, {"b": "bk"})
    assert action.writer == Writer(
        "arn:aws:states:::s3:putObject", {"Bucket": "bk"}, {"OutputType": "JSONL", "Transformation": "COMPACT"}
    )
    assert (action.max_concurrency, action.tolerated_failure_count, action.tolerated_failure_percentage) == (3, 3, 12.5)
    assert (action.state.label, action.state.execution_type) == ("jobs", "STANDARD")
    assert list(flow.batches(action, [1, 2, 3])) == [
        {"BatchInput": {"b": "bk"}, "Items": [1, 2]},
        {"BatchInput": {"b": "bk"}, "Items": [3]},
    ]


@given(st.lists(st.text(max_size=20)), st.integers(1, 5), st.integers(60, 200))
def test_batches_keep_items_order_and_size(items: list[str], most: int, room: int) -> None:
    action = entered(distributed(ItemBatcher={"MaxItemsPerBatch": most, "MaxInputBytesPerBatch": room}), [])
    batches = list(flow.batches(action, items))
    assert [item for batch in batches for item in batch["Items"]] == items
    assert all(len(batch["Items"]) <= most for batch in batches)
    assert all(len(json_bytes(batch)) <= room or len(batch["Items"]) == 1 for batch in batches)


@pytest.mark.parametrize(
    ("fields", "failed", "total", "tolerated"),
    [
        ({}, 0, 10, True),
        ({}, 1, 10, False),
        ({"ToleratedFailureCount": 2}, 2, 10, True),
        ({"ToleratedFailureCount": 2}, 3, 10, False),
        ({"ToleratedFailurePercentage": 20}, 2, 10, True),
        ({"ToleratedFailurePercentage": 20}, 3, 10, False),
        ({"ToleratedFailurePercentage": 100}, 10, 10, True),
        ({"ToleratedFailureCount": 1, "ToleratedFailurePercentage": 50}, 2, 10, False),
        ({"ToleratedFailureCount": 5, "ToleratedFailurePercentage": 10}, 2, 10, False),
        ({"ToleratedFailureCount": 0, "ToleratedFailurePercentage": 0}, 1, 10, False),
    ],
)
def test_tolerance(fields: dict[str, Any], failed: int, total: int, tolerated: bool) -> None:
    action = entered(distributed(**fields), [1])
    assert isinstance(action, RunMap) and action.tolerates(failed, total) is tolerated


def test_too_many_failures() -> None:
    inner = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E"}}, "ProcessorConfig": DISTRIBUTED}
    assert failure({"Type": "Map", "ItemProcessor": inner}, [1]) == (EXCEEDED.error, EXCEEDED.cause)
    assert output({"Type": "Map", "ItemProcessor": inner, "ToleratedFailurePercentage": 100}, [1]) == []


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        (-1, "ToleratedFailurePercentage must be between 0 and 100."),
        (-1.1, "ToleratedFailurePercentage must be between 0 and 100."),
        (100.1, "ToleratedFailurePercentage must be between 0 and 100."),
        (
            "NoNumber",
            'The ToleratedFailurePercentagePath field refers to value "NoNumber" which is not a valid float: '
            "$.ToleratedFailurePercentage",
        ),
        (
            {},
            'The ToleratedFailurePercentagePath field refers to value "{}" which is not a valid float: '
            "$.ToleratedFailurePercentage",
        ),
    ],
)
def test_tolerated_percentages_that_are_none(value: Any, cause: str) -> None:
    """As recorded: base_scenarios test_map_state_tolerated_failure_percentage_path. MapStateStarted comes before."""
    state = distributed(ItemsPath="$.Items", ToleratedFailurePercentagePath="$.ToleratedFailurePercentage")
    action = entered(state, {"Items": [0], "ToleratedFailurePercentage": value})
    assert isinstance(action, Failed)
    assert (action.error, action.cause, action.map_length) == ("States.Runtime", PREFIX + cause, 1)


def test_an_item_selector_that_fails() -> None:
    state = {"Type": "Map", "ItemProcessor": INNER, "ItemSelector": {"v.$": "$.absent"}}
    action = entered(state, [1])
    assert isinstance(action, RunMap)
    failed = flow.item_input(action, 0, 1, {}, moment())
    assert isinstance(failed, Failed) and failed.error == "States.Runtime"


def test_an_item_selector_knows_where_the_item_comes_from() -> None:
    action = entered({"Type": "Map", "ItemProcessor": INNER, "ItemSelector": {"s.$": "$$.Map.Item.Source"}}, [1])
    assert isinstance(action, RunMap)
    assert flow.item_input(action, 0, 1, {}, moment()) == Result({"s": "STATE_DATA"})
    assert flow.item_input(action, 0, 1, {}, moment(), "S3://bucket/key") == Result({"s": "S3://bucket/key"})


def test_branches_get_what_arguments_say() -> None:
    state = {"Type": "Parallel", "Branches": [branch("A")]}
    action = entered(state, {"x": 1}, {"v": 2})
    assert isinstance(action, RunBranches)
    assert [(machine.start_at, given) for machine, given in action.branches] == [("A", {"x": 1})]
    assert action.variables == {"v": 2}
