"""The configuration of a function: defaults, limits, and what is refused because it could not act."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from undercast.kit.errors import ValidationException

from . import errors
from .model import runtime_version_arn

# What may be created today, in the order AWS lists them (recorded: test_create_lambda_exceptions).
CURRENT_RUNTIMES = (
    "nodejs20.x", "python3.14", "provided.al2023", "python3.12", "python3.13", "nodejs24.x", "nodejs22.x", "java25",
    "python3.10", "python3.11", "java21", "ruby3.3", "ruby3.4", "ruby3.2", "python3.8", "python3.9", "java17",
    "nodejs16.x", "dotnet10", "dotnet8", "java11", "dotnet6", "nodejs18.x", "provided.al2", "java8.al2",
)  # fmt: skip
# AWS knows these and takes no new functions of them.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
DEPRECATED_RUNTIMES = {
    "nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "nodejs10.x", "nodejs12.x", "nodejs14.x",
    "python2.7", "python3.6", "python3.7", "ruby2.5", "ruby2.7", "dotnetcore1.0", "dotnetcore2.0", "dotnetcore2.1",
    "dotnetcore3.1", "java8", "go1.x", "provided",
}  # fmt: skip
SNAP_START_RUNTIMES = re.compile(r"java(11|17|21|25)|python3\.1[2-9]|dotnet(8|10)")

ENVIRONMENT_LIMIT_BYTES = 4096
RESERVED_VARIABLES = (
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
)  # fmt: skip

_UNSUPPORTED = {
    "FileSystemConfigs": "functions have no network file systems.",
    "ImageConfig": "container images cannot be run; package the function as a zip.",
    "TenancyConfig": "environments are not kept apart by tenant.",
    "CapacityProviderConfig": "there are no managed instances.",
    "DurableConfig": "durable executions cannot be run.",
    "RuntimeConfig": "there are no runtimes of one's own; use provided.al2023.",
    "AcceleratorConfig": "there are no accelerators.",
    "PublishTo": "versions are published as such only.",
}
_COPIED = ("Role", "Handler", "Runtime", "Description", "Timeout", "MemorySize", "Architectures", "EphemeralStorage")


def create(request: Mapping[str, Any], name: str, region: str) -> dict[str, Any]:
    """The configuration of a new function. `Layers` are added by who finds them."""
    defaults: dict[str, Any] = {
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "TracingConfig": {"Mode": "PassThrough"},
        "PackageType": "Zip",
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"},
    }
    if request.get("PackageType") == "Image" or request["Code"].get("ImageUri"):
        raise errors.unsupported("functions of package type Image", "package the function as a zip.")
    for required in ("Handler", "Runtime"):
        if not request.get(required):
            raise errors.InvalidParameterValueException(
                f"{'Handler' if required == 'Handler' else 'Runtime'} is mandatory for functions created with "
                "deployment packages."
            )
    if request["Runtime"] in DEPRECATED_RUNTIMES:
        raise errors.InvalidParameterValueException(
            f"The runtime parameter of {request['Runtime']} is no longer supported for creating or updating AWS "
            "Lambda functions. We recommend you use a supported runtime while creating or updating functions."
        )
    return update(defaults, request, name, region)


def update(config: Mapping[str, Any], request: Mapping[str, Any], name: str, region: str) -> dict[str, Any]:
    """The configuration with what a request changes. InvalidParameterValueException, ValidationException."""
    refuse(request)
    _check(request)
    changed = dict(config)
    changed |= {member: request[member] for member in _COPIED if request.get(member) is not None}
    if (environment := request.get("Environment")) is not None:
        changed["Environment"] = {"Variables": _variables(environment.get("Variables") or {})}
    if request.get("TracingConfig"):
        changed["TracingConfig"] = {"Mode": request["TracingConfig"].get("Mode") or "PassThrough"}
    _take_or_drop(changed, request, "DeadLetterConfig", (request.get("DeadLetterConfig") or {}).get("TargetArn"))
    _take_or_drop(changed, request, "KMSKeyArn", request.get("KMSKeyArn"))
    if request.get("LoggingConfig"):
        changed["LoggingConfig"] = _logging(config["LoggingConfig"], request["LoggingConfig"], name)
    if request.get("SnapStart"):
        changed["SnapStart"] = _snap_start(request["SnapStart"], changed["Runtime"])
    changed["RuntimeVersionConfig"] = {"RuntimeVersionArn": runtime_version_arn(region, changed["Runtime"])}
    return changed


def check_runtime(runtime: str) -> None:
    """A runtime that nobody knows, in AWS's words."""
    if runtime not in CURRENT_RUNTIMES and runtime not in DEPRECATED_RUNTIMES:
        raise errors.InvalidParameterValueException(
            f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: "
            f"[{', '.join(CURRENT_RUNTIMES)}] or be a valid ARN"
        )


