"""Operations on the parts of an API, on usage plans and imports: what they do, what they refuse, their pages."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

import pytest
from botocore.exceptions import ClientError

URI = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:111122223333:function:f/invocations"


def refused(method: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as caught:
        method(**parameters)
    return f"{caught.value.response['Error']['Code']}: {caught.value.response['Error']['Message']}"


def replace(path: str, value: str) -> dict[str, Any]:
    return {"patchOperations": [{"op": "replace", "path": path, "value": value}]}


# --- authorizers ---


@pytest.fixture
def authorizer(apigateway: Any, api: Any) -> dict[str, str]:
    made = apigateway.create_authorizer(
        restApiId=api.id, name="a", type="TOKEN", authorizerUri=URI, identitySource="method.request.header.Auth"
    )
    return {"restApiId": api.id, "authorizerId": made["id"]}


def test_authorizers_are_shown_changed_and_deleted(apigateway: Any, api: Any, authorizer: Any) -> None:
    found = apigateway.get_authorizer(**authorizer)
    assert (found["name"], found["type"], found["authType"], found["authorizerUri"]) == ("a", "TOKEN", "custom", URI)
    changed = apigateway.update_authorizer(**authorizer, **replace("/authorizerResultTtlInSeconds", "60"))
    assert changed["authorizerResultTtlInSeconds"] == 60
    assert apigateway.get_authorizer(**authorizer)["authorizerResultTtlInSeconds"] == 60
    said = refused(apigateway.update_authorizer, **authorizer, **replace("/authorizerResultTtlInSeconds", "3601"))
    assert said == "BadRequestException: Authorizer TTL must be between 0 and 3600 seconds"
    assert refused(apigateway.update_authorizer, **authorizer, **replace("/none", "x")).startswith("BadRequest")
    api.method("GET", "/x", authorizationType="CUSTOM", authorizerId=authorizer["authorizerId"])
    assert "is referenced in method: /x/GET" in refused(apigateway.delete_authorizer, **authorizer)
    apigateway.delete_method(restApiId=api.id, resourceId=api.resource("/x"), httpMethod="GET")
    apigateway.delete_authorizer(**authorizer)
    gone = "NotFoundException: Invalid Authorizer identifier specified"
    for method in (apigateway.get_authorizer, apigateway.delete_authorizer):
        assert refused(method, **authorizer) == gone
    assert refused(apigateway.update_authorizer, **authorizer, **replace("/name", "b")) == gone


def test_an_authorizer_keeps_its_name_to_itself(apigateway: Any, api: Any, authorizer: Any) -> None:
    other = apigateway.create_authorizer(
        restApiId=api.id, name="b", type="TOKEN", authorizerUri=URI, identitySource="method.request.header.Auth"
    )
    said = refused(apigateway.update_authorizer, restApiId=api.id, authorizerId=other["id"], **replace("/name", "a"))
    assert said.startswith("BadRequestException: Authorizer name must be unique.")


# --- methods and integrations ---


def test_integrations_and_responses_are_deleted(apigateway: Any, api: Any) -> None:
    where = api.mock("GET", "/x")
    response = {**where, "statusCode": "200"}
    resource = apigateway.get_resource(restApiId=api.id, resourceId=where["resourceId"])
    assert (resource["path"], resource["pathPart"], resource["resourceMethods"]) == ("/x", "x", {"GET": {}})
    embedded = apigateway.get_resource(restApiId=api.id, resourceId=where["resourceId"], embed=["methods"])
    assert embedded["resourceMethods"]["GET"]["methodIntegration"]["type"] == "MOCK"
    assert refused(apigateway.get_resource, restApiId=api.id, resourceId="none").startswith("NotFoundException")
    for delete in (apigateway.delete_integration_response, apigateway.delete_method_response):
        delete(**response)
        assert refused(delete, **response) == "NotFoundException: Invalid Response status code specified"
    apigateway.delete_integration(**where)
    gone = "NotFoundException: Invalid Integration identifier specified"
    for method in (apigateway.delete_integration, apigateway.get_integration):
        assert refused(method, **where) == gone
    assert refused(apigateway.delete_integration_response, **response) == gone
    assert "methodIntegration" not in apigateway.get_method(**where)
    assert "methodResponses" not in apigateway.get_method(**where)


def test_deployments_models_and_validators_are_changed(apigateway: Any, api: Any) -> None:
    api.mock("GET", "/x")
    deployment = {"restApiId": api.id, "deploymentId": api.deploy(description="old")}
    assert apigateway.update_deployment(**deployment, **replace("/description", "new"))["description"] == "new"
    assert apigateway.get_deployment(**deployment)["description"] == "new"
    assert refused(apigateway.update_deployment, **deployment, **replace("/id", "x")).startswith("BadRequest")
    model = {"restApiId": api.id, "modelName": "Pet"}
    apigateway.create_model(restApiId=api.id, name="Pet", contentType="application/json", schema="{}")
    apigateway.update_model(**model, **replace("/schema", '{"type": "object"}'))
    assert json.loads(apigateway.get_model(**model)["schema"]) == {"type": "object"}
    assert "Invalid model schema" in refused(apigateway.update_model, **model, **replace("/schema", "{"))
    assert json.loads(apigateway.get_model(**model)["schema"]) == {"type": "object"}
    said = refused(apigateway.update_model, restApiId=api.id, modelName="None", **replace("/description", "x"))
    assert said == "NotFoundException: Invalid model name specified: None"
    made = apigateway.create_request_validator(restApiId=api.id, name="v")
    validator = {"restApiId": api.id, "requestValidatorId": made["id"]}
    changed = apigateway.update_request_validator(**validator, **replace("/validateRequestBody", "true"))
    assert (changed["validateRequestBody"], changed["validateRequestParameters"]) == (True, False)
    assert refused(apigateway.update_request_validator, **validator, **replace("/id", "x")).startswith("BadRequest")
    said = refused(
        apigateway.update_request_validator, restApiId=api.id, requestValidatorId="none", **replace("/name", "x")
    )
    assert said == "NotFoundException: Invalid Request Validator identifier specified"


def test_gateway_responses_are_changed(apigateway: Any, api: Any) -> None:
    where = {"restApiId": api.id, "responseType": "MISSING_AUTHENTICATION_TOKEN"}
    header = {"op": "add", "path": "/responseParameters/gatewayresponse.header.X", "value": "'1'"}
    operations = [*replace("/statusCode", "418")["patchOperations"], header]
    changed = apigateway.update_gateway_response(**where, patchOperations=operations)
    assert (changed["statusCode"], changed["defaultResponse"]) == ("418", False)
    assert apigateway.get_gateway_response(**where)["responseParameters"] == {"gatewayresponse.header.X": "'1'"}
    api.mock("GET", "/x")
    api.deploy()
    reply = api.ask("GET", "/none")
    assert (reply.status, reply.headers["x"]) == (418, "1")
    wrong = {**header, "path": "/responseParameters/header.X"}
    assert "Invalid response parameter" in refused(apigateway.update_gateway_response, **where, patchOperations=[wrong])
    assert refused(apigateway.update_gateway_response, **where, **replace("/none", "1")).startswith("BadRequest")


# --- pages ---


def test_lists_come_in_pages(apigateway: Any, api: Any) -> None:
    for number in range(3):
        apigateway.create_request_validator(restApiId=api.id, name=f"v{number}")
    for method, count in ((apigateway.get_request_validators, 3), (apigateway.get_gateway_responses, 21)):
        found, position = [], {}
        while True:
            page = method(restApiId=api.id, limit=2, **position)
            assert len(page["items"]) <= 2
            found += page["items"]
            if "position" not in page:
                break
            position = {"position": page["position"]}
        assert len({json.dumps(one) for one in found}) == len(found) == count
        assert refused(method, restApiId=api.id, position="?").startswith("BadRequestException: Invalid position")


def test_tags_come_at_once(apigateway: Any, new_api: Any) -> None:
    """`limit` and `position` of GetTags are "not currently supported" (API reference)."""
    api = new_api(tags={"a": "1", "b": "2"})
    arn = f"arn:aws:apigateway:us-east-1::/restapis/{api.id}"
    assert apigateway.get_tags(resourceArn=arn, limit=1)["tags"] == {"a": "1", "b": "2"}


# --- keys and plans ---


@pytest.fixture
def plan(apigateway: Any) -> str:
    return apigateway.create_usage_plan(name="plan", quota={"limit": 10, "period": "DAY"})["id"]


@pytest.fixture
def keys(apigateway: Any, plan: str) -> list[str]:
    """Three keys of the plan, sorted."""
    ids = [apigateway.create_api_key(name=f"key{n}", enabled=True)["id"] for n in range(3)]
    for id in ids:
        apigateway.create_usage_plan_key(usagePlanId=plan, keyId=id, keyType="API_KEY")
    return sorted(ids)


def test_plans_and_their_keys_are_listed(apigateway: Any, plan: str, keys: list[str]) -> None:
    other = apigateway.create_usage_plan(name="other")["id"]
    assert {one["id"] for one in apigateway.get_usage_plans()["items"]} == {plan, other}
    assert [one["id"] for one in apigateway.get_usage_plans(keyId=keys[0])["items"]] == [plan]
    assert apigateway.get_usage_plans(keyId="none")["items"] == []
    first = apigateway.get_usage_plans(limit=1)
    rest = apigateway.get_usage_plans(limit=1, position=first["position"])
    assert {one["id"] for one in (*first["items"], *rest["items"])} == {plan, other}
    one = apigateway.get_usage_plan_key(usagePlanId=plan, keyId=keys[0])
    assert (one["id"], one["type"], one["name"][:3]) == (keys[0], "API_KEY", "key")
    pages = apigateway.get_paginator("get_usage_plan_keys").paginate(usagePlanId=plan, PaginationConfig={"PageSize": 2})
    assert [[key["id"] for key in page["items"]] for page in pages] == [keys[:2], keys[2:]]
    named = apigateway.get_usage_plan_keys(usagePlanId=plan, nameQuery="key1")["items"]
    assert [key["name"] for key in named] == ["key1"]
    apigateway.delete_usage_plan_key(usagePlanId=plan, keyId=keys[0])
    gone = "NotFoundException: Invalid Usage Plan Key identifier specified"
    assert refused(apigateway.get_usage_plan_key, usagePlanId=plan, keyId=keys[0]) == gone
    assert refused(apigateway.delete_usage_plan_key, usagePlanId=plan, keyId=keys[0]) == gone
    said = refused(apigateway.get_usage_plan_keys, usagePlanId="none")
    assert said == "NotFoundException: Invalid Usage Plan ID specified"


def test_usage_comes_in_pages(apigateway: Any, plan: str, keys: list[str], logs_day: str) -> None:
    for key in keys:
        apigateway.update_usage(usagePlanId=plan, keyId=key, **replace("/remaining", "5"))
    days = {"usagePlanId": plan, "startDate": logs_day, "endDate": logs_day}
    first = apigateway.get_usage(**days, limit=2)
    rest = apigateway.get_usage(**days, limit=2, position=first["position"])
    assert (list(first["items"]), list(rest["items"]), "position" in rest) == (keys[:2], keys[2:], False)
    assert refused(apigateway.get_usage, **days, position="?").startswith("BadRequestException: Invalid position")


@pytest.fixture
def logs_day(apigateway: Any) -> str:
    """The platform's day: tests move its clock."""
    return apigateway.create_rest_api(name="clock")["createdDate"].astimezone(UTC).strftime("%Y-%m-%d")


