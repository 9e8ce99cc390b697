"""Resources that others make: custom resources, nested stacks, macros, wait conditions; and the types of services."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}
PROVIDER = """
import cfnresponse
def handler(event, context):
    properties = event["ResourceProperties"]
    if properties.get("Fail") == "true":
        cfnresponse.send(event, context, cfnresponse.FAILED, {}, "made", reason="as asked")
        return
    data = {"Request": event["RequestType"], "Size": properties.get("Size", "")}
    cfnresponse.send(event, context, cfnresponse.SUCCESS, data, "made-" + properties.get("Id", "1"))
"""
MACRO = """
def handler(event, context):
    fragment = event["fragment"]
    if isinstance(fragment, dict) and "Resources" in fragment:
        fragment["Resources"]["Extra"] = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": event["params"].get("Name", "extra")}}
    return {"requestId": event["requestId"], "status": "success", "fragment": fragment}
"""
NEED = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]


def function(code: str) -> dict[str, Any]:
    properties = {"Code": {"ZipFile": code}, "Handler": "index.handler", "Runtime": "python3.12", "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Timeout": 30}  # fmt: skip
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


def put(url: str, answer: dict[str, Any]) -> int:
    request = urllib.request.Request(url, json.dumps(answer).encode(), method="PUT")
    with urllib.request.urlopen(request) as response:
        return response.status


def custom(**properties: Any) -> dict[str, Any]:
    return {"Type": "Custom::Thing", "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}, **properties}}


def test_custom_resource_by_a_function(stacks: Any) -> None:
    base = {"Role": ROLE, "Function": function(PROVIDER)}
    outputs = {"Request": {"Value": {"Fn::GetAtt": ["Thing", "Request"]}}, "Ref": {"Value": {"Ref": "Thing"}}, "Size": {"Value": {"Fn::GetAtt": ["Thing", "Size"]}}}  # fmt: skip
    made = stacks.create({"Resources": {**base, "Thing": custom(Size=3)}, "Outputs": outputs}, Capabilities=NEED)
    assert made["StackStatus"] == "CREATE_COMPLETE", stacks.events()
    assert stacks.outputs() == {"Request": "Create", "Ref": "made-1", "Size": "3"}
    stacks.update({"Resources": {**base, "Thing": custom(Size=4)}, "Outputs": outputs}, Capabilities=NEED)
    assert stacks.outputs() == {"Request": "Update", "Ref": "made-1", "Size": "4"}
    stacks.update({"Resources": {**base, "Thing": custom(Id="2")}, "Outputs": outputs}, Capabilities=NEED)
    assert stacks.outputs()["Ref"] == "made-2"
    assert ("Thing", "DELETE_COMPLETE", "") in stacks.events()
    failed = stacks.update({"Resources": {**base, "Thing": custom(Fail=True)}}, Capabilities=NEED)
    assert failed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert any("Message returned: as asked" in reason for _, _, reason in stacks.events())
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"


def test_custom_resource_by_a_topic_in_time_or_not(stacks: Any, cfn: Any, sns: Any, sqs: Any, queue: str, clock: Any) -> None:  # fmt: skip
    topic = sns.create_topic(Name="provider")["TopicArn"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    template = json.dumps(
        {"Resources": {"Thing": {"Type": "Custom::X", "Properties": {"ServiceToken": topic, "ServiceTimeout": 60}}}}
    )
    cfn.create_stack(StackName="stack", TemplateBody=template)
    message = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"][0]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    event = json.loads(message["Body"])
    assert (event["RequestType"], event["ResourceType"]) == ("Create", "Custom::X")
    assert put(event["ResponseURL"], {"Status": "SUCCESS", "PhysicalResourceId": "p", "Data": {}}) == 200
    assert stacks.settled("stack")["StackStatus"] == "CREATE_COMPLETE"
    cfn.create_stack(StackName="late", TemplateBody=template)
    sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)
    clock.advance(seconds=61)
    assert stacks.settled("late")["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("did not receive a response from your Custom Resource" in one[2] for one in stacks.events("late"))


def test_nested_stacks(stacks: Any, aws: Any, undercast: Any, sqs: Any) -> None:
    child = {
        "Parameters": {"Delay": {"Type": "String"}},
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": {"Ref": "Delay"}}}},
        "Outputs": {"Url": {"Value": {"Ref": "Queue"}}},
    }
    aws("s3").create_bucket(Bucket="templates-of-nested")
    aws("s3").put_object(Bucket="templates-of-nested", Key="child.json", Body=json.dumps(child))

    def parent(delay: str) -> dict[str, Any]:
        url = f"{undercast.url}/templates-of-nested/child.json"
        nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url, "Parameters": {"Delay": delay}}}  # fmt: skip
        return {"Resources": {"Child": nested}, "Outputs": {"Url": {"Value": {"Fn::GetAtt": ["Child", "Outputs.Url"]}}}}

    assert stacks.create(parent("1"))["StackStatus"] == "CREATE_COMPLETE", stacks.events()
    url = stacks.outputs()["Url"]
    inner = stacks.describe(stacks.physical("Child"))
    assert (inner["ParentId"], inner["RootId"]) == (stacks.describe()["StackId"],) * 2
    assert stacks.update(parent("2"))["StackStatus"] == "UPDATE_COMPLETE"
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"]
    assert attributes == {"DelaySeconds": "2"}
    failed = stacks.update(parent("9999"))
    assert failed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"
    assert stacks.describe(inner["StackId"])["StackStatus"] == "DELETE_COMPLETE"


def test_macros(stacks: Any, cfn: Any) -> None:
    macro = {"Type": "AWS::CloudFormation::Macro", "Properties": {"Name": "Add", "FunctionName": {"Ref": "Function"}}}
    stacks.create({"Resources": {"Role": ROLE, "Function": function(MACRO), "Macro": macro}}, "macro", Capabilities=NEED)  # fmt: skip
    written = {
        "Transform": {"Name": "Add", "Parameters": {"Name": "more"}},
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
    }
    assert stacks.create(written, Capabilities=NEED)["StackStatus"] == "CREATE_COMPLETE"
    assert stacks.physical("Extra").endswith("/more")
    processed = cfn.get_template(StackName="stack", TemplateStage="Processed")["TemplateBody"]
    assert set(processed["Resources"]) == {"Queue", "Extra"}
    assert cfn.get_template(StackName="stack")["TemplateBody"]["Transform"]["Name"] == "Add"
    with pytest.raises(cfn.exceptions.InsufficientCapabilitiesException):
        stacks.create(written, "other")


@pytest.mark.parametrize(
    ("signals", "status"),
    [(["SUCCESS", "SUCCESS"], "CREATE_COMPLETE"), (["FAILURE"], "ROLLBACK_COMPLETE"), ([], "ROLLBACK_COMPLETE")],
)
def test_wait_conditions(stacks: Any, cfn: Any, clock: Any, signals: list[str], status: str) -> None:
    cfn.create_stack(
        StackName="stack",
        TemplateBody=json.dumps(
            {
                "Resources": {
                    "WaitHandle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
                    "Wait": {"Type": "AWS::CloudFormation::WaitCondition", "Properties": {"Handle": {"Ref": "WaitHandle"}, "Timeout": "60", "Count": 2}},
                },
                "Outputs": {"Data": {"Value": {"Fn::GetAtt": ["Wait", "Data"]}}},
            }
        ),
    )  # fmt: skip
    url = _until(lambda: stacks.physical("WaitHandle"))
    for number, signal in enumerate(signals):
        assert put(url, {"Status": signal, "UniqueId": str(number), "Data": f"d{number}", "Reason": "r"}) == 200
    if not signals:
        clock.advance(seconds=61)
    assert stacks.settled("stack")["StackStatus"] == status
    if status == "CREATE_COMPLETE":
        assert json.loads(stacks.outputs()["Data"]) == {"0": "d0", "1": "d1"}


def _until(ask: Any) -> Any:
    for _ in range(1000):
        try:
            return ask()
        except (ClientError, KeyError):  # the stack's first turn may not have run, or not have made it
            continue
    return ask()


def test_an_unknown_answer_is_refused(undercast: Any, account: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        put(f"{undercast.url}/_aws/cloudformation/{account}/us-east-1/{'0' * 40}", {})
    assert caught.value.code == 403


IAM = {
    "Role": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": TRUST,
            "Description": "d",
            "Policies": [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}}],
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", {"Ref": "Managed"}],
        },
    },
    "Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}}},
    "Policy": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "x", "Roles": [{"Ref": "Role"}], "Users": [{"Ref": "User"}], "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sns:*", "Resource": "*"}]}}},
    "User": {"Type": "AWS::IAM::User", "Properties": {"Groups": [{"Ref": "Group"}]}},
    "Group": {"Type": "AWS::IAM::Group"},
    "Key": {"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": {"Ref": "User"}}},
    "Profile": {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": [{"Ref": "Role"}]}},
    "RolePolicy": {"Type": "AWS::IAM::RolePolicy", "Properties": {"PolicyName": "y", "RoleName": {"Ref": "Role"}, "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sns:*", "Resource": "*"}]}}},
}  # fmt: skip
LOGS = {
    "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 7}},
    "Stream": {"Type": "AWS::Logs::LogStream", "Properties": {"LogGroupName": {"Ref": "Group"}}},
    "Metric": {"Type": "AWS::Logs::MetricFilter", "Properties": {"LogGroupName": {"Ref": "Group"}, "FilterPattern": "ERROR", "MetricTransformations": [{"MetricName": "m", "MetricNamespace": "n", "MetricValue": "1"}]}},
}  # fmt: skip
S3 = {
    "Bucket": {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            "VersioningConfiguration": {"Status": "Enabled"},
            "CorsConfiguration": {"CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAge": 3}]},
            "BucketEncryption": {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]},
            "Tags": [{"Key": "a", "Value": "b"}],
        },
    },
    "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": {"Fn::GetAtt": ["Bucket", "Arn"]}, "Condition": {"Bool": {"aws:SecureTransport": "nope"}}}]}}},
}  # fmt: skip
SECRETS = {
    "Key": {"Type": "AWS::KMS::Key", "Properties": {"Description": "d"}},
    "Alias": {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/mine", "TargetKeyId": {"Ref": "Key"}}},
    "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": {"SecretStringTemplate": "{\"user\": \"me\"}", "GenerateStringKey": "password", "PasswordLength": 20}}},
    "SecretPolicy": {"Type": "AWS::SecretsManager::ResourcePolicy", "Properties": {"SecretId": {"Ref": "Secret"}, "ResourcePolicy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}, "Action": "secretsmanager:GetSecretValue", "Resource": "*"}]}}},
    "Parameter": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Fn::Sub": "{{resolve:secretsmanager:${Secret}:SecretString:user}}"}, "Tags": {"x": "y"}}},
}  # fmt: skip
API = {
    "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "api", "Description": "d"}},
    "Part": {"Type": "AWS::ApiGateway::Resource", "Properties": {"RestApiId": {"Ref": "Api"}, "ParentId": {"Fn::GetAtt": ["Api", "RootResourceId"]}, "PathPart": "things"}},
    "Model": {"Type": "AWS::ApiGateway::Model", "Properties": {"RestApiId": {"Ref": "Api"}, "Name": "Thing", "Schema": {"type": "object"}}},
    "Validator": {"Type": "AWS::ApiGateway::RequestValidator", "Properties": {"RestApiId": {"Ref": "Api"}, "ValidateRequestBody": True}},
    "Method": {"Type": "AWS::ApiGateway::Method", "Properties": {"RestApiId": {"Ref": "Api"}, "ResourceId": {"Ref": "Part"}, "HttpMethod": "GET", "AuthorizationType": "NONE", "ApiKeyRequired": True, "RequestValidatorId": {"Ref": "Validator"}, "RequestModels": {"application/json": {"Ref": "Model"}}, "MethodResponses": [{"StatusCode": "200"}], "Integration": {"Type": "MOCK", "RequestTemplates": {"application/json": "{\"statusCode\": 200}"}, "IntegrationResponses": [{"StatusCode": "200", "ResponseTemplates": {"application/json": "{}"}}]}}},
    "Deployment": {"Type": "AWS::ApiGateway::Deployment", "DependsOn": "Method", "Properties": {"RestApiId": {"Ref": "Api"}}},
    "Stage": {"Type": "AWS::ApiGateway::Stage", "Properties": {"RestApiId": {"Ref": "Api"}, "DeploymentId": {"Ref": "Deployment"}, "StageName": "prod", "Variables": {"a": "b"}, "MethodSettings": [{"ResourcePath": "/*", "HttpMethod": "*", "ThrottlingBurstLimit": 5, "ThrottlingRateLimit": 10}]}},
    "Key": {"Type": "AWS::ApiGateway::ApiKey", "Properties": {"Enabled": True}},
    "Plan": {"Type": "AWS::ApiGateway::UsagePlan", "Properties": {"ApiStages": [{"ApiId": {"Ref": "Api"}, "Stage": {"Ref": "Stage"}}], "Throttle": {"RateLimit": 3, "BurstLimit": 2}, "Quota": {"Limit": 9, "Period": "DAY"}}},
    "PlanKey": {"Type": "AWS::ApiGateway::UsagePlanKey", "Properties": {"KeyId": {"Ref": "Key"}, "KeyType": "API_KEY", "UsagePlanId": {"Ref": "Plan"}}},
    "Response": {"Type": "AWS::ApiGateway::GatewayResponse", "Properties": {"RestApiId": {"Ref": "Api"}, "ResponseType": "DEFAULT_4XX", "ResponseTemplates": {"application/json": "{}"}}},
    "Doc": {"Type": "AWS::ApiGateway::DocumentationPart", "Properties": {"RestApiId": {"Ref": "Api"}, "Location": {"Type": "API"}, "Properties": "{\"description\": \"x\"}"}},
    "DocVersion": {"Type": "AWS::ApiGateway::DocumentationVersion", "DependsOn": "Doc", "Properties": {"RestApiId": {"Ref": "Api"}, "DocumentationVersion": "1"}},
    "Account": {"Type": "AWS::ApiGateway::Account", "Properties": {}},
}  # fmt: skip
LAMBDA = {
    "Role": ROLE,
    "Function": {**function("def handler(event, context): return 1\n")},
    "Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Function"}}},
    "Alias": {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "Function"}, "FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]}, "Name": "live"}},
    "Permission": {"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": {"Ref": "Function"}, "Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com"}},
    "Queue": {"Type": "AWS::SQS::Queue"},
    "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"FunctionName": {"Ref": "Function"}, "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]}, "BatchSize": 3}},
    "Url": {"Type": "AWS::Lambda::Url", "Properties": {"TargetFunctionArn": {"Ref": "Function"}, "AuthType": "NONE"}},
    "Invoke": {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": {"FunctionName": {"Ref": "Function"}, "Qualifier": "$LATEST", "MaximumRetryAttempts": 1}},
    "Signing": {"Type": "AWS::Lambda::CodeSigningConfig", "Properties": {"AllowedPublishers": {"SigningProfileVersionArns": ["arn:aws:signer:us-east-1:111122223333:/signing-profiles/p/abcdefghij"]}}},
}  # fmt: skip


@pytest.mark.parametrize(
    "resources", [IAM, LOGS, S3, SECRETS, API, LAMBDA], ids=["iam", "logs", "s3", "secrets", "apigateway", "lambda"]
)
def test_types_are_made_and_deleted(stacks: Any, resources: dict[str, Any]) -> None:
    made = stacks.create({"Resources": resources}, Capabilities=["CAPABILITY_NAMED_IAM"])
    problems = [event for event in stacks.events() if "FAILED" in event[1]]
    assert made["StackStatus"] == "CREATE_COMPLETE", problems
    made = stacks.update({"Resources": resources}, Tags=[{"Key": "t", "Value": "u"}], Capabilities=["CAPABILITY_NAMED_IAM"])  # fmt: skip
    assert made["StackStatus"] == "UPDATE_COMPLETE", [event for event in stacks.events() if "FAILED" in event[1]]
    made = stacks.delete()
    assert made["StackStatus"] == "DELETE_COMPLETE", [event for event in stacks.events(made["StackId"]) if "FAILED" in event[1]]  # fmt: skip


def test_an_api_changes_in_place(stacks: Any, aws: Any) -> None:
    stacks.create({"Resources": API})
    before = {name: stacks.physical(name) for name in ("Api", "Stage", "Plan", "Key")}
    changed = json.loads(json.dumps(API))
    changed["Api"]["Properties"] |= {"Description": "other", "BinaryMediaTypes": ["image/png"], "Name": "renamed"}
    changed["Stage"]["Properties"] |= {"Variables": {"c": "d"}, "MethodSettings": [{"ResourcePath": "/things", "HttpMethod": "GET", "ThrottlingBurstLimit": 7}]}  # fmt: skip
    changed["Plan"]["Properties"] |= {"Throttle": {"RateLimit": 5, "BurstLimit": 4}, "Description": "p"}
    del changed["Plan"]["Properties"]["Quota"]
    changed["Key"]["Properties"] = {"Enabled": False, "Description": "k"}
    changed["Method"]["Properties"]["ApiKeyRequired"] = False
    made = stacks.update({"Resources": changed})
    assert made["StackStatus"] == "UPDATE_COMPLETE", [event for event in stacks.events() if "FAILED" in event[1]]
    assert {name: stacks.physical(name) for name in before} == before
    client = aws("apigateway")
    api = client.get_rest_api(restApiId=before["Api"])
    assert (api["name"], api["description"], api["binaryMediaTypes"]) == ("renamed", "other", ["image/png"])
    stage = client.get_stage(restApiId=before["Api"], stageName="prod")
    assert stage["variables"] == {"c": "d"}
    assert stage["methodSettings"]["~1things/GET"]["throttlingBurstLimit"] == 7
    plan = client.get_usage_plan(usagePlanId=before["Plan"])
    assert "quota" not in plan
    assert plan["throttle"] == {"rateLimit": 5.0, "burstLimit": 4}
    assert client.get_api_key(apiKey=before["Key"])["enabled"] is False


def test_a_function_changes_in_place(stacks: Any, aws: Any) -> None:
    def resources(code: str, **more: Any) -> dict[str, Any]:
        one = function(code)
        return {"Resources": {"Role": ROLE, "Function": {**one, "Properties": {**one["Properties"], **more}}}}

    stacks.create(resources("def handler(event, context): return 1\n", MemorySize=256), Capabilities=NEED)
    name = stacks.physical("Function")
    made = stacks.update(
        resources("def handler(event, context): return 2\n", Environment={"Variables": {"AB": "c"}}), Capabilities=NEED
    )
    assert made["StackStatus"] == "UPDATE_COMPLETE", [event for event in stacks.events() if "FAILED" in event[1]]
    assert stacks.physical("Function") == name
    shown = aws("lambda").get_function(FunctionName=name)
    assert (shown["Configuration"]["MemorySize"], shown["Configuration"]["Environment"]["Variables"]) == (128, {"AB": "c"})  # fmt: skip
    assert shown["Tags"]["aws:cloudformation:logical-id"] == "Function"
    assert json.load(aws("lambda").invoke(FunctionName=name)["Payload"]) == 2


def test_roles_change_in_place(stacks: Any, aws: Any) -> None:
    stacks.create({"Resources": IAM}, Capabilities=["CAPABILITY_NAMED_IAM"])
    role = stacks.physical("Role")
    changed = json.loads(json.dumps(IAM))
    changed["Role"]["Properties"] |= {"Description": "other", "Policies": [], "ManagedPolicyArns": [{"Ref": "Managed"}]}
    changed["Managed"]["Properties"]["PolicyDocument"]["Statement"][0]["Action"] = "sqs:SendMessage"
    changed["User"]["Properties"] = {}
    made = stacks.update({"Resources": changed}, Capabilities=["CAPABILITY_NAMED_IAM"])
    assert made["StackStatus"] == "UPDATE_COMPLETE", [event for event in stacks.events() if "FAILED" in event[1]]
    iam = aws("iam")
    assert iam.get_role(RoleName=role)["Role"]["Description"] == "other"
    assert sorted(iam.list_role_policies(RoleName=role)["PolicyNames"]) == ["x", "y"]
    assert len(iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]) == 1
    assert iam.get_policy(PolicyArn=stacks.physical("Managed"))["Policy"]["DefaultVersionId"] == "v2"
    assert iam.list_groups_for_user(UserName=stacks.physical("User"))["Groups"] == []
