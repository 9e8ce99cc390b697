"""AWS::KMS: keys and aliases."""

from __future__ import annotations

from undercast.kit.errors import ServiceError
from undercast.services.cloudformation.resources.handler import Handler, Made, Work, document, pick


class Key(Handler):
    """AWS::KMS::Key"""

    type = "AWS::KMS::Key"
    service = "kms"
    waits = True  # key pairs take their time

    async def create(self, work: Work) -> Made:
        """A key."""
        names = ("Description", "KeyUsage", "KeySpec", "Origin", "MultiRegion", "BypassPolicyLockoutSafetyCheck")
        parameters = pick(work.properties, *names)
        if "KeyPolicy" in work.properties:
            parameters["Policy"] = document(work.properties["KeyPolicy"])
        tags = [{"TagKey": name, "TagValue": value} for name, value in work.tags().items()]
        call = work.call.into()
        call.token = work.request_token  # so that a try after one that was cut off finds the key which that made
        made = (await call.aws.kms.create_key(**parameters, Tags=tags))["KeyMetadata"]
        key = made["KeyId"]
        try:
            await self._rotation(work, key)
            if work.properties.get("Enabled") is False:
                await work.aws.kms.disable_key(KeyId=key)
        except ServiceError:
            await work.aws.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)  # nobody would know of it
            raise
        return Made(key, {"Arn": made["Arn"], "KeyId": key})

    async def update(self, work: Work) -> Made:
        """Policy, description, rotation, tags, on and off."""
        key, kms = work.physical_id, work.aws.kms
        if work.changed("Enabled") and work.properties.get("Enabled", True):
            await kms.enable_key(KeyId=key)
        if work.changed("KeyPolicy") and "KeyPolicy" in work.properties:
            await kms.put_key_policy(
                KeyId=key, PolicyName="default", Policy=document(work.properties["KeyPolicy"]),
                **pick(work.properties, "BypassPolicyLockoutSafetyCheck"),
            )  # fmt: skip
        if work.changed("Description"):
            await kms.update_key_description(KeyId=key, Description=work.properties.get("Description", ""))
        await self._rotation(work, key)
        if work.changed("Enabled") and not work.properties.get("Enabled", True):
            await kms.disable_key(KeyId=key)
        if stale := work.stale_tags():
            await kms.untag_resource(KeyId=key, TagKeys=stale)
        if work.tags() and work.tags() != work.old_tags():
            tags = [{"TagKey": name, "TagValue": value} for name, value in work.tags().items()]
            await kms.tag_resource(KeyId=key, Tags=tags)
        return Made(key, work.attributes)

    async def delete(self, work: Work) -> None:
        """It is deleted when its waiting time has passed."""
        days = work.properties.get("PendingWindowInDays", 30)
        await work.aws.kms.schedule_key_deletion(KeyId=work.physical_id, PendingWindowInDays=days)

    async def _rotation(self, work: Work, key: str) -> None:
        if not work.changed("EnableKeyRotation", "RotationPeriodInDays"):
            return
        if work.properties.get("EnableKeyRotation"):
            await work.aws.kms.enable_key_rotation(KeyId=key, **pick(work.properties, "RotationPeriodInDays"))
        elif work.before.get("EnableKeyRotation"):
            await work.aws.kms.disable_key_rotation(KeyId=key)


class Alias(Handler):
    """AWS::KMS::Alias"""

    type = "AWS::KMS::Alias"
    service = "kms"

    async def create(self, work: Work) -> Made:
        """A name for a key."""
        await work.aws.kms.create_alias(**pick(work.properties, "AliasName", "TargetKeyId"))
        return Made(work.properties["AliasName"])

    async def update(self, work: Work) -> Made:
        """For another key."""
        await work.aws.kms.update_alias(**pick(work.properties, "AliasName", "TargetKeyId"))
        return Made(work.physical_id)

    async def delete(self, work: Work) -> None:
        """Delete the name."""
        await work.aws.kms.delete_alias(AliasName=work.physical_id)


TYPES = (Key(), Alias())
