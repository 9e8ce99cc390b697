"""Queues as sources of events: which settings they have, and what is wrong with them."""

from __future__ import annotations

from typing import Any

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError

from . import errors

DEFAULTS: dict[str, Any] = {"BatchSize": 10, "MaximumBatchingWindowInSeconds": 0, "FunctionResponseTypes": []}
SETTINGS = ("BatchSize", "MaximumBatchingWindowInSeconds", "FunctionResponseTypes")
OPTIONAL = ("FilterCriteria", "ScalingConfig")
REFUSED = (
    "StartingPosition", "StartingPositionTimestamp", "ParallelizationFactor", "DestinationConfig",
    "MaximumRecordAgeInSeconds", "BisectBatchOnFunctionError", "MaximumRetryAttempts", "TumblingWindowInSeconds",
)  # fmt: skip
_LARGEST_FIFO_BATCH = 10


def check_request(source: str, request: dict[str, Any]) -> None:
    """Nothing but what all sources are checked for."""


def check(source: str, config: dict[str, Any]) -> None:
    """InvalidParameterValueException."""
    fifo, batch, window = source.endswith(".fifo"), config["BatchSize"], config["MaximumBatchingWindowInSeconds"]
    if fifo and batch > _LARGEST_FIFO_BATCH:
        raise errors.InvalidParameterValueException("Batch size must be less than or equal to 10 for FIFO queues.")
    if fifo and window:
        raise errors.InvalidParameterValueException("Batching window is not supported for FIFO queues.")
    if batch > 10 and not window:
        raise errors.InvalidParameterValueException(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        )


async def look(call: Call, source: str) -> int:
    """The visibility timeout of the queue in seconds. InvalidParameterValueException when there is no such queue."""
    arn = Arn.parse(source)
    url = f"{call.platform.endpoint_url}/{arn.account}/{arn.resource}"
    try:
        answer = await call.at(source).aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    except ServiceError as error:
        raise errors.InvalidParameterValueException(
            f"Error occurred while ReceiveMessage. SQS Error Code: {error.query_code or error.code}. "
            f"SQS Error Message: {error.message}"
        ) from None
    return int(answer["Attributes"]["VisibilityTimeout"])


def check_timeout(visibility_s: int, timeout_s: int) -> None:
    """A message must not return to its queue while its function still runs. InvalidParameterValueException."""
    if visibility_s < timeout_s:
        raise errors.InvalidParameterValueException(
            f"Invalid request provided: Queue visibility timeout: {visibility_s} seconds is less than Function timeout: "
            f"{timeout_s} seconds"
        )


def exists_already(source: str, name: str, id: str) -> str:
    """As AWS words it (recorded: TestSQSEventSourceMapping::test_duplicate_event_source_mappings)."""
    return (
        f'An event source mapping with SQS arn (" {source} ") and function (" {name} ") already exists. '
        f"Please update or delete the existing mapping with UUID {id}"
    )
