"""Sources: which there are, how they are read by default, and whether one is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.shards import Settings
from undercast.services.pipes.limits import largest_batch
from undercast.services.pipes.model import Pipe

# By the service of the source's ARN: the member that holds its parameters, and the batch size unless one is given.
KINDS = {
    "sqs": ("SqsQueueParameters", 10),
    "kinesis": ("KinesisStreamParameters", 100),
    "dynamodb": ("DynamoDBStreamParameters", 100),
}


def service_of(source: str) -> str:
    """The service of a source; smk for a Kafka of the user's own, which has no ARN."""
    return "smk" if source.startswith("smk:") else Arn.parse(source).service


def with_defaults(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings that say how large a batch is."""
    parameters = dict(settings.get("SourceParameters") or {})
    kind = KINDS.get(service_of(settings["Source"]))
    if kind and (kind[0] in parameters or kind[0] == "SqsQueueParameters"):
        size = min(kind[1], largest_batch(settings))
        parameters[kind[0]] = {"BatchSize": size, **(parameters.get(kind[0]) or {})}
    return {**settings, "SourceParameters": parameters}


def parameters_of(pipe: Pipe) -> Mapping[str, Any]:
    """How the pipe reads its source."""
    found: Mapping[str, Any] = pipe.settings["SourceParameters"][KINDS[Arn.parse(pipe.source).service][0]]
    return found


def stream_settings(pipe: Pipe) -> Settings:
    """How the shards of a stream are followed."""
    given = parameters_of(pipe)
    age_s = given.get("MaximumRecordAgeInSeconds")
    retries = given.get("MaximumRetryAttempts")
    return Settings(
        starting_position=given["StartingPosition"],
        starting_at=given.get("StartingPositionTimestamp") or 0,
        batch_size=given["BatchSize"],
        window_ms=1000 * (given.get("MaximumBatchingWindowInSeconds") or 0),
        lanes=given.get("ParallelizationFactor") or 1,
        bisects=given.get("OnPartialBatchItemFailure") == "AUTOMATIC_BISECT",
        most_retries=-1 if retries is None else retries,
        oldest_ms=-1 if age_s is None or age_s < 0 else 1000 * age_s,
    )


async def look(call: Call, pipe: Pipe) -> None:
    """ServiceError when the source is not there."""
    arn = Arn.parse(pipe.source)
    there = call.as_role(pipe.role, "pipe").at(pipe.source)
    if arn.service == "sqs":
        await there.aws.sqs.get_queue_url(QueueName=arn.resource, QueueOwnerAWSAccountId=arn.account)
    elif arn.service == "kinesis":
        await there.aws.kinesis.describe_stream_summary(StreamARN=pipe.source)
    else:
        await there.aws.dynamodbstreams.describe_stream(StreamArn=pipe.source)
