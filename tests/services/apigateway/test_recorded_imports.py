"""What AWS made of OpenAPI documents. The documents are our own, written to lead to the recorded answers."""

from __future__ import annotations

import json

import pytest

from tests.services.apigateway.cases import api_case, patch, refused

_URI = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations"
_TEXT_HEADER = {"type": "string"}


def body_of(document):
    return json.dumps(document).encode()


def check_method(case, client, api, resource, path, method, *, shown=True):
    """All that the recordings look at of one method."""
    where = {"restApiId": api, "resourceId": resource, "httpMethod": method}
    name = f"{path}-{method.lower()}"
    case.check(f"method-{name}", client.get_method(**where))
    case.check(f"method-response-{name}", client.get_method_response(**where, statusCode="200"))
    case.check(f"integration-{name}", client.get_integration(**where))
    if shown:
        case.check(f"integration-response-{name}", client.get_integration_response(**where, statusCode="200"))
    else:
        error = refused(client.get_integration_response, **where, statusCode="200")
        case.check(f"integration-response-{name}", error)


def headers(**values):
    return {f"method.response.header.{name.replace('_', '-')}": f"'{value}'" for name, value in values.items()}


def mock(**response_headers):
    return {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {"default": {"statusCode": "200", "responseParameters": headers(**response_headers)}},
    }


def declared(*names, **more):
    return {"200": {"description": "200 response", "headers": dict.fromkeys(names, _TEXT_HEADER), **more}}


_CORS = ("Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers")


def test_import_openapi_3(apigateway):
    case = api_case("apigateway_import::TestApiGatewayImportRestApi::test_import_rest_api")
    document = {
        "openapi": "3.0.1",
        "info": {"title": "binary", "version": "1.0"},
        "paths": {"/x": {"get": {"x-amazon-apigateway-integration": {"type": "MOCK"}}}},
        "x-amazon-apigateway-binary-media-types": ["*/*"],
    }
    case.check("import_rest_api", apigateway.import_rest_api(body=body_of(document)))


# --- the pet store ---


def pet_store():
    with_origin = headers(Access_Control_Allow_Origin="*")

    def http(method, path, **parameters):
        return {
            "type": "http",
            "httpMethod": method,
            "uri": f"http://petstore.execute-api.us-east-1.amazonaws.com/petstore{path}",
            "requestParameters": {
                f"integration.request.{name}": f"method.request.{name}" for name in parameters.values()
            },
            "responses": {"default": {"statusCode": "200", "responseParameters": with_origin}},
            "passthroughBehavior": "when_no_match",
        }

    def options(methods):
        allowed = "Content-Type,X-Amz-Date,Authorization,X-Api-Key"
        return {
            "consumes": ["application/json"],
            "responses": declared(*_CORS, schema={"$ref": "#/definitions/Empty"}),
            "x-amazon-apigateway-integration": mock(
                Access_Control_Allow_Origin="*",
                Access_Control_Allow_Methods=methods,
                Access_Control_Allow_Headers=allowed,
            ),
        }

    def query(name):
        return {"name": name, "in": "query", "required": False, "type": "string"}

    def answer(model):
        return declared("Access-Control-Allow-Origin", schema={"$ref": f"#/definitions/{model}"})

    pet_id = {"name": "petId", "in": "path", "required": True, "type": "string"}
    root_answer = {
        "statusCode": "200",
        "responseParameters": headers(Content_Type="text/html"),
        "responseTemplates": {"text/html": _WELCOME},
    }
    number = {"type": "number"}
    authorizer = {
        "type": "token",
        "authorizerUri": _URI,
        "authorizerCredentials": "arn:aws:iam::000000000000:role/apigateway",
        "identityValidationExpression": "^x-[a-z]+",
    }
    scheme = {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "oauth2"}
    return {
        "swagger": "2.0",
        "info": {"title": "PetStore", "version": "1.0", "description": _ABOUT},
        "schemes": ["https"],
        "paths": {
            "/": {
                "get": {
                    "responses": declared("Content-Type"),
                    "security": [{"test-authorizer": []}],
                    "x-amazon-apigateway-integration": {**mock(), "responses": {"default": root_answer}},
                }
            },
            "/pets": {
                "get": {
                    "operationId": _recorded_name("method-pets-get"),
                    "security": [{"test-authorizer": []}],
                    "parameters": [query("type"), query("page")],
                    "responses": answer("Pets"),
                    "x-amazon-apigateway-integration": http("GET", "/pets", a="querystring.page", b="querystring.type"),
                },
                "post": {
                    "operationId": _recorded_name("method-pets-post"),
                    "parameters": [{"in": "body", "name": "NewPet", "schema": {"$ref": "#/definitions/NewPet"}}],
                    "responses": answer("NewPetResponse"),
                    "x-amazon-apigateway-integration": http("POST", "/pets"),
                },
                "options": options("POST,GET,OPTIONS"),
            },
            "/pets/{petId}": {
                "parameters": [pet_id],
                "get": {
                    "operationId": "GetPet",
                    "responses": answer("Pet"),
                    "x-amazon-apigateway-integration": http("GET", "/pets/{petId}", a="path.petId"),
                },
                "options": options("GET,OPTIONS"),
            },
        },
        "definitions": {
            "Pets": {"type": "array", "items": {"$ref": "#/definitions/Pet"}},
            "Empty": {"type": "object"},
            "NewPetResponse": {
                "type": "object",
                "properties": {"pet": {"$ref": "#/definitions/Pet"}, "message": {"type": "string"}},
            },
            "Pet": {"type": "object", "properties": {"petid": {"type": "integer"}, "type": {"type": "string"}, "price": number}},
            "NewPet": {"type": "object", "properties": {"type": {"$ref": "#/definitions/PetType"}, "price": number}},
            "PetType": {"type": "string", "enum": ["dog", "cat", "fish", "bird", "gecko"]},
        },
        "securityDefinitions": {
            "test-authorizer": {
                **scheme, "x-amazon-apigateway-authorizer": {**authorizer, "authorizerResultTtlInSeconds": 60},
            },
            "test-authorizer-not-used": {**scheme, "x-amazon-apigateway-authorizer": authorizer},
        },
    }  # fmt: skip


