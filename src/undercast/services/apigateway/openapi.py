"""Reads OpenAPI 2 and 3 documents, with API Gateway's extensions, into the members of an API.

Source: "API Gateway extensions to OpenAPI" in the developer guide, and recorded: TestApiGatewayImportRestApi.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from undercast.services.apigateway import errors

Document = dict[str, Any]

_VERBS = ("get", "put", "post", "delete", "options", "head", "patch")
_ANY = "x-amazon-apigateway-any-method"
_INTEGRATION = "x-amazon-apigateway-integration"
_PLACES = {"query": "querystring", "header": "header", "path": "path"}


class OpenApi:
    """One document. BadRequestException when it is none."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.version3 = str(document.get("openapi", "")).startswith("3")
        if not self.version3 and str(document.get("swagger", "")) != "2.0":
            raise errors.BadRequestException("Invalid OpenAPI input: swagger 2.0 or openapi 3.0 is needed.")
        if not isinstance(document.get("paths") or {}, dict):
            raise errors.BadRequestException("Invalid OpenAPI input.")
        self.components: Document = document.get("components") or {}
        self.info: Document = document.get("info") or {}
        self.warnings: list[str] = []  # of what was left out while the document was read

    def extension(self, name: str) -> Any:
        return self.document.get(f"x-amazon-apigateway-{name}")

    def resolve(self, part: Any) -> Any:
        """What a `$ref` within the document leads to. BadRequestException."""
        while isinstance(part, dict) and str(part.get("$ref", "")).startswith("#/"):
            found: Any = self.document
            for token in part["$ref"][2:].split("/"):
                found = found.get(token.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
            if found is None:
                raise errors.BadRequestException(f"Unable to resolve {part['$ref']}")
            part = found
        return part

    @property
    def base_path(self) -> str:
        """`basePath`, or what stands for it in version 3."""
        if not self.version3:
            return str(self.document.get("basePath") or "")
        for server in self.document.get("servers") or ():
            variable = (server.get("variables") or {}).get("basePath")
            if variable:
                return "/" + str(variable.get("default", "")).strip("/")
            path = re.sub(r"^[a-z]+://[^/]*", "", server.get("url", ""))
            return "" if path.strip("/") == "" or "{" in path else path
        return ""

    def prefix(self, mode: str) -> str:
        """What stands before every path: nothing, the base path, or what follows its first part."""
        parts = self.base_path.strip("/").split("/")
        kept = {"prepend": parts, "split": parts[1:]}.get(mode, [])
        return "".join(f"/{part}" for part in kept if part)

    # --- models, authorizers, validators ---

    def models(self, api_id: str) -> Iterator[tuple[str, str]]:
        """Names and schemas; references lead to the API's models."""
        schemas = self.components.get("schemas") if self.version3 else self.document.get("definitions")
        for name, schema in (schemas or {}).items():
            yield name, self.schema_text(schema, api_id)

    def schema_text(self, schema: Any, api_id: str) -> str:
        text = orjson.dumps(schema).decode()
        target = f'"$ref":"https://apigateway.amazonaws.com/restapis/{api_id}/models/'
        return re.sub(r'"\$ref":"#/(?:definitions|components/schemas)/', target, text)

    def schemes(self) -> Document:
        """Security schemes by name."""
        found: Document = (
            self.components.get("securitySchemes") if self.version3 else self.document.get("securityDefinitions")
        ) or {}
        return found

    def authorizers(self) -> Iterator[Document]:
        """Authorizers in the form of CreateAuthorizer."""
        for name, scheme in self.schemes().items():
            given = scheme.get("x-amazon-apigateway-authorizer")
            if not given:
                continue
            kind = str(given.get("type", "token")).upper()
            source = given.get("identitySource")
            if kind != "REQUEST":
                source = source or f"method.request.header.{scheme.get('name', 'Authorization')}"
            found = {
                "name": name,
                "type": kind,
                "authType": scheme.get("x-amazon-apigateway-authtype")
                or ("custom" if kind != "COGNITO_USER_POOLS" else "cognito_user_pools"),
                "identitySource": source,
            }
            members = ("authorizerUri", "authorizerCredentials", "identityValidationExpression", "providerARNs")
            found |= {member: given[member] for member in members if given.get(member)}
            if given.get("authorizerResultTtlInSeconds") is not None:
                found["authorizerResultTtlInSeconds"] = int(given["authorizerResultTtlInSeconds"])
            yield found

    def authorization(self, operation: Mapping[str, Any]) -> tuple[str, str, list[str], bool]:
        """Type, authorizer's name and scopes, and whether an API key is demanded."""
        kind, name, scopes, key = "NONE", "", [], False
        requirements = operation.get("security", self.document.get("security")) or []
        for scheme_name, wanted in (item for requirement in requirements for item in requirement.items()):
            scheme = self.schemes().get(scheme_name) or {}
            if not scheme:
                self.warnings.append(
                    f"Ignoring the security scheme '{scheme_name}', which the document does not define"
                )
            if authorizer := scheme.get("x-amazon-apigateway-authorizer"):
                cognito = str(authorizer.get("type", "")).lower() == "cognito_user_pools"
                kind, name, scopes = "COGNITO_USER_POOLS" if cognito else "CUSTOM", scheme_name, list(wanted or ())
            elif str(scheme.get("x-amazon-apigateway-authtype", "")).lower() == "awssigv4":
                kind = "AWS_IAM"
            elif scheme.get("type") == "apiKey" and str(scheme.get("name", "")).lower() == "x-api-key":
                key = True
        auth = operation.get("x-amazon-apigateway-auth") or {}
        return auth.get("type", kind).upper(), name, scopes, key

    # --- paths ---

    def operations(self) -> Iterator[tuple[str, str, Document, list[Document]]]:
        """Path, method ('' for a path without any), operation and parameters."""
        for path, item in (self.document.get("paths") or {}).items():
            item = self.resolve(item) or {}
            shared = [self.resolve(parameter) for parameter in item.get("parameters") or ()]
            found = False
            for verb in (*_VERBS, _ANY):
                if verb in item:
                    found = True
                    operation = item[verb] or {}
                    own = [self.resolve(parameter) for parameter in operation.get("parameters") or ()]
                    yield path, "ANY" if verb == _ANY else verb.upper(), operation, [*shared, *own]
            if not found:
                yield path, "", {}, []

    def request_models(self, operation: Mapping[str, Any], parameters: list[Document]) -> Iterator[tuple[str, Any]]:
        """Content types and schemas of the request's body."""
        if self.version3:
            content = (self.resolve(operation.get("requestBody")) or {}).get("content") or {}
            yield from ((kind, entry["schema"]) for kind, entry in content.items() if (entry or {}).get("schema"))
            return
        kinds = operation.get("consumes") or self.document.get("consumes") or ["application/json"]
        for parameter in parameters:
            if parameter.get("in") == "body" and parameter.get("schema"):
                yield from ((kind, parameter["schema"]) for kind in kinds)

    def response_models(self, operation: Mapping[str, Any], response: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        if self.version3:
            content = response.get("content") or {}
            yield from ((kind, entry["schema"]) for kind, entry in content.items() if (entry or {}).get("schema"))
        elif response.get("schema"):
            kinds = operation.get("produces") or self.document.get("produces") or ["application/json"]
            yield from ((kind, response["schema"]) for kind in kinds)

    def responses(self, operation: Mapping[str, Any]) -> Iterator[tuple[str, Document]]:
        for status, response in (operation.get("responses") or {}).items():
            if re.fullmatch(r"[1-5]\d\d", str(status)):
                yield str(status), self.resolve(response) or {}
            else:
                self.warnings.append(f"Ignoring the response '{status}', which is no status code")

    def integration(self, operation: Mapping[str, Any]) -> Document | None:
        """`x-amazon-apigateway-integration` in the form of PutIntegration, its responses in `responses`."""
        given = self.resolve(operation.get(_INTEGRATION))
        if not given:
            return None
        found = {**given, "type": str(given.get("type", "MOCK")).upper()}
        if found["type"] != "MOCK":
            found["integrationHttpMethod"] = str(given.get("httpMethod") or "").upper()
        found["requestTemplates"] = _texts(given.get("requestTemplates"))
        found["responses"] = {
            str(response["statusCode"]): _response(pattern, response)
            for pattern, response in (given.get("responses") or {}).items()
        }
        return found


def request_parameters(parameters: list[Document]) -> dict[str, bool]:
    return {
        f"method.request.{_PLACES[parameter['in']]}.{parameter['name']}": bool(parameter.get("required", False))
        for parameter in parameters
        if parameter.get("in") in _PLACES
    }


def model_name(schema: Any) -> str:
    """The model that a schema refers to, or ''."""
    reference = schema.get("$ref", "") if isinstance(schema, dict) else ""
    return str(reference).rpartition("/")[2] if reference else ""


def _response(pattern: str, given: Mapping[str, Any]) -> Document:
    response: Document = {"statusCode": str(given["statusCode"])}
    if pattern != "default":
        response["selectionPattern"] = str(pattern)
    if given.get("responseParameters"):
        response["responseParameters"] = {name: str(value) for name, value in given["responseParameters"].items()}
    if given.get("responseTemplates"):
        response["responseTemplates"] = _texts(given["responseTemplates"])
    if given.get("contentHandling"):
        response["contentHandling"] = given["contentHandling"].upper()
    return response


def _texts(templates: Any) -> dict[str, str]:
    return {
        kind: text if isinstance(text, str) else orjson.dumps(text).decode() for kind, text in (templates or {}).items()
    }
