"""Two change sets one after the other, what they show, and the events: as AWS answered."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.recorded import recorded

ALL = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
Template = dict[str, Any]


def topic(display: Any = None, name: Any = None, **more: Any) -> Template:
    given = {"DisplayName": display, "TopicName": name}
    return {"Type": "AWS::SNS::Topic", "Properties": {key: value for key, value in given.items() if value}, **more}


def parameter(value: Any, **more: Any) -> Template:
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value, **more}}


def of(**resources: Any) -> Template:
    return {"Resources": resources}


def get(name: str, attribute: str) -> Template:
    return {"Fn::GetAtt": [name, attribute]}


def mapped(mapping: Any, *path: Any) -> Template:
    return {"Mappings": mapping, "Resources": {"Topic1": topic({"Fn::FindInMap": list(path)}, "topic-name-1")}}


ONE = topic("display-value-1", "topic-name-1")
TWO = topic("display-value-2", "topic-name-2")
LAST = topic("display-value-n", "topic-name-n", DependsOn=["Topic1", "Topic2"])
LAST_OF_ONE = topic("display-value-n", "topic-name-n", DependsOn="Topic1")
FOO = {"Foo": topic(name="topic-1"), "Parameter": parameter(get("Foo", "TopicName"))}
KEYS = {"M": {"Key1": {"Value": "display-value-1"}}}
CONDITION = {"Conditions": {"On": {"Fn::Equals": ["a", "a"]}}}
CONDITION_OFF = {"Conditions": {"On": {"Fn::Equals": ["a", "b"]}}}
STATIC_MAP = {"M": {"K": {"first": "topic-name-1", "second": "topic-name-2"}}}
LOOKED_UP = {"M": {"key1": {"name": "topic-name-1"}, "key2": {"name": "topic-name-2"}}}

CASES: list[tuple[str, Template, Template]] = [
    (
        "change_set_conditions::TestChangeSetConditions::test_condition_update_removes_resource",
        {**CONDITION, **of(SNSTopic=topic(name="topic-name-1", Condition="On"))},
        {**CONDITION_OFF, **of(SNSTopic=topic(name="topic-name-1", Condition="On"), TopicPlaceholder=topic(name="topic-name-2"))},
    ),
    (
        "change_set_depends_on::TestChangeSetDependsOn::test_multiple_dependencies_addition",
        of(Topic1=ONE, Topicn=LAST_OF_ONE),
        of(Topic1=ONE, Topic2=TWO, Topicn=LAST),
    ),
    (
        "change_set_depends_on::TestChangeSetDependsOn::test_multiple_dependencies_deletion",
        of(Topic1=ONE, Topic2=TWO, Topicn=LAST),
        of(Topic1=ONE, Topicn=LAST_OF_ONE),
    ),
    (
        "change_set_fn_base64::TestChangeSetFnBase64::test_fn_base64_add_to_static_property",
        of(Topic1=topic("topic-name-1")),
        of(Topic1=topic({"Fn::Base64": "HelloWorld"})),
    ),
    (
        "change_set_fn_join::TestChangeSetFnJoin::test_update_string_literal_delimiter_empty",
        of(Topic1=topic({"Fn::Join": ["", ["v1", "test"]]}, "topic-name-1")),
        of(Topic1=topic({"Fn::Join": ["-", ["v1", "test"]]}, "topic-name-1")),
    ),
    (
        "change_set_fn_select::TestChangeSetFnSelect::test_fn_select_change_in_selection_index_only",
        of(Topic1=topic({"Fn::Select": [1, ["1st", "2nd"]]})),
        of(Topic1=topic({"Fn::Select": [0, ["1st", "2nd"]]})),
    ),
    (
        "change_set_fn_split::TestChangeSetFnSplit::test_fn_split_add_to_static_property",
        of(Topic1=topic("topic-name-1")),
        of(Topic1=topic({"Fn::Join": ["_", {"Fn::Split": ["-", "part1-part2-part3"]}]})),
    ),
    (
        "change_set_fn_split::TestChangeSetFnSplit::test_fn_split_remove_from_static_property",
        of(Topic1=topic({"Fn::Join": ["_", {"Fn::Split": ["-", "part1-part2-part3"]}]})),
        of(Topic1=topic("topic-name-1")),
    ),
    (
        "change_set_fn_sub::TestChangeSetFnSub::test_fn_sub_addition_string_pseudo",
        of(Topic1=ONE),
        of(Topic1=topic({"Fn::Sub": "The stack name is ${AWS::StackName}"}, "topic-name-1")),
    ),
    (
        "change_set_fn_sub::TestChangeSetFnSub::test_fn_sub_addition_parameter_ref",
        of(Topic1=ONE),
        {
            "Parameters": {"ParameterDisplayName": {"Type": "String", "Default": "display-value-parameter"}},
            **of(Topic1=topic({"Fn::Sub": "Parameter interpolation: ${ParameterDisplayName}"}, "topic-name-1")),
        },
    ),
    (
        "change_set_fn_sub::TestChangeSetFnSub::test_fn_sub_delete_parameter_literal",
        of(Topic1=topic({"Fn::Sub": ["Parameter interpolation: ${a}, ${b}", {"a": "var_value_1", "b": "var_value_2"}]}, "topic-name-1")),
        of(Topic1=topic({"Fn::Sub": ["Parameter interpolation: ${a}", {"a": "var_value_1"}]}, "topic-name-1")),
    ),
    (
        "change_set_mappings::TestChangeSetMappings::test_mapping_key_addition_with_resource",
        mapped(KEYS, "M", "Key1", "Value"),
        {
            "Mappings": {"M": {"Key1": {"Value": "display-value-1", "New": "display-value-new"}}},
            **of(
                Topic1=topic({"Fn::FindInMap": ["M", "Key1", "Value"]}, "topic-name-1"),
                Topic2=topic({"Fn::FindInMap": ["M", "Key1", "New"]}, "topic-name-2"),
            ),
        },
    ),
    (
        "change_set_mappings::TestChangeSetMappings::test_mapping_key_deletion_with_resource_remap",
        {
            "Mappings": {"M": {"Key1": {"Value": "display-value-1", "Other": "display-value-2"}}},
            **of(
                Topic1=topic({"Fn::FindInMap": ["M", "Key1", "Value"]}, "topic-name-1"),
                Topic2=topic({"Fn::FindInMap": ["M", "Key1", "Other"]}, "topic-name-2"),
            ),
        },
        {
            "Mappings": KEYS,
            **of(
                Topic1=topic({"Fn::FindInMap": ["M", "Key1", "Value"]}, "topic-name-1"),
                Topic2=topic({"Fn::FindInMap": ["M", "Key1", "Value"]}, "topic-name-2"),
            ),
        },
    ),
    (
        "change_set_mappings::TestChangeSetMappings::test_mapping_key_update",
        mapped({"M": {"Key1": {"Value": "display-value-1", "Other": "display-value-2"}}}, "M", "Key1", "Value"),
        mapped({"M": {"Key1": {"Value": "display-value-1", "Other": "display-value-2"}}}, "M", "Key1", "Other"),
    ),
    (
        "change_set_mappings::TestChangeSetMappings::test_mapping_leaf_update",
        mapped(KEYS, "M", "Key1", "Value"),
        mapped({"M": {"Key1": {"Value": "display-value-2"}}}, "M", "Key1", "Value"),
    ),
    (
        "change_set_ref::TestChangeSetRef::test_direct_attribute_value_change_with_dependent_addition",
        of(Topic1=ONE),
        of(Topic1=topic("display-value-2", "topic-name-1"), Topic2=topic({"Ref": "Topic1"}, "topic-name-2")),
    ),
    (
        "change_set_ref::TestChangeSetRef::test_resource_addition",
        of(Topic1=ONE),
        of(Topic1=ONE, Topic2=topic({"Ref": "Topic1"}, "topic-name-2")),
    ),
    (
        "change_sets::TestCaptureUpdateProcess::test_conditions",
        {
            "Parameters": {"EnvironmentType": {"Type": "String", "Default": "not-prod"}},
            "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "EnvironmentType"}, "prod"]}},
            **of(Bucket={"Type": "AWS::S3::Bucket"}, Parameter={**parameter("test"), "Condition": "IsProd"}),
        },
        {
            "Parameters": {"EnvironmentType": {"Type": "String", "Default": "prod"}},
            "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "EnvironmentType"}, "prod"]}},
            **of(Bucket={"Type": "AWS::S3::Bucket"}, Parameter={**parameter("test"), "Condition": "IsProd"}),
        },
    ),
    (
        "change_sets::TestCaptureUpdateProcess::test_dynamic_update",
        of(**FOO),
        of(**{**FOO, "Foo": topic(name="topic-2")}),
    ),
    (
        "change_sets::TestCaptureUpdateProcess::test_mappings_with_static_fields",
        {"Mappings": STATIC_MAP, **of(**{**FOO, "Foo": topic(name={"Fn::FindInMap": ["M", "K", "first"]})})},
        {"Mappings": STATIC_MAP, **of(**{**FOO, "Foo": topic(name={"Fn::FindInMap": ["M", "K", "second"]})})},
    ),
    (
        "change_sets::TestCaptureUpdateProcess::test_parameter_changes",
        {"Parameters": {"TopicName": {"Type": "String", "Default": "topic-1"}}, **of(**{**FOO, "Foo": topic(name={"Ref": "TopicName"})})},
        {"Parameters": {"TopicName": {"Type": "String", "Default": "topic-2"}}, **of(**{**FOO, "Foo": topic(name={"Ref": "TopicName"})})},
    ),
    (
        "change_sets::TestCaptureUpdateProcess::test_mappings_with_parameter_lookup",
        {
            "Parameters": {"TopicName": {"Type": "String", "Default": "key1"}},
            "Mappings": LOOKED_UP,
            **of(**{**FOO, "Foo": topic(name={"Fn::FindInMap": ["M", {"Ref": "TopicName"}, "name"]})}),
        },
        {
            "Parameters": {"TopicName": {"Type": "String", "Default": "key2"}},
            "Mappings": LOOKED_UP,
            **of(**{**FOO, "Foo": topic(name={"Fn::FindInMap": ["M", {"Ref": "TopicName"}, "name"]})}),
        },
    ),
    (
        "change_sets::TestCaptureUpdateProcess::test_unrelated_changes_update_propagation",
        of(Parameter1=parameter("topic-name", Description="original"), Parameter2=parameter(get("Parameter1", "Value"))),
        of(Parameter1=parameter("topic-name", Description="changed"), Parameter2=parameter(get("Parameter1", "Value"))),
    ),
    (
        "change_set_parameters::TestChangeSetParameters::test_parameter_type_change",
        {"Parameters": {"Value": {"Type": "Number", "Default": "123"}}, **of(MyParameter=parameter({"Ref": "Value"}))},
        {"Parameters": {"Value": {"Type": "String", "Default": "456"}}, **of(MyParameter=parameter({"Ref": "Value"}))},
    ),
    (
        "change_set_parameters::TestChangeSetParameters::test_update_parameter_with_added_default_value",
        {"Parameters": {"TopicName": {"Type": "String", "Default": "topic-name-1"}}, **of(Foo=topic(name={"Ref": "TopicName"}))},
        {"Parameters": {"TopicName": {"Type": "String", "Default": "topic-name-2"}}, **of(Foo=topic(name={"Ref": "TopicName"}))},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("case", "before", "after"), CASES, ids=[case.rpartition("::")[2] for case, _, _ in CASES])
def test_update(case: str, before: Template, after: Template, stacks: Any, cfn: Any) -> None:
    follow(case, before, after, stacks, cfn)


def follow(case: str, before: Template, after: Template, stacks: Any, cfn: Any, between: Any = None, **options: Any) -> None:  # fmt: skip
    """Create by a change set, update by another (`between` the two something may happen), delete."""
    known = recorded(case, "cloudformation")
    known.answers = json.loads(
        re.sub(r"CFN-(\w+)-\w{12}", r"<cfn:\1>", json.dumps(known.answers)).replace("url_suffix", "<url>")
    )
    capabilities = known.answers["describe-change-set-1"]["Capabilities"]
    for number, (kind, template) in enumerate((("CREATE", before), ("UPDATE", after)), 1):
        if number == 2 and between:
            between()
        made = cfn.create_change_set(
            StackName="stack", ChangeSetName=f"cs-{number}", ChangeSetType=kind, TemplateBody=json.dumps(template), Capabilities=capabilities,
            **options,
        )  # fmt: skip
        known.check(f"create-change-set-{number}", made)
        for suffix, with_values in (("-prop-values", True), ("", False)):
            step = f"describe-change-set-{number}{suffix}"
            shown = cfn.describe_change_set(ChangeSetName=made["Id"], IncludePropertyValues=with_values)
            _level(known.answers[step], shown)
            known.check(step, shown, ignore=("ChangeSetName",))
        known.check(f"execute-change-set-{number}", cfn.execute_change_set(ChangeSetName=made["Id"]))
        later = ("LastOperations",)  # AWS shows it since 2025; most recordings are older
        known.check(f"post-create-{number}-describe", stacks.settled("stack"), ignore=later)
    known.check("delete-describe", stacks.delete(), ignore=later)
    _check_events(known, cfn.describe_stack_events(StackName=made["StackId"])["StackEvents"])


def _level(want: Any, have: Any) -> None:
    """What AWS changed between recordings: Replacement of what is added, PolicyAction; and the order of details."""
    for one, other in zip(want["Changes"], have["Changes"], strict=True):
        one, other = one["ResourceChange"], other["ResourceChange"]
        if one["Action"] == "Add":
            one.pop("Replacement", None)
        for member in ("PolicyAction",):
            if not (member in one and member in other):
                one.pop(member, None)
                other.pop(member, None)
        for changes in (one, other):
            changes["Details"] = sorted(
                changes["Details"],
                key=lambda detail: (detail["Target"].get("Name", ""), detail["ChangeSource"], detail["Evaluation"]),
            )


def _check_events(known: Any, events: list[dict[str, Any]]) -> None:
    want = known.answers["per-resource-events"]
    if "Stack" in want:  # recorded in an older form: oldest first, to the end, each status of a physical id once
        for name, told in want.items():
            seen = dict.fromkeys(_step(one) for one in reversed(events) if one["LogicalResourceId"] == _name(name))
            steps = [status for _, status in seen]
            steps = [one for one in steps if "CLEANUP" not in one][: len(told)]
            assert steps == [one["ResourceStatus"] for one in told], name
        return
    deleting = [one for one in events if one["ResourceStatus"] == "DELETE_IN_PROGRESS" and one["LogicalResourceId"] == "stack"]  # fmt: skip
    events = events[events.index(deleting[0]) + 1 :]
    for name, told in want.items():
        ours = [one for one in events if one["LogicalResourceId"] == _name(name)]
        assert [one["ResourceStatus"] for one in ours] == [one["ResourceStatus"] for one in told], name
        reasons = [one.get("ResourceStatusReason") for one in told]
        assert [one.get("ResourceStatusReason") for one in ours] == reasons, name
        assert [_properties(one) for one in ours] == [one.get("ResourceProperties") for one in told] or "<" in str(told)


def _name(name: str) -> str:
    return "stack" if name == "Stack" or name.startswith("<stack") else name


def _step(event: dict[str, Any]) -> tuple[str, str]:
    return event["PhysicalResourceId"] if event["ResourceStatus"].startswith("DELETE") else "", event["ResourceStatus"]


def _properties(event: dict[str, Any]) -> Any:
    return json.loads(event["ResourceProperties"]) if "ResourceProperties" in event else None
