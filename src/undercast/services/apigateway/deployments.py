"""Operations on deployments: an API as it was at one time, for stages to serve."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.services.apigateway import errors, model, pages, patches, stages, storage
from undercast.services.apigateway.model import Document
from undercast.services.apigateway.patches import Field

_CONTENT = "Invalid deployment content specified."


async def create_deployment(call: Call, request: dict[str, Any]) -> Document:
    """Keep the API as it is now, and point a stage to it when one is named."""
    api = await storage.find_api(call, request["restApiId"])
    _check(api)
    stage = await _stage(call, request, api["id"])
    deployment: Document = {
        "id": call.ids.alnum(6),
        "createdDate": call.now // 1000 * 1000,
        "description": request.get("description"),
    }
    await storage.add_deployment(call, api["id"], deployment, api)
    canary = request.get("canarySettings")
    if stage is not None:
        if canary is not None:
            stage["canarySettings"] = stages.canary({**canary, "deploymentId": deployment["id"]}, deployment["id"])
        else:
            stage["deploymentId"] = deployment["id"]
        stage["lastUpdatedDate"] = call.now // 1000 * 1000
        await storage.save_stage(call, api["id"], stage)
    return deployment


async def get_deployment(call: Call, request: dict[str, Any]) -> Document:
    """One deployment; with `embed` a summary of its methods."""
    deployment = await _find(call, request)
    if "apisummary" in (request.get("embed") or ()):
        deployment["apiSummary"] = _summary(deployment["_api"])
    return deployment


async def get_deployments(call: Call, request: dict[str, Any]) -> Document:
    """The deployments of an API."""
    api = await storage.find_api(call, request["restApiId"])
    found = await storage.list_deployments(call, api["id"], pages.after(request), pages.limit(request) + 1)
    return pages.answer(found, request)


async def update_deployment(call: Call, request: dict[str, Any]) -> Document:
    """Change a deployment's description."""
    deployment = await _find(call, request)
    patches.apply(deployment, patches.of(request), {"/description": Field()})
    await storage.describe_deployment(call, request["restApiId"], deployment["id"], deployment.get("description"))
    return deployment


async def delete_deployment(call: Call, request: dict[str, Any]) -> None:
    """Delete a deployment that no stage serves."""
    deployment = await _find(call, request)
    for stage in await storage.list_stages(call, request["restApiId"]):
        if deployment["id"] in (stage["deploymentId"], (stage.get("canarySettings") or {}).get("deploymentId")):
            raise errors.BadRequestException("Active stages pointing to this deployment must be moved or deleted")
    await storage.delete_deployment(call, request["restApiId"], deployment["id"])


async def _find(call: Call, request: dict[str, Any]) -> Document:
    await storage.find_api(call, request["restApiId"])
    deployment = await storage.find_deployment(call, request["restApiId"], request["deploymentId"])
    if deployment is None:
        raise errors.NotFoundException("Invalid Deployment identifier specified")
    return deployment


async def _stage(call: Call, request: dict[str, Any], api_id: str) -> Document | None:
    """The stage that the new deployment is for, new or as it is; None when the request names none."""
    name = request.get("stageName")
    if not name:
        if request.get("canarySettings") is not None:
            raise errors.BadRequestException(
                f"{_CONTENT}Non null and non empty stageName must be provided for canary deployment. "
                f"Provided value is {'null' if name is None else name}"
            )
        return None
    stage = await storage.find_stage(call, api_id, name)
    if stage is None and request.get("canarySettings") is not None:
        raise errors.BadRequestException(
            f"{_CONTENT}Stage {name} must already be created before making a canary release deployment"
        )
    settings = {**request, "description": request.get("stageDescription")}
    if stage is None:
        return stages.new_stage(call, settings)
    stages.check_settings(settings)
    given = {
        member: settings[member] for member in ("description", "variables", "tracingEnabled") if settings.get(member)
    }
    return {**stage, **given}


def _check(api: Document) -> None:
    """BadRequestException for what cannot be deployed; NotImplemented for what could not be kept safe."""
    found = list(model.methods(api))
    if not found:
        raise errors.BadRequestException("The REST API doesn't contain any methods")
    for resource, method in found:
        if not method.get("methodIntegration"):
            raise errors.BadRequestException("No integration defined for method")
        if method["authorizationType"] == "COGNITO_USER_POOLS":
            raise NotImplementedYet(
                f"{method['httpMethod']} {resource['path']} has a Cognito authorizer; Undercast has no user pools yet."
            )


def _summary(api: Document) -> Document:
    summary: Document = {}
    for resource, method in model.methods(api):
        summary.setdefault(resource["path"], {})[method["httpMethod"]] = {
            "authorizationType": method["authorizationType"],
            "apiKeyRequired": method["apiKeyRequired"],
        }
    return summary
