"""What may be patched in a stage: settings, variables, method settings and the canary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from undercast.kit.errors import NotImplementedYet
from undercast.services.apigateway import errors, patches
from undercast.services.apigateway.model import Document
from undercast.services.apigateway.patches import EVERY, Field, Patch

_PER_METHOD = (
    "metrics/enabled, {0}logging/dataTrace, {0}logging/loglevel, {0}throttling/burstLimit{1}{0}throttling/rateLimit{1}"
    "{0}caching/ttlInSeconds, {0}caching/enabled, {0}caching/dataEncrypted, "
    "{0}caching/requireAuthorizationForCacheControl, {0}caching/unauthorizedCacheControlHeaderStrategy"
)
_PATHS = (  # as AWS words it, its missing commas too (recorded: TestStages::test_create_update_stages)
    "/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, "
    "/accessLogSettings/destinationArn, /accessLogSettings/format, "
    "/{resourcePath}/{httpMethod}/" + _PER_METHOD.format("/{resourcePath}/{httpMethod}/", "") + ", "
    "/*/*/" + _PER_METHOD.format("/*/*/", " ") + ", /variables/{variable_name}, /tracingEnabled"
)
_STRATEGIES = ("FAIL_WITH_403", "SUCCEED_WITH_RESPONSE_HEADER", "SUCCEED_WITHOUT_RESPONSE_HEADER")
_BOOLEAN = Field(read=patches.boolean)
_TABLE = {
    "/deploymentId": Field(),
    "/description": Field(),
    "/documentationVersion": Field(),
    "/cacheClusterEnabled": _BOOLEAN,
    "/cacheClusterSize": Field(),
    "/clientCertificateId": Field(),
    "/tracingEnabled": _BOOLEAN,
    "/accessLogSettings": Field(ops=("remove",)),
    "/accessLogSettings/destinationArn": Field(ops=EVERY),
    "/accessLogSettings/format": Field(ops=EVERY),
    "/variables/*": Field(ops=EVERY),
    "/canarySettings": Field(ops=("remove",)),
    "/canarySettings/deploymentId": Field(),
    "/canarySettings/percentTraffic": Field(
        read=patches.number_of("Canary percent traffic must be between 0.0 and 100.0", 0.0, 100.0, float)
    ),
    "/canarySettings/useStageCache": _BOOLEAN,
    "/canarySettings/stageVariableOverrides": Field(ops=("remove",)),
    "/canarySettings/stageVariableOverrides/*": Field(ops=EVERY),
}
# The end of a method setting's path, and what it sets.
_METHOD_SETTINGS: dict[str, tuple[str, patches.Read]] = {
    "metrics/enabled": ("metricsEnabled", patches.boolean),
    "logging/dataTrace": ("dataTraceEnabled", patches.boolean),
    "logging/loglevel": ("loggingLevel", patches.one_of("logging level", ("OFF", "ERROR", "INFO"))),
    "throttling/burstLimit": ("throttlingBurstLimit", patches.number_of("Invalid burst limit", -1, 2**31 - 1)),
    "throttling/rateLimit": ("throttlingRateLimit", patches.number_of("Invalid rate limit", -1, 1e12, float)),
    "caching/ttlInSeconds": ("cacheTtlInSeconds", patches.number_of("Invalid cache TTL", 0, 3600)),
    "caching/enabled": ("cachingEnabled", patches.boolean),
    "caching/dataEncrypted": ("cacheDataEncrypted", patches.boolean),
    "caching/requireAuthorizationForCacheControl": ("requireAuthorizationForCacheControl", patches.boolean),
    "caching/unauthorizedCacheControlHeaderStrategy": (
        "unauthorizedCacheControlHeaderStrategy",
        patches.one_of("strategy", _STRATEGIES),
    ),
}
_METHOD_DEFAULTS: Document = {
    "metricsEnabled": False,
    "dataTraceEnabled": False,
    "throttlingBurstLimit": 5000,
    "throttlingRateLimit": 10000.0,
    "cachingEnabled": False,
    "cacheTtlInSeconds": 300,
    "cacheDataEncrypted": False,
    "requireAuthorizationForCacheControl": True,
    "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
}
_COPIES = {
    "/deploymentId": "/canarySettings/deploymentId",
    "/variables": "/canarySettings/stageVariableOverrides",
}


def apply(stage: Document, operations: Sequence[Patch]) -> None:
    """Patch a stage in place. BadRequestException."""
    for patch in operations:
        if patch["op"] == "copy":
            _copy(stage, patch)
        elif not _set_method(stage["methodSettings"], patch):
            if patch["path"].startswith("/canarySettings/"):
                _ensure_canary(stage)
            patches.apply(stage, [patch], _TABLE, _refuse)


def _refuse(patch: Patch) -> Exception:
    return errors.BadRequestException(f"Invalid method setting path: {patch['path']}. Must be one of: [{_PATHS}]")


def _set_method(settings: Document, patch: Patch) -> bool:
    """Apply a patch of method settings, `/{resourcePath}/{httpMethod}/…`; False when it is none."""
    parts = patch["path"].lstrip("/").split("/")
    key, found = parts[:-2], _METHOD_SETTINGS.get("/".join(parts[-2:]))
    if patch["op"] == "remove" and patch["path"].lstrip("/") in settings:
        del settings[patch["path"].lstrip("/")]
        return True
    if found is None or len(key) < 2:
        return False
    member, read = found
    method = settings.setdefault("/".join(key), dict(settings.get("*/*") or _METHOD_DEFAULTS))
    if patch["op"] == "remove":
        method[member] = _METHOD_DEFAULTS.get(member)
    else:
        method[member] = read(patch.get("value") or "")
    if method["metricsEnabled"]:
        raise NotImplementedYet("Undercast has no CloudWatch metrics yet (metricsEnabled).")
    return True


def _ensure_canary(stage: Document) -> None:
    if not stage.get("canarySettings"):
        stage["canarySettings"] = {"deploymentId": stage["deploymentId"], "percentTraffic": 0.0, "useStageCache": False}


def _copy(stage: Document, patch: Patch) -> None:
    """Promote the canary (recorded: test_update_stage_with_copy_ops)."""
    path, source = patch["path"], patch.get("from")
    if _COPIES.get(path) != source:
        raise errors.BadRequestException(
            f"Invalid copy operation with path: {path} and from {source}. Valid copy:path are "
            f"[{', '.join(_COPIES)}] and valid copy:from are [{', '.join(_COPIES.values())}]"
        )
    canary: dict[str, Any] | None = stage.get("canarySettings")
    if not canary:
        raise errors.BadRequestException("Promotion not available. Canary does not exist.")
    if path == "/deploymentId":
        stage["deploymentId"] = canary["deploymentId"]
    else:
        stage["variables"] = {**(stage.get("variables") or {}), **(canary.get("stageVariableOverrides") or {})}
