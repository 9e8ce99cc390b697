"""Patch operations that make one set of parameters into another. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Patch = dict[str, str]

_METHOD_SETTINGS = {
    "loggingLevel": "logging/loglevel",
    "metricsEnabled": "metrics/enabled",
    "dataTraceEnabled": "logging/dataTrace",
    "throttlingBurstLimit": "throttling/burstLimit",
    "throttlingRateLimit": "throttling/rateLimit",
    "cachingEnabled": "caching/enabled",
    "cacheTtlInSeconds": "caching/ttlInSeconds",
    "cacheDataEncrypted": "caching/dataEncrypted",
}


def differences(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> list[Patch]:
    """Replace scalars, add and remove members of lists, go into objects."""
    return list(_differences(before, after, path))


def _differences(before: Mapping[str, Any], after: Mapping[str, Any], path: str) -> Iterator[Patch]:
    for name in [*after, *(name for name in before if name not in after)]:
        old, new = before.get(name), after.get(name)
        where = f"{path}/{token(name)}"
        if old == new:
            continue
        if isinstance(new or old, dict):
            yield from _differences(old or {}, new or {}, where)
        elif isinstance(new or old, list):
            yield from _members(old or [], new or [], where)
        elif new is None:
            yield patch("replace" if not path else "remove", where, "")
        else:
            yield patch("replace" if old is not None or not path else "add", where, new)


def _members(old: list[Any], new: list[Any], where: str) -> Iterator[Patch]:
    if where == "/endpointConfiguration/types":  # there is always exactly one: it is replaced
        if old and new:
            yield patch("replace", f"{where}/{old[0]}", new[0])
        return
    for one in old:
        if one not in new:
            yield patch("remove", f"{where}/{token(str(one))}", "")
    for one in new:
        if one not in old:
            yield patch("add", f"{where}/{token(str(one))}", "")


def stage_settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Patch]:
    """The same for stages, whose settings of methods and logs have paths of their own."""
    special = ("methodSettings", "accessLogSetting", "restApiId", "stageName", "canarySettings")
    plain = [{name: value for name, value in one.items() if name not in special} for one in (before, after)]
    patches = differences(plain[0], plain[1])
    patches += _access_logs(before.get("accessLogSetting"), after.get("accessLogSetting"))
    patches += _canary(before.get("canarySettings"), after.get("canarySettings"))
    old, new = _method_settings(before), _method_settings(after)
    for key in {path.rsplit("/", 2)[0] for path in old} - {path.rsplit("/", 2)[0] for path in new}:
        patches.append(patch("remove", key, ""))
    patches += [patch("replace", path, value) for path, value in new.items() if old.get(path) != value]
    return patches


def _access_logs(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Patch]:
    if before and not after:
        return [patch("remove", "/accessLogSettings", "")]
    return differences(before or {}, after or {}, "/accessLogSettings")


def _canary(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Patch]:
    if before and not after:
        return [patch("remove", "/canarySettings", "")]
    return differences(before or {}, after or {}, "/canarySettings")


def _method_settings(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Path of a setting -> its value."""
    found = {}
    for one in parameters.get("methodSettings", ()):
        resource = one.get("resourcePath", "/*")
        where = "*" if resource == "/*" else token(resource)
        for name, value in one.items():
            if name in _METHOD_SETTINGS:
                found[f"/{where}/{one.get('httpMethod', '*')}/{_METHOD_SETTINGS[name]}"] = value
    return found


def usage_plan(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Patch]:
    """The same for usage plans: stages are added and removed by their names."""
    plain = [{name: value for name, value in one.items() if name != "apiStages"} for one in (before, after)]
    patches = [
        patch("remove", f"/{name}", "") for name in ("throttle", "quota") if name in plain[0] and name not in plain[1]
    ]
    patches += [
        one for one in differences(plain[0], plain[1]) if not (one["op"] == "remove" and one["path"].count("/") > 1)
    ]
    old = {_stage(one): one.get("throttle", {}) for one in before.get("apiStages", ())}
    new = {_stage(one): one.get("throttle", {}) for one in after.get("apiStages", ())}
    for name in old:
        if old[name] != new.get(name):
            patches.append(patch("remove", "/apiStages", name))
    for name, throttles in new.items():
        if old.get(name) != throttles:
            patches.append(patch("add", "/apiStages", name))
            for path, limits in throttles.items():
                for limit, value in limits.items():
                    patches.append(patch("replace", f"/apiStages/{name}/throttle/{token(path)}/{limit}", value))
    return patches


def _stage(one: Mapping[str, Any]) -> str:
    return f"{one['apiId']}:{one['stage']}"


def patch(op: str, path: str, value: Any) -> Patch:
    """One operation; values are text."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return {"op": op, "path": path} if op == "remove" and not text else {"op": op, "path": path, "value": text}


def token(name: str) -> str:
    """A name as part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")
