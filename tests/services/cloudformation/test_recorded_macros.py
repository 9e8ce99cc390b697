"""Macros, snippets, and what is looked up in the Parameter Store: as AWS answered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.recorded import recorded
from tests.services.cloudformation.test_recorded_updates import ALL, follow
from tests.services.cloudformation.test_resources import ROLE, function

ANSWER = 'return {"requestId": event["requestId"], "status": "success", "fragment": fragment}\n'
HANDLER = 'def handler(event, context):\n    fragment, given = event["fragment"], event["params"]\n'


def macro(stacks: Any, name: str, body: str) -> None:
    """A macro of the account; `body` is Python that changes `fragment`."""
    lines = "".join(f"    {line}\n" for line in [*body.splitlines(), ANSWER.strip()])
    resources = {
        "Role": ROLE,
        "Function": function(HANDLER + lines),
        "Macro": {
            "Type": "AWS::CloudFormation::Macro",
            "Properties": {"Name": name, "FunctionName": {"Ref": "Function"}},
        },
    }
    made = stacks.create({"Resources": resources}, f"macro-{name}", Capabilities=ALL)
    assert made["StackStatus"] == "CREATE_COMPLETE", stacks.events(f"macro-{name}")


def parameter(value: Any, **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value, **more}}


def named(value: Any) -> dict[str, Any]:
    return {"Resources": {"Parameter": parameter(value, Name="parameter-name")}}


# --- change sets ---

FN_TRANSFORM = "change_set_fn_transform::TestChangeSetFnTransform"


def test_embedded_macro_for_attribute(stacks: Any, cfn: Any) -> None:
    macro(stacks, "Repeat", 'fragment = given["Input"] * 2')
    value = {"Fn::Transform": {"Name": "Repeat", "Parameters": {"Input": {"Ref": "Input"}}}}
    after = {"Parameters": {"Input": {"Type": "String", "Default": "test"}}, **named(value)}
    follow(f"{FN_TRANSFORM}::test_embedded_macro_for_attribute_fn_transform", named("first"), after, stacks, cfn)


def test_macro_with_intrinsic_function(stacks: Any, cfn: Any) -> None:
    macro(stacks, "Repeat", 'fragment = given["Input"] * 2')
    given = {"Input": {"Fn::Join": ["-", ["a", "b"]]}}
    after = named({"Fn::Transform": {"Name": "Repeat", "Parameters": given}})
    follow(f"{FN_TRANSFORM}::test_macro_with_intrinsic_function", named("first"), after, stacks, cfn)


def test_multiple_transforms_in_order(stacks: Any, cfn: Any) -> None:
    macro(stacks, "Append", 'fragment["Value"] = fragment["Value"] + "-" + given["Word"]')
    after = named("second")
    after["Resources"]["Parameter"]["Properties"]["Fn::Transform"] = [
        {"Name": "Append", "Parameters": {"Word": word}} for word in ("one", "two")
    ]
    follow(f"{FN_TRANSFORM}::test_multiple_fn_transform_order", named("first"), after, stacks, cfn)


@pytest.mark.parametrize("changes", [True, False])
def test_dynamic_ssm_parameters(stacks: Any, cfn: Any, ssm: Any, changes: bool) -> None:
    case = "change_sets::test_dynamic_ssm_parameter_lookup" + ("" if changes else "_no_change")
    ssm.put_parameter(Name="p", Value="one", Type="String")
    before = {
        "Parameters": {"InputValue": {"Type": "AWS::SSM::Parameter::Value<String>"}},
        "Resources": {"DerivedParameter": parameter({"Ref": "InputValue"})},
        "Outputs": {"DerivedParameterName": {"Value": {"Ref": "DerivedParameter"}}},
    }
    after = json.loads(json.dumps(before))
    if not changes:
        after["Resources"]["AnotherParameter"] = parameter("new parameter")

    def between() -> None:
        if changes:
            ssm.put_parameter(Name="p", Value="two", Type="String", Overwrite=True)

    given = [{"ParameterKey": "InputValue", "ParameterValue": "p"}]
    follow(case, before, after, stacks, cfn, between, Parameters=given)


def test_update_of_a_joined_reference(stacks: Any, cfn: Any) -> None:
    def template(display: str) -> dict[str, Any]:
        joined = {"Fn::Join": ["-", ["prefix", {"Fn::GetAtt": ["Topic1", "DisplayName"]}, "suffix"]]}
        return {
            "Resources": {
                "Topic1": topic(TopicName="topic-name-1", DisplayName=display),
                "Topic2": topic(TopicName="topic-name-2", DisplayName=joined),
            }
        }

    case = "change_set_fn_join::TestChangeSetFnJoin::test_update_refence_argument"
    follow(case, template("display-name-1"), template("display-name-2"), stacks, cfn)


def test_find_in_map_with_nested_ref(stacks: Any, cfn: Any) -> None:
    def template(name: str) -> dict[str, Any]:
        found = {"Fn::FindInMap": ["Zones", {"Ref": "AWS::Region"}, "id"]}
        return {
            "Mappings": {"Zones": {"us-east-1": {"id": "Z2FDTNDATAQYW2"}}},
            "Resources": {"Topic1": topic(TopicName=name, DisplayName=found)},
        }

    case = "change_set_mappings::TestChangeSetMappings::test_fn_find_in_map_with_nested_ref"
    follow(case, template("topic-name-1"), template("topic-name-1-updated"), stacks, cfn)


def test_pseudo_parameters(stacks: Any, cfn: Any) -> None:
    names = ("Partition", "AccountId", "Region", "StackName", "StackId", "URLSuffix")
    tags = [{"Key": name, "Value": {"Ref": f"AWS::{name}"}} for name in names]
    before = {"Resources": {"Topic1": topic(TopicName="topic_name_1")}}
    after = {"Resources": {"Topic2": topic(TopicName="topic_name_2", Tags=tags)}}
    follow("change_set_ref::TestChangeSetRef::test_supported_pseudo_parameter", before, after, stacks, cfn)


def topic(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SNS::Topic", "Properties": properties}


# --- scopes ---


def case_of(name: str) -> Any:
    return recorded(f"template_engine::TestMacros::{name}", "cloudformation")


def processed(cfn: Any) -> Any:
    return cfn.get_template(StackName="stack", TemplateStage="Processed")


def test_a_macro_is_deployed(stacks: Any, cfn: Any) -> None:
    known = case_of("test_macro_deployment")
    lambda_ = function("def handler(event, context): pass\n")
    stacks.create({"Resources": {"Role": ROLE, "Function": lambda_}}, "function", Capabilities=ALL)
    resources = {
        "Macro": {
            "Type": "AWS::CloudFormation::Macro",
            "Properties": {"Name": "SubstitutionMacro", "FunctionName": stacks.physical("Function", "function")},
        }
    }
    stacks.create({"Resources": resources, "Outputs": {"MacroRef": {"Value": {"Ref": "Macro"}}}})
    known.check("stack_outputs", stacks.outputs())
    known.check("stack_resource_descriptions", cfn.describe_stack_resources(StackName="stack"))


def test_global_scope(stacks: Any, cfn: Any) -> None:
    body = (
        'fragment["Resources"]["Parameter"]["Properties"]["Value"] = event["templateParameterValues"]["Substitution"]'
    )
    macro(stacks, "Substitute", body)
    template = {
        "Parameters": {"Substitution": {"Type": "String", "Default": "SubstitutionDefault"}},
        "Transform": "Substitute",
        "Resources": {"Parameter": parameter("{Substitution}")},
        "Outputs": {"ParameterName": {"Value": {"Ref": "Parameter"}}},
    }
    given = [{"ParameterKey": "Substitution", "ParameterValue": "new-value"}]
    stacks.create(template, Parameters=given, Capabilities=ALL)
    case_of("test_global_scope").check("processed_template", processed(cfn))


@pytest.mark.parametrize("name", ["", "[transformation_snippet_topic.json]", "[transformation_snippet_topic.yml]"])
def test_snippet_scope(stacks: Any, cfn: Any, name: str) -> None:
    macro(stacks, "ConvertTopicToFifo", 'fragment.update({"FifoTopic": True, "ContentBasedDeduplication": True})')
    known = case_of(f"test_snipped_scope{name}")
    template = known.answers.get("original_template", {}).get("TemplateBody")
    if template is None:
        template = case_of("test_snipped_scope[transformation_snippet_topic.json]").answers["original_template"]["TemplateBody"]  # fmt: skip
    given = [{"ParameterKey": "TopicName", "ParameterValue": "topic.fifo"}]
    made = stacks.create(template, Parameters=given, Capabilities=ALL)
    assert made["StackStatus"] == "CREATE_COMPLETE", stacks.events()
    assert stacks.outputs() == {"TopicName": "topic.fifo"}
    if "original_template" in known.answers:
        known.check("original_template", cfn.get_template(StackName="stack"))
    known.check("processed_template", processed(cfn))


def test_scopes_and_their_order(stacks: Any, cfn: Any) -> None:
    """Those of a snippet first, from the innermost; then those of the template, in the order they are named."""
    body = 'fragment = json.loads(json.dumps(fragment).replace("<replace-this>", given["Word"] + " <replace-this>"))'
    macro(stacks, "Replace", "import json\n" + body)
    calls = {word: {"Name": "Replace", "Parameters": {"Word": word}} for word in ("snippet-transform", "second-snippet-transform", "global-transform", "second-global-transform")}  # fmt: skip
    one, two, three, four = calls.values()
    resource = parameter("<replace-this>")
    resource["Properties"]["Fn::Transform"] = [one, two]
    stacks.create({"Transform": [three, four], "Resources": {"Parameter": resource}}, Capabilities=ALL)
    case_of("test_scope_order_and_parameters").check("processed_template", processed(cfn))


# --- values ---


def reference_case(name: str) -> Any:
    return recorded(f"references::{name}", "cloudformation")


def test_a_number_in_a_sub(stacks: Any, ssm: Any) -> None:
    known = reference_case("TestFnSub::test_non_string_parameter_in_sub")
    template = {
        "Parameters": {"Number": {"Type": "Number", "Default": 3}},
        "Resources": {"Parameter": parameter({"Fn::Sub": ["my number is ${n}", {"n": {"Ref": "Number"}}]})},
    }
    stacks.create(template)
    known.check("get-parameter-result", ssm.get_parameter(Name=stacks.physical("Parameter"))["Parameter"])


def test_a_tag_made_of_parameters(stacks: Any, sns: Any) -> None:
    known = reference_case("test_resolve_transitive_placeholders_in_strings")
    arn = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/cdk-bootstrap/${Qualifier}/version"
    template = {
        "Parameters": {"Qualifier": {"Type": "String"}},
        "Resources": {"Topic": topic(Tags=[{"Key": "test", "Value": {"Fn::Sub": arn}}])},
    }
    stacks.create(template, Parameters=[{"ParameterKey": "Qualifier", "ParameterValue": "..."}])
    tags = sns.list_tags_for_resource(ResourceArn=stacks.physical("Topic"))
    tags["Tags"] = {tag["Key"]: tag["Value"] for tag in tags["Tags"] if not tag["Key"].startswith("aws:")}
    known.check("tags", tags)


def test_get_att_whose_name_has_a_dot(stacks: Any) -> None:
    known = recorded("attributes::TestResourceAttributes::test_dependency_on_attribute_with_dot_notation", "cloudformation")  # fmt: skip
    template = {
        "Resources": {"Dead": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {"DeadArn": {"Value": {"Fn::GetAtt": "Dead.Arn"}}},
    }
    stacks.create(template)
    known.check("outputs", stacks.outputs())


def test_select_of_a_map(stacks: Any, ssm: Any) -> None:
    known = recorded("template_engine::TestIntrinsicFunctions::test_fn_select_has_intrinsic_function", "cloudformation")  # fmt: skip
    value = {"Fn::Select": [{"Fn::FindInMap": ["M", "K", "index"]}, ["false", "true"]]}
    template = {
        "Mappings": {"M": {"K": {"index": "1"}}},
        "Resources": {"P": parameter(value)},
        "Outputs": {"ParameterValue": {"Value": {"Fn::GetAtt": ["P", "Value"]}}},
    }
    stacks.create(template)
    known.check("fn-select-fn-map-output", stacks.outputs())


def test_a_reference_follows_its_resource(stacks: Any, ssm: Any) -> None:
    known = recorded("change_sets::TestCaptureUpdateProcess::test_execute_with_ref", "cloudformation")

    def value(name: str) -> str:
        resources = {"P1": parameter("x", Name=name), "P2": parameter({"Ref": "P1"}, Name="second")}
        stacks.deploy({"Resources": resources}, kind="UPDATE" if name == "name-2" else "CREATE", change_set=name)
        return ssm.get_parameter(Name="second")["Parameter"]["Value"]

    known.check("before-value", value("name-1"))
    known.check("after-value", value("name-2"))


# --- what an update leaves, and what a stack's policy forbids ---


def gone(call: Any, **parameters: Any) -> ClientError:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return caught.value


def test_a_parameter_that_is_taken_out(stacks: Any, ssm: Any) -> None:
    known = recorded("changesets::TestUpdates::test_deleting_resource", "cloudformation")
    stacks.create({"Resources": {"Kept": parameter("a"), "Gone": parameter("b", Name="gone")}})
    stacks.update({"Resources": {"Kept": parameter("a")}})
    known.check("get-parameter-error", gone(ssm.get_parameter, Name="gone"))


def test_policy_for_one_update(stacks: Any, cfn: Any) -> None:
    known = recorded("stack_policies::TestStackPolicy::test_policy_during_update", "cloudformation")
    deny, allow = (
        json.dumps({"Statement": [{"Effect": effect, "Action": "Update:*", "Principal": "*", "Resource": "*"}]})
        for effect in ("Deny", "Allow")
    )
    stacks.create({"Resources": {"P": parameter("a")}}, StackPolicyBody=deny)
    template = json.dumps({"Resources": {"P": parameter("b")}})
    cfn.update_stack(StackName="stack", TemplateBody=template, StackPolicyDuringUpdateBody=allow)
    known.check("policy_during_update", cfn.get_stack_policy(StackName="stack"))
    assert stacks.settled("stack")["StackStatus"] == "UPDATE_COMPLETE"


@pytest.mark.parametrize("case", ["test_single_resource_static_update", "TestCaptureUpdateProcess::test_single_resource_static_update"])  # fmt: skip
def test_one_parameter_updated(stacks: Any, cfn: Any, ssm: Any, case: str) -> None:
    known = recorded(f"change_sets::{case}", "cloudformation")
    for number, (kind, value) in enumerate((("CREATE", "foo"), ("UPDATE", "bar")), 1):
        body = json.dumps({"Resources": {"MyParameter": parameter(value)}})
        made = cfn.create_change_set(StackName="stack", ChangeSetName=f"cs-{number}", ChangeSetType=kind, TemplateBody=body)  # fmt: skip
        known.check(f"describe-{number}", cfn.describe_change_set(ChangeSetName=made["Id"]), ignore=("PolicyAction",))
        cfn.execute_change_set(ChangeSetName=made["Id"])
        stacks.settled("stack")
        known.check(f"parameter-{number}", ssm.get_parameter(Name=stacks.physical("MyParameter"))["Parameter"])


def test_a_replaced_parameter_is_deleted(stacks: Any, ssm: Any) -> None:
    known = recorded("update_policy::test_update_replace_policy_deletion", "cloudformation")
    for name in ("first", "second"):
        resource = {**parameter("x", Name=name), "UpdateReplacePolicy": "Delete"}
        (stacks.create if name == "first" else stacks.update)({"Resources": {"P": resource}})
    assert ssm.get_parameter(Name="second")["Parameter"]["Value"] == "x"
    text = str(gone(ssm.get_parameter, Name="first")).replace(" (reached max retries: 0)", "")
    known.check("error", {"message": text})


def test_sub(stacks: Any) -> None:
    known = recorded("references::TestFnSub::test_fn_sub_cases", "cloudformation")
    written: dict[str, Any] = {
        "ListRefGetAtt": ["${x}", {"x": {"Fn::GetAtt": ["Other", "Value"]}}],
        "ListRefGetAttMapping": ["${x}", {"x": {"Fn::GetAtt": ["Other", "Value"]}}],
        "ListRefMultipleMix": ["${Param1}-${AWS::Region}-${x}", {"x": {"Ref": "Param1"}}],
        "ListRefParam": ["${Param1}", {}],
        "ListRefPseudoParam": ["${AWS::Region}", {}],
        "ListRefResourceDirect": ["${Named}", {}],
        "ListRefResourceMappingRef": ["${x}", {"x": {"Ref": "Named"}}],
        "ListStatic": ["this is a static string", {}],
        "StringRefGetAtt": "${Other.Value}",
        "StringRefMultiple": "${Param1} - ${Param1}",
        "StringRefParam": "${Param1}",
        "StringRefPseudoParam": "${AWS::Region}",
        "StringRefResource": "${Named}",
        "StringStatic": "this is a static string",
        "UrlSuffixPseudoParam": "${AWS::URLSuffix}",
    }
    template = {
        "Parameters": {"Param1": {"Type": "String", "Default": "Param1Value"}},
        "Resources": {"Named": parameter("x", Name={"Ref": "Param1"}), "Other": parameter("unimportant")},
        "Outputs": {name: {"Value": {"Fn::Sub": value}} for name, value in written.items()},
    }
    stacks.create(template)
    known.check("outputs", stacks.outputs())
