"""GetExport: a stage's API as an OpenAPI document."""

from __future__ import annotations

from typing import Any

import orjson
import yaml

from undercast.kit.call import Call
from undercast.services.apigateway import errors, storage
from undercast.services.apigateway.model import Document

_KINDS = ("oas30", "swagger")
_PLACES = {"querystring": "query", "header": "header", "path": "path"}
_AUTHORIZER = ("authorizerUri", "authorizerCredentials", "identityValidationExpression", "identitySource",
               "authorizerResultTtlInSeconds", "providerARNs")  # fmt: skip
_INTEGRATION = ("httpMethod", "uri", "credentials", "requestParameters", "requestTemplates", "contentHandling",
                "connectionType", "timeoutInMillis", "tlsConfig")  # fmt: skip


async def get_export(call: Call, request: dict[str, Any]) -> Document:
    """The API as a stage serves it, in JSON or YAML, with the extensions that are asked for."""
    kind = request["exportType"]
    if kind not in _KINDS:
        raise errors.BadRequestException(f"No API exporter found for type '{kind}'")
    await storage.find_api(call, request["restApiId"])
    stage = await storage.find_stage(call, request["restApiId"], request["stageName"])
    deployed = stage and await storage.find_deployment(call, request["restApiId"], stage["deploymentId"])
    if not stage or not deployed:
        raise errors.NotFoundException("Invalid stage identifier specified")
    wanted = set((request.get("parameters") or {}).get("extensions", "").split(","))
    everything = "apigateway" in wanted
    export = Export(
        deployed["_api"], oas30=kind == "oas30",
        integrations=everything or "integrations" in wanted, authorizers=everything or "authorizers" in wanted,
    )  # fmt: skip
    document = export.document(stage["stageName"], call.region)
    as_yaml = "yaml" in (request.get("accepts") or "application/json")
    body = (
        yaml.safe_dump(document, sort_keys=False).encode()
        if as_yaml
        else orjson.dumps(document, option=orjson.OPT_INDENT_2)
    )
    return {
        "contentType": "application/yaml" if as_yaml else "application/json",
        "contentDisposition": f'attachment; filename="{kind}_{document["info"]["version"]}.{"yaml" if as_yaml else "json"}"',
        "body": body,
    }