def refuse(request: Mapping[str, Any]) -> None:
    """What is not there is refused, not ignored."""
    for member, why in _UNSUPPORTED.items():
        if request.get(member):
            raise errors.unsupported(member, why)
    vpc = request.get("VpcConfig") or {}
    if vpc.get("SubnetIds") or vpc.get("SecurityGroupIds"):
        raise errors.unsupported("VpcConfig", "there are no virtual private clouds; leave it out here.")


def _check(request: Mapping[str, Any]) -> None:
    """The limits of functions on demand; the model also knows those of managed instances, which are higher."""
    for member, limit in (("MemorySize", 10_240), ("Timeout", 900)):
        value = request.get(member)
        if value is not None and value > limit:
            raise ValidationException(
                f"1 validation error detected: Value '{value}' at '{member[0].lower()}{member[1:]}' failed to satisfy "
                f"constraint: Member must have value less than or equal to {limit}"
            )
    if request.get("Runtime"):
        check_runtime(request["Runtime"])


def _take_or_drop(changed: dict[str, Any], request: Mapping[str, Any], member: str, value: object) -> None:
    """An empty value takes the setting back."""
    if request.get(member) is None:
        return
    changed.pop(member, None)
    if value:
        changed[member] = request[member]


def _variables(variables: Mapping[str, str]) -> dict[str, str]:
    reserved = [name for name in variables if name in RESERVED_VARIABLES]
    if reserved:
        raise errors.InvalidParameterValueException(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            "provided contains reserved keys that are currently not supported for modification. Reserved keys used in "
            f"this request: {', '.join(reserved)}"
        )
    text = orjson.dumps(dict(variables)).decode()
    if len(text.encode()) > ENVIRONMENT_LIMIT_BYTES:
        raise errors.InvalidParameterValueException(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            f"provided exceeded the 4KB limit. String measured: {text}"
        )
    return dict(variables)


def _logging(current: Mapping[str, Any], wanted: Mapping[str, Any], name: str) -> dict[str, Any]:
    merged = {**current, **{key: value for key, value in wanted.items() if value is not None}}
    if merged["LogFormat"] == "Text":
        if wanted.get("ApplicationLogLevel") or wanted.get("SystemLogLevel"):
            raise errors.InvalidParameterValueException(
                "The log level configuration is only supported when the log format is JSON."
            )
        return {"LogFormat": "Text", "LogGroup": merged.get("LogGroup") or f"/aws/lambda/{name}"}
    return {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **merged}


def _snap_start(wanted: Mapping[str, Any], runtime: str) -> dict[str, str]:
    apply_on = wanted.get("ApplyOn") or "None"
    if apply_on != "None" and not SNAP_START_RUNTIMES.fullmatch(runtime):
        raise errors.InvalidParameterValueException(f"{runtime} is not supported for SnapStart enabled functions.")
    return {"ApplyOn": apply_on, "OptimizationStatus": "Off"}
