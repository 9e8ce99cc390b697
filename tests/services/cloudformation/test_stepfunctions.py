"""AWS::StepFunctions and AWS::Serverless::StateMachine: made, changed, replaced, deleted; started by their events."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

ROLE = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/any"}
NEED = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
SAM = "AWS::Serverless-2016-10-31"


@pytest.fixture
def states(aws: Any) -> Any:
    return aws("stepfunctions")


@pytest.fixture
def settle(undercast: Any) -> Any:
    return lambda: undercast.run(undercast.platform.jobs.idle())


def passing(result: Any = 1) -> dict[str, Any]:
    return {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "Result": result, "End": True}}}


def machine(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"RoleArn": ROLE, **properties}}


def template(resource: dict[str, Any], **more: Any) -> dict[str, Any]:
    attributes = ("Arn", "Name", "StateMachineRevisionId")
    outputs = {name: {"Value": {"Fn::GetAtt": ["Machine", name]}} for name in attributes}
    return {"Resources": {"Machine": resource, **more}, "Outputs": {**outputs, "Ref": {"Value": {"Ref": "Machine"}}}}


def definition_of(states: Any, arn: str) -> Any:
    return json.loads(states.describe_state_machine(stateMachineArn=arn)["definition"])


def test_life_of_a_state_machine(stacks: Any, states: Any) -> None:
    settings = {
        "TracingConfiguration": {"Enabled": True},
        "Tags": [{"Key": "a", "Value": "b"}, {"Key": "old", "Value": "x"}],
    }
    made = stacks.create(template(machine(DefinitionString=json.dumps(passing()), **settings)))
    assert made["StackStatus"] == "CREATE_COMPLETE", stacks.events()
    outputs = stacks.outputs()
    arn = outputs["Arn"]
    assert (outputs["Ref"], outputs["StateMachineRevisionId"]) == (arn, "INITIAL")
    assert arn.endswith(f":stateMachine:{outputs['Name']}")
    shown = states.describe_state_machine(stateMachineArn=arn)
    assert (shown["type"], shown["tracingConfiguration"]) == ("STANDARD", {"enabled": True})
    tags = {tag["key"]: tag["value"] for tag in states.list_tags_for_resource(resourceArn=arn)["tags"]}
    assert (tags["a"], tags["aws:cloudformation:logical-id"]) == ("b", "Machine")

    changed = {"Tags": [{"Key": "a", "Value": "c"}]}
    stacks.update(template(machine(Definition=passing(2), **changed)))
    shown = states.describe_state_machine(stateMachineArn=arn)
    assert (json.loads(shown["definition"]), shown["tracingConfiguration"]) == (passing(2), {"enabled": False})
    assert stacks.outputs()["StateMachineRevisionId"] == shown["revisionId"]
    tags = {tag["key"]: tag["value"] for tag in states.list_tags_for_resource(resourceArn=arn)["tags"]}
    assert (tags["a"], "old" in tags) == ("c", False)

    stacks.update(template(machine(Definition=passing(2), StateMachineType="EXPRESS")))
    replaced = stacks.outputs()["Arn"]
    assert replaced != arn
    assert [one["stateMachineArn"] for one in states.list_state_machines()["stateMachines"]] == [replaced]
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"
    assert states.list_state_machines()["stateMachines"] == []


def test_substitutions(stacks: Any, states: Any) -> None:
    text = '{"StartAt":"Only","States":{"Only":{"Type":"Pass","End":true,"Result":{"n":${Number},"a":"${Arn}","x":"${Other}"}}}}'
    values = {"Number": 5, "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "Flag": True}
    stacks.create(
        template(
            machine(DefinitionString=text, DefinitionSubstitutions=values, StateMachineName="named"),
            Queue={"Type": "AWS::SQS::Queue"},
        )
    )
    result = definition_of(states, stacks.outputs()["Arn"])["States"]["Only"]["Result"]
    assert (result["n"], result["a"].split(":")[2], result["x"]) == (5, "sqs", "${Other}")


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(passing("${Word}")),
        "StartAt: Only\nStates:\n  Only:\n    Type: Pass\n    Result: ${Word}\n    End: true\n",
    ],
)
def test_definition_in_a_bucket(stacks: Any, states: Any, aws: Any, account: str, body: str) -> None:
    s3, bucket = aws("s3"), f"definitions-{account}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="machine", Body=body.encode())
    place = {"Bucket": bucket, "Key": "machine"}
    made = stacks.create(template(machine(DefinitionS3Location=place, DefinitionSubstitutions={"Word": "hello"})))
    assert made["StackStatus"] == "CREATE_COMPLETE", stacks.events()
    assert definition_of(states, stacks.outputs()["Arn"]) == passing("hello")


@pytest.mark.parametrize(
    ("properties", "problem"),
    [
        ({}, "Exactly one of DefinitionString, Definition, DefinitionS3Location must be specified"),
        ({"DefinitionString": "{}", "Definition": passing()}, "Exactly one of DefinitionString"),
        ({"DefinitionString": "{}"}, "Invalid State Machine Definition"),
        ({"Definition": passing(), "StateMachineName": "taken"}, "already exists"),
    ],
)
def test_what_is_refused(stacks: Any, states: Any, properties: dict[str, Any], problem: str) -> None:
    role = "arn:aws:iam::123456789012:role/any"
    states.create_state_machine(name="taken", definition=json.dumps(passing()), roleArn=role)
    failed = stacks.create(template(machine(**properties)))
    assert failed["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any(problem in reason for _, _, reason in stacks.events()), stacks.events()
    assert [one["name"] for one in states.list_state_machines()["stateMachines"]] == ["taken"]


def released(result: int, version: str, **alias: Any) -> dict[str, Any]:
    """A machine with a version and an alias; another name of the version resource publishes anew."""
    return {
        "Resources": {
            "Machine": machine(Definition=passing(result)),
            version: {
                "Type": "AWS::StepFunctions::StateMachineVersion",
                "Properties": {
                    "StateMachineArn": {"Ref": "Machine"},
                    "StateMachineRevisionId": {"Fn::GetAtt": ["Machine", "StateMachineRevisionId"]},
                },
            },
            "Alias": {"Type": "AWS::StepFunctions::StateMachineAlias", "Properties": {"Name": "live", **alias}},
        },
        "Outputs": {"Alias": {"Value": {"Ref": "Alias"}}, "Version": {"Value": {"Fn::GetAtt": [version, "Arn"]}}},
    }


def test_versions_and_an_alias(stacks: Any, states: Any) -> None:
    route = {"RoutingConfiguration": [{"StateMachineVersionArn": {"Ref": "First"}, "Weight": 100}]}
    made = stacks.create(released(1, "First", **route, Description="first"))
    assert made["StackStatus"] == "CREATE_COMPLETE", stacks.events()
    outputs = stacks.outputs()
    assert (outputs["Version"][-2:], outputs["Alias"][-5:]) == (":1", ":live")
    assert states.describe_state_machine_alias(stateMachineAliasArn=outputs["Alias"])["description"] == "first"

    deployed = {"DeploymentPreference": {"StateMachineVersionArn": {"Ref": "Second"}, "Type": "ALL_AT_ONCE"}}
    updated = stacks.update(released(2, "Second", **deployed))
    assert updated["StackStatus"] == "UPDATE_COMPLETE", stacks.events()
    routes = states.describe_state_machine_alias(stateMachineAliasArn=outputs["Alias"])["routingConfiguration"]
    assert routes == [{"stateMachineVersionArn": stacks.outputs()["Version"], "weight": 100}]
    machine_arn = outputs["Alias"].removesuffix(":live")
    versions = states.list_state_machine_versions(stateMachineArn=machine_arn)["stateMachineVersions"]
    assert [one["stateMachineVersionArn"][-2:] for one in versions] == [":2"]
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"


@pytest.mark.parametrize(
    "more", [{"Type": "CANARY", "Percentage": 10, "Interval": 5}, {"Type": "ALL_AT_ONCE", "Alarms": ["a"]}]
)
def test_deployments_that_cannot_be(stacks: Any, more: dict[str, Any]) -> None:
    stacks.create(
        released(1, "First", DeploymentPreference={"StateMachineVersionArn": {"Ref": "First"}, "Type": "ALL_AT_ONCE"})
    )
    preference = {"StateMachineVersionArn": {"Ref": "Second"}, **more}
    failed = stacks.update(released(2, "Second", DeploymentPreference=preference))
    assert failed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert any("Undercast does not" in reason for _, _, reason in stacks.events())


def test_activity(stacks: Any, states: Any) -> None:
    activity = {
        "Type": "AWS::StepFunctions::Activity",
        "Properties": {"Name": "pack", "Tags": [{"Key": "a", "Value": "b"}]},
    }
    resources = {"Activity": activity}
    outputs = {"Arn": {"Value": {"Ref": "Activity"}}, "Name": {"Value": {"Fn::GetAtt": ["Activity", "Name"]}}}
    assert stacks.create({"Resources": resources, "Outputs": outputs})["StackStatus"] == "CREATE_COMPLETE"
    arn = stacks.outputs()["Arn"]
    assert (arn.split(":")[-2:], stacks.outputs()["Name"]) == (["activity", "pack"], "pack")
    activity["Properties"]["Tags"] = [{"Key": "a", "Value": "c"}]
    stacks.update({"Resources": resources, "Outputs": outputs})
    assert {"key": "a", "value": "c"} in states.list_tags_for_resource(resourceArn=arn)["tags"]
    stacks.delete()
    with pytest.raises(ClientError):
        states.describe_activity(activityArn=arn)


def serverless(events: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """A SAM state machine that sends its input to a queue."""
    task = {
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True,
        "Parameters": {"QueueUrl": "${Queue}", "MessageBody.$": "$"},
    }  # fmt: skip
    wanted = {
        "Definition": {"StartAt": "Send", "States": {"Send": task}},
        "DefinitionSubstitutions": {"Queue": {"Ref": "Queue"}},
        "Policies": [{"SQSSendMessagePolicy": {"QueueName": {"Fn::GetAtt": ["Queue", "QueueName"]}}}],
        "Events": events,
        **properties,
    }
    resources = {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Machine": {"Type": "AWS::Serverless::StateMachine", "Properties": wanted},
    }
    return {"Transform": SAM, "Resources": resources, "Outputs": {"Machine": {"Value": {"Ref": "Machine"}}}}


@pytest.fixture
def deployed(stacks: Any, aws: Any) -> Any:
    """Deploys a SAM state machine; answers what reads the queue it sends to."""

    def deploy(events: dict[str, Any], **properties: Any) -> Any:
        made = stacks.create(serverless(events, **properties), Capabilities=NEED)
        assert made["StackStatus"] == "CREATE_COMPLETE", stacks.events()
        url = stacks.physical("Queue")
        return lambda: [
            json.loads(message["Body"])
            for message in aws("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=20).get("Messages", ())
        ]

    return deploy


def test_sam_role_and_policy(deployed: Any, stacks: Any, states: Any, aws: Any) -> None:
    """The policy template becomes a policy of the role that SAM makes."""
    read = deployed({}, Tracing={"Enabled": True}, Type="STANDARD", Tags={"team": "orders"})
    arn = stacks.outputs()["Machine"]
    shown = states.describe_state_machine(stateMachineArn=arn)
    role = shown["roleArn"].rpartition("/")[2]
    (name,) = aws("iam").list_role_policies(RoleName=role)["PolicyNames"]
    document = aws("iam").get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    assert document["Statement"][0]["Action"] == ["sqs:SendMessage*"]
    assert {"key": "team", "value": "orders"} in states.list_tags_for_resource(resourceArn=arn)["tags"]
    states.start_execution(stateMachineArn=arn, input='{"n": 1}')
    assert read() == [{"n": 1}]


def test_sam_version_and_alias(deployed: Any, stacks: Any, states: Any) -> None:
    deployed({}, AutoPublishAlias="live")
    arn = stacks.outputs()["Machine"]
    aliases = states.list_state_machine_aliases(stateMachineArn=arn)["stateMachineAliases"]
    assert [one["stateMachineAliasArn"] for one in aliases] == [arn + ":live"]


def test_started_by_an_api(deployed: Any, stacks: Any, undercast: Any) -> None:
    read = deployed({"Api": {"Type": "Api", "Properties": {"Path": "/orders", "Method": "post"}}})
    api = stacks.physical("ServerlessRestApi")
    url = f"{undercast.url}/_aws/execute-api/{api}/Prod/orders"
    request = urllib.request.Request(url, b'{"order": 7}', {"Content-Type": "application/json"}, method="POST")
    with urllib.request.urlopen(request) as answer:
        assert "executionArn" in json.load(answer)
    assert read() == [{"order": 7}]


@pytest.mark.parametrize("kind", ["EventBridgeRule", "CloudWatchEvent"])
def test_started_by_an_event(deployed: Any, aws: Any, kind: str) -> None:
    rule = {"Type": kind, "Properties": {"Pattern": {"source": ["shop"]}, "InputPath": "$.detail"}}
    read = deployed({"Ordered": rule})
    entry = {"Source": "shop", "DetailType": "ordered", "Detail": '{"order": 8}'}
    assert aws("events").put_events(Entries=[entry])["FailedEntryCount"] == 0
    assert read() == [{"order": 8}]


@pytest.mark.parametrize(
    ("kind", "when"),
    [("Schedule", {"Schedule": "rate(1 hour)"}), ("ScheduleV2", {"ScheduleExpression": "rate(1 hour)"})],
)
def test_started_by_the_clock(deployed: Any, clock: Any, settle: Any, kind: str, when: dict[str, str]) -> None:
    read = deployed({"Hourly": {"Type": kind, "Properties": {**when, "Input": '{"order": 9}'}}})
    clock.advance(minutes=61)
    settle()
    assert {"order": 9} in read()
