"""AWS::SecretsManager: secrets, their policies and rotation."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.services.cloudformation.resources.handler import (
    Handler,
    HandlerError,
    Made,
    Work,
    document,
    pick,
)


class Secret(Handler):
    """AWS::SecretsManager::Secret"""

    type = "AWS::SecretsManager::Secret"
    service = "secretsmanager"
    properties = frozenset({"Description", "GenerateSecretString", "KmsKeyId", "Name", "ReplicaRegions", "SecretString", "Tags"})  # fmt: skip

    async def create(self, work: Work) -> Made:
        """A secret, perhaps a generated one."""
        made = await work.aws.secretsmanager.create_secret(
            Name=work.properties.get("Name") or f"{work.logical_id}-{work.chance}",
            SecretString=await self._value(work),
            Tags=work.tag_list(),
            **pick(work.properties, "Description", "KmsKeyId", AddReplicaRegions="ReplicaRegions"),
        )
        return Made(made["ARN"], {"Id": made["ARN"]})

    async def update(self, work: Work) -> Made:
        """Description, key, value and tags."""
        client, arn = work.aws.secretsmanager, work.physical_id
        changed: dict[str, Any] = {}
        if work.changed("Description"):
            changed["Description"] = work.properties.get("Description", "")
        if work.changed("KmsKeyId"):
            changed["KmsKeyId"] = work.properties.get("KmsKeyId", "alias/aws/secretsmanager")
        if work.changed("SecretString", "GenerateSecretString"):
            changed["SecretString"] = await self._value(work)
        if changed:
            await client.update_secret(SecretId=arn, **changed)
        await self._replicas(work, arn)
        if stale := work.stale_tags():
            await client.untag_resource(SecretId=arn, TagKeys=stale)
        if work.tags() and work.tags() != work.old_tags():
            await client.tag_resource(SecretId=arn, Tags=work.tag_list())
        return Made(arn, work.attributes)

    async def delete(self, work: Work) -> None:
        """At once, so that its name is free."""
        await work.aws.secretsmanager.delete_secret(SecretId=work.physical_id, ForceDeleteWithoutRecovery=True)

    async def _value(self, work: Work) -> str:
        rules = work.properties.get("GenerateSecretString")
        if rules is None:
            return str(work.properties.get("SecretString", ""))
        template, key = rules.get("SecretStringTemplate"), rules.get("GenerateStringKey")
        if (template is None) != (key is None):
            raise HandlerError("SecretStringTemplate and GenerateStringKey must be given together")
        asked = {name: value for name, value in rules.items() if name not in ("SecretStringTemplate", "GenerateStringKey")}  # fmt: skip
        password: str = (await work.aws.secretsmanager.get_random_password(**asked))["RandomPassword"]
        if template is None:
            return password
        try:
            return orjson.dumps({**orjson.loads(template), str(key): password}).decode()
        except (ValueError, TypeError):
            raise HandlerError("SecretStringTemplate is not a JSON object") from None

    async def _replicas(self, work: Work, arn: str) -> None:
        wanted, before = work.properties.get("ReplicaRegions", []), work.before.get("ReplicaRegions", [])
        if gone := [one["Region"] for one in before if one not in wanted]:
            await work.aws.secretsmanager.remove_regions_from_replication(SecretId=arn, RemoveReplicaRegions=gone)
        if new := [one for one in wanted if one not in before]:
            await work.aws.secretsmanager.replicate_secret_to_regions(SecretId=arn, AddReplicaRegions=new)


class ResourcePolicy(Handler):
    """AWS::SecretsManager::ResourcePolicy"""

    type = "AWS::SecretsManager::ResourcePolicy"
    service = "secretsmanager"

    async def create(self, work: Work) -> Made:
        """Set the secret's policy."""
        made = await work.aws.secretsmanager.put_resource_policy(
            ResourcePolicy=document(work.properties["ResourcePolicy"]),
            **pick(work.properties, "SecretId", "BlockPublicPolicy"),
        )
        return Made(made["ARN"], {"Id": made["ARN"]})

    async def update(self, work: Work) -> Made:
        """Set it again."""
        return await self.create(work)

    async def delete(self, work: Work) -> None:
        """Take it away."""
        await work.aws.secretsmanager.delete_resource_policy(SecretId=work.properties["SecretId"])


class RotationSchedule(Handler):
    """AWS::SecretsManager::RotationSchedule"""

    type = "AWS::SecretsManager::RotationSchedule"
    service = "secretsmanager"
    waits = True  # the first rotation tests the function
    properties = frozenset({"RotateImmediatelyOnUpdate", "RotationLambdaARN", "RotationRules", "SecretId"})

    async def create(self, work: Work) -> Made:
        """Have a function rotate the secret."""
        made = await work.aws.secretsmanager.rotate_secret(
            ClientRequestToken=work.request_token,
            **pick(
                work.properties,
                "SecretId",
                "RotationLambdaARN",
                "RotationRules",
                RotateImmediately="RotateImmediatelyOnUpdate",
            ),
        )
        return Made(made["ARN"], {"Id": made["ARN"]})

    async def update(self, work: Work) -> Made:
        """With other rules."""
        return await self.create(work)

    async def delete(self, work: Work) -> None:
        """No more."""
        await work.aws.secretsmanager.cancel_rotate_secret(SecretId=work.properties["SecretId"])


TYPES = (Secret(), ResourcePolicy(), RotationSchedule())
