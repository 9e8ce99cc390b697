"""AWS::SSM: parameters."""

from __future__ import annotations

from undercast.services.cloudformation.resources.handler import Handler, Made, Work, pick

_PROPERTIES = ("AllowedPattern", "DataType", "Description", "Policies", "Tier", "Type", "Value")


class Parameter(Handler):
    """AWS::SSM::Parameter"""

    type = "AWS::SSM::Parameter"
    service = "ssm"

    async def create(self, work: Work) -> Made:
        """A parameter; its name must be free. Generated names begin with CFN (recorded: parameter::TestAttributeAccess)."""
        name = work.properties.get("Name") or f"CFN-{work.logical_id}-{work.chance}"
        tags = work.tag_list(system=True)
        await work.aws.ssm.put_parameter(Name=name, Tags=tags, **pick(work.properties, *_PROPERTIES))
        return Made(name)

    async def update(self, work: Work) -> Made:
        """A new version."""
        name, ssm = work.physical_id, work.aws.ssm
        if work.changed(*_PROPERTIES):
            await ssm.put_parameter(Name=name, Overwrite=True, **pick(work.properties, *_PROPERTIES))
        where = {"ResourceType": "Parameter", "ResourceId": name}
        if stale := work.stale_tags():
            await ssm.remove_tags_from_resource(**where, TagKeys=stale)
        if work.tags() and work.tags() != work.old_tags():
            await ssm.add_tags_to_resource(**where, Tags=work.tag_list())
        return Made(name)

    async def delete(self, work: Work) -> None:
        """Delete it."""
        await work.aws.ssm.delete_parameter(Name=work.physical_id)


TYPES = (Parameter(),)
