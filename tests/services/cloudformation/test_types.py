"""Types that change, forward or rotate: made, changed and deleted; and what a service refuses, by name."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.cloudformation.test_resources import ROLE, function

NEED = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


def failures(stacks: Any, name: str = "stack") -> list[tuple[str, str, str]]:
    return [event for event in stacks.events(name) if "FAILED" in event[1]]


def make(stacks: Any, **resources: Any) -> None:
    made = stacks.create({"Resources": resources}, Capabilities=NEED)
    assert made["StackStatus"] == "CREATE_COMPLETE", failures(stacks)


def change(stacks: Any, **resources: Any) -> None:
    made = stacks.update({"Resources": resources}, Capabilities=NEED)
    assert made["StackStatus"] == "UPDATE_COMPLETE", failures(stacks)


def remove(stacks: Any) -> None:
    made = stacks.delete()
    assert made["StackStatus"] == "DELETE_COMPLETE", failures(stacks, made["StackId"])


def of(type_name: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{type_name}", "Properties": properties}


def arn_of(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, "Arn"]}


def allow(action: str, resource: Any = "*") -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


# --- Lambda ---


def zipped(**contents: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in contents.items():
            archive.writestr(f"python/{name}.py", text)
    return target.getvalue()


def test_layers(stacks: Any, aws: Any) -> None:
    lambda_ = aws("lambda")
    aws("s3").create_bucket(Bucket="layers-of-a-stack")
    aws("s3").put_object(Bucket="layers-of-a-stack", Key="one.zip", Body=zipped(shared="VALUE = 1"))
    aws("s3").put_object(Bucket="layers-of-a-stack", Key="two.zip", Body=zipped(shared="VALUE = 2"))

    def resources(key: str, organization: str) -> dict[str, Any]:
        content = {"S3Bucket": "layers-of-a-stack", "S3Key": key}
        user = function("import shared\ndef handler(event, context): return shared.VALUE\n")
        user["Properties"]["Layers"] = [{"Ref": "Layer"}]
        return {
            "Role": ROLE,
            "Layer": of("Lambda::LayerVersion", LayerName="shared", Content=content, CompatibleRuntimes=["python3.12"]),
            "Shared": of(
                "Lambda::LayerVersionPermission", Action="lambda:GetLayerVersion", Principal="*",
                LayerVersionArn={"Ref": "Layer"}, OrganizationId=organization,
            ),
            "Function": user,
        }  # fmt: skip

    def organization(version: int) -> str:
        policy = json.loads(lambda_.get_layer_version_policy(LayerName="shared", VersionNumber=version)["Policy"])
        (statement,) = policy["Statement"]
        return statement["Condition"]["StringEquals"]["aws:PrincipalOrgID"]

    def answer() -> int:
        return json.load(lambda_.invoke(FunctionName=stacks.physical("Function"))["Payload"])

    make(stacks, **resources("one.zip", "o-aaaaaaaaaa"))
    assert stacks.physical("Layer").endswith(":layer:shared:1")
    assert (answer(), organization(1)) == (1, "o-aaaaaaaaaa")
    change(stacks, **resources("one.zip", "o-bbbbbbbbbb"))
    assert organization(1) == "o-bbbbbbbbbb"
    change(stacks, **resources("two.zip", "o-bbbbbbbbbb"))
    assert stacks.physical("Layer").endswith(":layer:shared:2")
    assert (answer(), organization(2)) == (2, "o-bbbbbbbbbb")
    versions = lambda_.list_layer_versions(LayerName="shared")["LayerVersions"]
    assert [one["Version"] for one in versions] == [2]
    remove(stacks)
    assert lambda_.list_layer_versions(LayerName="shared")["LayerVersions"] == []


NODE_PROVIDER = """
const response = require("cfn-response");
exports.handler = function (event, context) {
  const ok = event.ResourceProperties.Fail !== "true";
  response.send(event, context, ok ? response.SUCCESS : response.FAILED, { Word: "from node" }, "made-by-node");
};
"""


def test_custom_resource_in_node(stacks: Any) -> None:
    provider = function(NODE_PROVIDER)
    provider["Properties"]["Runtime"] = "nodejs20.x"
    thing = of("CloudFormation::CustomResource", ServiceToken=arn_of("Function"))
    resources = {"Role": ROLE, "Function": provider, "Thing": thing}
    outputs = {"Word": {"Value": {"Fn::GetAtt": ["Thing", "Word"]}}, "Ref": {"Value": {"Ref": "Thing"}}}
    made = stacks.create({"Resources": resources, "Outputs": outputs}, Capabilities=NEED)
    assert made["StackStatus"] == "CREATE_COMPLETE", failures(stacks)
    assert stacks.outputs() == {"Word": "from node", "Ref": "made-by-node"}
    thing["Properties"]["Fail"] = "true"
    failed = stacks.update({"Resources": resources}, Capabilities=NEED)
    assert failed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "See the details in CloudWatch Log Stream" in failures(stacks)[0][2]
    remove(stacks)


# --- Secrets Manager ---


def test_rotation_schedule(stacks: Any, aws: Any) -> None:
    secrets = aws("secretsmanager")

    def resources(days: int) -> dict[str, Any]:
        schedule = of(
            "SecretsManager::RotationSchedule", SecretId={"Ref": "Secret"}, RotationLambdaARN=arn_of("Function"),
            RotationRules={"AutomaticallyAfterDays": days}, RotateImmediatelyOnUpdate=False,
        )  # fmt: skip
        allowed = of(
            "Lambda::Permission", FunctionName={"Ref": "Function"}, Action="lambda:InvokeFunction",
            Principal="secretsmanager.amazonaws.com",
        )  # fmt: skip
        return {
            "Role": ROLE,
            "Function": function("def handler(event, context): pass\n"),
            "Allowed": allowed,
            "Secret": of("SecretsManager::Secret", SecretString="old"),
            "Schedule": {**schedule, "DependsOn": "Allowed"},
        }

    make(stacks, **resources(7))
    secret = stacks.physical("Secret")
    shown = secrets.describe_secret(SecretId=secret)
    assert (shown["RotationEnabled"], shown["RotationRules"]) == (True, {"AutomaticallyAfterDays": 7})
    assert stacks.physical("Schedule") == secret
    change(stacks, **resources(9))
    assert secrets.describe_secret(SecretId=secret)["RotationRules"] == {"AutomaticallyAfterDays": 9}
    without = resources(9)
    del without["Schedule"]
    change(stacks, **without)
    assert secrets.describe_secret(SecretId=secret).get("RotationEnabled") is False
    remove(stacks)


# --- IAM ---


def test_service_linked_role(stacks: Any, aws: Any) -> None:
    def role(description: str) -> dict[str, Any]:
        return of("IAM::ServiceLinkedRole", AWSServiceName="autoscaling.amazonaws.com", CustomSuffix="mine", Description=description)  # fmt: skip

    iam = aws("iam")
    make(stacks, Linked=role("one"))
    name = stacks.physical("Linked")
    assert name == "AWSServiceRoleForAutoScaling_mine"
    change(stacks, Linked=role("two"))
    assert iam.get_role(RoleName=name)["Role"]["Description"] == "two"
    remove(stacks)
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName=name)


def test_users_of_a_group(stacks: Any, aws: Any) -> None:
    iam = aws("iam")

    def resources(*users: str, group: str = "First") -> dict[str, Any]:
        named = [{"Ref": user} for user in users]
        return {
            **{name: of("IAM::User") for name in ("Ann", "Bob")},
            **{name: of("IAM::Group") for name in ("First", "Second")},
            "Members": of("IAM::UserToGroupAddition", GroupName={"Ref": group}, Users=named),
        }

    def members(group: str) -> set[str]:
        users = iam.get_group(GroupName=stacks.physical(group))["Users"]
        return {name for name in ("Ann", "Bob") if stacks.physical(name) in {user["UserName"] for user in users}}

    make(stacks, **resources("Ann"))
    assert members("First") == {"Ann"}
    change(stacks, **resources("Bob"))
    assert members("First") == {"Bob"}
    change(stacks, **resources("Ann", "Bob", group="Second"))
    assert (members("First"), members("Second")) == (set(), {"Ann", "Bob"})
    remove(stacks)


# --- CloudWatch Logs ---


def test_subscription_filter(stacks: Any, aws: Any) -> None:
    logs = aws("logs")

    def resources(pattern: str) -> dict[str, Any]:
        return {
            "Role": ROLE,
            "Function": function("def handler(event, context): pass\n"),
            "Group": of("Logs::LogGroup"),
            "Allowed": of(
                "Lambda::Permission", FunctionName={"Ref": "Function"}, Action="lambda:InvokeFunction",
                Principal="logs.amazonaws.com",
            ),
            "Filter": {
                **of(
                    "Logs::SubscriptionFilter", LogGroupName={"Ref": "Group"}, FilterPattern=pattern,
                    DestinationArn=arn_of("Function"),
                ),
                "DependsOn": "Allowed",
            },
        }  # fmt: skip

    def patterns() -> list[str]:
        found = logs.describe_subscription_filters(logGroupName=stacks.physical("Group"))["subscriptionFilters"]
        return [one["filterPattern"] for one in found]

    make(stacks, **resources("ERROR"))
    name = stacks.physical("Filter")
    assert patterns() == ["ERROR"]
    change(stacks, **resources("WARN"))
    assert (patterns(), stacks.physical("Filter")) == (["WARN"], name)
    without = resources("")
    del without["Filter"]
    change(stacks, **without)
    assert patterns() == []
    remove(stacks)


def test_resource_policy_of_logs(stacks: Any, aws: Any) -> None:
    def policy(action: str) -> dict[str, Any]:
        return of("Logs::ResourcePolicy", PolicyName="mine", PolicyDocument=json.dumps(allow(action)))

    def there() -> list[str]:
        return [one["policyDocument"] for one in aws("logs").describe_resource_policies()["resourcePolicies"]]

    make(stacks, Policy=policy("logs:PutLogEvents"))
    assert [json.loads(one) for one in there()] == [allow("logs:PutLogEvents")]
    change(stacks, Policy=policy("logs:CreateLogStream"))
    assert [json.loads(one) for one in there()] == [allow("logs:CreateLogStream")]
    taken = stacks.create({"Resources": {"Policy": policy("logs:*")}}, "other")
    assert taken["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "already exists" in failures(stacks, "other")[0][2]
    assert len(there()) == 1  # what another stack made was not taken away by the rollback
    remove(stacks)
    assert there() == []


# --- SNS ---


def policy_of(sns: Any, arn: str) -> Any:
    return json.loads(sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"])


def test_topic_policies(stacks: Any, sns: Any) -> None:
    def resources(action: str, *topics: str) -> dict[str, Any]:
        named = [{"Ref": name} for name in topics]
        policy = of("SNS::TopicPolicy", Topics=named, PolicyDocument=allow(action))
        return {**{name: of("SNS::Topic") for name in ("A", "B")}, "Policy": policy}

    make(stacks, **resources("sns:Publish", "A"))
    one, two = stacks.physical("A"), stacks.physical("B")
    assert policy_of(sns, one) == allow("sns:Publish")
    default = policy_of(sns, two)
    assert default["Id"] == "__default_policy_ID"
    change(stacks, **resources("sns:Subscribe", "B"))
    assert policy_of(sns, two) == allow("sns:Subscribe")
    assert policy_of(sns, one)["Id"] == "__default_policy_ID"
    without = resources("x", "A")
    del without["Policy"]
    change(stacks, **without)
    assert policy_of(sns, two) == default
    remove(stacks)


def test_inline_topic_policy(stacks: Any, sns: Any) -> None:
    def resources(action: str) -> dict[str, Any]:
        return {
            "Topic": of("SNS::Topic"),
            "Policy": of("SNS::TopicInlinePolicy", TopicArn={"Ref": "Topic"}, PolicyDocument=allow(action)),
        }

    make(stacks, **resources("sns:Publish"))
    arn = stacks.physical("Topic")
    assert policy_of(sns, arn) == allow("sns:Publish")
    change(stacks, **resources("sns:Subscribe"))
    assert policy_of(sns, arn) == allow("sns:Subscribe")
    change(stacks, Topic=of("SNS::Topic"))
    assert policy_of(sns, arn)["Id"] == "__default_policy_ID"
    remove(stacks)


# --- API Gateway, AWS::Include ---


def swagger(path: str) -> dict[str, Any]:
    method = {"responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-integration": {"type": "mock"}}
    return {"swagger": "2.0", "info": {"title": "from S3", "version": "1"}, "paths": {path: {"get": method}}}


def test_an_api_from_s3(stacks: Any, aws: Any) -> None:
    aws("s3").create_bucket(Bucket="apis-of-a-stack")
    for name in ("one", "two"):
        aws("s3").put_object(Bucket="apis-of-a-stack", Key=f"{name}.json", Body=json.dumps(swagger(f"/{name}")))

    def api(name: str) -> dict[str, Any]:
        place = {"Bucket": "apis-of-a-stack", "Key": f"{name}.json"}
        return of("ApiGateway::RestApi", BodyS3Location=place, Description="d")

    def paths() -> set[str]:
        return {one["path"] for one in gateway.get_resources(restApiId=stacks.physical("Api"))["items"]}

    gateway = aws("apigateway")
    make(stacks, Api=api("one"))
    api_id = stacks.physical("Api")
    shown = gateway.get_rest_api(restApiId=api_id)
    assert (shown["name"], shown["description"], paths()) == ("from S3", "d", {"/", "/one"})
    change(stacks, Api=api("two"))
    assert (stacks.physical("Api"), paths()) == (api_id, {"/", "/two"})
    failed = stacks.update({"Resources": {"Api": api("three")}})
    assert failed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "The specified key does not exist" in failures(stacks)[0][2]
    remove(stacks)


@pytest.mark.parametrize("place", ["top", "within"])
def test_include(stacks: Any, aws: Any, place: str) -> None:
    s3, bucket = aws("s3"), f"snippets-{place}"
    location = f"s3://{bucket}/snippet.yaml"
    s3.create_bucket(Bucket=bucket)
    include = {"Name": "AWS::Include", "Parameters": {"Location": location}}
    if place == "top":
        snippet = "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties: {DelaySeconds: 5}\n"
        template = {"Transform": include, "Resources": {"Topic": of("SNS::Topic")}}
    else:
        snippet = "DelaySeconds: 5\n"
        template = {"Resources": {"Queue": of("SQS::Queue", **{"Fn::Transform": include})}}
    missing = pytest.raises(ClientError, match="Transform AWS::Include failed")
    with missing:
        stacks.create(template, Capabilities=NEED)
    s3.put_object(Bucket=bucket, Key="snippet.yaml", Body=snippet)
    assert stacks.create(template, Capabilities=NEED)["StackStatus"] == "CREATE_COMPLETE"
    url = stacks.physical("Queue")
    shown = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"]
    assert shown == {"DelaySeconds": "5"}


# --- a rollback that goes on, signals by name ---


def test_continue_update_rollback(stacks: Any, cfn: Any, sqs: Any) -> None:
    """A queue that somebody else deleted cannot be changed back: it is skipped."""

    def resources(delay: int, bad: int) -> dict[str, Any]:
        return {
            "First": of("SQS::Queue", QueueName="first", DelaySeconds=delay),
            "Last": {**of("SQS::Queue", QueueName="last", MessageRetentionPeriod=bad), "DependsOn": "Wait"},
            "Handle": of("CloudFormation::WaitConditionHandle"),
            "Wait": {**of("CloudFormation::WaitCondition", Handle={"Ref": "Handle"}, Timeout="600", Count=delay), "DependsOn": "First"},
        }  # fmt: skip

    base = {"First": of("SQS::Queue", QueueName="first", DelaySeconds=1)}
    make(stacks, **base)
    with pytest.raises(ClientError, match="is in CREATE_COMPLETE state and can not continue rollback"):
        cfn.continue_update_rollback(StackName="stack")
    wanted = {"Resources": resources(2, 1)}
    cfn.update_stack(StackName="stack", TemplateBody=json.dumps(wanted))
    _until_waiting(cfn)
    sqs.delete_queue(QueueUrl=stacks.physical("First"))
    cfn.signal_resource(StackName="stack", LogicalResourceId="Wait", UniqueId="1", Status="SUCCESS")
    cfn.signal_resource(StackName="stack", LogicalResourceId="Wait", UniqueId="2", Status="SUCCESS")
    assert stacks.settled("stack")["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
    with pytest.raises(ClientError, match="cannot be skipped"):
        cfn.continue_update_rollback(StackName="stack", ResourcesToSkip=["Nothing"])
    cfn.continue_update_rollback(StackName="stack")
    assert stacks.settled("stack")["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
    cfn.continue_update_rollback(StackName="stack", ResourcesToSkip=["First"])
    assert stacks.settled("stack")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE", failures(stacks)


def _until_waiting(cfn: Any) -> None:
    for _ in range(1000):
        rows = cfn.describe_stack_resources(StackName="stack")["StackResources"]
        if any(row["LogicalResourceId"] == "Wait" for row in rows):
            return
    raise AssertionError("the wait condition was not made")


@pytest.mark.parametrize(("word", "status"), [("SUCCESS", "CREATE_COMPLETE"), ("FAILURE", "ROLLBACK_COMPLETE")])
def test_signal_resource(stacks: Any, cfn: Any, word: str, status: str) -> None:
    resources = {
        "Handle": of("CloudFormation::WaitConditionHandle"),
        "Wait": of("CloudFormation::WaitCondition", Handle={"Ref": "Handle"}, Timeout="600"),
    }
    cfn.create_stack(StackName="stack", TemplateBody=json.dumps({"Resources": resources}))
    _until_waiting(cfn)
    signal = {"StackName": "stack", "LogicalResourceId": "Wait", "UniqueId": "a", "Status": word}
    with pytest.raises(ClientError, match="cannot be signaled"):
        cfn.signal_resource(**{**signal, "LogicalResourceId": "Handle"})
    cfn.signal_resource(**signal)
    assert stacks.settled("stack")["StackStatus"] == status
    with pytest.raises(ClientError, match="cannot be signaled"):
        cfn.signal_resource(**signal)


# --- S3: one property alone ---

RULE = {"Id": "old", "Status": "Enabled", "ExpirationInDays": 1}


@pytest.mark.parametrize(
    ("name", "value", "operation", "expected"),
    [
        ("LifecycleConfiguration", {"Rules": [RULE]}, "get_bucket_lifecycle_configuration", {"Rules": [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]}),
        ("WebsiteConfiguration", {"IndexDocument": "index.html"}, "get_bucket_website", {"IndexDocument": {"Suffix": "index.html"}}),
        ("NotificationConfiguration", {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}, "get_bucket_notification_configuration", {"EventBridgeConfiguration": {}}),
        ("ObjectLockConfiguration", {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 2}}}, "get_object_lock_configuration", {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 2}}}}),
    ],
)  # fmt: skip
def test_a_bucket_has_what_one_property_says(
    stacks: Any, aws: Any, name: str, value: Any, operation: str, expected: dict[str, Any]
) -> None:
    lock = {"ObjectLockEnabled": True} if name.startswith("ObjectLock") else {}
    make(stacks, Bucket=of("S3::Bucket", **lock, **{name: value}))
    found = getattr(aws("s3"), operation)(Bucket=stacks.physical("Bucket"))
    assert {key: found[key] for key in expected} == expected


# --- functions that are not finished ---


def test_a_function_that_fails_late_is_not_left(stacks: Any, aws: Any) -> None:
    bad = function("def handler(event, context): pass\n")
    bad["Properties"]["ReservedConcurrentExecutions"] = 1_000_000
    made = stacks.create({"Resources": {"Role": ROLE, "Function": bad}}, Capabilities=NEED)
    assert made["StackStatus"] == "ROLLBACK_COMPLETE"
    assert aws("lambda").list_functions()["Functions"] == []


def test_a_stack_that_is_deleted_while_it_is_made(stacks: Any, cfn: Any, aws: Any) -> None:
    resources = {"Role": ROLE, **{f"F{n}": function("def handler(event, context): pass\n") for n in range(5)}}
    made = cfn.create_stack(StackName="stack", TemplateBody=json.dumps({"Resources": resources}), Capabilities=NEED)
    cfn.delete_stack(StackName="stack")
    assert stacks.settled(made["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    assert aws("lambda").list_functions()["Functions"] == []
    assert aws("iam").list_roles()["Roles"] == []


def test_a_function_that_was_left_is_not_taken_over(stacks: Any, aws: Any) -> None:
    """Though the same stack made it, under the same logical id."""
    left = {**function("def handler(event, context): pass\n"), "DeletionPolicy": "Retain"}
    left["Properties"]["FunctionName"] = "left"
    make(stacks, Role=ROLE, Function=left)
    change(stacks, Role=ROLE)
    made = stacks.update({"Resources": {"Role": ROLE, "Function": left}}, Capabilities=NEED)
    assert made["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "already exist" in failures(stacks)[0][2]
    assert [one["FunctionName"] for one in aws("lambda").list_functions()["Functions"]] == ["left"]
