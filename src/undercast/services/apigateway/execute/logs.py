"""What a stage writes to CloudWatch Logs: an access line for every request, and the log of its execution.

Source: "Set up CloudWatch logging for REST APIs in API Gateway" in the developer guide.
"""

from __future__ import annotations

import asyncio
import logging
from hashlib import md5
from typing import TYPE_CHECKING, Any

from undercast.kit.arn import Arn
from undercast.kit.errors import ServiceError
from undercast.services.apigateway.execute import variables

if TYPE_CHECKING:
    from undercast.kit.call import Call
    from undercast.kit.http import Response
    from undercast.services.apigateway.execute.exchange import Exchange

log = logging.getLogger("undercast.apigateway")

_BATCH = 1000
_LONGEST = 1024  # characters of a line of the execution log
_HIDDEN_HEADERS = {"authorization", "x-amz-security-token", "x-api-key"}


class Logs:
    """Lines that wait to be written together, by log stream; they are written off the requests' path."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str, str, str], tuple[Call, list[dict[str, Any]]]] = {}
        self._writing: asyncio.Task[None] | None = None

    def access(self, exchange: Exchange, response: Response) -> None:
        """The line for a request that was answered, in the stage's format."""
        settings, served = exchange.served.access_log, exchange.served
        exchange.outcome = {
            "status": response.status,
            "responseLength": len(response.body) if isinstance(response.body, bytes) else None,
            "responseLatency": exchange.call.clock.now() - exchange.call.now,
        }
        line = variables.substituted(exchange, settings["format"], "-")
        group = Arn.parse(settings["destinationArn"]).resource.removeprefix("log-group:").removesuffix(":*")
        self._add(exchange.call.at(settings["destinationArn"]), group, f"{served.api_id}/{served.stage_name}", [line])

    def execution(self, exchange: Exchange) -> None:
        """What happened to a request, as far as its method's settings want to know."""
        served, method = exchange.served, exchange.method
        wanted = {"OFF": set[str](), "ERROR": {"ERROR"}, "INFO": {"ERROR", "INFO"}}[method.log_level]
        if method.logs_data:
            wanted.add("DATA")
        prefix = f"({exchange.request_id}) "
        lines = [(prefix + text)[:_LONGEST] for kind, text in exchange.log or () if kind in wanted]
        if lines:
            name = f"{served.api_id}/{served.stage_name}"
            stream = md5(name.encode(), usedforsecurity=False).hexdigest()
            self._add(exchange.call, f"API-Gateway-Execution-Logs_{name}", stream, lines)

    def _add(self, call: Call, group: str, stream: str, lines: list[str]) -> None:
        now = call.clock.now()
        waiting = self._waiting.setdefault((call.account, call.region, group, stream), (call, []))[1]
        waiting.extend({"timestamp": now, "message": line} for line in lines)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.ensure_future(self._write_all())

    async def close(self) -> None:
        """Write the last of them."""
        if self._writing:
            await asyncio.wait([self._writing])
        await self._write_all()  # what it left, if it failed

    async def _write_all(self) -> None:
        while self._waiting:
            (*_, group, stream), (call, events) = self._waiting.popitem()
            for start in range(0, len(events), _BATCH):
                try:
                    await _write(call, group, stream, events[start : start + _BATCH])
                except ServiceError as error:  # the requests were answered: a log group that is gone hurts nobody else
                    log.warning("log of %s: %s", stream, error.message)


def begin(exchange: Exchange) -> None:
    """Write down the request."""
    request = exchange.request
    exchange.note(f"Starting execution for request: {exchange.request_id}")
    exchange.note(f"HTTP Method: {request.method}, Resource Path: {exchange.path}")
    exchange.data(f"Method request path: {_map(exchange.path_params)}")
    exchange.data(f"Method request query string: {_map(exchange.query)}")
    exchange.data(f"Method request headers: {_map(dict(request.raw_headers))}")
    exchange.data(f"Method request body before transformations: {exchange.text}")


def end(exchange: Exchange, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
    """Write down the answer."""
    exchange.data(f"Method response body after transformations: {body.decode(errors='replace')}")
    exchange.data(f"Method response headers: {_map(dict(headers))}")
    exchange.note(f"Method completed with status: {status}")


def _map(values: dict[str, str]) -> str:
    shown = {name: "*" * 6 + value[-6:] if name.lower() in _HIDDEN_HEADERS else value for name, value in values.items()}
    return "{" + ", ".join(f"{name}={value}" for name, value in shown.items()) + "}"


async def _write(call: Call, group: str, stream: str, events: list[dict[str, Any]]) -> None:
    try:
        await call.aws.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    except ServiceError as error:
        if error.code != "ResourceNotFoundException":
            raise
        await _create(call, group, stream)
        await call.aws.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


async def _create(call: Call, group: str, stream: str) -> None:
    """The group of an execution log is API Gateway's own; that of an access log is the user's to make."""
    if group.startswith("API-Gateway-Execution-Logs_"):
        try:
            await call.aws.logs.create_log_group(logGroupName=group)
        except ServiceError as error:
            if error.code != "ResourceAlreadyExistsException":
                raise
    await call.aws.logs.create_log_stream(logGroupName=group, logStreamName=stream)
