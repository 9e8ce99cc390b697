"""Distributed maps: where items come from, how they are grouped, what failures are borne, where results go."""

from __future__ import annotations

import gzip
import json

import pytest

from undercast.services.stepfunctions import map_running, map_storage

ECHO = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "P",
        "States": {"P": {"Type": "Pass", "End": True}}}  # fmt: skip
ODD_FAILS = {
    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    "StartAt": "Odd",
    "States": {
        "Odd": {"Type": "Choice", "Choices": [{"Variable": "$.odd", "BooleanEquals": True, "Next": "Fail"}], "Default": "Good"},
        "Good": {"Type": "Pass", "End": True},
        "Fail": {"Type": "Fail", "Error": "Odd", "Cause": "it is"},
    },
}  # fmt: skip


@pytest.fixture
def bucket(aws, account):
    s3 = aws("s3")
    name = f"items-{account}"
    s3.create_bucket(Bucket=name)
    return s3, name


def mapping(**more) -> dict:
    return {"StartAt": "Each", "States": {"Each": {"Type": "Map", "ItemProcessor": ECHO, "End": True, **more}}}


def reader(bucket, key="items", **config) -> dict:
    return {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": config,
        "Parameters": {"Bucket": bucket, "Key": key},
    }


@pytest.mark.parametrize(
    ("config", "body", "items"),
    [
        ({"InputType": "JSON"}, b'[1, {"a": 2}]', [1, {"a": 2}]),
        ({"InputType": "JSON", "MaxItems": 1}, b"[1, 2]", [1]),
        ({"InputType": "JSONL"}, b'1\n{"a": 2}\n\n', [1, {"a": 2}]),
        ({"InputType": "JSONL"}, gzip.compress(b"[1]\n[2]", mtime=0), [[1], [2]]),
        ({"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, b'a,b\n1,"x,\ny"\n2\n', [{"a": "1", "b": "x,\ny"}, {"a": "2", "b": ""}]),
        ({"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["n"], "CSVDelimiter": "PIPE"}, b"1\n2\n", [{"n": "1"}, {"n": "2"}]),
    ],
)  # fmt: skip
def test_items_of_a_file(workflows, bucket, config, body, items):
    s3, name = bucket
    s3.put_object(Bucket=name, Key="items", Body=body)
    execution = workflows.start(workflows.create(mapping(ItemReader=reader(name, **config))))
    assert workflows.output(execution) == items


def test_items_are_written_down_some_at_a_time(workflows, bucket, monkeypatch, clock):
    """What a crash leaves of it is not there twice: the second of three transactions fails once."""
    s3, name = bucket
    s3.put_object(Bucket=name, Key="items", Body=b"[0, 1, 2, 3, 4]")
    monkeypatch.setattr(map_running, "_ITEMS_AT_ONCE", 2)
    begun: list[int] = []

    async def add_items(call, id, start, contents):
        begun.append(start)
        if begun == [0, 2]:
            raise OSError("the platform ended here")
        await written(call, id, start, contents)

    written = map_storage.add_items
    monkeypatch.setattr(map_storage, "add_items", add_items)
    execution = workflows.start(workflows.create(mapping(ItemReader=reader(name, InputType="JSON"))))
    assert begun == [0, 2]
    clock.advance(seconds=2)
    workflows.settle()
    assert workflows.output(execution) == [0, 1, 2, 3, 4]
    assert begun == [0, 2, 0, 2, 4]
    run = workflows.client.list_map_runs(executionArn=execution)["mapRuns"][0]["mapRunArn"]
    assert workflows.client.describe_map_run(mapRunArn=run)["itemCounts"]["succeeded"] == 5


def test_items_tell_where_they_come_from(workflows, bucket):
    s3, name = bucket
    s3.put_object(Bucket=name, Key="items", Body=b"[1]")
    selector = {"from.$": "$$.Map.Item.Source"}
    read = mapping(ItemReader=reader(name, InputType="JSON"), ItemSelector=selector)
    assert workflows.output(workflows.start(workflows.create(read))) == [{"from": f"S3://{name}/items"}]
    given = mapping(ItemSelector=selector)
    assert workflows.output(workflows.start(workflows.create(given), [1])) == [{"from": "STATE_DATA"}]


def test_members_of_an_object_are_items(workflows):
    shown = {"key.$": "$$.Map.Item.Key", "value.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index"}
    child = {**ECHO, "States": {"P": {"Type": "Pass", "Parameters": {"pair.$": "$", **shown}, "End": True}}}
    execution = workflows.start(workflows.create(mapping(ItemProcessor=child)), {"a": 1, "b": 2})
    assert workflows.output(execution) == [
        {"pair": {"Key": "a", "Value": 1}, "key": "a", "value": 1, "index": 0},
        {"pair": {"Key": "b", "Value": 2}, "key": "b", "value": 2, "index": 1},
    ]


def test_items_of_an_inventory(workflows, bucket):
    s3, name = bucket
    s3.put_object(Bucket=name, Key="data.csv.gz", Body=gzip.compress(b'"b","k1"\n"b","k2"\n', mtime=0))
    manifest = {
        "destinationBucket": f"arn:aws:s3:::{name}",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key",
        "files": [{"key": "data.csv.gz"}],
    }
    s3.put_object(Bucket=name, Key="manifest.json", Body=json.dumps(manifest))
    wanted = mapping(ItemReader=reader(name, "manifest.json", InputType="MANIFEST"))
    assert workflows.output(workflows.start(workflows.create(wanted))) == [
        {"Bucket": "b", "Key": "k1"},
        {"Bucket": "b", "Key": "k2"},
    ]


def test_objects_are_items(workflows, bucket):
    s3, name = bucket
    for key in ("a", "b"):
        s3.put_object(Bucket=name, Key=f"in/{key}", Body=b"x")
    listing = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": name, "Prefix": "in/"}}
    found = workflows.output(workflows.start(workflows.create(mapping(ItemReader=listing))))
    assert [(one["Key"], one["Size"]) for one in found] == [("in/a", 1), ("in/b", 1)]


@pytest.mark.parametrize(
    ("body", "cause"), [(b'{"a": 1}', "Attempting to map over non-iterable node."), (None, "does not exist")]
)
def test_what_cannot_be_read_fails_the_map(workflows, bucket, body, cause):
    s3, name = bucket
    if body:
        s3.put_object(Bucket=name, Key="items", Body=body)
    described = workflows.run(mapping(ItemReader=reader(name, InputType="JSON")))
    assert (described["status"], described["error"]) == ("FAILED", "States.ItemReaderFailed")
    assert cause in described["cause"]


def test_items_are_batched(workflows):
    wanted = mapping(ItemBatcher={"MaxItemsPerBatch": 2, "BatchInput": {"why": "test"}})
    execution = workflows.start(workflows.create(wanted), [1, 2, 3])
    assert workflows.output(execution) == [
        {"BatchInput": {"why": "test"}, "Items": [1, 2]},
        {"BatchInput": {"why": "test"}, "Items": [3]},
    ]


def test_too_many_failures_fail_the_map(workflows, states):
    machine = workflows.create(mapping(ItemProcessor=ODD_FAILS, ToleratedFailureCount=1, MaxConcurrency=1))
    execution = workflows.start(machine, [{"odd": n % 2 == 1} for n in range(8)])
    described = workflows.describe(execution)
    assert (described["status"], described["error"]) == ("FAILED", "States.ExceedToleratedFailureThreshold")
    (run,) = states.list_map_runs(executionArn=execution)["mapRuns"]
    counts = states.describe_map_run(mapRunArn=run["mapRunArn"])["executionCounts"]
    assert (counts["succeeded"], counts["failed"], counts["pending"], counts["total"]) == (2, 2, 4, 8)


def test_failures_are_borne(workflows, states):
    machine = workflows.create(mapping(ItemProcessor=ODD_FAILS, ToleratedFailurePercentage=50))
    execution = workflows.start(machine, [{"odd": n % 2 == 1} for n in range(8)])
    assert workflows.describe(execution)["status"] == "SUCCEEDED"
    (run,) = states.list_map_runs(executionArn=execution)["mapRuns"]
    assert states.describe_map_run(mapRunArn=run["mapRunArn"])["itemCounts"]["failed"] == 4


def test_results_are_written(workflows, bucket):
    s3, name = bucket
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": name, "Prefix": "out"}}
    wanted = mapping(ItemProcessor=ODD_FAILS, ToleratedFailureCount=5, ResultWriter=writer)
    execution = workflows.start(workflows.create(wanted), [{"odd": False}, {"odd": True}])
    where = workflows.output(execution)["ResultWriterDetails"]
    manifest = json.loads(s3.get_object(**where)["Body"].read())
    (good,), (bad,) = manifest["ResultFiles"]["SUCCEEDED"], manifest["ResultFiles"]["FAILED"]
    (succeeded,) = json.loads(s3.get_object(Bucket=name, Key=good["Key"])["Body"].read())
    (failed,) = json.loads(s3.get_object(Bucket=name, Key=bad["Key"])["Body"].read())
    assert (succeeded["Status"], json.loads(succeeded["Output"])) == ("SUCCEEDED", {"odd": False})
    assert (failed["Status"], failed["Error"], failed["Cause"]) == ("FAILED", "Odd", "it is")


def test_only_so_many_children_run_at_once(workflows, states, clock):
    clock.stop()
    slow = {**ECHO, "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "End": True}}}
    execution = workflows.start(workflows.create(mapping(ItemProcessor=slow, MaxConcurrency=2)), [1, 2, 3, 4, 5])
    (run,) = states.list_map_runs(executionArn=execution)["mapRuns"]

    def counts():
        return states.describe_map_run(mapRunArn=run["mapRunArn"])["executionCounts"]

    assert (counts()["running"], counts()["pending"]) == (2, 3)
    states.update_map_run(mapRunArn=run["mapRunArn"], maxConcurrency=4)
    workflows.settle()
    assert (counts()["running"], counts()["pending"]) == (4, 1)
    for _ in range(2):
        clock.advance(seconds=10)
        workflows.settle()
    assert workflows.output(execution) == [1, 2, 3, 4, 5]


def test_stopping_an_execution_stops_its_children(workflows, states):
    slow = {**ECHO, "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10_000, "End": True}}}
    execution = workflows.start(workflows.create(mapping(ItemProcessor=slow)), [1, 2])
    states.stop_execution(executionArn=execution)
    workflows.settle()
    (run,) = states.list_map_runs(executionArn=execution)["mapRuns"]
    described = states.describe_map_run(mapRunArn=run["mapRunArn"])
    assert (described["status"], described["executionCounts"]["aborted"]) == ("ABORTED", 2)


def test_redrive_runs_the_children_that_failed(workflows, states, aws, account):
    sqs = aws("sqs")
    url = f"{sqs.meta.endpoint_url}/{account}/later"
    send = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": url, "MessageBody.$": "$.n"},
        "End": True,
    }
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 0, "Next": "Fine"}], "Default": "Send"}
    processor = {**ECHO, "StartAt": "Zero", "States": {"Zero": choice, "Send": send, "Fine": {"Type": "Succeed"}}}
    wanted = mapping(ItemProcessor=processor, MaxConcurrency=1, ResultSelector={"count.$": "States.ArrayLength($)"})
    execution = workflows.start(workflows.create(wanted), [{"n": n} for n in range(3)])
    assert workflows.describe(execution)["status"] == "FAILED"
    sqs.create_queue(QueueName="later")
    states.redrive_execution(executionArn=execution)
    workflows.settle()
    assert workflows.output(execution) == {"count": 3}
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert sorted(message["Body"] for message in messages) == ["1", "2"]
    (run,) = states.list_map_runs(executionArn=execution)["mapRuns"]
    described = states.describe_map_run(mapRunArn=run["mapRunArn"])
    assert (described["status"], described["redriveCount"]) == ("SUCCEEDED", 1)


def test_a_child_tells_what_it_is(workflows, states):
    execution = workflows.start(workflows.create(mapping(Label="Each")), [7])
    (run,) = states.list_map_runs(executionArn=execution)["mapRuns"]
    (child,) = states.list_executions(mapRunArn=run["mapRunArn"])["executions"]
    described = states.describe_state_machine_for_execution(executionArn=child["executionArn"])
    assert (described["label"], described["mapRunArn"]) == ("Each", run["mapRunArn"])
    assert json.loads(described["definition"])["StartAt"] == "P"
