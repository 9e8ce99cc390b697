"""What AWS answered about APIs, resources, models, validators, gateway responses and documentation."""

from __future__ import annotations

import json

import pytest
from botocore.config import Config

from tests.services.apigateway.cases import api_case, patch, refused

# Recorded before AWS showed `ipAddressType`; test_update_rest_api_compression, recorded later, has it.
_OLD = ("ipAddressType",)


@pytest.fixture
def loose(aws):
    """A client that sends what boto3 would refuse."""
    return aws("apigateway", config=Config(parameter_validation=False))


def test_api_ids_are_case_sensitive(apigateway):
    case = api_case("apigateway_api::TestApiGatewayApiRestApi::test_get_api_case_insensitive")
    made = apigateway.create_rest_api(name="api", description="lower case api")
    case.check("create-rest-api", made, ignore=_OLD)
    case.check("get-api-upper-case", refused(apigateway.get_rest_api, restApiId=made["id"].upper()))


def test_compression(apigateway):
    case = api_case("apigateway_api::TestApiGatewayApiRestApi::test_update_rest_api_compression")
    api = apigateway.create_rest_api(name="api", description="this is my api")["id"]

    def update(op, value=None):
        operations = [patch(op, "/minimumCompressionSize", value)]
        return {"restApiId": api, "patchOperations": operations}

    case.check("enable-compression", apigateway.update_rest_api(**update("replace", "10")))
    case.check("disable-compression", apigateway.update_rest_api(**update("replace")))
    case.check("set-compression-zero", apigateway.update_rest_api(**update("replace", "0")))
    case.check("set-negative-compression", refused(apigateway.update_rest_api, **update("replace", "-1")))
    case.check("set-string-compression", refused(apigateway.update_rest_api, **update("replace", "test")))
    case.check("unsupported-operation", refused(apigateway.update_rest_api, **update("add", "10")))


def test_wrong_operations_are_told_together(apigateway):
    case = api_case("apigateway_api::TestApiGatewayApiRestApi::test_update_rest_api_concatenation_of_errors")
    api = apigateway.create_rest_api(name="api")["id"]
    address, kind = "/endpointConfiguration/ipAddressType", "/endpointConfiguration/types/EDGE"
    for step, paths in (
        ("on-ipAddressType", [address, address]),
        ("on-type", [kind, kind]),
        ("on-type-and-on-ip-address-type", [kind, kind, address]),
    ):
        operations = [patch("wrong", path, "x") for path in paths]
        error = refused(apigateway.update_rest_api, restApiId=api, patchOperations=operations)
        case.check(f"update-rest-api-wrong-operations-{step}", error)


# --- resources ---


def test_proxy_resources(api, apigateway):
    case = api_case("apigateway_api::TestApiGatewayApiResource::test_create_proxy_resource")

    def create(parent, part):
        return apigateway.create_resource(restApiId=api.id, parentId=parent, pathPart=part)

    case.check("create-base-proxy-resource", create(api.root, "{proxy+}"))
    parent = create(api.root, "parent")["id"]
    case.check("create-proxy-sibling-resource", parent)
    sibling = create(parent, "{proxy+}")
    case.check("create-proxy-sibling-proxy-child-resource", sibling)
    child = create(parent, "child")
    case.check("create-proxy-sibling-static-child-resource", child)
    case.check("create-static-child-proxy-resource", create(child["id"], "{proxy+}"))
    case.check("all-resources", apigateway.get_resources(restApiId=api.id))
    apigateway.delete_resource(restApiId=api.id, resourceId=sibling["id"])
    dynamic = create(parent, "{child}")
    case.check("create-proxy-sibling-dynamic-child-resource", dynamic)
    case.check("create-dynamic-child-proxy-resource", create(dynamic["id"], "{proxy+}"))
    case.check("all-resources-2", apigateway.get_resources(restApiId=api.id))


def test_proxy_resources_exclude_others(api, apigateway):
    case = api_case("apigateway_api::TestApiGatewayApiResource::test_create_proxy_resource_validation")

    def params(parent, part):
        return {"restApiId": api.id, "parentId": parent, "pathPart": part}

    base = apigateway.create_resource(**params(api.root, "{proxy+}"))
    case.check("create-base-proxy-resource", base)
    for step, part in (("static", "static"), ("dynamic", "{dynamic}")):
        error = refused(apigateway.create_resource, **params(base["id"], part))
        case.check(f"create-proxy-{step}-child-resource", error)
    error = refused(apigateway.create_resource, **params(api.root, "{dynamic}"))
    case.check("create-proxy-dynamic-sibling-resource", error)
    parent = apigateway.create_resource(**params(api.root, "parent"))["id"]
    case.check("create-greedy-child-resource", apigateway.create_resource(**params(parent, "{child+}")))


def test_unknown_parent(api, apigateway):
    case = api_case("apigateway_api::TestApiGatewayApiResource::test_create_resource_parent_invalid")
    error = refused(apigateway.create_resource, restApiId=api.id, parentId="api_id", pathPart="x")
    case.check("wrong-resource-parent-id", error)


# --- models ---

_SCHEMA = {
    "title": "Calc output",
    "type": "object",
    "properties": {
        "a": {"type": "number"},
        "b": {"type": "number"},
        "op": {"description": "operation of +, -, * or /", "type": "string"},
        "c": {"type": "number"},
    },
    "required": ["a", "b", "op"],
}


def test_model_lifecycle(api, apigateway):
    case = api_case("apigateway_api::TestApiGatewayApiModels::test_model_lifecycle")
    made = apigateway.create_model(
        restApiId=api.id, name="CalcOutput", contentType="application/json", description="Calc output model",
        schema=json.dumps(_SCHEMA),
    )  # fmt: skip
    case.check("create-model", made)
    case.check("get-models", apigateway.get_models(restApiId=api.id))
    case.check("get-model", apigateway.get_model(restApiId=api.id, modelName="CalcOutput"))
    case.check("del-model", apigateway.delete_model(restApiId=api.id, modelName="CalcOutput"))


