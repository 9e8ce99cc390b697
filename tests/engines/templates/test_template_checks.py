"""What a template must be: sections, names, references, conditions, rules, outputs; each text as AWS has it."""

from __future__ import annotations

from typing import Any

import pytest

from undercast.engines.resource_schemas import schema
from undercast.engines.templates import Known, TemplateError

Q = {"Type": "AWS::SQS::Queue"}


def resources(**more: Any) -> dict[str, Any]:
    return {"Resources": {"Q": Q, **more}}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"Description": "x"}, "Template format error: At least one Resources member must be defined."),
        ({"Resources": {}}, "Template format error: At least one Resources member must be defined."),
        ({**resources(), "Foo": 1, "Bar": 2}, "Invalid template property or properties [Foo, Bar]"),
        (
            {**resources(), "AWSTemplateFormatVersion": "2012-10-17"},
            "Template format error: unsupported value for AWSTemplateFormatVersion.",
        ),
        (
            {**resources(), "Description": "x" * 1025},
            "Template format error: 'Description' length is greater than 1024.",
        ),
        # template_engine::test_no_type
        (
            {"Resources": {"Foo": {"Properties": {}}}},
            "Template format error: [/Resources/Foo] Every Resources object must contain a Type member.",
        ),
        # changesets::test_using_pseudoparameters_in_places[resource]
        (resources(**{"AWS::NoValue": Q}), "Template format error: Resource name AWS::NoValue is non alphanumeric."),
        # changesets::test_using_pseudoparameters_in_places[parameter]
        (
            {**resources(), "Parameters": {"AWS::NoValue": {"Type": "String"}}},
            "Template format error: Parameter name AWS::NoValue is non alphanumeric.",
        ),
        (resources(A={**Q, "Typo": 1}), "Invalid template resource property 'Typo'"),
        (resources(A=["x"]), "Template format error: Any Resources member must be an object."),
        # validations::test_invalid_output_structure[none-value]
        (
            {**resources(), "Outputs": {"MyOutput": {"Value": None}}},
            "[/Outputs/MyOutput/Value] 'null' values are not allowed in templates",
        ),
        # validations::test_invalid_output_structure[missing-def]
        (
            {**resources(), "Outputs": {"MyOutput": {"Value": None, "Other": None}}},
            "[/Outputs/MyOutput/Value] 'null' values are not allowed in templates",
        ),
        # validations::test_invalid_output_structure[multiple-nones]
        (
            {**resources(), "Outputs": {"MyOutput": {}}},
            "Template format error: Every Outputs member must contain a Value object",
        ),
        # references::test_useful_error_when_invalid_ref
        (
            resources(A={**Q, "Properties": {"QueueName": {"Ref": "InvalidRef"}}}),
            "Template format error: Unresolved resource dependencies [InvalidRef] in the Resources block of the template",
        ),
        (
            resources(A={**Q, "DependsOn": ["Q", "B", "C"]}),
            "Template format error: Unresolved resource dependencies [B, C] in the Resources block of the template",
        ),
        (
            {**resources(), "Outputs": {"O": {"Value": {"Fn::Sub": "${Nope}"}}}},
            "Template format error: Unresolved resource dependencies [Nope] in the Outputs block of the template",
        ),
        (
            {**resources(), "Conditions": {"C": {"Fn::Equals": [{"Ref": "Q"}, "a"]}}},
            "Template format error: Unresolved dependencies [Q]. Cannot reference resources in the Conditions block of the "
            "template",
        ),
        # conditions::TestValidateConditions::test_validate_equals_args_len
        (
            {**resources(), "Conditions": {"C": {"Fn::Equals": ["a"]}}},
            "Template error: every Fn::Equals object requires a list of 2 string parameters.",
        ),
        (
            {**resources(), "Conditions": {"C": {"Fn::Not": []}}},
            "Template error: every Fn::Not object requires one boolean parameter.",
        ),
        (
            {**resources(), "Conditions": {"C": {"Fn::And": [{"Fn::Equals": ["a", "a"]}]}}},
            "Template error: every Fn::And object requires a list of at least 2 and at most 10 boolean parameters.",
        ),
        (
            {**resources(), "Conditions": {"C": {"Fn::Or": []}}},
            "Template error: every Fn::Or object requires a list of at least 2 and at most 10 boolean parameters.",
        ),
        (
            {**resources(), "Conditions": {"C": "true"}},
            "Template format error: Conditions can only be boolean operations on parameters and other conditions",
        ),
        (
            {
                **resources(),
                "Conditions": {"A": {"Fn::Not": [{"Condition": "B"}]}, "B": {"Fn::Not": [{"Condition": "A"}]}},
            },
            "Template format error: Circular dependency between conditions: [A, B]",
        ),
        (
            resources(A={**Q, "Condition": "C"}),
            "Template format error: Unresolved condition dependency C in the Resources block of the template",
        ),
        (
            {**resources(), "Mappings": {"M": {"a": {"x-y": "z"}}}},
            "Template format error: Mappings attribute name 'x-y' must contain only alphanumeric characters.",
        ),
        (
            {**resources(), "Mappings": {"M": {"a": {"x": {"y": "z"}}}}},
            "Template format error: Every Mappings attribute must be a String or a List.",
        ),
        (
            {**resources(), "Outputs": {"O": {"Value": "a", "Export": {"Name": "a b"}}}},
            "Template format error: Output O is malformed. The Name field of every Export member must be specified and "
            "consist only of alphanumeric characters, colons, or hyphens.",
        ),
        (
            {"Resources": {f"Q{number}": Q for number in range(501)}},
            "Template format error: Number of resources, 501, is greater than maximum allowed, 500",
        ),
        (
            resources(A={**Q, "DeletionPolicy": "Keep"}),
            "Template format error: Unrecognized DeletionPolicy Keep for resource A",
        ),
        (
            {**resources(), "Transform": {"Name": {"Ref": "X"}}},
            "Key Name of transform definition must be a string.",  # template_engine::TestMacros::test_error_pass_macro_…
        ),
    ],
)
def test_error(stack, document, message):
    assert stack.error(document) == message


