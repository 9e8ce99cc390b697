"""AWS::EventSchemas: registries, their policies, schemas and discoverers."""

from __future__ import annotations

from typing import Any

from undercast.kit.errors import ServiceError
from undercast.services.cloudformation.resources.handler import Handler, Made, Work, already_exists, document, pick


class Registry(Handler):
    """AWS::EventSchemas::Registry"""

    type = "AWS::EventSchemas::Registry"
    service = "schemas"

    async def create(self, work: Work) -> Made:
        """A registry; its name must be free."""
        name = work.name("RegistryName", 64)
        made = await _create(
            work, name, "create_registry", RegistryName=name, Tags=work.tags(), **pick(work.properties, "Description")
        )
        return Made(made["RegistryArn"], {"RegistryArn": made["RegistryArn"], "RegistryName": name})

    async def update(self, work: Work) -> Made:
        """Description and tags."""
        description = work.properties.get("Description", "")
        await work.aws.schemas.update_registry(RegistryName=_last(work), Description=description)
        await _tag(work)
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """It must be empty."""
        await work.aws.schemas.delete_registry(RegistryName=_last(work))


class RegistryPolicy(Handler):
    """AWS::EventSchemas::RegistryPolicy"""

    type = "AWS::EventSchemas::RegistryPolicy"
    service = "schemas"

    async def create(self, work: Work) -> Made:
        """Set the policy of a registry."""
        await self._put(work)
        name = work.name()
        return Made(name, {"Id": name})

    async def update(self, work: Work) -> Made:
        """Set it, and take it from the registry that is no more meant."""
        if work.changed("RegistryName"):
            await work.aws.schemas.delete_resource_policy(RegistryName=work.before["RegistryName"])
        await self._put(work)
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """Take it away."""
        await work.aws.schemas.delete_resource_policy(RegistryName=work.properties["RegistryName"])

    async def _put(self, work: Work) -> None:
        await work.aws.schemas.put_resource_policy(
            Policy=document(work.properties["Policy"]), **pick(work.properties, "RegistryName", "RevisionId")
        )


class Schema(Handler):
    """AWS::EventSchemas::Schema"""

    type = "AWS::EventSchemas::Schema"
    service = "schemas"

    async def create(self, work: Work) -> Made:
        """A schema; its name must be free in its registry."""
        name = work.name("SchemaName", 385)
        wanted = pick(work.properties, "RegistryName", "Type", "Content", "Description")
        made = await _create(work, name, "create_schema", SchemaName=name, Tags=work.tags(), **wanted)
        return self._made(made)

    async def update(self, work: Work) -> Made:
        """Other content is a new version."""
        wanted = pick(work.properties, "RegistryName", "Type", "Content")
        description = work.properties.get("Description", "")
        changed = await work.aws.schemas.update_schema(SchemaName=_last(work), Description=description, **wanted)
        await _tag(work)
        return self._made(changed)

    async def delete(self, work: Work) -> None:
        """With its versions."""
        registry = work.properties["RegistryName"]
        await work.aws.schemas.delete_schema(RegistryName=registry, SchemaName=_last(work))

    def _made(self, answer: dict[str, Any]) -> Made:
        names = ("SchemaArn", "SchemaName", "SchemaVersion")
        times = {name: str(answer[name]) for name in ("LastModified", "VersionCreatedDate")}
        return Made(answer["SchemaArn"], {**pick(answer, *names), **times})


class Discoverer(Handler):
    """AWS::EventSchemas::Discoverer"""

    type = "AWS::EventSchemas::Discoverer"
    service = "schemas"

    async def create(self, work: Work) -> Made:
        """A discoverer; a bus has one."""
        wanted = pick(work.properties, "SourceArn", "Description", "CrossAccount")
        made = await _create(work, work.properties["SourceArn"], "create_discoverer", Tags=work.tags(), **wanted)
        return Made(made["DiscovererArn"], pick(made, "DiscovererArn", "DiscovererId", "State"))

    async def update(self, work: Work) -> Made:
        """Description, whether it crosses accounts, and tags."""
        description, crosses = work.properties.get("Description", ""), work.properties.get("CrossAccount", True)
        await work.aws.schemas.update_discoverer(
            DiscovererId=_last(work), Description=description, CrossAccount=crosses
        )
        await _tag(work)
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """What it learnt stays."""
        await work.aws.schemas.delete_discoverer(DiscovererId=_last(work))


TYPES = (Registry(), RegistryPolicy(), Schema(), Discoverer())


async def _create(work: Work, name: str, method: str, **parameters: Any) -> dict[str, Any]:
    try:
        made: dict[str, Any] = await getattr(work.aws.schemas, method)(**parameters)
    except ServiceError as error:
        if error.code == "ConflictException":
            raise already_exists(work.type, name) from None
        raise
    return made


async def _tag(work: Work) -> None:
    if stale := work.stale_tags():
        await work.aws.schemas.untag_resource(ResourceArn=work.physical_id, TagKeys=stale)
    if tags := work.tags():
        await work.aws.schemas.tag_resource(ResourceArn=work.physical_id, Tags=tags)


def _last(work: Work) -> str:
    """The name at the end of the ARN that is the resource's id."""
    return work.physical_id.rpartition("/")[2]
