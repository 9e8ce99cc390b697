"""What the recordings do not show of the control plane: pages, tags, copies, updates, refusals."""

from __future__ import annotations

import json

import pytest

from tests.services.apigateway.cases import patch, refused


def code(error):
    return error.response["Error"]["Code"]


def test_apis_come_in_pages(apigateway):
    made = {apigateway.create_rest_api(name=f"api{number}")["id"] for number in range(5)}
    pages = list(apigateway.get_paginator("get_rest_apis").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert {api["id"] for page in pages for api in page["items"]} == made
    assert code(refused(apigateway.get_rest_apis, position="nonsense!")) == "BadRequestException"


def test_tags(api, apigateway):
    api.mock("GET", "/")
    api.deploy()
    for arn in (f"/restapis/{api.id}", f"/restapis/{api.id}/stages/test"):
        arn = f"arn:aws:apigateway:us-east-1::{arn}"
        apigateway.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
        apigateway.untag_resource(resourceArn=arn, tagKeys=["a"])
        assert apigateway.get_tags(resourceArn=arn)["tags"] == {"b": "2"}
    assert apigateway.get_rest_api(restApiId=api.id)["tags"] == {"b": "2"}
    assert apigateway.get_stage(restApiId=api.id, stageName="test")["tags"] == {"b": "2"}


def test_a_copy_of_an_api_is_one_of_its_own(api, apigateway):
    api.mock("GET", "/x")
    copy = apigateway.create_rest_api(name="copy", cloneFrom=api.id)["id"]
    apigateway.delete_rest_api(restApiId=api.id)
    assert [item["path"] for item in apigateway.get_resources(restApiId=copy)["items"]] == ["/", "/x"]
    assert code(refused(apigateway.get_resources, restApiId=api.id)) == "NotFoundException"


def test_a_resource_that_moves_takes_its_children_along(api, apigateway):
    api.resource("/a/b/c")
    target, moving = api.resource("/z"), api.resource("/a/b")
    where = {"restApiId": api.id, "resourceId": moving}
    operations = [patch("replace", "/parentId", target), patch("replace", "/pathPart", "{y}")]
    assert apigateway.update_resource(**where, patchOperations=operations)["path"] == "/z/{y}"
    paths = [item["path"] for item in apigateway.get_resources(restApiId=api.id)["items"]]
    assert paths == ["/", "/a", "/z", "/z/{y}", "/z/{y}/c"]
    below = api.resource("/z/{y}/c")
    error = refused(apigateway.update_resource, **where, patchOperations=[patch("replace", "/parentId", below)])
    assert code(error) == "BadRequestException"
    apigateway.delete_resource(restApiId=api.id, resourceId=target)
    assert [item["path"] for item in apigateway.get_resources(restApiId=api.id)["items"]] == ["/", "/a"]


def test_path_parts(api, apigateway):
    api.resource("/same")
    for part, error in (("a b", "BadRequestException"), ("{a", "BadRequestException"), ("same", "ConflictException")):
        found = refused(apigateway.create_resource, restApiId=api.id, parentId=api.root, pathPart=part)
        assert code(found) == error


def test_what_is_used_cannot_be_deleted(api, apigateway):
    validator = apigateway.create_request_validator(restApiId=api.id, name="v")["id"]
    api.mock("POST", "/", requestValidatorId=validator, requestModels={"application/json": "Empty"})
    error = refused(apigateway.delete_request_validator, restApiId=api.id, requestValidatorId=validator)
    assert code(error) == "ConflictException"
    assert code(refused(apigateway.delete_model, restApiId=api.id, modelName="Empty")) == "ConflictException"
    api.deploy()
    plan = apigateway.create_usage_plan(name="p", apiStages=[{"apiId": api.id, "stage": "test"}])["id"]
    assert code(refused(apigateway.delete_usage_plan, usagePlanId=plan)) == "BadRequestException"
    operations = [patch("remove", "/apiStages", f"{api.id}:test")]
    apigateway.update_usage_plan(usagePlanId=plan, patchOperations=operations)
    apigateway.delete_usage_plan(usagePlanId=plan)


def test_models_that_refer_to_one_another_are_flattened(api, apigateway):
    base = f"https://apigateway.amazonaws.com/restapis/{api.id}/models"
    for name, other in (("One", "Two"), ("Two", "One")):
        schema = {"type": "object", "properties": {"next": {"$ref": f"{base}/{other}"}}}
        apigateway.create_model(restApiId=api.id, name=name, contentType="application/json", schema=json.dumps(schema))
    flat = json.loads(apigateway.get_model(restApiId=api.id, modelName="One", flatten=True)["schema"])
    assert flat["properties"]["next"] == {"$ref": "#/definitions/Two"}
    assert flat["definitions"].keys() == {"One", "Two"}
    template = apigateway.get_model_template(restApiId=api.id, modelName="One")["value"]
    assert '"next" : {}' in template


def test_documentation_versions(api, apigateway):
    where = {"restApiId": api.id, "documentationVersion": "1"}
    assert code(refused(apigateway.create_documentation_version, **where)) == "BadRequestException"
    apigateway.create_documentation_part(restApiId=api.id, location={"type": "API"}, properties="{}")
    apigateway.create_documentation_version(**where, description="first")
    assert code(refused(apigateway.create_documentation_version, **where)) == "ConflictException"
    apigateway.update_documentation_version(**where, patchOperations=[patch("replace", "/description", "second")])
    (version,) = apigateway.get_documentation_versions(restApiId=api.id)["items"]
    assert (version["version"], version["description"]) == ("1", "second")
    apigateway.delete_documentation_version(**where)
    assert code(refused(apigateway.get_documentation_version, **where)) == "NotFoundException"


def test_account(apigateway):
    operations = [patch("replace", "/cloudwatchRoleArn", "arn:aws:iam::000000000000:role/logs")]
    assert apigateway.update_account(patchOperations=operations)["cloudwatchRoleArn"].endswith("role/logs")
    assert apigateway.get_account()["throttleSettings"] == {"burstLimit": 5000, "rateLimit": 10000.0}


def test_deployments_need_methods_with_integrations(api, apigateway):
    assert code(refused(apigateway.create_deployment, restApiId=api.id)) == "BadRequestException"
    api.method("GET", "/")
    error = refused(apigateway.create_deployment, restApiId=api.id)
    assert error.response["Error"]["Message"] == "No integration defined for method"
    assert apigateway.get_deployments(restApiId=api.id)["items"] == []


def test_summary_of_a_deployment(api, apigateway):
    api.mock("GET", "/x", apiKeyRequired=True)
    deployment = apigateway.create_deployment(restApiId=api.id)["id"]
    found = apigateway.get_deployment(restApiId=api.id, deploymentId=deployment, embed=["apisummary"])
    assert found["apiSummary"] == {"/x": {"GET": {"authorizationType": "NONE", "apiKeyRequired": True}}}


@pytest.mark.parametrize(
    "settings",
    [
        {"endpointConfiguration": {"types": ["PRIVATE"]}},
        {"endpointConfiguration": {"types": ["REGIONAL"], "vpcEndpointIds": ["vpce-1"]}},
    ],
)
def test_private_apis_are_refused(apigateway, settings):
    assert code(refused(apigateway.create_rest_api, name="x", **settings)) == "NotImplemented"


@pytest.mark.parametrize("path", ["/cacheClusterEnabled", "/clientCertificateId"])
def test_stage_settings_that_cannot_act_are_refused(api, apigateway, path):
    api.mock("GET", "/")
    api.deploy()
    operations = [patch("replace", path, "true")]
    error = refused(apigateway.update_stage, restApiId=api.id, stageName="test", patchOperations=operations)
    assert code(error) == "NotImplemented"


def test_accounts_do_not_see_one_another(api, aws):
    other = aws("apigateway", account="999988887777")
    assert code(refused(other.get_rest_api, restApiId=api.id)) == "NotFoundException"
    assert code(refused(other.delete_rest_api, restApiId=api.id)) == "NotFoundException"
