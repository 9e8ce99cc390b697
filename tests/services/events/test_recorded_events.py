"""PutEvents and the ways of events to targets, as recorded from AWS."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from tests.recorded import recorded
from tests.services.events.conftest import DETAIL, ENTRY, PATTERN

EVENTS = "events::TestEvents::"
TARGETS = "events_targets::"
PARTS = {"detail-type": PATTERN["detail-type"]}


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        ("ARRAY", '[{"a": 1}]'),
        ("MALFORMED_JSON", '{"a": '),
        ("SERIALIZED_STRING", '"{\\"a\\": 1}"'),
        ("STRING", "a text"),
    ],
)
def test_put_event_malformed_detail(events, kind, detail):
    answer = events.put_events(Entries=[{**ENTRY, "Detail": detail}])
    recorded(f"{EVENTS}test_put_event_malformed_detail[{kind}]", "events").check("put-events", answer)


def test_put_event_with_too_big_detail(events, error_of):
    detail = json.dumps({"data": "x" * 1_048_576})  # recorded when the limit was 256 KB
    error = error_of(events.put_events, Entries=[{**ENTRY, "Detail": detail}])
    recorded(f"{EVENTS}test_put_event_with_too_big_detail", "events").check("put-events-too-big-detail-error", error)


def test_put_event_without_detail_type(events):
    answer = events.put_events(Entries=[{"Source": "some.source", "Detail": "{}"}])
    recorded(f"{EVENTS}test_put_event_without_detail_type", "events").check("put-events", answer)


def test_put_events_nonexistent_event_bus(events, make_rule, target, error_of):
    case = recorded("events::TestEventBus::test_put_events_nonexistent_event_bus", "events")
    make_rule("rule", target.arn, pattern={"source": ["MySource"]})
    entry = {"Source": "MySource", "DetailType": "CustomType"}
    answer = events.put_events(Entries=[
        {**entry, "EventBusName": "default", "Detail": json.dumps({"message": "for the default event bus"})},
        {**entry, "EventBusName": "none", "Detail": json.dumps({"message": "for the custom event bus"})},
    ])  # fmt: skip
    case.check("put-events", answer)
    case.check("get-events", target.receive(AttributeNames=[]))
    case.check("non-existent-bus-error", error_of(events.describe_event_bus, Name="none"))


# --- targets ---


@pytest.mark.parametrize("strategy", ["standard", "domain", "path"])
def test_put_events_bus_to_bus(events, make_rule, target, put, strategy):
    """The three ways are those of naming queues, which Undercast does not tell apart."""
    arns = {name: events.create_event_bus(Name=name)["EventBusArn"] for name in ("first", "second")}
    make_rule("rule-1", arns["second"], bus="first")
    make_rule("rule-2", target.arn, bus="second")
    put(bus="first")
    case = recorded(f"events::TestEventBus::test_put_events_bus_to_bus[{strategy}]", "events")
    case.check("messages", target.receive(AttributeNames=[]), ignore=("MD5OfBody", "ReceiptHandle"))


@pytest.mark.parametrize(
    ("number", "way"), list(enumerate([("default", "custom"), ("custom", "default"), ("one", "two")]))
)
def test_put_events_with_target_events(events, make_rule, target, put, number, way):
    for name in set(way) - {"default"}:
        events.create_event_bus(Name=name)
    source, destination = way
    make_rule("rule-1", events.describe_event_bus(Name=destination)["Arn"], bus=source)
    make_rule("rule-2", target.arn, bus=destination)
    put(bus=source)
    case = recorded(
        f"{TARGETS}TestEventsTargetEvents::test_put_events_with_target_events[bus_combination{number}]", "events"
    )
    case.check("messages", target.receive(AttributeNames=[]), ignore=("MD5OfBody", "ReceiptHandle"))


@pytest.mark.parametrize("strategy", ["standard", "domain", "path"])
def test_put_events_with_target_sns(aws, make_rule, target, put, strategy):
    sns = aws("sns")
    topic = sns.create_topic(Name="topic")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=target.arn)
    make_rule("rule", topic)
    put()
    case = recorded(f"{TARGETS}TestEventsTargetSns::test_put_events_with_target_sns[{strategy}]", "events")
    (message,) = target.receive(AttributeNames=[])
    want, have = (
        json.loads(case.answers["messages"][0]["Body"]["Message"].replace("111111111111", "1")),
        json.loads(message["Body"]),
    )
    assert set(have) == set(case.answers["messages"][0]["Body"])
    event = json.loads(have["Message"])
    assert list(event) == list(want)
    assert event["detail"] == want["detail"] == DETAIL


def test_put_events_with_target_sqs_event_detail_match(make_rule, target, put):
    case = recorded(f"{TARGETS}TestEventsTargetSqs::test_put_events_with_target_sqs_event_detail_match", "events")
    pattern = {"detail": {"EventType": ["0", "1"]}}
    make_rule("rule", {"Arn": target.arn, "InputPath": "$.detail"}, pattern=pattern)
    put({"EventType": "3"})
    put({"EventType": "1"})
    case.check("messages", target.receive(AttributeNames=[]), ignore=("MD5OfBody", "ReceiptHandle"))


CODE = """
import json, os, urllib.request
def handler(event, context):
    body = json.dumps(event).encode()
    urllib.request.urlopen(urllib.request.Request(os.environ["URL"], body, method="POST")).read()
