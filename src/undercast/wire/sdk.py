"""Calls in the words of AWS's SDKs: service ids, actions in camelCase, members in any case.

Universal targets of schedules and SDK integrations of state machines name operations so: `sqs:sendMessage` with
`QueueUrl`, `rds:stopDBInstance` with `DbInstanceIdentifier`. What comes back is told as AWS's SDKs for Java tell it:
version 2 in SDK integrations, version 1 in the integrations that Step Functions optimized.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson

from undercast.kit.errors import ServiceError
from undercast.kit.http import Response
from undercast.kit.sdk import SdkError
from undercast.wire import timestamps
from undercast.wire.errors import describe
from undercast.wire.models import Operation, ServiceModel, service
from undercast.wire.shapes import Member, Shape

# Service ids (in lower case, without spaces) whose boto3 client has another name.
_CLIENTS = {
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "cognitoidentity": "cognito-identity",
    "configservice": "config",
    "elasticloadbalancingv2": "elbv2",
    "eventbridge": "events",
    "resourcegroups": "resource-groups",
    "sfn": "stepfunctions",
}


def client_name(service_id: str) -> str:
    """The boto3 client's name of a service id."""
    return _CLIENTS.get(service_id, service_id)


def find_operation(service_id: str, action: str) -> Operation:
    """KeyError when AWS has no such service or action."""
    model = service(client_name(service_id))
    return model.operations[_actions(model)[action.lower()]]


def fitted(operation: Operation, params: dict[str, Any]) -> dict[str, Any]:
    """The parameters under the names that boto3 knows, numbers of times read as seconds. Unknown members stay."""
    fit: dict[str, Any] = _fit(operation.input, params, _time) if operation.input else params
    return fit


class SdkOperation:
    """One operation in the words of the SDKs (the `SdkOperation` of kit/sdk.py)."""

    def __init__(self, service_id: str, action: str) -> None:
        operation = find_operation(service_id, action)
        members, required = (operation.input.members, operation.input.required) if operation.input else ({}, ())
        self._operation = operation
        self.client = operation.service.name
        self.method = operation.method
        self.service = _pascal_case(operation.service.raw["metadata"]["serviceId"])
        self.fields: Mapping[str, str] = {name.lower(): _java_name(name) for name in members}
        self.required = tuple(_java_name(name) for name in required)

    def params(self, given: dict[str, Any]) -> dict[str, Any]:
        operation = self._operation
        fit: dict[str, Any] = _fit(operation.input, given, _time_or_text) if operation.input else given
        return fit

    def answer(self, output: dict[str, Any]) -> dict[str, Any]:
        shown = self._operation.output
        in_headers = [name for name, member in shown.members.items() if member.location == "headers"] if shown else ()
        whole = {**{name: {} for name in in_headers}, **output}  # the SDK always has a map of what headers hold
        return _shown_structure(self._operation, whole, _java_name, timestamps.to_iso8601)

    def answer_v1(self, output: dict[str, Any]) -> dict[str, Any]:
        return _shown_structure(self._operation, output, _capitalised, int)

    def response(self, output: dict[str, Any], request_id: str) -> Response:
        return self._operation.serialize(self._operation.service.protocols[0], output, request_id)

    def flaw(self, answer: Any, *, is_v1: bool, whole: bool) -> str | None:
        shape = self._operation.output
        return None if shape is None else _Flaws(_capitalised if is_v1 else _java_name, whole).of(shape, answer)

    def error(self, error: ServiceError) -> SdkError:
        model = self._operation.service
        facts = describe(model.protocols[0], error, model)
        known = model.error_codes.get(error.code)
        if known is None:
            return SdkError("", "", facts.code, facts.status)
        name = known.name if known.name.endswith(("Exception", "Fault")) else known.name + "Exception"
        name = _capitalised(name)
        return SdkError(re.sub("Fault$", "Exception", name), name, known.code, facts.status)


@cache
def sdk_operation(service_id: str, action: str) -> SdkOperation:
    """KeyError when AWS has no such service or action."""
    return SdkOperation(service_id, action)


def _shown_structure(
    operation: Operation, output: dict[str, Any], rename: Callable[[str], str], time: Callable[[int], Any]
) -> dict[str, Any]:
    shown: dict[str, Any] = _show(operation.output, output, rename, time) if operation.output else {}
    return shown


def _show(shape: Shape, value: Any, rename: Callable[[str], str], time: Callable[[int], Any]) -> Any:
    if shape.kind == "structure" and isinstance(value, dict) and not shape.is_document:
        return {
            rename(name): _show(shape.members[name].shape, inner, rename, time)
            for name, inner in value.items()
            if inner is not None and name in shape.members
        }
    if shape.kind == "map" and isinstance(value, dict) and shape.item:
        return {key: _show(shape.item.shape, inner, rename, time) for key, inner in value.items()}
    if shape.kind == "list" and shape.item:
        return [_show(shape.item.shape, inner, rename, time) for inner in value]
    if shape.kind == "timestamp":
        return time(value)
    return _text(value) if isinstance(value, bytes) else value