class Export:
    """Writes one API."""

    def __init__(self, api: Document, *, oas30: bool, integrations: bool, authorizers: bool) -> None:
        self._api, self._oas30 = api, oas30
        self._integrations, self._authorizers = integrations, authorizers
        self._refs = "#/components/schemas/" if oas30 else "#/definitions/"

    def document(self, stage: str, region: str) -> Document:
        api = self._api
        host = f"{api['id']}.execute-api.{region}.amazonaws.com"
        # without a version AWS writes the time of the API's creation
        version = api.get("version") or str(api["createdDate"])
        info = _kept({"title": api["name"], "description": api.get("description"), "version": version})
        found: Document = {"openapi": "3.0.1", "info": info} if self._oas30 else {"swagger": "2.0", "info": info}
        if self._oas30:
            found["servers"] = [
                {"url": f"https://{host}/{{basePath}}", "variables": {"basePath": {"default": f"/{stage}"}}}
            ]
        else:
            found |= {"host": host, "basePath": f"/{stage}", "schemes": ["https"]}
        found["paths"] = {
            resource["path"]: self._path(resource)
            for resource in sorted(api["_resources"].values(), key=lambda resource: str(resource["path"]))
            if resource["resourceMethods"]
        }
        schemas = {name: self._schema(one["schema"]) for name, one in api["_models"].items() if name in self._used()}
        schemes = self._schemes()
        if self._oas30:
            found["components"] = _kept({"schemas": schemas or None, "securitySchemes": schemes or None})
        else:
            found |= _kept({"securityDefinitions": schemes or None, "definitions": schemas or None})
        return {**found, **self._extensions()}

    def _extensions(self) -> Document:
        api = self._api
        validators = {
            one["name"]: {name: one[name] for name in ("validateRequestParameters", "validateRequestBody")}
            for one in api["_validators"].values()
        }
        found = {"binary-media-types": api.get("binaryMediaTypes")}
        if self._integrations:
            found["request-validators"] = validators or None
            found["gateway-responses"] = {
                kind: {name: value for name, value in one.items() if name != "responseType"}
                for kind, one in api["_gatewayResponses"].items()
            } or None  # fmt: skip
        return {f"x-amazon-apigateway-{name}": value for name, value in found.items() if value}

    def _path(self, resource: Document) -> Document:
        return {
            "x-amazon-apigateway-any-method" if name == "ANY" else name.lower(): self._operation(method)
            for name, method in resource["resourceMethods"].items()
        }

    def _operation(self, method: Document) -> Document:
        parameters = []
        for name, required in (method.get("requestParameters") or {}).items():
            place, _, parameter = name.removeprefix("method.request.").partition(".")
            kind = {"schema": {"type": "string"}} if self._oas30 else {"type": "string"}
            entry = {"name": parameter, "in": _PLACES[place.removeprefix("multivalue")], **kind}
            parameters.append({**entry, "required": True} if required or entry["in"] == "path" else entry)
        models = method.get("requestModels") or {}
        found: Document = {"operationId": method.get("operationName")}
        if self._oas30 and models:
            found["requestBody"] = {"content": self._content(models), "required": True}
        elif models:
            found["consumes"] = list(models)
            name = next(iter(models.values()))
            parameters.append({"in": "body", "name": name, "required": True, "schema": {"$ref": self._refs + name}})
        found["parameters"] = parameters or None
        found["responses"] = {
            status: self._response(response) for status, response in (method.get("methodResponses") or {}).items()
        }
        found["security"] = self._security(method)
        if method.get("requestValidatorId") and self._integrations:
            found["x-amazon-apigateway-request-validator"] = self._api["_validators"][method["requestValidatorId"]][
                "name"
            ]
        if self._integrations and method.get("methodIntegration"):
            found["x-amazon-apigateway-integration"] = _integration(method["methodIntegration"])
        return _kept(found)

    def _content(self, models: dict[str, str]) -> Document:
        return {kind: {"schema": {"$ref": self._refs + name}} for kind, name in models.items()}

    def _response(self, response: Document) -> Document:
        text: Document = {"schema": {"type": "string"}} if self._oas30 else {"type": "string"}
        headers = {
            name.removeprefix("method.response.header."): text for name in response.get("responseParameters") or {}
        }
        models = response.get("responseModels") or {}
        found: Document = {"description": f"{response['statusCode']} response", "headers": headers or None}
        if self._oas30:
            found["content"] = self._content(models)
        elif models:
            found["schema"] = {"$ref": self._refs + next(iter(models.values()))}
        return _kept(found)

    def _security(self, method: Document) -> list[Document] | None:
        found: list[Document] = []
        authorizer = self._api["_authorizers"].get(method.get("authorizerId"))
        if authorizer:
            found.append({authorizer["name"]: method.get("authorizationScopes") or []})
        if method["authorizationType"] == "AWS_IAM":
            found.append({"sigv4": []})
        if method["apiKeyRequired"]:
            found.append({"api_key": []})
        return found or None

    def _schemes(self) -> Document:
        used = {name for resource in self._api["_resources"].values() for method in resource["resourceMethods"].values()
                for requirement in self._security(method) or () for name in requirement}  # fmt: skip
        found: Document = {}
        if "api_key" in used:
            found["api_key"] = {"type": "apiKey", "name": "x-api-key", "in": "header"}
        if "sigv4" in used:
            found["sigv4"] = {"type": "apiKey", "name": "Authorization", "in": "header",
                              "x-amazon-apigateway-authtype": "awsSigv4"}  # fmt: skip
        for authorizer in self._api["_authorizers"].values():
            if authorizer["name"] in used:
                found[authorizer["name"]] = self._scheme(authorizer)
        return found

    def _scheme(self, authorizer: Document) -> Document:
        source = authorizer.get("identitySource") or ""
        name = source.rpartition(".")[2] if "," not in source and "header" in source else "Unused"
        scheme: Document = {"type": "apiKey", "name": name or "Authorization", "in": "header",
                            "x-amazon-apigateway-authtype": authorizer.get("authType")}  # fmt: skip
        if self._authorizers:
            members = {member: authorizer.get(member) for member in _AUTHORIZER}
            scheme["x-amazon-apigateway-authorizer"] = _kept({"type": authorizer["type"].lower(), **members})
        return _kept(scheme)

    def _used(self) -> set[str]:
        """All models: AWS leaves out those that no method refers to, directly or not; the ones it makes by itself."""
        named: set[str] = set()
        for resource in self._api["_resources"].values():
            for method in resource["resourceMethods"].values():
                named |= set((method.get("requestModels") or {}).values())
                for response in (method.get("methodResponses") or {}).values():
                    named |= set((response.get("responseModels") or {}).values())
        pending = list(named)
        while pending:
            schema = self._api["_models"].get(pending.pop(), {}).get("schema") or ""
            more = {name for name in self._api["_models"] if f'/models/{name}"' in schema} - named
            named |= more
            pending += more
        return named

    def _schema(self, text: str) -> Any:
        def rewrite(part: Any) -> Any:
            if isinstance(part, dict):
                return {
                    key: self._refs + value.rpartition("/")[2]
                    if key == "$ref" and isinstance(value, str)
                    else rewrite(value)
                    for key, value in part.items()
                    if key != "$schema"
                }
            return [rewrite(item) for item in part] if isinstance(part, list) else part

        return rewrite(orjson.loads(text))


def _integration(given: Document) -> Document:
    responses = {
        response.get("selectionPattern") or "default": {
            name: value for name, value in response.items() if name != "selectionPattern"
        }
        for response in (given.get("integrationResponses") or {}).values()
    }
    found = {"type": given["type"].lower(), **{member: given.get(member) for member in _INTEGRATION}}
    found["passthroughBehavior"] = given["passthroughBehavior"].lower()
    if found["timeoutInMillis"] == 29000:
        found["timeoutInMillis"] = None
    if found["connectionType"] == "INTERNET":
        found["connectionType"] = None
    return _kept({**found, "responses": responses or None})


def _kept(found: Document) -> Document:
    return {name: value for name, value in found.items() if value is not None}
