"""The console's rules by value, in the browser that runs them: what a history says, what a graph holds, how it is laid out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.console.workflows import chain, picking

RECORDED = json.loads((Path(__file__).parent.parent / "recordings" / "stepfunctions.json").read_text())
HISTORIES = {
    f"{case} {number}": answer["events"]
    for case, recording in RECORDED.items()
    for number, answer in enumerate(recording["answers"].values())
    if isinstance(answer, dict) and "events" in answer and all(isinstance(e["id"], int) for e in answer["events"])
}
BASE = "base_scenarios::TestBaseScenarios::"

REDUCE = """async (events) => {
    const { reduced } = await import("/_undercast/static/model/history.js");
    const { visits, states, status, failure } = reduced(events);
    return {
        status,
        visits: visits.map((visit) => ({ ...visit, parent: visit.parent?.state ?? null, iterations: [...visit.iterations.values()].map((one) => one.status) })),
        states: Object.fromEntries([...states].map(([name, sum]) => [name, [sum.status, sum.total]])),
        failure: failure && [failure.visit?.state ?? null, failure.origin?.state ?? null, failure.error],
    };
}"""
LAYOUT = """async (definition) => {
    const { levelOf } = await import("/_undercast/static/model/definition.js");
    const { laidOut } = await import("/_undercast/static/model/layout.js");
    const plain = ({ nodes, edges, width, height, x, y }) => ({
        width, height, x, y, edges: edges.map(({ from, to, kind, text, points }) => ({ from, to, kind, text, points })),
        nodes: nodes.map((box) => ({ name: box.name, x: box.x, y: box.y, width: box.width, height: box.height, inside: box.inside.map(plain) })),
    });
    return plain(laidOut(levelOf(definition)));
}"""


@pytest.fixture(scope="module")
def evaluate(browser, undercast):
    """`evaluate(code, value)` in a page of the console, where modules are found; what they do there is pure."""
    page = browser.new_page()
    page.goto(f"{undercast.url}/_undercast/services/sqs")
    yield page.evaluate
    page.close()


def test_every_recorded_history_is_told(evaluate):
    """What AWS wrote: each history ends as it says, each state that was entered is there, none is left running."""
    ends = {"ExecutionSucceeded": "succeeded", "ExecutionFailed": "failed", "ExecutionAborted": "stopped"}
    assert len(HISTORIES) > 200
    reduce_all = f"async (text) => JSON.stringify(await Promise.all(JSON.parse(text).map({REDUCE})))"
    stories = json.loads(evaluate(reduce_all, json.dumps(list(HISTORIES.values()))))
    for (case, events), story in zip(HISTORIES.items(), stories, strict=True):
        assert story["status"] == ends.get(events[-1]["type"], "running"), case
        entered = [event["id"] for event in events if event["type"].endswith("StateEntered")]
        assert [visit["id"] for visit in story["visits"]] == entered, case
        if events[-1]["type"] in ends:
            assert not {visit["status"] for visit in story["visits"]} & {"running", "waiting"}, case
        if events[-1]["type"] == "ExecutionSucceeded":
            outside = [visit["status"] for visit in story["visits"] if visit["parent"] is None]
            assert set(outside) <= {"succeeded", "caught"}, case


def test_map_whose_third_try_fails_too(evaluate):
    story = evaluate(REDUCE, HISTORIES[f"{BASE}test_map_state_retry_multiple_retriers 0"])
    assert story["states"] == {
        "StartState": ["succeeded", 1],
        "MapState": ["failed", 1],
        "HandleItemFail": ["failed", 4],
    }
    assert story["failure"] == ["HandleItemFail", "HandleItemFail", "HandleItemFailError"]
    assert story["visits"][1]["starts"] == 4


def test_items_keep_apart(evaluate):
    """One at a time, AWS links an item to the last event of the one before; still each state is in its own item."""
    story = evaluate(REDUCE, HISTORIES[f"{BASE}test_map_state_break_condition 0"])
    inside = [(visit["state"], visit["iteration"], visit["status"]) for visit in story["visits"] if visit["parent"]]
    assert inside[:4] == [
        ("Equals3", 0, "succeeded"), ("Pass", 0, "succeeded"), ("Equals3", 1, "succeeded"), ("Pass", 1, "succeeded"),
    ]  # fmt: skip
    assert inside[-1] == ("Break", 4, "failed")
    assert story["visits"][1]["iterations"] == ["succeeded"] * 4 + ["failed"]


def _event(number: int, before: int, kind: str, member: str = "", **details: Any) -> dict[str, Any]:
    event: dict[str, Any] = {"id": number, "previousEventId": before, "type": kind, "timestamp": 1000 + number}
    return {**event, f"{member}EventDetails": details} if member else event


def test_retries_and_what_caught_them(evaluate):
    story = evaluate(REDUCE, [
        _event(1, 0, "ExecutionStarted", "executionStarted"),
        _event(2, 0, "TaskStateEntered", "stateEntered", name="Pay", input="{}"),
        _event(3, 2, "LambdaFunctionScheduled", "lambdaFunctionScheduled", resource="arn:aws:lambda:r:1:function:pay:live"),
        _event(4, 3, "LambdaFunctionFailed", "lambdaFunctionFailed", error="Broke", cause="once"),
        _event(5, 4, "LambdaFunctionScheduled", "lambdaFunctionScheduled", resource="arn:aws:lambda:r:1:function:pay:live"),
        _event(6, 5, "LambdaFunctionFailed", "lambdaFunctionFailed", error="Broke", cause="twice"),
        _event(7, 6, "TaskStateExited", "stateExited", name="Pay", output="{}"),
        _event(8, 7, "FailStateEntered", "stateEntered", name="Give up", input="{}"),
        _event(9, 8, "ExecutionFailed", "executionFailed", error="Broke", cause="twice"),
    ])  # fmt: skip
    pay, give_up = story["visits"]
    assert [(attempt["status"], attempt["cause"], attempt["functionName"]) for attempt in pay["attempts"]] == [
        ("failed", "once", "pay"), ("failed", "twice", "pay"),
    ]  # fmt: skip
    assert (pay["status"], pay["enteredAt"], pay["exitedAt"]) == ("caught", 1_002_000, 1_007_000)
    assert (give_up["from"], give_up["fromCaught"]) == ("Pay", True)
    assert story["failure"] == ["Give up", "Pay", "Broke"]


def test_a_callback_waits_and_a_redrive_runs_again(evaluate):
    events = [
        _event(1, 0, "ExecutionStarted", "executionStarted"),
        _event(2, 0, "TaskStateEntered", "stateEntered", name="Ask", input="{}"),
        _event(3, 2, "TaskScheduled", "taskScheduled", resourceType="sqs", resource="sendMessage.waitForTaskToken"),
        _event(4, 3, "TaskStarted", "taskStarted", resourceType="sqs"),
        _event(5, 4, "TaskSubmitted", "taskSubmitted", output="{}"),
        _event(6, 5, "TaskTimedOut", "taskTimedOut", error="States.Timeout"),
        _event(7, 6, "ExecutionFailed", "executionFailed", error="States.Timeout"),
        _event(8, 7, "ExecutionRedriven", "executionRedriven", redriveCount=1),
        _event(9, 8, "TaskScheduled", "taskScheduled", resourceType="sqs", resource="sendMessage.waitForTaskToken"),
    ]
    assert evaluate(REDUCE, events[:5])["states"] == {"Ask": ["waiting", 1]}
    assert evaluate(REDUCE, events[:7])["states"] == {"Ask": ["failed", 1]}
    again = evaluate(REDUCE, events)
    assert (again["status"], again["states"], len(again["visits"][0]["attempts"])) == (
        "running",
        {"Ask": ["running", 1]},
        2,
    )


def test_layout_goes_down_and_nothing_overlaps(evaluate):
    layout = evaluate(LAYOUT, chain())
    boxes = {box["name"].replace("\0", ""): box for box in layout["nodes"]}
    assert boxes["start"]["y"] < boxes["Large?"]["y"] < boxes["Rest"]["y"] < boxes["Done"]["y"] < boxes["end"]["y"]
    assert _overlapping(layout["nodes"]) == []
    assert {(edge["from"], edge["to"], edge["kind"], edge["text"]) for edge in layout["edges"] if edge["text"]} == {
        ("Large?", "Too much", "choice", "amount > 100"), ("Large?", "Rest", "default", "otherwise"),
    }  # fmt: skip


def test_parallel_and_map_hold_their_inside(evaluate):
    (both,) = [box for box in evaluate(LAYOUT, picking())["nodes"] if box["name"] == "Both"]
    assert [sorted(box["name"] for box in part["nodes"]) for part in both["inside"]] == [["Pick"], ["Letter"]]
    (pick,) = both["inside"][0]["nodes"]
    for outer, parts in [(both, both["inside"]), (pick, pick["inside"])]:
        for part in parts:
            assert part["x"] >= 0 and part["x"] + part["width"] <= outer["width"]
            assert part["y"] > 40 and part["y"] + part["height"] <= outer["height"]
    left, right = both["inside"]
    assert left["x"] + left["width"] <= right["x"]


def test_an_edge_passes_beside_a_tall_box(evaluate):
    """A catcher of the first state leads past the Parallel to the last: its edge does not cross the box."""
    passes = {"Type": "Pass", "End": True}
    branch = {"StartAt": "A", "States": {"A": {**passes, "End": False, "Next": "B"}, "B": passes}}
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Next": "Both"}
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Sorry"}]
    definition = {
        "StartAt": "Pay",
        "States": {
            "Pay": {**task, "Catch": catch},
            "Both": {"Type": "Parallel", "Branches": [branch], "Next": "Sorry"},
            "Sorry": {"Type": "Fail"},
        },
    }
    layout = evaluate(LAYOUT, definition)
    (both,) = [box for box in layout["nodes"] if box["name"] == "Both"]
    (edge,) = [edge for edge in layout["edges"] if edge["kind"] == "catch"]
    assert not any(_crosses(a, b, both) for a, b in zip(edge["points"], edge["points"][1:], strict=False))


def test_difference_of_two_texts(evaluate):
    code = """async ([before, after]) => (await import("/_undercast/static/model/diff.js")).diffed(before, after)
        .map(({ kind, line }) => kind[0] + line).join("|")"""
    assert evaluate(code, ["a\nb\nc", "a\nx\nc\nd"]) == "ba|cb|ax|bc|ad"


@pytest.mark.parametrize(
    "ms, text",
    [
        (0, "0 ms"),
        (999, "999 ms"),
        (1500, "1.50 s"),
        (61_000, "1 m 01 s"),
        (7_500_000, "2 h 05 m"),
        (180_000_000, "2 d 2 h"),
    ],
)
def test_durations(evaluate, ms, text):
    code = "async (ms) => (await import('/_undercast/static/model/format.js')).duration(ms)"
    assert evaluate(code, ms) == text


def test_log_lines_of_one_invocation(evaluate):
    one, two = "1" * 8 + "-1111-1111-1111-" + "1" * 12, "2" * 8 + "-2222-2222-2222-" + "2" * 12
    lines = [
        ("a", f"START RequestId: {one} Version: 1"),
        ("a", "mine"),
        ("b", f"START RequestId: {two} Version: 1"),
        ("b", "theirs"),
        ("a", f"REPORT RequestId: {one} Duration"),
        ("a", "next"),
    ]
    events = [{"logStreamName": stream, "message": message} for stream, message in lines]
    code = "async ([events, id]) => (await import('/_undercast/static/parts/logs.js')).linesOf(events, id).map((one) => one.message)"
    assert evaluate(code, [events, one]) == [lines[0][1], "mine", lines[4][1]]


def _overlapping(nodes):
    return [
        (a["name"], b["name"])
        for index, a in enumerate(nodes)
        for b in nodes[index + 1 :]
        if a["x"] < b["x"] + b["width"] and b["x"] < a["x"] + a["width"] and a["y"] < b["y"] + b["height"] and b["y"] < a["y"] + a["height"]
    ]  # fmt: skip


def _crosses(a, b, box):
    """Whether the line between two points is anywhere inside a box."""
    for step in range(101):
        x, y = (a[axis] + (b[axis] - a[axis]) * step / 100 for axis in "xy")
        if box["x"] < x < box["x"] + box["width"] and box["y"] < y < box["y"] + box["height"]:
            return True
    return False
