"""TestState, where no recording tells."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::111111111111:role/states"
INVOKE = {
    "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"},
    "Retry": [
        {"ErrorEquals": ["Other"]},
        {"ErrorEquals": ["Busy"], "IntervalSeconds": 4, "BackoffRate": 3, "MaxAttempts": 2},
    ],
    "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.why", "Next": "Undo"}],
    "Next": "After",
}  # fmt: skip
BUSY = {"errorOutput": {"error": "Busy", "cause": "so much to do"}}
MAP = {
    "Type": "Map", "ItemsPath": "$.items", "ToleratedFailureCount": 1, "MaxConcurrency": 5, "End": True,
    "ItemSelector": {"n.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index", "all.$": "$.all"},
    "ItemBatcher": {"MaxItemsPerBatch": 2},
    "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "Each",
        "States": {"Each": {"Type": "Pass", "End": True}},
    },
}  # fmt: skip


def run(states: Any, definition: Any, input: Any = None, **more: Any) -> Any:
    return states.test_state(definition=json.dumps(definition), input=json.dumps(input or {}), **more)


def refusal(states: Any, definition: Any, **more: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        run(states, definition, **more)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_a_mocked_error_is_retried_then_caught(states: Any) -> None:
    first = run(states, INVOKE, mock=BUSY, inspectionLevel="DEBUG")
    assert (first["status"], first["error"], first["cause"]) == ("RETRIABLE", "Busy", "so much to do")
    assert first["inspectionData"]["errorDetails"] == {"retryIndex": 1, "retryBackoffIntervalSeconds": 4}
    second = run(states, INVOKE, mock=BUSY, inspectionLevel="DEBUG", stateConfiguration={"retrierRetryCount": 1})
    assert second["inspectionData"]["errorDetails"]["retryBackoffIntervalSeconds"] == 12
    last = run(
        states, INVOKE, {"a": 1}, mock=BUSY, inspectionLevel="DEBUG", stateConfiguration={"retrierRetryCount": 2}
    )
    assert (last["status"], last["nextState"]) == ("CAUGHT_ERROR", "Undo")
    assert json.loads(last["output"]) == {"a": 1, "why": {"Error": "Busy", "Cause": "so much to do"}}
    assert last["inspectionData"]["errorDetails"] == {"catchIndex": 0}


def test_a_mocked_error_that_nothing_takes(states: Any) -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {}, "End": True}
    answer = run(states, task, mock=BUSY)
    assert (answer["status"], answer["error"], "nextState" in answer) == ("FAILED", "Busy", False)


@pytest.mark.parametrize(("failed", "status"), [(1, "SUCCEEDED"), (2, "FAILED")])
def test_a_map_tolerates_some_failures(states: Any, failed: int, status: str) -> None:
    answer = run(
        states, MAP, {"items": [1, 2, 3], "all": "x"}, mock={"result": '["a","b"]'}, inspectionLevel="DEBUG",
        stateConfiguration={"mapIterationFailureCount": failed},
    )  # fmt: skip
    assert answer["status"] == status
    assert answer.get("error") == (None if failed == 1 else "States.ExceedToleratedFailureThreshold")
    data = answer["inspectionData"]
    selected = [{"n": n, "at": at, "all": "x"} for at, n in enumerate([1, 2, 3])]
    assert json.loads(data["afterItemsPath"]) == [1, 2, 3]
    assert json.loads(data["afterItemSelector"]) == selected
    assert json.loads(data["afterItemBatcher"]) == [{"Items": selected[:2]}, {"Items": selected[2:]}]
    assert (data["toleratedFailureCount"], data["maxConcurrency"]) == (1, 5)


def test_data_of_an_item_reader(states: Any) -> None:
    reader = {
        "Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"},
        "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
    }  # fmt: skip
    definition = {name: value for name, value in MAP.items() if name != "ItemsPath"} | {"ItemReader": reader}
    answer = run(
        states, definition, {"all": 0}, mock={"result": "[1]"}, inspectionLevel="DEBUG",
        stateConfiguration={"mapItemReaderData": "id,name\n1,a\n2,b\n"},
    )  # fmt: skip
    selected = json.loads(answer["inspectionData"]["afterItemSelector"])
    assert [item["n"] for item in selected] == [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}]


def test_a_task_that_waits_for_its_token_can_be_mocked(states: Any) -> None:
    task = {
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True,
        "Parameters": {"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}},
    }  # fmt: skip
    answer = run(
        states, task, mock={"result": '{"any": 1}'}, context='{"Task": {"Token": "mine"}}', inspectionLevel="DEBUG"
    )
    assert json.loads(answer["output"]) == {"any": 1}
    assert json.loads(answer["inspectionData"]["afterParameters"])["MessageBody"] == {"token": "mine"}
    code, message = refusal(states, task, roleArn=ROLE)
    assert (code, "waitForTaskToken" in message) == ("InvalidDefinition", True)


def test_a_state_inside_a_branch(states: Any) -> None:
    inner = {"Type": "Pass", "Result": "inside", "End": True}
    definition = {"StartAt": "All", "States": {"All": {"Type": "Parallel", "End": True, "Branches": [
        {"StartAt": "Inner", "States": {"Inner": inner}},
    ]}}}  # fmt: skip
    assert run(states, definition, stateName="Inner")["output"] == '"inside"'


def test_variables_assigned_by_the_state(states: Any) -> None:
    definition = {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": {"n": "{% $n + 1 %}"}, "End": True}
    answer = run(states, definition, variables='{"n": 1, "m": 5}', inspectionLevel="DEBUG")
    assert json.loads(answer["inspectionData"]["variables"]) == {"n": 2, "m": 5}


def test_a_wait_is_waited_for(states: Any) -> None:
    answer = run(states, {"Type": "Wait", "Seconds": 0, "Next": "On"}, {"a": 1}, inspectionLevel="DEBUG")
    assert (answer["nextState"], json.loads(answer["output"])) == ("On", {"a": 1})
    assert json.loads(answer["inspectionData"]["afterInputPath"]) == {"a": 1}


def test_a_task_really_calls(states: Any, sqs: Any) -> None:
    url = sqs.create_queue(QueueName="tried")["QueueUrl"]
    task = {
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True,
        "Parameters": {"QueueUrl": url, "MessageBody.$": "$.text"}, "ResultSelector": {"id.$": "$.MessageId"},
    }  # fmt: skip
    answer = run(states, task, {"text": "hello"}, roleArn=ROLE)
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(answer["output"]) == {"id": message["MessageId"]}
    assert message["Body"] == "hello"


def test_a_task_that_fails(states: Any) -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject", "End": True,
            "Parameters": {"Bucket": "none-such", "Key": "k"}}  # fmt: skip
    answer = run(states, task, roleArn=ROLE)
    assert (answer["status"], answer["error"]) == ("FAILED", "S3.NoSuchBucketException")


def test_arguments_that_the_operation_does_not_have(states: Any) -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"Queue": 1}, "End": True}
    answer = run(states, task, roleArn=ROLE)
    assert (answer["status"], answer["error"]) == ("FAILED", "States.Runtime")
    assert 'The field "QueueUrl" is required but was missing' in answer["cause"]


TASK = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {}, "End": True}
PASS = {"Type": "Pass", "End": True}


@pytest.mark.parametrize(
    ("definition", "more", "code", "words"),
    [
        (PASS, {"mock": {"result": "1"}}, "ValidationException", "'Pass' is not supported"),
        (TASK, {"mock": {}}, "ValidationException", "one of the following"),
        (TASK, {"mock": {"result": "{"}}, "ValidationException", "valid JSON"),
        (TASK, {}, "ValidationException", "role"),
        (PASS, {"context": "{}"}, "ValidationException", "Context"),
        (PASS, {"variables": "[]"}, "ValidationException", "variables"),
        (PASS, {"roleArn": "role"}, "InvalidArn", "role"),
        ({"Type": "Pass"}, {}, "InvalidDefinition", "[Next] or [End]"),
        ({**TASK, "Resource": "arn:aws:states:::sqs:forget"}, {}, "InvalidDefinition", "not recognized"),
        ({**MAP, "ItemProcessor": {"StartAt": "No", "States": {"Yes": PASS}}}, {"mock": {"result": "[]"}},
         "InvalidDefinition", "/States/StateName"),
    ],
)  # fmt: skip
def test_refusals(states: Any, definition: Any, more: dict[str, Any], code: str, words: str) -> None:
    assert (refused := refusal(states, definition, **more))[0] == code
    assert words in refused[1]


def test_input_that_is_no_json(states: Any) -> None:
    with pytest.raises(ClientError) as error:
        states.test_state(definition=json.dumps(PASS), input="{")
    assert error.value.response["Error"]["Code"] == "InvalidExecutionInput"
