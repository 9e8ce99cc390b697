"""Operations on event source mappings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from undercast.engines import patterns
from undercast.kit import paging
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.service import waits

from . import errors, mapping_model, mapping_storage, names, polling, storage
from .functions import read_marker
from .mapping_model import Mapping
from .names import Reference

_LARGEST_FIFO_BATCH = 10
_MOST_FILTERS = 10
_NOT_FOR_QUEUES = (
    "StartingPosition", "StartingPositionTimestamp", "ParallelizationFactor", "DestinationConfig",
    "MaximumRecordAgeInSeconds", "BisectBatchOnFunctionError", "MaximumRetryAttempts", "TumblingWindowInSeconds",
    "Topics", "Queues", "SourceAccessConfigurations", "SelfManagedEventSource", "AmazonManagedKafkaEventSourceConfig",
    "SelfManagedKafkaEventSourceConfig", "DocumentDBEventSourceConfig",
)  # fmt: skip
_UNSUPPORTED = {
    "ProvisionedPollerConfig": "pollers start and end by themselves.",
    "MetricsConfig": "there are no metrics of mappings.",
    "LoggingConfig": "there are no logs of mappings.",
}
_OPTIONAL = ("FilterCriteria", "ScalingConfig", "KMSKeyArn")


@waits
async def create_event_source_mapping(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Have a function process what a queue holds."""
    source = request.get("EventSourceArn")
    if not source:
        raise errors.InvalidParameterValueException("Unrecognized event source.")
    _check_source(source, request)
    config = _config({"BatchSize": 10, "MaximumBatchingWindowInSeconds": 0, "FunctionResponseTypes": []}, request)
    _check(source, config)
    visibility_s = await _queue_visibility(call, source)
    mapping = Mapping(
        call.account, call.region, call.ids.uuid(), source, "", "", mapping_model.CREATING,
        mapping_model.USER_ACTION, call.now, 1, "", 0, config, request.get("Tags") or {},
    )  # fmt: skip
    return (await call.transact(_create, mapping, request["FunctionName"], visibility_s)).describe()


