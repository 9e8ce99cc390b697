"""Pipes: their states, what is kept and shown of them, lists, tags, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest


def test_what_is_shown(pipes: Any, source: Any, sink: Any, role: str, account: str, region: str) -> None:
    made = pipes.client.create_pipe(
        Name="pipe", Source=source.arn, Target=sink.arn, RoleArn=role, Description="text", Tags={"a": "b"}
    )
    assert (made["CurrentState"], made["DesiredState"]) == ("CREATING", "RUNNING")
    shown = pipes.until("RUNNING")
    shown.pop("ResponseMetadata")
    assert shown.pop("CreationTime") == shown.pop("LastModifiedTime") == made["CreationTime"]
    assert shown == {
        "Arn": f"arn:aws:pipes:{region}:{account}:pipe/pipe",
        "CurrentState": "RUNNING",
        "Description": "text",
        "DesiredState": "RUNNING",
        "Name": "pipe",
        "RoleArn": role,
        "Source": source.arn,
        "SourceParameters": {"SqsQueueParameters": {"BatchSize": 10}},
        "Tags": {"a": "b"},
        "Target": sink.arn,
    }


def test_stop_and_start(pipes: Any, source: Any, sink: Any, refused: Any) -> None:
    pipes.create(source.arn, sink.arn)
    assert pipes.client.stop_pipe(Name="pipe")["CurrentState"] == "STOPPING"
    pipes.until("STOPPED")
    source.send("waits")
    assert refused(pipes.client.stop_pipe, Name="pipe")[0] == "ConflictException"
    assert source.size() == (1, 0)
    assert pipes.client.start_pipe(Name="pipe")["CurrentState"] == "STARTING"
    assert sink.documents()[0]["body"] == "waits"
    pipes.until("RUNNING")
    assert refused(pipes.client.start_pipe, Name="pipe")[0] == "ConflictException"


def test_created_stopped(pipes: Any, source: Any, sink: Any) -> None:
    pipes.create(source.arn, sink.arn, state="STOPPED", DesiredState="STOPPED")
    source.send("waits")
    assert source.size() == (1, 0)


def test_deleted(pipes: Any, source: Any, sink: Any, refused: Any) -> None:
    pipes.create(source.arn, sink.arn)
    assert pipes.client.delete_pipe(Name="pipe")["CurrentState"] == "DELETING"
    pipes.gone()
    source.send("waits")
    assert source.size() == (1, 0)
    missing = ("NotFoundException", "Pipe pipe does not exist.")
    assert refused(pipes.client.delete_pipe, Name="pipe") == missing
    assert refused(pipes.client.start_pipe, Name="pipe") == missing
    assert refused(pipes.client.update_pipe, Name="pipe", RoleArn=pipes.role) == missing


def test_an_update_changes_what_it_names(pipes: Any, make_queue: Any, source: Any, sink: Any) -> None:
    criteria = {"Filters": [{"Pattern": '{"body": {"kind": ["a"]}}'}]}
    template = {"InputTemplate": "<$.body.kind>"}
    pipes.create(
        source.arn,
        sink.arn,
        Description="before",
        SourceParameters={"FilterCriteria": criteria},
        TargetParameters=template,
    )
    other = make_queue("other")
    answer = pipes.client.update_pipe(Name="pipe", RoleArn=pipes.role, Target=other.arn)
    assert answer["CurrentState"] == "UPDATING"
    shown = pipes.until("RUNNING")
    assert (shown["Description"], shown["Target"]) == ("before", other.arn)
    assert shown["SourceParameters"] == {"FilterCriteria": criteria, "SqsQueueParameters": {"BatchSize": 10}}
    assert shown["TargetParameters"] == template
    source.send('{"kind": "a"}')
    assert other.bodies() == ['"a"']
    pipes.client.update_pipe(Name="pipe", RoleArn=pipes.role, SourceParameters={"FilterCriteria": {"Filters": []}})
    pipes.until("RUNNING")
    source.send('{"kind": "b"}')
    assert other.bodies() == ['"b"']


def test_a_source_that_is_not_there(pipes: Any, sink: Any, account: str, region: str, source: Any) -> None:
    missing = f"arn:aws:sqs:{region}:{account}:missing"
    pipes.create(missing, sink.arn, state="CREATE_FAILED")
    assert missing in pipes.client.describe_pipe(Name="pipe")["StateReason"]
    pipes.client.delete_pipe(Name="pipe")
    pipes.gone()


def test_lists(pipes: Any, source: Any, sink: Any, refused: Any) -> None:
    for name in ("a1", "a2", "b1"):
        pipes.create(source.arn, sink.arn, name, state="STOPPED", DesiredState="STOPPED")

    def names(**filters: Any) -> list[str]:
        pages = pipes.client.get_paginator("list_pipes").paginate(**filters, PaginationConfig={"PageSize": 2})
        return [pipe["Name"] for page in pages for pipe in page["Pipes"]]

    assert names() == ["a1", "a2", "b1"]
    assert names(NamePrefix="a") == ["a1", "a2"]
    assert names(CurrentState="RUNNING") == names(DesiredState="RUNNING") == []
    assert names(SourcePrefix=source.arn[:-1]) == names(TargetPrefix=sink.arn) == ["a1", "a2", "b1"]
    assert names(SourcePrefix=sink.arn) == []
    assert refused(pipes.client.list_pipes, NextToken="nonsense") == ("ValidationException", "Invalid NextToken.")


def test_tags(pipes: Any, source: Any, sink: Any, refused: Any) -> None:
    arn = pipes.create(source.arn, sink.arn, Tags={"a": "1"})
    pipes.client.tag_resource(resourceArn=arn, tags={"b": "2"})
    pipes.client.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert pipes.client.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
    assert refused(pipes.client.list_tags_for_resource, resourceArn=arn + "2")[0] == "NotFoundException"


def test_a_name_is_taken_once(pipes: Any, source: Any, sink: Any, refused: Any) -> None:
    pipes.create(source.arn, sink.arn)
    assert refused(pipes.create, source.arn, sink.arn) == ("ConflictException", "Pipe pipe already exists.")


def test_a_role_must_trust_pipes(aws: Any, pipes: Any, source: Any, sink: Any, refused: Any) -> None:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    iam = aws("iam")
    pipes.role = iam.create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    assert refused(pipes.create, source.arn, sink.arn)[0] == "ValidationException"
    statement["Principal"] = {"Service": "pipes.amazonaws.com"}
    iam.update_assume_role_policy(RoleName="role", PolicyDocument=json.dumps(trust))
    pipes.create(source.arn, sink.arn)


BUS = "arn:aws:events:us-east-1:000000000000:event-bus/default"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:queue"
STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/stream"
TOPIC = "arn:aws:sns:us-east-1:000000000000:topic"
HTTP = "arn:aws:events:us-east-1:000000000000:api-destination/there/1"


@pytest.mark.parametrize(
    ("source", "target", "settings", "message"),
    [
        (BUS, QUEUE, {}, f"{BUS} cannot be the source of a pipe."),
        (QUEUE, "arn:aws:s3:::bucket", {}, "arn:aws:s3:::bucket cannot be the target of a pipe."),
        (STREAM, QUEUE, {}, f"KinesisStreamParameters must be provided for source {STREAM}."),
        (
            QUEUE, QUEUE, {"SourceParameters": {"KinesisStreamParameters": {"StartingPosition": "LATEST"}}},
            f"KinesisStreamParameters cannot be used with source {QUEUE}.",
        ),
        (QUEUE, STREAM, {}, f"KinesisStreamParameters must be provided for target {STREAM}."),
        (
            QUEUE, TOPIC, {"TargetParameters": {"KinesisStreamParameters": {"PartitionKey": "k"}}},
            f"KinesisStreamParameters cannot be used with target {TOPIC}.",
        ),
        (
            STREAM, QUEUE,
            {"SourceParameters": {"KinesisStreamParameters": {"StartingPosition": "LATEST", "BatchSize": 11}}},
            "BatchSize 11 is more than the 10 that the pipe's target takes.",
        ),
        (
            QUEUE, HTTP, {"SourceParameters": {"SqsQueueParameters": {"BatchSize": 2}}},
            "BatchSize 2 is more than the 1 that the pipe's target takes.",
        ),
        (QUEUE, QUEUE + ".fifo", {}, "SqsQueueParameters.MessageGroupId must be provided for a FIFO queue."),
        (
            QUEUE, "arn:aws:logs:us-east-1:000000000000:log-group:group", {},
            "CloudWatchLogsParameters.LogStreamName must be provided.",
        ),
        (QUEUE, QUEUE, {"Enrichment": TOPIC}, f"{TOPIC} cannot be the enrichment of a pipe."),
        (QUEUE, QUEUE, {"TargetParameters": {"InputTemplate": "<$.a[>"}}, "Invalid InputTemplate: <$.a[>"),
        (QUEUE, QUEUE, {"TargetParameters": {"InputTemplate": "<aws.pipes.wrong>"}}, "Invalid InputTemplate: <aws.pipes.wrong>"),
        (QUEUE, QUEUE, {"LogConfiguration": {"Level": "INFO"}}, "A log destination must be provided."),
        (
            STREAM, TOPIC, {"SourceParameters": {"KinesisStreamParameters": {"StartingPosition": "AT_TIMESTAMP"}}},
            "StartingPositionTimestamp must be provided for AT_TIMESTAMP.",
        ),
    ],
)  # fmt: skip
def test_what_is_refused(
    pipes: Any, refused: Any, source: str, target: str, settings: dict[str, Any], message: str
) -> None:
    assert refused(pipes.create, source, target, **settings) == ("ValidationException", message)


def test_filters_that_are_no_patterns(pipes: Any, refused: Any) -> None:
    criteria = {"FilterCriteria": {"Filters": [{"Pattern": '{"body": 1}'}]}}
    code, message = refused(pipes.create, QUEUE, QUEUE, SourceParameters=criteria)
    assert (code, message[:37]) == ("ValidationException", 'Event pattern is not valid. Reason: "')


@pytest.mark.parametrize(
    ("source", "target", "settings"),
    [
        ("arn:aws:kafka:us-east-1:000000000000:cluster/c/1", QUEUE, {}),
        ("arn:aws:mq:us-east-1:000000000000:broker:b:1", QUEUE, {}),
        ("smk://broker.example.com:9092", QUEUE, {}),
        (QUEUE, "arn:aws:ecs:us-east-1:000000000000:cluster/c", {}),
        (QUEUE, "arn:aws:batch:us-east-1:000000000000:job-queue/q", {}),
        (QUEUE, "arn:aws:redshift:us-east-1:000000000000:cluster:c", {}),
        (QUEUE, "arn:aws:sagemaker:us-east-1:000000000000:pipeline/p", {}),
        (QUEUE, "arn:aws:timestream:us-east-1:000000000000:database/d/table/t", {}),
        (QUEUE, TOPIC + ".fifo", {}),
        (QUEUE, QUEUE, {"KmsKeyIdentifier": "key"}),
        (
            QUEUE, QUEUE,
            {"LogConfiguration": {"Level": "INFO", "S3LogDestination": {"BucketName": "bucket", "BucketOwner": "000000000000"}}},
        ),
    ],
)  # fmt: skip
def test_what_is_not_here_yet(pipes: Any, refused: Any, source: str, target: str, settings: dict[str, Any]) -> None:
    assert refused(pipes.create, source, target, **settings)[0] == "NotImplemented"
