"""Schemas by value: what is in them, what they accept, CloudFormation's words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines.resource_schemas import Problem, failure, iam_actions, schema, type_names


def problems(type_name: str, **properties: object) -> list[str]:
    found = schema(type_name)
    assert found is not None
    return [str(problem) for problem in found.validate(properties)]


def test_facts_of_a_type():
    queue = schema("AWS::SQS::Queue")
    assert queue.type_name == "AWS::SQS::Queue"
    assert queue.primary_identifier == ("QueueUrl",)
    assert queue.attributes == {"Arn", "QueueUrl"}
    assert queue.requires_replacement(("QueueName",)) == "Always"
    assert queue.requires_replacement(("DelaySeconds",)) == "Never"
    assert schema("AWS::DynamoDB::Table").requires_replacement(("KeySchema", 0)) == "Conditionally"
    assert schema("AWS::No::Such") is None


def test_nested_and_wildcard_paths():
    api = schema("AWS::ApiGateway::RestApi")
    assert api.attributes >= {"RestApiId", "RootResourceId"}
    table = schema("AWS::DynamoDB::GlobalTable")
    assert table.attributes >= {"Arn", "StreamArn", "TableId"}
    rds = schema("AWS::RDS::DBInstance")
    assert "Endpoint.Address" in rds.attributes
    provider = schema("AWS::ECS::CapacityProvider")
    assert provider.requires_replacement(("AutoScalingGroupProvider", "AutoScalingGroupArn")) == "Always"
    assert provider.requires_replacement(("AutoScalingGroupProvider", "ManagedScaling")) == "Never"
    assert provider.requires_replacement(("AutoScalingGroupProvider",)) == "Conditionally"  # it may be in there


def test_attributes_of_get_att():
    """change_set_fn_get_attr and parameter::TestAttributeAccess::test_getattr[Type]: properties are attributes too."""
    assert schema("AWS::SNS::Topic").has_attribute("DisplayName")
    assert schema("AWS::SSM::Parameter").has_attribute("Type")
    assert not schema("AWS::SNS::Topic").has_attribute("Nope")
    assert schema("AWS::CloudFormation::Stack").has_attribute("Outputs.Anything")
    assert schema("Custom::Thing").has_attribute("Anything")


def test_texts_become_what_is_wanted_and_back():
    checked = schema("AWS::Lambda::Function").check(
        {
            "Code": {"ZipFile": "x"},
            "Role": "arn:aws:iam::111122223333:role/r",
            "Timeout": "5",
            "MemorySize": 128.0,
            "Environment": {"Variables": {"NUMBER": 1, "FLAG": True}},
        }
    )
    assert checked.problems == []
    assert (checked.properties["Timeout"], checked.properties["MemorySize"]) == (5, 128)
    assert checked.properties["Environment"] == {"Variables": {"NUMBER": "1", "FLAG": "true"}}
    assert schema("AWS::SQS::Queue").check({"FifoQueue": "true"}).properties == {"FifoQueue": True}


@pytest.mark.parametrize(
    ("type_name", "properties", "expected"),
    [
        ("AWS::SSM::Parameter", {"Type": "String"}, ["#: required key [Value] not found"]),
        ("AWS::SQS::Queue", {"Foo": 1}, ["#: extraneous key [Foo] is not permitted"]),
        ("AWS::SQS::Queue", {"Arn": "a"}, ["#: extraneous key [Arn] is not permitted"]),
        ("AWS::SQS::Queue", {"DelaySeconds": "x"}, ["#/DelaySeconds: expected type: Integer, found: String"]),
        ("AWS::SQS::Queue", {"QueueName": {"a": 1}}, ["#/QueueName: expected type: String, found: JSONObject"]),
        ("AWS::SQS::Queue", {"Tags": "a"}, ["#/Tags: expected type: JSONArray, found: String"]),
        ("AWS::SQS::Queue", {"Tags": [{"Key": "a"}]}, ["#/Tags/0: required key [Value] not found"]),
        ("AWS::SNS::Topic", {"TopicName": "x" * 257}, ["#/TopicName: expected maxLength: 256, actual: 257"]),
        (
            "AWS::SNS::Topic",
            {"MaximumMessageSize": 1},
            ["#/MaximumMessageSize: failed validation constraint for keyword [minimum]"],
        ),
        (
            "AWS::Logs::LogGroup",
            {"RetentionInDays": 2},
            ["#/RetentionInDays: failed validation constraint for keyword [enum]"],
        ),
        ("AWS::Logs::LogGroup", {"RetentionInDays": "3"}, []),
        (
            "AWS::Logs::LogGroup",
            {"LogGroupName": "a b"},
            ["#/LogGroupName: failed validation constraint for keyword [pattern]"],
        ),
        (
            "AWS::SNS::Topic",
            {"ArchivePolicy": [5]},
            ["#/ArchivePolicy: #: no subschema matched out of the total 2 subschemas"],
        ),
        ("Custom::Thing", {"ServiceToken": "arn", "Any": {"thing": 1}}, []),
        ("AWS::CloudFormation::Stack", {"TemplateURL": "https://x", "Parameters": {"P": True}}, []),
    ],
)
def test_problems(type_name, properties, expected):
    assert problems(type_name, **properties) == expected


def test_the_sentence_about_a_resource():
    sentence = failure(
        "Q", [Problem("#", "required key [Name] not found"), Problem("#", "extraneous key [Foo] is not permitted")]
    )
    assert sentence == (
        "Properties validation failed for resource Q with message:\n"
        "#: required key [Name] not found\n#: extraneous key [Foo] is not permitted"
    )


def test_what_is_unknown_passes():
    assert schema("AWS::SQS::Queue").check({"DelaySeconds": "?"}, unknown="?").problems == []


def test_every_schema_loads_and_its_references_lead_somewhere():
    for name in type_names():
        found = schema(name)
        document = found.document
        for node in _nodes(document):
            if "$ref" in node:
                target = document
                for part in node["$ref"].split("/")[1:]:
                    target = target[part]
        assert found.primary_identifier or name
        assert found.validate({}) is not None


@given(
    st.dictionaries(
        st.sampled_from(["QueueName", "DelaySeconds", "FifoQueue", "Tags", "RedrivePolicy", "Nope"]),
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)),
            lambda inner: st.one_of(
                st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=2)
            ),
            max_leaves=5,
        ),
    )
)
def test_any_properties_are_checked_and_normal_ones_stay(properties):
    checked = schema("AWS::SQS::Queue").check(properties)
    if not checked.problems:
        assert schema("AWS::SQS::Queue").check(checked.properties) == checked


def test_iam_actions():
    sqs = iam_actions()["sqs"]
    assert sqs["actions"]["sendmessage"] == ["queue"]
    assert sqs["resources"]["queue"] == ["arn:${Partition}:sqs:${Region}:${Account}:.*"]
    assert sqs["keys"]["queue"] == ["aws:ResourceTag/${TagKey}"]


def _nodes(node):
    if isinstance(node, dict):
        yield node
        for child in node.values():
            yield from _nodes(child)
    elif isinstance(node, list):
        for child in node:
            yield from _nodes(child)
