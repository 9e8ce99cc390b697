"""Operations on integrations and integration responses: what a method calls, and what it makes of the answer."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.apigateway import errors, model, patches, storage
from undercast.services.apigateway.model import Document
from undercast.services.apigateway.patches import Entry, Field, Listed

_CONTENT_HANDLING = patches.one_of("contentHandling", ("CONVERT_TO_BINARY", "CONVERT_TO_TEXT"))
PASSTHROUGH = ("WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER")
_PATCHES = {
    "/uri": Field(),
    "/httpMethod": Field(),
    "/credentials": Field(),
    "/connectionType": Field(),
    "/cacheNamespace": Field(),
    "/cacheKeyParameters/*": Listed(),
    "/contentHandling": Field(read=_CONTENT_HANDLING),
    "/passthroughBehavior": Field(read=patches.one_of("passthroughBehavior", PASSTHROUGH)),
    "/timeoutInMillis": Field(read=patches.number_of("Timeout should be between 50 ms and 29000 ms", 50, 29000)),
    "/requestParameters/*": Entry(),
    "/requestTemplates/*": Entry(missing="Content-Type specified was not found"),
    "/tlsConfig/insecureSkipVerification": Field(read=patches.boolean),
}
_RESPONSE_PATCHES = {
    "/selectionPattern": Field(),
    "/contentHandling": Field(read=_CONTENT_HANDLING),
    "/responseParameters/*": Entry(),
    "/responseTemplates/*": Entry(missing="Content-Type specified was not found"),
}
_MEMBERS = ("type", "uri", "credentials", "requestParameters", "requestTemplates", "contentHandling", "tlsConfig",
            "connectionType", "responseTransferMode")  # fmt: skip


async def put_integration(call: Call, request: dict[str, Any]) -> Document:
    """Say what a method calls."""
    api, method = await _find(call, request)
    method["methodIntegration"] = integration = new_integration(request, request["resourceId"])
    model.check_integration(integration)
    _check_mapping(method, integration)
    await storage.save_api(call, api)
    return shown(integration)


def new_integration(request: Document, resource_id: str) -> Document:
    """An integration out of PutIntegration's members, with the defaults. BadRequestException."""
    integration = {member: request[member] for member in _MEMBERS if request.get(member) is not None}
    if request.get("integrationHttpMethod"):
        integration["httpMethod"] = request["integrationHttpMethod"]
    behavior = request.get("passthroughBehavior") or "WHEN_NO_MATCH"
    if behavior.upper() not in PASSTHROUGH:
        raise errors.BadRequestException(
            f"Invalid passthroughBehavior specified. Must be one of: [{', '.join(PASSTHROUGH)}]"
        )
    integration["passthroughBehavior"] = behavior.upper()
    integration["timeoutInMillis"] = request.get("timeoutInMillis") or 29000
    integration["cacheNamespace"] = request.get("cacheNamespace") or resource_id
    integration["cacheKeyParameters"] = request.get("cacheKeyParameters") or []
    if integration["type"].startswith("HTTP"):
        integration.setdefault("connectionType", "INTERNET")
    return integration


async def get_integration(call: Call, request: dict[str, Any]) -> Document:
    """What a method calls."""
    return shown(_integration((await _find(call, request))[1]))


async def update_integration(call: Call, request: dict[str, Any]) -> Document:
    """Patch an integration."""
    api, method = await _find(call, request)
    integration = _integration(method)
    patches.apply(integration, patches.of(request), _PATCHES)
    model.check_integration(integration)
    _check_mapping(method, integration)
    await storage.save_api(call, api)
    return shown(integration)


async def delete_integration(call: Call, request: dict[str, Any]) -> None:
    """Delete an integration."""
    api, method = await _find(call, request)
    _integration(method)
    del method["methodIntegration"]
    await storage.save_api(call, api)


# --- integration responses ---


async def put_integration_response(call: Call, request: dict[str, Any]) -> Document:
    """Say what becomes of an answer whose status or error matches a pattern."""
    api, method = await _find(call, request)
    integration = _integration(method)
    members = ("statusCode", "responseParameters", "contentHandling")
    response = {member: request[member] for member in members if request.get(member)}
    for member in ("selectionPattern", "responseTemplates"):
        if request.get(member) is not None:
            response[member] = request[member]
    integration.setdefault("integrationResponses", {})[request["statusCode"]] = response
    _check_response(method, response)
    await storage.save_api(call, api)
    return _shown_response(response)


async def get_integration_response(call: Call, request: dict[str, Any]) -> Document:
    """One response of an integration."""
    return _shown_response(_response((await _find(call, request))[1], request))


async def update_integration_response(call: Call, request: dict[str, Any]) -> Document:
    """Patch a response of an integration."""
    api, method = await _find(call, request)
    response = _response(method, request)
    patches.apply(response, patches.of(request), _RESPONSE_PATCHES)
    _check_response(method, response)
    await storage.save_api(call, api)
    return _shown_response(response)


async def delete_integration_response(call: Call, request: dict[str, Any]) -> None:
    """Delete a response of an integration."""
    api, method = await _find(call, request)
    _response(method, request)
    del method["methodIntegration"]["integrationResponses"][request["statusCode"]]
    await storage.save_api(call, api)


def shown(integration: Document) -> Document:
    """What a client sees of an integration."""
    responses = integration.get("integrationResponses") or {}
    shown_responses = {status: _shown_response(response) for status, response in responses.items()}
    return {
        "cacheKeyParameters": [],
        **integration,
        "requestParameters": integration.get("requestParameters") or None,
        "requestTemplates": integration.get("requestTemplates") or None,
        "integrationResponses": shown_responses or None,
    }


def _shown_response(response: Document) -> Document:
    """An empty template is shown as null (recorded: test_put_integration_response_templates)."""
    templates: Any = response.get("responseTemplates") or None
    if templates and "" in templates.values():
        templates = orjson.Fragment(orjson.dumps({kind: text or None for kind, text in templates.items()}))
    return {**response, "responseTemplates": templates}


async def _find(call: Call, request: dict[str, Any]) -> tuple[Document, Document]:
    api = await storage.find_api(call, request["restApiId"], errors.no_resource())
    return api, model.method_of(api, request["resourceId"], request["httpMethod"])


def _integration(method: Document) -> Document:
    integration: Document | None = method.get("methodIntegration")
    if integration is None:
        raise errors.NotFoundException("Invalid Integration identifier specified")
    return integration


def _response(method: Document, request: dict[str, Any]) -> Document:
    responses = _integration(method).get("integrationResponses") or {}
    response: Document | None = responses.get(request["statusCode"])
    if response is None:
        raise errors.NotFoundException("Invalid Response status code specified")
    return response


def _check_mapping(method: Document, integration: Document) -> None:
    parameters = integration.get("requestParameters") or {}
    model.check_mapping(parameters)
    model.check_declared(method, parameters)


def _check_response(method: Document, response: Document) -> None:
    """Every header that is set must be declared by the method's response."""
    declared = (method.get("methodResponses") or {}).get(response["statusCode"], {}).get("responseParameters") or {}
    for name in response.get("responseParameters") or {}:
        if name not in declared:
            raise errors.BadRequestException(
                "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
                f"[Invalid mapping expression parameter specified: {name}]"
            )
