"""Operations on stages: under which name, with which settings, a deployment is served."""

from __future__ import annotations

import re
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.services.apigateway import errors, patches, stage_patches, storage
from undercast.services.apigateway.model import Document

_NAME = re.compile(r"[a-zA-Z0-9_\-]{1,128}")


async def create_stage(call: Call, request: dict[str, Any]) -> Document:
    """Create a stage that serves a deployment."""
    api = await storage.find_api(call, request["restApiId"])
    if await storage.find_stage(call, api["id"], request["stageName"]):
        raise errors.ConflictException("Stage already exists")
    stage = new_stage(call, request)
    stage["deploymentId"] = request["deploymentId"]
    if settings := request.get("canarySettings"):
        stage["canarySettings"] = canary(settings, request["deploymentId"])
    version = request.get("documentationVersion")
    if version and version not in api["_documentationVersions"]:
        raise errors.NotFoundException(f"Invalid Documentation version specified: {version}")
    await _check_deployments(call, api["id"], stage)
    await storage.save_stage(call, api["id"], stage)
    return shown(stage)


async def get_stage(call: Call, request: dict[str, Any]) -> Document:
    """One stage."""
    return shown(await _find(call, request))


async def get_stages(call: Call, request: dict[str, Any]) -> Document:
    """The stages of an API, or of one of its deployments."""
    api = await storage.find_api(call, request["restApiId"])
    wanted = request.get("deploymentId")
    stages = await storage.list_stages(call, api["id"])
    return {"item": [shown(stage) for stage in stages if not wanted or stage["deploymentId"] == wanted]}


async def update_stage(call: Call, request: dict[str, Any]) -> Document:
    """Patch a stage."""
    stage = await _find(call, request)
    stage_patches.apply(stage, patches.of(request))
    check_settings(stage)
    await _check_deployments(call, request["restApiId"], stage)
    stage["lastUpdatedDate"] = call.now // 1000 * 1000
    await storage.save_stage(call, request["restApiId"], stage)
    return shown(stage)


async def delete_stage(call: Call, request: dict[str, Any]) -> None:
    """Delete a stage."""
    await storage.find_api(call, request["restApiId"])
    if not await storage.delete_stage(call, request["restApiId"], request["stageName"]):
        raise errors.NotFoundException("Invalid stage identifier specified")


async def flush_stage_authorizers_cache(call: Call, request: dict[str, Any]) -> None:
    """Forget what authorizers said for this stage."""
    stage = await _find(call, request)
    stage["_authorizersFlushed"] = stage.get("_authorizersFlushed", 0) + 1  # part of the key of that cache
    await storage.save_stage(call, request["restApiId"], stage)


# --- what a stage is ---


def new_stage(call: Call, request: Document) -> Document:
    """A stage without its deployment. BadRequestException."""
    if not _NAME.fullmatch(request["stageName"]):
        raise errors.BadRequestException("Stage name only allows a-zA-Z0-9_- and at most 128 characters")
    check_settings(request)
    now = call.now // 1000 * 1000
    return {
        "deploymentId": "",
        "stageName": request["stageName"],
        "description": request.get("description"),
        "cacheClusterEnabled": False,
        "cacheClusterStatus": "NOT_AVAILABLE",
        "methodSettings": {},
        "variables": request.get("variables") or None,
        "documentationVersion": request.get("documentationVersion"),
        "tracingEnabled": request.get("tracingEnabled", False),
        "tags": request.get("tags") or None,
        "createdDate": now,
        "lastUpdatedDate": now,
    }


def check_settings(stage: Document) -> None:
    """BadRequestException; NotImplemented for what could not act."""
    if stage.get("cacheClusterEnabled") or stage.get("cacheClusterSize"):
        raise NotImplementedYet("Undercast does not cache the responses of stages yet.")
    destination = (stage.get("accessLogSettings") or {}).get("destinationArn")
    if destination and ":logs:" not in destination:
        raise NotImplementedYet("Undercast writes access logs to CloudWatch Logs only.")
    if stage.get("clientCertificateId"):
        raise NotImplementedYet("Undercast has no client certificates yet.")
    for name, value in (stage.get("variables") or {}).items():
        if not re.fullmatch(r"\w+", name) or not re.fullmatch(r"[A-Za-z0-9\-._~:/?#&=,@\[\]{}*+!$'()% ]*", value):
            raise errors.BadRequestException(
                "Stage variable name or value is invalid. Please use alphanumeric characters and -._~:/?#&=,"
            )


def canary(settings: Document, deployment_id: str) -> Document:
    """Canary settings with their defaults."""
    return {
        "deploymentId": settings.get("deploymentId") or deployment_id,
        "percentTraffic": float(settings.get("percentTraffic", 0.0)),
        "stageVariableOverrides": settings.get("stageVariableOverrides"),
        "useStageCache": settings.get("useStageCache", False),
    }


def shown(stage: Document) -> Document:
    """What a client sees of a stage."""
    found = {key: value for key, value in stage.items() if not key.startswith("_")}
    return {**found, "variables": stage.get("variables") or None, "tags": stage.get("tags") or None}


async def _find(call: Call, request: dict[str, Any]) -> Document:
    await storage.find_api(call, request["restApiId"])
    stage = await storage.find_stage(call, request["restApiId"], request["stageName"])
    if stage is None:
        raise errors.NotFoundException("Invalid Stage identifier specified")
    return stage


async def _check_deployments(call: Call, api_id: str, stage: Document) -> None:
    canary_settings = stage.get("canarySettings") or {}
    for wanted in filter(None, (stage["deploymentId"], canary_settings.get("deploymentId"))):
        if await storage.find_deployment(call, api_id, wanted) is None:
            raise errors.BadRequestException("Deployment id does not exist")
