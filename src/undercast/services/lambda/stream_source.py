"""Streams of Kinesis and of DynamoDB tables as sources of events: which settings they have, what is wrong with them."""

from __future__ import annotations

from typing import Any

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError

from . import errors, stream_failures

DEFAULTS: dict[str, Any] = {
    "BatchSize": 100,
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {}},
    "FunctionResponseTypes": [],
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
    "TumblingWindowInSeconds": 0,
}
SETTINGS = tuple(DEFAULTS)
OPTIONAL = ("FilterCriteria", "StartingPosition", "StartingPositionTimestamp")
REFUSED = ("ScalingConfig",)
_LEAST_AGE_S = 60


def check_request(source: str, request: dict[str, Any]) -> None:
    """Where a new mapping begins. InvalidParameterValueException (recorded: test_create_event_source_validation)."""
    if "UUID" in request:
        return
    position, at = request.get("StartingPosition"), request.get("StartingPositionTimestamp")
    if position is None:
        raise errors.InvalidParameterValueException(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
            "Member must not be null."
        )
    if position == "AT_TIMESTAMP":
        if Arn.parse(source).service == "dynamodb":
            raise errors.InvalidParameterValueException(f"Unsupported starting position for arn type: {source}")
        if at is None:
            raise errors.InvalidParameterValueException(
                "StartingPositionTimestamp is required when StartingPosition is AT_TIMESTAMP."
            )
    elif at is not None:
        raise errors.InvalidParameterValueException(
            "StartingPositionTimestamp is only supported when StartingPosition is AT_TIMESTAMP."
        )


def check(source: str, config: dict[str, Any]) -> None:
    """InvalidParameterValueException."""
    age = config["MaximumRecordAgeInSeconds"]
    if 0 <= age < _LEAST_AGE_S:
        raise errors.InvalidParameterValueException(
            f"MaximumRecordAgeInSeconds must be -1, or at least {_LEAST_AGE_S}."
        )
    destinations = config["DestinationConfig"]
    if destinations.get("OnSuccess", {}).get("Destination"):
        raise errors.InvalidParameterValueException(
            "Unsupported OnSuccess destination for given event source mapping type."
        )
    failure = destinations.get("OnFailure", {}).get("Destination")
    if failure and (wrong := stream_failures.check(failure)):
        raise errors.InvalidParameterValueException(wrong)


async def look(call: Call, source: str) -> int:
    """See that there is such a stream; 0, for it has no timeout. InvalidParameterValueException."""
    there = call.at(source)
    try:
        if Arn.parse(source).service == "dynamodb":
            await there.aws.dynamodbstreams.describe_stream(StreamArn=source, Limit=1)
        elif "/consumer/" in source:
            await there.aws.kinesis.describe_stream_consumer(ConsumerARN=source)
        else:
            await there.aws.kinesis.describe_stream_summary(StreamARN=source)
    except ServiceError as error:
        if error.code == "ResourceNotFoundException":
            raise errors.InvalidParameterValueException(f"Stream not found: {source}") from None
        raise
    return 0


def check_timeout(visibility_s: int, timeout_s: int) -> None:
    """A stream waits for as long as a function takes."""


def exists_already(source: str, name: str, id: str) -> str:
    """As AWS words it (recorded: TestDynamoDBEventSourceMapping::test_duplicate_event_source_mappings)."""
    return (
        f'The event source arn (" {source} ") and function (" {name} ") provided mapping already exists. '
        f"Please update or delete the existing mapping with UUID {id}"
    )
