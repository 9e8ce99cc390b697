"""Stacks: create, update, roll back, delete."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from undercast.kit.call import Call
from undercast.kit.credentials import root_identity
from undercast.services.cloudformation import sources

QUEUE = {"Type": "AWS::SQS::Queue"}
# a subscription to a topic that is not there: fails when it is made
BROKEN = {
    "Type": "AWS::SNS::Subscription",
    "Properties": {"TopicArn": "arn:aws:sns:us-east-1:111122223333:none", "Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:111122223333:q"},
}  # fmt: skip


def template(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


def failure(call: Any, *arguments: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(*arguments, **parameters)
    return f"{caught.value.response['Error']['Code']}: {caught.value.response['Error']['Message']}"


def test_create_makes_resources_in_order_and_tells_it(stacks: Any, sqs: Any) -> None:
    made = stacks.create(
        {
            "Resources": {
                "Copy": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Ref": "Queue"}}},
                "Queue": QUEUE,
            },
            "Outputs": {"Url": {"Value": {"Ref": "Queue"}}, "Copy": {"Value": {"Fn::GetAtt": ["Copy", "Value"]}}},
        }
    )
    assert made["StackStatus"] == "CREATE_COMPLETE"
    outputs = stacks.outputs()
    assert outputs["Url"] == outputs["Copy"]
    sqs.get_queue_attributes(QueueUrl=outputs["Url"])
    assert [event[:2] for event in stacks.events()] == [
        ("stack", "CREATE_IN_PROGRESS"),
        ("Queue", "CREATE_IN_PROGRESS"),
        ("Queue", "CREATE_IN_PROGRESS"),
        ("Queue", "CREATE_COMPLETE"),
        ("Copy", "CREATE_IN_PROGRESS"),
        ("Copy", "CREATE_IN_PROGRESS"),
        ("Copy", "CREATE_COMPLETE"),
        ("stack", "CREATE_COMPLETE"),
    ]


def test_a_name_is_taken_once(stacks: Any, cfn: Any) -> None:
    stacks.create(template(Queue=QUEUE))
    text = failure(stacks.create, template(Queue=QUEUE))
    assert text == "AlreadyExistsException: Stack [stack] already exists"


def test_the_same_client_token_is_the_same_request(stacks: Any) -> None:
    first = stacks.create(template(Queue=QUEUE), ClientRequestToken="once")
    assert stacks.create(template(Queue=QUEUE), ClientRequestToken="once")["StackId"] == first["StackId"]


def test_failure_rolls_back(stacks: Any, sqs: Any) -> None:
    made = stacks.create(template(Queue=QUEUE, Broken={**BROKEN, "DependsOn": "Queue"}))
    assert made["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "QueueUrls" not in sqs.list_queues()
    events = stacks.events()
    assert ("Queue", "DELETE_COMPLETE", "") in events
    reason = "The following resource(s) failed to create: [Broken]. Rollback requested by user."
    assert ("stack", "ROLLBACK_IN_PROGRESS", reason) in events


@pytest.mark.parametrize(
    ("options", "status"),
    [({"DisableRollback": True}, "CREATE_FAILED"), ({"OnFailure": "DO_NOTHING"}, "CREATE_FAILED"), ({"OnFailure": "DELETE"}, "DELETE_COMPLETE")],
)  # fmt: skip
def test_what_a_failure_does_can_be_chosen(stacks: Any, cfn: Any, options: dict[str, Any], status: str) -> None:
    cfn_id = cfn.create_stack(
        StackName="stack", TemplateBody=str(template(Queue=QUEUE, Broken={**BROKEN, "DependsOn": "Queue"})).replace("'", '"'), **options
    )["StackId"]  # fmt: skip
    assert stacks.settled(cfn_id)["StackStatus"] == status


def test_rollback_stack_after_a_failure_that_was_kept(stacks: Any, cfn: Any, sqs: Any) -> None:
    stacks.create(template(Queue=QUEUE, Broken={**BROKEN, "DependsOn": "Queue"}), DisableRollback=True)
    assert len(sqs.list_queues()["QueueUrls"]) == 1
    cfn.rollback_stack(StackName="stack")
    assert stacks.settled("stack")["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "QueueUrls" not in sqs.list_queues()


def test_update_changes_replaces_adds_and_removes(stacks: Any, sqs: Any) -> None:
    stacks.create(template(Kept=QUEUE, Changed=QUEUE, Replaced=QUEUE, Removed=QUEUE))
    before = {name: stacks.physical(name) for name in ("Kept", "Changed", "Replaced", "Removed")}
    changed = {**QUEUE, "Properties": {"DelaySeconds": "7"}}
    replaced = {**QUEUE, "Properties": {"QueueName": "replaced"}}
    made = stacks.update(template(Kept=QUEUE, Changed=changed, Replaced=replaced, Added=QUEUE))
    assert made["StackStatus"] == "UPDATE_COMPLETE"
    assert stacks.physical("Kept") == before["Kept"]
    assert stacks.physical("Changed") == before["Changed"]
    attributes = sqs.get_queue_attributes(QueueUrl=before["Changed"], AttributeNames=["DelaySeconds"])
    assert attributes["Attributes"]["DelaySeconds"] == "7"
    assert stacks.physical("Replaced").endswith("/replaced")
    urls = sqs.list_queues()["QueueUrls"]
    assert len(urls) == 4
    assert before["Replaced"] not in urls
    assert before["Removed"] not in urls
    statuses = [status for name, status, _ in stacks.events() if name == "stack"]
    assert statuses[-3:] == ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"]


def test_failed_update_goes_back(stacks: Any, sqs: Any) -> None:
    first = template(Changed=QUEUE, Replaced=QUEUE, Removed=QUEUE)
    stacks.create(first)
    before = {name: stacks.physical(name) for name in first["Resources"]}
    made = stacks.update(
        template(
            Changed={**QUEUE, "Properties": {"DelaySeconds": 7}},
            Replaced={**QUEUE, "Properties": {"QueueName": "replaced"}},
            Added=QUEUE,
            Broken={**BROKEN, "DependsOn": ["Changed", "Replaced", "Added"]},
        )
    )
    assert made["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert {name: stacks.physical(name) for name in before} == before
    assert sorted(sqs.list_queues()["QueueUrls"]) == sorted(before.values())
    attributes = sqs.get_queue_attributes(QueueUrl=before["Changed"], AttributeNames=["DelaySeconds"])
    assert attributes["Attributes"]["DelaySeconds"] == "0"
    assert stacks.update(template(Changed=QUEUE))["StackStatus"] == "UPDATE_COMPLETE"


def test_update_failed_and_kept_can_be_mended(stacks: Any) -> None:
    stacks.create(template(Queue=QUEUE))
    made = stacks.update(template(Queue=QUEUE, Broken=BROKEN), DisableRollback=True)
    assert made["StackStatus"] == "UPDATE_FAILED"
    assert stacks.update(template(Queue=QUEUE, Broken=QUEUE))["StackStatus"] == "UPDATE_COMPLETE"


def test_nothing_to_update_is_refused(stacks: Any) -> None:
    stacks.create(template(Queue=QUEUE))
    assert failure(stacks.update, template(Queue=QUEUE)) == "ValidationError: No updates are to be performed."


def test_a_resource_keeps_its_type(stacks: Any) -> None:
    stacks.create(template(Thing=QUEUE))
    text = failure(stacks.update, template(Thing={"Type": "AWS::SNS::Topic"}))
    assert "The new template modifies resource type of the following resources: [Thing]" in text


def test_custom_names_cannot_be_replaced(stacks: Any) -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "mine"}}
    fifo = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "mine", "FifoTopic": True}}
    stacks.create(template(Topic=topic))
    assert stacks.update(template(Topic=fifo))["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert any("Rename mine and update the stack again" in reason for _, _, reason in stacks.events())


def test_policies_keep_resources(stacks: Any, sqs: Any) -> None:
    kept = {**QUEUE, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    stacks.create(template(A=kept, B=kept, C=QUEUE))
    stacks.update(template(A={**kept, "Properties": {"QueueName": "new"}}, C=QUEUE))
    assert len(sqs.list_queues()["QueueUrls"]) == 4
    stacks.delete()
    assert len(sqs.list_queues()["QueueUrls"]) == 3


def test_what_cannot_be_deleted_can_be_retained(stacks: Any, cfn: Any, aws: Any) -> None:
    stacks.create(template(Bucket={"Type": "AWS::S3::Bucket"}, Queue=QUEUE))
    bucket = stacks.physical("Bucket")
    aws("s3").put_object(Bucket=bucket, Key="k", Body=b"x")
    made = stacks.delete()
    assert (made["StackStatus"], made["StackStatusReason"]) == ("DELETE_FAILED", "The following resource(s) failed to delete: [Bucket]. ")  # fmt: skip
    assert stacks.delete(RetainResources=["Bucket"])["StackStatus"] == "DELETE_COMPLETE"
    aws("s3").head_bucket(Bucket=bucket)


def test_termination_protection(stacks: Any, cfn: Any) -> None:
    stacks.create(template(Queue=QUEUE), EnableTerminationProtection=True)
    text = failure(cfn.delete_stack, StackName="stack")
    assert text == "ValidationError: Stack [stack] cannot be deleted while TerminationProtection is enabled"
    cfn.update_termination_protection(StackName="stack", EnableTerminationProtection=False)
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"


def test_deleting_what_is_not_there_is_no_error(cfn: Any) -> None:
    cfn.delete_stack(StackName="none")


def test_exports_and_imports(stacks: Any, cfn: Any) -> None:
    exporter = {"Resources": {"Queue": QUEUE}, "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Queue", "Arn"]}, "Export": {"Name": "arn"}}}}  # fmt: skip
    importer = template(P={"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Fn::ImportValue": "arn"}}})  # fmt: skip
    first = stacks.create(exporter, "exporter")
    assert cfn.list_exports()["Exports"] == [
        {"ExportingStackId": first["StackId"], "Name": "arn", "Value": first["Outputs"][0]["OutputValue"]}
    ]
    assert stacks.create(importer, "importer")["StackStatus"] == "CREATE_COMPLETE"
    assert cfn.list_imports(ExportName="arn")["Imports"] == ["importer"]
    text = failure(cfn.delete_stack, StackName="exporter")
    assert text == "ValidationError: Cannot delete export arn as it is in use by importer"
    assert stacks.update(template(Queue=QUEUE), "exporter")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.create(exporter, "second")["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any(
        "Export with name arn is already exported by stack exporter" in one[2] for one in stacks.events("second")
    )
    stacks.delete("importer")
    assert stacks.delete("exporter")["StackStatus"] == "DELETE_COMPLETE"
    assert failure(cfn.list_imports, ExportName="arn") == "ValidationError: Export 'arn' is not imported by any stack."


def test_dynamic_references_are_looked_up_and_not_shown(stacks: Any, cfn: Any, ssm: Any, sns: Any) -> None:
    ssm.put_parameter(Name="title", Value="secret title", Type="String")
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "{{resolve:ssm:title}}"}}
    stacks.create(template(Topic=topic))
    attributes = sns.get_topic_attributes(TopicArn=stacks.physical("Topic"))["Attributes"]
    assert attributes["DisplayName"] == "secret title"
    shown = str(cfn.describe_stack_events(StackName="stack")["StackEvents"])
    assert "{{resolve:ssm:title}}" in shown
    assert "secret title" not in shown


def test_tags_reach_the_resources(stacks: Any, sqs: Any, sns: Any) -> None:
    stacks.create(template(Q=QUEUE, T={"Type": "AWS::SNS::Topic"}), Tags=[{"Key": "team", "Value": "a"}])
    assert sqs.list_queue_tags(QueueUrl=stacks.physical("Q"))["Tags"] == {"team": "a"}
    stacks.update(template(Q=QUEUE, T={"Type": "AWS::SNS::Topic"}), Tags=[{"Key": "team", "Value": "b"}])
    assert sns.list_tags_for_resource(ResourceArn=stacks.physical("T"))["Tags"] == [{"Key": "team", "Value": "b"}]


def test_events_are_published(stacks: Any, sns: Any, sqs: Any, queue: str) -> None:
    topic = sns.create_topic(Name="events")["TopicArn"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    stacks.create(template(Topic={"Type": "AWS::SNS::Topic"}), NotificationARNs=[topic])
    received = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=2)["Messages"][0]["Body"]
    assert "StackName='stack'\n" in received
    assert "ResourceStatus='CREATE_IN_PROGRESS'\n" in received


def test_stack_policy_stops_updates(stacks: Any, cfn: Any) -> None:
    policy = '{"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "Update:Modify", "Principal": "*", "Resource": "LogicalResourceId/A"}]}'
    stacks.create(template(A=QUEUE, B=QUEUE), StackPolicyBody=policy)
    changed = {**QUEUE, "Properties": {"DelaySeconds": 3}}
    assert stacks.update(template(A=QUEUE, B=changed))["StackStatus"] == "UPDATE_COMPLETE"
    assert stacks.update(template(A=changed, B=changed))["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert any("does not allow [Update:Modify] for resource [LogicalResourceId/A]" in one[2] for one in stacks.events())
    during = '{"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}'
    made = stacks.update(template(A=changed, B=changed), StackPolicyDuringUpdateBody=during)
    assert made["StackStatus"] == "UPDATE_COMPLETE"


def test_what_undercast_lacks_is_named(stacks: Any) -> None:
    text = failure(stacks.create, template(Table={"Type": "AWS::RDS::DBInstance"}))
    assert text == "ValidationError: Resource type AWS::RDS::DBInstance is not supported by Undercast yet"
    text = failure(stacks.create, template(Table={"Type": "AWS::No::Such"}))
    assert text == "ValidationError: Template format error: Unrecognized resource types: [AWS::No::Such]"
    analytics = [{"Id": "a", "StorageClassAnalysis": {}}]
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"AnalyticsConfigurations": analytics}}
    assert stacks.create(template(Bucket=bucket))["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("Properties [AnalyticsConfigurations] of AWS::S3::Bucket" in one[2] for one in stacks.events())


def test_capabilities_are_asked_for(stacks: Any) -> None:
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}  # fmt: skip
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    named = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, "RoleName": "mine"}}
    text = failure(stacks.create, template(Role=role))
    assert text == "InsufficientCapabilitiesException: Requires capabilities : [CAPABILITY_IAM]"
    text = failure(stacks.create, template(Role=named), Capabilities=["CAPABILITY_IAM"])
    assert text == "InsufficientCapabilitiesException: Requires capabilities : [CAPABILITY_NAMED_IAM]"
    assert stacks.create(template(Role=role), Capabilities=["CAPABILITY_NAMED_IAM"])["StackStatus"] == "CREATE_COMPLETE"


def test_large_stacks_take_several_turns(stacks: Any, sqs: Any) -> None:
    resources = {f"Q{index}": QUEUE for index in range(150)}
    assert stacks.create(template(**resources))["StackStatus"] == "CREATE_COMPLETE"
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"
    assert "QueueUrls" not in sqs.list_queues()


def test_of_two_change_sets_that_make_a_stack_one_is_too_late(
    undercast: Any, account: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both find the name free before either has read its template."""
    call = Call(undercast.platform, account=account, region=region, identity=root_identity(account), request_id="x")
    read, both_here = sources.read, asyncio.Barrier(2)

    async def together(*arguments: Any) -> Any:
        await both_here.wait()
        return await read(*arguments)

    async def both() -> list[Any]:
        shared = {"StackName": "stack", "ChangeSetType": "CREATE", "TemplateBody": json.dumps(template(Queue=QUEUE))}
        asked = [call.aws.cloudformation.create_change_set(ChangeSetName=name, **shared) for name in ("one", "two")]
        return await asyncio.gather(*asked, return_exceptions=True)

    monkeypatch.setattr(sources, "read", together)
    outcomes = undercast.run(both())
    assert sorted(getattr(one, "code", "made") for one in outcomes) == ["AlreadyExistsException", "made"]