def test_account(apigateway: Any) -> None:
    account = apigateway.get_account()
    assert account["throttleSettings"] == {"burstLimit": 5000, "rateLimit": 10000.0}
    assert (account["features"], account["apiKeyVersion"]) == (["UsagePlans"], "4")
    assert "cloudwatchRoleArn" not in account
    apigateway.update_account(**replace("/cloudwatchRoleArn", "arn:aws:iam::111122223333:role/logs"))
    assert apigateway.get_account()["cloudwatchRoleArn"] == "arn:aws:iam::111122223333:role/logs"


# --- imports ---


def test_keys_are_imported_from_csv_only(apigateway: Any) -> None:
    body = f"Name,Key,Enabled\none,{'k' * 20},true\n".encode()
    assert refused(apigateway.import_api_keys, body=body, format="xml").endswith(
        "Member must satisfy enum value set: [csv]"
    )
    assert len(apigateway.import_api_keys(body=body, format="csv")["ids"]) == 1
    again = apigateway.import_api_keys(body=body, format="csv")
    assert (again["ids"], len(again["warnings"])) == ([], 1)
    assert refused(apigateway.import_api_keys, body=body, format="csv", failOnWarnings=True).startswith("BadRequest")


def document(**operation: Any) -> dict[str, Any]:
    integration = {"type": "mock", "requestTemplates": {"application/json": '{"statusCode": 200}'}}
    whole = {"x-amazon-apigateway-integration": integration, "responses": {"200": {"description": "ok"}}, **operation}
    return {"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": {"/x": {"get": whole}}}


