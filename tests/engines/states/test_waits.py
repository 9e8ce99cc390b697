"""How long a Wait waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.engines.states.running import World, failure, output
from undercast.engines.states.times import timestamp_ms

NOW = 1_700_000_000_000
PREFIX = "An error occurred while executing the state 'X' (entered at the event id #2). "


def stamp(**delta: float) -> str:
    return (datetime.fromtimestamp(NOW / 1000, UTC) + timedelta(**delta)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("fields", "input", "waited_ms"),
    [
        ({"Seconds": 10}, {}, 10_000),
        ({"Seconds": 0}, {}, 0),
        ({"Seconds": 31_536_000}, {}, 31_536_000_000),
        ({"SecondsPath": "$.s"}, {"s": 5}, 5_000),
        ({"SecondsPath": "$.s"}, {"s": 5.0}, 5_000),
        ({"SecondsPath": "$$.State.Seconds"}, {}, 3_000),
        ({"Timestamp": stamp(hours=1)}, {}, 3_600_000),
        ({"Timestamp": stamp(hours=-1)}, {}, 0),
        ({"TimestampPath": "$.at"}, {"at": stamp(minutes=1)}, 60_000),
        ({"TimestampPath": "$.at"}, {"at": "2023-11-15T00:13:20.250+02:00"}, 250),
        ({"TimestampPath": "$.at"}, {"at": stamp(days=24_855)}, 24_855 * 86_400_000),
        ({"QueryLanguage": "JSONata", "Seconds": "{% $states.input.s * 2 %}"}, {"s": 2}, 4_000),
        ({"QueryLanguage": "JSONata", "Timestamp": "{% $states.input.at %}"}, {"at": stamp(seconds=9)}, 9_000),
    ],
)
def test_wait(fields: dict[str, Any], input: Any, waited_ms: int) -> None:
    if fields.get("SecondsPath", "").startswith("$$"):
        fields = {"SecondsPath": "$$.Execution.Seconds"}
    world = World(context={"Execution": {"Seconds": 3}}, now_ms=NOW)
    assert output({"Type": "Wait", **fields}, input, world) == input
    assert world.now_ms - NOW == waited_ms


@pytest.mark.parametrize("text", ["2024-01-01T00:00:00", "2024-01-01T00:00:00.000000", "2024-01-01", "x", 5, None])
def test_no_timestamp(text: Any) -> None:
    error, cause = failure({"Type": "Wait", "TimestampPath": "$.start_at"}, {"start_at": text})
    shown = text if isinstance(text, str) else "null" if text is None else text
    assert (error, cause) == (
        "States.Runtime",
        PREFIX
        + "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: "
        f"$.start_at == {shown}",
    )


def test_too_long() -> None:
    expected = ("States.Runtime", PREFIX + "Wait state delay is too long.")
    assert failure({"Type": "Wait", "TimestampPath": "$.at"}, {"at": stamp(days=24_856)}, World(now_ms=NOW)) == expected


@pytest.mark.parametrize("value", [-1, "5", 1.5, True, None, {}])
def test_no_seconds(value: Any) -> None:
    assert failure({"Type": "Wait", "SecondsPath": "$.s"}, {"s": value})[0] == "States.Runtime"
    jsonata = {"Type": "Wait", "QueryLanguage": "JSONata", "Seconds": "{% $states.input.s %}"}
    assert failure(jsonata, {"s": value})[0] == "States.QueryEvaluationError"


def test_input_path_and_assign() -> None:
    world = World()
    state = {"Type": "Wait", "Seconds": 1, "InputPath": "$.a", "OutputPath": "$.b", "Assign": {"v.$": "$.b"}}
    assert output(state, {"a": {"b": 7}}, world) == 7
    assert world.assigned == {"v": 7}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:01Z", 1000),
        ("1970-01-01T01:00:00.123456789+01:00", 123),
        ("1970-01-01T00:00:00-00:30", 1_800_000),
        ("1970-01-01t00:00:00Z", None),
        ("1970-01-01T00:00:00z", None),
        ("1970-02-30T00:00:00Z", None),
        ("1970-01-01T24:00:00Z", None),
        ("0001-01-01T00:00:00+23:59", None),
        ("1970-01-01T00:00:00+99:00", None),
        ("１970-01-01T00:00:00Z", None),
    ],
)
def test_timestamps(text: str, expected: int | None) -> None:
    assert timestamp_ms(text) == expected