"""


@pytest.fixture
def function(aws, server, account):
    """The ARN of a function that posts its events to the server."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", CODE)
    lambda_ = aws("lambda")
    made = lambda_.create_function(
        FunctionName="function", Runtime="python3.12", Handler="index.handler", Code={"ZipFile": archive.getvalue()},
        Role=f"arn:aws:iam::{account}:role/role", Environment={"Variables": {"URL": server.url}},
    )  # fmt: skip
    lambda_.get_waiter("function_active_v2").wait(
        FunctionName="function", WaiterConfig={"Delay": 0, "MaxAttempts": 5000}
    )
    return made["FunctionArn"]


def test_put_events_with_target_lambda(function, server, make_rule, put):
    make_rule("rule", function)
    put()
    case = recorded(f"{TARGETS}TestEventsTargetLambda::test_put_events_with_target_lambda", "events")
    case.check("events", [json.loads(server.next()[3])])


PAYLOAD = {
    "userId": 10, "businessId": 3, "channelId": 6, "card": {"foo": "bar"}, "targetEntity": True,
    "entityAuditTrailEvent": {"foo": "bar"},
}  # fmt: skip
AUTOMATION = {
    "id": "123",
    "actions": [{
        "id": "321", "type": "SEND_NOTIFICATION",
        "settings": {"message": "", "recipientEmails": [], "subject": "", "type": "SEND_NOTIFICATION"},
    }],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "automations"),
    [
        ("test_put_events_with_target_lambda_list_entry", [AUTOMATION]),
        ("test_put_events_with_target_lambda_list_entries_partial_match", [{"foo": "bar"}, AUTOMATION, {"bar": "foo"}]),
    ],
)
def test_put_events_with_target_lambda_list(function, server, make_rule, put, name, automations):
    pattern = {
        "detail": {"payload": {"automations": {"id": [{"exists": True}], "actions": {"type": ["SEND_NOTIFICATION"]}}}}
    }
    make_rule("rule", function, pattern=pattern)
    put({"payload": {**PAYLOAD, "automations": automations}})
    recorded(f"{TARGETS}{name}", "events").check("events", [json.loads(server.next()[3])])


def test_put_events_with_target_firehose(aws, make_rule, put, account, clock, settle):
    s3, firehose, role = aws("s3"), aws("firehose"), f"arn:aws:iam::{account}:role/role"
    s3.create_bucket(Bucket=f"bucket-{account}")
    made = firehose.create_delivery_stream(
        DeliveryStreamName="stream",
        ExtendedS3DestinationConfiguration={
            "BucketARN": f"arn:aws:s3:::bucket-{account}", "RoleARN": role,
            "BufferingHints": {"IntervalInSeconds": 60, "SizeInMBs": 1},
        },
    )  # fmt: skip
    settle()
    make_rule("rule", {"Arn": made["DeliveryStreamARN"], "RoleArn": role})
    for _ in range(10):
        put()
    clock.advance(minutes=2)
    settle()
    (key,) = [one["Key"] for one in s3.list_objects_v2(Bucket=f"bucket-{account}")["Contents"]]
    text = s3.get_object(Bucket=f"bucket-{account}", Key=key)["Body"].read().decode()
    events = [json.loads(part) for part in text.replace("}{", "}\n{").splitlines()]
    recorded(f"{TARGETS}TestEventsTargetFirehose::test_put_events_with_target_firehose", "events").check("s3", events)
