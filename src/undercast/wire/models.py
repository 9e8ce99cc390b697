"""Service models: what botocore knows of a service, with one compiled function per operation and protocol."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
from botocore import xform_name

import undercast.recursion  # noqa: F401  what nests as deep as JSON may, 1,024 levels, is read by recursion
from undercast.kit.errors import SerializationException, ServiceError
from undercast.kit.http import Request, Response
from undercast.wire import awsquery_names, calls, validation
from undercast.wire.errors import ErrorModel, error_models
from undercast.wire.shapes import Shape, Shapes
from undercast.wire.validation import Violation

Parse = Callable[[Request, dict[str, str]], dict[str, Any]]
Serialize = Callable[[dict[str, Any], str], Response]

MODULES = {
    "json": "json",
    "json-cbor": "json_cbor",
    "query": "query",
    "rest-json": "rest",
    "rest-xml": "rest",
    "smithy-rpc-v2-cbor": "cbor",
}


@cache
def service(name: str) -> ServiceModel:
    """The model of a service by its boto3 client name, loaded on first use. Raises `KeyError` for an unknown name."""
    return ServiceModel(name, _load(name))


class ServiceModel:
    """One AWS service as botocore models it."""

    def __init__(self, name: str, raw: dict[str, Any]) -> None:
        metadata = raw["metadata"]
        self.name = name
        self.raw = raw
        self.endpoint_prefix: str = metadata["endpointPrefix"]
        self.signing_name: str = metadata.get("signingName", self.endpoint_prefix)
        self.target_prefix: str = metadata.get("targetPrefix", "")
        self.json_version: str = metadata.get("jsonVersion", "1.0")
        self.api_version: str = metadata["apiVersion"]
        self.query_compatible = "awsQueryCompatible" in metadata
        protocols = tuple(metadata.get("protocols") or [metadata["protocol"]])
        if self.query_compatible and "query" not in protocols:
            protocols += ("query",)
        self.protocols: tuple[str, ...] = protocols
        self.xmlns: str = metadata.get("xmlNamespace") or awsquery_names.XMLNS.get(name, "")
        self.shapes = Shapes(raw["shapes"])
        self.operations: Mapping[str, Operation] = _Operations(self)
        self._codecs: dict[str, Any] = {}

    @cached_property
    def by_method(self) -> dict[str, str]:
        """boto3's method names: `send_message` -> `SendMessage`."""
        return {xform_name(name): name for name in self.raw["operations"]}

    @cached_property
    def error_codes(self) -> Mapping[str, ErrorModel]:
        """The errors by shape name (`QueueDoesNotExist`) and by code (`AWS.SimpleQueueService.NonExistentQueue`)."""
        return error_models(awsquery_names.with_errors(self.name, self.raw["shapes"]), self._shape)

    @cached_property
    def query_shapes(self) -> Shapes:
        """The shapes with the names of the query protocol, which some models no longer carry."""
        return Shapes(awsquery_names.with_names(self.name, self.raw["shapes"]))

    def match(self, protocol: str, request: Request) -> tuple[Operation, dict[str, str]] | None:
        """Which operation a request is for, and the labels of its path (still percent-encoded where they were)."""
        found: tuple[Operation, dict[str, str]] | None = _module(protocol).match(self, request)
        return found

    def codec(self, key: str, make: Callable[[], Any]) -> Any:
        """A compiler shared by all operations of this service, made on first use."""
        if key not in self._codecs:
            self._codecs[key] = make()
        return self._codecs[key]

    def _shape(self, name: str) -> Shape | None:
        return self.shapes[name] if name in self.shapes else None  # noqa: SIM401 - it is no mapping


class _Operations(Mapping[str, "Operation"]):
    """The operations of a service, compiled when they are first asked for."""

    def __init__(self, model: ServiceModel) -> None:
        self._model = model
        self._made: dict[str, Operation] = {}

    def __getitem__(self, name: str) -> Operation:
        operation = self._made.get(name)
        if operation is None:
            operation = self._made[name] = Operation(self._model, name, self._model.raw["operations"][name])
        return operation

    def __contains__(self, name: object) -> bool:
        return name in self._model.raw["operations"]

    def __iter__(self) -> Iterator[str]:
        return iter(self._model.raw["operations"])

    def __len__(self) -> int:
        return len(self._model.raw["operations"])


