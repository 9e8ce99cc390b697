"""What becomes of an event at the end: the record for a destination, the message for a dead-letter queue."""

from __future__ import annotations

import logging
from typing import Any

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.runtime import Outcome

from . import errors
from .event_storage import Event
from .execution_roles import PRINCIPAL
from .model import Version, zulu
from .names import LATEST

log = logging.getLogger("undercast.lambda")

_LONGEST_ERROR = 1024
_DEAD_LETTER_SERVICES = ("sqs", "sns")
_DESTINATION_SERVICES = ("sqs", "sns", "lambda")


def record(event: Event, version: Version, condition: str, outcome: Outcome | None, now: int) -> dict[str, Any]:
    """As destinations get it. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html

    Recorded: test_reserved_concurrency has neither response when the function did not run.
    """
    found: dict[str, Any] = {
        "version": "1.0",
        "timestamp": zulu(now),
        "requestContext": {
            "requestId": event.id,
            "functionArn": event.reference.of(event.qualifier or LATEST).qualified_arn,
            "condition": condition,
            "approximateInvokeCount": event.attempts,
        },
        "requestPayload": _parse(event.payload),
    }
    if outcome is not None:
        context: dict[str, Any] = {"statusCode": 200, "executedVersion": version.version}
        if outcome.error:
            context["functionError"] = outcome.error
        found |= {"responseContext": context, "responsePayload": _parse(outcome.payload)}
    return found


async def send(call: Call, arn: str, content: dict[str, Any]) -> None:
    """Hand a record to a queue, a topic or a function. One that cannot take it loses it, as on AWS."""
    await _post(call, arn, orjson.dumps(content).decode(), {})


async def send_dead_letter(call: Call, arn: str, event: Event, outcome: Outcome | None) -> None:
    """The event itself, with what went wrong beside it (recorded: test_dead_letter_queue)."""
    failure = _parse(outcome.payload) if outcome else {}
    message = str(failure.get("errorMessage", "")) if isinstance(failure, dict) else ""
    attributes = {
        "RequestID": {"DataType": "String", "StringValue": event.id},
        "ErrorCode": {"DataType": "Number", "StringValue": "200" if outcome else "429"},
    }
    if message:
        attributes["ErrorMessage"] = {"DataType": "String", "StringValue": message[:_LONGEST_ERROR]}
    await _post(call, arn, event.payload.decode("utf-8", "replace"), {"MessageAttributes": attributes})


def check(arn: str, *, dead_letter: bool = False) -> None:
    """Refuse what no event can be sent to. InvalidParameterValueException, or that it is not there yet."""
    try:
        service = Arn.parse(arn).service
    except ValueError:
        raise errors.InvalidParameterValueException(
            f"The provided destination config {arn} is not a valid ARN."
        ) from None
    allowed = _DEAD_LETTER_SERVICES if dead_letter else _DESTINATION_SERVICES
    if service in allowed:
        return
    if service in ("events", "s3", "s3express") and not dead_letter:
        raise errors.unsupported(f"destinations of {service}", "use a queue, a topic or a function.")
    raise errors.InvalidParameterValueException(f"The provided destination {arn} is not supported by this operation.")


async def _post(call: Call, arn: str, text: str, extra: dict[str, Any]) -> None:
    target = Arn.parse(arn)
    there = call.at(arn).as_service(PRINCIPAL)
    try:
        if target.service == "sqs":
            url = f"{call.platform.endpoint_url}/{target.account}/{target.resource}"
            if target.resource.endswith(".fifo"):
                extra |= {"MessageGroupId": "lambda", "MessageDeduplicationId": call.ids.uuid()}
            await there.aws.sqs.send_message(QueueUrl=url, MessageBody=text, **extra)
        elif target.service == "sns":
            await there.aws.sns.publish(TopicArn=arn, Message=text, **extra)
        else:
            await there.deliver(arn, text.encode())
    except (ServiceError, KeyError) as error:  # KeyError: this Undercast lacks the service
        log.warning("%s did not take what Lambda had for it: %s", arn, error)


def _parse(payload: bytes) -> Any:
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return payload.decode("utf-8", "replace")
