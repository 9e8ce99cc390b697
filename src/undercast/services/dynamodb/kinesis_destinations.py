"""Changes of a table's items as records of Kinesis data streams."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.dynamodb import errors, storage
from undercast.services.dynamodb.model import Table

_MOST = 2  # streams of one table


async def enable_kinesis_streaming_destination(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Send changes to a data stream from now on."""
    table, arn = await storage.find_table(call, request["TableName"]), request["StreamArn"]
    destinations = _destinations(table)
    if arn in destinations:
        raise errors.ValidationException(
            "Table is not in a valid state to enable Kinesis Streaming Destination: KinesisStreamingDestination must "
            "be DISABLED or ENABLE_FAILED to perform ENABLE operation."
        )
    if len(destinations) == _MOST:
        raise errors.LimitExceededException(f"A table can have at most {_MOST} Kinesis streaming destinations")
    await _check_stream(call, arn)
    precision = _precision(request, "EnableKinesisStreamingConfiguration") or "MILLISECOND"
    await _save(call, table, {**destinations, arn: precision})
    return _answer(table, arn, "ENABLING", "EnableKinesisStreamingConfiguration", precision)


async def disable_kinesis_streaming_destination(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Send no more; what is on its way still arrives."""
    table, arn = await storage.find_table(call, request["TableName"]), request["StreamArn"]
    destinations = _destinations(table)
    _check_active(destinations, arn, "DISABLE")
    if request.get("EnableKinesisStreamingConfiguration"):
        raise errors.ValidationException("EnableKinesisStreamingConfiguration is nothing that disabling can act on")
    precision = destinations.pop(arn)
    await _save(call, table, destinations)
    return _answer(table, arn, "DISABLING", "EnableKinesisStreamingConfiguration", precision)


async def update_kinesis_streaming_destination(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change the precision of the records' times."""
    table, arn = await storage.find_table(call, request["TableName"]), request["StreamArn"]
    destinations = _destinations(table)
    _check_active(destinations, arn, "UPDATE")
    precision = _precision(request, "UpdateKinesisStreamingConfiguration")
    if precision is None or precision == destinations[arn]:
        raise errors.ValidationException(
            "Invalid Request: Precision is already set to the desired value of "
            f"{destinations[arn]} for tableId: {table.uuid}, kdsArn: {arn}"
        )
    await _save(call, table, {**destinations, arn: precision})
    return _answer(table, arn, "UPDATING", "UpdateKinesisStreamingConfiguration", precision)


async def describe_kinesis_streaming_destination(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Where changes are sent."""
    table = await storage.find_table(call, request["TableName"])
    found = [
        {"StreamArn": arn, "DestinationStatus": "ACTIVE", "ApproximateCreationDateTimePrecision": precision}
        for arn, precision in _destinations(table).items()
    ]
    return {"TableName": table.name, "KinesisDataStreamDestinations": found}


def _destinations(table: Table) -> dict[str, str]:
    """Stream ARNs with the precision of times."""
    return dict(table.settings.get("kinesis") or {})


async def _save(call: Call, table: Table, destinations: dict[str, str]) -> None:
    await storage.save_table(call, replace(table, settings={**table.settings, "kinesis": destinations}))


async def _check_stream(call: Call, arn: str) -> None:
    try:
        parsed = Arn.parse(arn)
        if (parsed.account, parsed.region) != (call.account, call.region):
            raise errors.ValidationException(f"Stream {arn} is not in the account and region of the table")
        found = await call.aws.kinesis.describe_stream_summary(StreamARN=arn)
    except ValueError as error:
        raise errors.ValidationException(f"Invalid StreamArn: {arn}") from error
    except ServiceError as error:
        if error.code != "ResourceNotFoundException":
            raise
        raise errors.ResourceNotFoundException(
            f"Requested resource not found: Kinesis stream {arn} not found"
        ) from error
    if found["StreamDescriptionSummary"]["StreamStatus"] not in ("ACTIVE", "UPDATING"):
        raise errors.ResourceInUseException(f"Kinesis stream {arn} is not active")


def _check_active(destinations: dict[str, str], arn: str, operation: str) -> None:
    if arn not in destinations:
        raise errors.ValidationException(
            f"Table is not in a valid state to {operation.lower()} Kinesis Streaming Destination: "
            f"KinesisStreamingDestination must be ACTIVE to perform {operation} operation."
        )


def _precision(request: dict[str, Any], member: str) -> str | None:
    return (request.get(member) or {}).get("ApproximateCreationDateTimePrecision")


def _answer(table: Table, arn: str, status: str, member: str, precision: str) -> dict[str, Any]:
    return {
        "TableName": table.name,
        "StreamArn": arn,
        "DestinationStatus": status,
        member: {"ApproximateCreationDateTimePrecision": precision},
    }
