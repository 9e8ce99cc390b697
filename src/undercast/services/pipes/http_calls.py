"""API destinations and stages of APIs, as enrichments and targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.kit import destinations
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.connections import NotAuthorized
from undercast.kit.destinations import Parameters
from undercast.kit.outgoing import Answer, NoAnswer
from undercast.services.pipes.items import Failed, Item
from undercast.services.pipes.model import PRINCIPAL, Pipe
from undercast.services.pipes.templates import resolved


async def post(call: Call, pipe: Pipe, arn: str, item: Item, parameters: Mapping[str, Any]) -> bytes:
    """Send an event; what came back. ServiceError, Failed."""
    found = Parameters.of(parameters, lambda text: resolved(text, item.read))
    to = _to_destination if Arn.parse(arn).service == "events" else _to_stage
    try:
        answer = await to(call, pipe, arn, item.text, found)
    except NoAnswer as error:
        raise Failed(f"{arn} did not answer: {error}") from error
    except NotAuthorized as error:
        raise Failed(str(error)) from error
    if not 200 <= answer.status < 300:
        text = answer.body[:500].decode("utf-8", "replace")
        raise Failed(f"{arn} answered with status {answer.status}: {text}")
    return answer.body


async def _to_destination(call: Call, pipe: Pipe, arn: str, text: str, parameters: Parameters) -> Answer:
    there = call.as_role(pipe.role, "pipe").at(arn)
    found = await there.aws.events.describe_api_destination(Name=Arn.parse(arn).resource.split("/")[1])
    slot = destinations.next_slot(call, found["ApiDestinationArn"], found["InvocationRateLimitPerSecond"])
    if slot:
        await call.clock.sleep_until(slot)
    return await destinations.call_destination(
        there, found["ConnectionArn"], found["HttpMethod"], found["InvocationEndpoint"], parameters, text
    )


async def _to_stage(call: Call, pipe: Pipe, arn: str, text: str, parameters: Parameters) -> Answer:
    return await destinations.call_stage(call, arn, parameters, text, role_arn=pipe.role, principal=PRINCIPAL)
