"""Operations on event source mappings."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import orjson

from undercast.engines import patterns
from undercast.kit import paging
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.service import waits

from . import errors, mapping_model, mapping_storage, names, polling, queue_source, storage, stream_source
from .functions import read_marker
from .mapping_model import Mapping
from .names import Reference

_MOST_FILTERS = 10
_SOURCES: dict[str, ModuleType] = {"sqs": queue_source, "kinesis": stream_source, "dynamodb": stream_source}
_ELSEWHERE = (
    "Topics", "Queues", "SourceAccessConfigurations", "SelfManagedEventSource", "AmazonManagedKafkaEventSourceConfig",
    "SelfManagedKafkaEventSourceConfig", "DocumentDBEventSourceConfig",
)  # fmt: skip
_UNSUPPORTED = {
    "KMSKeyArn": "filter criteria are kept as they are.",
    "ProvisionedPollerConfig": "pollers start and end by themselves.",
    "MetricsConfig": "there are no metrics of mappings.",
    "LoggingConfig": "there are no logs of mappings.",
}


@waits
async def create_event_source_mapping(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Have a function process what a queue or a stream holds."""
    source = request.get("EventSourceArn")
    if not source:
        raise errors.InvalidParameterValueException("Unrecognized event source.")
    kind = _check_source(source, request)
    config = _config(kind, kind.DEFAULTS, request)
    _check(kind, source, config)
    visibility_s = await kind.look(call, source)
    mapping = Mapping(
        call.account, call.region, call.ids.uuid(), source, "", "", mapping_model.CREATING, "", call.now, 1, "", 0,
        config, request.get("Tags") or {},
    )  # fmt: skip
    mapping = replace(mapping, reason=mapping.user_action)
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
    kind = _check_source(mapping.source_arn, request)
    config = _config(kind, mapping.config, request)
    _check(kind, mapping.source_arn, config)
    visibility_s = await kind.look(call, mapping.source_arn)
    return (await call.transact(_update, request, config, visibility_s)).describe()


async def delete_event_source_mapping(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Stop polling, and forget the mapping."""
    mapping = await mapping_storage.get(call, request["UUID"])
    return (await _change(call, replace(mapping, state=mapping_model.DELETING))).describe()


async def _create(call: Call, mapping: Mapping, function_name: str, visibility_s: int) -> Mapping:
    kind = _kind(mapping.source_arn)
    reference = await _find_function(call, kind, function_name, visibility_s)
    for other in await mapping_storage.list_mappings(call, mapping.source_arn, reference.name, "", 10_000):
        if other.qualifier == (reference.qualifier or "") and other.state != mapping_model.DELETING:
            raise errors.ResourceConflictException(kind.exists_already(mapping.source_arn, reference.name, other.id))
    mapping = replace(mapping, name=reference.name, qualifier=reference.qualifier or "")
    await mapping_storage.add(call, mapping)
    await polling.later(call, mapping)
    return mapping


async def _update(call: Call, request: dict[str, Any], config: dict[str, Any], visibility_s: int) -> Mapping:
    mapping = await mapping_storage.get(call, request["UUID"])
    reference = mapping.reference
    if request.get("FunctionName"):
        kind = _kind(mapping.source_arn)
        reference = await _find_function(call, kind, request["FunctionName"], visibility_s)
    state = mapping_model.UPDATING
    if config["_Enabled"] != mapping.enabled:
        state = mapping_model.ENABLING if config["_Enabled"] else mapping_model.DISABLING
    changed = replace(mapping, config=config, name=reference.name, qualifier=reference.qualifier or "", state=state)
    return await _change(call, changed)


async def _change(call: Call, mapping: Mapping) -> Mapping:
    changed = replace(mapping, modified_at=call.now, generation=mapping.generation + 1, reason=mapping.user_action)
    await mapping_storage.save(call, changed)
    await polling.later(call, changed)
    return changed


async def _find_function(call: Call, kind: ModuleType, name: str, visibility_s: int) -> Reference:
    reference = names.resolve(call, name)
    version = await storage.get_version(call, reference)
    kind.check_timeout(visibility_s, version.config["Timeout"])
    return reference


def _kind(source: str) -> ModuleType:
    """The module that knows a kind of source."""
    try:
        service = Arn.parse(source).service
    except ValueError:
        raise errors.InvalidParameterValueException("Unrecognized event source.") from None
    if service not in _SOURCES:
        raise errors.unsupported(f"event sources of {service}", "queues of SQS and streams can be sources.")
    return _SOURCES[service]


def _check_source(source: str, request: dict[str, Any]) -> ModuleType:
    kind = _kind(source)
    kind.check_request(source, request)
    for member in (*kind.REFUSED, *_ELSEWHERE):
        if request.get(member) is not None:
            raise errors.InvalidParameterValueException(
                f"Unsupported {member} parameter for given event source mapping type."
            )
    for member, why in _UNSUPPORTED.items():
        if request.get(member):
            raise errors.unsupported(member, why)
    return kind


def _config(kind: ModuleType, current: Any, request: dict[str, Any]) -> dict[str, Any]:
    changed = {"_Enabled": True, **current}
    for member in kind.SETTINGS:
        if request.get(member) is not None:
            changed[member] = request[member]
    for member in kind.OPTIONAL:
        if request.get(member) is not None:
            changed.pop(member, None)
            if request[member]:
                changed[member] = request[member]
    if request.get("Enabled") is not None:
        changed["_Enabled"] = request["Enabled"]
    return changed


def _check(kind: ModuleType, source: str, config: dict[str, Any]) -> None:
    kind.check(source, config)
    filters = (config.get("FilterCriteria") or {}).get("Filters") or []
    if len(filters) > _MOST_FILTERS:
        raise errors.InvalidParameterValueException(f"A mapping can have at most {_MOST_FILTERS} filters.")
    for one in filters:
        try:
            patterns.compile(one.get("Pattern") or "")
        except (patterns.InvalidPattern, orjson.JSONDecodeError):
            raise errors.InvalidParameterValueException("Invalid filter pattern definition.") from None
