"""The data path of REST APIs: from a request to the answer of a stage, an ordered list of small steps."""

from __future__ import annotations

import gzip
import re
import zlib

from undercast.kit.call import Call, Platform
from undercast.kit.http import Request, Response
from undercast.kit.outgoing import Client
from undercast.services.apigateway.execute import integration, logs, refusals, validation
from undercast.services.apigateway.execute.admission import Admission
from undercast.services.apigateway.execute.authorization import Authorizers
from undercast.services.apigateway.execute.exchange import Exchange
from undercast.services.apigateway.execute.logs import Logs
from undercast.services.apigateway.execute.refusals import Refused
from undercast.services.apigateway.execute.served import Served, Shelf

_PATHS = re.compile(
    r"/restapis/(?P<api>[^/]+)/(?P<stage>[^/]+)/_user_request_(?P<path>/.*)?$"
    r"|/_aws/execute-api/(?P<api2>[^/]+)/(?P<stage2>[^/]+)(?P<path2>/.*)?$"
)
_LARGEST_BODY = 10 * 1024 * 1024
_LARGEST_INFLATED = 10 * 1024 * 1024


class Gateway:
    """What requests share: stages made ready, authorizers' opinions, buckets, connections."""

    def __init__(self, platform: Platform) -> None:
        self.shelf = Shelf(platform)
        self.authorizers = Authorizers()
        self.admission = Admission()
        self.backends = Client("undercast-backend", threads=64)  # its own: servers have 29 seconds to answer
        self.logs = Logs()

    async def close(self) -> None:
        await self.logs.close()
        self.shelf.close()
        self.backends.close()

    async def find(self, call: Call, api_id: str, stage_name: str) -> Served | None:
        """What the request's stage serves: the main deployment or, by chance, the canary."""
        if self.shelf.look():
            self.admission.forget()
        stage = await self.shelf.stage(call, api_id, stage_name)
        if stage is None:
            return None
        return stage.main if stage.canary is None else stage.choose(call.ids.fraction())

    async def answer(self, exchange: Exchange) -> Response:
        """All that happens around an integration."""
        try:
            route(exchange)
            if exchange.method.logged:
                exchange.log = []
                logs.begin(exchange)
            if len(exchange.body) > _LARGEST_BODY:
                raise Refused("REQUEST_TOO_LARGE")
            await self.authorizers.check(exchange)
            await self.admission.check(exchange)
            response = await self.forward(exchange)
            exchange.note("Successfully completed execution")
            return response
        except Refused as refused:
            return refusals.answer(exchange, refused)

    async def forward(self, exchange: Exchange) -> Response:
        """From the validation on: what TestInvokeMethod does too. Refused."""
        validation.check(exchange)
        response = await integration.answer(exchange, self.backends)
        response.headers += (("x-amzn-RequestId", exchange.request_id), ("x-amz-apigw-id", exchange.extended_id))
        return response


def gateway_of(platform: Platform) -> Gateway:
    """The platform's gateway."""
    found: Gateway | None = platform.things.get("apigateway")
    if found is None:
        found = platform.things["apigateway"] = Gateway(platform)
    return found


async def start(platform: Platform) -> None:
    gateway_of(platform)


async def stop(platform: Platform) -> None:
    await gateway_of(platform).close()


async def http(call: Call, request: Request) -> Response:
    """Answer a request to a stage."""
    api_id, stage_name, path = target(request)
    gateway = gateway_of(call.platform)
    served = await gateway.find(call, api_id, stage_name)
    if served is None:
        return _forbidden(call)
    there = call.into(account=served.account, region=served.region).as_service("apigateway.amazonaws.com")
    exchange = Exchange(there, request, served, path)
    exchange.caller = call.identity
    if served.compress_from is not None and request.headers.get("content-encoding") == "gzip":
        exchange.body = _inflated(request.body)
    response = _compressed(exchange, await gateway.answer(exchange))
    if served.logged:
        gateway.logs.access(exchange, response)
    if exchange.log is not None:
        body = response.body if isinstance(response.body, bytes) else b"[a stream]"
        logs.end(exchange, response.status, response.headers, body)
        gateway.logs.execution(exchange)
    return response


def target(request: Request) -> tuple[str, str, str]:
    """API, stage and raw path (never empty) of a request."""
    if found := _PATHS.match(request.path):
        path = found["path"] or found["path2"] or "/"
        return found["api"] or found["api2"], found["stage"] or found["stage2"], path
    _, stage, *rest = request.path.split("/", 2)
    return request.host.partition(".")[0], stage, "/" + (rest[0] if rest else "")


def route(exchange: Exchange) -> None:
    """Find the method. Refused when the API has none for the request."""
    found = exchange.served.router.match(exchange.request.method, exchange.path)
    if found is None:
        raise Refused("MISSING_AUTHENTICATION_TOKEN")
    exchange.method, exchange.path_params = found


def _forbidden(call: Call) -> Response:
    headers = [
        ("x-amzn-RequestId", call.request_id),
        ("x-amzn-ErrorType", "ForbiddenException"),
        ("Content-Type", "application/json"),
    ]
    return Response(403, headers, b'{"message":"Forbidden"}')


def _inflated(body: bytes) -> bytes:
    """A body that cannot be read is left as it is."""
    try:
        return zlib.decompressobj(wbits=31).decompress(body, _LARGEST_INFLATED)
    except zlib.error:
        return body


def _compressed(exchange: Exchange, response: Response) -> Response:
    """Compress what is large enough for a client that takes gzip."""
    least, body = exchange.served.compress_from, response.body
    if least is None or not isinstance(body, bytes) or len(body) < least or not body:
        return response
    if "gzip" not in exchange.header("accept-encoding") or any(
        n.lower() == "content-encoding" for n, _ in response.headers
    ):
        return response
    response.headers.append(("Content-Encoding", "gzip"))
    response.body = gzip.compress(body, 6)
    return response
