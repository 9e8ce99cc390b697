"""AWS::KinesisFirehose: delivery streams."""

from __future__ import annotations

from typing import Any

from undercast.kit.errors import ServiceError
from undercast.services.cloudformation.resources.handler import Handler, Made, Work, already_exists, pick

_DESTINATIONS = ("ExtendedS3", "S3", "HttpEndpoint", "Amazonopensearchservice", "Elasticsearch", "Splunk")
_UPDATES = {"S3Configuration": "S3Update", "S3BackupConfiguration": "S3BackupUpdate"}
_ENCRYPTION = "DeliveryStreamEncryptionConfigurationInput"
_SETTINGS = (
    "DeliveryStreamType",
    "DirectPutSourceConfiguration",
    "KinesisStreamSourceConfiguration",
    _ENCRYPTION,
    *(f"{kind}DestinationConfiguration" for kind in _DESTINATIONS),
)


class DeliveryStream(Handler):
    """AWS::KinesisFirehose::DeliveryStream"""

    type = "AWS::KinesisFirehose::DeliveryStream"
    service = "firehose"
    properties = frozenset({"DeliveryStreamName", "Tags", *_SETTINGS})

    async def create(self, work: Work) -> Made:
        """A stream; its name must be free."""
        name = work.name("DeliveryStreamName", 64)
        wanted = pick(work.properties, *_SETTINGS)
        try:
            made = await work.aws.firehose.create_delivery_stream(
                DeliveryStreamName=name, Tags=work.tag_list() or None, **wanted
            )
        except ServiceError as error:
            if error.code == "ResourceInUseException":
                raise already_exists(self.type, name) from None
            raise
        return Made(name, {"Arn": made["DeliveryStreamARN"]})

    async def update(self, work: Work) -> Made:
        """Its destination, encryption and tags."""
        name = work.physical_id
        if work.changed(*(f"{kind}DestinationConfiguration" for kind in _DESTINATIONS)):
            await self._update_destination(work)
        if work.changed(_ENCRYPTION):
            wanted = work.properties.get(_ENCRYPTION)
            if wanted:
                await work.aws.firehose.start_delivery_stream_encryption(
                    DeliveryStreamName=name, DeliveryStreamEncryptionConfigurationInput=wanted
                )
            else:
                await work.aws.firehose.stop_delivery_stream_encryption(DeliveryStreamName=name)
        if stale := work.stale_tags():
            await work.aws.firehose.untag_delivery_stream(DeliveryStreamName=name, TagKeys=stale)
        if tags := work.tag_list():
            await work.aws.firehose.tag_delivery_stream(DeliveryStreamName=name, Tags=tags)
        return Made(name, work.attributes)

    async def delete(self, work: Work) -> None:
        """With what it has not delivered."""
        await work.aws.firehose.delete_delivery_stream(DeliveryStreamName=work.physical_id)

    async def _update_destination(self, work: Work) -> None:
        answer = await work.aws.firehose.describe_delivery_stream(DeliveryStreamName=work.physical_id)
        found = answer["DeliveryStreamDescription"]
        await work.aws.firehose.update_destination(
            DeliveryStreamName=work.physical_id,
            CurrentDeliveryStreamVersionId=found["VersionId"],
            DestinationId=found["Destinations"][0]["DestinationId"],
            **_update(work.properties),
        )


TYPES = (DeliveryStream(),)


def _update(properties: dict[str, Any]) -> dict[str, Any]:
    """The destination as UpdateDestination has it."""
    return {
        f"{kind}DestinationUpdate": {
            _UPDATES.get(name, name): value for name, value in properties[f"{kind}DestinationConfiguration"].items()
        }
        for kind in _DESTINATIONS
        if f"{kind}DestinationConfiguration" in properties
    }