def test_model_validation(api, apigateway, loose):
    case = api_case("apigateway_api::TestApiGatewayApiModels::test_model_validation")
    good = {"name": "MySchema", "contentType": "application/json", "schema": json.dumps(_SCHEMA)}
    case.check("create-model-wrong-id", refused(apigateway.create_model, restApiId="abcde0", **good))
    case.check("get-models-wrong-id", refused(apigateway.get_models, restApiId="abcde0"))
    case.check("get-model-wrong-id", refused(apigateway.get_model, restApiId=api.id, modelName="MySchema"))
    case.check("del-model-wrong-id", refused(apigateway.delete_model, restApiId=api.id, modelName="MySchema"))
    for step, changes in (
        ("empty-name", {"name": ""}),
        ("empty-schema", {"schema": ""}),
        ("no-schema-json", {"schema": None}),
        ("no-schema-xml", {"schema": None, "contentType": "application/xml"}),
    ):
        params = {name: value for name, value in {**good, **changes}.items() if value is not None}
        case.check(f"create-model-{step}", refused(loose.create_model, restApiId=api.id, **params))
    apigateway.create_model(restApiId=api.id, **good)
    case.check("create-model-already-exists", refused(apigateway.create_model, restApiId=api.id, **good))


# --- request validators ---


def test_validators_of_unknown_apis(apigateway):
    case = api_case("apigateway_api::TestApiGatewayApiRequestValidator::test_validators_crud_no_api")
    error = refused(apigateway.create_request_validator, restApiId="test-fake-rest-id", name="x")
    case.check("wrong-rest-api-id-create-validator", error)
    error = refused(apigateway.get_request_validators, restApiId="test-fake-rest-id")
    case.check("wrong-rest-api-id-get-validators", error)


def test_unknown_validators(api, apigateway):
    group = "apigateway_api::TestApiGatewayApiRequestValidator::test_invalid"
    for verb, step, operation in (
        ("delete", "delete-request-validator", apigateway.delete_request_validator),
        ("get", "get-request-validators", apigateway.get_request_validator),
    ):
        case = api_case(f"{group}_{verb}_request_validator")
        made = apigateway.create_request_validator(restApiId=api.id, name=verb)["id"]
        error = refused(operation, restApiId="api_id", requestValidatorId=made)
        case.check(f"{step}-invalid-api-id", error)
        error = refused(operation, restApiId=api.id, requestValidatorId="validator_id")
        case.check(f"{step}-invalid-validator-id", error)


# --- gateway responses ---


def test_gateway_response_validation(api, apigateway):
    case = api_case("apigateway_api::TestApiGatewayGatewayResponse::test_gateway_response_validation")
    fake = {"restApiId": "fake-api-id"}
    case.check("get-gateway-responses-no-api", refused(apigateway.get_gateway_responses, **fake))
    for verb in ("get", "delete", "update"):
        operation = getattr(apigateway, f"{verb}_gateway_response")
        more = {"patchOperations": []} if verb == "update" else {}
        error = refused(operation, **fake, responseType="DEFAULT_4XX", **more)
        case.check(f"{verb}-gateway-response-no-api", error)
    for verb in ("get", "delete", "update", "put"):
        operation = getattr(apigateway, f"{verb}_gateway_response")
        more = {"patchOperations": []} if verb == "update" else {}
        error = refused(operation, restApiId=api.id, responseType="FAKE_RESPONSE_TYPE", **more)
        case.check(f"{verb}-gateway-response-wrong-response-type", error)
    error = refused(apigateway.delete_gateway_response, restApiId=api.id, responseType="DEFAULT_4XX")
    case.check("delete-gateway-response-not-set", error)


# --- documentation ---


def test_documentation_part_lifecycle(api, apigateway):
    case = api_case("apigateway_api::TestApiGatewayApiDocumentationPart::test_documentation_part_lifecycle")
    made = apigateway.create_documentation_part(
        restApiId=api.id, location={"type": "API"}, properties='{"description": "Sample API description"}'
    )
    case.check("create-documentation-part", made)
    part = {"restApiId": api.id, "documentationPartId": made["id"]}
    case.check("get-documentation-part", apigateway.get_documentation_part(**part))
    case.check("get-documentation-parts", apigateway.get_documentation_parts(restApiId=api.id))
    operations = [patch("replace", "/properties", '{"description": "Updated Sample API description"}')]
    updated = apigateway.update_documentation_part(**part, patchOperations=operations)
    case.check("update-documentation-part", updated)
    case.check("get-documentation-part-after-update", apigateway.get_documentation_part(**part))
    case.check("delete_documentation_part", apigateway.delete_documentation_part(**part))


def test_wrong_documentation_parts(api, apigateway):
    group = "apigateway_api::TestApiGatewayApiDocumentationPart::test_invalid"
    case = api_case(f"{group}_create_documentation_part_operations")
    params = {"restApiId": "api_id", "location": {"type": "API"}, "properties": "{}"}
    error = refused(apigateway.create_documentation_part, **params)
    case.check("create_documentation_part_invalid_api_id", error)
    params = {**params, "restApiId": api.id, "location": {"type": "INVALID"}}
    error = refused(apigateway.create_documentation_part, **params)
    case.check("create_documentation_part_invalid_location_type", error)
    error = refused(apigateway.get_documentation_parts, restApiId="api_id")
    api_case(f"{group}_get_documentation_parts").check("get-inavlid-documentation-parts", error)
