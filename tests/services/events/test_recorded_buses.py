"""Buses, their policies and tags, as recorded from AWS."""

from __future__ import annotations

import pytest

from tests.recorded import recorded

BUSES = "events::TestEventBus::"
TAGS = "events_tags::"
NAMES = {
    "regions0": ["us-east-1"],
    "regions1": ["us-east-1", "us-west-1", "eu-central-1"],
}


@pytest.mark.parametrize("regions", ["regions0", "regions1"])
@pytest.mark.parametrize("described", ["True", "False"])
def test_create_list_describe_delete_custom_event_buses(aws, regions, described):
    name = f"{BUSES}test_create_list_describe_delete_custom_event_buses[{described}-{regions}]"
    options = {"Description": "test bus"} if described == "True" else {}
    for region in NAMES[regions]:
        case, events = recorded(name, "events"), aws("events", region_name=region)  # one placeholder for every region
        case.check(f"create-custom-event-bus-{region}", events.create_event_bus(Name="test-bus", **options))
        case.check(f"list-event-buses-after-create-{region}", events.list_event_buses(NamePrefix="test-bus"))
        case.check(f"describe-custom-event-bus-{region}", events.describe_event_bus(Name="test-bus"))
        case.check(f"delete-custom-event-bus-{region}", events.delete_event_bus(Name="test-bus"))
        case.check(f"list-event-buses-after-delete-{region}", events.list_event_buses(NamePrefix="test-bus"))


def test_create_multiple_event_buses_same_name(events, error_of):
    events.create_event_bus(Name="bus")
    error = error_of(events.create_event_bus, Name="bus")
    recorded(f"{BUSES}test_create_multiple_event_buses_same_name", "events").check(
        "create-multiple-event-buses-same-name", error
    )


def test_delete_default_event_bus(events, error_of):
    error = error_of(events.delete_event_bus, Name="default")
    recorded(f"{BUSES}test_delete_default_event_bus", "events").check("delete-default-event-bus-error", error)


def test_describe_delete_not_existing_event_bus(events, error_of):
    case = recorded(f"{BUSES}test_describe_delete_not_existing_event_bus", "events")
    case.check("describe-not-existing-event-bus-error", error_of(events.describe_event_bus, Name="none"))
    case.check("delete-not-existing-event-bus", error_of(events.delete_event_bus, Name="none"))


def test_list_event_buses_with_prefix(events):
    case = recorded(f"{BUSES}test_list_event_buses_with_prefix", "events")
    for name in ("my-bus", "other"):
        events.create_event_bus(Name=name)
    case.check("list-event-buses-prefix-complete-name", events.list_event_buses(NamePrefix="my-bus"))
    case.check("list-event-buses-prefix", events.list_event_buses(NamePrefix="my-"))


def test_put_permission_non_existing_event_bus(events, error_of):
    error = error_of(
        events.put_permission, EventBusName="none", Action="events:PutEvents", Principal="*", StatementId="s"
    )
    recorded(f"{BUSES}test_put_permission_non_existing_event_bus", "events").check(
        "remove-permission-non-existing-sid-error", error
    )


@pytest.mark.parametrize("kind", ["custom", "default"])
def test_remove_permission(events, kind):
    case = recorded(f"{BUSES}test_remove_permission[{kind}]", "events")
    name = "default"
    if kind == "custom":
        name = "bus"
        events.create_event_bus(Name=name)
    for id in ("first", "second"):
        events.put_permission(EventBusName=name, Action="events:PutEvents", Principal="222222222222", StatementId=id)
    case.check("remove-permission", events.remove_permission(EventBusName=name, StatementId="second"))
    case.check("describe-event-bus-remove-permission", events.describe_event_bus(Name=name))
    case.check("remove-permission-all", events.remove_permission(EventBusName=name, RemoveAllPermissions=True))
    case.check("describe-event-bus-remove-permission-all", events.describe_event_bus(Name=name))


# --- tags ---


def test_list_tags_for_deleted_event_bus(events, error_of):
    arn = events.create_event_bus(Name="bus", Tags=[{"Key": "a", "Value": "b"}])["EventBusArn"]
    events.delete_event_bus(Name="bus")
    error = error_of(events.list_tags_for_resource, ResourceARN=arn)
    recorded(f"{TAGS}TestEventBusTags::test_list_tags_for_deleted_event_bus", "events").check(
        "list_tags_for_deleted_rule_error", error
    )


@pytest.mark.parametrize("kind", ["not_existing_rule", "not_existing_event_bus"])
def test_tag_list_untag_not_existing_resource(events, error_of, account, kind):
    case = recorded(f"{TAGS}tests_tag_list_untag_not_existing_resource[{kind}]", "events")
    path = "rule/none" if kind == "not_existing_rule" else "event-bus/none"
    arn = f"arn:aws:events:us-east-1:{account}:{path}"
    tags = [{"Key": "tag1", "Value": "value1"}]
    case.check("tag_not_existing_resource_error", error_of(events.tag_resource, ResourceARN=arn, Tags=tags))
    case.check("list_tags_for_not_existing_resource_error", error_of(events.list_tags_for_resource, ResourceARN=arn))
    case.check("untag_not_existing_resource_error", error_of(events.untag_resource, ResourceARN=arn, TagKeys=["tag1"]))


@pytest.mark.parametrize(
    "kind",
    ["event_bus", "event_bus-event_bus_custom", "event_bus-event_bus_default",
     "rule", "rule-event_bus_custom", "rule-event_bus_default"],
)  # fmt: skip
def test_tag_untag_resource(events, make_rule, kind):
    case = recorded(f"{TAGS}tests_tag_untag_resource[{kind}]", "events")
    name = "default" if kind.endswith("default") else "bus"
    if name == "bus":
        events.create_event_bus(Name=name)
    arn = make_rule("rule", bus=name) if kind.startswith("rule") else events.describe_event_bus(Name=name)["Arn"]
    tags = [{"Key": f"tag{number}", "Value": f"value{number}"} for number in (1, 2)]
    case.check("tag_resource", events.tag_resource(ResourceARN=arn, Tags=tags))
    case.check("list_tags_for_resource", events.list_tags_for_resource(ResourceARN=arn))
    case.check("untag_resource", events.untag_resource(ResourceARN=arn, TagKeys=["tag2"]))
    case.check("list_tags_for_untagged_resource", events.list_tags_for_resource(ResourceARN=arn))
    if "untag_resource_not_existing_tag" in case.answers:
        again = events.untag_resource(ResourceARN=arn, TagKeys=["tag3"])
        case.check("untag_resource_not_existing_tag", again)
