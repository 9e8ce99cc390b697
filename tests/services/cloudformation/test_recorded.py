"""Stacks, change sets, resources and templates: as AWS answered."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from tests.recorded import cases, recorded

ALL = ["CAPABILITY_AUTO_EXPAND", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]


def case_of(name: str, service: str = "cloudformation") -> Any:
    return recorded(name, service)


def topic(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SNS::Topic", "Properties": properties}


def parameter(value: Any = "x", **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value, **more}}


def of(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


def error(call: Any, *arguments: Any, **parameters: Any) -> ClientError:
    with pytest.raises(ClientError) as caught:
        call(*arguments, **parameters)
    return caught.value


def words(caught: ClientError) -> str:
    """The exception's text, as boto3 words it when it may try again."""
    return str(caught).replace(" (reached max retries: 0)", "")


def change_set(cfn: Any, template: Any, kind: str = "CREATE", name: str = "cs", **more: Any) -> dict[str, Any]:
    return cfn.create_change_set(StackName="stack", ChangeSetName=name, ChangeSetType=kind, TemplateBody=json.dumps(template), **more)  # fmt: skip


# --- change sets ---


def test_no_changes(stacks: Any, cfn: Any) -> None:
    known = case_of("changesets::test_create_change_set_no_changes")
    stacks.create(of(T=topic()))
    made = change_set(cfn, of(T=topic()), "UPDATE")
    known.check("change-set-description", cfn.describe_change_set(ChangeSetName=made["Id"]))


def test_update_without_parameters(stacks: Any, cfn: Any) -> None:
    known = case_of("changesets::test_create_change_set_update_without_parameters")
    stacks.create(of(topic123=topic(TopicName="one")))
    made = change_set(cfn, of(topic123=topic(TopicName="two")), "UPDATE")
    known.check("create_change_set", made)
    shown = cfn.describe_change_set(ChangeSetName=made["Id"])
    known.check("describe_change_set", shown, ignore=("PolicyAction",))  # shown since some time after the recording
    known.check("list_change_set", cfn.list_change_sets(StackName="stack"))


def test_deleted_change_set(cfn: Any) -> None:
    known = case_of("changesets::test_deleted_changeset")
    made = change_set(cfn, of(T=topic()))
    known.check("create", made)
    cfn.delete_change_set(ChangeSetName=made["Id"])
    gone = error(cfn.describe_change_set, ChangeSetName=made["Id"])
    known.check("postdelete_changeset_notfound", words(gone))


def test_change_sets_go_when_one_is_executed(stacks: Any, cfn: Any) -> None:
    known = case_of("changesets::test_describe_changeset_after_delete")
    parameters = {"Parameters": {"TopicName": {"Type": "String"}}}
    template = {**parameters, **of(topic123=topic(TopicName={"Ref": "TopicName"}))}
    given = [{"ParameterKey": "TopicName", "ParameterValue": "first"}]
    stacks.create(template, Parameters=given)
    change_set(cfn, template, "UPDATE", "cs-1", Parameters=[{"ParameterKey": "TopicName", "ParameterValue": "second"}])
    other = change_set(cfn, template, "UPDATE", "cs-2", Parameters=[{"ParameterKey": "TopicName", "ParameterValue": "third"}])  # fmt: skip
    shown = cfn.describe_change_set(ChangeSetName=other["Id"])
    for change in (known.answers["describe-2"]["Changes"], shown["Changes"]):
        change[0]["ResourceChange"]["Details"].sort(key=lambda one: one["ChangeSource"])
    known.check("describe-2", shown)
    cfn.execute_change_set(ChangeSetName=other["Id"])
    stacks.settled("stack")
    gone = error(cfn.describe_change_set, StackName="stack", ChangeSetName="cs-1")
    known.check("describe-deleted-cs", gone)


