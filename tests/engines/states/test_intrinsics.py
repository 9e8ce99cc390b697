"""The intrinsic functions."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engines.states.running import World, failure, output
from tests.recorded import cases
from undercast.engines.states.intrinsics import IntrinsicSyntax, compile_call

RECORDED = {
    "array::TestArray::test_array_get_item": "States.ArrayGetItem($.FunctionInput.fst, $.FunctionInput.snd)",
    "array::TestArray::test_array_length": "States.ArrayLength($.FunctionInput)",
    "array::TestArray::test_array_partition": "States.ArrayPartition($.FunctionInput.fst, $.FunctionInput.snd)",
    "array::TestSfnIntrinsicFunctionsArray::test_array_get_item": "States.ArrayGetItem($.FunctionInput.fst, $.FunctionInput.snd)",
    "array::TestSfnIntrinsicFunctionsArray::test_array_length": "States.ArrayLength($.FunctionInput)",
    "encode_decode::TestEncodeDecode::test_base_64_decode": "States.Base64Decode($.FunctionInput)",
    "encode_decode::TestEncodeDecode::test_base_64_encode": "States.Base64Encode($.FunctionInput)",
    "generic::TestGeneric::test_format_1": "States.Format('Formatting argument {}.', $.FunctionInput)",
    "generic::TestGeneric::test_format_2": "States.Format('Formatting arguments fst={} and snd={}.', $.FunctionInput.fst, $.FunctionInput.snd)",
    "hash_calculations::TestHashCalculations::test_hash": "States.Hash($.FunctionInput.fst, $.FunctionInput.snd)",
    "json_manipulation::TestJsonManipulation::test_json_merge": "States.JsonMerge($.FunctionInput.fst, $.FunctionInput.snd, false)",
    "json_manipulation::TestJsonManipulation::test_json_to_string": "States.JsonToString($.FunctionInput)",
    "json_manipulation::TestJsonManipulation::test_string_to_json": "States.StringToJson($.FunctionInput)",
}


@pytest.mark.parametrize("case", RECORDED)
def test_recorded(case: str) -> None:
    for answer in cases("stepfunctions")[case]["answers"].values():
        events = answer["events"]
        # What is recorded of JSON texts was parsed: a text within is that of its value.
        given, expected = (
            events[0]["executionStartedEventDetails"]["input"],
            events[-1]["executionSucceededEventDetails"]["output"],
        )
        assert call(RECORDED[case], given) == expected["FunctionResult"]


def call(text: str, input: Any = None) -> Any:
    return output({"Type": "Pass", "Parameters": {"result.$": text}}, input)["result"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("States.Array()", []),
        ("States.Array(1, 'a', null, true, $.n)", [1, "a", None, True, 7]),
        ("States.ArrayContains($.list, 2.0)", True),
        ("States.ArrayContains($.list, true)", False),
        ("States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("States.ArrayRange(3, 1, -1)", [3, 2, 1]),
        ("States.ArrayUnique($.twice)", [1, {"a": 1}, "1", True]),
        ("States.MathAdd(111, -1)", 110),
        ("States.MathAdd(0.5, 1.4)", 2),
        ("States.MathRandom(0, 10)", 5),
        ("States.StringSplit('This.is+a,test=string', '.+,=')", ["This", "is", "a", "test", "string"]),
        ("States.UUID()", "00000000-0000-4000-8000-000000000000"),
        (r"States.Format('a \'{}\' in \{\}', $.n)", "a '7' in {}"),
        (r"States.Array('it\'s', 'a\\b')", ["it's", "a\\b"]),
        ("States.Format('{}', States.Format('{}', States.Array(1, $.list)))", "[1, [1, 2, 3]]"),
        ("States.ArrayGetItem(States.StringSplit($['a, (b)'], ','), 1)", "y"),
        ("States.ArrayLength($.list[?(@ > 1)])", 2),
        (
            r"""States.JsonMerge(States.StringToJson(States.Format('\{"k":"{}"\}', false)), $.obj, false)""",
            {"k": "false", "q": 1},
        ),
    ],
)
def test_call(text: str, expected: Any) -> None:
    given = {
        "n": 7,
        "list": [1, 2, 3],
        "twice": [1, 1.0, {"a": 1}, "1", {"a": 1}, True],
        "a, (b)": "x,y",
        "obj": {"q": 1},
    }
    assert call(text, given) == expected


def test_random_with_a_seed_is_always_the_same() -> None:
    numbers = {call("States.MathRandom(1, 1000000, 42)") for _ in range(3)}
    assert len(numbers) == 1 and 1 <= numbers.pop() < 1_000_000


@pytest.mark.parametrize(
    "text",
    [
        "States.Format('{} {}', 1)",
        "States.StringToJson('{')",
        "States.StringToJson('NaN')",
        "States.JsonMerge($.o, $.o, true)",
        "States.JsonMerge($.o, 1, false)",
        "States.ArrayPartition($.a, 0)",
        "States.ArrayPartition($.o, 1)",
        "States.ArrayRange(1, 2000, 1)",
        "States.ArrayRange(1, 2, 0)",
        "States.ArrayGetItem($.a, 9)",
        "States.ArrayGetItem($.a, -1)",
        "States.Base64Decode('%')",
        "States.Base64Encode($.long)",
        "States.Hash('x', 'SHA-3')",
        "States.MathRandom(5, 5)",
        "States.MathAdd('a', 1)",
        "States.UUID(1)",
        "States.ArrayLength(1)",
    ],
)
def test_refused_arguments(text: str) -> None:
    state = {"Type": "Pass", "Parameters": {"x.$": text}}
    error, cause = failure(state, {"o": {}, "a": [1], "long": "x" * 10_001})
    assert error == "States.IntrinsicFailure"
    assert f"(entered at the event id #2). The function '{text}' had the following error: " in str(cause)


def test_path_of_an_argument_that_leads_nowhere() -> None:
    error, cause = failure({"Type": "Pass", "Parameters": {"x.$": "States.Array($.a)"}}, {"b": 1})
    assert error == "States.Runtime"
    assert str(cause).endswith(
        "The function 'States.Array($.a)' had the following error: "
        "The JsonPath argument for the field '$.a' could not be found in the input '{\"b\":1}'"
    )


@pytest.mark.parametrize(
    "text",
    [
        "States.Nope()",
        "States.Array(",
        "States.Array(1 2)",
        "States.Array('a)",
        r"States.Array('\n')",
        r"""States.StringToJson('{"text":"a \"quote\""}')""",
        "States.Array(1) x",
        "Array(1)",
        "States.Array($..)",
        "States.Array(" * 11 + ")" * 11,
        "",
    ],
)
def test_no_call(text: str) -> None:
    with pytest.raises(IntrinsicSyntax):
        compile_call(text)


@given(st.text(alphabet="States.Format(Array'{}\\,$) []1\"@?", max_size=60))
def test_any_text_is_a_call_or_none(text: str) -> None:
    with contextlib.suppress(IntrinsicSyntax):
        compile_call("States." + text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_there_and_back(value: Any) -> None:
    assert call("States.StringToJson(States.JsonToString($.v))", {"v": value}) == value


def test_the_context_is_an_argument_too() -> None:
    world = World(context={"StateMachine": {"Id": "arn", "Name": "n"}})
    state = {"Type": "Pass", "Parameters": {"x.$": "States.Format('{} {}', $$.State.Name, $$.StateMachine)"}}
    assert output(state, None, world) == {"x": "X {Id=arn, Name=n}"}
