"""What a request says of logging, tracing, encryption and the role of a machine, checked."""

from __future__ import annotations

from functools import partial
from typing import Any

from undercast.engines import states
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet, ServiceError
from undercast.kit.roles import trusts
from undercast.services.stepfunctions import errors, integrations

OWNED = "AWS_OWNED_KEY"


def checked_definition(call: Call, text: str, type: str) -> states.Machine:
    """A definition, compiled. InvalidDefinition in AWS's words."""
    try:
        return states.parse(text, type, partial(integrations.is_known, call.platform))
    except states.Invalid as error:
        raise errors.InvalidDefinition(f"Invalid State Machine Definition: '{error}'") from None


async def check_role(call: Call, role: str) -> None:
    """InvalidArn, AccessDeniedException. One that is not there counts as a name (docs/decisions/0008)."""
    if not role.startswith("arn:"):
        raise errors.InvalidArn(f"Invalid ARN prefix: {role}")
    try:
        Arn.parse(role)
    except ValueError:
        raise errors.InvalidArn(role) from None
    if not await trusts(call, role, "states.amazonaws.com"):
        raise errors.AccessDeniedException()


async def settings_of(call: Call, request: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    """Logging, tracing and encryption as DescribeStateMachine shows them."""
    before = before or {}
    logging, tracing = request.get("loggingConfiguration"), request.get("tracingConfiguration")
    encryption = request.get("encryptionConfiguration")
    if encryption and encryption["type"] != OWNED:
        raise NotImplementedYet("Undercast does not encrypt state machines and activities with a KMS key yet.")
    settings = {
        "loggingConfiguration": before.get("loggingConfiguration") or {"level": "OFF", "includeExecutionData": False},
        "tracingConfiguration": before.get("tracingConfiguration") or {"enabled": False},
    }
    if logging is not None:
        settings["loggingConfiguration"] = await _checked_logging(call, logging)
    if tracing is not None:
        settings["tracingConfiguration"] = {"enabled": bool(tracing.get("enabled"))}
    if encryption or "encryptionConfiguration" in before:
        settings["encryptionConfiguration"] = {"type": OWNED}
    return settings


async def _checked_logging(call: Call, logging: dict[str, Any]) -> dict[str, Any]:
    level = logging.get("level") or "OFF"
    destinations = logging.get("destinations")
    if (level != "OFF" and not destinations) or len(destinations or ()) > 1:
        raise errors.InvalidLoggingConfiguration("Must specify exactly one Log Destination.")
    for destination in destinations or ():
        await _check_group(call, (destination.get("cloudWatchLogsLogGroup") or {}).get("logGroupArn") or "")
    kept = {"destinations": destinations} if destinations is not None else {}
    return {"level": level, "includeExecutionData": bool(logging.get("includeExecutionData")), **kept}


async def _check_group(call: Call, arn: str) -> None:
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        raise errors.InvalidLoggingConfiguration(f"Invalid Log Destination ARN: {arn}") from None
    name = parsed.resource.removeprefix("log-group:")
    if parsed.service != "logs" or name == parsed.resource or not name.endswith(":*"):
        raise errors.InvalidLoggingConfiguration("Log Destination ARN must be a log group ARN that ends in ':*'.")
    try:
        await call.at(arn).aws.logs.list_tags_for_resource(resourceArn=arn.removesuffix(":*"))
    except ServiceError:
        raise errors.InvalidLoggingConfiguration(f"Log Destination does not exist: {arn}") from None
