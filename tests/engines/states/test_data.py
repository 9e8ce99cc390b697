"""How data flows through states in JSONPath."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engines.states.running import TaskError, World, failure, one, output, run
from undercast.engines import states
from undercast.engines.states import flow
from undercast.engines.states.actions import Failed, Next
from undercast.engines.states.errors import StateError
from undercast.engines.states.paths import compile_path, compile_reference
from undercast.engines.states.scope import Scope

INPUT: dict[str, Any] = {"a": {"b": [1, 2, {"c": "x"}]}, "n": None, "s": "text"}
TASK = "arn:aws:lambda:eu-west-1:111111111111:function:work"
PREFIX = "An error occurred while executing the state 'X' (entered at the event id #2). "


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, INPUT),
        ({"InputPath": "$.a.b[0]"}, 1),
        ({"InputPath": None}, {}),
        ({"OutputPath": "$.s"}, "text"),
        ({"OutputPath": None}, {}),
        ({"Result": 5}, 5),
        ({"Result": {"x.$": "$.a"}}, {"x.$": "$.a"}),
        ({"Result": 5, "ResultPath": "$.r"}, {**INPUT, "r": 5}),
        ({"Result": 5, "ResultPath": "$.s.deep"}, {**INPUT, "s": {"deep": 5}}),
        ({"Result": 5, "ResultPath": "$.a.b[1]"}, {**INPUT, "a": {"b": [1, 5, {"c": "x"}]}}),
        ({"Result": 5, "ResultPath": "$['q w'].e"}, {**INPUT, "q w": {"e": 5}}),
        ({"Result": 5, "ResultPath": None}, INPUT),
        ({"Result": 5, "ResultPath": "$.r", "OutputPath": "$.r"}, 5),
        ({"InputPath": "$.a", "Parameters": {"v.$": "$.b[2].c", "w": "$.b"}}, {"v": "x", "w": "$.b"}),
        ({"Parameters": {"k": [{"v.$": "$.s"}, [{"w.$": "$.n"}], 1]}}, {"k": [{"v": "text"}, [{"w": None}], 1]}),
        ({"Parameters": {"v.$": "$.a.b[*]", "e.$": "$.a.x[*]"}}, {"v": [1, 2, {"c": "x"}], "e": []}),
        ({"Parameters": {"v.$": "$..c"}}, {"v": ["x"]}),
        ({"Parameters": {"s.$": "$$.State.Name", "c.$": "$$"}}, {"s": "X", "c": {"State": {"Name": "X"}}}),
        ({"Parameters": "just text"}, "just text"),
        ({"InputPath": "$$.State.Name"}, "X"),
    ],
)
def test_pass(fields: dict[str, Any], expected: Any) -> None:
    assert output({"Type": "Pass", **fields}, INPUT) == expected


def test_the_input_is_never_changed() -> None:
    before = {"a": {"b": 1}}
    assert output({"Type": "Pass", "Result": 2, "ResultPath": "$.a.b"}, before) == {"a": {"b": 2}}
    assert before == {"a": {"b": 1}}


@pytest.mark.parametrize(
    ("fields", "input", "error", "cause"),
    [
        ({"InputPath": "$.x"}, {}, "States.Runtime", "Invalid path '$.x': Missing property in path $['x']"),
        ({"OutputPath": "$.x"}, {}, "States.Runtime", "Invalid path '$.x': Missing property in path $['x']"),
        ({"InputPath": "$.x"}, None, "States.Runtime", "Invalid path '$.x': Missing property in path $['x']"),
        (
            {"Parameters": {"k": {"v.$": "$.x"}}},
            {"y": "é"},
            "States.Runtime",
            "The JSONPath '$.x' specified for the field 'v.$' could not be found in the input '{\"y\":\"é\"}'",
        ),
        (
            {"Result": 1, "ResultPath": "$.x"},
            "text",
            "States.ResultPathMatchFailure",
            'Unable to apply ReferencePath $.x to input "text"',
        ),
        (
            {"Result": 1, "ResultPath": "$.x[3]"},
            {"x": [1]},
            "States.ResultPathMatchFailure",
            'Unable to apply ReferencePath $.x[3] to input {"x":[1]}',
        ),
    ],
)
def test_paths_that_lead_nowhere(fields: dict[str, Any], input: Any, error: str, cause: str) -> None:
    assert failure({"Type": "Pass", **fields}, input) == (error, PREFIX + cause)


def test_task() -> None:
    def work(given: Any) -> Any:
        assert given == {"n": 3}
        return {"value": given["n"] + 1, "noise": 1}

    state = {
        "Type": "Task",
        "Resource": TASK,
        "InputPath": "$.in",
        "Parameters": {"n.$": "$.number"},
        "ResultSelector": {"v.$": "$.value", "s.$": "$$.State.Name"},
        "ResultPath": "$.out",
        "OutputPath": "$.out",
    }
    assert output(state, {"in": {"number": 3}}, work=work) == {"v": 4, "s": "X"}


def test_null_input_has_no_paths() -> None:
    states = {
        "A": {"Type": "Pass", "Result": None, "Next": "B"},
        "B": {"Type": "Pass", "InputPath": "$.x", "End": True},
    }
    ended = run({"StartAt": "A", "States": states})
    assert isinstance(ended, Failed)
    assert str(ended.cause).endswith("Unable to apply Path transformation to null or empty input.")


def test_assign() -> None:
    states = {
        "A": {"Type": "Pass", "Result": {"r": 1}, "Assign": {"x.$": "$.r", "lit": [1], "all.$": "$"}, "Next": "B"},
        # The right sides see the variables as they were before this state.
        "B": {"Type": "Pass", "Assign": {"x": 2, "old.$": "$x", "f.$": "States.MathAdd($x, 10)"}, "Next": "C"},
        "C": {
            "Type": "Pass",
            "Parameters": {"x.$": "$x", "old.$": "$old", "f.$": "$f", "deep.$": "$all.r"},
            "End": True,
        },
    }
    ended = run({"StartAt": "A", "States": states})
    assert isinstance(ended, Next)
    assert ended.output == {"x": 2, "old": 1, "f": 11, "deep": 1}
    assert ended.variables == {"x": 2, "lit": [1], "all": {"r": 1}, "old": 1, "f": 11}


def test_variables_wherever_a_path_may_be() -> None:
    world = World(variables={"o": {"p": [{"q": 7}]}})
    state = {"Type": "Pass", "InputPath": "$o.p[0]", "Parameters": {"a.$": "$.q", "b.$": "$o.p[*].q"}}
    assert output(state, {}, world) == {"a": 7, "b": [7]}
    assert output({"Type": "Pass", "OutputPath": "$o"}, {}, world) == {"p": [{"q": 7}]}
    error, cause = failure({"Type": "Pass", "Parameters": {"a.$": "$no"}}, {}, world)
    assert (error, cause) == (
        "States.Runtime",
        PREFIX + "The JSONPath '$no' specified for the field 'a.$' could not be found in the input '{}'",
    )


def test_assign_of_a_task_sees_its_result_and_of_a_choice_its_input() -> None:
    world = World(tasks={"work": lambda given: {"v": 1}})
    state = {"Type": "Task", "Resource": TASK, "Assign": {"r.$": "$.v"}, "ResultPath": None}
    one(state, {"in": 1}, world)
    assert world.assigned == {"r": 1}
    rule = {"Variable": "$.in", "NumericEquals": 1, "Assign": {"mine.$": "$.in"}, "Next": "S"}
    choice = {"Type": "Choice", "Choices": [rule], "Assign": {"other.$": "$.in"}, "Default": "S"}
    for number, expected in ((1, {"mine": 1}), (2, {"other": 2})):
        world = World()
        run({"StartAt": "C", "States": {"C": choice, "S": {"Type": "Succeed"}}}, {"in": number}, world)
        assert world.assigned == expected


def test_what_is_too_large() -> None:
    big = "x" * 262_144
    error, cause = failure({"Type": "Task", "Resource": TASK}, work=lambda given: big)
    assert (error, cause) == (
        "States.DataLimitExceeded",
        f"The state/task '{TASK}' returned a result with a size exceeding the maximum number of bytes service limit.",
    )
    error, _ = failure({"Type": "Pass", "Parameters": {"a.$": "$", "b.$": "$"}}, {"x": "y" * 200_000})
    assert error == "States.DataLimitExceeded"
    assert output({"Type": "Task", "Resource": TASK}, work=lambda given: "é" * 131_071) == "é" * 131_071
    error, _ = failure({"Type": "Task", "Resource": TASK}, work=lambda given: "é" * 131_072)
    assert error == "States.DataLimitExceeded"


@pytest.mark.parametrize(
    ("resource", "name"),
    [("arn:aws:states:::lambda:invoke", "lambda"), ("arn:aws:states:::aws-sdk:s3:getObject", "aws-sdk:s3")],
)
def test_whose_result_is_too_large(resource: str, name: str) -> None:
    big = {resource.rpartition(":")[2]: lambda given: "x" * 262_144}
    _, cause = failure({"Type": "Task", "Resource": resource}, None, World(tasks=big))
    assert str(cause).startswith(f"The state/task '{name}' returned a result with a size exceeding")


def test_too_much_assigned_at_once() -> None:
    state = {"Type": "Pass", "Assign": {"a.$": "$.x", "b.$": "$.x"}, "OutputPath": None}
    assert failure(state, {"x": "y" * 200_000})[0] == "States.DataLimitExceeded"


@pytest.mark.parametrize("fails", [False, True])
def test_too_much_stored(fails: bool) -> None:
    """10 MiB. A catcher assigns too."""
    world = World(variables={f"v{number}": "x" * 262_000 for number in range(40)}, tasks={"work": _broken})
    state = {"Type": "Pass", "Assign": {"last.$": "$.x", "none": None}}
    if fails:
        catcher = {"ErrorEquals": ["Broken"], "Next": "S", "Assign": {"last.$": "$$.big", "none": None}}
        state = {"Type": "Task", "Resource": TASK, "Catch": [catcher]}
    machine = {"StartAt": "X", "States": {"X": {**state, "Next": "S"}, "S": {"Type": "Succeed"}}}
    room = 10 * 1024 * 1024 - 40 * 262_002 - len("null") - 2
    for size, enough in ((room, True), (room + 1, False)):
        world.context = {"big": "y" * size}
        ended = run(machine, {"x": "y" * size}, world)
        assert isinstance(ended, Next) is enough
        assert enough or (isinstance(ended, Failed) and ended.error == "States.DataLimitExceeded")


def _broken(given: Any) -> Any:
    raise TaskError("Broken")


def test_details_are_what_test_state_shows() -> None:
    state = {
        "Type": "Pass",
        "InputPath": "$.initialData",
        "Parameters": {"staticValue": "some value", "inputValue.$": "$.fieldFromInput"},
        "ResultPath": "$.modifiedData",
    }
    given = {"initialData": {"fieldFromInput": "v"}, "unrelatedData": 1}
    made = {"staticValue": "some value", "inputValue": "v"}
    machine = states.parse(json.dumps({"StartAt": "X", "States": {"X": {**state, "End": True}}}))
    action = flow.enter(flow.begin(machine), given, {}, {}, World().moment())
    assert isinstance(action, Next)
    assert action.details == {
        "afterInputPath": {"fieldFromInput": "v"},
        "afterParameters": made,
        "afterResultSelector": made,
        "afterResultPath": {**given, "modifiedData": made},
    }


def test_task_error() -> None:
    def work(given: Any) -> Any:
        raise TaskError("Boom", "because")

    assert failure({"Type": "Task", "Resource": TASK}, work=work) == ("Boom", "because")


_names = st.text(alphabet="abc", min_size=1, max_size=2)
_json = st.recursive(
    st.integers() | st.text(max_size=3), lambda inner: st.dictionaries(_names, inner, max_size=3), max_leaves=8
)


@pytest.mark.parametrize(  # the examples of https://states-language.net/#ref-paths
    ("path", "steps"),
    [
        ("$.store.book", ["store", "book"]),
        (r"$.store\.book", ["store.book"]),
        (r"$.\stor\e.boo\k", ["store", "book"]),
        (r"$.foo.\.bar", ["foo", ".bar"]),
        (r"$.foo\@bar.baz\[\[.\?pretty", ["foo@bar", "baz[[", "?pretty"]),
        ("$.&Ж中.\U00010346", ["&Ж中", "\U00010346"]),
        ("$.ledgers.branch[0].pending.count", ["ledgers", "branch", 0, "pending", "count"]),
        ("$.ledgers[0][22][315].foo", ["ledgers", 0, 22, 315, "foo"]),
        ("$['store'][0]['book']", ["store", 0, "book"]),
        (r"$.a\\b['c.\'d']", ["a\\b", "c.'d"]),
        (r"""$.a\'b["c.d&"].e""", ["a'b", "c.d&", "e"]),
    ],
)
def test_reference_paths_of_the_specification(path: str, steps: list[str | int]) -> None:
    assert list(compile_reference(path).steps) == steps
    document: Any = 1
    for step in reversed(steps):
        document = {step: document} if isinstance(step, str) else [None] * step + [document]
    assert compile_path(path).find(Scope({}, {}, {}, World().moment()), document) == 1
    assert compile_path(f"${path}").find(Scope({}, {}, document, World().moment()), None) == 1


@pytest.mark.parametrize(
    ("path", "expected"),
    [(r"$..x\.y", [7]), ("$.l[?(@.n<2&&@.n!=0)].n", [1]), ("$.l[?(@.n<2)]['x.y']", [7])],
)
def test_signs_in_other_paths(path: str, expected: Any) -> None:
    assert output({"Type": "Pass", "InputPath": path}, {"l": [{"n": 1, "x.y": 7}, {"n": 2}]}) == expected


@given(_json, st.lists(_names, max_size=4), st.integers())
def test_what_a_reference_path_puts_it_finds(document: Any, steps: list[str], value: int) -> None:
    text = "$" + "".join(f"['{step}']" for step in steps)
    try:
        changed = compile_reference(text).put(document, value)
    except StateError:
        assert steps and not isinstance(document, dict)
        return
    for step in steps:
        changed = changed[step]
    assert changed == value