_PETS = api_case("apigateway_import::TestApiGatewayImportRestApi::test_import_swagger_api").answers
_WELCOME = _PETS["integration-response-root-get"]["responseTemplates"]["text/html"]
_ABOUT = _PETS["import-swagger"]["description"]


def _recorded_name(step):
    return _PETS[step].get("operationName")


def test_import_swagger(apigateway):
    case = api_case("apigateway_import::TestApiGatewayImportRestApi::test_import_swagger_api")
    made = apigateway.import_rest_api(body=body_of(pet_store()))
    api = made["id"]
    case.check("import-swagger", made)
    case.check("get-models", apigateway.get_models(restApiId=api))
    found = apigateway.get_authorizers(restApiId=api)
    found["items"].sort(key=lambda authorizer: authorizer["name"])
    case.check("get-authorizers", found)
    resources = apigateway.get_resources(restApiId=api)
    case.check("resources", resources)
    ids = {resource["path"]: resource["id"] for resource in resources["items"]}
    for path, methods in (("/", ["GET"]), ("/pets", ["GET", "POST", "OPTIONS"]), ("/pets/{petId}", ["GET", "OPTIONS"])):
        for method in methods:
            check_method(case, apigateway, api, ids[path], path.strip("/") or "root", method)


# --- base paths ---


def based_document():
    authorizer = {"type": "request", "authorizerUri": _URI, "identitySource": "method.request.header.auth"}
    allowed = "Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token"
    return {
        "swagger": "2.0",
        "info": {"title": "based", "version": "2"},
        "basePath": "/base",
        "paths": {
            "/test": {
                "get": {
                    "responses": declared("Access-Control-Allow-Origin"),
                    "x-amazon-apigateway-integration": mock(Access_Control_Allow_Origin="*"),
                },
                "options": {
                    "responses": declared(*_CORS),
                    "x-amazon-apigateway-integration": mock(
                        Access_Control_Allow_Origin="*",
                        Access_Control_Allow_Methods="GET,OPTIONS",
                        Access_Control_Allow_Headers=allowed,
                    ),
                },
            }
        },
        "security": [{"auth": []}],
        "securityDefinitions": {
            "auth": {"type": "apiKey", "name": "auth", "in": "header", "x-amazon-apigateway-authorizer": authorizer}
        },
    }