def test_an_executed_change_set_gives_its_name_free(stacks: Any, cfn: Any) -> None:
    stacks.deploy(template(Queue=QUEUE))
    stacks.deploy(template(Queue=QUEUE, More=QUEUE), kind="UPDATE")
    cfn.delete_change_set(StackName="stack", ChangeSetName="cs")
    assert cfn.list_change_sets(StackName="stack")["Summaries"] == []


def test_update_can_be_cancelled(stacks: Any, cfn: Any) -> None:
    stacks.create(template(Queue=QUEUE))
    waiting = {
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "Wait": {
            "Type": "AWS::CloudFormation::WaitCondition",
            "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": 600},
        },
    }
    body = str(template(Queue=QUEUE, **waiting)).replace("'", '"')
    cfn.update_stack(StackName="stack", TemplateBody=body)
    cfn.cancel_update_stack(StackName="stack")
    assert stacks.settled("stack")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert [row["LogicalResourceId"] for row in cfn.list_stack_resources(StackName="stack")["StackResourceSummaries"]] == ["Queue"]  # fmt: skip


def test_creation_times_out(stacks: Any, cfn: Any, clock: Any) -> None:
    waiting = {
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "Wait": {
            "Type": "AWS::CloudFormation::WaitCondition",
            "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": 6000},
        },
    }
    body = str(template(**waiting)).replace("'", '"')
    cfn.create_stack(StackName="stack", TemplateBody=body, TimeoutInMinutes=1)
    clock.advance(seconds=61)
    assert stacks.settled("stack")["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("exceeded the specified timeout" in reason for _, _, reason in stacks.events())


def test_templates_are_described(cfn: Any) -> None:
    body = '{"Description": "d", "Parameters": {"P": {"Type": "String", "Default": "x", "NoEcho": true}}, "Resources": {"U": {"Type": "AWS::IAM::User"}}}'
    shown = cfn.validate_template(TemplateBody=body)
    assert shown["Parameters"] == [{"ParameterKey": "P", "DefaultValue": "x", "NoEcho": True}]
    assert (shown["Description"], shown["Capabilities"]) == ("d", ["CAPABILITY_IAM"])
    assert failure(cfn.estimate_template_cost, TemplateBody=body).startswith("NotImplemented")
