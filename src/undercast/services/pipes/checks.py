"""What is wrong with a pipe: its source, enrichment and target, their parameters, filters and templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.engines import patterns
from undercast.kit.arn import Arn
from undercast.services.pipes import errors, limits, sources
from undercast.services.pipes.model import Pipe
from undercast.services.pipes.templates import InvalidTemplate, Template

_SOURCES_ABSENT = ("kafka", "mq", "smk")
_TARGETS_ABSENT = ("ecs", "batch", "redshift", "redshift-data", "sagemaker", "timestream", "inspector")
_FIFO_BATCH = 10

# The member with the parameters of each kind of target.
_PARAMETERS = {
    "lambda": "LambdaFunctionParameters",
    "sqs": "SqsQueueParameters",
    "sns": "",
    "kinesis": "KinesisStreamParameters",
    "firehose": "",
    "logs": "CloudWatchLogsParameters",
    "event-bus": "EventBridgeEventBusParameters",
    "api-destination": "HttpParameters",
    "execute-api": "HttpParameters",
    "states": "StepFunctionStateMachineParameters",
}
_ENRICHMENTS = ("lambda", "states", "api-destination", "execute-api")


def kind_of(arn: str) -> str:
    """The kind of a target or an enrichment: mostly its service. ValidationException."""
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        raise errors.ValidationException(f"{arn} is not a valid ARN.") from None
    return parsed.resource.partition("/")[0] if parsed.service == "events" else parsed.service


def check(pipe: Pipe) -> None:
    """ValidationException, or NotImplementedYet for what is not here."""
    _check_source(pipe)
    _check_target(pipe)
    if pipe.enrichment:
        _check_enrichment(pipe)
    _check_filters(pipe)
    for name in ("EnrichmentParameters", "TargetParameters"):
        _check_template((pipe.settings.get(name) or {}).get("InputTemplate"))
    _check_log(pipe.settings.get("LogConfiguration") or {})


def _check_source(pipe: Pipe) -> None:
    service = sources.service_of(pipe.source)
    if service in _SOURCES_ABSENT:
        raise errors.unavailable(f"sources of {service}")
    if service not in sources.KINDS or (service == "dynamodb" and "/stream/" not in pipe.source):
        raise errors.ValidationException(f"{pipe.source} cannot be the source of a pipe.")
    wanted = sources.KINDS[service][0]
    given = pipe.settings["SourceParameters"]
    others = sorted(given.keys() - {wanted, "FilterCriteria"})
    if others:
        raise errors.ValidationException(f"{others[0]} cannot be used with source {pipe.source}.")
    if wanted not in given:
        raise errors.ValidationException(f"{wanted} must be provided for source {pipe.source}.")
    _check_batch(pipe, service, given[wanted])


def _check_batch(pipe: Pipe, service: str, parameters: Mapping[str, Any]) -> None:
    size, limit = parameters["BatchSize"], limits.largest_batch(pipe.settings)
    window_s = parameters.get("MaximumBatchingWindowInSeconds") or 0
    if size > limit:
        raise errors.ValidationException(f"BatchSize {size} is more than the {limit} that the pipe's target takes.")
    if service == "sqs" and pipe.source.endswith(".fifo") and (size > _FIFO_BATCH or window_s):
        raise errors.ValidationException("A FIFO queue has batches of at most 10 messages and no batching window.")
    if service == "sqs" and size > _FIFO_BATCH and not window_s:
        raise errors.ValidationException(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        )
    if parameters.get("StartingPosition") == "AT_TIMESTAMP" and not parameters.get("StartingPositionTimestamp"):
        raise errors.ValidationException("StartingPositionTimestamp must be provided for AT_TIMESTAMP.")
    dead_letters = (parameters.get("DeadLetterConfig") or {}).get("Arn")
    if dead_letters and Arn.parse(dead_letters).service not in ("sqs", "sns"):
        raise errors.ValidationException("DeadLetterConfig must name a queue or a topic.")


def _check_target(pipe: Pipe) -> None:
    kind = kind_of(pipe.target)
    if kind in _TARGETS_ABSENT:
        raise errors.unavailable(f"targets of {kind}")
    if kind not in _PARAMETERS:
        raise errors.ValidationException(f"{pipe.target} cannot be the target of a pipe.")
    given, own = pipe.settings.get("TargetParameters") or {}, _PARAMETERS[kind]
    others = sorted(name for name in given.keys() - {own, "InputTemplate"} if given[name])
    if others:
        raise errors.ValidationException(f"{others[0]} cannot be used with target {pipe.target}.")
    if kind == "kinesis" and not given.get(own):
        raise errors.ValidationException(f"{own} must be provided for target {pipe.target}.")
    if kind == "sqs" and pipe.target.endswith(".fifo") and not (given.get(own) or {}).get("MessageGroupId"):
        raise errors.ValidationException("SqsQueueParameters.MessageGroupId must be provided for a FIFO queue.")
    if kind == "sns" and pipe.target.endswith(".fifo"):
        raise errors.unavailable("FIFO topics as targets")
    if kind == "logs" and not (given.get(own) or {}).get("LogStreamName"):
        raise errors.ValidationException("CloudWatchLogsParameters.LogStreamName must be provided.")
    if (given.get(own) or {}).get("EndpointId"):
        raise errors.unavailable("global endpoints as targets")


def _check_enrichment(pipe: Pipe) -> None:
    kind = kind_of(pipe.enrichment)
    if kind not in _ENRICHMENTS:
        raise errors.ValidationException(f"{pipe.enrichment} cannot be the enrichment of a pipe.")
    if (pipe.settings.get("EnrichmentParameters") or {}).get("HttpParameters") and kind in ("lambda", "states"):
        raise errors.ValidationException(f"HttpParameters cannot be used with enrichment {pipe.enrichment}.")


def _check_filters(pipe: Pipe) -> None:
    for text in pipe.filters:
        try:
            patterns.compile(text)
        except patterns.InvalidPattern as error:
            raise errors.ValidationException(f"Event pattern is not valid. Reason: {error}") from None


def _check_template(text: str | None) -> None:
    try:
        Template(text or "")
    except InvalidTemplate as error:
        raise errors.ValidationException(f"Invalid InputTemplate: {error}") from None


def _check_log(config: Mapping[str, Any]) -> None:
    if config.get("S3LogDestination"):
        raise errors.unavailable("logs in buckets (a log group or a delivery stream take them)")
    destinations = (config.get("CloudwatchLogsLogDestination"), config.get("FirehoseLogDestination"))
    if config.get("Level", "OFF") != "OFF" and not any(destinations):
        raise errors.ValidationException("A log destination must be provided.")