def unbased_document():
    def get(path, **more):
        return {
            "responses": declared(),
            **more,
            "x-amazon-apigateway-integration": {
                "type": "http",
                "httpMethod": "GET",
                "uri": f"http://petstore-demo-endpoint.execute-api.com/petstore{path}",
                "responses": {"default": {"statusCode": "200"}},
            },
        }

    pet = get("/pets/{id}", parameters=[{"name": "petId", "in": "path", "required": True, "type": "string"}])
    pet["x-amazon-apigateway-integration"]["requestParameters"] = {
        "integration.request.path.id": "method.request.path.petId"
    }
    return {
        "swagger": "2.0",
        "info": {"title": "unbased", "version": "2"},
        "paths": {"/pets": {"get": get("/pets")}, "/pets/{petId}": {"get": pet}},
    }


@pytest.mark.parametrize("mode", ["ignore", "prepend", "split"])
def test_base_path(apigateway, mode):
    case = api_case(
        f"apigateway_import::TestApiGatewayImportRestApi::test_import_rest_apis_with_base_path_swagger[{mode}]"
    )
    prefix = "/base" if mode == "prepend" else ""
    api = apigateway.create_rest_api(name="api")["id"]

    def put(document):
        answer = apigateway.put_rest_api(
            restApiId=api, mode="overwrite", parameters={"basepath": mode}, body=body_of(document)
        )
        return answer, apigateway.get_resources(restApiId=api)

    answer, resources = put(based_document())
    case.check("put-rest-api-swagger-json", answer)
    case.check("get-resources-swagger-json", resources)
    ids = {resource["path"]: resource["id"] for resource in resources["items"]}
    for method in ("GET", "OPTIONS"):
        check_method(case, apigateway, api, ids[f"{prefix}/test"], f"{prefix}/test".strip("/"), method)
    # the recording put the second document into an API of its own
    api = apigateway.create_rest_api(name="api")["id"]
    _, resources = put(unbased_document())
    case.check("get-resources-no-base-path-swagger", resources)
    ids = {resource["path"]: resource["id"] for resource in resources["items"]}
    for path in ("/pets", "/pets/{petId}"):
        check_method(case, apigateway, api, ids[path], path.strip("/"), "GET")


# --- Cognito, documentation ---


def test_cognito_authorizers(apigateway):
    case = api_case("apigateway_import::TestApiGatewayImportRestApi::test_import_with_cognito_auth_identity_source")
    authorizer = {
        "type": "cognito_user_pools",
        "identitySource": "method.request.header.TestHeaderAuth",
        "providerARNs": ["arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_ABC123"],
    }
    scheme = {"type": "apiKey", "name": "Unused", "in": "header", "x-amazon-apigateway-authtype": "cognito_user_pools"}

    def get(**more):
        return {
            "responses": declared(),
            "x-amazon-apigateway-integration": {
                "type": "http",
                "httpMethod": "GET",
                "uri": "http://petstore-demo-endpoint.execute-api.com/petstore/pets",
                "responses": {"default": {"statusCode": "200"}},
            },
            **more,
        }

    def query(name):
        return {"name": name, "in": "query", "required": False, "schema": {"type": "string"}}

    proxy = {"type": "http_proxy", "httpMethod": "GET", "uri": "http://petstore.amazonaws.com/petstore/pets"}
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pets"}}}}
    document = {
        "openapi": "3.0.1",
        "info": {"title": "Example Pet Store", "version": "1.0", "description": "A Pet Store API."},
        "security": [{"cognito-test-identity-source": []}],
        "paths": {
            "/pets": {
                "get": get(
                    operationId="GET HTTP",
                    parameters=[query("type"), query("page")],
                    responses=declared("Access-Control-Allow-Origin", **answer),
                    security=[{"cognito-test-identity-source": ["email"]}],
                    **{"x-amazon-apigateway-integration": proxy},
                )
            },
            "/default-no-scope": {"get": get()},
            "/default-scope-override": {"get": get(security=[{"cognito-test-identity-source": ["openid"]}])},
            "/non-default-authorizer": {"get": get(security=[{"extra-test-identity-source": ["email", "openid"]}])},
        },
        "components": {
            "schemas": {"Pets": {"type": "array", "items": {"type": "object"}}},
            "securitySchemes": {
                "cognito-test-identity-source": {**scheme, "x-amazon-apigateway-authorizer": authorizer},
                "extra-test-identity-source": {**scheme, "x-amazon-apigateway-authorizer": authorizer},
            },
        },
    }
    made = apigateway.import_rest_api(body=body_of(document))
    api = made["id"]
    case.check("import-swagger", made)
    found = apigateway.get_authorizers(restApiId=api)["items"]
    case.check("get-authorizers", sorted(found, key=lambda authorizer: authorizer["name"]))
    resources = apigateway.get_resources(restApiId=api)
    case.check("resources", resources)
    for resource in resources["items"][1:]:
        path = resource["path"].strip("/")
        check_method(case, apigateway, api, resource["id"], path, "GET", shown=path != "pets")
    # there are no user pools: such methods are not served as if they were open
    assert refused(apigateway.create_deployment, restApiId=api).response["Error"]["Code"] == "NotImplemented"


