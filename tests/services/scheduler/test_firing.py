"""Schedules that fire: once, at a rate, by cron in a time zone, within a window; what fails is tried again."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any


def at(when: datetime) -> str:
    return f"at({when:%Y-%m-%dT%H:%M:%S})"


def test_once(schedule: Any, scheduler: Any, clock: Any, bodies: Any, now: Any) -> None:
    schedule(at(now() + timedelta(hours=1)), target={"Input": "once"})
    assert bodies() == []
    clock.advance(hours=1)
    assert bodies() == ["once"]
    clock.advance(days=400)
    assert bodies() == []
    assert scheduler.get_schedule(Name="schedule")["State"] == "ENABLED"


def test_a_time_that_is_past_never_comes(schedule: Any, clock: Any, bodies: Any) -> None:
    schedule("at(2020-01-01T00:00:00)")
    clock.advance(days=1)
    assert bodies() == []


def test_a_rate_begins_at_once(schedule: Any, clock: Any, bodies: Any) -> None:
    schedule("rate(5 minutes)")
    assert bodies() == ["tick"]
    clock.advance(minutes=14)
    assert bodies() == ["tick"] * 2
    clock.advance(minutes=1, seconds=1)
    assert bodies() == ["tick"]


def test_start_and_end(schedule: Any, clock: Any, documents: Any, now: Any) -> None:
    begin = (now() + timedelta(hours=1)).replace(microsecond=0)
    text = '{"at": "<aws.scheduler.scheduled-time>"}'
    schedule("rate(1 hour)", StartDate=begin, EndDate=begin + timedelta(hours=3), target={"Input": text})
    assert documents() == []
    clock.advance(days=1)
    expected = [begin + timedelta(hours=hours) for hours in range(3)]
    assert [one["at"] for one in documents()] == [f"{when:%Y-%m-%dT%H:%M:%SZ}" for when in expected]


def test_a_month_fires_in_order(schedule: Any, clock: Any, documents: Any, now: Any) -> None:
    text = '{"name": "%s", "at": "<aws.scheduler.scheduled-time>"}'
    schedule("rate(7 hours)", "seven", target={"Input": text % "seven"})
    schedule("cron(0 6 ? * MON-FRI *)", "workdays", target={"Input": text % "workdays"})
    schedule("cron(30 23 L * ? *)", "last", ScheduleExpressionTimezone="Asia/Tokyo", target={"Input": text % "last"})
    begin, found = now(), documents()
    for _ in range(10):  # the queue keeps them for four days only
        clock.advance(days=3, stepwise=True)
        found += documents()
    assert [one["at"] for one in found] == sorted(one["at"] for one in found)
    assert sum(one["name"] == "seven" for one in found) == 30 * 24 // 7 + 1
    days = [begin + timedelta(days=day) for day in range(31)]
    assert sum(one["name"] == "workdays" for one in found) in (
        sum(day.weekday() < 5 for day in days[1:]), sum(day.weekday() < 5 for day in days[:-1]),
    )  # fmt: skip
    tokyo_s = timedelta(hours=9)
    ends = [day.replace(hour=14, minute=30, second=0, microsecond=0) for day in days]
    ends = [
        at for at in ends if begin < at <= begin + timedelta(days=30) and (at + tokyo_s + timedelta(days=1)).day == 1
    ]
    assert [one["at"] for one in found if one["name"] == "last"] == [at.strftime("%Y-%m-%dT%H:%M:%SZ") for at in ends]


def test_after_a_long_rest_the_last_day_is_made_up_for(
    schedule: Any, scheduler: Any, clock: Any, bodies: Any, now: Any
) -> None:
    begin, end = now().replace(microsecond=0), now() + timedelta(days=20)
    schedule("rate(1 minute)", target={"Input": "<aws.scheduler.scheduled-time>"})
    schedule("rate(1 minute)", "ended", EndDate=end, ActionAfterCompletion="DELETE", target={"Input": "ended"})
    assert len(bodies()) == 2
    clock.advance(days=30)
    found = bodies()
    assert found.count("ended") == 1
    assert [one["Name"] for one in scheduler.list_schedules()["Schedules"]] == ["schedule"]
    first, *rest = (datetime.fromisoformat(one.replace("Z", "+00:00")) for one in found if one != "ended")
    assert timedelta(minutes=1) <= first - begin <= timedelta(minutes=1, seconds=1)
    assert rest[0] >= now() - timedelta(hours=24, minutes=1)
    assert len(rest) == 1440
    assert {later - earlier for earlier, later in pairwise(rest)} == {timedelta(minutes=1)}


def test_cron_in_a_time_zone_with_daylight_saving(schedule: Any, clock: Any, documents: Any, now: Any) -> None:
    schedule(
        "cron(30 2 * * ? *)", ScheduleExpressionTimezone="America/New_York",
        target={"Input": '"<aws.scheduler.scheduled-time>"'},
    )  # fmt: skip
    clock.advance(days=366)
    hours = [text[11:16] for text in documents()]
    assert set(hours) == {"06:30", "07:30"}
    assert len(hours) in (364, 365)  # on the day when the clocks go forward there is no 2:30


def test_disabled_and_enabled(scheduler: Any, schedule: Any, target: dict[str, Any], clock: Any, bodies: Any) -> None:
    schedule("rate(1 hour)", State="DISABLED")
    clock.advance(hours=2, minutes=30)
    assert bodies() == []
    same = {"ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}
    scheduler.update_schedule(Name="schedule", State="ENABLED", **same)
    clock.advance(minutes=31)
    assert bodies() == ["tick"]
    scheduler.update_schedule(Name="schedule", State="DISABLED", **same)
    clock.advance(hours=10)
    assert bodies() == []


def test_an_update_of_the_target_does_not_fire_again(
    scheduler: Any, schedule: Any, target: dict[str, Any], clock: Any, bodies: Any
) -> None:
    schedule("rate(1 hour)")
    assert bodies() == ["tick"]
    settings = {"ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}}
    scheduler.update_schedule(Name="schedule", Target={**target, "Input": "tock"}, **settings)
    assert bodies() == []
    clock.advance(hours=1)
    assert bodies() == ["tock"]


def test_a_deleted_schedule_is_silent(scheduler: Any, schedule: Any, clock: Any, bodies: Any) -> None:
    schedule("rate(1 hour)")
    scheduler.delete_schedule(Name="schedule")
    bodies()
    clock.advance(hours=5)
    assert bodies() == []


def test_a_window(schedule: Any, clock: Any, messages: Any, now: Any) -> None:
    when = (now() + timedelta(hours=1)).replace(microsecond=0)
    for number in range(20):
        window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 60}
        schedule(at(when), f"s{number}", FlexibleTimeWindow=window, target={"Input": "<aws.scheduler.scheduled-time>"})
    clock.advance(hours=1, minutes=30)
    some = len(messages())
    assert 0 < some < 20
    clock.advance(minutes=31)
    rest = messages()
    assert some + len(rest) == 20
    assert {one["Body"] for one in rest} == {f"{when:%Y-%m-%dT%H:%M:%SZ}"}


def test_deleted_after_completion(scheduler: Any, schedule: Any, clock: Any, bodies: Any, now: Any) -> None:
    end = now() + timedelta(hours=2, minutes=30)
    schedule("rate(1 hour)", "rate", EndDate=end, ActionAfterCompletion="DELETE")
    schedule(at(now() + timedelta(minutes=10)), "once", ActionAfterCompletion="DELETE")
    bodies()
    assert len(scheduler.list_schedules()["Schedules"]) == 2
    clock.advance(hours=1)
    bodies()
    assert [one["Name"] for one in scheduler.list_schedules()["Schedules"]] == ["rate"]
    clock.advance(hours=2)
    bodies()
    assert scheduler.list_schedules()["Schedules"] == []


def test_context_attributes(schedule: Any, documents: Any) -> None:
    text = (
        '{"arn": "<aws.scheduler.schedule-arn>", "at": "<aws.scheduler.scheduled-time>", '
        '"id": "<aws.scheduler.execution-id>", "attempt": <aws.scheduler.attempt-number>}'
    )
    arn = schedule("rate(1 hour)", target={"Input": text})
    (found,) = documents()
    assert (found["arn"], found["attempt"], len(found["id"])) == (arn, 1, 16)


def test_without_input_a_notification_comes(schedule: Any, documents: Any, account: str, region: str) -> None:
    arn = schedule("rate(1 hour)", target={"Input": None})
    (found,) = documents()
    assert len(found.pop("id")) == 36
    assert found.pop("time").endswith("Z")
    assert found == {
        "version": "0", "detail-type": "Scheduled Event", "source": "aws.scheduler", "account": account,
        "region": region, "resources": [arn], "detail": "{}",
    }  # fmt: skip


def test_a_fifo_queue(sqs: Any, schedule: Any, messages: Any, account: str, region: str) -> None:
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url = sqs.create_queue(QueueName="q.fifo", Attributes=attributes)["QueueUrl"]
    arn = f"arn:aws:sqs:{region}:{account}:q.fifo"
    schedule("rate(1 hour)", target={"Arn": arn, "SqsParameters": {"MessageGroupId": "group"}})
    (message,) = messages(url)
    assert message["Attributes"]["MessageGroupId"] == "group"


def test_a_topic(aws: Any, sqs: Any, queue: str, schedule: Any, documents: Any, queue_arn: str) -> None:
    topic = aws("sns").create_topic(Name="topic")["TopicArn"]
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
    schedule("rate(1 hour)", target={"Arn": topic, "Input": "to everyone"})
    assert [one["Message"] for one in documents()] == ["to everyone"]


def test_a_function(aws: Any, schedule: Any, role: str, sqs: Any, queue: str, queue_arn: str, messages: Any) -> None:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    return event['n'] + 1\n")
    client = aws("lambda")
    function = client.create_function(
        FunctionName="function", Runtime="python3.12", Handler="index.handler", Role=role,
        Code={"ZipFile": code.getvalue()},
    )["FunctionArn"]  # fmt: skip
    destination = {"OnSuccess": {"Destination": queue_arn}}
    client.put_function_event_invoke_config(FunctionName="function", DestinationConfig=destination)
    schedule("rate(1 hour)", target={"Arn": function, "Input": '{"n": 41}'})
    (message,) = messages()
    assert json.loads(message["Body"])["responsePayload"] == 42


def test_a_stream(aws: Any, schedule: Any, settle: Any, account: str, region: str, refused: Any) -> None:
    kinesis = aws("kinesis")
    kinesis.create_stream(StreamName="stream", ShardCount=1)
    settle()
    arn = f"arn:aws:kinesis:{region}:{account}:stream/stream"
    missing = ("ValidationException", f"KinesisParameters must be provided for target {arn}.")
    assert refused(schedule, "rate(1 hour)", target={"Arn": arn}) == missing
    schedule("rate(1 hour)", target={"Arn": arn, "Input": "x", "KinesisParameters": {"PartitionKey": "k"}})
    settle()
    where = {"StreamARN": arn, "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
    records = kinesis.get_records(ShardIterator=kinesis.get_shard_iterator(**where)["ShardIterator"])["Records"]
    assert [(one["Data"], one["PartitionKey"]) for one in records] == [(b"x", "k")]


def test_a_bus(
    aws: Any, schedule: Any, documents: Any, queue_arn: str, account: str, region: str, refused: Any
) -> None:
    events = aws("events")
    events.put_rule(Name="rule", EventPattern='{"source": ["clock"]}')
    events.put_targets(Rule="rule", Targets=[{"Id": "1", "Arn": queue_arn}])
    arn = f"arn:aws:events:{region}:{account}:event-bus/default"
    missing = ("ValidationException", f"EventBridgeParameters must be provided for target {arn}.")
    assert refused(schedule, "rate(1 hour)", target={"Arn": arn, "Input": "{}"}) == missing
    parameters = {"DetailType": "hour", "Source": "clock"}
    schedule("rate(1 hour)", target={"Arn": arn, "Input": '{"a": 1}', "EventBridgeParameters": parameters})
    (event,) = documents()
    assert (event["source"], event["detail-type"], event["detail"]) == ("clock", "hour", {"a": 1})


def test_a_delivery_stream(
    aws: Any, schedule: Any, settle: Any, role: str, clock: Any, account: str, region: str
) -> None:
    s3, bucket = aws("s3"), f"scheduler-{account}"
    s3.create_bucket(Bucket=bucket)
    hints = {"IntervalInSeconds": 60, "SizeInMBs": 1}
    destination = {"BucketARN": f"arn:aws:s3:::{bucket}", "RoleARN": role, "BufferingHints": hints}
    aws("firehose").create_delivery_stream(DeliveryStreamName="delivery", S3DestinationConfiguration=destination)
    settle()
    schedule("rate(1 hour)", target={"Arn": f"arn:aws:firehose:{region}:{account}:deliverystream/delivery"})
    settle()
    clock.advance(seconds=61)
    settle()
    (found,) = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read() == b"tick"


def test_any_operation(aws: Any, schedule: Any, settle: Any, sqs: Any) -> None:
    name = "arn:aws:scheduler:::aws-sdk:"
    schedule("rate(1 hour)", "a", target={"Arn": f"{name}sqs:createQueue", "Input": '{"QueueName": "made"}'})
    group = '{"LogGroupName": "/made/<aws.scheduler.attempt-number>"}'
    schedule("rate(1 hour)", "b", target={"Arn": f"{name}cloudwatchlogs:createLogGroup", "Input": group})
    settle()
    assert sqs.get_queue_url(QueueName="made")["QueueUrl"].endswith("/made")
    groups = aws("logs").describe_log_groups(logGroupNamePrefix="/made")["logGroups"]
    assert [one["logGroupName"] for one in groups] == ["/made/1"]


def test_an_operation_that_waits(aws: Any, schedule: Any, messages: Any, clock: Any, sqs: Any, queue_arn: str) -> None:
    """Lambda's Invoke cannot be part of a transaction; here it fails, and is tried again."""
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    schedule(
        "at(2090-01-01T00:00:00)", "far", target={"Arn": "arn:aws:scheduler:::aws-sdk:lambda:invoke", "Input": "{}"}
    )
    given = {"FunctionName": "nobody", "InvocationType": "RequestResponse", "Payload": "{}"}
    schedule(
        "rate(10 days)",
        target={
            "Arn": "arn:aws:scheduler:::aws-sdk:lambda:invoke", "Input": json.dumps(given),
            "RetryPolicy": {"MaximumRetryAttempts": 1}, "DeadLetterConfig": {"Arn": queue_arn[:-5] + "dead"},
        },
    )  # fmt: skip
    assert messages(dead) == []
    clock.advance(minutes=1)
    (letter,) = messages(dead)
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "ResourceNotFoundException"
    assert letter["MessageAttributes"]["RETRY_ATTEMPTS"]["StringValue"] == "1"


