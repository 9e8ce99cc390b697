"""Recorded cases: Map states, inline and distributed, and what they iterate over."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.services.stepfunctions.recordings import check_history, of
from tests.services.stepfunctions.test_recorded_variables import JSONATA, chain

BASE = "base_scenarios::TestBaseScenarios::"
INNER = chain(("Pass", {}))
DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
INLINE = {"ProcessorConfig": {"Mode": "INLINE"}}
CODES = [(9511, "R31", 1344), (9511, "S39", 40), (9833, "R31", 12), (9860, "R40", 887), (9511, "R40", 1220)]
SHIPPED = [{"prod": prod, "dest-code": code, "quantity": quantity} for code, prod, quantity in CODES]
DELIVERY = {"detail": {"delivery-partner": "UQS", "shipped": SHIPPED}}
SELECTED = {
    "constant_value": "HelloWorld", "iteration_index.$": "$$.Map.Item.Index", "iteration_input_value.$": "$$.Map.Item.Value",
    "from_input_constant.$": "$.delivery-partner", "original_input.$": "$",
}  # fmt: skip
CONTENT = {"content": {"bucket": "test-bucket", "values": ["1", "2", "3"]}}
PARTS = {"constantValue": "constant", "mapValue.$": "$$.Map.Item.Value", "fromInput.$": "$"}


def over(name: str, processor: dict[str, Any], **fields: Any) -> tuple[str, dict[str, Any]]:
    return name, {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": processor, **fields}


def legacy(name: str, iterator: dict[str, Any], **fields: Any) -> tuple[str, dict[str, Any]]:
    return name, {"Type": "Map", "MaxConcurrency": 1, "Iterator": iterator, **fields}


SHIPPING = {"InputPath": "$.detail", "ItemsPath": "$.shipped", "ResultPath": "$.detail.shipped_output"}
HANDLE_ITEM = chain(("HandleItem", {}))
ITEM_SELECTOR = chain(
    ("StartState", {"Result": DELIVERY}),
    over("MapState", HANDLE_ITEM, ItemSelector=SELECTED, **SHIPPING),
    ("Final", {}),
)
VALUES = {"ItemsPath": "$.content.values"}
VALUE = {"bucketName.$": "$.content.bucket", "value.$": "$$.Map.Item.Value"}
INNER_JOBS = [{"innerJobs": [0, 1, 2, 3, 4]}] * 4
NESTED = {**chain(over("InnerMap", {**INNER, **DISTRIBUTED}, ItemsPath="$.innerJobs")), **DISTRIBUTED}
ITERATOR_INNER = chain(("IteratorInner", {}))
FINISH = ("Finish", {"Type": "Succeed"})

# What MapStateExited follows differs from recording to recording: MapRunSucceeded mostly, MapRunStarted in these.
LOOSE = {
    "test_map_state_nested_config_distributed_no_max_max_concurrency": ["previousEventId"],
    "test_map_item_reader_base_json_max_items_jsonata": ["previousEventId"],
    "test_map_state_config_distributed_item_selector_parameters": ["previousEventId"],
    "test_map_state_config_distributed_items_path_from_previous": ["previousEventId"],
    "test_map_state_config_distributed_reentrant": ["mapRunArn"],
}


def counting(inner: dict[str, Any], begin: dict[str, Any]) -> dict[str, Any]:
    """A workflow that comes to its Map again and again."""
    less = {"Iterations.$": "States.MathAdd($.Iterations, -1)", "Values.$": "$.Values"}
    done = {"Variable": "$.Iterations", "NumericEquals": 0, "Next": "Terminate"}
    return chain(
        ("StartState", {"Result": begin}),
        ("BeforeIteration", {"Parameters": less}),
        over("IterationBody", {**inner, **DISTRIBUTED}, ItemsPath="$.Values", ResultPath=None),
        ("CheckIteration", {"Type": "Choice", "Choices": [done], "Default": "BeforeIteration"}),
        ("Terminate", {"Type": "Succeed"}),
    )


DEFINITIONS = {
    "test_map_state_config_distributed_item_selector": chain(
        over("MapState", {**ITERATOR_INNER, **DISTRIBUTED}, ItemSelector=PARTS), FINISH
    ),
    "test_map_state_config_distributed_parameters": chain(
        over("MapState", {**ITERATOR_INNER, **DISTRIBUTED}, Parameters=PARTS), FINISH
    ),
    "test_map_state_config_distributed_item_selector_parameters": chain(
        ("Start", {"Result": CONTENT}),
        over("MapState", {**INNER, **DISTRIBUTED}, **{**VALUES, "ItemSelector": VALUE}),
        FINISH,
    ),
    "test_map_state_config_distributed_items_path_from_previous": chain(
        ("PreviousState", {"Result": {"result_value": ["item-value-from-previous"]}}),
        over("MapState", {**INNER, **DISTRIBUTED}, ItemsPath="$.result_value"),
    ),
    "test_map_state_config_distributed_reentrant": counting(INNER, {"Iterations": 3, "Values": [0, 1, 2, 3]}),
    "test_map_state_item_selector": ITEM_SELECTOR,
    "test_map_state_item_selector[MAP_STATE_ITEM_SELECTOR]": ITEM_SELECTOR,
    "test_map_state_parameters_legacy": chain(
        ("StartState", {"Result": DELIVERY}), legacy("MapState", HANDLE_ITEM, Parameters=SELECTED, **SHIPPING), ("Final", {})
    ),
    "test_map_state_item_selector[MAP_STATE_ITEM_SELECTOR_JSONATA]": chain(
        ("Start", {"Assign": {"ItemsVar": ["Item1", "Item2"]}}),
        over("MapIterateState", INNER, Items="{% $ItemsVar %}", ItemSelector={
            "map_item_value": "{% $states.context.Map.Item.Value %}",
            "var_sample": "{% $ItemsVar %}",
            "string_literal": "string literal",
        }),
        **JSONATA,
    ),
    "test_map_state_item_selector_parameters": chain(
        ("Start", {"Result": CONTENT}),
        over("MapState", chain(("EndState", {"Result": {"message": "Processing item completed"}})),
             Parameters=VALUE, ResultPath=None, **VALUES),
    ),
    "test_map_state_legacy_config_inline": chain(legacy("MapState", {**ITERATOR_INNER, **INLINE}), FINISH),
    "test_map_state_legacy_config_inline_parameters": chain(
        legacy("MapState", {**ITERATOR_INNER, **INLINE}, Parameters=PARTS), FINISH
    ),
    "test_map_state_legacy_config_distributed_parameters": chain(
        legacy("MapState", {**ITERATOR_INNER, **DISTRIBUTED}, Parameters=PARTS), FINISH
    ),
    "test_map_state_nested_config_distributed_no_max_max_concurrency": chain(
        ("InputValue", {"Result": {"outerJobs": INNER_JOBS}}),
        ("OuterMap", {"Type": "Map", "ItemsPath": "$.outerJobs", "ItemProcessor": NESTED, "ResultPath": None}),
        ("FinalState", {}),
    ),
    **{
        f"test_map_state_items_eval_jsonata[{name}]": chain(over("MapIterateState", INNER, Items=items), **JSONATA)
        for name, items in {"empty": "{% [] %}", "singleton": "{% [0] %}", "mixed": "{% [1,'two',3] %}"}.items()
    },
    **{
        f"test_map_state_items_input_array[{name}]": chain(
            ("Start", {"InputPath": "$.items"}), over("MapIterateState", INNER)
        )
        for name in ("empty", "singleton", "mixed")
    },
    **{
        f"test_map_state_items_variable_sampling[{name}]": chain(
            ("Start", {"Assign": {"ItemsVar": items}}),
            over("MapIterateState", INNER, Items="{% $ItemsVar %}"),
            **JSONATA,
        )
        for name, items in {"boolean": True, "null": None, "number": 1, "object": {"foo": "bar"}, "string": "string"}.items()
    },
    **{
        f"test_map_state_tolerated_failure_percentage_path[{name}]": chain(
            over("MapState", {**INNER, **DISTRIBUTED}, ItemsPath="$.Items",
                 ToleratedFailurePercentagePath="$.ToleratedFailurePercentage")
        )
        for name in ("-1.1", "-1", "0", "1.1", "100.1", "100", "1", "NoNumber", "tolerated_failure_percentage_value0")
    },
}  # fmt: skip


@pytest.fixture
def check(workflows: Any) -> Any:
    """Runs a workflow with the recorded input and compares the history."""

    def run(case: str, definition: dict[str, Any], *ignore: str) -> None:
        given = of(case).answers["get_execution_history"]["events"][0]["executionStartedEventDetails"]["input"]
        execution = workflows.start(
            workflows.create(definition), json.loads(given) if isinstance(given, str) else given
        )
        check_history(case, workflows.events(execution), *ignore)

    return run


@pytest.mark.parametrize("name", DEFINITIONS)
def test_map(check: Any, name: str) -> None:
    spaced = of(BASE + name).answers["get_execution_history"]["events"][0]["executionStartedEventDetails"]["input"]
    # An input of an array was kept as it was sent, with its blanks.
    check(BASE + name, DEFINITIONS[name], *(["input"] if isinstance(spaced, str) else []), *LOOSE.get(name, ()))


def test_map_again_and_again_with_a_function(check: Any, function: Any) -> None:
    inner = chain(
        ("Invoke", {"Type": "Task", "Resource": function("def handler(event, context):\n    return event\n")})
    )
    definition = counting(inner, {"Iterations": 2, "Values": ["HelloWorld"]})
    check(f"{BASE}test_map_state_config_distributed_reentrant_lambda", definition, "mapRunArn")


STATEMENTS = [
    {"verdict": "true", "statement_date": "6/11/2008", "statement_source": "speech"},
    {"verdict": "false", "statement_date": "6/7/2022", "statement_source": "television"},
    {"verdict": "mostly-true", "statement_date": "5/18/2016", "statement_source": "news"},
]
ROWS = "H1,\nValue4,Value5\n,\ntrue,1\nNull,None\n   ,\n"
READER = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket.$": "$.Bucket", "Key.$": "$.Key"}}
JSON_READER = {**READER, "ReaderConfig": {"InputType": "JSON"}}
JSONATA_READER = {
    "Resource": "arn:aws:states:::s3:getObject",
    "Arguments": {"Bucket": "{% $states.input.Bucket %}", "Key": "{% $states.input.Key %}"},
    "ReaderConfig": {"InputType": "JSON", "MaxItems": "{% $states.input.MaxItems %}"},
}


def reading(reader: dict[str, Any], **more: Any) -> dict[str, Any]:
    return chain(over("MapState", {**chain(("PassItem", {})), **DISTRIBUTED}, ItemReader=reader), **more)


@pytest.fixture
def bucket(aws: Any, account: str) -> str:
    """A bucket of this test: the recordings' names are not ours alone."""
    aws("s3").create_bucket(Bucket=f"bucket-{account}")
    return f"bucket-{account}"


