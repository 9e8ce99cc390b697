"""AWS::Kinesis: streams, their consumers and policies."""

from __future__ import annotations

from typing import Any

from undercast.kit.errors import ServiceError
from undercast.services.cloudformation.resources.handler import (
    Handler,
    Made,
    NeedsReplacement,
    Work,
    already_exists,
    document,
    pick,
)

_DEFAULT_RETENTION = 24
_DEFAULT_RECORD_KIB = 1024


class Stream(Handler):
    """AWS::Kinesis::Stream"""

    type = "AWS::Kinesis::Stream"
    service = "kinesis"
    properties = frozenset(
        ("MaxRecordSizeInKiB", "Name", "RetentionPeriodHours", "ShardCount", "StreamEncryption", "StreamModeDetails", "Tags")
    )  # fmt: skip

    async def create(self, work: Work) -> Made:
        """A stream; its name must be free."""
        name = work.name("Name", 128)
        parameters = pick(work.properties, "ShardCount", "StreamModeDetails", "MaxRecordSizeInKiB")
        try:
            await work.aws.kinesis.create_stream(StreamName=name, Tags=work.tags() or None, **parameters)
        except ServiceError as error:
            if error.code == "ResourceInUseException":
                raise already_exists(self.type, name) from None
            raise
        work.physical_id = name
        await _set_retention(work, _DEFAULT_RETENTION)
        await _set_encryption(work)
        return Made(name, {"Arn": work.call.arn(f"stream/{name}", "kinesis")})

    async def update(self, work: Work) -> Made:
        """Its settings, one after the other."""
        name, arn = work.physical_id, work.attributes["Arn"]
        if work.changed("StreamModeDetails"):
            mode = work.properties.get("StreamModeDetails") or {"StreamMode": "PROVISIONED"}
            await work.aws.kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails=mode)
        if work.changed("ShardCount") and work.properties.get("ShardCount"):
            count = work.properties["ShardCount"]
            await work.aws.kinesis.update_shard_count(
                StreamName=name, TargetShardCount=count, ScalingType="UNIFORM_SCALING"
            )
        if work.changed("MaxRecordSizeInKiB"):
            size = work.properties.get("MaxRecordSizeInKiB", _DEFAULT_RECORD_KIB)
            await work.aws.kinesis.update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=size)
        await _set_retention(work, work.before.get("RetentionPeriodHours", _DEFAULT_RETENTION))
        if work.changed("StreamEncryption"):
            await _set_encryption(work)
        if stale := work.stale_tags():
            await work.aws.kinesis.remove_tags_from_stream(StreamName=name, TagKeys=stale)
        if tags := work.tags():
            await work.aws.kinesis.add_tags_to_stream(StreamName=name, Tags=tags)
        return Made(name, work.attributes)

    async def delete(self, work: Work) -> None:
        """The stream, unless someone else's consumers read it; AWS does not delete it then either."""
        await work.aws.kinesis.delete_stream(StreamName=work.physical_id)


class StreamConsumer(Handler):
    """AWS::Kinesis::StreamConsumer"""

    type = "AWS::Kinesis::StreamConsumer"
    service = "kinesis"

    async def create(self, work: Work) -> Made:
        """A consumer with enhanced fan-out."""
        parameters = pick(work.properties, "StreamARN", "ConsumerName")
        made = await work.aws.kinesis.register_stream_consumer(Tags=work.tags() or None, **parameters)
        found = {**made["Consumer"], **parameters, "ConsumerStatus": "ACTIVE"}
        found["ConsumerCreationTimestamp"] = str(found["ConsumerCreationTimestamp"] // 1000)
        return Made(found["ConsumerARN"], found)

    async def update(self, work: Work) -> Made:
        """Its tags."""
        if work.changed("StreamARN", "ConsumerName"):
            raise NeedsReplacement
        if stale := work.stale_tags():
            await work.aws.kinesis.untag_resource(ResourceARN=work.physical_id, TagKeys=stale)
        if tags := work.tags():
            await work.aws.kinesis.tag_resource(ResourceARN=work.physical_id, Tags=tags)
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """Deregister it."""
        await work.aws.kinesis.deregister_stream_consumer(ConsumerARN=work.physical_id)


class ResourcePolicy(Handler):
    """AWS::Kinesis::ResourcePolicy"""

    type = "AWS::Kinesis::ResourcePolicy"
    service = "kinesis"

    async def create(self, work: Work) -> Made:
        """The policy of a stream or a consumer."""
        return await self._put(work)

    async def update(self, work: Work) -> Made:
        """Another policy."""
        if work.changed("ResourceArn"):
            raise NeedsReplacement
        return await self._put(work)

    async def delete(self, work: Work) -> None:
        """No policy, unless what had it is gone."""
        await work.aws.kinesis.delete_resource_policy(ResourceARN=work.physical_id)

    async def _put(self, work: Work) -> Made:
        arn = work.properties["ResourceArn"]
        await work.aws.kinesis.put_resource_policy(ResourceARN=arn, Policy=document(work.properties["ResourcePolicy"]))
        return Made(arn)


TYPES = (Stream(), StreamConsumer(), ResourcePolicy())


async def _set_retention(work: Work, before: int) -> None:
    hours = int(work.properties.get("RetentionPeriodHours", _DEFAULT_RETENTION))
    if hours == before:
        return
    client = work.aws.kinesis
    change = client.increase_stream_retention_period if hours > before else client.decrease_stream_retention_period
    await change(StreamName=work.physical_id, RetentionPeriodHours=hours)


async def _set_encryption(work: Work) -> None:
    wanted: dict[str, Any] | None = work.properties.get("StreamEncryption")
    before: dict[str, Any] | None = work.before.get("StreamEncryption")
    if wanted:
        await work.aws.kinesis.start_stream_encryption(StreamName=work.physical_id, **wanted)
    elif before:
        await work.aws.kinesis.stop_stream_encryption(StreamName=work.physical_id, **before)
