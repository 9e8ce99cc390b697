"""What is wrong with definitions, in AWS's words where these are known."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from tests.recorded import cases
from undercast.engines import states
from undercast.engines.states import Diagnostic, Invalid

PASS = {"Type": "Pass", "End": True}
TASK = {"Type": "Task", "Resource": "arn:aws:lambda:r:1:function:f", "End": True}
SCHEMA = "SCHEMA_VALIDATION_FAILED"


def machine(state: Any, **fields: Any) -> dict[str, Any]:
    return {"StartAt": "X", "States": {"X": state}, **fields}


def found(definition: Any, type: str = "STANDARD") -> list[tuple[str, str, str | None]]:
    text = definition if isinstance(definition, str) else json.dumps(definition)
    return [(one.code, one.message, one.location) for one in states.diagnose(text, type)]


RECORDED = "sfn_api_validation::TestSfnApiValidation::test_validate_state_machine_definition_"


@pytest.mark.parametrize(
    ("case", "definition", "type"),
    [
        ("not_a_definition[EMPTY_DICT]", "{}", "STANDARD"),
        ("not_a_definition[EMPTY_STRING]", "", "STANDARD"),
        ("not_a_definition[NOT_A_DEF]", "not a definition", "STANDARD"),
        ("type_standard[INVALID_BASE_NO_STARTAT]", {"States": {"X": PASS}}, "STANDARD"),
        ("type_express[INVALID_BASE_NO_STARTAT]", {"States": {"X": PASS}}, "EXPRESS"),
        ("type_standard[VALID_BASE_PASS]", machine(PASS), "STANDARD"),
        ("type_express[VALID_BASE_PASS]", machine(PASS), "EXPRESS"),
        ("type_standard[VALID_QUERY_LANGUAGE_PASS]", machine(PASS, QueryLanguage="JSONata"), "STANDARD"),
        (
            "type_standard[INVALID_DOWNGRADE_QUERY_LANGUAGE]",
            {"QueryLanguage": "JSONata", "StartAt": "Pass", "States": {"Pass": {**PASS, "QueryLanguage": "JSONPath"}}},
            "STANDARD",
        ),
        (
            "type_express[ILLEGAL_WFTT]",
            {
                "StartAt": "SendMessageWithWait",
                "States": {
                    "SendMessageWithWait": {
                        **TASK,
                        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                        "Parameters": {"MessageBody": {"Token.$": "$$.Task.Token"}},
                    }
                },
            },
            "EXPRESS",
        ),
    ],
)
def test_recorded(case: str, definition: Any, type: str) -> None:
    answer = next(iter(cases("stepfunctions")[RECORDED + case]["answers"].values()))
    expected = [(one["code"], one["message"], one.get("location")) for one in answer["diagnostics"]]
    assert found(definition, type) == expected


@pytest.mark.parametrize(
    ("definition", "type", "message"),
    [
        (
            machine({"Type": "Wait", "Timestamp": "2024-01-01", "End": True}),
            "STANDARD",
            f"{SCHEMA}: String does not match RFC3339 timestamp at /States/X/Timestamp",
        ),
        (
            machine({"Type": "Wait", "Timestamp": "{% $x %}", "End": True}),
            "STANDARD",
            f"{SCHEMA}: String does not match RFC3339 timestamp at /States/X/Timestamp",
        ),
        (
            machine({**PASS, "Parameters": {"parsed.$": 'States.StringToJson(\'{"a":"\\""}\')'}}),
            "STANDARD",
            f"{SCHEMA}: The value for the field 'parsed.$' must be a valid JSONPath or a valid intrinsic function call "
            "at /States/X/Parameters",
        ),
        (
            machine({"Type": "Parallel", "Branches": [], "End": True}),
            "STANDARD",
            f"{SCHEMA}: Value cannot be empty at /States/X/Branches",
        ),
        (
            machine({"Type": "Nope", "End": True}),
            "STANDARD",
            f"{SCHEMA}: The field 'Type' should have one of these values: "
            "[Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map] at /States/X/Type",
        ),
        (
            machine({**TASK, "Resource": "arn:aws:states:r:1:activity:a"}),
            "EXPRESS",
            f"{SCHEMA}: Express state machine does not support Activity ARN at /States/X/Resource",
        ),
    ],
)
def test_recorded_in_an_exception(definition: Any, type: str, message: str) -> None:
    with pytest.raises(Invalid) as refused:
        states.parse(json.dumps(definition), type)
    assert str(refused.value) == message


def test_unknown_integration() -> None:
    """As recorded: dynamodb_task_service test_invalid_integration."""
    arn = "arn:aws:states:::dynamodb:query"
    text = json.dumps(machine({**TASK, "Resource": arn}))
    assert states.diagnose(text) == []
    assert states.diagnose(text, known=lambda resource: False) == [
        Diagnostic(
            SCHEMA,
            f"The resource provided {arn} is not recognized. The value is not a valid resource ARN, "
            "or the resource is not available in this region.",
            "/States/X/Resource",
        )
    ]


LOOP = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ({"StartAt": "A", "States": LOOP}, [("MISSING_END_STATE", "Workflow has no terminal state", None)]),
        (
            {"StartAt": "A", "States": {**LOOP, "C": PASS}},
            [("MISSING_TRANSITION_TARGET", 'State "C" is not reachable.', "/States/C")],
        ),
        (
            {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "NOPE"}}},
            [
                ("MISSING_TRANSITION_TARGET", "Missing 'Next' target: NOPE", "/States/A/Next"),
                ("MISSING_END_STATE", "Workflow has no terminal state", None),
            ],
        ),
        (
            {"StartAt": "Z", "States": {"A": PASS}},
            [
                ("MISSING_TRANSITION_TARGET", "Missing 'Next' target: Z", "/StartAt"),
                ("MISSING_TRANSITION_TARGET", 'State "A" is not reachable.', "/States/A"),
            ],
        ),
        (
            machine(
                {"Type": "Choice", "Choices": [{"Variable": "$", "IsNull": True, "Next": "N"}], "Default": "D"}
            ) | {"States": {"X": {"Type": "Choice", "Choices": [{"Variable": "$", "IsNull": True, "Next": "N"}], "Default": "D"},
                            "E": PASS}},
            [
                ("MISSING_TRANSITION_TARGET", "Missing 'Next' target: D", "/States/X/Default"),
                ("MISSING_TRANSITION_TARGET", "Missing 'Next' target: N", "/States/X/Choices[0]/Next"),
                ("MISSING_TRANSITION_TARGET", 'State "E" is not reachable.', "/States/E"),
            ],
        ),
        (
            machine({**TASK, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "N"}]}),
            [("MISSING_TRANSITION_TARGET", "Missing 'Next' target: N", "/States/X/Catch[0]/Next")],
        ),
        (
            machine({"Type": "Map", "ItemProcessor": machine(PASS), "End": True}),
            [("DUPLICATE_STATE_NAME", "Duplicate State name: X", "/States/X/ItemProcessor/States/X")],
        ),
        (
            machine({"Type": "Map", "ItemProcessor": {"StartAt": "Q", "States": {"P": PASS}}, "End": True}),
            [
                ("MISSING_TRANSITION_TARGET", "Missing 'Next' target: Q", "/States/X/ItemProcessor/StartAt"),
                ("MISSING_TRANSITION_TARGET", 'State "P" is not reachable.', "/States/X/ItemProcessor/States/P"),
            ],
        ),
    ],
)  # fmt: skip
def test_transitions(definition: Any, expected: Any) -> None:
    assert found(definition) == expected


JSONATA = {"QueryLanguage": "JSONata"}
ONLY = "The QueryLanguage is set to '{}', but field '{}' is only supported for the '{}' QueryLanguage"


@pytest.mark.parametrize(
    ("state", "message", "where"),
    [
        ({"Type": "Pass"}, "These fields are required: [Next] or [End]", ""),
        ({}, "These fields are required: [Type]", ""),
        ({"Type": "Task", "End": True}, "These fields are required: [Resource]", ""),
        ({"Type": "Choice"}, "These fields are required: [Choices]", ""),
        ({**PASS, "Foo": 1}, "Field 'Foo' is not supported", ""),
        ({**PASS, "Catch": []}, "Field 'Catch' is not supported", ""),
        ({"Type": "Succeed", "Retry": []}, "Field 'Retry' is not supported", ""),
        ({"Type": "Wait", "Seconds": 1, "TimeoutSeconds": 1, "End": True}, "Field 'TimeoutSeconds' is not supported", ""),
        ({"Type": "Wait", "Seconds": 1, "ResultPath": None, "End": True}, "Field 'ResultPath' is not supported", ""),
        ({"Type": "Succeed", "End": True}, "Field 'End' is not supported", ""),
        ({**PASS, "Output": 1}, ONLY.format("JSONPath", "Output", "JSONata"), ""),
        ({**PASS, **JSONATA, "Parameters": {}}, ONLY.format("JSONata", "Parameters", "JSONPath"), ""),
        ({**PASS, **JSONATA, "Result": {}}, ONLY.format("JSONata", "Result", "JSONPath"), ""),
        ({"Type": "Wait", "Seconds": "5", "End": True}, "Expected value of type Integer", "/Seconds"),
        ({"Type": "Wait", "Seconds": 100_000_000, "End": True}, "Maximum value is 99999999", "/Seconds"),
        ({"Type": "Wait", "Seconds": -1, "End": True}, "Minimum value is 0", "/Seconds"),
        ({"Type": "Wait", "End": True}, "One of these fields is required: [Seconds, SecondsPath, Timestamp, TimestampPath]", ""),
        (
            {"Type": "Wait", "Seconds": 1, "SecondsPath": "$.x", "End": True},
            "Only one of these fields is allowed: [Seconds, SecondsPath, Timestamp, TimestampPath]",
            "",
        ),
        ({**PASS, "InputPath": 5}, "Expected value of type String", "/InputPath"),
        ({**TASK, "TimeoutSeconds": 0}, "Minimum value is 1", "/TimeoutSeconds"),
        ({**TASK, "Resource": "work"}, "The resource provided work is not recognized. The value is not a valid resource ARN, "
         "or the resource is not available in this region.", "/Resource"),
        (
            {**TASK, "TimeoutSeconds": 5, "HeartbeatSeconds": 5},
            "HeartbeatSeconds must be smaller than TimeoutSeconds",
            "/HeartbeatSeconds",
        ),
        (
            {"Type": "Map", "ItemBatcher": {}, "End": True},
            "One of these fields is required: [MaxItemsPerBatch, MaxItemsPerBatchPath, "
            "MaxInputBytesPerBatch, MaxInputBytesPerBatchPath]",
            "/ItemBatcher",
        ),
        (
            {"Type": "Map", "ItemReader": {}, "ItemsPath": "$.items", "End": True},
            "Only one of these fields is allowed: [ItemReader, ItemsPath]",
            "",
        ),
        (
            {"Type": "Map", **JSONATA, "ItemReader": {}, "Items": [], "End": True},
            "Only one of these fields is allowed: [ItemReader, Items]",
            "",
        ),
        (
            {"Type": "Map", "ItemReader": {"ReaderConfig": {"MaxItems": 1, "MaxItemsPath": "$.n"}}, "End": True},
            "Only one of these fields is allowed: [MaxItems, MaxItemsPath]",
            "/ItemReader/ReaderConfig",
        ),
        ({**TASK, "Retry": [{}]}, "These fields are required: [ErrorEquals]", "/Retry[0]"),
        ({**TASK, "Retry": [{"ErrorEquals": []}]}, "Value cannot be empty", "/Retry[0]/ErrorEquals"),
        ({**TASK, "Retry": [{"ErrorEquals": ["E"], "BackoffRate": 0.5}]}, "Minimum value is 1", "/Retry[0]/BackoffRate"),
        (
            {**TASK, "Retry": [{"ErrorEquals": ["States.ALL", "E"]}]},
            "States.ALL must appear alone and in the last entry",
            "/Retry[0]/ErrorEquals",
        ),
        ({**TASK, "Catch": [{"ErrorEquals": ["E"]}]}, "These fields are required: [Next]", "/Catch[0]"),
        ({"Type": "Choice", "Choices": [{"Variable": "$", "IsNull": True}]}, "These fields are required: [Next]", "/Choices[0]"),
        ({"Type": "Choice", "Choices": []}, "Value cannot be empty", "/Choices"),
        (
            {"Type": "Choice", "Choices": [{"Variable": "$", "StringEquals": 1, "Next": "X"}]},
            "Expected value of type String",
            "/Choices[0]/StringEquals",
        ),
        (
            {"Type": "Choice", "Choices": [{"Not": {"Variable": "$", "IsNull": True, "Next": "X"}, "Next": "X"}]},
            "Field 'Next' is not supported",
            "/Choices[0]/Not",
        ),
        (
            {"Type": "Choice", "Choices": [{"And": [{"Variable": "$"}], "Next": "X"}]},
            "Expected exactly one comparison operator",
            "/Choices[0]/And[0]",
        ),
        (
            {"Type": "Choice", "Choices": [{"IsNull": True, "Next": "X"}]},
            "These fields are required: [Variable]",
            "/Choices[0]",
        ),
        (
            {"Type": "Choice", **JSONATA, "Choices": [{"Variable": "$", "Condition": True, "Next": "X"}]},
            ONLY.format("JSONata", "Variable", "JSONPath"),
            "/Choices[0]",
        ),
        ({**PASS, "Assign": []}, "Expected value of type Object", "/Assign"),
        ({**PASS, "Assign": {"states": 1}}, "The variable name 'states' is not valid", "/Assign"),
        ({**PASS, "Assign": {"1a.$": "$"}}, "The variable name '1a' is not valid", "/Assign"),
        (
            {**PASS, "Assign": {"x.$": "no path"}},
            "The value for the field 'x.$' must be a valid JSONPath or a valid intrinsic function call",
            "/Assign",
        ),
        ({**PASS, "Parameters": {"p": {"a": 1, "a.$": "$"}}}, "Duplicate field 'a'", "/Parameters"),
        ({**PASS, "QueryLanguage": "XPath"}, "The field 'QueryLanguage' should have one of these values: [JSONPath, JSONata]", "/QueryLanguage"),
        (
            {"Type": "Map", "ItemProcessor": {"QueryLanguage": "JSONata", "StartAt": "P", "States": {"P": PASS}}, "End": True},
            "Field 'QueryLanguage' is not supported",
            "/ItemProcessor",
        ),
        (
            {"Type": "Map", "ItemProcessor": {"StartAt": "P", "States": {"P": PASS}}, "ItemReader": {"Resource": "r"}, "End": True},
            "Field 'ItemReader' is only supported for the 'DISTRIBUTED' mode",
            "",
        ),
    ],
)  # fmt: skip
def test_schema(state: dict[str, Any], message: str, where: str) -> None:
    assert (SCHEMA, message, f"/States/X{where}") in found(machine(state))


@pytest.mark.parametrize(
    ("expression", "code", "message"),
    [
        ("phone", "UNSUPPORTED_JSONATA_EXPRESSION", "Reference to 'phone' at the top level is not supported."),
        (
            "[$states.input, {'k': f}]",
            "UNSUPPORTED_JSONATA_EXPRESSION",
            "Reference to 'f' at the top level is not supported.",
        ),
        ("$$.a", "UNSUPPORTED_JSONATA_EXPRESSION", "Reference to '$$' at the top level is not supported."),
        ("$.a", "UNSUPPORTED_JSONATA_EXPRESSION", "Reference to '$' at the top level is not supported."),
        ("a[1,2)", "INVALID_JSONATA_EXPRESSION", 'Expected "]", got ","'),
        ("1 +", "INVALID_JSONATA_EXPRESSION", "Unexpected end of expression"),
        ('"open', "INVALID_JSONATA_EXPRESSION", "String literal must be terminated by a matching quote"),
    ],
)
def test_expressions(expression: str, code: str, message: str) -> None:
    state = {**PASS, **JSONATA, "Output": {"v": [f"{{% {expression} %}}"]}}
    assert found(machine(state)) == [(code, message, "/States/X/Output/v[0]")]


@pytest.mark.parametrize(
    "expression",
    [
        "$states.input.items[x = 1].y",
        "$states.input.items{a: b}",
        "$states.input ~> |a|{'b': c}|",
        "$states.input^(a)",
        "$states.input[$ > 1]",
        "'text'",
    ],
)
def test_names_that_have_something_to_refer_to(expression: str) -> None:
    assert found(machine({**PASS, **JSONATA, "Output": f"{{% {expression} %}}"})) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[]", SCHEMA),
        ("5", SCHEMA),
        ("null", SCHEMA),
        ('{"StartAt": "X"', "INVALID_JSON_DESCRIPTION"),
        ('{"StartAt": "X", "StartAt": "Y"}', "INVALID_JSON_DESCRIPTION"),
        ('{"a": NaN}', "INVALID_JSON_DESCRIPTION"),
        ("{,}", "INVALID_JSON_DESCRIPTION"),
        ('{"a": ' + "9" * 5000 + "}", "INVALID_JSON_DESCRIPTION"),
        (" " * 1_048_577, SCHEMA),
    ],
)
def test_texts_that_are_no_definition(text: str, code: str) -> None:
    assert [one.code for one in states.diagnose(text)] == [code]


@pytest.mark.parametrize(
    ("field", "value", "code", "where"),
    [
        ("Parameters", {"a": [{"b": "$.x"}]}, "NO_DOLLAR", "/Parameters/a[0]/b"),
        ("Parameters", {"a": "States.UUID()"}, "NO_DOLLAR", "/Parameters/a"),
        ("Assign", {"a": "$$.Execution.Id"}, "NO_DOLLAR", "/Assign/a"),
        ("Result", {"a.$": "$.x"}, "PASS_RESULT_IS_STATIC", "/Result/a.$"),
    ],
)
def test_warnings_hinder_nothing(field: str, value: Any, code: str, where: str) -> None:
    definition = machine({**PASS, field: value})
    assert [(one.code, one.location, one.severity) for one in states.diagnose(json.dumps(definition))] == [
        (code, f"/States/X{where}", "WARNING")
    ]
    assert states.parse(json.dumps(definition)).start_at == "X"


def test_a_path_where_a_text_stands() -> None:
    diagnostics = states.diagnose(json.dumps(machine({"Type": "Fail", "Error": "$.e", "Cause": "costs $5"})))
    assert [(one.code, one.location) for one in diagnostics] == [("NO_PATH", "/States/X/Error")]


def test_inner_scopes_assign_other_names() -> None:
    inner = {"StartAt": "P", "States": {"P": {**PASS, "Assign": {"x.$": "$"}}}}
    outer = {"Type": "Map", "ItemProcessor": inner, "Assign": {"x": 1}, "End": True}
    message = "The variable 'x' is already assigned in an outer scope"
    assert found(machine(outer)) == [(SCHEMA, message, "/States/X/ItemProcessor/States/P/Assign")]
    inner["ProcessorConfig"] = {
        "Mode": "DISTRIBUTED",
        "ExecutionType": "STANDARD",
    }  # it sees nothing of what is outside
    assert found(machine(outer)) == []


def test_all_that_is_wrong_is_said_at_once() -> None:
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass"}, "B": {"Type": "Wait", "End": True}}}
    with pytest.raises(Invalid) as refused:
        states.parse(json.dumps(definition))
    assert [one.location for one in refused.value.diagnostics] == ["/States/A", "/States/B"]
    assert str(refused.value).count(f"{SCHEMA}: ") == 2


WHOLE: dict[str, Any] = {
    "Comment": "every field",
    "StartAt": "Pass",
    "TimeoutSeconds": 60,
    "Version": "1.0",
    "States": {
        "Pass": {"Type": "Pass", "Comment": "c", "InputPath": "$.a", "Parameters": {"x.$": "$$.Execution.Id"},
                 "ResultPath": "$.r", "OutputPath": "$", "Assign": {"v": 1}, "Next": "Task"},
        "Task": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"},
                 "ResultSelector": {"p.$": "$.Payload"}, "TimeoutSecondsPath": "$.t", "HeartbeatSeconds": 5,
                 "Credentials": {"RoleArn": "arn"}, "Next": "Choice",
                 "Retry": [{"ErrorEquals": ["A", "B"], "IntervalSeconds": 1, "MaxAttempts": 0, "BackoffRate": 1.0,
                            "MaxDelaySeconds": 5, "JitterStrategy": "FULL"}, {"ErrorEquals": ["States.ALL"]}],
                 "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Fail", "ResultPath": "$.e", "Assign": {"e.$": "$"}}]},
        "Choice": {"Type": "Choice", "Choices": [
            {"Comment": "c", "And": [{"Variable": "$.a", "IsPresent": True}, {"Not": {"Variable": "$.b", "IsNull": True}}],
             "Next": "Wait", "Assign": {"c": True}},
            {"Variable": "$v", "NumericEqualsPath": "$.n", "Next": "Succeed"}], "Default": "Parallel"},
        "Wait": {"Type": "Wait", "TimestampPath": "$.at", "Next": "Parallel"},
        "Parallel": {"Type": "Parallel", "Branches": [{"StartAt": "B1", "States": {"B1": {"Type": "Succeed"}}},
                                                      {"StartAt": "B2", "States": {"B2": {"Type": "Fail"}}}], "Next": "Map"},
        "Map": {"Type": "Map", "ItemsPath": "$.l", "MaxConcurrency": 5, "Label": "m", "Next": "Ata",
                "ItemSelector": {"v.$": "$$.Map.Item.Value"}, "ToleratedFailureCount": 1,
                "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                                  "StartAt": "I", "States": {"I": PASS}}},
        "Ata": {"Type": "Map", "QueryLanguage": "JSONata", "Items": "{% $states.input %}", "MaxConcurrency": "{% 2 %}",
                "ItemProcessor": {"StartAt": "J", "States": {"J": PASS}}, "Output": "{% $states.result %}",
                "Assign": {"w": ["{% 1 %}"]}, "Next": "Succeed"},
        "Succeed": {"Type": "Succeed", "InputPath": "$", "OutputPath": None},
        "Fail": {"Type": "Fail", "ErrorPath": "$.e.Error", "CausePath": "States.Format('{}', $.e.Cause)"},
    },
}  # fmt: skip


def test_a_definition_of_every_field() -> None:
    assert found(WHOLE) == []
    compiled = states.parse(json.dumps(WHOLE))
    assert (compiled.timeout_s, compiled.version, compiled.comment) == (60, "1.0", "every field")
    assert [state.type for state in compiled.states.values()] == [
        "Pass", "Task", "Choice", "Wait", "Parallel", "Map", "Map", "Succeed", "Fail",
    ]  # fmt: skip


def _spots(value: Any, path: tuple[Any, ...] = ()) -> Any:
    yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _spots(inner, (*path, key))


@pytest.mark.parametrize("other", [None, 5, -1.5, True, "text", "$", "{% 1 %}", [], {}, [[]], {"a": 1}])
def test_any_value_in_any_place_is_judged(other: Any) -> None:
    """Nothing that a definition can hold breaks the reader: it is refused, or it is a machine."""
    for path in _spots(WHOLE):
        if not path:
            continue
        definition = copy.deepcopy(WHOLE)
        place: Any = definition
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = other
        text = json.dumps(definition)
        if not states.diagnose(text):
            states.parse(text)