def test_documentation_parts(apigateway):
    case = api_case("apigateway_api::TestApiGatewayApiDocumentationPart::test_import_documentation_parts")
    recorded = case.answers["get-documentations-parts-after-api-imports"]["items"]
    parts = [{"location": part["location"], "properties": part["properties"]} for part in recorded]
    parts = json.loads(json.dumps(parts).replace("<name:1>", "Empty"))
    document = {
        "openapi": "3.0.1",
        "info": {"title": "documented", "version": "1"},
        "paths": {},
        "x-amazon-apigateway-documentation": {"documentationParts": parts},
    }
    api = apigateway.import_rest_api(body=body_of(document))["id"]
    found = apigateway.get_documentation_parts(restApiId=api)
    case.check("get-documentations-parts-after-api-imports", found)
    imported = apigateway.import_documentation_parts(restApiId=api, mode="overwrite", body=body_of(document))
    case.check("import-documentation-parts", imported)
    found = apigateway.get_documentation_parts(restApiId=api)
    case.check("get-documentations-parts-after-import", found)


# --- beside the recordings ---


def test_merge_keeps_what_the_document_does_not_name(apigateway):
    api = apigateway.import_rest_api(body=body_of(unbased_document()))["id"]
    apigateway.put_rest_api(restApiId=api, mode="merge", body=body_of(based_document()))
    paths = [resource["path"] for resource in apigateway.get_resources(restApiId=api)["items"]]
    assert paths == ["/", "/pets", "/pets/{petId}", "/test"]
    apigateway.put_rest_api(restApiId=api, mode="overwrite", body=body_of(based_document()))
    paths = [resource["path"] for resource in apigateway.get_resources(restApiId=api)["items"]]
    assert paths == ["/", "/test"]


def test_what_is_no_openapi_is_refused(apigateway):
    for body in (
        b"[]",
        b"{}",
        b"a: [",
        b'{"swagger": "2.0", "paths": {"/": {"get": {"parameters": [{"$ref": "#/x"}]}}}}',
    ):
        assert refused(apigateway.import_rest_api, body=body).response["Error"]["Code"] == "BadRequestException"


@pytest.mark.parametrize("kind", ["oas30", "swagger"])
@pytest.mark.parametrize("media", ["application/json", "application/yaml"])
def test_an_export_can_be_imported_again(apigateway, kind, media):
    document = pet_store()
    made = apigateway.import_rest_api(body=body_of(document))["id"]
    apigateway.create_deployment(restApiId=made, stageName="s")
    export = apigateway.get_export(
        restApiId=made, stageName="s", exportType=kind, accepts=media,
        parameters={"extensions": "integrations,authorizers"},
    )  # fmt: skip
    again = apigateway.import_rest_api(body=export["body"].read())["id"]
    everything = {"embed": ["methods"]}

    def described(api):
        items = apigateway.get_resources(restApiId=api, **everything)["items"]
        for item in items:
            for method in item["resourceMethods"].values():
                method["methodIntegration"].pop("cacheNamespace")
                method["authorizerId"] = bool(method.get("authorizerId"))
        return [(item["path"], item["resourceMethods"]) for item in items]

    assert described(again) == described(made)


def test_patched_api_is_exported_as_deployed(api, apigateway):
    api.mock("GET", "/x")
    api.deploy()
    apigateway.update_rest_api(restApiId=api.id, patchOperations=[patch("replace", "/name", "renamed")])
    export = apigateway.get_export(restApiId=api.id, stageName="test", exportType="oas30")
    document = json.loads(export["body"].read())
    assert document["info"]["title"] == "test"
    assert "x-amazon-apigateway-integration" not in document["paths"]["/x"]["get"]