@pytest.mark.parametrize(
    ("operation", "warning"),
    [
        ({"responses": {"default": {"description": "d"}}}, "the response 'default'"),
        ({"security": [{"nobody": []}]}, "the security scheme 'nobody'"),
        ({"x-amazon-apigateway-request-validator": "none"}, "the request validator 'none'"),
    ],
)
def test_imports_warn_of_what_they_leave_out(apigateway: Any, api: Any, operation: Any, warning: str) -> None:
    body = json.dumps(document(**operation))
    before = len(apigateway.get_rest_apis(limit=500)["items"])
    for method, target in ((apigateway.import_rest_api, {}), (apigateway.put_rest_api, {"restApiId": api.id})):
        said = refused(method, body=body, failOnWarnings=True, **target)
        assert said.startswith("BadRequestException: Warnings found during import:")
        assert warning in said
    assert len(apigateway.get_rest_apis(limit=500)["items"]) == before
    assert api.resource("/") == api.root
    assert [one["path"] for one in apigateway.get_resources(restApiId=api.id)["items"]] == ["/"]
    assert warning in apigateway.put_rest_api(restApiId=api.id, body=body)["warnings"][0]
    assert warning in apigateway.import_rest_api(body=body)["warnings"][0]


def test_imports_of_all_that_is_known_do_not_warn(apigateway: Any, api: Any) -> None:
    body = json.dumps(document())
    assert "warnings" not in apigateway.import_rest_api(body=body, failOnWarnings=True)
    assert "warnings" not in apigateway.put_rest_api(restApiId=api.id, body=body, failOnWarnings=True)