async def get_event_source_mapping(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A mapping."""
    return (await mapping_storage.get(call, request["UUID"])).describe()


async def list_event_source_mappings(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The mappings of a source, a function, or all."""
    wanted = names.resolve(call, request["FunctionName"]) if request.get("FunctionName") else None
    limit = min(request.get("MaxItems") or 100, 100)
    found = await mapping_storage.list_mappings(
        call, request.get("EventSourceArn"), wanted.name if wanted else None, read_marker(request, ""), limit + 1
    )
    shown = [one for one in found[:limit] if not wanted or not wanted.qualifier or one.qualifier == wanted.qualifier]
    return {
        "EventSourceMappings": [mapping.describe() for mapping in shown],
        "NextMarker": paging.encode_token(found[limit - 1].id) if len(found) > limit else None,
    }


@waits
async def update_event_source_mapping(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change how a mapping polls, which function it invokes, or whether it does."""
    mapping = await call.transact(mapping_storage.get, request["UUID"])
    _check_source(mapping.source_arn, request)
    config = _config(mapping.config, request)
    _check(mapping.source_arn, config)
    visibility_s = await _queue_visibility(call, mapping.source_arn)
    return (await call.transact(_update, request, config, visibility_s)).describe()


async def delete_event_source_mapping(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Stop polling, and forget the mapping."""
    mapping = await mapping_storage.get(call, request["UUID"])
    return (await _change(call, replace(mapping, state=mapping_model.DELETING))).describe()


async def _create(call: Call, mapping: Mapping, function_name: str, visibility_s: int) -> Mapping:
    reference = await _find_function(call, function_name, visibility_s)
    for other in await mapping_storage.list_mappings(call, mapping.source_arn, reference.name, "", 10_000):
        if other.qualifier == (reference.qualifier or "") and other.state != mapping_model.DELETING:
            raise errors.ResourceConflictException(
                f'An event source mapping with SQS arn (" {mapping.source_arn} ") and function (" {reference.name} ") '
                f"already exists. Please update or delete the existing mapping with UUID {other.id}"
            )
    mapping = replace(mapping, name=reference.name, qualifier=reference.qualifier or "")
    await mapping_storage.add(call, mapping)
    await polling.later(call, mapping)
    return mapping


async def _update(call: Call, request: dict[str, Any], config: dict[str, Any], visibility_s: int) -> Mapping:
    mapping = await mapping_storage.get(call, request["UUID"])
    reference = mapping.reference
    if request.get("FunctionName"):
        reference = await _find_function(call, request["FunctionName"], visibility_s)
    state = mapping_model.UPDATING
    if config["_Enabled"] != mapping.enabled:
        state = mapping_model.ENABLING if config["_Enabled"] else mapping_model.DISABLING
    changed = replace(mapping, config=config, name=reference.name, qualifier=reference.qualifier or "", state=state)
    return await _change(call, changed)


async def _change(call: Call, mapping: Mapping) -> Mapping:
    changed = replace(
        mapping, modified_at=call.now, generation=mapping.generation + 1, reason=mapping_model.USER_ACTION
    )
    await mapping_storage.save(call, changed)
    await polling.later(call, changed)
    return changed


async def _find_function(call: Call, name: str, visibility_s: int) -> Reference:
    reference = names.resolve(call, name)
    version = await storage.get_version(call, reference)
    timeout_s = version.config["Timeout"]
    if visibility_s < timeout_s:
        raise errors.InvalidParameterValueException(
            f"Invalid request provided: Queue visibility timeout: {visibility_s} seconds is less than Function timeout: "
            f"{timeout_s} seconds"
        )
    return reference


async def _queue_visibility(call: Call, source: str) -> int:
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


def _check_source(source: str, request: dict[str, Any]) -> None:
    """Only queues are read; streams are refused, after the complaints that AWS has about them."""
    try:
        service = Arn.parse(source).service
    except ValueError:
        raise errors.InvalidParameterValueException("Unrecognized event source.") from None
    if service in ("kinesis", "dynamodb"):
        position = request.get("StartingPosition")
        if position is None and "UUID" not in request:
            raise errors.InvalidParameterValueException(
                "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
                "Member must not be null."
            )
        if service == "dynamodb" and position == "AT_TIMESTAMP":
            raise errors.InvalidParameterValueException(f"Unsupported starting position for arn type: {source}")
    if service != "sqs":
        raise errors.unsupported(f"event sources of {service}", "a queue of SQS can be a source.")
    for member in _NOT_FOR_QUEUES:
        if request.get(member) is not None:
            raise errors.InvalidParameterValueException(
                f"Unsupported {member} parameter for given event source mapping type."
            )
    for member, why in _UNSUPPORTED.items():
        if request.get(member):
            raise errors.unsupported(member, why)


def _config(current: Any, request: dict[str, Any]) -> dict[str, Any]:
    changed = {"_Enabled": True, **current}
    for member in ("BatchSize", "MaximumBatchingWindowInSeconds", "FunctionResponseTypes"):
        if request.get(member) is not None:
            changed[member] = request[member]
    for member in _OPTIONAL:
        if request.get(member) is not None:
            changed.pop(member, None)
            if request[member]:
                changed[member] = request[member]
    if request.get("Enabled") is not None:
        changed["_Enabled"] = request["Enabled"]
    return changed


def _check(source: str, config: dict[str, Any]) -> None:
    fifo, batch, window = source.endswith(".fifo"), config["BatchSize"], config["MaximumBatchingWindowInSeconds"]
    if fifo and batch > _LARGEST_FIFO_BATCH:
        raise errors.InvalidParameterValueException("Batch size must be less than or equal to 10 for FIFO queues.")
    if fifo and window:
        raise errors.InvalidParameterValueException("Batching window is not supported for FIFO queues.")
    if batch > 10 and not window:
        raise errors.InvalidParameterValueException(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        )
    filters = (config.get("FilterCriteria") or {}).get("Filters") or []
    if len(filters) > _MOST_FILTERS:
        raise errors.InvalidParameterValueException(f"A mapping can have at most {_MOST_FILTERS} filters.")
    for one in filters:
        try:
            patterns.compile(one.get("Pattern") or "")
        except (patterns.InvalidPattern, orjson.JSONDecodeError):
            raise errors.InvalidParameterValueException("Invalid filter pattern definition.") from None
