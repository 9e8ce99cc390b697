"""Macros: order, snippets, language extensions, SAM."""

from __future__ import annotations

from typing import Any

import pytest

from undercast.engines.templates import Known, MacroCall, TemplateError, expansion

EXTENDED = {"Transform": "AWS::LanguageExtensions"}
QUEUE = {"Type": "AWS::SQS::Queue"}


def run(
    template: Any, stack: Any, macro: Any, given: dict[str, str] | None = None
) -> tuple[dict[str, Any], list[MacroCall]]:
    """The document after its macros, each answered by `macro(call)`, and the calls made."""
    steps, calls = expansion(stack.load(template), given or {}, stack.pseudo), []
    try:
        call = next(steps)
        while True:
            calls.append(call)
            call = steps.send(macro(call))
    except StopIteration as done:
        return done.value.document, calls


def test_macros_run_from_the_inside_out_and_then_in_the_order_written(stack):
    document = {
        "Transform": ["First", {"Name": "Second", "Parameters": {"k": {"Ref": "P"}}}],
        "Parameters": {"P": {"Type": "String"}},
        "Resources": {
            "Q": {
                **QUEUE,
                "Properties": {
                    "Fn::Transform": [{"Name": "Outer", "Parameters": {"n": {"Fn::Sub": "${P}!"}}}],
                    "Tags": {"Fn::Transform": "Inner"},
                },
            }
        },
    }

    def macro(call: MacroCall) -> Any:
        return {**call.fragment, call.name: "ran"} if call.name in ("Inner", "Outer") else call.fragment

    result, calls = run(document, stack, macro, {"P": "p"})
    assert [call.name for call in calls] == ["Inner", "Outer", "First", "Second"]
    assert calls[1].parameters == {"n": "p!"}
    assert calls[1].fragment == {"Tags": {"Inner": "ran"}}
    assert calls[3].parameters == {"k": "p"}
    assert calls[2].template_parameters == {"P": "p"}
    assert calls[2].fragment["Resources"]["Q"]["Properties"] == {"Tags": {"Inner": "ran"}, "Outer": "ran"}
    assert "Transform" not in result


def test_a_template_with_macros_says_so_and_is_not_checked_yet(stack):
    template = stack.load({"Transform": "Mine", "Resources": {"Q": {"Anything": {"Fn::Transform": {"Name": "Other"}}}}})
    assert template.macros == template.needs().macros == ("Mine", "Other")
    with pytest.raises(ValueError, match="macros have not run"):
        template.bind({}, stack.pseudo)


def test_what_macros_leave_is_checked(stack):
    with pytest.raises(TemplateError, match="Unresolved resource dependencies"):
        run(
            {"Transform": "Mine", "Resources": {"Q": QUEUE}},
            stack,
            lambda call: {"Resources": {"Q": {**QUEUE, "DependsOn": "Nope"}}},
        )
    with pytest.raises(TemplateError, match="unsupported structure"):
        run({"Transform": "Mine", "Resources": {"Q": QUEUE}}, stack, lambda call: "text")


def test_loops(stack):
    """The syntax: AWS's user guide, Fn::ForEach. In values the identifier is for Ref and Fn::Sub."""
    document = {
        **EXTENDED,
        "Parameters": {"Names": {"Type": "CommaDelimitedList", "Default": "a-1,b"}},
        "Resources": {
            "Fn::ForEach::Queues": [
                "Name",
                {"Ref": "Names"},
                {
                    "Queue&{Name}": {
                        **QUEUE,
                        "Properties": {"QueueName": {"Fn::Sub": "${Name}-${AWS::Region}"}, "Kept": "${Name}"},
                    },
                    "Fn::ForEach::Topics": [
                        "Kind",
                        ["x", "y"],
                        {
                            "Topic&{Name}${Kind}": {
                                "Type": "AWS::SNS::Topic",
                                "Properties": {"TopicName": {"Ref": "Kind"}},
                            }
                        },
                    ],
                },
            ]
        },
        "Outputs": {
            "Fn::ForEach::Out": [
                "Name",
                ["b"],
                {"Out${Name}": {"Value": {"Fn::GetAtt": [{"Fn::Sub": "Queue${Name}"}, "Arn"]}}},
            ]
        },
    }
    result = stack.expand(document)
    assert list(result["Resources"]) == ["Queuea1", "Topica1x", "Topica1y", "Queueb", "Topicbx", "Topicby"]
    assert result["Resources"]["Queuea1"]["Properties"] == {
        "QueueName": {"Fn::Sub": "a-1-${AWS::Region}"},
        "Kept": "${Name}",
    }
    assert result["Resources"]["Topicby"]["Properties"] == {"TopicName": "y"}
    assert result["Outputs"] == {"Outb": {"Value": {"Fn::GetAtt": ["Queueb", "Arn"]}}}