def test_empty_change_set(stacks: Any, cfn: Any) -> None:
    known = case_of("changesets::test_empty_changeset")
    template = of(CDKMetadata={"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "v2"}})
    first = change_set(cfn, template, name="first", Capabilities=ALL)
    known.check("first_changeset", first)
    known.check("describe_first_cs", cfn.describe_change_set(ChangeSetName=first["Id"]), ignore=("ChangeSetName",))
    cfn.execute_change_set(ChangeSetName=first["Id"])
    stacks.settled("stack")
    second = change_set(cfn, template, "UPDATE", "second", Capabilities=ALL)
    known.check("nochange_changeset", second)
    known.check("describe_nochange", cfn.describe_change_set(ChangeSetName=second["Id"]), ignore=("ChangeSetName",))
    known.check("error_execute_failed", words(error(cfn.execute_change_set, ChangeSetName=second["Id"])))


def test_name_conflicts(stacks: Any, cfn: Any) -> None:
    known = case_of("changesets::test_name_conflicts")
    template = of(SimpleParam=parameter())
    first = change_set(cfn, template)
    cfn.execute_change_set(ChangeSetName=first["Id"])
    stacks.settled("stack")
    known.check("create_changeset_existingstack_exc", error(change_set, cfn, template))
    stacks.delete()
    second = change_set(cfn, template)
    assert second["StackId"] != first["StackId"]
    known.check("second_initial_changeset_id_desc", cfn.describe_change_set(ChangeSetName=second["Id"]))
    known.check("initial_changeset_id_desc", cfn.describe_change_set(ChangeSetName=first["Id"]))
    known.check("new_stack_desc", cfn.describe_stacks(StackName="stack"))
    known.check("new_stack_id_desc", cfn.describe_stacks(StackName=second["StackId"]))
    known.check("stack_id_desc", cfn.describe_stacks(StackName=first["StackId"]))


@pytest.mark.parametrize("place", ["parameter", "resource"])
def test_pseudo_parameters_are_no_names(cfn: Any, place: str) -> None:
    known = case_of(f"changesets::test_using_pseudoparameters_in_places[{place}]")
    if place == "parameter":
        template = {"Parameters": {"AWS::NoValue": {"Type": "String"}}, **of(T=topic())}
    else:
        template = {"Resources": {"AWS::NoValue": topic()}}
    known.check("error", error(change_set, cfn, template))


def test_waiter_of_a_change_set_without_changes(stacks: Any, cfn: Any) -> None:
    known = case_of("changesets::test_create_and_then_update_refreshes_template_metadata")
    stacks.create(of(T=topic()))
    made = change_set(cfn, of(T=topic()), "UPDATE")
    waiter = cfn.get_waiter("change_set_create_complete")
    with pytest.raises(WaiterError) as caught:
        waiter.wait(ChangeSetName=made["Id"], WaiterConfig={"Delay": 0})
    known.check("waiter-error", str(caught.value))


def test_import_of_what_nobody_exports(stacks: Any, cfn: Any) -> None:
    known = deepcopy(
        case_of(
            "change_set_exports_imports::TestChangeSetImportExport::test_describe_change_set_import_non_existent_export"
        )
    )
    known.answers["describe_with_values"]["StatusReason"] += " found."  # AWS cuts the sentence at the name it looks for
    made = change_set(cfn, of(MyFoo=parameter({"Fn::ImportValue": "nobody-exports"})))
    known.check("describe", cfn.describe_change_set(ChangeSetName=made["Id"]))
    known.check("describe_with_values", cfn.describe_change_set(ChangeSetName=made["Id"], IncludePropertyValues=True))
    cfn.execute_change_set(ChangeSetName=made["Id"])
    known.check("post-deploy-stack-describe", stacks.settled("stack"), ignore=("ChangeSetId",))


# --- errors of templates ---

ERRORS: list[tuple[str, str, Any]] = [
    ("change_set_fn_select::TestChangeSetFnSelect::test_invalid_select_index_type[index-out-of-range]", "error", of(T=topic(DisplayName={"Fn::Select": [3, ["a", "b"]]}))),
    ("change_set_fn_select::TestChangeSetFnSelect::test_invalid_select_index_type[non-integer-index]", "error", of(T=topic(DisplayName={"Fn::Select": ["x", ["a", "b"]]}))),
    ("change_set_fn_select::TestChangeSetFnSelect::test_invalid_select_index_type[non-list-list]", "error", of(T=topic(DisplayName={"Fn::Select": [0, "a"]}))),
    ("change_set_fn_split::TestSplitValidations::test_validate_split_arguments_len", "validation", of(T=topic(DisplayName={"Fn::Select": [0, {"Fn::Split": ["a"]}]}))),
    ("conditions::TestValidateConditions::test_validate_equals_args_len", "error", {"Conditions": {"C": {"Fn::Equals": ["a"]}}, **of(T=topic())}),
    ("conditions::TestCloudFormationConditions::test_dependent_ref", "dependent_ref_exc", {"Conditions": {"No": {"Fn::Equals": ["a", "b"]}}, **of(MyTopic={**topic(), "Condition": "No"}, P=parameter({"Ref": "MyTopic"}))}),
    ("references::test_useful_error_when_invalid_ref", "validation_error", of(T=topic(DisplayName={"Ref": "InvalidRef"}))),
    ("stacks::test_no_parameters_given", "deploy-error", {"Parameters": {"Input": {"Type": "String"}}, **of(T=topic())}),
    ("template_engine::test_no_type", "error", {"Resources": {"Foo": {"Properties": {"A": "b"}}}}),
    ("template_engine::TestMacros::test_error_pass_macro_as_reference", "error", {"Parameters": {"M": {"Type": "String", "Default": "x"}}, "Transform": {"Name": {"Ref": "M"}}, **of(T=topic())}),
    ("validations::test_invalid_output_structure[none-value]", "validation-error", {**of(T=topic()), "Outputs": {"MyOutput": {"Value": None}}}),
    ("validations::test_invalid_output_structure[missing-def]", "validation-error", {**of(T=topic()), "Outputs": {"MyOutput": {"Value": None}}}),
    ("validations::test_invalid_output_structure[multiple-nones]", "validation-error", {**of(T=topic()), "Outputs": {"MyOutput": {}}}),
    ("mappings::TestCloudFormationMappings::test_async_mapping_error_second_level_v2", "error", {"Mappings": {"TopicSuffixMap": {"A": {"b": "c"}}}, **of(T=topic(DisplayName={"Fn::FindInMap": ["TopicSuffixMap", "A", "NotValid"]}))}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "step", "template"), ERRORS, ids=[name.rpartition("::")[2] for name, _, _ in ERRORS])
def test_template_errors(cfn: Any, name: str, step: str, template: Any) -> None:
    known = case_of(name)
    caught = error(change_set, cfn, template)
    want = known.answers[step]
    known.check(step, words(caught) if isinstance(want, str) else caught)


def test_a_url_is_no_template(cfn: Any) -> None:
    known = case_of("stacks::TestStacksApi::test_create_stack_url_as_template")
    caught = error(cfn.create_stack, StackName="stack", TemplateBody="https://example.com/template")
    known.check("stack_create_ec2", words(caught))


# --- what is not there ---


def test_missing_stacks_and_resources(stacks: Any, cfn: Any) -> None:
    known = case_of("stacks::test_non_existing_stack_message")
    known.check("Error", error(cfn.describe_stacks, StackName="none"))
    known = case_of("resources::test_describe_non_existent_stack")
    caught = error(cfn.describe_stack_resource, StackName="not-a-valid-stack", LogicalResourceId="x")
    known.check("error", words(caught))
    known = case_of("templates::test_get_template_missing_resources_stack")
    known.check("stack-error", error(cfn.get_template, StackName="does-not-exist"))
    known = case_of("templates::test_get_template_missing_resources_change_set")
    known.check("change-set-error", error(cfn.get_template, ChangeSetName="does-not-exist"))
    made = stacks.create(of(T=topic()))
    known = case_of("resources::test_describe_non_existent_resource")
    caught = error(cfn.describe_stack_resource, StackName=made["StackId"], LogicalResourceId="not-a-valid-resource")
    known.check("error", words(caught))
    known = case_of("stacks::test_stack_resource_not_found")
    caught = error(cfn.describe_stack_resource, StackName="stack", LogicalResourceId="NonExistentResource")
    known.check("Error", caught)


def test_deleted_and_failed_resources(stacks: Any, cfn: Any) -> None:
    known = case_of("resources::test_describe_deleted_resource_on_update")
    stacks.create(of(Parameter=parameter(), Parameter2=parameter()))
    stacks.update(of(Parameter2=parameter()))
    known.check("parameter", cfn.describe_stack_resource(StackName="stack", LogicalResourceId="Parameter2"))
    known.check("error", error(cfn.describe_stack_resource, StackName="stack", LogicalResourceId="Parameter"))
    known = case_of("resources::test_describe_failed_resource")
    stacks.create(of(Parameter=parameter(Type="Wrong")), "failing")
    known.check("error", error(cfn.describe_stack_resource, StackName="failing", LogicalResourceId="Parameter"))


# --- stacks ---


def test_description_with_special_characters(stacks: Any) -> None:
    known = case_of("stacks::TestStacksApi::test_stack_description_special_chars")
    template = {"Description": "test <env>.test.net", **of(T=topic())}
    known.check("describe_stack", stacks.deploy(template, Capabilities=ALL))


def test_termination_protection(stacks: Any, cfn: Any) -> None:
    known = case_of("stacks::test_update_termination_protection")
    template = {"Parameters": {"ApiName": {"Type": "String"}}, **of(T=topic())}
    stacks.deploy(template, Capabilities=ALL, Parameters=[{"ParameterKey": "ApiName", "ParameterValue": "api"}])
    for number, protected in enumerate((True, False), 1):
        cfn.update_termination_protection(StackName="stack", EnableTerminationProtection=protected)
        known.check(f"describe-stack-{number}", cfn.describe_stacks(StackName="stack"))


def test_updated_twice(stacks: Any, cfn: Any) -> None:
    known = case_of("stacks::test_updating_an_updated_stack_sets_status")
    names = ("Topic2Name", "Topic1Name", "Topic3Name")
    values = {"Topic1Name": "topic-1", "Topic2Name": "topic-2", "Topic3Name": "topic-3"}
    given = [{"ParameterKey": name, "ParameterValue": values[name]} for name in names]
    template = {"Parameters": {name: {"Type": "String"} for name in names}}
    resources = {f"Topic{number}": topic(TopicName={"Ref": f"Topic{number}Name"}) for number in (1, 2, 3)}
    for number in (1, 2, 3):
        part = {name: resources[name] for name in list(resources)[:number]}
        kind = "CREATE" if number == 1 else "UPDATE"
        stacks.deploy({**template, "Resources": part}, kind=kind, change_set=f"cs{number}", Capabilities=ALL, Parameters=given)  # fmt: skip
    known.check("describe-result", cfn.describe_stacks(StackName="stack"))


def test_a_log_group_that_exists(stacks: Any, cfn: Any, aws: Any) -> None:
    known = case_of("logs::test_handle_existing_log_group")
    aws("logs").create_log_group(logGroupName="taken")
    template = {"Parameters": {"LogGroupName": {"Type": "String"}}, **of(G={"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": {"Ref": "LogGroupName"}}})}  # fmt: skip
    made = stacks.deploy(template, Capabilities=ALL, Parameters=[{"ParameterKey": "LogGroupName", "ParameterValue": "taken"}])  # fmt: skip
    known.check("failed-stack-describe", made, ignore=("ChangeSetId",))


@pytest.mark.parametrize("toggle", ["yes", "no"])
def test_references_to_disabled_resources(stacks: Any, cfn: Any, toggle: str) -> None:
    known = case_of(f"conditions::TestCloudFormationConditions::test_references_to_disabled_resources[{toggle}]")
    template = {
        "Parameters": {"ParameterValue": {"Type": "String"}, "Toggle": {"Type": "String"}},
        "Conditions": {"On": {"Fn::Equals": [{"Ref": "Toggle"}, "yes"]}},
        **of(
            BaseParameter=parameter({"Ref": "ParameterValue"}),
            ConditionalParameter={**parameter({"Ref": "ParameterValue"}), "Condition": "On"},
            AnotherResource={**parameter({"Fn::GetAtt": ["ConditionalParameter", "Value"]}), "Condition": "On"},
        ),
        "Outputs": {"ConditionalParameterValue": {"Value": {"Fn::GetAtt": ["ConditionalParameter", "Value"]}, "Condition": "On"}},
    }  # fmt: skip
    given = [{"ParameterKey": "ParameterValue", "ParameterValue": "value"}, {"ParameterKey": "Toggle", "ParameterValue": toggle}]  # fmt: skip
    stacks.deploy(template, Capabilities=ALL, Parameters=given)
    known.check("stack-description", cfn.describe_stacks(StackName="stack"))
    known.check("resources-description", cfn.describe_stack_resources(StackName="stack"))


def test_list_stacks(stacks: Any, cfn: Any) -> None:
    known = case_of("list_stacks::test_listing_stacks")
    for name in ("c", "b", "a"):
        stacks.deploy(of(T=topic()), name)
    found = cfn.list_stacks(StackStatusFilter=["CREATE_COMPLETE"])["StackSummaries"]
    known.check("stacks", found)


@pytest.mark.parametrize("order", ["A-B-C", "A-C-B", "B-A-C", "B-C-A", "C-A-B", "C-B-A"])
def test_deploy_order(stacks: Any, cfn: Any, order: str) -> None:
    known = case_of(f"stacks::test_stack_deploy_order[{order}]")
    resources = {"A": parameter("root"), "B": parameter({"Ref": "A"}), "C": parameter({"Ref": "B"})}
    stacks.create({"Resources": {name: resources[name] for name in order.split("-")}})
    deleted = stacks.delete()
    events = cfn.describe_stack_events(StackName=deleted["StackId"])["StackEvents"]
    told = [(one["LogicalResourceId"], one["ResourceStatus"]) for one in known.answers["events"]]
    ours = [(one["LogicalResourceId"], one["ResourceStatus"]) for one in reversed(events)]
    assert [one for one in ours if one[0] != "stack" and one[1].endswith("COMPLETE")] == told


def test_events_name_types(stacks: Any, cfn: Any) -> None:
    known = case_of("stacks::test_events_resource_types")
    get = {"Fn::GetAtt": ["Q", "Arn"]}
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": get}]}
    stacks.create(
        of(
            Q={"Type": "AWS::SQS::Queue"},
            P={"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Q"}], "PolicyDocument": policy}},
            T=topic(),
            S={"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Ref": "T"}, "Protocol": "sqs", "Endpoint": get}},
        )
    )  # fmt: skip
    events = cfn.describe_stack_events(StackName="stack")["StackEvents"]
    known.check("resource_types", sorted({one["ResourceType"] for one in events}))


