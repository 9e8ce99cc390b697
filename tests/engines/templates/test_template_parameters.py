"""Parameters: declarations, values, error texts."""

from __future__ import annotations

from typing import Any

import pytest

RESOURCES = {"Q": {"Type": "AWS::SQS::Queue"}}


def template(**declaration: Any) -> dict[str, Any]:
    return {"Parameters": {"X": {"Type": "String", **declaration}}, "Resources": RESOURCES}


@pytest.mark.parametrize(
    ("declaration", "given", "value"),
    [
        ({"Default": "d"}, {}, "d"),
        ({"Default": "d"}, {"X": "g"}, "g"),
        ({"Default": 5}, {}, "5"),
        ({"Default": True}, {}, "true"),
        ({"Type": "Number"}, {"X": "1.5"}, "1.5"),
        ({"Type": "CommaDelimitedList"}, {"X": "a, b ,c"}, ["a", "b", "c"]),
        ({"Type": "CommaDelimitedList"}, {"X": ""}, []),
        ({"Type": "List<Number>"}, {"X": "1,2"}, ["1", "2"]),
        ({"Type": "List<AWS::EC2::Subnet::Id>"}, {"X": "subnet-1,subnet-2"}, ["subnet-1", "subnet-2"]),
        ({"Type": "AWS::EC2::KeyPair::KeyName"}, {"X": "key"}, "key"),
        ({"Type": "AWS::SSM::Parameter::Name"}, {"X": "/a"}, "/a"),
        ({"Type": "AWS::SSM::Parameter::Value<String>"}, {"X": "/a"}, "stored,1"),
        ({"Type": "AWS::SSM::Parameter::Value<List<String>>"}, {"X": "/a"}, ["stored", "1"]),
        ({"AllowedValues": ["a", 1]}, {"X": "1"}, "1"),
        ({"AllowedPattern": "[a-z]+", "MinLength": 1, "MaxLength": "2"}, {"X": "ab"}, "ab"),
        ({"Type": "Number", "MinValue": 1, "MaxValue": "2"}, {"X": "2"}, "2"),
    ],
)
def test_value(stack, declaration, given, value):
    assert stack.bind(template(**declaration), given, **{"/a": "stored,1"}).arguments.values == {"X": value}


@pytest.mark.parametrize(
    ("declaration", "given", "message"),
    [
        ({}, {}, "Parameters: [X] must have values"),  # stacks::test_no_parameters_given
        ({}, {"X": "1", "Y": "2"}, "Parameters: [Y] do not exist in the template"),
        ({"AllowedValues": ["a"]}, {"X": "b"}, "Parameter 'X' must be one of AllowedValues"),
        ({"AllowedValues": ["a"], "Default": "b"}, {}, "Parameter 'X' must be one of AllowedValues"),
        ({"AllowedPattern": "[a-z]+"}, {"X": "ab1"}, "Parameter 'X' must match pattern [a-z]+"),
        ({"MinLength": 2}, {"X": "a"}, "Parameter 'X' must contain at least 2 characters"),
        ({"MaxLength": 2}, {"X": "abc"}, "Parameter 'X' must contain at most 2 characters"),
        ({"Type": "Number"}, {"X": "a"}, "Parameter 'X' must be a number"),
        ({"Type": "Number"}, {"X": "NaN"}, "Parameter 'X' must be a number"),
        ({"Type": "List<Number>"}, {"X": "1,a"}, "Parameter 'X' must be a number"),
        ({"Type": "Number", "MinValue": 2}, {"X": "1"}, "Parameter 'X' must be a number not less than 2"),
        ({"Type": "Number", "MaxValue": 2}, {"X": "3"}, "Parameter 'X' must be a number not greater than 2"),
        (
            {"AllowedValues": ["a"], "ConstraintDescription": "must be a."},
            {"X": "b"},
            "Parameter X failed to satisfy constraint: must be a.",
        ),
        (
            {"Type": "AWS::SSM::Parameter::Value<String>"},
            {"X": "/b"},
            "Unable to fetch parameters [/b] from parameter store for this account.",
        ),
        ({"Type": "Nope"}, {}, "Template format error: Unrecognized parameter type: Nope"),
        ({"Type": None}, {}, "[/Parameters/X/Type] 'null' values are not allowed in templates"),
        ({"Typo": "a"}, {}, "Invalid template parameter property 'Typo'"),
        ({"Default": ["a"]}, {}, "Template format error: Every Default member must be a string."),
    ],
)
def test_error(stack, declaration, given, message):
    assert stack.error(template(**declaration), given, **{"/a": "v"}) == message


def test_a_parameter_needs_a_type(stack):
    document = {"Parameters": {"X": {}}, "Resources": RESOURCES}
    assert stack.error(document) == "Template format error: Every Parameters object must contain a Type member."


def test_needs_names_ssm_parameters(stack):
    document = template(Type="AWS::SSM::Parameter::Value<String>", Default="/default")
    assert stack.load(document).needs().ssm_parameters == {"/default"}
    assert stack.load(document).needs({"X": "/other"}).ssm_parameters == {"/other"}


def test_no_echo_is_not_shown(stack):
    bound = stack.bind(template(NoEcho=True, Default="secret"))
    assert bound.shown_parameters() == {"X": "****"}
    assert bound.arguments.values == {"X": "secret"}
