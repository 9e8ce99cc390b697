"""Export tasks, as boto3 sees them."""

from __future__ import annotations

import gzip
import re

import pytest
from botocore.exceptions import ClientError

from tests.recorded import recorded

CASE = "logs_export_tasks::TestExportTasks::"


@pytest.fixture
def bucket(aws, account):
    aws("s3").create_bucket(Bucket=f"exports-{account}")
    return f"exports-{account}"


def create(logs, group, bucket, now, **options):
    span = {"from": now - 1000, "to": now + 1000, **options}
    return logs.create_export_task(logGroupName=group, destination=bucket, destinationPrefix="out", **span)


def test_create_export_task(logs, group, bucket, now):
    recorded(CASE + "test_create_export_task", "logs").check("create-export-task", create(logs, group, bucket, now))


def test_bucket_not_found(logs, group, now):
    with pytest.raises(ClientError) as refused:
        create(logs, group, "no-such-bucket-here", now)
    recorded(CASE + "test_create_export_task_bucket_not_found", "logs").check("error-bucket-not-found", refused.value)


def test_cancel_not_found(logs):
    with pytest.raises(ClientError) as refused:
        logs.cancel_export_task(taskId="none")
    recorded(CASE + "test_cancel_export_task_not_found", "logs").check("error-cancel-not-found", refused.value)


def test_describe_not_found(logs):
    recorded(CASE + "test_describe_export_tasks_not_found", "logs").check(
        "task-not-found", logs.describe_export_tasks(taskId="none")
    )


def test_events_are_in_the_bucket(logs, group, stream, put, bucket, now, aws, undercast):
    logs.create_log_stream(logGroupName=group, logStreamName="app/two")
    put("a", "b", at=now)
    put("too late", at=now + 5000)
    put("c", stream="app/two", at=now)
    task = create(logs, group, bucket, now)["taskId"]
    undercast.run(undercast.platform.jobs.idle())
    (shown,) = logs.describe_export_tasks(taskId=task, statusCode="COMPLETED")["exportTasks"]
    assert shown["logGroupName"] == group and shown["executionInfo"]["completionTime"] >= now
    s3 = aws("s3")
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket, Prefix=f"out/{task}/")["Contents"]]
    assert keys == [f"out/{task}/app-two/000000.gz", f"out/{task}/one/000000.gz"]
    lines = gzip.decompress(s3.get_object(Bucket=bucket, Key=keys[1])["Body"].read()).decode().splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == ["a", "b"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z a", lines[0])
    with pytest.raises(ClientError, match="InvalidOperationException"):
        logs.cancel_export_task(taskId=task)