class Operation:
    """One operation: parse its requests, validate its input, serialize its answers and errors."""

    def __init__(self, model: ServiceModel, name: str, raw: dict[str, Any]) -> None:
        http = raw.get("http", {})
        self.service = model
        self.name = name
        self.raw = raw
        self.method = xform_name(name)
        self.http_method: str = http.get("method", "POST")
        self.request_uri: str = http.get("requestUri", "/")
        self.status: int = http.get("responseCode", 200)
        self.input = model.shapes[raw["input"]["shape"]] if "input" in raw else None
        self.output = model.shapes[raw["output"]["shape"]] if "output" in raw else None
        self.streaming_input = _streams(self.input)
        self.streaming_output = _streams(self.output)
        self.event_stream_output = any(
            member.get("eventstream") for member in (self.output.members.values() if self.output else ())
        )
        self.idempotency_tokens: tuple[str, ...] = tuple(
            key for key, member in (self.input.members if self.input else {}).items() if member.get("idempotencyToken")
        )
        self._parsers: dict[str, Parse] = {}
        self._serializers: dict[str, Serialize] = {}

    def __repr__(self) -> str:
        return f"<Operation {self.service.name}.{self.name}>"

    def parse(self, protocol: str, request: Request, labels: dict[str, str]) -> dict[str, Any]:
        """The input as boto3 would take it. Raises `SerializationException` for anything malformed."""
        parse = self._parsers.get(protocol)
        if parse is None:
            parse = self._parsers[protocol] = _module(protocol).compile_parse(self)
        try:
            return parse(request, labels)
        except RecursionError:
            raise SerializationException("The request is nested too deeply") from None

    def validate(self, params: dict[str, Any]) -> list[Violation]:
        """The constraints of the model that an input breaks; none as a rule."""
        return self._violations(params)

    def check(self, params: dict[str, Any]) -> dict[str, Any]:
        """An input of a call within the process, types checked; raises `SerializationException` like `parse`."""
        try:
            return self._check(params)
        except RecursionError:
            raise SerializationException("The request is nested too deeply") from None

    def serialize(self, protocol: str, output: dict[str, Any], request_id: str) -> Response:
        """The answer. Raises `trees.UnknownMember` when the output has a member that the model does not."""
        serialize = self._serializers.get(protocol)
        if serialize is None:
            serialize = self._serializers[protocol] = _module(protocol).compile_serialize(self)
        return serialize(output, request_id)

    def serialize_error(self, protocol: str, error: ServiceError, request_id: str) -> Response:
        response = serialize_error(protocol, error, request_id, self.service)
        if self.http_method == "HEAD":
            response.body = b""
        return response

    @cached_property
    def _violations(self) -> Callable[[dict[str, Any]], list[Violation]]:
        return validation.compile_validate(self)

    @cached_property
    def _check(self) -> Callable[[dict[str, Any]], dict[str, Any]]:
        return calls.compile_check(self)


def serialize_error(protocol: str, error: ServiceError, request_id: str, model: ServiceModel | None) -> Response:
    """An error's answer, also when no operation or not even the service is known."""
    response: Response = _module(protocol).serialize_error(error, request_id, model)
    return response


def _streams(shape: Shape | None) -> bool:
    payload = shape.payload if shape else None
    return payload is not None and bool(payload.get("streaming"))


@cache
def _module(protocol: str) -> ModuleType:
    """The module of a protocol, imported on first use: most runs need two or three of them."""
    return import_module(f"undercast.wire.{MODULES[protocol]}")


@cache
def _data_folder() -> Path:
    spec = find_spec("botocore")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "data"


def _load(name: str) -> dict[str, Any]:
    versions = sorted(_data_folder().glob(f"{name}/*/service-2.json*")) if name.replace("-", "").isalnum() else []
    if not versions:
        raise KeyError(name)
    content = versions[-1].read_bytes()
    model: dict[str, Any] = orjson.loads(gzip.decompress(content) if versions[-1].suffix == ".gz" else content)
    _forget_documentation(model)
    extras = versions[-1].with_name("service-2.sdk-extras.json")
    if extras.exists():
        _merge(model, orjson.loads(extras.read_bytes())["merge"])
    return model


def _forget_documentation(model: dict[str, Any]) -> None:
    """Most of a model is prose, which would stay in memory for as long as the process runs."""
    for part in (*model["operations"].values(), *model["shapes"].values()):
        part.pop("documentation", None)
        for member in part.get("members", {}).values():
            member.pop("documentation", None)


def _merge(into: dict[str, Any], extra: dict[str, Any]) -> None:
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value
