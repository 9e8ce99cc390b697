"""Rules, their targets and buses: what is refused beside what works."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

from tests.services.events.conftest import ENTRY, PATTERN

TEXT = json.dumps(PATTERN)


def test_a_rule_says_what_or_when(events: Any, refused: Any) -> None:
    assert refused(events.put_rule, Name="rule") == (
        "ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.",
    )  # fmt: skip


@pytest.mark.parametrize("expression", ["rate(0 minutes)", "rate(1 minutes)", "rate(2 minute)", "cron(* * * *)", "at(2030-01-01T00:00:00)", "x"])  # fmt: skip
def test_schedules_that_are_none(events: Any, refused: Any, expression: str) -> None:
    assert refused(events.put_rule, Name="rule", ScheduleExpression=expression) == (
        "ValidationException", "Parameter ScheduleExpression is not valid.",
    )  # fmt: skip


def test_schedules_are_for_the_default_bus(events: Any, refused: Any) -> None:
    events.create_event_bus(Name="bus")
    assert refused(events.put_rule, Name="rule", EventBusName="bus", ScheduleExpression="rate(1 hour)") == (
        "ValidationException", "ScheduleExpression is supported only on the default event bus.",
    )  # fmt: skip


def test_what_is_not_there(events: Any, refused: Any) -> None:
    for call in (
        lambda: refused(events.describe_rule, Name="none"),
        lambda: refused(events.enable_rule, Name="none"),
        lambda: refused(events.list_targets_by_rule, Rule="none"),
        lambda: refused(events.put_targets, Rule="none", Targets=[{"Id": "t", "Arn": "arn:aws:sqs:us-east-1:1:q"}]),
        lambda: refused(events.remove_targets, Rule="none", Ids=["t"]),
    ):
        assert call() == ("ResourceNotFoundException", "Rule none does not exist on EventBus default.")
    events.delete_rule(Name="none")
    assert refused(events.put_rule, Name="rule", EventBusName="none", EventPattern=TEXT) == (
        "ResourceNotFoundException", "Event bus none does not exist.",
    )  # fmt: skip


def test_a_rule_with_targets_stays(events: Any, make_rule: Any, target: Any, refused: Any) -> None:
    events.create_event_bus(Name="bus")
    make_rule("rule", target.arn, bus="bus")
    assert refused(events.delete_rule, Name="rule", EventBusName="bus") == (
        "ValidationException", "Rule can't be deleted since it has targets.",
    )  # fmt: skip
    events.remove_targets(Rule="rule", EventBusName="bus", Ids=["t0"])
    assert refused(events.delete_event_bus, Name="bus")[0] == "ValidationException"
    events.delete_rule(Name="rule", EventBusName="bus")
    events.delete_event_bus(Name="bus")


@pytest.mark.parametrize(
    ("target", "code", "text"),
    [
        ({"Arn": "queue"}, "ValidationException", "Parameter queue is not valid. Reason: Provided Arn is not in correct format."),
        ({"Arn": "arn:aws:ecs:us-east-1:1:cluster/c"}, "NotImplemented", "Undercast does not have targets of ecs in rules yet."),
        ({"Arn": "arn:aws:events:us-east-1:1:event-bus/b", "Input": "{}"}, "ValidationException", "An event bus takes whole events"),
        ({"RoleArn": "role"}, "ValidationException", "Parameter RoleArn is not valid."),
        ({"Input": "{"}, "ValidationException", "JSON syntax error in input for target t : ["),
        ({"InputPath": "detail"}, "ValidationException", "Invalid InputPath for target t."),
        ({"EcsParameters": {"TaskDefinitionArn": "a"}}, "NotImplemented", "Undercast does not have targets with EcsParameters yet."),
        ({"KinesisParameters": {"PartitionKeyPath": "$.id"}}, "ValidationException", "Parameter(s) KinesisParameters not valid for target t."),
        ({"Arn": "arn:aws:kinesis:us-east-1:1:stream/s"}, "ValidationException", "RoleArn is required for target arn:aws:kinesis:us-east-1:1:stream/s."),
        ({"DeadLetterConfig": {"Arn": "arn:aws:sns:us-east-1:1:t"}}, "ValidationException", "Parameter DeadLetterConfig.Arn is not valid."),
        ({"InputTransformer": {"InputPathsMap": {"awsx": "$.id"}, "InputTemplate": '"<awsx>"'}}, "ValidationException", "InputPathsMap for target t contains reserved key awsx."),
    ],
)  # fmt: skip
def test_targets_that_are_refused(events: Any, make_rule: Any, refused: Any, target: Any, code: str, text: str) -> None:
    make_rule("rule")
    asked = {"Id": "t", "Arn": "arn:aws:sqs:us-east-1:111111111111:q", **target}
    found = refused(events.put_targets, Rule="rule", Targets=[asked])
    assert (found[0], found[1].startswith(text)) == (code, True), found
    assert events.list_targets_by_rule(Rule="rule")["Targets"] == []


def test_a_rule_keeps_its_tags(events: Any) -> None:
    arn = events.put_rule(Name="rule", EventPattern=TEXT, Tags=[{"Key": "a", "Value": "b"}])["RuleArn"]
    events.put_rule(Name="rule", EventPattern=TEXT, Tags=[{"Key": "c", "Value": "d"}], Description="new")
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    assert events.describe_rule(Name="rule")["Description"] == "new"


def test_listing_in_pages(events: Any, refused: Any) -> None:
    for number in range(5):
        events.put_rule(Name=f"rule-{number}", EventPattern=TEXT)
    first = events.list_rules(Limit=3)
    rest = events.list_rules(Limit=3, NextToken=first["NextToken"])
    assert [rule["Name"] for page in (first, rest) for rule in page["Rules"]] == [f"rule-{n}" for n in range(5)]
    assert "NextToken" not in rest
    assert refused(events.list_rules, NextToken="!") == ("ValidationException", "Parameter NextToken is not valid.")


def test_entries_that_are_refused(events: Any) -> None:
    entries = [
        {**ENTRY, "Source": "aws.mine"},
        {"DetailType": "x", "Detail": "{}"},
        {"Source": "x", "DetailType": "x"},
        {**ENTRY},
        {**ENTRY, "Detail": "[" * 5000},
    ]
    answer = events.put_events(Entries=entries)
    assert [one.get("ErrorCode") for one in answer["Entries"]] == [
        "NotAuthorizedForSourceException", "InvalidArgument", "InvalidArgument", None, "MalformedDetail",
    ]  # fmt: skip
    assert answer["FailedEntryCount"] == 4


def test_more_than_ten_entries(events: Any, refused: Any) -> None:
    code, text = refused(events.put_events, Entries=[ENTRY] * 11)
    assert (code, "Member must have length less than or equal to 10" in text) == ("ValidationException", True)


def test_buses_with_what_undercast_lacks(events: Any, refused: Any) -> None:
    assert refused(events.create_event_bus, Name="b", KmsKeyIdentifier="key")[0] == "NotImplemented"
    assert refused(events.create_event_bus, Name="b", LogConfig={"Level": "TRACE"})[0] == "NotImplemented"
    assert (
        refused(events.create_event_bus, Name="aws.partner/x/y", EventSourceName="aws.partner/x/y")[0]
        == "NotImplemented"
    )
    assert refused(events.list_event_sources)[0] == "NotImplemented"


def test_a_bus_by_its_arn(events: Any, make_rule: Any, target: Any, refused: Any) -> None:
    bus = events.create_event_bus(Name="bus")["EventBusArn"]
    make_rule("rule", target.arn, bus=bus)
    assert [rule["Name"] for rule in events.list_rules(EventBusName=bus)["Rules"]] == ["rule"]
    events.put_events(Entries=[{**ENTRY, "EventBusName": bus}])
    assert len(target.bodies()) == 1
    elsewhere = bus.replace("us-east-1", "us-west-2")
    assert refused(events.list_rules, EventBusName=elsewhere)[0] == "ResourceNotFoundException"


def test_changing_a_bus(events: Any, target: Any) -> None:
    letters = {"Arn": target.arn}
    events.create_event_bus(Name="bus", Description="one", DeadLetterConfig=letters)
    events.update_event_bus(Name="bus", Description="two")
    shown = events.describe_event_bus(Name="bus")
    assert (shown["Description"], shown["DeadLetterConfig"]) == ("two", letters)


def test_policies(events: Any, refused: Any) -> None:
    code, _ = refused(events.put_permission, Policy="{")
    assert code == "ValidationException"
    code, text = refused(events.remove_permission, StatementId="none")
    assert (code, text) == ("ResourceNotFoundException", "EventBus does not have a policy.")
    condition = {"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1"}
    events.put_permission(Action="events:PutEvents", Principal="*", StatementId="s", Condition=condition)
    (statement,) = json.loads(events.describe_event_bus()["Policy"])["Statement"]
    assert (statement["Principal"], statement["Condition"]) == ("*", {"StringEquals": {"aws:PrincipalOrgID": "o-1"}})
    code, text = refused(events.remove_permission, StatementId="none")
    assert (code, text) == ("ResourceNotFoundException", "Statement with the provided id does not exist.")


def test_many_rules_that_change(events: Any, make_rule: Any, target: Any) -> None:
    """Two hundred rules, of which some are made, changed, disabled and deleted between events."""
    wanted: dict[str, int] = {}

    def fired() -> set[str]:
        events.put_events(Entries=[{**ENTRY, "Detail": json.dumps({"n": n})} for n in range(3)])
        return {f"{one['rule']} {one['n']}" for one in target.bodies()}

    for number in range(200):
        name = f"rule-{number}"
        template = {"InputPathsMap": {"n": "$.detail.n"}, "InputTemplate": f'{{"rule": "{name}", "n": <n>}}'}
        wanted[name] = number % 7
        make_rule(name, {"Arn": target.arn, "InputTransformer": template}, pattern={"detail": {"n": [number % 7]}})
        if number in (30, 90, 150):
            assert fired() == {f"{one} {n}" for one, n in wanted.items() if n < 3}
    for number in range(0, 40, 4):
        events.disable_rule(Name=f"rule-{number}")
        events.put_rule(Name=f"rule-{number + 1}", EventPattern='{"detail": {"n": [2]}}')
        events.remove_targets(Rule=f"rule-{number + 2}", Ids=["t0"])
        wanted[f"rule-{number + 1}"] = 2
        del wanted[f"rule-{number}"], wanted[f"rule-{number + 2}"]
    assert fired() == {f"{one} {n}" for one, n in wanted.items() if n < 3}
    events.delete_rule(Name="rule-2")
    events.enable_rule(Name="rule-0")
    assert fired() == {"rule-0 0", *(f"{one} {n}" for one, n in wanted.items() if n < 3)}


# --- schedules ---


def test_a_changed_schedule_counts_and_the_old_one_does_not(events: Any, make_rule: Any, target: Any, clock: Any, settle: Any) -> None:  # fmt: skip
    make_rule("rule", {"Arn": target.arn, "Input": '"tick"'}, ScheduleExpression="rate(10 minutes)")
    events.put_rule(Name="rule", ScheduleExpression="rate(1 hour)")
    clock.advance(minutes=50)
    settle()
    assert target.bodies() == []
    clock.advance(minutes=11)
    settle()
    assert target.bodies() == ["tick"]
    events.disable_rule(Name="rule")
    clock.advance(hours=5)
    settle()
    assert target.bodies() == []


def test_a_leap_of_the_clock_makes_up_for_every_time(make_rule: Any, target: Any, clock: Any, settle: Any) -> None:
    make_rule("rule", target.arn, ScheduleExpression="cron(0 12 * * ? *)")
    clock.advance(days=30)
    settle()
    times = [datetime.fromisoformat(body["time"].replace("Z", "+00:00")) for body in target.bodies()]
    assert len(times) == 30
    assert {time.hour for time in times} == {12}
    assert times == sorted(times)
    assert times[0].tzinfo == UTC


def test_after_a_long_rest_the_last_day_is_made_up_for(make_rule: Any, target: Any, clock: Any, settle: Any) -> None:
    make_rule("rule", target.arn, ScheduleExpression="rate(1 minute)")
    clock.advance(days=30)
    settle()
    first, *rest = (datetime.fromisoformat(body["time"].replace("Z", "+00:00")) for body in target.bodies())
    assert len(rest) == 1440
    assert rest[0] - first > timedelta(days=28)
    assert {later - earlier for earlier, later in pairwise(rest)} == {timedelta(minutes=1)}


# --- global endpoints ---


def test_a_global_endpoint(aws: Any, events: Any, make_rule: Any, make_queue: Any, refused: Any, account: str) -> None:
    buses, queues = [], []
    for region in ("us-east-1", "us-west-2"):
        there = aws("events", region_name=region)
        buses.append({"EventBusArn": there.create_event_bus(Name="bus")["EventBusArn"]})
        queues.append(make_queue("queue", region_name=region))
        make_rule("rule", queues[-1].arn, bus="bus", client=there)
    routing = {"FailoverConfig": {
        "Primary": {"HealthCheck": "arn:aws:route53:::healthcheck/1"}, "Secondary": {"Route": "us-west-2"},
    }}  # fmt: skip
    asked = {"Name": "endpoint", "RoutingConfig": routing, "EventBuses": buses}
    assert refused(events.create_endpoint, **asked)[1] == (
        "Parameter RoleArn is not valid. Reason: A role is required for event replication."
    )
    events.create_endpoint(**asked, RoleArn=f"arn:aws:iam::{account}:role/r")
    shown = events.describe_endpoint(Name="endpoint")
    assert shown["State"] == "ACTIVE"
    send = {"EndpointId": shown["EndpointId"], "Entries": [{**ENTRY, "EventBusName": "bus"}]}
    put(events, **send)
    assert [len(queue.bodies()) for queue in queues] == [1, 1]
    events.update_endpoint(Name="endpoint", ReplicationConfig={"State": "DISABLED"})
    put(events, **send)
    assert [len(queue.bodies()) for queue in queues] == [1, 0]
    assert [one["Name"] for one in events.list_endpoints()["Endpoints"]] == ["endpoint"]
    events.delete_endpoint(Name="endpoint")
    assert refused(put, client=events, **send)[0] == "ValidationException"


def put(client: Any, **request: Any) -> None:
    """PutEvents through an endpoint: boto3 itself would sign it for a host of its own with a library that is not here."""
    body = json.dumps(request, default=str)
    key = client._request_signer._credentials.access_key
    headers = {
        "X-Amz-Target": "AWSEvents.PutEvents", "Content-Type": "application/x-amz-json-1.1",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/events/aws4_request, SignedHeaders=host, Signature=0",
    }  # fmt: skip
    answer = URLLib3Session().send(AWSRequest("POST", client.meta.endpoint_url, headers, body).prepare())
    content = json.loads(answer.content)
    if answer.status_code != 200:
        raise ClientError(
            {"Error": {"Code": content["__type"].rpartition("#")[2], "Message": content.get("message", "")}},
            "PutEvents",
        )
    assert content["FailedEntryCount"] == 0


def test_rules_that_a_service_manages(aws: Any, events: Any, refused: Any, settle: Any) -> None:
    schemas = aws("schemas")
    arn = events.create_event_bus(Name="bus")["EventBusArn"]
    discoverer = schemas.create_discoverer(SourceArn=arn)["DiscovererId"]
    (rule,) = events.list_rules(EventBusName="bus")["Rules"]
    assert rule["ManagedBy"] == "schemas.amazonaws.com"
    assert refused(events.disable_rule, Name=rule["Name"], EventBusName="bus")[0] == "ManagedRuleException"
    events.put_events(Entries=[{**ENTRY, "EventBusName": "bus"}])
    settle()
    found = schemas.list_schemas(RegistryName="discovered-schemas")["Schemas"]
    assert len(found) == 1
    schemas.delete_discoverer(DiscovererId=discoverer)
    assert events.list_rules(EventBusName="bus")["Rules"] == []