def test_a_reference_to_a_resource_whose_condition_is_false(stack):
    """conditions::TestCloudFormationConditions::test_dependent_ref"""
    document = {
        "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
        "Resources": {
            "MyTopic": {"Type": "AWS::SNS::Topic", "Condition": "Never"},
            "P": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Ref": "MyTopic"}}},
        },
    }
    message = "Template format error: Unresolved resource dependencies [MyTopic] in the Resources block of the template"
    assert stack.error(document) == message
    document["Resources"]["P"]["Properties"]["Value"] = {"Fn::If": ["Never", {"Ref": "MyTopic"}, "fallback"]}
    bound = stack.bind(document)
    assert list(bound.resources) == ["P"]
    assert bound.properties("P", Known()).value["Value"] == "fallback"


def test_depending_on_a_resource_whose_condition_is_false_is_nothing(stack):
    document = {
        "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
        "Resources": {"T": {"Type": "AWS::SNS::Topic", "Condition": "Never"}, "Q": {**Q, "DependsOn": "T"}},
    }
    assert stack.bind(document).graph().levels() == [["Q"]]


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("prod", {"IsProd": True, "Both": True, "Any": True, "None": False}),
        ("dev", {"IsProd": False, "Both": False, "Any": True, "None": True}),
    ],
)
def test_conditions(stack, stage, expected):
    document = {
        "Parameters": {"Stage": {"Type": "String"}},
        "Conditions": {
            "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
            "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}]},
            "Any": {"Fn::Or": [{"Condition": "IsProd"}, {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}]},
            "None": {"Fn::Not": [{"Condition": "IsProd"}]},
        },
        **resources(),
    }
    assert stack.bind(document, {"Stage": stage}).conditions == expected


def test_outputs(stack):
    document = {
        "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
        **resources(),
        "Outputs": {
            "Url": {
                "Value": {"Ref": "Q"},
                "Description": "d",
                "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-url"}},
            },
            "Number": {"Value": 5},
            "List": {"Value": ["a"]},
            "Gone": {"Value": "x", "Condition": "Never"},
        },
    }
    bound = stack.bind(document)
    known = Known(refs={"Q": "https://q"})
    assert list(bound.outputs) == ["Url", "Number", "List"]
    url = bound.output("Url", known)
    assert (url.value, url.export_name, url.description, url.missing) == ("https://q", "shop-url", "d", frozenset())
    assert bound.output("Url", Known()).missing
    assert bound.output("Number", known).value == "5"
    with pytest.raises(TemplateError, match="The Value field of every Outputs member must evaluate to a String"):
        bound.output("List", known)


def test_rules(stack):
    def document(assertion: Any, **rule: Any) -> dict[str, Any]:
        rules = {"R": {"Assertions": [{"Assert": assertion, "AssertDescription": "why"}], **rule}}
        parameters = {"P": {"Type": "String", "Default": "p"}, "L": {"Type": "CommaDelimitedList", "Default": "a,a"}}
        return {"Parameters": parameters, "Rules": rules, **resources()}

    for assertion in (
        {"Fn::Contains": [["p", "q"], {"Ref": "P"}]},
        {"Fn::EachMemberEquals": [{"Ref": "L"}, "a"]},
        {"Fn::EachMemberIn": [{"Ref": "L"}, ["a", "b"]]},
    ):
        stack.bind(document(assertion))
        assert stack.error(document({"Fn::Not": [assertion]})) == "Template error: Rule R failed: why"
        stack.bind(document({"Fn::Not": [assertion]}, RuleCondition={"Fn::Equals": [{"Ref": "P"}, "other"]}))
    bound = stack.bind(document({"Fn::EachMemberIn": [{"Ref": "L"}, {"Fn::RefAll": "AWS::EC2::VPC::Id"}]}))
    [lookup] = bound.needs().rules
    bound.check_rules(Known(rules={lookup: ["a", "b"]}))
    with pytest.raises(TemplateError, match="Rule R failed"):
        bound.check_rules(Known(rules={lookup: ["b"]}))


def test_attributes(stack):
    def template(attribute: str) -> Any:
        return stack.load({**resources(), "Outputs": {"O": {"Value": {"Fn::GetAtt": f"Q.{attribute}"}}}})

    template("Arn").check_attributes(schema)
    with pytest.raises(
        TemplateError, match="Template error: resource Q does not support attribute type No in Fn::GetAtt"
    ):
        template("No").check_attributes(schema)


def test_types(stack):
    template = stack.load(resources(A={"Type": "AWS::No::Such"}, B={"Type": "Custom::Mine"}))
    with pytest.raises(TemplateError, match=r"Template format error: Unrecognized resource types: \[AWS::No::Such\]"):
        template.check_types({"AWS::SQS::Queue"})
    template.check_types({"AWS::SQS::Queue", "AWS::No::Such"})
