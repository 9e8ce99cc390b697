"""What stacks make in API Gateway, Lambda and SNS, and nested stacks that fail: as AWS answered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.recorded import recorded
from tests.services.cloudformation.test_recorded_updates import ALL
from tests.services.cloudformation.test_resources import ROLE, function
from tests.services.cloudformation.test_types import arn_of, failures, make, of, swagger


def case_of(name: str) -> Any:
    return recorded(name, "cloudformation")


def rest_api(aws: Any, stacks: Any, name: str = "Api") -> dict[str, Any]:
    return aws("apigateway").get_rest_api(restApiId=stacks.physical(name))


# --- API Gateway ---


def test_import_of_a_document(stacks: Any, aws: Any) -> None:
    known = case_of("apigateway::test_cfn_apigateway_swagger_import")
    body = {**swagger("/things"), "x-amazon-apigateway-binary-media-types": ["*/*"]}
    body["info"] = {"title": "the-api", "version": "1.0"}
    make(stacks, Api=of("ApiGateway::RestApi", Body=body))
    shown = rest_api(aws, stacks)
    shown.pop("ResponseMetadata")
    known.check("imported-api", shown, ignore=SINCE)


SINCE = ("apiStatus", "securityPolicy")  # shown by API Gateway since some time after the recordings


def test_api_from_s3(stacks: Any, aws: Any) -> None:
    known = case_of("apigateway::test_cfn_deploy_apigateway_from_s3_swagger")
    s3, gateway = aws("s3"), aws("apigateway")
    s3.create_bucket(Bucket="recorded-apis")
    body = {**swagger("/pets"), "info": {"title": "pets", "version": "1.0.0"}}
    body["paths"]["/pets/{petId}"] = body["paths"]["/pets"]
    s3.put_object(Bucket="recorded-apis", Key="api.json", Body=json.dumps(body))
    settings = {
        "HttpMethod": "*", "ResourcePath": "/*", "MetricsEnabled": False, "DataTraceEnabled": True,
        "LoggingLevel": "ERROR", "ThrottlingBurstLimit": 5000, "ThrottlingRateLimit": 10000,
    }  # fmt: skip
    types = ["application/pdf", "image/gif", "image/jpg", "image/png"]
    make(
        stacks,
        ApiGatewayRestApi=of(
            "ApiGateway::RestApi", BodyS3Location={"Bucket": "recorded-apis", "Key": "api.json"}, Name="the-api",
            BinaryMediaTypes=types, EndpointConfiguration={"Types": ["REGIONAL"]},
        ),
        Deployment=of("ApiGateway::Deployment", RestApiId={"Ref": "ApiGatewayRestApi"}),
        ApiGWStage=of(
            "ApiGateway::Stage", RestApiId={"Ref": "ApiGatewayRestApi"}, DeploymentId={"Ref": "Deployment"},
            StageName="local", Description="Test Stage 123", TracingEnabled=True, MethodSettings=[settings],
            Variables={"TestCasing": "myvar", "testCasingTwo": "myvar2", "testlowcasing": "myvar3"},
        ),
    )  # fmt: skip
    api_id = stacks.physical("ApiGatewayRestApi")
    known.answers = json.loads(json.dumps(known.answers).replace('"stack-name"', '"stack"').replace("stack/stack-name/", "stack/stack/"))  # fmt: skip
    known.check("rest-api", rest_api(aws, stacks, "ApiGatewayRestApi"), ignore=SINCE)
    found = gateway.get_resources(restApiId=api_id)
    found["items"].sort(key=lambda one: one["path"])
    known.check("resources", found)
    # recorded with metrics of methods, which are refused until there is CloudWatch
    known.check("get-stage", gateway.get_stage(restApiId=api_id, stageName="local"), ignore=("metricsEnabled",))


def test_stage_changes_its_deployment(stacks: Any, aws: Any) -> None:
    known = case_of("apigateway::test_update_apigateway_stage")

    def resources(deployment: str) -> dict[str, Any]:
        method = of(
            "ApiGateway::Method", RestApiId={"Ref": "Api"}, ResourceId={"Fn::GetAtt": ["Api", "RootResourceId"]},
            HttpMethod="GET", AuthorizationType="NONE", Integration={"Type": "MOCK"},
        )  # fmt: skip
        made = {name: {**of("ApiGateway::Deployment", RestApiId={"Ref": "Api"}), "DependsOn": "Method"} for name in ("One", "Two")}  # fmt: skip
        stage = of("ApiGateway::Stage", RestApiId={"Ref": "Api"}, DeploymentId={"Ref": deployment}, StageName="dev")
        return {"Api": of("ApiGateway::RestApi", Name="api"), "Method": method, **made, "Stage": stage}

    make(stacks, **resources("One"))
    place = {"restApiId": stacks.physical("Api"), "stageName": "dev"}
    known.check("created-stage", aws("apigateway").get_stage(**place))
    stacks.update({"Resources": resources("Two")})
    updated = aws("apigateway").get_stage(**place)
    assert updated["deploymentId"] == stacks.physical("Two")
    known = case_of("apigateway::test_update_apigateway_stage")
    known.check("updated-stage", updated)


def test_usage_plan(stacks: Any, aws: Any) -> None:
    known = case_of("apigateway::test_update_usage_plan")

    def resources(limit: int, tag: str) -> dict[str, Any]:
        method = of(
            "ApiGateway::Method", RestApiId={"Ref": "Api"}, ResourceId={"Fn::GetAtt": ["Api", "RootResourceId"]},
            HttpMethod="GET", AuthorizationType="NONE", Integration={"Type": "MOCK"},
        )  # fmt: skip
        plan = of(
            "ApiGateway::UsagePlan", UsagePlanName="plan", Quota={"Limit": limit, "Period": "MONTH"},
            ApiStages=[{"ApiId": {"Ref": "Api"}, "Stage": {"Ref": "Stage"}}],
            Tags=[{"Key": "test", "Value": tag}, {"Key": "test2", "Value": "hardcoded"}],
        )  # fmt: skip
        return {
            "Api": of("ApiGateway::RestApi", Name="api"),
            "Method": method,
            "Deployment": {**of("ApiGateway::Deployment", RestApiId={"Ref": "Api"}), "DependsOn": "Method"},
            "Stage": of("ApiGateway::Stage", RestApiId={"Ref": "Api"}, DeploymentId={"Ref": "Deployment"}, StageName="dev"),
            "UsagePlan": plan,
        }  # fmt: skip

    def shown() -> Any:
        return aws("apigateway").get_usage_plan(usagePlanId=stacks.physical("UsagePlan"))

    make(stacks, **resources(5000, "value1"))
    known.check("usage-plan", shown())
    stacks.update({"Resources": resources(7000, "value-updated")})
    known.check("updated-usage-plan", shown())


@pytest.mark.parametrize("name", ["test_duplicate_resources", "test_redeployment_with_fn_include"])
def test_included_document(stacks: Any, aws: Any, name: str) -> None:
    known, s3, bucket = case_of(f"transformers::{name}"), aws("s3"), name.replace("_", "-")
    s3.create_bucket(Bucket=bucket)
    document = {"openapi": "3.0.1", "info": {"title": "the-api", "version": "1.2.3"}, "paths": {}}
    s3.put_object(Bucket=bucket, Key="api.yaml", Body=json.dumps(document))
    include = {"Name": "AWS::Include", "Parameters": {"Location": f"s3://{bucket}/api.yaml"}}
    template = {"Resources": {"RestApi": of("ApiGateway::RestApi", Body={"Fn::Transform": include}, Name="the-api")}}
    made = stacks.create(template, Capabilities=ALL)
    assert made["StackStatus"] == "CREATE_COMPLETE", failures(stacks)
    known.check("api-details", rest_api(aws, stacks, "RestApi"), ignore=SINCE)
    if "api-resources" in known.answers:
        found = aws("apigateway").get_resources(restApiId=stacks.physical("RestApi"))
        known.check("api-resources", found)


def test_serverless_api(stacks: Any, aws: Any) -> None:
    known, gateway = case_of("apigateway::test_rest_api_serverless_ref_resolving"), aws("apigateway")
    cors = {
        "AllowCredentials": True, "AllowHeaders": "'Content-Type,Authorization,x-test-header'",
        "AllowMethods": "'OPTIONS,POST,GET,PUT'", "AllowOrigin": "'http://localhost:8000'",
    }  # fmt: skip
    event = {"RestApiId": {"Ref": "Api"}, "Path": "/", "Method": "get"}
    code = {
        "InlineCode": "def handler(event, context): pass\n", "Handler": "index.handler", "Runtime": "python3.12",
        "Events": {"Get": {"Type": "Api", "Properties": event}},
    }  # fmt: skip
    authorizers = {"TheAuthorizer": {"FunctionArn": arn_of("Function")}}
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Api": of("Serverless::Api", StageName="dev", Cors=cors, Auth={"Authorizers": authorizers}),
            "Function": of("Serverless::Function", **code),
        },
    }
    made = stacks.create(template, Capabilities=ALL)
    assert made["StackStatus"] == "CREATE_COMPLETE", failures(stacks)
    api_id = stacks.physical("Api")
    found = gateway.get_resources(restApiId=api_id)
    known.check("get-resources", found)
    place = {"restApiId": api_id, "resourceId": found["items"][0]["id"]}
    known.check("get-authorizers", gateway.get_authorizers(restApiId=api_id))
    for method in ("GET", "OPTIONS"):
        known.check(f"get-method-{method}", gateway.get_method(**place, httpMethod=method), ignore=("responseTransferMode",))  # fmt: skip


# --- Lambda ---


def test_a_version_of_a_function(stacks: Any, cfn: Any, aws: Any) -> None:
    known, lambda_ = case_of("lambda::test_lambda_version"), aws("lambda")
    code = function("def handler(event, context): return {'function_version': context.function_version}\n")
    code["Properties"]["Role"] = arn_of("fnServiceRole5D180AFD")
    del code["Properties"]["Timeout"]
    version = of("Lambda::Version", FunctionName={"Ref": "fn5FF616E3"}, Description="test description")
    make(stacks, fn5FF616E3=code, fnServiceRole5D180AFD=ROLE, fnVersion7BF8AE5A=version)
    name = stacks.physical("fn5FF616E3")
    invoked = lambda_.invoke(FunctionName=name, Qualifier="1")
    invoked["Payload"] = json.load(invoked["Payload"])
    known.check("invoke_result", invoked)
    known.check("stack_resources", cfn.describe_stack_resources(StackName="stack"))
    known.check("versions_by_fn", lambda_.list_versions_by_function(FunctionName=name))
    known.check("get_function_version", lambda_.get_function(FunctionName=name, Qualifier="1"), ignore=("Tags",))


# --- SNS ---


def test_subscription_in_another_region(stacks: Any, aws: Any, sqs: Any) -> None:
    known = case_of("sns::test_sns_subscription_region")
    there = aws("sns", region_name="us-west-2")
    topic = there.create_topic(Name="there")["TopicArn"]
    subscription = of(
        "SNS::Subscription", TopicArn=topic, Protocol="sqs", Endpoint=arn_of("Queue"), RawMessageDelivery=True,
        Region="us-west-2",
    )  # fmt: skip
    make(stacks, Queue=of("SQS::Queue"), Subscription=subscription)
    shown = there.get_subscription_attributes(SubscriptionArn=stacks.physical("Subscription"))
    known.check("subscription-1", shown, ignore=("SubscriptionPrincipal",))


# --- nested stacks ---


def test_a_nested_stack_that_fails_is_deleted_with_its_parent(stacks: Any, cfn: Any, aws: Any, undercast: Any) -> None:
    known = case_of("nested_stacks::test_deletion_of_failed_nested_stack")
    child = {"Resources": {"Q": of("SQS::Queue", DelaySeconds=9999)}}
    aws("s3").create_bucket(Bucket="recorded-children")
    aws("s3").put_object(Bucket="recorded-children", Key="child.json", Body=json.dumps(child))
    url = f"{undercast.url}/recorded-children/child.json"
    parent = {"Resources": {"Child": of("CloudFormation::Stack", TemplateURL=url)}}
    made = stacks.create(parent, OnFailure="DO_NOTHING")
    assert made["StackStatus"] == "CREATE_FAILED"
    nested = stacks.physical("Child").split("/")[1]
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"
    with pytest.raises(ClientError) as caught:
        cfn.describe_stacks(StackName=nested)
    known.check("error", caught.value)


# --- references ---


def test_reference_to_a_macro(stacks: Any) -> None:
    known = case_of("cloudformation::test_create_macro")
    macro = of("CloudFormation::Macro", Name="the-macro", FunctionName={"Ref": "Function"})
    resources = {"Role": ROLE, "Function": function("def handler(event, context): pass\n"), "Macro": macro}
    stacks.create({"Resources": resources, "Outputs": {"MacroRef": {"Value": {"Ref": "Macro"}}}}, Capabilities=ALL)
    known.check("stack-outputs", stacks.outputs())
    assert stacks.outputs() == {"MacroRef": "the-macro"}


def test_list_of_subnets(stacks: Any) -> None:
    known = case_of("stacks::test_subnet_id_parameter_type")
    joined = {"Fn::Join": ["|", {"Ref": "Subnets"}]}
    template = {
        "Parameters": {"Subnets": {"Type": "List<AWS::EC2::Subnet::Id>"}},
        "Resources": {"Topic": of("SNS::Topic")},
        "Outputs": {"ParamValue": {"Value": joined}},
    }
    stacks.create(template, Parameters=[{"ParameterKey": "Subnets", "ParameterValue": "subnet-id-1,subnet-id-2"}])
    known.check("outputs", stacks.outputs())


def test_reference_to_a_wait_condition(stacks: Any, cfn: Any) -> None:
    known = case_of("cloudformation::test_waitcondition")
    resources = {
        "WaitHandle": of("CloudFormation::WaitConditionHandle"),
        "Wait": of("CloudFormation::WaitCondition", Handle={"Ref": "WaitHandle"}, Timeout="60", Count=0),
    }
    stacks.create({"Resources": resources, "Outputs": {"WaitConditionName": {"Value": {"Ref": "Wait"}}}})
    want = known.answers["waitcondition_ref"]["WaitConditionName"].rpartition("/")[2]
    outputs = stacks.outputs()
    assert outputs["WaitConditionName"] == f"{stacks.describe()['StackId']}/{want}"