@pytest.mark.parametrize("strict", [True, False])
def test_documentation_is_taken_whole_or_not_at_all(apigateway: Any, api: Any, strict: bool) -> None:
    def body(*parts: Any) -> str:
        return json.dumps({"swagger": "2.0", "x-amazon-apigateway-documentation": {"documentationParts": parts}})

    good = {"location": {"type": "API"}, "properties": {"description": "d"}}
    wrong = {"location": {"type": "METHOD", "path": "/", "method": "GET"}, "properties": "no object"}
    where = {"restApiId": api.id, "mode": "merge", "failOnWarnings": strict}
    said = refused(apigateway.import_documentation_parts, body=body(good, wrong), **where)
    assert "Invalid documentation properties specified" in said
    assert apigateway.get_documentation_parts(restApiId=api.id)["items"] == []
    answer = apigateway.import_documentation_parts(body=body(good), **where)
    assert (len(answer["ids"]), answer.get("warnings", [])) == (1, [])


# --- what could not act ---


def test_what_could_not_act_is_refused(apigateway: Any, api: Any) -> None:
    where = api.mock("GET", "/x")
    deployment = api.deploy()
    stage = {"restApiId": api.id, "stageName": "s", "deploymentId": deployment}
    assert "cacheClusterSize" in refused(apigateway.create_stage, **stage, cacheClusterSize="0.5")
    assert "cacheClusterSize" in refused(apigateway.create_deployment, restApiId=api.id, cacheClusterSize="0.5")
    assert "clientCertificateId" in refused(apigateway.test_invoke_method, **where, clientCertificateId="abc")
    said = refused(apigateway.update_stage, restApiId=api.id, stageName="test", **replace("/cacheClusterSize", "0.5"))
    assert said.startswith("NotImplemented")
