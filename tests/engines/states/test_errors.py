"""Retry, Catch, timeouts and Fail."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engines.states.running import Ended, TaskError, World, failure, run
from undercast.engines import states
from undercast.engines.states import flow
from undercast.engines.states.actions import CallTask, Caught, Failed, Failure, Next, Result, RetryAt
from undercast.engines.states.machine import Task
from undercast.engines.states.retries import Retrier, matches
from undercast.engines.states.scope import Moment

TASK = "arn:aws:lambda:eu-west-1:111111111111:function:work"


def failing(*errors: str) -> Any:
    """A task that fails so, one error after the other, then answers "done"."""
    left = list(errors)

    def work(given: Any) -> Any:
        if left:
            raise TaskError(left.pop(0), "cause")
        return "done"

    return work


def workflow(**fields: Any) -> dict[str, Any]:
    task = {"Type": "Task", "Resource": TASK, "Next": "Done", **fields}
    return {"StartAt": "X", "States": {"X": task, "Done": {"Type": "Succeed"}, "Caught": {"Type": "Succeed"}}}


def reachable(definition: dict[str, Any]) -> dict[str, Any]:
    if not definition["States"]["X"].get("Catch"):
        del definition["States"]["Caught"]
    return definition


def play(errors: list[str], **fields: Any) -> tuple[Ended, World]:
    world = World(tasks={"work": failing(*errors)}, now_ms=0)
    return run(reachable(workflow(**fields)), {"in": 1}, world), world


@pytest.mark.parametrize(
    ("retrier", "errors", "seconds"),
    [
        ({}, 3, 1 + 2 + 4),
        ({"IntervalSeconds": 3, "MaxAttempts": 2}, 2, 3 + 6),
        ({"BackoffRate": 1.5}, 2, 1 + 1.5),
        ({"BackoffRate": 10, "MaxDelaySeconds": 5}, 3, 1 + 5 + 5),
        ({"JitterStrategy": "FULL"}, 2, (1 + 2) / 2),
        ({"JitterStrategy": "NONE"}, 2, 1 + 2),
    ],
)
def test_retry(retrier: dict[str, Any], errors: int, seconds: float) -> None:
    ended, world = play(["E"] * errors, Retry=[{"ErrorEquals": ["E"], **retrier}])
    assert isinstance(ended, Next) and ended.output == "done"
    assert world.now_ms == seconds * 1000


def test_retries_end() -> None:
    ended, world = play(["E"] * 9, Retry=[{"ErrorEquals": ["E"], "MaxAttempts": 2}])
    assert (ended, world.now_ms) == (Failed("E", "cause"), 3000)
    ended, world = play(["E"], Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 0}])
    assert (ended, world.now_ms) == (Failed("E", "cause"), 0)


def test_each_retrier_counts_its_own_attempts() -> None:
    retry = [{"ErrorEquals": ["A"], "MaxAttempts": 2}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]
    assert isinstance(play(["A", "B", "A"], Retry=retry)[0], Next)
    assert play(["B", "A", "B"], Retry=retry)[0] == Failed("B", "cause")
    # The first that names the error decides, also when its attempts are used up.
    assert play(["A", "A", "A"], Retry=retry)[0] == Failed("A", "cause")


@pytest.mark.parametrize(
    ("error", "names", "taken"),
    [
        ("E", ["E"], True),
        ("E", ["F", "E"], True),
        ("E", ["F"], False),
        ("E", ["States.ALL"], True),
        ("E", ["States.TaskFailed"], True),
        ("States.Timeout", ["States.TaskFailed"], False),
        ("States.Timeout", ["States.ALL"], True),
        ("States.HeartbeatTimeout", ["States.HeartbeatTimeout"], True),
        ("States.HeartbeatTimeout", ["States.Timeout"], True),
        ("States.DataLimitExceeded", ["States.ALL"], True),  # recorded
        ("States.Runtime", ["States.ALL"], False),
        ("States.Runtime", ["States.Runtime"], False),
    ],
)
def test_names(error: str, names: list[str], taken: bool) -> None:
    assert matches(tuple(names), error) is taken


@pytest.mark.parametrize(
    ("catcher", "expected"),
    [
        ({}, {"Error": "E", "Cause": "cause"}),
        ({"ResultPath": "$.e"}, {"in": 1, "e": {"Error": "E", "Cause": "cause"}}),
        ({"ResultPath": None}, {"in": 1}),
    ],
)
def test_catch(catcher: dict[str, Any], expected: Any) -> None:
    catch = [{"ErrorEquals": ["Other"], "Next": "Done"}, {"ErrorEquals": ["E"], "Next": "Caught", **catcher}]
    ended, world = play(["E"], Catch=catch)
    assert isinstance(ended, Next) and ended.output == expected
    assert world.visited == ["X", "Caught"]


def test_catch_assigns() -> None:
    catcher = {"ErrorEquals": ["States.ALL"], "Next": "Caught", "Assign": {"why.$": "$.Cause", "k": 1}}
    _, world = play(["E"], Catch=[catcher], Assign={"never": 1})
    assert world.assigned == {"why": "cause", "k": 1}


def test_retry_comes_before_catch() -> None:
    catch = [{"ErrorEquals": ["E"], "Next": "Caught"}]
    retry = [{"ErrorEquals": ["E"], "MaxAttempts": 1}]
    assert play(["E"], Retry=retry, Catch=catch)[1].visited == ["X", "Done"]
    assert play(["E", "E"], Retry=retry, Catch=catch)[1].visited == ["X", "Caught"]


def test_failures_of_the_state_itself() -> None:
    """A result that does not fit can be caught, what States.Runtime is not."""
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    ended, _ = play([], Catch=catch, ResultPath="$.in[3]")
    assert isinstance(ended, Next) and ended.output["Error"] == "States.ResultPathMatchFailure"
    ended, _ = play([], Catch=catch, Parameters={"x.$": "$.absent"})
    assert isinstance(ended, Failed) and ended.error == "States.Runtime"


def test_a_result_path_of_a_catcher_that_does_not_fit() -> None:
    ended, _ = play(["E"], Catch=[{"ErrorEquals": ["E"], "Next": "Caught", "ResultPath": "$.in[0].x"}])
    assert isinstance(ended, Failed) and ended.error == "States.ResultPathMatchFailure"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, (None, None)),
        ({"Error": "E", "Cause": "because"}, ("E", "because")),
        ({"ErrorPath": "$.e", "CausePath": "$.c"}, ("from input", "x")),
        ({"ErrorPath": "States.Format('{}!', $.e)", "CausePath": "$$.State.Name"}, ("from input!", "X")),
    ],
)
def test_fail(fields: dict[str, Any], expected: Any) -> None:
    assert failure({"Type": "Fail", **fields}, {"e": "from input", "c": "x"}) == expected


def test_fail_with_a_path_that_leads_nowhere_or_to_no_text() -> None:
    assert failure({"Type": "Fail", "ErrorPath": "$.e"}, {})[0] == "States.Runtime"
    assert failure({"Type": "Fail", "ErrorPath": "$.e"}, {"e": {}})[0] == "States.Runtime"


def moment() -> Moment:
    return Moment(1000, lambda: 0.25, lambda: "u", 7)


def task(**fields: Any) -> Task:
    state = flow.begin(states.parse(json.dumps(reachable(workflow(**fields)))))
    assert isinstance(state, Task)
    return state


@pytest.mark.parametrize(
    ("fields", "timeout", "heartbeat"),
    [
        ({}, None, None),
        ({"TimeoutSeconds": 9, "HeartbeatSeconds": 3}, 9, 3),
        ({"TimeoutSecondsPath": "$.t", "HeartbeatSecondsPath": "$v.h"}, 60, 5),
        (
            {"QueryLanguage": "JSONata", "TimeoutSeconds": "{% $states.input.t %}", "HeartbeatSeconds": "{% $v.h %}"},
            60,
            5,
        ),
    ],
)
def test_timeouts(fields: dict[str, Any], timeout: int | None, heartbeat: int | None) -> None:
    action = flow.enter(task(**fields), {"t": 60}, {"v": {"h": 5}}, {}, moment())
    assert isinstance(action, CallTask)
    assert (action.timeout_s, action.heartbeat_s) == (timeout, heartbeat)


@pytest.mark.parametrize("value", [0, -1, "60", 1.5, True, None, 100_000_000])
def test_timeouts_that_are_none(value: Any) -> None:
    action = flow.enter(task(TimeoutSecondsPath="$.t"), {"t": value}, {}, {}, moment())
    assert isinstance(action, Failed) and action.error == "States.Runtime"


def test_credentials() -> None:
    action = flow.enter(task(Credentials={"RoleArn.$": "$.r"}), {"r": "arn"}, {}, {}, moment())
    assert isinstance(action, CallTask) and action.credentials == {"RoleArn": "arn"}


def test_the_same_step_gives_the_same_action() -> None:
    state = task(
        Retry=[{"ErrorEquals": ["E"], "JitterStrategy": "FULL"}], Catch=[{"ErrorEquals": ["E"], "Next": "Caught"}]
    )
    steps = [flow.leave(state, {}, Failure("E", "c"), {0: n}, {}, {}, moment()) for n in (0, 1, 3)]
    assert steps == [
        RetryAt(1250, 0, "E", "c", 0.25),
        RetryAt(1500, 0, "E", "c", 0.5),
        Caught({"Error": "E", "Cause": "c"}, {}, "Caught", "E", "c", 0),
    ]
    assert flow.leave(state, {}, Result(1), {}, {"v": 1}, {}, moment()) == Next(
        1, {"v": 1}, "Done", details={"afterResultSelector": 1, "afterResultPath": 1}
    )


def test_a_timeout_has_no_cause() -> None:
    assert flow.leave(task(), {}, Failure("States.Timeout", None), {}, {}, {}, moment()) == Failed(
        "States.Timeout", None
    )


@given(st.floats(1, 1e300), st.integers(1, 99_999_999), st.integers(0, 10_000))
def test_delays_stay_within_bounds(rate: float, interval: int, attempt: int) -> None:
    assert 0 <= Retrier(("E",), interval, 99_999_999, rate).delay_s(attempt, moment()) <= 31_622_400
