"""Recorded cases: paths, templates and texts, from the input of a state to its output."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest

from tests.services.stepfunctions.conftest import told
from tests.services.stepfunctions.recordings import check_history, of
from tests.services.stepfunctions.test_recorded_variables import JSONATA, chain

BASE = "base::TestSnfBase::"
SCENARIOS = "base_scenarios::TestBaseScenarios::"
ACCESSES = ["$.items[0]", "$.items[10]"]
NOTHING = [
    "$.item.items[*]", "$.item.items[1:5].itemValue", "$.item.items[1:5]", "$.item.items[1:]", "$.item.items[:1]",
    "$.items[*].itemValue", "$.items[*]", "$.items[1:].itemValue", "$.items[1:]", "$.items[:1].itemValue", "$.items[:1]",
    "$[*]",
]  # fmt: skip


@pytest.fixture
def check(workflows: Any) -> Any:
    """Runs a workflow with the recorded input and compares the history."""

    def run(case: str, definition: dict[str, Any], *ignore: str) -> None:
        events = of(case).answers["get_execution_history"]["events"]
        execution = workflows.start(workflows.create(definition), events[0]["executionStartedEventDetails"]["input"])
        check_history(case, workflows.events(execution), *ignore)

    return run


@pytest.mark.parametrize("path", ACCESSES)
def test_array_access(check: Any, path: str) -> None:
    check(f"{BASE}test_json_path_array_access[{path}]", chain(("EntryState", {"Parameters": {"item.$": path}})))


@pytest.mark.parametrize("path", NOTHING)
def test_wildcard_or_slice_of_nothing(check: Any, path: str) -> None:
    case = f"{BASE}test_json_path_array_wildcard_or_slice_with_no_input[{path}]"
    check(case, chain(("EntryState", {"Parameters": {"item.$": path}})))


def test_regular_expression(check: Any) -> None:
    state = {"Parameters": {"FromInput.$": "$.users[?(@.year == 1997)]"}}
    check(f"{BASE}test_state_pass_regex_json_path_base", chain(("State0", state)))


def test_result(check: Any) -> None:
    check(f"{BASE}test_state_pass_result", chain(("State_1", {"Result": {"Arg1": "argument1"}})))


def test_fail_without_reason(workflows: Any) -> None:
    definition = chain(("FailState", {"Type": "Fail"}))
    execution = workflows.start(workflows.create(definition), {})
    case = f"{BASE}test_state_fail_empty"
    check_history(case, workflows.events(execution))
    of(case).check("describe_execution", workflows.describe(execution), ignore=("ResponseMetadata",))


def test_fail_of_paths(check: Any) -> None:
    state = {"Type": "Fail", "ErrorPath": "$.Error", "CausePath": "$.Cause"}
    check(f"{BASE}test_state_fail_path", chain(("FailState", state)))


def test_fail_of_an_expression(check: Any) -> None:
    state = {"Type": "Fail", "Error": "{% $states.input.error %}"}
    check(f"{SCENARIOS}test_fail_error_jsonata", chain(("FailState", state), **JSONATA))


def test_fail_of_the_context(check: Any) -> None:
    state = {"Type": "Fail", "ErrorPath": "$$.State.Name", "CausePath": "$$.StateMachine.Name"}
    check("context_object::TestSnfBase::test_error_cause_path", chain(("StartState", state)))


CONTEXT = {
    "context_object.$": "$$", "execution.$": "$$.Execution", "execution_id.$": "$$.Execution.Id",
    "execution_input.$": "$$.Execution.Input", "execution_name.$": "$$.Execution.Name",
    "execution_rolearn.$": "$$.Execution.RoleArn", "execution_starttime.$": "$$.Execution.StartTime",
    "state.$": "$$.State", "state_enteredtime.$": "$$.State.EnteredTime", "state_name.$": "$$.State.Name",
    "statemachine.$": "$$.StateMachine", "statemachine_id.$": "$$.StateMachine.Id",
    "statemachine_name.$": "$$.StateMachine.Name",
}  # fmt: skip


def test_context_object(check: Any) -> None:
    definition = chain(
        ("QueryValues1", {"Parameters": CONTEXT, "ResultPath": "$.query_values_1"}),
        ("QueryValues2", {"Parameters": {"context_object.$": "$$"}, "ResultPath": "$.query_values_2"}),
    )
    varying = ("RoleArn", "StartTime", "EnteredTime", "execution_rolearn", "execution_starttime", "state_enteredtime")
    check(f"{BASE}test_query_context_object_values", definition, *varying)


TEXTS = {
    "literal_single_quote": "'", "literal_double_quote": '"', "mixed_quotes": "Text with both \"double\" and 'single' quotes.",
    "escaped_double_in_string": 'An escaped quote: \\"hello\\"', "escaped_backslash": "Backslash \\\\ in string",
    "unicode_double_quote": '"unicode-quote"', "whitespace_escapes": "Line1\nLine2\tTabbed", "emoji": "\U0001f197",
}  # fmt: skip
NO_CALL = 'States.StringToJson(\'{"text":"An \\"escaped double quote\\" here"}\')'
ESCAPES = {
    "ESCAPE_SEQUENCES_STRING_LITERALS": chain(
        ("TestEscapesParameters", {"Parameters": TEXTS}),
        ("TestEscapesResult", {"Result": {**TEXTS, "not_an_intrinsic_function.$": NO_CALL}}),
    ),
    "ESCAPE_SEQUENCES_JSONPATH": chain(
        ("JsonPathEscapeTest", {"Parameters": {"value.$": '$[\'Test\\\\\\"\\"Name\\"\']'}})
    ),
    "ESCAPE_SEQUENCES_JSONATA_COMPARISON_ASSIGN": chain(
        ("Pass", {"Assign": {"var": "{% '\"' %}"}}), ("Check", {"Output": "{% $var = '\"' %}"}), **JSONATA
    ),
    "ESCAPE_SEQUENCES_JSONATA_COMPARISON_OUTPUT": chain(
        ("Pass", {"Output": "{% '\"' %}"}), ("Check", {"Output": "{% $states.input = '\"' %}"}), **JSONATA
    ),
}


@pytest.mark.parametrize("name", ESCAPES)
def test_escape_sequences(check: Any, name: str) -> None:
    check(f"{SCENARIOS}test_escape_sequence_parsing[{name}]", ESCAPES[name])


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("ESCAPE_SEQUENCES_ILLEGAL_INTRINSIC_FUNCTION", NO_CALL.replace('\\"', "'")),
        ("ESCAPE_SEQUENCES_ILLEGAL_INTRINSIC_FUNCTION_2", "States.StringToJson('{\"text\":\"a quote: 'hello'\"}')"),
    ],
)
def test_illegal_escapes(workflows: Any, name: str, call: str) -> None:
    definition = chain(("IntrinsicEscape", {"Parameters": {"parsed.$": call}}))
    of(f"{SCENARIOS}test_illegal_escapes[{name}]").check("exception", told(workflows.create, definition=definition))


@pytest.mark.parametrize(
    ("name", "timestamp"),
    [
        ("INVALID_DATE", "2025-13-40T00:00:00Z"),
        ("INVALID_ISO", "no timestamp"),
        ("INVALID_TIME", "2025-01-01T25:61:61Z"),
        ("JSONATA", "{% $states.input.start_at %}"),  # in a state of JSONPath
        ("NO_T", "2025-01-01 00:00:00Z"),
        ("NO_Z", "2025-01-01T00:00:00"),
    ],
)
def test_wait_for_what_is_no_timestamp(workflows: Any, name: str, timestamp: str) -> None:
    definition = chain(("WaitUntil", {"Type": "Wait", "Timestamp": timestamp}))
    of(f"{SCENARIOS}test_wait_timestamp_invalid[{name}]").check(
        "exception", told(workflows.create, definition=definition)
    )


@pytest.mark.parametrize("suffix", ["Z", ".00Z", ".000000Z", ".000000", ""])
def test_wait_for_a_path(workflows: Any, suffix: str) -> None:
    definition = chain(("State_1", {"Type": "Wait", "TimestampPath": "$.start_at"}))
    execution = workflows.start(workflows.create(definition), {"start_at": "2020-01-01T00:00:00" + suffix})
    check_history(f"wait::TestSfnWait::test_wait_timestamppath[{suffix}]", workflows.events(execution))


@pytest.mark.parametrize("days", [24855, 24856])
def test_longest_wait(workflows: Any, days: int) -> None:
    """2**31 - 1 seconds; an execution itself lasts one year at most."""
    now = workflows.run(chain(("State_1", {})), {})["startDate"].astimezone(UTC)
    definition = chain(("State_1", {"Type": "Wait", "TimestampPath": "$.start_at"}))
    given = {"start_at": f"{now + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"}
    execution = workflows.start(workflows.create(definition), given)
    check_history(f"wait::TestSfnWait::test_timestamp_too_far_in_future_boundary[{days}]", workflows.events(execution))
