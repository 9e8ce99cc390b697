"""The path of a request: an ordered list of small steps around every operation.

    accept -> route -> authenticate -> parse -> validate -> begin -> the operation -> commit -> serialize

Calls between services take the same path from `validate` on, without bytes, in the caller's transaction.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import orjson

from undercast import wire
from undercast.gateway import awschunked, cors, presigned
from undercast.gateway.identity import DEFAULT_REGION, Scope, identity_of
from undercast.gateway.route import Route, data_path, find_operation, json_protocol, protocol_of, service_of
from undercast.kit.call import Call, Platform
from undercast.kit.errors import InternalFailure, NotImplementedYet, SerializationException, ServiceError
from undercast.kit.http import Request, Response
from undercast.kit.service import MustWait, Service
from undercast.services import NAMES
from undercast.store.contract import StoreError

log = logging.getLogger("undercast.gateway")

_LARGEST_INFLATED = 64 * 1024 * 1024
_JSON_TYPE = [("Content-Type", "application/json")]

Loader = Callable[[str], Awaitable[Service]]
Internal = Callable[[Request], Awaitable[Response | None]]


class Unavailable(ServiceError):
    """The service is unavailable."""

    code = "ServiceUnavailable"
    status = 503
    modelled = False
    fault = "Receiver"


class FrontDoor:
    """Answers every request. `load` gives a service by name, `internal` answers Undercast's own paths."""

    def __init__(self, platform: Platform, load: Loader, internal: Internal, origins: tuple[str, ...] = ()) -> None:
        self._platform = platform
        self._load = load
        self._internal = internal
        self._origins = origins

    def streams(self, request: Request) -> bool:
        """Whether the operation reads its body while it arrives; asked when only the headers are known."""
        if request.method not in ("PUT", "POST") or request.path.startswith("/_") or "x-amz-target" in request.headers:
            return False
        if data_path(request):
            return False
        path = request.path
        try:
            route = service_of(request)
            if route.service != "s3":
                return False
            find_operation(route, request)
        except ServiceError:
            return False
        finally:
            request.path = path
        return route.operation is not None and route.operation.streaming_input

    async def answer(self, request: Request) -> Response:
        """One request, one response; never an exception."""
        response = await self._answer(request)
        if request.when_answered:
            request.when_answered(response)
        return response

    async def _answer(self, request: Request) -> Response:
        if request.path.startswith(("/_undercast", "/_localstack")):
            response = await self._answer_own(request)
            if response is not None:
                return cors.allow(request, response, self._origins)
        route = data_path(request)
        if route and not (route.path and "origin" in request.headers):
            return await self._answer_data_path(request, route)
        if "origin" in request.headers or request.method == "OPTIONS":
            return await self._answer_page(request, route)
        return await self._answer_operation(request)

    async def _answer_own(self, request: Request) -> Response | None:
        try:
            return await self._internal(request)
        except Exception as error:  # noqa: BLE001  a full disk, a bug: whatever it is, the client gets an answer
            told = _told(request, error, self._platform.ids.uuid())
            return Response(told.status or 500, _JSON_TYPE, orjson.dumps({"message": told.message}))

    async def _answer_page(self, request: Request, route: Route | None) -> Response:
        """A request of a web page: by the rules that the user gave the resource, or else by the gateway's."""
        rules = await self._rules_for_pages(request)
        if isinstance(rules, Response):
            return rules
        if rules is None and cors.is_preflight(request):
            return cors.preflight(request, self._origins)
        answer = self._answer_data_path(request, route) if route else self._answer_operation(request)
        response = await answer
        if rules is None:
            return cors.allow(request, response, self._origins)
        response.headers += rules
        return response

    async def _rules_for_pages(self, request: Request) -> Response | list[tuple[str, str]] | None:
        path, route = request.path, None
        try:
            route = service_of(request)
            service = await self._load(route.service) if route.service in NAMES else None
            if service is None or service.cors is None:
                return None
            route.model = wire.service(service.name)
            route.protocol = protocol_of(route.model, request)
            return await service.cors(self._call(request, route, self._platform.ids.uuid()), request)
        except Exception as error:  # noqa: BLE001  as above
            request_id = self._platform.ids.uuid()
            return _error_response(request, route, _told(request, error, request_id), request_id)
        finally:
            request.path = path

    async def _answer_operation(self, request: Request) -> Response:
        request_id = self._platform.ids.uuid()
        route: Route | None = None
        try:
            route = service_of(request)
            _decode_body(request, route)
            find_operation(route, request)
            assert route.operation is not None and route.labels is not None
            if request.query_string:
                await presigned.check(
                    request, route.path, route.service, self._platform.clock, self._platform.secret_of
                )
            service = await self._load(route.service)
            call = self._call(request, route, request_id)
            params = route.operation.parse(route.protocol, request, route.labels)
            output = await self._perform(call, service, route.operation, params)
            return route.operation.serialize(route.protocol, output, request_id)
        except ConnectionError:  # the client went away
            raise
        except Exception as error:  # noqa: BLE001  as above
            return _error_response(request, route, _told(request, error, request_id), request_id)

    async def _answer_data_path(self, request: Request, route: Route) -> Response:
        request_id = self._platform.ids.uuid()
        try:
            service = await self._load(route.service)
            assert service.http is not None
            request.path = route.path or request.path
            return await service.http(self._call(request, route, request_id), request)
        except ServiceError as error:
            route.model = wire.service(route.service)
            route.protocol = protocol_of(route.model, request)
            return _error_response(request, route, error, request_id)
        except ConnectionError:  # the client went away
            raise
        except Exception as error:  # noqa: BLE001  as above
            status = HTTPStatus(_told(request, error, request_id).status or 500)
            return Response(status, _JSON_TYPE, orjson.dumps({"message": status.phrase}))

    def _call(self, request: Request, route: Route, request_id: str) -> Call:
        identity = identity_of(request, route.scope, self._platform.clock.now())
        return Call(
            self._platform,
            account=identity.account,
            region=route.region or route.scope.region or DEFAULT_REGION,
            identity=identity,
            request_id=request_id,
            service=route.service,
            request=request,
            from_client=True,
        )

    async def answer_for(self, caller: Call, service_name: str, request: Request) -> Response:
        """A request with bytes that a service sends in its caller's name (an API's AWS integration)."""
        request_id = self._platform.ids.uuid()
        route = Route(service_name, _scope_of(caller))
        try:
            find_operation(route, request)
            assert route.operation is not None and route.labels is not None
            service = await self._load(service_name)
            call = caller.into()
            call.service, call.request, call.request_id = service_name, request, request_id
            call.from_client = False
            params = route.operation.parse(route.protocol, request, route.labels)
            output = await self._perform(call, service, route.operation, params)
            return route.operation.serialize(route.protocol, output, request_id)
        except ServiceError as error:
            return _error_response(request, route, error, request_id)

    # --- from here on, calls between services come the same way ---

    async def perform(self, caller: Call, service_name: str, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """An operation for a call made in this process, in its transaction if it has one."""
        service = await self._load(service_name)
        model = wire.service(service_name)
        operation = model.operations[model.by_method[method]]
        call = caller.into()
        call.service = service_name
        call.from_client = False
        call.request_id = self._platform.ids.uuid()
        if caller.in_transaction:
            async with caller.db.savepoint():
                return await self._perform(call, service, operation, operation.check(params))
        return await self._perform(call, service, operation, operation.check(params))

    async def _perform(
        self, call: Call, service: Service, operation: wire.Operation, params: dict[str, Any]
    ) -> dict[str, Any]:
        call.operation = operation.name
        function = service.operations.get(operation.method)
        if function is None:
            raise NotImplementedYet(
                f"Undercast does not have {service.name}.{operation.method} yet; docs/services.md lists what it has."
            )
        _validate(service, operation, params)
        if call.in_transaction:
            if hasattr(function, "waits"):
                raise MustWait(f"{service.name}.{operation.method} waits and cannot be part of a transaction")
            if self._platform.changes.listeners:
                call.db.after_commit(lambda: self._tell(call, params))
            return await function(call, params) or {}
        if hasattr(function, "waits"):
            output = await function(call, params)
        else:
            output = await self._in_transaction(call, function, params)
        if self._platform.changes.listeners:
            self._tell(call, params)
        return output or {}

    def _tell(self, call: Call, params: dict[str, Any]) -> None:
        self._platform.changes.tell(call.service, call.operation, call.account, call.region, params)

    async def _in_transaction(self, call: Call, function: Any, params: dict[str, Any]) -> dict[str, Any]:
        async def work(db: Any) -> dict[str, Any]:
            call._db = db
            result: dict[str, Any] = await function(call, params)
            return result

        return await self._platform.store.run(
            work, name=f"{call.service}.{call.operation}", relaxed=hasattr(function, "relaxed")
        )


def _scope_of(call: Call) -> Scope:
    return Scope(call.identity.access_key, call.region)


def _validate(service: Service, operation: wire.Operation, params: dict[str, Any]) -> None:
    violations = operation.validate(params)
    if violations:
        error = service.invalid(wire.violations_message(violations), violations, params)
        if error:
            raise error
    for name in service.without & params.keys():
        if params[name]:
            raise NotImplementedYet(f"Undercast's {service.name} does not have the parameter {name} yet.")


def _decode_body(request: Request, route: Route) -> None:
    if route.service == "s3":
        if request.stream and awschunked.is_chunked(request):
            request.stream = awschunked.decoded(request)
        return
    if request.headers.get("content-encoding") == "gzip" and request.body:
        request.body = _inflate(request.body)


def _inflate(data: bytes) -> bytes:
    try:
        decompressor = zlib.decompressobj(wbits=31)
        inflated = decompressor.decompress(data, _LARGEST_INFLATED)
    except zlib.error as error:
        raise SerializationException("The request body is not valid gzip.") from error
    if decompressor.unconsumed_tail:
        raise SerializationException("The request body is too large.")
    return inflated


def _told(request: Request, error: Exception, request_id: str) -> ServiceError:
    """What the client is told; what is no error of AWS is logged."""
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, StoreError):
        log.error("%s", error)
        return Unavailable(str(error))
    log.error("request %s: %s %s", request_id, request.method, request.path, exc_info=error)
    return InternalFailure()


def _error_response(request: Request, route: Route | None, error: ServiceError, request_id: str) -> Response:
    if route and route.operation:
        return route.operation.serialize_error(route.protocol, error, request_id)
    protocol = route.protocol if route and route.protocol else _likely_protocol(request, route)
    return wire.serialize_error(protocol, error, request_id, route.model if route else None)


def _likely_protocol(request: Request, route: Route | None) -> str:
    if "x-amz-target" in request.headers:
        return json_protocol(request)
    if request.headers.get("smithy-protocol"):
        return "smithy-rpc-v2-cbor"
    if "x-www-form-urlencoded" in request.headers.get("content-type", ""):
        return "query"
    return "rest-xml" if route and route.service == "s3" else "rest-json"