_JSON_TYPES: dict[str, tuple[str, tuple[type, ...]]] = {
    "structure": ("an object", (dict,)),
    "map": ("an object", (dict,)),
    "list": ("an array", (list,)),
    "boolean": ("a boolean", (bool,)),
    **dict.fromkeys(("string", "blob", "timestamp"), ("a string", (str,))),
    **dict.fromkeys(("integer", "long", "float", "double"), ("a number", (int, float))),
}


class _Flaws:
    """Finds the first difference between JSON and a shape, in AWS's words where they are recorded."""

    def __init__(self, rename: Callable[[str], str], whole: bool) -> None:
        self._rename = rename
        self._whole = whole

    def of(self, shape: Shape, value: Any, name: str = "result") -> str | None:
        expected, types = _JSON_TYPES[shape.kind]
        if shape.is_document or value is None:
            return None
        if not isinstance(value, types) or (isinstance(value, bool) and shape.kind != "boolean"):
            return f"Field '{name}' must be {expected}"
        if isinstance(value, dict):
            return self._of_object(shape, value, name)
        if isinstance(value, list) and shape.item:
            item = shape.item.shape
            return next((flaw for one in value if (flaw := self.of(item, one, name))), None)
        return _out_of_range(shape, value, name)

    def _of_object(self, shape: Shape, value: dict[str, Any], name: str) -> str | None:
        if shape.kind == "map":
            item = shape.item.shape if shape.item else shape
            return next((flaw for key, one in value.items() if (flaw := self.of(item, one, key))), None)
        for required in shape.required if self._whole else ():
            if self._rename(required) not in value:
                return f"Required field '{self._rename(required)}' is missing"
        for key, member in shape.members.items():
            shown = self._rename(key)
            if shown not in value or (member.shape.kind == "blob" and shape.payload is member):
                continue  # what a function answers is any JSON
            if flaw := self.of(member.shape, value[shown], shown):
                return flaw
        return None


def _out_of_range(shape: Shape, value: Any, name: str) -> str | None:
    least, most = shape.traits.get("min"), shape.traits.get("max")
    is_text = isinstance(value, str)
    if shape.kind == "timestamp" or isinstance(value, bool):
        return None
    size = len(value) if is_text else value
    if least is not None and size < least:
        return f"Field '{name}' is smaller than the minimum {'length' if is_text else 'value'}"
    if most is not None and size > most:
        return f"Field '{name}' is larger than the maximum {'length' if is_text else 'value'}"
    return None


def _text(data: bytes) -> str:
    """Bytes as the text they are, or in base64."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return b64encode(data).decode()


@cache
def _java_name(name: str) -> str:
    """`DBInstance` -> `DbInstance`, `ETag` -> `ETag`: the SDK's codegen lowers an acronym at the beginning (its
    `Utils.unCapitalize`), and Step Functions makes the first letter a capital again."""
    end = 1
    while end < len(name) and name[end].isupper() and not name[end + 1 : end + 2].islower():
        end += 1
    return name[:1].upper() + name[1:end].lower() + name[end:]


@cache
def _capitalised(name: str) -> str:
    return name[:1].upper() + name[1:]


def _pascal_case(text: str) -> str:
    """Words with a capital each (the SDK's `CodegenNamingUtils.pascalCase`)."""
    text = re.sub("[^A-Za-z0-9]+", " ", text)
    text = re.sub("(?<=[a-z])(?=[A-Z][a-zA-Z0-9])", " ", text)
    text = re.sub("([A-Z]+)([A-Z][a-z])", r"\1 \2", text)
    text = re.sub("([0-9])([a-zA-Z])", r"\1 \2", text)
    return "".join(word.capitalize() for word in text.split())


@cache
def _actions(model: ServiceModel) -> dict[str, str]:
    return {name.lower(): name for name in model.raw["operations"]}


def _fit(shape: Shape, value: Any, leaf: Callable[[Shape, Any], Any]) -> Any:
    if shape.kind == "structure" and isinstance(value, dict) and not shape.is_document:
        names = _by_lower_case(shape)
        known: dict[str, Any] = {names.get(key.lower()) or key: inner for key, inner in value.items()}
        return {key: _member(shape.members.get(key), inner, leaf) for key, inner in known.items()}
    if shape.kind == "map" and isinstance(value, dict):
        return {key: _member(shape.item, inner, leaf) for key, inner in value.items()}
    if shape.kind == "list" and isinstance(value, list):
        return [_member(shape.item, inner, leaf) for inner in value]
    return leaf(shape, value)


@cache
def _by_lower_case(shape: Shape) -> dict[str, str]:
    return {name.lower(): name for name in shape.members}


def _member(member: Member | None, value: Any, leaf: Callable[[Shape, Any], Any]) -> Any:
    return _fit(member.shape, value, leaf) if member else value


def _time(shape: Shape, value: Any) -> Any:
    if shape.kind == "timestamp" and isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    return value


def _time_or_text(shape: Shape, value: Any) -> Any:
    if shape.kind in ("string", "blob") and isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    return _time(shape, value)
