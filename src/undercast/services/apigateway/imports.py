"""Operations that make an API, or change it, by an OpenAPI document."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.apigateway import authorizers, documentation, errors, model, responses, storage
from undercast.services.apigateway.apis import check_settings, new_api, shown
from undercast.services.apigateway.integrations import new_integration
from undercast.services.apigateway.model import Document
from undercast.services.apigateway.openapi import OpenApi, model_name, request_parameters


async def import_rest_api(call: Call, request: dict[str, Any]) -> Document:
    """Make an API."""
    source = OpenApi(documentation.read_document(request["body"]))
    api = new_api(call, {"name": source.info.get("title") or "imported", "tags": source.extension("tag-value")})
    api["_models"] = {}
    _apply(call, api, source, request.get("parameters") or {})
    _check_warnings(request, source)
    await storage.add_api(call, api)
    return {**shown(api), "tags": api["tags"] or None, "warnings": source.warnings or None}


async def put_rest_api(call: Call, request: dict[str, Any]) -> Document:
    """Change an API: merge the document into it, or have it overwrite all."""
    api = await storage.find_api(call, request["restApiId"])
    source = OpenApi(documentation.read_document(request["body"]))
    if request.get("mode") == "overwrite":
        root = api["rootResourceId"]
        api["_resources"] = {root: {"id": root, "path": "/", "resourceMethods": {}}}
        for collection in ("_models", "_validators", "_authorizers", "_gatewayResponses", "_documentationParts"):
            api[collection] = {}
        api["binaryMediaTypes"] = api["minimumCompressionSize"] = api["policy"] = None
    _apply(call, api, source, request.get("parameters") or {})
    _check_warnings(request, source)
    await storage.save_api(call, api)
    return {**shown(api), "warnings": source.warnings or None}


def _check_warnings(request: dict[str, Any], source: OpenApi) -> None:
    if request.get("failOnWarnings") and source.warnings:
        raise errors.BadRequestException("Warnings found during import:\n\t" + "\n\t".join(source.warnings))


def _apply(call: Call, api: Document, source: OpenApi, parameters: dict[str, str]) -> None:
    _take_settings(api, source, parameters)
    for name, schema in source.models(api["id"]):
        add_model(call, api, name, schema)
    for given in source.authorizers():
        known = next((one["id"] for one in api["_authorizers"].values() if one["name"] == given["name"]), None)
        authorizer = {"id": known or call.ids.alnum(6), **given}
        authorizers.check(authorizer)
        api["_authorizers"][authorizer["id"]] = authorizer
    for name, given in (source.extension("request-validators") or {}).items():
        _add_validator(call, api, name, given)
    for kind, given in (source.extension("gateway-responses") or {}).items():
        if kind not in responses.STATUSES:
            raise errors.BadRequestException(f"Invalid gateway response type: {kind}")
        status = given.get("statusCode")
        api["_gatewayResponses"][kind] = responses.new_response(kind, {**given, "statusCode": status and str(status)})
    documentation.merge_parts(call, api, source.document, overwrite=False)
    prefix = source.prefix(parameters.get("basepath", "ignore"))
    if prefix:
        _resource(call, api, prefix)
    for path, name, operation, given_parameters in source.operations():
        resource = _resource(call, api, prefix + path)
        if name:
            resource["resourceMethods"][name] = _method(call, api, source, resource, name, operation, given_parameters)


def _take_settings(api: Document, source: OpenApi, parameters: dict[str, str]) -> None:
    info = source.info
    api["name"] = info.get("title") or api["name"]
    api["description"] = info.get("description") or api.get("description")
    api["version"] = str(info["version"]) if info.get("version") is not None else api.get("version")
    for member, extension in (
        ("binaryMediaTypes", "binary-media-types"),
        ("minimumCompressionSize", "minimum-compression-size"),
        ("apiKeySource", "api-key-source"),
    ):
        if source.extension(extension) is not None:
            api[member] = source.extension(extension)
    if policy := source.extension("policy"):
        api["policy"] = storage.dump(policy)
    servers = source.document.get("servers") or [{}]
    endpoint = (
        source.extension("endpoint-configuration") or servers[0].get("x-amazon-apigateway-endpoint-configuration") or {}
    )
    if endpoint.get("disableExecuteApiEndpoint") is not None:
        api["disableExecuteApiEndpoint"] = bool(endpoint["disableExecuteApiEndpoint"])
    if types := parameters.get("endpointConfigurationTypes"):
        api["endpointConfiguration"]["types"] = types.split(",")
    if endpoint.get("vpcEndpointIds"):
        api["endpointConfiguration"]["vpcEndpointIds"] = endpoint["vpcEndpointIds"]
    check_settings(api)


def add_model(call: Call, api: Document, name: str, schema: str) -> None:
    """Add a model, or change the one of that name."""
    known = api["_models"].get(name)
    api["_models"][name] = {
        "id": known["id"] if known else call.ids.alnum(6),
        "name": name,
        "schema": schema,
        "contentType": "application/json",
    }


def _add_validator(call: Call, api: Document, name: str, given: Document) -> None:
    known = _validator(api, name)
    validator_id = known or call.ids.alnum(6)
    api["_validators"][validator_id] = {
        "id": validator_id,
        "name": name,
        "validateRequestBody": bool(given.get("validateRequestBody")),
        "validateRequestParameters": bool(given.get("validateRequestParameters")),
    }


def _validator(api: Document, name: str | None) -> str:
    return next((one["id"] for one in api["_validators"].values() if one["name"] == name), "")


def _resource(call: Call, api: Document, path: str) -> Document:
    """The resource at a path, made with all above it when it is missing."""
    resource = model.root_of(api)
    for part in filter(None, path.split("/")):
        below = [child for child in model.children(api, resource["id"]) if child["pathPart"] == part]
        resource = below[0] if below else model.new_resource(api, call.ids.alnum(6), resource, part)
    return resource


def _method(
    call: Call,
    api: Document,
    source: OpenApi,
    resource: Document,
    name: str,
    operation: Document,
    parameters: list[Document],
) -> Document:
    kind, authorizer, scopes, key = source.authorization(operation)
    known = [one["id"] for one in api["_authorizers"].values() if one["name"] == authorizer]
    validator = operation.get("x-amazon-apigateway-request-validator") or source.extension("request-validator")
    if validator and not _validator(api, validator):
        source.warnings.append(f"Ignoring the request validator '{validator}', which the API does not have")
    method = {
        "httpMethod": name,
        "authorizationType": kind,
        "authorizerId": known[0] if known else None,
        "authorizationScopes": scopes or None,
        "apiKeyRequired": key,
        "operationName": operation.get("operationId"),
        "requestValidatorId": _validator(api, validator) or None,
        "requestParameters": request_parameters(parameters) or None,
        "requestModels": _models(call, api, source, source.request_models(operation, parameters)),
        "methodResponses": {
            status: _method_response(call, api, source, status, operation, response)
            for status, response in source.responses(operation)
        },
    }
    given = source.integration(operation)
    if given is not None:
        method["methodIntegration"] = integration = new_integration(given, resource["id"])
        if given["responses"]:
            integration["integrationResponses"] = given["responses"]
        model.check_integration(integration)
        model.check_mapping(integration.get("requestParameters") or {})
    return {member: value for member, value in method.items() if value is not None}


def _method_response(
    call: Call, api: Document, source: OpenApi, status: str, operation: Document, response: Document
) -> Document:
    headers = {f"method.response.header.{name}": False for name in response.get("headers") or {}}
    found = {
        "statusCode": status,
        "responseParameters": headers or None,
        "responseModels": _models(call, api, source, source.response_models(operation, response)),
    }
    return {member: value for member, value in found.items() if value is not None}


def _models(call: Call, api: Document, source: OpenApi, schemas: Any) -> dict[str, str] | None:
    """Model names by content type; a schema without a name gets one."""
    found = {}
    for kind, schema in schemas:
        name = model_name(schema)
        if not name:
            name = f"MODEL{call.ids.hex(6)}"
            add_model(call, api, name, source.schema_text(schema, api["id"]))
        found[kind] = name
    return found or None
