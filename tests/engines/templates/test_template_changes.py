"""Differences of two templates, as the recorded change sets show them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines.resource_schemas import schema
from undercast.engines.templates import UNKNOWN, Bound, Change, Deployed, Known, changes, property_changes

NEVER = {"Attribute": "Properties", "RequiresRecreation": "Never"}
ALWAYS = {"Attribute": "Properties", "RequiresRecreation": "Always"}
DIRECT, DYNAMIC = (
    {"ChangeSource": "DirectModification", "Evaluation": evaluation} for evaluation in ("Static", "Dynamic")
)


def topic(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SNS::Topic", "Properties": properties}


def parameter(value: Any, **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value, **more}}


def deploy(bound: Bound) -> Deployed:
    known, properties = Known(), {}
    for name in bound.graph().order():
        properties[name] = bound.properties(name, known).value
        known.refs[name] = f"physical-{name}"
        known.attributes[name] = {**properties[name], "TopicArn": f"arn:{name}"}
    return Deployed(bound, known, properties)


def compare(
    stack: Any, before: Any, after: Any, old: Any = None, new: Any = None, with_values: bool = False
) -> dict[str, Change]:
    found = changes(deploy(stack.bind(before, old)), stack.bind(after, new), schema, with_values=with_values)
    return {change.resource_id: change for change in found}


def details(change: Change, with_values: bool = False) -> list[dict[str, Any]]:
    return sorted(
        change.shown(with_values)["Details"], key=lambda one: (one["ChangeSource"], one.get("CausingEntity", ""))
    )


def test_nothing_changes(stack):
    document = {"Resources": {"A": topic(DisplayName="a"), "B": parameter({"Ref": "A"})}}
    assert compare(stack, document, document) == {}
    written_otherwise = {"Resources": {"A": topic(DisplayName={"Fn::Sub": "a"}), "B": parameter({"Fn::Sub": "${A}"})}}
    assert compare(stack, document, written_otherwise) == {}


def test_a_literal(stack):
    """change_set_fn_base64::TestChangeSetFnBase64::test_fn_base64_add_to_static_property"""
    before = {"Resources": {"Topic1": topic(DisplayName="topic-name-1")}}
    after = {"Resources": {"Topic1": topic(DisplayName={"Fn::Base64": "HelloWorld"})}}
    change = compare(stack, before, after)["Topic1"]
    assert change.shown() == {
        "Action": "Modify",
        "Details": [DIRECT | {"Target": NEVER | {"Name": "DisplayName"}}],
        "LogicalResourceId": "Topic1",
        "PhysicalResourceId": "physical-Topic1",
        "Replacement": "False",
        "ResourceType": "AWS::SNS::Topic",
        "Scope": ["Properties"],
    }
    shown = compare(stack, before, after, with_values=True)["Topic1"].shown(with_values=True)
    assert shown["Details"][0]["Target"] == {
        "AfterValue": "SGVsbG9Xb3JsZA==",
        "Attribute": "Properties",
        "AttributeChangeType": "Modify",
        "BeforeValue": "topic-name-1",
        "Name": "DisplayName",
        "Path": "/Properties/DisplayName",
        "RequiresRecreation": "Never",
    }
    assert shown["BeforeContext"] == '{"Properties":{"DisplayName":"topic-name-1"}}'
    assert shown["AfterContext"] == '{"Properties":{"DisplayName":"SGVsbG9Xb3JsZA=="}}'


def test_a_replacement(stack):
    """change_sets::TestCaptureUpdateProcess::test_dynamic_update: what refers to a replaced resource changes too."""
    before = {
        "Resources": {"Foo": topic(TopicName="topic-1"), "Parameter": parameter({"Fn::GetAtt": ["Foo", "TopicName"]})}
    }
    after = {
        "Resources": {"Foo": topic(TopicName="topic-2"), "Parameter": parameter({"Fn::GetAtt": ["Foo", "TopicName"]})}
    }
    found = compare(stack, before, after)
    assert (found["Foo"].replacement, found["Foo"].policy_action) == ("True", "ReplaceAndDelete")
    assert details(found["Foo"]) == [DIRECT | {"Target": ALWAYS | {"Name": "TopicName"}}]
    cause = {"CausingEntity": "Foo.TopicName", "ChangeSource": "ResourceAttribute", "Evaluation": "Static"}
    assert details(found["Parameter"]) == [cause | {"Target": NEVER | {"Name": "Value"}}]
    assert (found["Parameter"].replacement, found["Parameter"].policy_action) == ("False", None)
    with_values = compare(stack, before, after, with_values=True)["Parameter"]
    target = NEVER | {
        "AfterValue": UNKNOWN,
        "AttributeChangeType": "Modify",
        "BeforeValue": "topic-1",
        "Name": "Value",
        "Path": "/Properties/Value",
    }
    assert details(with_values, True) == [DYNAMIC | {"Target": target}, cause | {"Target": target}]


def test_a_parameter(stack):
    """change_sets::TestCaptureUpdateProcess::test_parameter_changes"""
    document = {
        "Parameters": {"TopicName": {"Type": "String"}},
        "Resources": {"Foo": topic(TopicName={"Ref": "TopicName"})},
    }
    change = compare(stack, document, document, {"TopicName": "topic-1"}, {"TopicName": "topic-2"})["Foo"]
    target = {"Target": ALWAYS | {"Name": "TopicName"}}
    assert details(change) == [
        DYNAMIC | target,
        {"CausingEntity": "TopicName", "ChangeSource": "ParameterReference", "Evaluation": "Static"} | target,
    ]
    assert change.replacement == "True"


def test_a_reference_to_a_parameter_that_is_new(stack):
    """change_set_fn_sub::TestChangeSetFnSub::test_fn_sub_addition_parameter_ref"""
    after = {
        "Parameters": {"P": {"Type": "String"}},
        "Resources": {"Topic1": topic(DisplayName={"Fn::Sub": "interpolation: ${P}"})},
    }
    change = compare(stack, {"Resources": {"Topic1": topic(DisplayName="a")}}, after, None, {"P": "v"})["Topic1"]
    target = {"Target": NEVER | {"Name": "DisplayName"}}
    assert details(change) == [
        DYNAMIC | target,
        {"CausingEntity": "P", "ChangeSource": "ParameterReference", "Evaluation": "Static"} | target,
    ]


def test_an_attribute_of_a_resource_that_changes_in_place(stack):
    """change_set_fn_get_attr::TestChangeSetFnGetAttr::test_direct_attribute_value_change: it might change; with values
    it is known that it does not, yet."""

    def document(name: str) -> dict[str, Any]:
        return {
            "Resources": {
                "Topic1": topic(DisplayName=name),
                "Topic2": topic(DisplayName={"Fn::GetAtt": ["Topic1", "DisplayName"]}),
            }
        }

    found = compare(stack, document("a"), document("b"))
    assert details(found["Topic2"]) == [
        {
            "CausingEntity": "Topic1.DisplayName",
            "ChangeSource": "ResourceAttribute",
            "Evaluation": "Dynamic",
            "Target": NEVER | {"Name": "DisplayName"},
        }
    ]
    assert list(compare(stack, document("a"), document("b"), with_values=True)) == ["Topic1"]


def test_an_attribute_that_might_replace_is_conditional(stack):
    def document(name: str) -> dict[str, Any]:
        return {"Resources": {"A": topic(DisplayName=name), "B": topic(TopicName={"Fn::GetAtt": ["A", "DisplayName"]})}}

    assert compare(stack, document("a"), document("b"))["B"].replacement == "Conditional"


def test_a_reference_to_a_replaced_resource(stack):
    def document(name: str) -> dict[str, Any]:
        return {"Resources": {"A": topic(TopicName=name), "B": parameter({"Ref": "A"})}}

    [detail] = details(compare(stack, document("a"), document("b"))["B"])
    assert (detail["ChangeSource"], detail["CausingEntity"], detail["Evaluation"]) == (
        "ResourceReference",
        "A",
        "Static",
    )


def test_added_and_removed(stack):
    """change_set_ref::…::test_resource_addition, change_set_conditions::…::test_condition_update_removes_resource"""
    before = {
        "Resources": {"A": topic(), "Gone": topic(TopicName="n"), "Kept": {**topic(), "DeletionPolicy": "Retain"}}
    }
    after = {"Resources": {"A": topic(), "New": topic(DisplayName={"Ref": "A"})}}
    found = compare(stack, before, after)
    assert found["New"].shown() == {
        "Action": "Add",
        "Details": [],
        "LogicalResourceId": "New",
        "ResourceType": "AWS::SNS::Topic",
        "Scope": [],
    }
    assert found["New"].shown(with_values=True)["AfterContext"] == '{"Properties":{"DisplayName":"physical-A"}}'
    assert found["Gone"].shown(with_values=True) == {
        "Action": "Remove",
        "BeforeContext": '{"Properties":{"TopicName":"n"}}',
        "Details": [],
        "LogicalResourceId": "Gone",
        "PhysicalResourceId": "physical-Gone",
        "PolicyAction": "Delete",
        "ResourceType": "AWS::SNS::Topic",
        "Scope": [],
    }
    assert found["Kept"].policy_action == "Retain"


def test_tags_and_policies_have_their_own_scope(stack):
    before = {"Resources": {"A": topic(Tags=[{"Key": "k", "Value": "v"}])}}
    after = {
        "Resources": {
            "A": {
                **topic(Tags=[{"Key": "k", "Value": "w"}]),
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Snapshot",
            }
        }
    }
    change = compare(stack, before, after)["A"]
    assert change.scope == ["Tags", "DeletionPolicy", "UpdateReplacePolicy"]
    assert details(change)[0]["Target"] == {"Attribute": "Tags", "RequiresRecreation": "Never"}


def test_another_type_is_a_replacement(stack):
    change = compare(stack, {"Resources": {"A": topic()}}, {"Resources": {"A": {"Type": "AWS::SQS::Queue"}}})["A"]
    assert (change.replacement, change.resource_type) == ("True", "AWS::SQS::Queue")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": "1"}, []),
        ({"a": True}, {"a": "true"}, []),
        ({"a": 1}, {"a": 2}, [(("a",), "Modify", 1, 2)]),
        ({"a": 1}, {"b": 2}, [(("a",), "Remove", 1, None), (("b",), "Add", None, 2)]),
        ({"a": [1, 2]}, {"a": [1, 3]}, [(("a", 1), "Modify", 2, 3)]),
        ({"a": [1]}, {"a": [1, 2]}, [(("a",), "Modify", [1], [1, 2])]),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {}}}, [(("a", "b", "c"), "Remove", 1, None)]),
    ],
)
def test_property_changes(before, after, expected):
    assert list(property_changes(before, after)) == expected


JSON = st.recursive(
    st.one_of(st.text(max_size=3), st.integers(0, 3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=8,
)


@given(JSON, JSON)
def test_what_is_equal_does_not_change_and_what_changes_is_not_equal(one, other):
    assert list(property_changes(one, one)) == []
    if list(property_changes(one, other)):
        assert one != other
