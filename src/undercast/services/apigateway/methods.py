"""Operations on methods and method responses."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.apigateway import errors, model, patches, storage
from undercast.services.apigateway.integrations import shown as shown_integration
from undercast.services.apigateway.model import Document
from undercast.services.apigateway.patches import Entry, Field, Listed

_CONTENT_TYPE = "Content-Type specified was not found"
_PARAMETER = "Invalid parameter name specified"
_PATCHES = {
    "/apiKeyRequired": Field(read=patches.boolean),
    "/authorizationType": Field(),
    "/authorizerId": Field(),
    "/operationName": Field(),
    "/requestValidatorId": Field(),
    "/authorizationScopes": Listed(),
    "/requestModels/*": Entry(missing=_CONTENT_TYPE),
    "/requestParameters/*": Entry(read=patches.boolean, missing=_PARAMETER),
}
_RESPONSE_PATCHES = {
    "/responseModels/*": Entry(missing=_CONTENT_TYPE),
    "/responseParameters/*": Entry(read=patches.boolean, missing=_PARAMETER),
}
_NO_AUTHORIZER = (
    "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS "
    "requires a valid authorizer."
)


async def put_method(call: Call, request: dict[str, Any]) -> Document:
    """Add a method to a resource."""
    api = await storage.find_api(call, request["restApiId"], errors.no_resource())
    resource = model.resource_of(api, request["resourceId"])
    name = request["httpMethod"]
    if name not in model.HTTP_METHODS:
        raise errors.BadRequestException(
            "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY"
        )
    if name in resource["resourceMethods"]:
        raise errors.ConflictException("Method already exists for this resource")
    members = ("httpMethod", "authorizationType", "authorizerId", "operationName", "requestParameters", "requestModels",
               "requestValidatorId", "authorizationScopes")  # fmt: skip
    method = {member: request[member] for member in members if request.get(member)}
    method["apiKeyRequired"] = request.get("apiKeyRequired", False)
    _check(api, method)
    resource["resourceMethods"][name] = method
    await storage.save_api(call, api)
    return shown(method)


async def get_method(call: Call, request: dict[str, Any]) -> Document:
    """One method with its integration and responses."""
    return shown((await _find(call, request))[1])


async def update_method(call: Call, request: dict[str, Any]) -> Document:
    """Patch a method."""
    api, method = await _find(call, request)
    patches.apply(method, patches.of(request), _PATCHES)
    _check(api, method)
    await storage.save_api(call, api)
    return shown(method)


async def delete_method(call: Call, request: dict[str, Any]) -> None:
    """Delete a method."""
    api, method = await _find(call, request)
    del api["_resources"][request["resourceId"]]["resourceMethods"][method["httpMethod"]]
    await storage.save_api(call, api)


# --- method responses ---


async def put_method_response(call: Call, request: dict[str, Any]) -> Document:
    """Declare a response of a method."""
    api, method = await _find(call, request)
    responses = method.setdefault("methodResponses", {})
    status = request["statusCode"]
    if status in responses:
        raise errors.ConflictException("Response already exists for this resource")
    for name in request.get("responseModels", {}).values():
        if name not in api["_models"]:
            raise errors.BadRequestException(f"Invalid model identifier specified: {name}")
    members = ("statusCode", "responseParameters", "responseModels")
    responses[status] = {member: request[member] for member in members if request.get(member)}
    await storage.save_api(call, api)
    return responses[status]  # type: ignore[no-any-return]


async def get_method_response(call: Call, request: dict[str, Any]) -> Document:
    """One response of a method."""
    return _response((await _find(call, request))[1], request)


async def update_method_response(call: Call, request: dict[str, Any]) -> Document:
    """Patch a response of a method."""
    api, method = await _find(call, request)
    response = _response(method, request)
    patches.apply(response, patches.of(request), _RESPONSE_PATCHES)
    await storage.save_api(call, api)
    return response


async def delete_method_response(call: Call, request: dict[str, Any]) -> None:
    """Delete a response of a method."""
    api, method = await _find(call, request)
    _response(method, request)
    del method["methodResponses"][request["statusCode"]]
    await storage.save_api(call, api)


def shown(method: Document) -> Document:
    """What a client sees of a method."""
    integration = method.get("methodIntegration")
    return {
        **method,
        "methodIntegration": shown_integration(integration) if integration else None,
        "methodResponses": method.get("methodResponses") or None,
    }


async def _find(call: Call, request: dict[str, Any]) -> tuple[Document, Document]:
    """An API and the method of it that the request names."""
    api = await storage.find_api(call, request["restApiId"], errors.no_resource())
    return api, model.method_of(api, request["resourceId"], request["httpMethod"])


def _response(method: Document, request: dict[str, Any]) -> Document:
    response: Document | None = (method.get("methodResponses") or {}).get(request["statusCode"])
    if response is None:
        raise errors.NotFoundException("Invalid Response status code specified")
    return response


def _check(api: Document, method: Document) -> None:
    kind = method["authorizationType"]
    if kind not in model.AUTHORIZATION_TYPES:
        raise errors.BadRequestException(
            "Invalid authorization type specified. Valid options are CUSTOM,AWS_IAM,NONE,COGNITO_USER_POOLS"
        )
    if kind in ("CUSTOM", "COGNITO_USER_POOLS"):
        authorizer = api["_authorizers"].get(method.get("authorizerId"))
        if authorizer is None or (authorizer["type"] == "COGNITO_USER_POOLS") != (kind == "COGNITO_USER_POOLS"):
            raise errors.BadRequestException(_NO_AUTHORIZER)
    else:
        method.pop("authorizerId", None)  # recorded: skip-auth-id-with-wrong-type
    validator = method.get("requestValidatorId")
    if validator and validator not in api["_validators"]:
        raise errors.BadRequestException("Invalid Request Validator identifier specified")
    for name in (method.get("requestModels") or {}).values():
        if name not in api["_models"]:
            raise errors.BadRequestException(f"Invalid model identifier specified: {name}")
    model.check_request_parameters(method.get("requestParameters") or {})
