"""Operations that run functions."""

from __future__ import annotations

import asyncio
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.service import waits
from undercast.runtime import Outcome

from . import errors, names
from .events import enqueue
from .execution import ChunkQueue, run
from .names import Reference
from .targets import choose

SYNC_LIMIT_BYTES = 6_291_456
ASYNC_LIMIT_BYTES = 1_048_576
CLIENT_CONTEXT_LIMIT_BYTES = 3_583


@waits
async def invoke(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Run a function and answer with what it returned, or keep the event for later, or only look whether one could."""
    kind = request.get("InvocationType") or "RequestResponse"
    _refuse(request)
    reference = names.read(call, request)
    payload = request.get("Payload") or b"{}"
    _check_payload(payload, kind)
    context = client_context(request.get("ClientContext"))
    trace = call.trace
    if kind == "Event":
        await call.transact(_enqueue, reference, payload, context, trace)
        return {"StatusCode": 202, "Payload": b""}
    version, function = await call.transact(choose, reference)
    if kind == "DryRun":
        return {"StatusCode": 204, "Payload": b""}
    outcome = await run(call, reference, version, function, payload, context=context, trace=trace)
    return {
        "StatusCode": 200,
        "Payload": outcome.payload,
        "ExecutedVersion": version.version,
        "FunctionError": outcome.error,
        "LogResult": b64encode(outcome.log_tail).decode() if request.get("LogType") == "Tail" else None,
    }


@waits
async def invoke_async(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The older way to have an event processed later."""
    args = request["InvokeArgs"]
    payload = args if isinstance(args, bytes) else await args.read()
    _check_payload(payload, "Event")
    await call.transact(_enqueue, names.read(call, request), payload, None, call.trace)
    return {"Status": 202}


@waits
async def invoke_with_response_stream(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Run a function and hand on what it writes while it writes it."""
    _refuse(request)
    reference = names.read(call, request)
    payload = request.get("Payload") or b"{}"
    _check_payload(payload, "RequestResponse")
    context = client_context(request.get("ClientContext"))
    version, function = await call.transact(choose, reference)
    if request.get("InvocationType") == "DryRun":
        return {"StatusCode": 204, "EventStream": _nothing()}
    sink = ChunkQueue()
    running = asyncio.ensure_future(
        run(call, reference, version, function, payload, context=context, trace=call.trace, stream=sink)
    )
    running.add_done_callback(lambda _: sink.end())
    await sink.started.wait()
    if running.done() and running.exception():
        raise running.exception()  # type: ignore[misc]
    return {
        "StatusCode": 200,
        "ExecutedVersion": version.version,
        "ResponseStreamContentType": sink.content_type,
        "EventStream": _events(sink, running, tail=request.get("LogType") == "Tail"),
    }


def client_context(text: str | None) -> str | None:
    """The client context as the function gets it: JSON, sent in base64."""
    if not text:
        return None
    if len(text) > CLIENT_CONTEXT_LIMIT_BYTES:
        raise errors.InvalidRequestContentException(
            "Client context must be no more than 3583 bytes when base64-encoded."
        )
    try:
        decoded = b64decode(text, validate=True).decode()
        orjson.loads(decoded)
    except ValueError:
        raise errors.InvalidRequestContentException(
            "Client context must be a valid Base64-encoded JSON object."
        ) from None
    return decoded


async def _enqueue(call: Call, reference: Reference, payload: bytes, context: str | None, trace: str | None) -> None:
    await choose(call, reference)
    await enqueue(call, reference, payload, id=call.request_id, context=context, trace=trace)


def _refuse(request: dict[str, Any]) -> None:
    for member, why in (
        ("DurableExecutionName", "functions are not durable executions."),
        ("TenantId", "environments are not kept apart by tenant."),
    ):
        if request.get(member):
            raise errors.unsupported(member, why)


def _check_payload(payload: bytes, kind: str) -> None:
    if kind == "Event" and len(payload) > ASYNC_LIMIT_BYTES:
        raise errors.RequestTooLargeException(
            f"{len(payload)} byte payload is too large for the Event invocation type (limit {ASYNC_LIMIT_BYTES} bytes)"
        )
    if len(payload) > SYNC_LIMIT_BYTES:
        raise errors.RequestEntityTooLargeException(
            f"Request must be smaller than {SYNC_LIMIT_BYTES} bytes for the InvokeFunction operation"
        )
    try:
        orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise errors.InvalidRequestContentException(f"Could not parse request body into json: {error}") from None


async def _events(sink: ChunkQueue, running: asyncio.Future[Outcome], *, tail: bool) -> AsyncIterator[dict[str, Any]]:
    async for chunk in sink.chunks():
        yield {"PayloadChunk": {"Payload": chunk}}
    outcome = await running
    if outcome.payload and not outcome.error:  # a function that does not stream answers in one piece
        yield {"PayloadChunk": {"Payload": outcome.payload}}
    yield {
        "InvokeComplete": {
            "ErrorCode": outcome.error,
            "ErrorDetails": outcome.payload.decode("utf-8", "replace") if outcome.error else None,
            "LogResult": b64encode(outcome.log_tail).decode() if tail else None,
        }
    }


async def _nothing() -> AsyncIterator[dict[str, Any]]:
    yield {"InvokeComplete": {}}
