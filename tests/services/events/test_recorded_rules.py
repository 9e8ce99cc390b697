"""Rules, their targets and patterns, as recorded from AWS."""

from __future__ import annotations

import json

import pytest

from tests.recorded import cases, recorded
from tests.services.events.conftest import ENTRY, PATTERN

RULES = "events::TestEventRule::"
TARGETS = "events::TestEventTarget::"
PATTERNS = "events_patterns::TestEventPattern::"
EVENT = {
    "id": "1", "source": "test-source", "detail-type": "test-detail-type", "account": "123456789012",
    "region": "us-east-2", "time": "2022-07-13T13:48:01Z", "detail": {"test": "test"},
}  # fmt: skip


@pytest.fixture(params=["default", "custom"])
def kind(request):
    return request.param


@pytest.fixture
def bus(events, kind):
    if kind == "custom":
        events.create_event_bus(Name="bus")
        return "bus"
    return "default"


def test_put_list_with_prefix_describe_delete_rule(events, kind, bus):
    case = recorded(f"{RULES}test_put_list_with_prefix_describe_delete_rule[{kind}]", "events")
    case.check("put-rule", events.put_rule(Name="rule", EventBusName=bus, EventPattern=json.dumps(PATTERN)))
    events.put_rule(Name="another", EventBusName=bus, EventPattern=json.dumps(PATTERN))
    case.check("list-rules", events.list_rules(NamePrefix="rule", EventBusName=bus))
    case.check("describe-rule", events.describe_rule(Name="rule", EventBusName=bus))
    case.check("delete-rule", events.delete_rule(Name="rule", EventBusName=bus))
    case.check("list-rules-after-delete", events.list_rules(NamePrefix="rule", EventBusName=bus))


def test_put_multiple_rules_with_same_name(events):
    case = recorded(f"{RULES}test_put_multiple_rules_with_same_name", "events")
    events.create_event_bus(Name="bus")
    rule = {"Name": "rule", "EventBusName": "bus", "EventPattern": json.dumps(PATTERN)}
    case.check("put-rule", events.put_rule(**rule))
    case.check("re-put-rule", events.put_rule(**rule))
    case.check("list-rules", events.list_rules(EventBusName="bus"))


def test_disable_re_enable_rule(events, kind, bus, make_rule):
    case = recorded(f"{RULES}test_disable_re_enable_rule[{kind}]", "events")
    make_rule("rule", bus=bus)
    case.check("disable-rule", events.disable_rule(Name="rule", EventBusName=bus))
    case.check("describe-rule-disabled", events.describe_rule(Name="rule", EventBusName=bus))
    case.check("enable-rule", events.enable_rule(Name="rule", EventBusName=bus))
    case.check("describe-rule-enabled", events.describe_rule(Name="rule", EventBusName=bus))


def test_list_rule_names_by_target_no_matches(events, kind, bus, make_rule, target, make_queue):
    case = recorded(f"{RULES}test_list_rule_names_by_target_no_matches[{kind}]", "events")
    make_rule("rule", make_queue("other").arn, bus=bus)
    answer = events.list_rule_names_by_target(TargetArn=target.arn, EventBusName=bus)
    case.check("list_rule_names_by_target_no_matches", answer)


def test_list_rule_names_by_target_with_limit(events, kind, bus, make_rule, target):
    case = recorded(f"{RULES}test_list_rule_names_by_target_with_limit[{kind}]", "events")
    for number in range(5):
        make_rule(f"rule-{number}", target.arn, bus=bus)
    token = {}
    for step in ("first_page", "second_page", "third_page"):
        answer = events.list_rule_names_by_target(TargetArn=target.arn, EventBusName=bus, Limit=2, **token)
        assert ("NextToken" in answer) == ("NextToken" in case.answers[step])
        case.check(step, answer, ignore=("NextToken",))
        token = {"NextToken": answer.get("NextToken")}


def test_update_rule_with_targets(events, make_rule, target):
    case = recorded(f"{RULES}test_update_rule_with_targets", "events")
    make_rule("rule", target.arn)
    case.check("list-targets", events.list_targets_by_rule(Rule="rule"))
    case.check("update-rule", events.put_rule(Name="rule", EventPattern=json.dumps({"source": ["other"]})))
    case.check("list-targets-after-update", events.list_targets_by_rule(Rule="rule"))


# --- targets ---


def test_add_exceed_five_targets_per_rule(events, make_rule, target, error_of):
    make_rule("rule")
    targets = [{"Id": f"t{number}", "Arn": target.arn} for number in range(7)]
    error = error_of(events.put_targets, Rule="rule", Targets=targets)
    recorded(f"{TARGETS}test_add_exceed_fife_targets_per_rule", "events").check("put-targets-client-error", error)


def test_list_target_by_rule_limit(events, make_rule, target):
    case = recorded(f"{TARGETS}test_list_target_by_rule_limit", "events")
    make_rule("rule", *[target.arn] * 5)
    first = events.list_targets_by_rule(Rule="rule", Limit=3)
    case.check("list-targets-limit", first)
    rest = events.list_targets_by_rule(Rule="rule", NextToken=first["NextToken"])
    case.check("list-targets-limit-next-token", rest)


def test_put_list_remove_target(events, kind, bus, make_rule, target):
    case = recorded(f"{TARGETS}test_put_list_remove_target[{kind}]", "events")
    make_rule("rule", bus=bus)
    put = events.put_targets(Rule="rule", EventBusName=bus, Targets=[{"Id": "id", "Arn": target.arn}])
    case.check("put-target", put)
    case.check("list-targets", events.list_targets_by_rule(Rule="rule", EventBusName=bus))
    case.check("remove-target", events.remove_targets(Rule="rule", EventBusName=bus, Ids=["id"]))
    case.check("list-targets-after-delete", events.list_targets_by_rule(Rule="rule", EventBusName=bus))


