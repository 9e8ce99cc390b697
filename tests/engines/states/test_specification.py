"""Chapter by chapter what https://states-language.net says, where no other test of this folder does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engines.states.running import TaskError, World, output, run
from undercast.engines.states.actions import Failed, Next

TASK = "arn:aws:lambda:eu-west-1:111111111111:function:work"


def end(definition: dict[str, Any], input: Any = None, world: World | None = None) -> Any:
    ended = run(definition, input, world)
    assert isinstance(ended, Next), ended
    return ended.output


def test_assignments_take_effect_in_the_next_state() -> None:
    states = {
        "A": {"Type": "Pass", "Assign": {"x": 5}, "Next": "B"},
        "B": {"Type": "Pass", "Assign": {"x": 42, "newOrOld": "{% $x %}"}, "Output": "{% $x %}", "Next": "C"},
        "C": {"Type": "Pass", "Output": "{% [$states.input, $x, $newOrOld] %}", "End": True},
    }
    assert end({"QueryLanguage": "JSONata", "StartAt": "A", "States": states}) == [5, 42, 5]


def test_an_inner_scope_sees_the_outer_one() -> None:
    inner = {
        "StartAt": "Begin",
        "States": {
            "Begin": {"Type": "Pass", "Assign": {"hi": "{% $outer & $states.input %}"}, "Next": "Over"},
            "Over": {"Type": "Succeed", "Output": "{% $hi %}"},
        },
    }
    states = {
        "Greet": {"Type": "Pass", "Assign": {"outer": "hello "}, "Next": "Each"},
        "Each": {"Type": "Map", "Items": ["a", "b"], "ItemProcessor": inner, "Assign": {"outer": 2}, "Next": "Bye"},
        "Bye": {"Type": "Succeed", "Output": {"each": "{% $states.input %}", "outer": "{% $outer %}"}},
    }
    assert end({"QueryLanguage": "JSONata", "StartAt": "Greet", "States": states}) == {
        "each": ["hello a", "hello b"],
        "outer": 2,
    }


def test_payload_template() -> None:
    template = {
        "flagged": True,
        "parts": {"first.$": "$.vals[0]", "last3.$": "$.vals[-3:]"},
        "weekday.$": "$$.DayOfWeek",
        "text.$": "States.Format('Today is {}', $$.DayOfWeek)",
    }
    world = World(context={"DayOfWeek": "TUESDAY"})
    given = {"flagged": 7, "vals": [0, 10, 20, 30, 40, 50]}
    assert output({"Type": "Pass", "Parameters": template}, given, world) == {
        "flagged": True,
        "parts": {"first": 0, "last3": [30, 40, 50]},
        "weekday": "TUESDAY",
        "text": "Today is TUESDAY",
    }


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.foo", 123),
        ("$.bar", ["a", "b", "c"]),
        ("$.car.cdr", True),
        ("$['car']['cdr']", True),
        ("$.bar[0,1]", ["a", "b"]),
        ("$.bar[-1]", "c"),
    ],
)
def test_paths(path: str, expected: Any) -> None:
    given = {"foo": 123, "bar": ["a", "b", "c"], "car": {"cdr": True}}
    assert output({"Type": "Pass", "InputPath": path}, given) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.master.detail", {"master": {"detail": 6}}),
        ("$.master.result.sum", {"master": {"detail": [1, 2, 3], "result": {"sum": 6}}}),
        ("$.master.detail[1]", {"master": {"detail": [1, 6, 3]}}),
    ],
)
def test_result_path(path: str, expected: Any) -> None:
    state = {"Type": "Pass", "Result": 6, "ResultPath": path}
    assert output(state, {"master": {"detail": [1, 2, 3]}}) == expected


def test_every_retrier_counts_over_all_visits() -> None:
    """ErrorA, ErrorB, ErrorC, then ErrorB once too often: waits of one, two and five seconds, then the catcher."""
    errors = iter(["ErrorA", "ErrorB", "ErrorC", "ErrorB"])

    def work(given: Any) -> Any:
        raise TaskError(next(errors))

    task = {
        "Type": "Task",
        "Resource": TASK,
        "Retry": [
            {"ErrorEquals": ["ErrorA", "ErrorB"], "IntervalSeconds": 1, "BackoffRate": 2, "MaxAttempts": 2},
            {"ErrorEquals": ["ErrorC"], "IntervalSeconds": 5},
        ],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Z"}],
        "End": True,
    }
    world = World(tasks={"work": work}, now_ms=0)
    caught = end({"StartAt": "X", "States": {"X": task, "Z": {"Type": "Succeed"}}}, {}, world)
    assert (caught["Error"], world.now_ms) == ("ErrorB", 8_000)


def test_retries_begin_anew_with_every_visit_to_the_state() -> None:
    """A loop goes through the same failing state twice, and it may be retried as often each time."""
    outcomes = iter(["E", "E", None, "E", "E", None])

    def work(given: Any) -> Any:
        if error := next(outcomes):
            raise TaskError(error)
        return {"visits": given["visits"] + 1}

    states = {
        "X": {"Type": "Task", "Resource": TASK, "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 2}], "Next": "Again"},
        "Again": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.visits", "NumericLessThan": 2, "Next": "X"}],
            "Default": "Over",
        },
        "Over": {"Type": "Succeed"},
    }
    assert end({"StartAt": "X", "States": states}, {"visits": 0}, World(tasks={"work": work})) == {"visits": 2}


@pytest.mark.parametrize(
    ("given", "went", "range_"),
    [
        ({"type": "Public"}, "Public", None),
        ({"type": "Private", "value": 22}, "ValueInTwenties", "twenties"),
        ({"type": "Private", "value": 1, "rating": 9, "auditThreshold": 8}, "StartAudit", None),
        ({"type": "Private", "rating": 7, "auditThreshold": 8}, "RecordEvent", "default"),
    ],
)
def test_choice(given: Any, went: str, range_: str | None) -> None:
    choices = [
        {"Not": {"Variable": "$.type", "StringEquals": "Private"}, "Next": "Public"},
        {
            "And": [
                {"Variable": "$.value", "IsPresent": True},
                {"Variable": "$.value", "IsNumeric": True},
                {"Variable": "$.value", "NumericGreaterThanEquals": 20},
                {"Variable": "$.value", "NumericLessThan": 30},
            ],
            "Assign": {"range": "twenties"},
            "Next": "ValueInTwenties",
        },
        {"Variable": "$.rating", "NumericGreaterThanPath": "$.auditThreshold", "Next": "StartAudit"},
    ]
    choice = {"Type": "Choice", "Choices": choices, "Default": "RecordEvent", "Assign": {"range": "default"}}
    ends = {name: {"Type": "Succeed"} for name in ("Public", "ValueInTwenties", "StartAudit", "RecordEvent")}
    world = World()
    assert end({"StartAt": "DispatchEvent", "States": {"DispatchEvent": choice, **ends}}, given, world) == given
    assert (world.visited[-1], world.assigned.get("range")) == (went, range_)


def test_map_puts_its_results_where_its_items_were() -> None:
    task = {"Type": "Task", "Resource": TASK, "End": True}
    state = {
        "Type": "Map",
        "InputPath": "$.detail",
        "ItemsPath": "$.shipped",
        "MaxConcurrency": 0,
        "ItemSelector": {"parcel.$": "$$.Map.Item.Value", "courier.$": "$.delivery-partner"},
        "ItemProcessor": {"StartAt": "Validate", "States": {"Validate": task}},
        "ResultPath": "$.detail.shipped",
    }
    given = {"ship-date": "2016", "detail": {"delivery-partner": "UQS", "shipped": [{"prod": "R31"}, {"prod": "S39"}]}}
    results = output(state, given, work=lambda item: f"{item['courier']} {item['parcel']['prod']}")
    assert results == {"ship-date": "2016", "detail": {"delivery-partner": "UQS", "shipped": ["UQS R31", "UQS S39"]}}


def test_a_fail_within_a_branch_fails_the_whole() -> None:
    inner = {"StartAt": "In", "States": {"In": {"Type": "Fail", "Error": "E", "Cause": "c"}}}
    state = {"Type": "Map", "ItemProcessor": inner, "End": True}
    assert run({"StartAt": "X", "States": {"X": state}}, [1, 2]) == Failed("E", "c")


def test_a_succeed_within_a_branch_ends_the_branch_only() -> None:
    inner = {"StartAt": "In", "States": {"In": {"Type": "Succeed", "OutputPath": "$.v"}}}
    states = {"X": {"Type": "Map", "ItemProcessor": inner, "Next": "Y"}, "Y": {"Type": "Pass", "End": True}}
    assert end({"StartAt": "X", "States": states}, [{"v": 1}, {"v": 2}]) == [1, 2]
