"""Events on their way: every kind of target in the platform, other buses, tries and dead letters."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.services.events.conftest import DETAIL, ENTRY


@pytest.fixture
def letters(make_queue: Any) -> Any:
    return make_queue("letters")


def attributes(message: Any) -> dict[str, str]:
    return {name: one["StringValue"] for name, one in message["MessageAttributes"].items()}


def test_an_event_is_whole(events: Any, make_rule: Any, target: Any, account: str) -> None:
    make_rule("rule", target.arn, pattern={"source": ["shop"]})
    entry = {
        "Source": "shop",
        "DetailType": "order",
        "Detail": '{"n": 1.5}',
        "Time": 1_700_000_000,
        "Resources": ["a:b"],
    }
    id = events.put_events(Entries=[entry])["Entries"][0]["EventId"]
    (body,) = target.bodies()
    assert body == {
        "version": "0", "id": id, "detail-type": "order", "source": "shop", "account": account,
        "time": "2023-11-14T22:13:20Z", "region": "us-east-1", "resources": ["a:b"], "detail": {"n": 1.5},
    }  # fmt: skip


def test_events_keep_their_order(events: Any, make_rule: Any, target: Any) -> None:
    make_rule("rule", target.arn)
    for first in range(0, 30, 10):
        entries = [{**ENTRY, "Detail": json.dumps({**DETAIL, "n": first + n})} for n in range(10)]
        events.put_events(Entries=entries)
    assert [body["detail"]["n"] for body in target.bodies()] == list(range(30))


def test_changes_of_rules_count_at_once(events: Any, make_rule: Any, target: Any, put: Any) -> None:
    put()
    make_rule("rule", target.arn)
    put()
    events.disable_rule(Name="rule")
    put()
    events.enable_rule(Name="rule")
    put()
    events.remove_targets(Rule="rule", Ids=["t0"])
    put()
    assert len(target.bodies()) == 2


def test_a_fifo_queue(make_rule: Any, make_queue: Any, put: Any, events: Any, refused: Any) -> None:
    fifo = make_queue("queue.fifo", {"FifoQueue": "true", "ContentBasedDeduplication": "true"})
    make_rule("rule", {"Arn": fifo.arn, "SqsParameters": {"MessageGroupId": "group"}})
    put()
    (message,) = fifo.receive()
    assert message["Attributes"]["MessageGroupId"] == "group"
    code, text = refused(events.put_targets, Rule="rule", Targets=[{"Id": "x", "Arn": fifo.arn}])
    assert (code, "SqsParameters" in text) == ("ValidationException", True)


def test_the_trace_goes_along(make_rule: Any, target: Any, put: Any) -> None:
    make_rule("rule", target.arn)
    put(TraceHeader="Root=1-5759e988-bd862e3fe1be46a994272793")
    (message,) = target.receive()
    assert message["Attributes"]["AWSTraceHeader"] == "Root=1-5759e988-bd862e3fe1be46a994272793"


def test_a_log_group(aws: Any, make_rule: Any, put: Any, account: str) -> None:
    logs = aws("logs")
    logs.create_log_group(logGroupName="/aws/events/group")
    arn = f"arn:aws:logs:us-east-1:{account}:log-group:/aws/events/group"
    template = {"InputPathsMap": {"c": "$.detail.command"}, "InputTemplate": '{"message": "<c>"}'}
    make_rule("rule", arn, {"Arn": f"{arn}:*", "InputTransformer": template})
    put()
    put()
    found = [event["message"] for event in logs.filter_log_events(logGroupName="/aws/events/group")["events"]]
    assert found.count("update-account") == 2
    assert [json.loads(text)["detail"] for text in found if text != "update-account"] == [DETAIL, DETAIL]


# --- what cannot be delivered ---


def test_a_target_that_is_not_there_sends_to_the_dead_letters(
    make_rule: Any, letters: Any, put: Any, account: str
) -> None:
    missing = f"arn:aws:sqs:us-east-1:{account}:none"
    rule = make_rule("rule", {"Arn": missing, "DeadLetterConfig": {"Arn": letters.arn}, "InputPath": "$.detail"})
    put()
    (message,) = letters.receive()
    assert json.loads(message["Body"])["detail"] == DETAIL
    found = attributes(message)
    assert "does not exist" in found.pop("ERROR_MESSAGE")
    assert found == {"RULE_ARN": rule, "TARGET_ARN": missing, "ERROR_CODE": "NO_RESOURCE"}


def test_one_target_that_fails_does_not_keep_the_others(make_rule: Any, target: Any, put: Any, account: str) -> None:
    make_rule("rule", f"arn:aws:sqs:us-east-1:{account}:none", target.arn)
    put()
    assert len(target.bodies()) == 1


def test_a_service_that_is_not_there_yet_is_tried_again(
    make_rule: Any, letters: Any, put: Any, account: str, clock: Any, settle: Any
) -> None:
    machine = {
        "Arn": f"arn:aws:states:us-east-1:{account}:stateMachine:none", "RoleArn": f"arn:aws:iam::{account}:role/r",
        "DeadLetterConfig": {"Arn": letters.arn}, "RetryPolicy": {"MaximumRetryAttempts": 3},
    }  # fmt: skip
    make_rule("rule", machine)
    put()
    for _ in range(6):
        settle()
        clock.advance(seconds=30)
    settle()
    (message,) = letters.receive()
    assert attributes(message)["TARGET_ARN"] == machine["Arn"]


def test_the_role_of_a_target_must_trust_eventbridge(
    aws: Any, make_rule: Any, target: Any, letters: Any, put: Any
) -> None:
    iam = aws("iam")

    def trust(service: str) -> str:
        allowed = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        return json.dumps({"Version": "2012-10-17", "Statement": [allowed]})

    role = iam.create_role(RoleName="role", AssumeRolePolicyDocument=trust("lambda.amazonaws.com"))["Role"]["Arn"]
    make_rule("rule", {"Arn": target.arn, "RoleArn": role, "DeadLetterConfig": {"Arn": letters.arn}})
    put()
    (message,) = letters.receive()
    assert attributes(message)["ERROR_CODE"] == "FAILED_TO_ASSUME_ROLE"
    iam.update_assume_role_policy(RoleName="role", PolicyDocument=trust("events.amazonaws.com"))
    put()
    assert len(target.bodies()) == 1


# --- from bus to bus ---


def test_another_region(aws: Any, events: Any, make_rule: Any, make_queue: Any, put: Any) -> None:
    there = aws("events", region_name="eu-west-1")
    make_rule("rule", there.describe_event_bus()["Arn"])
    far = make_queue("far", region_name="eu-west-1")
    make_rule("rule", far.arn, client=there)
    put()
    (body,) = far.bodies()
    assert (body["region"], body["detail"]) == ("us-east-1", DETAIL)


@pytest.fixture
def other(account: str) -> str:
    """Another account."""
    return f"9{account[1:]}"


def test_another_account_needs_permission(
    aws: Any, make_rule: Any, make_queue: Any, letters: Any, put: Any, account: str, other: str
) -> None:
    there = aws("events", account=other)
    bus = there.create_event_bus(Name="bus")["EventBusArn"]
    far = make_queue("far", account=other)
    make_rule("rule", far.arn, bus="bus", client=there)
    make_rule("rule", {"Arn": bus, "DeadLetterConfig": {"Arn": letters.arn}})
    put()
    (message,) = letters.receive()
    assert attributes(message)["ERROR_CODE"] == "NO_PERMISSIONS"
    there.put_permission(EventBusName="bus", Action="events:PutEvents", Principal=account, StatementId="it")
    put()
    (body,) = far.bodies()
    assert body["account"] == account


def test_put_events_to_another_account(aws: Any, events: Any, make_rule: Any, make_queue: Any, refused: Any, put: Any, account: str, other: str) -> None:  # fmt: skip
    there = aws("events", account=other)
    bus = there.create_event_bus(Name="bus")["EventBusArn"]
    far = make_queue("far", account=other)
    make_rule("rule", far.arn, bus="bus", client=there)
    code, text = refused(events.put_events, Entries=[{**ENTRY, "EventBusName": bus}])
    assert (code, "not authorized to perform: events:PutEvents" in text) == ("AccessDeniedException", True)
    policy = {"Version": "2012-10-17", "Statement": [{
        "Sid": "s", "Effect": "Allow", "Principal": {"AWS": account}, "Action": "events:PutEvents", "Resource": bus,
        "Condition": {"StringEquals": {"events:source": ENTRY["Source"]}},
    }]}  # fmt: skip
    there.put_permission(EventBusName="bus", Policy=json.dumps(policy))
    put(bus=bus)
    assert (
        refused(events.put_events, Entries=[{**ENTRY, "Source": "other", "EventBusName": bus}])[0]
        == "AccessDeniedException"
    )
    assert [body["detail"] for body in far.bodies()] == [DETAIL]


def test_events_do_not_go_in_circles(events: Any, make_rule: Any, target: Any, letters: Any, put: Any) -> None:
    first, second = (events.create_event_bus(Name=name)["EventBusArn"] for name in ("first", "second"))
    make_rule("rule", second, bus="first")
    make_rule("rule", {"Arn": first, "DeadLetterConfig": {"Arn": letters.arn}}, target.arn, bus="second")
    put(bus="first")
    assert len(target.bodies()) == 1
    (message,) = letters.receive()
    assert attributes(message)["ERROR_CODE"] == "INVALID_PARAMETER"


def test_no_third_account(aws: Any, events: Any, make_rule: Any, letters: Any, put: Any, make_queue: Any, account: str, other: str) -> None:  # fmt: skip
    third = f"8{account[1:]}"
    arns = {}
    for who in (other, third):
        there = aws("events", account=who)
        arns[who] = there.create_event_bus(Name="bus")["EventBusArn"]
        there.put_permission(EventBusName="bus", Action="events:PutEvents", Principal="*", StatementId="all")
    far = make_queue("letters", account=other)
    make_rule("rule", arns[other])
    there = aws("events", account=other)
    make_rule("rule", {"Arn": arns[third], "DeadLetterConfig": {"Arn": far.arn}}, bus="bus", client=there)
    put()
    (message,) = far.receive()
    assert attributes(message)["ERROR_CODE"] == "THIRD_ACCOUNT_HOP_DETECTED"


# --- streams ---


def test_a_kinesis_stream(aws: Any, make_rule: Any, put: Any, account: str) -> None:
    kinesis = aws("kinesis")
    kinesis.create_stream(StreamName="stream", ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName="stream", WaiterConfig={"Delay": 0, "MaxAttempts": 5000})
    stream = {
        "Arn": f"arn:aws:kinesis:us-east-1:{account}:stream/stream", "RoleArn": f"arn:aws:iam::{account}:role/r",
    }  # fmt: skip
    path = {"PartitionKeyPath": "$.detail.payload.acc_id"}
    make_rule("rule", {**stream, "KinesisParameters": path}, {**stream, "InputPath": "$.detail"})
    id = put()
    shard = kinesis.list_shards(StreamName="stream")["Shards"][0]["ShardId"]
    iterator = kinesis.get_shard_iterator(StreamName="stream", ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    records = kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    assert [record["PartitionKey"] for record in records] == ["0a787ecb-4015", id]
    assert [json.loads(record["Data"]).get("id") for record in records] == [id, None]


def test_a_detail_that_is_nested_too_deeply(events: Any, make_rule: Any, target: Any) -> None:
    make_rule("rule", target.arn, pattern={"source": [ENTRY["Source"]]})
    entries = [{**ENTRY, "Detail": '{"a":' * levels + "1" + "}" * levels} for levels in (253, 254)]
    first, second = events.put_events(Entries=entries)["Entries"]
    assert second == {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    (body,) = target.bodies()
    assert body["id"] == first["EventId"]