def test_loops_in_properties_and_conditions(stack):
    document = {
        **EXTENDED,
        "Conditions": {"Fn::ForEach::C": ["N", ["1", "2"], {"Is${N}": {"Fn::Equals": [{"Ref": "N"}, "1"]}}]},
        "Resources": {
            "Q": {**QUEUE, "Properties": {"Fn::ForEach::P": ["N", ["A", "B"], {"Tag${N}": {"Ref": "N"}}], "C": "c"}}
        },
    }
    result = stack.expand(document)
    assert result["Resources"]["Q"]["Properties"] == {"TagA": "A", "TagB": "B", "C": "c"}
    assert result["Conditions"] == {"Is1": {"Fn::Equals": ["1", "1"]}, "Is2": {"Fn::Equals": ["2", "1"]}}


def test_what_is_decided_is_replaced_and_the_rest_waits(stack):
    """transformers::TestLanguageExtensionsTransform::test_transform_to_json_string"""
    document = {
        **EXTENDED,
        "Parameters": {"L": {"Type": "CommaDelimitedList", "Default": "a,b,c"}},
        "Mappings": {"M": {"a": {"x": "y"}}},
        "Resources": {
            "Q": QUEUE,
            "P": {
                "Type": "AWS::SSM::Parameter",
                "DeletionPolicy": {"Fn::FindInMap": ["M", "b", "x", {"DefaultValue": "Retain"}]},
                "Properties": {
                    "List": {"Fn::ToJsonString": {"Ref": "L"}},
                    "Object": {"Fn::ToJsonString": {"a": "foo", "b": [1, True]}},
                    "Length": {"Fn::Length": {"Ref": "L"}},
                    "Later": {"Fn::ToJsonString": {"arn": {"Fn::GetAtt": ["Q", "Arn"]}}},
                    "Split": {"Fn::Length": {"Fn::Split": [",", {"Ref": "Q"}]}},
                    "Mapped": {"Fn::FindInMap": ["M", {"Fn::Select": [0, {"Ref": "L"}]}, "x"]},
                },
            },
        },
    }
    document["Resources"]["P"]["Properties"]["List"] = {"Fn::ToJsonString": ["a", "b", "c"]}
    steps = expansion(stack.load(document), {}, stack.pseudo)
    with pytest.raises(StopIteration) as done:
        next(steps)
    template = done.value.value
    properties = template.document["Resources"]["P"]["Properties"]
    assert properties["List"] == '["a","b","c"]'
    assert properties["Object"] == '{"a":"foo","b":[1,true]}'
    assert (properties["Length"], properties["Mapped"]) == (3, "y")
    assert "Fn::ToJsonString" in properties["Later"] and "Fn::Length" in properties["Split"]
    bound = template.bind({}, stack.pseudo)
    known = Known(refs={"Q": "x,y"}, attributes={"Q": {"Arn": "arn"}})
    assert bound.properties("P", known).value["Later"] == '{"arn":"arn"}'
    assert bound.properties("P", known).value["Split"] == 2
    assert bound.attributes("P") == {"DeletionPolicy": "Retain"}


@pytest.mark.parametrize(
    ("loop", "message"),
    [
        (["N", ["a"]], "Fn::ForEach layout is incorrect"),
        (["N", "a", {"x${N}": QUEUE}], "Fn::ForEach layout is incorrect"),
        (["N", {"Ref": "Q"}, {"x${N}": QUEUE}], ""),
    ],
)
def test_wrong_loops(stack, loop, message):
    with pytest.raises(TemplateError, match=f"Transform AWS::LanguageExtensions failed with: {message}"):
        stack.expand({**EXTENDED, "Resources": {"Q": QUEUE, "Fn::ForEach::L": loop}})


SAM = """
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.11, Timeout: 7}}
Parameters: {Size: {Type: Number, Default: 256}}
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      CodeUri: s3://code-bucket/key.zip
      MemorySize: !Ref Size
      Policies: [AWSLambdaExecute]
      Events: {Get: {Type: Api, Properties: {Path: /hello, Method: get}}}
"""


def test_sam(stack, capfd):
    document = stack.expand(SAM)
    resources = {name: body["Type"] for name, body in document["Resources"].items()}
    assert "AWS::Lambda::Function" in resources.values()
    assert "AWS::ApiGateway::RestApi" in resources.values()
    assert "Globals" not in document and "Transform" not in document
    properties = document["Resources"]["Hello"]["Properties"]
    assert (properties["Timeout"], properties["MemorySize"]) == (7, {"Ref": "Size"})
    arns = document["Resources"]["HelloRole"]["Properties"]["ManagedPolicyArns"]
    assert "arn:aws:iam::aws:policy/AWSLambdaExecute" in arns
    assert stack.expand(SAM) == document  # names too: they do not change by chance
    bound = stack.bind(document)
    assert bound.properties("Hello", Known()).value["MemorySize"] == "256"
    assert capfd.readouterr().err == ""


def test_sam_errors(stack):
    with pytest.raises(TemplateError) as caught:
        stack.expand(SAM.replace("Handler:", "Handlr:"))
    assert caught.value.message == (
        "Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document. Number of "
        "errors found: 1. Resource with id [Hello] is invalid. property Handlr not defined for resource of type "
        "AWS::Serverless::Function"
    )
    with pytest.raises(TemplateError, match=r"^Transform AWS::Serverless-2016-10-31 failed with: "):
        stack.expand({"Transform": "AWS::Serverless-2016-10-31", "Resources": {"A": ["x"]}})