def test_a_dead_letter(sqs: Any, schedule: Any, messages: Any, queue_arn: str, queue: str) -> None:
    missing = queue_arn + "-missing"
    arn = schedule(
        "rate(1 hour)",
        target={
            "Arn": missing, "Input": "attempt <aws.scheduler.attempt-number>",
            "RetryPolicy": {"MaximumRetryAttempts": 0}, "DeadLetterConfig": {"Arn": queue_arn},
        },
    )  # fmt: skip
    (letter,) = messages(queue)
    request = json.loads(letter["Body"])
    assert request.pop("QueueUrl").endswith(f"/{missing.rpartition(':')[2]}")
    assert request == {"MessageBody": "attempt 1"}
    texts = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert len(texts.pop("EXECUTION_ID")) == 16
    assert texts.pop("SCHEDULED_TIME").endswith("Z")
    assert texts.pop("ERROR_MESSAGE")
    assert texts == {
        "ERROR_CODE": "QueueDoesNotExist",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": "0",
        "SCHEDULE_ARN": arn,
        "TARGET_ARN": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage",
    }


def test_attempts_until_the_event_is_too_old(
    schedule: Any, messages: Any, clock: Any, queue_arn: str, queue: str, settle: Any
) -> None:
    schedule(
        "rate(10 days)",
        target={
            "Arn": queue_arn + "-missing", "RetryPolicy": {"MaximumEventAgeInSeconds": 60},
            "DeadLetterConfig": {"Arn": queue_arn},
        },
    )  # fmt: skip
    for _ in range(12):
        settle()
        clock.advance(seconds=10)
    (letter,) = messages(queue)
    attributes = letter["MessageAttributes"]
    assert attributes["EXHAUSTED_RETRY_CONDITION"]["StringValue"] == "MaximumEventAgeInSeconds"
    assert int(attributes["RETRY_ATTEMPTS"]["StringValue"]) >= 2


def test_a_target_that_comes_back(sqs: Any, schedule: Any, clock: Any, bodies: Any, queue_arn: str) -> None:
    schedule("rate(1 hour)", target={"Arn": queue_arn + "-late", "Input": "<aws.scheduler.attempt-number>"})
    clock.advance(seconds=2)
    bodies()
    url = sqs.create_queue(QueueName="queue-late")["QueueUrl"]
    clock.advance(seconds=30)
    (body,) = bodies(url)
    assert int(body) > 1


def test_a_missing_dead_letter_queue_loses_it(
    schedule: Any, clock: Any, settle: Any, queue_arn: str, undercast: Any, account: str
) -> None:
    target = {"Arn": queue_arn + "-missing", "RetryPolicy": {"MaximumRetryAttempts": 0}}
    schedule("rate(1 hour)", target={**target, "DeadLetterConfig": {"Arn": queue_arn + "-missing"}})
    settle()
    clock.advance(minutes=10)
    settle()
    sql = "SELECT name FROM jobs WHERE account = ? AND service = 'scheduler'"
    left = undercast.run(undercast.platform.store.scan(sql, account))
    assert [name for (name,) in left] == ["fire"]  # of the next hour: nothing is tried again