def test_put_multiple_targets_with_same_arn(events, make_rule, target, account):
    single = recorded(f"{TARGETS}test_put_multiple_targets_with_same_arn_single_rule", "events")
    arn = target.arn
    paths = [{"Id": "target-id-one", "InputPath": "$.detail"}, {"Id": "target-id-two", "InputPath": "$.doesnotexist"}]
    make_rule("rule", *[{**one, "Arn": arn} for one in paths])
    answer = events.list_targets_by_rule(Rule="rule")
    assert [one.pop("Arn") for one in answer["Targets"]] == [arn, arn]
    for one in answer["Targets"]:
        one["Arn"] = "target-arn"  # the recording has it so
    single.check("list-targets", answer)
    across = recorded(f"{TARGETS}test_put_multiple_targets_with_same_arn_across_different_rules", "events")
    for name, one in zip(("one", "two"), paths, strict=True):
        make_rule(f"rule-{name}", {**one, "Id": "target-id", "Arn": arn})
        answer = events.list_targets_by_rule(Rule=f"rule-{name}")
        answer["Targets"][0]["Arn"] = "target-arn"
        across.check(f"list-targets-rule-{name}", answer)


# --- patterns ---


@pytest.mark.parametrize("name", [name for name in cases("events") if "test_invalid_json_event_pattern" in name])
def test_invalid_json_event_pattern(events, error_of, name):
    pattern = name.partition("[")[2][:-1]
    error = error_of(events.test_event_pattern, Event=json.dumps(EVENT), EventPattern=pattern)
    recorded(name, "events").check("invalid-pattern", error)
    error = error_of(events.put_rule, Name="rule", EventPattern=pattern)
    recorded(name, "events").check("invalid-pattern", error)


def test_events_that_are_none(events, error_of):
    pattern = json.dumps({"source": ["x"]})
    error = error_of(events.test_event_pattern, Event=json.dumps([EVENT]), EventPattern=pattern)
    recorded(f"{PATTERNS}test_array_event_payload", "events").check("array-event-payload-exc", error)
    error = error_of(events.test_event_pattern, Event="plain string", EventPattern=pattern)
    recorded(f"{PATTERNS}test_plain_string_payload", "events").check("plain-string-payload-exc", error)


def test_event_with_large_and_complex_payload(events):
    case = recorded(f"{PATTERNS}test_event_with_large_and_complex_payload", "events")
    nested = {
        "o": [{"k": number, "items": [{"n": inner} for inner in range(20)]} for number in range(200)],
        "s": "x" * 9_000,
    }
    event = json.dumps({**EVENT, "detail": nested})
    simple = {"detail": {"o": {"k": [199]}}}
    hard = {
        "source": [{"prefix": "test"}],
        "detail": {"o": {"k": [{"numeric": [">", 150]}], "items": {"n": [19]}}, "s": [{"wildcard": "x*x"}]},
    }
    for step, pattern in (("complex-event-simple-pattern", simple), ("complex-event-complex-pattern", hard)):
        case.check(step, events.test_event_pattern(Event=event, EventPattern=json.dumps(pattern)))


def test_put_events_pattern_nested(events, make_rule, target, put):
    case = recorded("events::TestEventPattern::test_put_events_pattern_nested", "events")
    pattern = {"source": [ENTRY["Source"]], "detail": {"event": {"data": {"type": ["1"]}}}}
    make_rule("rule", {"Arn": target.arn, "InputPath": "$.detail"}, pattern=pattern)
    put({"event": {"data": {"type": "2"}}})
    put({"event": {"data": {"type": "1"}}})
    received = target.receive(AttributeNames=[])
    case.check("messages", {"messages": received}["messages"])


def test_put_event_with_content_base_rule_in_pattern(events, make_rule, target, put):
    case = recorded("events_patterns::TestRuleWithPattern::test_put_event_with_content_base_rule_in_pattern", "events")
    detail = case.answers["messages"][0]["Body"]
    pattern = {
        "source": [{"exists": True}],
        "detail-type": [{"prefix": "core.app"}],
        "detail": {
            "description": ["this-is-event-details"],
            "amount": [200],
            "salary": [2000],
            "env": ["dev", "prod"],
            "user": ["user1", "user2", "user3"],
            "admins": ["skyli", {"prefix": "hey"}, {"prefix": "ad"}],
            "test1": [{"anything-but": 200}],
            "test2": [{"anything-but": "test2"}],
            "test3": [{"anything-but": ["test3", "test33"]}],
            "test4": [{"anything-but": {"prefix": "test4"}}],
            "ip": [{"cidr": "10.102.1.0/24"}],
            "num-test1": [{"numeric": ["<", 200]}],
            "num-test2": [{"numeric": ["<=", 200]}],
            "num-test3": [{"numeric": [">", 200]}],
            "num-test4": [{"numeric": [">=", 200]}],
            "num-test5": [{"numeric": [">=", 200, "<=", 500]}],
            "num-test6": [{"numeric": [">", 200, "<", 500]}],
            "num-test7": [{"numeric": [">=", 200, "<", 500]}],
        },
    }
    make_rule("rule", {"Arn": target.arn, "InputPath": "$.detail"}, pattern=pattern)
    put({**detail, "ip": "10.103.1.1"}, DetailType="core.app.backend")
    put(detail, DetailType="core.app.backend")
    case.check("messages", target.receive(AttributeNames=[]))
