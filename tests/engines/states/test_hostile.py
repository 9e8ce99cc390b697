"""Definitions and inputs that mean harm: deep, wide, cyclic, slow. Nothing hangs, nothing recurses out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engines.states.running import World, one, run
from undercast.engines import states
from undercast.engines.states import Invalid, flow
from undercast.engines.states.actions import Failed, Next, Result
from undercast.engines.states.scope import Moment

PASS = {"Type": "Pass", "End": True}


def nested(depth: int, inner: Any, wrap: Any) -> Any:
    for level in range(depth):
        inner = wrap(level, inner)
    return inner


@pytest.mark.parametrize("depth", [10, 200, 5_000])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda level, inner: {"Type": "Map", "ItemProcessor": {"StartAt": f"S{level}", "States": {f"S{level}": inner}}, "End": True},
        lambda level, inner: {"Type": "Parallel", "Branches": [{"StartAt": f"S{level}", "States": {f"S{level}": inner}}], "End": True},
        lambda level, inner: {"Type": "Pass", "Parameters": {"a": inner.get("Parameters", {})}, "End": True},
        lambda level, inner: {"Type": "Pass", "Assign": {"a": [inner.get("Assign", {})]}, "End": True},
        lambda level, inner: {"Type": "Choice", "Choices": [
            {"Not": inner["Choices"][0] if "Choices" in inner else {"Variable": "$", "IsNull": True}, "Next": "X"}]},
    ],
)  # fmt: skip
def test_deep_definitions(depth: int, wrap: Any) -> None:
    state = nested(depth, PASS, wrap)
    text = dumps({"StartAt": "X", "States": {"X": state, "End": PASS}})
    diagnostics = states.diagnose(text)
    assert diagnostics
    if depth > 100:
        assert diagnostics[0].code == "TOO_DEEPLY_NESTED"


def dumps(value: Any) -> str:
    """JSON of any depth."""
    text: list[str] = []
    waiting = [value]
    while waiting:
        one_ = waiting.pop()
        if isinstance(one_, Raw):
            text.append(one_.text)
        elif isinstance(one_, dict):
            waiting.append(Raw("}"))
            for index, (name, inner) in reversed(list(enumerate(one_.items()))):
                waiting += [inner, Raw(("," if index else "") + json.dumps(name) + ":")]
            text.append("{")
        elif isinstance(one_, list):
            waiting.append(Raw("]"))
            for index, inner in reversed(list(enumerate(one_))):
                waiting += [inner, Raw("," if index else "")]
            text.append("[")
        else:
            text.append(json.dumps(one_))
    return "".join(text)


class Raw:
    def __init__(self, text: str) -> None:
        self.text = text


def test_brackets_without_end() -> None:
    for text in ("[" * 500_000, '{"a":' * 100_000, "[" * 500_000 + "]" * 500_000):
        assert states.diagnose(text)


def test_thousands_of_states() -> None:
    count = 10_000
    chain: dict[str, Any] = {f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}"} for n in range(count)}
    ended = run({"StartAt": "S0", "States": {**chain, f"S{count}": {"Type": "Succeed"}}}, {"a": 1}, World(steps=-5_000))
    assert isinstance(ended, Next) and ended.output == {"a": 1}


def test_a_workflow_without_end_takes_one_step_at_a_time() -> None:
    loop = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Choice", "Choices": [
        {"Variable": "$.stop", "IsPresent": True, "Next": "C"}], "Default": "A"}, "C": {"Type": "Succeed"}}  # fmt: skip
    machine = states.parse(json.dumps({"StartAt": "A", "States": loop}))
    state = flow.begin(machine)
    for _ in range(1_000):
        action = flow.enter(state, {}, {}, {}, moment())
        assert isinstance(action, Next) and action.state is not None
        state = machine.states[action.state]


def moment() -> Moment:
    return Moment(0, lambda: 0.5, lambda: "u", 2)


@pytest.mark.parametrize(
    "fields",
    [
        {"Parameters": {"v.$": "$..a..b[0]"}},
        {"Parameters": {"v.$": "$..*"}},
        {"Parameters": {"v.$": "States.JsonToString($)"}},
        {"Parameters": {"v.$": "States.ArrayContains(States.Array($), $)"}},
        {"Parameters": {"v.$": "States.Format('{}', $)"}},
        {"Parameters": {"v.$": "$.absent"}},
        {"ResultPath": "$.x.y"},
        {"QueryLanguage": "JSONata", "Output": "{% $string($states.input) %}"},
        {"QueryLanguage": "JSONata", "Output": "{% $states.input.**.b %}"},
    ],
)
def test_deep_input(fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("undercast.engines.jsonpath.budget._MAX_STEPS", 200_000)  # a tenth: refused ten times as soon
    for depth in (50, 500, 100_000 if "$..a" not in str(fields) else 1_000):
        ended = one({"Type": "Pass", **fields}, nested(depth, 1, lambda level, inner: {"a": inner}))
        assert isinstance(ended, Next | Failed)


def test_a_result_that_is_too_deep_to_be_written() -> None:
    task = {"Type": "Task", "Resource": "arn:aws:lambda:r:1:function:f", "End": True}
    state = flow.begin(states.parse(json.dumps({"StartAt": "X", "States": {"X": task}})))
    deep = nested(100_000, 1, lambda level, inner: [inner])
    action = flow.leave(state, {}, Result(deep), {}, {}, {}, moment())
    assert isinstance(action, Failed) and action.error == "States.DataLimitExceeded"


@pytest.mark.parametrize(
    "expression",
    [
        "($f := function($n) { $f($n + 1) }; $f(0))",
        "$map([1..100000], function($x) { $map([1..100000], function($y) { $x * $y }) })",
        "$reduce([1..60], function($a, $i) { $a & $a }, 'xxxxxxxx')",
        "$match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /^(a+)+$/)",
        "[1..10000000]",
        "$pad('x', 1000000000)",
    ],
)
def test_expressions_without_end(expression: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("undercast.engines.jsonata.limits.MAX_STEPS", 50_000)  # a tenth: refused ten times as soon
    ended = one({"Type": "Pass", "QueryLanguage": "JSONata", "Output": f"{{% {expression} %}}"}, {})
    assert isinstance(ended, Failed)
    assert ended.error in ("States.QueryEvaluationError", "States.DataLimitExceeded")


def test_a_map_of_very_many_items() -> None:
    inner = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 1, "End": True}}}
    ended = one({"Type": "Map", "ItemProcessor": inner}, list(range(3_000)))
    assert isinstance(ended, Next) and ended.output == [1] * 3_000


_texts = st.text(alphabet="$.['x\"]*?(@<1&|)~^{}%,: \\/", max_size=40)


@given(_texts, st.sampled_from(["InputPath", "OutputPath", "ResultPath", "x.$", "jsonata"]))
def test_any_path_is_refused_or_runs(text: str, field: str) -> None:
    if field == "jsonata":
        state = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": f"{{% {text} %}}"}
    else:
        state = {"Type": "Pass", **({"Parameters": {field: text}} if field == "x.$" else {field: text})}
    try:
        assert isinstance(one(state, {"x": [1, {"x": "y"}]}), Next | Failed)
    except Invalid as refused:
        assert refused.diagnostics


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | _texts,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["Type", "Next", "End", "States", "StartAt", "X", "Choices", "Branches", "Retry", "ErrorEquals"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_is_a_definition_or_none(value: Any) -> None:
    text = json.dumps(value)
    if not states.diagnose(text):
        states.parse(text)


def test_half_a_character() -> None:
    ended = one({"Type": "Pass", "Parameters": {"x.$": "$.absent"}}, {"a": "\ud800"})
    assert isinstance(ended, Failed) and "\ud800" in str(ended.cause)


def test_results_of_any_shape() -> None:
    state = flow.begin(
        states.parse(json.dumps({"StartAt": "X", "States": {"X": {"Type": "Wait", "Seconds": 1, "End": True}}}))
    )
    action = flow.leave(state, {"huge": 10**400}, Result(None), {}, {}, {}, moment())
    assert isinstance(action, Next) and action.output == {"huge": 10**400}
