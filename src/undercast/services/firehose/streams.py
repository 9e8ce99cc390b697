"""Operations on delivery streams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.services.firehose import errors, roles, sealing, settings, sources, storage, tags
from undercast.services.firehose.errors import InvalidArgumentException
from undercast.services.firehose.model import DESTINATION_ID, Stream

_DISABLED = {"Status": "DISABLED"}


async def create_delivery_stream(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make a stream. It is active at once."""
    source = await _source(call, request)
    kind, given = settings.read(request, "DestinationConfiguration")
    wanted = request.get("DeliveryStreamEncryptionConfigurationInput")
    stream = Stream(
        account=call.account,
        region=call.region,
        name=request["DeliveryStreamName"],
        id=call.ids.sequence(),
        type=request.get("DeliveryStreamType") or "DirectPut",
        version=1,
        created_at=call.now,
        updated_at=call.now,
        source=source,
        kind=kind,
        settings=settings.complete(kind, given),
        encryption=await sealing.enable(call, wanted) if wanted else _DISABLED,
        tags=tags.read(request.get("Tags") or ()),
    )
    await roles.check(call, source, stream.settings)
    await storage.add(call, stream)
    if stream.type == "KinesisStreamAsSource":
        await sources.settle(call, stream)
    return {"DeliveryStreamARN": stream.arn}


async def delete_delivery_stream(call: Call, request: dict[str, Any]) -> None:
    """Delete a stream, with what it has not delivered."""
    stream = await storage.find(call, request["DeliveryStreamName"])
    await storage.delete(call, stream)
    if stream.type == "KinesisStreamAsSource":
        await sources.settle(call, stream)


async def describe_delivery_stream(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """All that is known of a stream."""
    stream = await storage.find(call, request["DeliveryStreamName"])
    after = request.get("ExclusiveStartDestinationId") or ""
    destinations = [{"DestinationId": DESTINATION_ID, **settings.describe(stream.kind, stream.settings)}]
    encryption = {name: value for name, value in stream.encryption.items() if name != "DataKey"}
    return {
        "DeliveryStreamDescription": {
            "DeliveryStreamName": stream.name,
            "DeliveryStreamARN": stream.arn,
            "DeliveryStreamStatus": "ACTIVE",
            "DeliveryStreamEncryptionConfiguration": encryption,
            "DeliveryStreamType": stream.type,
            "VersionId": str(stream.version),
            "CreateTimestamp": stream.created_at,
            "LastUpdateTimestamp": stream.updated_at if stream.version > 1 else None,
            "Source": _shown_source(stream),
            "Destinations": destinations if after < DESTINATION_ID else [],
            "HasMoreDestinations": False,
        }
    }


async def list_delivery_streams(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Names of streams, ten at a time unless told otherwise."""
    limit = request.get("Limit") or 10
    after = request.get("ExclusiveStartDeliveryStreamName") or ""
    names = await storage.list_names(call, after, request.get("DeliveryStreamType"), limit + 1)
    return {"DeliveryStreamNames": names[:limit], "HasMoreDeliveryStreams": len(names) > limit}


async def update_destination(call: Call, request: dict[str, Any]) -> None:
    """Change where and how a stream delivers; settings of the same kind of destination are merged."""
    stream = await storage.find(call, request["DeliveryStreamName"])
    specified = request["CurrentDeliveryStreamVersionId"]
    if specified != str(stream.version):
        raise errors.ConcurrentModificationException(
            f"Cannot update firehose: {stream.name} since the current version id: {stream.version} and specified "
            f"version id: {specified} do not match"
        )
    if request["DestinationId"] != DESTINATION_ID:
        raise InvalidArgumentException(f"Destination Id {request['DestinationId']} not found")
    kind, update = settings.read(request, "DestinationUpdate")
    await roles.check(call, update)
    if kind == stream.kind:
        await storage.save_change(call, stream, settings=settings.merge(kind, stream.settings, update))
    else:
        await storage.save_change(call, stream, kind=kind, settings=settings.complete(kind, update))


async def start_delivery_stream_encryption(call: Call, request: dict[str, Any]) -> None:
    """Seal records from now on."""
    stream = await storage.find(call, request["DeliveryStreamName"])
    _check_direct(stream, "Server-side encryption")
    wanted = request.get("DeliveryStreamEncryptionConfigurationInput") or {"KeyType": "AWS_OWNED_CMK"}
    await storage.save_change(call, stream, encryption=await sealing.enable(call, wanted))


async def stop_delivery_stream_encryption(call: Call, request: dict[str, Any]) -> None:
    """Seal records no more; those that are sealed stay readable as long as their key is there."""
    stream = await storage.find(call, request["DeliveryStreamName"])
    _check_direct(stream, "Server-side encryption")
    await storage.save_change(call, stream, encryption=_DISABLED)


def _check_direct(stream: Stream, what: str) -> None:
    if stream.type != "DirectPut":
        raise InvalidArgumentException(f"{what} is not supported for delivery streams of type {stream.type}.")


async def _source(call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """Where records come from; {} when they are put."""
    for name in ("MSKSourceConfiguration", "DatabaseSourceConfiguration"):
        if request.get(name):
            raise NotImplementedYet(f"Undercast's Firehose does not have {name} yet.")
    kinesis = request.get("KinesisStreamSourceConfiguration")
    wanted = request.get("DeliveryStreamType") or "DirectPut"
    if (wanted == "KinesisStreamAsSource") != bool(kinesis):
        raise InvalidArgumentException(
            "KinesisStreamSourceConfig is only applicable for KinesisStreamAsSource stream type."
            if kinesis
            else "KinesisStreamSourceConfiguration must be specified for KinesisStreamAsSource stream type."
        )
    if kinesis and request.get("DeliveryStreamEncryptionConfigurationInput"):
        raise InvalidArgumentException("Server-side encryption is not supported for a Kinesis stream as source.")
    if kinesis:
        await sources.check(call, kinesis["KinesisStreamARN"])
        return {**kinesis, "DeliveryStartTimestamp": call.now}
    hint = request.get("DirectPutSourceConfiguration")
    return {"ThroughputHintInMBs": hint["ThroughputHintInMBs"]} if hint else {}


def _shown_source(stream: Stream) -> dict[str, Any] | None:
    if not stream.source:
        return None
    kinesis = "KinesisStreamARN" in stream.source
    return {"KinesisStreamSourceDescription" if kinesis else "DirectPutSourceDescription": stream.source}