@pytest.mark.parametrize(
    ("name", "key", "content", "definition"),
    [
        ("test_map_item_reader_base_json", "file.json", json.dumps(STATEMENTS), reading(JSON_READER)),
        (
            "test_map_item_reader_base_json_max_items",
            "file.json",
            json.dumps(STATEMENTS[:1] * 3),
            reading({**READER, "ReaderConfig": {"InputType": "JSON", "MaxItems": 2}}),
        ),
        (
            "test_map_item_reader_base_json_max_items_jsonata",
            "file.json",
            json.dumps(STATEMENTS),
            reading(JSONATA_READER, **JSONATA),
        ),
        ("test_map_item_reader_json_no_json_list_object", "file.json", json.dumps(STATEMENTS[0]), reading(JSON_READER)),
    ],
)
def test_item_reader(
    workflows: Any, aws: Any, bucket: str, name: str, key: str, content: str, definition: dict[str, Any]
) -> None:
    aws("s3").put_object(Bucket=bucket, Key=key, Body=content.encode())
    given = {"Bucket": bucket, "Key": key, "MaxItems": 2}
    events = workflows.events(workflows.start(workflows.create(definition), given))
    check_history(BASE + name, events, "input", *LOOSE.get(name, ()))


def test_item_reader_of_rows_with_more_fields_than_headers(workflows: Any, aws: Any, bucket: str) -> None:
    """AWS writes the members of such a row in an order of its own."""
    aws("s3").put_object(Bucket=bucket, Key="file.csv", Body=ROWS.encode())
    reader = {**READER, "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}}
    execution = workflows.start(workflows.create(reading(reader)), {"Bucket": bucket, "Key": "file.csv"})
    case = f"{BASE}test_map_item_reader_csv_first_row_extra_fields"
    check_history(case, workflows.events(execution), "input", "output")
    last = of(case).answers["get_execution_history"]["events"][-1]["executionSucceededEventDetails"]
    assert workflows.output(execution) == json.loads(last["output"])


def test_result_writer(workflows: Any, bucket: str) -> None:
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": bucket, "Prefix": "mapJobs"}}
    state = over("MapState", {**chain(("PassItem", {})), **DISTRIBUTED}, ResultWriter=writer, Label="TestMap")
    events = workflows.events(workflows.start(workflows.create(chain(state)), ["Hello", "World"]))
    check_history(f"{BASE}test_map_state_result_writer", events, "input", "Bucket")


def test_item_reader_of_a_listing(workflows: Any, aws: Any, bucket: str) -> None:
    for number in range(3):
        aws("s3").put_object(Bucket=bucket, Key=f"file_{number}.txt", Body=b"Hello World!")
    reader = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket.$": "$.Bucket"}}
    execution = workflows.start(workflows.create(reading(reader)), {"Bucket": bucket})
    case = f"{BASE}test_map_item_reader_base_list_objects_v2"
    check_history(case, workflows.events(execution), "input", "output")
    last = of(case).answers["get_execution_history"]["events"][-1]["executionSucceededEventDetails"]
    for want, have in zip(json.loads(last["output"]), workflows.output(execution), strict=True):
        assert {**want, "Etag": have["Etag"], "LastModified": have["LastModified"]} == have
