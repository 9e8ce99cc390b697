"""Recorded cases: intrinsic functions, and the functions of JSONata that took their place."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.stepfunctions.recordings import check_history, of

FIRST = "$.FunctionInput"
BOTH = "$.FunctionInput.fst, $.FunctionInput.snd"
EXPRESSIONS = {
    "array::TestArray::test_array_get_item": f"States.ArrayGetItem({BOTH})",
    "array::TestArray::test_array_length": f"States.ArrayLength({FIRST})",
    "array::TestArray::test_array_partition": f"States.ArrayPartition({BOTH})",
    "array::TestSfnIntrinsicFunctionsArray::test_array_get_item": f"States.ArrayGetItem({BOTH})",
    "array::TestSfnIntrinsicFunctionsArray::test_array_length": f"States.ArrayLength({FIRST})",
    # The name says otherwise, but AWS answered with the length of the array.
    "array::TestArray::test_array_unique": f"States.ArrayLength({FIRST})",
    "encode_decode::TestEncodeDecode::test_base_64_decode": f"States.Base64Decode({FIRST})",
    "encode_decode::TestEncodeDecode::test_base_64_encode": f"States.Base64Encode({FIRST})",
    "generic::TestGeneric::test_context_json_path": (
        "States.Format('Formatting arguments fst={} and snd={}.', $$.Execution.Name, $$.StateMachine)"
    ),
    "generic::TestGeneric::test_escape_sequence": "States.Array('Hello', 'World')",
    "generic::TestGeneric::test_format_1": f"States.Format('Formatting argument {{}}.', {FIRST})",
    "generic::TestGeneric::test_format_2": f"States.Format('Formatting arguments fst={{}} and snd={{}}.', {BOTH})",
    "generic::TestGeneric::test_nested_calls_1": "States.ArrayGetItem(States.StringSplit($$.StateMachine.Id, ':'), 6)",
    "generic::TestGeneric::test_nested_calls_2": (
        "States.ArrayGetItem(States.StringSplit(States.Format('{}', $$.StateMachine.Id), ':'), "
        "States.MathAdd(States.ArrayLength(States.StringSplit($$.StateMachine.Id, ':')), -1))"
    ),
    "hash_calculations::TestHashCalculations::test_hash": f"States.Hash({BOTH})",
    "json_manipulation::TestJsonManipulation::test_json_merge": f"States.JsonMerge({BOTH}, false)",
    "json_manipulation::TestJsonManipulation::test_json_to_string": f"States.JsonToString({FIRST})",
    "json_manipulation::TestJsonManipulation::test_string_to_json": f"States.StringToJson({FIRST})",
}


@pytest.mark.parametrize("case", EXPRESSIONS)
def test_intrinsic_function(workflows: Any, case: str) -> None:
    histories = of(case).answers
    parameters = {"FunctionResult.$": EXPRESSIONS[case]}
    name = histories["exec_hist_resp_0"]["events"][1]["stateEnteredEventDetails"]["name"]
    machine = workflows.create(only(name, Parameters=parameters))
    for step, history in histories.items():
        execution = workflows.start(machine, started_with(history))
        check_history(case, workflows.events(execution), step=step)


def test_merge_of_an_escaped_argument(workflows: Any) -> None:
    case = "json_manipulation::TestJsonManipulation::test_json_merge_escaped_argument"
    expression = 'States.JsonMerge($.input_field, States.StringToJson(\'{"constant_in_literal":"false"}\'), false)'
    state = {"Parameters": {"merged.$": expression}, "OutputPath": "$.merged"}
    given = started_with(of(case).answers["get_execution_history"])
    check_history(case, workflows.events(workflows.start(workflows.create(only("StartState", **state)), given)))


def test_parse(workflows: Any) -> None:
    case = "json_manipulation_jsonata::TestJsonManipulationJSONata::test_parse"
    state = {"QueryLanguage": "JSONata", "Output": "{% $parse($states.input.FunctionInput) %}"}
    machine = workflows.create(only("State_0", **state))
    for step, history in of(case).answers.items():
        check_history(case, workflows.events(workflows.start(machine, started_with(history))), step=step)


def test_unknown_function(workflows: Any) -> None:
    case = "math_operations_jsonata::TestMathOperationsJSONata::test_math_random_seeded"
    output = {"FunctionResult": "{% $randomSeeded($states.input.FunctionInput.fst) %}"}
    machine = workflows.create(only("State_0", QueryLanguage="JSONata", Output=output))
    events = workflows.events(workflows.start(machine, {"FunctionInput": "fst"}))
    check_history(case, events, step="exec_hist_resp_0")


def only(name: str, **fields: Any) -> dict[str, Any]:
    """A workflow of one Pass state."""
    return {"StartAt": name, "States": {name: {"Type": "Pass", "End": True, **fields}}}


def started_with(history: dict[str, Any]) -> Any:
    """The input of a recorded execution."""
    return history["events"][0]["executionStartedEventDetails"]["input"]