def test_stack_policies(stacks: Any, cfn: Any) -> None:
    stacks.create(of(T=topic()))
    known = case_of("stack_policies::TestStackPolicy::test_not_json_policy")
    known.check("error", error(cfn.set_stack_policy, StackName="stack", StackPolicyBody="short text"))
    known = case_of("stack_policies::TestStackPolicy::test_different_principal_attribute")
    body = {"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "short", "Resource": "*"}]}
    caught = error(cfn.set_stack_policy, StackName="stack", StackPolicyBody=json.dumps(body))
    known.check("error", caught.response["Error"])
    known = case_of("stack_policies::TestStackPolicy::test_set_empty_policy_with_url")
    cfn.set_stack_policy(StackName="stack", StackPolicyBody="{}")
    known.check("policy", cfn.get_stack_policy(StackName="stack"))


def test_rollback_triggers(stacks: Any, cfn: Any) -> None:
    known = case_of("update_stack::test_update_with_invalid_rollback_configuration_errors")
    stacks.create(of(T=topic()))
    trigger = {"Arn": "arn:aws:cloudwatch:us-east-1:111122223333:alarm:a", "Type": "AWS::CloudWatch::Wrong"}
    update = {"StackName": "stack", "UsePreviousTemplate": True}
    caught = error(cfn.update_stack, **update, RollbackConfiguration={"RollbackTriggers": [trigger]})
    known.check("type_error", caught)
    trigger = {"Arn": "arn:aws:cloudwatch:us-east-1:111122223333:wrong", "Type": "AWS::CloudWatch::Alarm"}
    caught = error(cfn.update_stack, **update, RollbackConfiguration={"RollbackTriggers": [trigger]})
    known.check("arn_error", caught)


# --- templates ---


def test_summary_of_a_failed_stack(stacks: Any, cfn: Any) -> None:
    known = case_of("templates::test_get_template_summary_failed_stack")
    stacks.create(of(MyParameter=parameter(Type="Wrong")))
    known.check("template-summary", cfn.get_template_summary(StackName="stack"))


@pytest.mark.parametrize(("kind", "url"), [("http_invalid", "{}/b"), ("s3_url", "s3://bucket/key")])
def test_urls_that_are_refused(cfn: Any, undercast: Any, kind: str, url: str) -> None:
    known = case_of(f"templates::test_create_stack_from_s3_template_url[{kind}]")
    caught = error(cfn.create_stack, StackName="stack", TemplateURL=url.format("http://example.com"))
    known.check("create-error", caught)


@pytest.mark.parametrize("kind", ["http_path", "http_host"])
def test_urls_of_s3(stacks: Any, cfn: Any, aws: Any, sns: Any, undercast: Any, account: str, kind: str) -> None:
    known = case_of(f"templates::test_create_stack_from_s3_template_url[{kind}]")
    bucket = f"templates-{account}-{kind.replace('_', '-')}"
    aws("s3").create_bucket(Bucket=bucket)
    aws("s3").put_object(Bucket=bucket, Key="t.json", Body=json.dumps(of(T=topic(TopicName="from-url"))))
    url = f"{undercast.url}/{bucket}/t.json" if kind == "http_path" else f"http://{bucket}.s3.amazonaws.com/t.json"
    cfn.create_stack(StackName="stack", TemplateURL=url)
    stacks.settled("stack")
    known.check("matching-topic", sns.list_topics()["Topics"])


# --- values ---


def test_sub_and_get_att(stacks: Any) -> None:
    known = case_of("reference_resolving::test_sub_resolving")
    sub = "${T.TopicName}|${T.TopicArn}|${T.TopicName}|${T}"
    stacks.create(
        {
            **of(T=topic()),
            "Outputs": {
                "MyTopicName": {"Value": {"Fn::GetAtt": ["T", "TopicName"]}},
                "MyTopicArn": {"Value": {"Fn::GetAtt": ["T", "TopicArn"]}},
                "MyTopicRef": {"Value": {"Ref": "T"}},
                "MyTopicSub": {"Value": {"Fn::Sub": sub}},
                "MyTopicSubWithMap": {"Value": {"Fn::Sub": ["${T.TopicName}|${T}|${x}", {"x": "something"}]}},
            },
        }
    )
    known.check("outputs", stacks.outputs())


@pytest.mark.parametrize("attribute", ["TopicName", "TopicArn"])
def test_nested_get_att(stacks: Any, attribute: str) -> None:
    known = case_of(f"reference_resolving::test_nested_getatt_ref[{attribute}]")
    stacks.create(
        {
            "Parameters": {"Attribute": {"Type": "String"}},
            "Transform": "AWS::LanguageExtensions",
            **of(T=topic()),
            "Outputs": {
                "MyTopicName": {"Value": {"Fn::GetAtt": ["T", "TopicName"]}},
                "MyTopicArn": {"Value": {"Fn::GetAtt": ["T", "TopicArn"]}},
                "MyTopicRef": {"Value": {"Ref": "T"}},
                "MyTopicCustom": {"Value": {"Fn::GetAtt": ["T", {"Ref": "Attribute"}]}},
            },
        },
        Parameters=[{"ParameterKey": "Attribute", "ParameterValue": attribute}],
        Capabilities=ALL,
    )
    known.check("outputs", stacks.outputs())


def test_ssm_parameter_types(stacks: Any, ssm: Any) -> None:
    known = case_of("template_engine::TestSsmParameters::test_resolve_ssm")
    ssm.put_parameter(Name="p", Value="the-value", Type="String")
    stacks.create(
        {
            "Parameters": {"P": {"Type": "AWS::SSM::Parameter::Value<String>"}},
            **of(T=topic(TopicName={"Ref": "P"})),
            "Outputs": {
                "TopicName": {"Value": {"Fn::GetAtt": ["T", "TopicName"]}},
                "ParameterValue": {"Value": {"Fn::Sub": "abc:${P}"}},
            },
        },
        Parameters=[{"ParameterKey": "P", "ParameterValue": "p"}],
    )
    known.answers["results"] = json.loads(json.dumps(known.answers["results"]))
    known.check("results", {name: value for name, value in stacks.outputs().items() if name in known.answers["results"]})  # fmt: skip


@pytest.mark.parametrize("attribute", ["Value", "Type"])
def test_get_att_of_properties(stacks: Any, attribute: str) -> None:
    known = case_of(f"parameter::TestAttributeAccess::test_getattr[{attribute}]")
    stacks.create(
        {
            **of(MyResource=parameter("abc123")),
            "Outputs": {
                "MyOutput": {"Value": {"Fn::GetAtt": ["MyResource", attribute]}},
                "MyRef": {"Value": {"Ref": "MyResource"}},
            },
        }
    )
    outputs = stacks.outputs()
    assert outputs["MyOutput"] == known.answers["stack_outputs"]["MyOutput"]
    assert outputs["MyRef"] == stacks.physical("MyResource")
    assert outputs["MyRef"].startswith("CFN-MyResource-")
    assert len(outputs["MyRef"]) == len(known.answers["physical_resource_id"])


def test_log_stream(stacks: Any) -> None:
    known = case_of("logs::test_logstream")
    stacks.create(
        {
            **of(
                G={"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "group"}},
                S={"Type": "AWS::Logs::LogStream", "Properties": {"LogGroupName": {"Ref": "G"}, "LogStreamName": "s"}},
            ),
            "Outputs": {"LogGroupNameOutput": {"Value": {"Ref": "G"}}, "LogStreamNameOutput": {"Value": {"Ref": "S"}}},
        }
    )
    known.check("outputs", stacks.outputs())


def test_every_named_case_exists() -> None:
    assert {name for name, _, _ in ERRORS} <= set(cases("cloudformation"))
