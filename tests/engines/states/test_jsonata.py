"""States in JSONata."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engines.states.running import Ended, TaskError, World, run
from undercast.engines.states.actions import Failed, Next

TASK = "arn:aws:lambda:eu-west-1:111111111111:function:work"
PREFIX = "An error occurred while executing the state 'X' (entered at the event id #2). "


def one(state: dict[str, Any], input: Any = None, world: World | None = None, **tasks: Any) -> Ended:
    if state["Type"] not in ("Succeed", "Fail", "Choice"):
        state = {**state, "End": True}
    states = {"X": state}
    if state["Type"] == "Choice":
        states |= {"Yes": {"Type": "Succeed"}, "No": {"Type": "Succeed"}}
    return run({"QueryLanguage": "JSONata", "StartAt": "X", "States": states}, input, world, **tasks)


def output(*args: Any, **kwargs: Any) -> Any:
    ended = one(*args, **kwargs)
    assert isinstance(ended, Next), ended
    return ended.output


def failure(*args: Any, **kwargs: Any) -> tuple[str | None, str | None, str | None]:
    ended = one(*args, **kwargs)
    assert isinstance(ended, Failed), ended
    return ended.error, ended.cause, ended.evaluation


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% $states.input.n * 2 %}", 6),
        ({"a": "{% $states.input.list[1] %}", "b": [1, "{% $states.context.State.Name %}"]}, {"a": "y", "b": [1, "X"]}),
        ("{%$states.input%}", {"n": 3, "list": ["x", "y"], "z": None}),
        ("plain", "plain"),
        (" {% $states.input %} ", " {% $states.input %} "),
        ("{% null %}", None),
        ({"z": "{% $states.input.z %}"}, {"z": None}),
        ("{% $sum([1,2]) & '' %}", "3"),
        ({"key.$": "$.n"}, {"key.$": "$.n"}),
        ("{% $v.deep %}", "variable"),
        ("{% $uuid() %}", "00000000-0000-4000-8000-000000000000"),
        ("{% $partition([1,2,3], 2) %}", [[1, 2], [3]]),
        ("{% $hash('input data', 'MD5') %}", "812f45842bc6d66ee14572ce20db8e86"),
        ("{% $parse('[1]') %}", [1]),
        ("{% $range(1, 5, 2) %}", [1, 3, 5]),
    ],
)
def test_output(template: Any, expected: Any) -> None:
    world = World(variables={"v": {"deep": "variable"}})
    assert output({"Type": "Pass", "Output": template}, {"n": 3, "list": ["x", "y"], "z": None}, world) == expected


def test_without_output_a_pass_gives_its_input_and_a_task_its_result() -> None:
    assert output({"Type": "Pass"}, {"a": 1}) == {"a": 1}
    assert output({"Type": "Succeed"}, [1]) == [1]
    assert output({"Type": "Task", "Resource": TASK}, {"a": 1}, work=lambda given: [given]) == [{"a": 1}]


def test_task() -> None:
    state = {
        "Type": "Task",
        "Resource": TASK,
        "Arguments": {"n": "{% $states.input.n + 1 %}"},
        "Output": {"r": "{% $states.result.value %}", "i": "{% $states.input %}", "old": "{% $exists($x) %}"},
        "Assign": {"x": "{% $states.result.value %}"},
    }
    world = World(tasks={"work": lambda given: {"value": given["n"] * 10}})
    assert output(state, {"n": 1}, world) == {"r": 20, "i": {"n": 1}, "old": False}
    assert world.assigned == {"x": 20}


@pytest.mark.parametrize(
    ("state", "location", "what"),
    [
        (
            {"Type": "Pass", "Output": {"v": ["{% $states.input.no %}"]}},
            "Output/v[0]",
            "'$states.input.no' specified for the field 'Output/v[0]' returned nothing (undefined).",
        ),
        (
            {"Type": "Pass", "Assign": {"v": "{% $nothing %}"}},
            "Assign/v",
            "'$nothing' specified for the field 'Assign/v' returned nothing (undefined).",
        ),
        (
            {"Type": "Pass", "Output": "{% $randomSeeded(1) %}"},
            "Output",
            "'$randomSeeded(1)' specified for the field 'Output' threw an error during evaluation. "
            "T1006: Attempted to invoke a non-function",
        ),
        (
            {"Type": "Task", "Resource": TASK, "Arguments": {"a": "{% 1 + 'a' %}"}},
            "Arguments/a",
            "'1 + 'a'' specified for the field 'Arguments/a' threw an error during evaluation. "
            'T2002: The right side of the "+" operator must evaluate to a number',
        ),
        (
            {"Type": "Choice", "Choices": [{"Condition": "{% 1 %}", "Next": "Yes"}], "Default": "No"},
            "Choices[0]/Condition",
            "'1' specified for the field 'Choices[0]/Condition' returned an unexpected result type. "
            "Expected 'boolean', but was 'number' for value: 1",
        ),
        (
            {"Type": "Fail", "Error": "{% [1] %}"},
            "Error",
            "'[1]' specified for the field 'Error' returned an unexpected result type. "
            "Expected 'string', but was 'array' for value: [1]",
        ),
    ],
)
def test_evaluation_failures(state: dict[str, Any], location: str, what: str) -> None:
    if state["Type"] == "Choice":
        state = {**state, "Choices": [*state["Choices"], {"Condition": True, "Next": "Yes"}]}
    error, cause, evaluation = failure(state, {})
    assert (error, cause) == ("States.QueryEvaluationError", f"{PREFIX}The JSONata expression {what}")
    assert evaluation == location


@pytest.mark.parametrize(
    ("value", "shown"),
    [(True, "'boolean' for value: true"), (None, "'null' for value: null"), (1, "'number' for value: 1"),
     ({"foo": "bar"}, "'object' for value: {\"foo\":\"bar\"}"), ("string", "'string' for value: \"string\"")],
)  # fmt: skip
def test_items_must_be_an_array(value: Any, shown: str) -> None:
    """As recorded: base_scenarios test_map_state_items_variable_sampling."""
    state = {"Type": "Map", "Items": "{% $ItemsVar %}", "ItemProcessor": INNER}
    error, cause, evaluation = failure(state, {}, World(variables={"ItemsVar": value}))
    assert error == "States.QueryEvaluationError" and evaluation == "Items"
    assert cause == (
        f"{PREFIX}The JSONata expression '$ItemsVar' specified for the field 'Items' returned an unexpected result type. "
        f"Expected 'array', but was {shown}"
    )


INNER = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}


OTHER = {"StartAt": "Q", "States": {"Q": {"Type": "Pass", "End": True}}}


def test_map_and_parallel() -> None:
    mapped = {
        "Type": "Map",
        "Items": "{% $states.input.n %}",
        "ItemSelector": {
            "i": "{% $states.context.Map.Item.Index %}",
            "v": "{% $states.context.Map.Item.Value + $base %}",
        },
        "ItemProcessor": INNER,
        "Output": "{% $states.result.v %}",
    }
    assert output(mapped, {"n": [1, 2]}, World(variables={"base": 10})) == [11, 12]
    assert output({"Type": "Map", "Items": [1, "{% 2 %}"], "ItemProcessor": INNER}, {}) == [1, 2]
    both = {"Type": "Parallel", "Branches": [INNER, OTHER], "Arguments": "{% $states.input.n %}"}
    assert output(both, {"n": 5}) == [5, 5]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("MaxConcurrency", "{% -1 %}"),
        ("MaxConcurrency", "{% 1.5 %}"),
        ("ToleratedFailurePercentage", "{% -5 %}"),
        ("ToleratedFailureCount", "{% 'x' %}"),
    ],
)
def test_numbers_that_a_map_cannot_have(field: str, value: str) -> None:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    state = {"Type": "Map", "Items": [], "ItemProcessor": {**INNER, "ProcessorConfig": config}, field: value}
    error, _, location = failure(state, {})
    assert (error, location) == ("States.QueryEvaluationError", field)


def test_a_timeout_that_is_none() -> None:
    state = {"Type": "Task", "Resource": TASK, "TimeoutSeconds": "{% 0 %}"}
    assert failure(state, {})[0] == "States.QueryEvaluationError"


def test_choice() -> None:
    state = {
        "Type": "Choice",
        "Choices": [
            {"Condition": "{% $states.input.n > 5 %}", "Next": "Yes", "Output": "big", "Assign": {"size": "L"}},
            {"Condition": "{% $states.input.n > 2 %}", "Next": "Yes", "Output": {"n": "{% $states.input.n %}"}},
        ],
        "Output": "default",
        "Default": "No",
    }
    world = World()
    assert [output(state, {"n": n}, world) for n in (9, 3, 0)] == ["big", {"n": 3}, "default"]
    assert world.assigned == {"size": "L"}


def test_fail() -> None:
    state = {"Type": "Fail", "Error": "{% $states.input.e %}", "Cause": "{% 'c' & $x %}"}
    assert failure(state, {"e": "E"}, World(variables={"x": 1})) == ("E", "c1", None)


def test_catch() -> None:
    def work(given: Any) -> Any:
        raise TaskError("Boom", "why")

    state = {
        "Type": "Task",
        "Resource": TASK,
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Y", "Output": "{% $states.errorOutput.Error %}",
                   "Assign": {"why": "{% $states.errorOutput.Cause %}"}}],
        "End": True,
    }  # fmt: skip
    world = World(tasks={"work": work})
    definition = {"QueryLanguage": "JSONata", "StartAt": "X", "States": {"X": state, "Y": {"Type": "Succeed"}}}
    ended = run(definition, {}, world)
    assert isinstance(ended, Next) and ended.output == "Boom" and world.assigned == {"why": "why"}
    del state["Catch"][0]["Output"]
    ended = run(definition, {}, World(tasks={"work": work}))
    assert isinstance(ended, Next) and ended.output == {"Error": "Boom", "Cause": "why"}


def test_evaluation_failures_are_caught_too() -> None:
    state = {
        "Type": "Task",
        "Resource": TASK,
        "Arguments": "{% $no %}",
        "Catch": [{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "Y"}],
        "End": True,
    }
    definition = {"QueryLanguage": "JSONata", "StartAt": "X", "States": {"X": state, "Y": {"Type": "Succeed"}}}
    ended = run(definition, {})
    assert isinstance(ended, Next) and ended.output["Error"] == "States.QueryEvaluationError"


def test_both_languages_in_one_workflow() -> None:
    states = {
        "A": {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": {"x": "{% 42 %}"}, "Next": "B"},
        "B": {"Type": "Pass", "Assign": {"old.$": "$x", "x": 18}, "Next": "C"},
        "C": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% [$old, $x] %}", "End": True},
    }
    ended = run({"StartAt": "A", "States": states})
    assert isinstance(ended, Next) and ended.output == [42, 18]


def test_states_within_a_jsonata_map_keep_the_language_of_the_definition() -> None:
    state = {
        "Type": "Map",
        "QueryLanguage": "JSONata",
        "Items": "{% [1] %}",
        "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": {"v.$": "$"}, "End": True}}},
        "End": True,
    }
    ended = run({"StartAt": "X", "States": {"X": state}})
    assert isinstance(ended, Next) and ended.output == [{"v": 1}]
