"""AWS::Scheduler: schedules and their groups."""

from __future__ import annotations

from typing import Any

from undercast.services.cloudformation.resources.handler import Handler, Made, NeedsReplacement, Work, pick, zulu

_SETTINGS = (
    "Description", "EndDate", "FlexibleTimeWindow", "GroupName", "KmsKeyArn", "ScheduleExpression",
    "ScheduleExpressionTimezone", "StartDate", "State", "Target",
)  # fmt: skip


class Schedule(Handler):
    """AWS::Scheduler::Schedule"""

    type = "AWS::Scheduler::Schedule"
    service = "scheduler"

    async def create(self, work: Work) -> Made:
        """A schedule; its name must be free in its group."""
        name = work.name("Name", 64)
        made = await work.aws.scheduler.create_schedule(Name=name, **pick(work.properties, *_SETTINGS))
        return Made(name, {"Arn": made["ScheduleArn"]})

    async def update(self, work: Work) -> Made:
        """All settings anew; another group is another schedule."""
        if work.changed("GroupName"):
            raise NeedsReplacement
        await work.aws.scheduler.update_schedule(Name=work.physical_id, **pick(work.properties, *_SETTINGS))
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """Delete it from its group."""
        await work.aws.scheduler.delete_schedule(Name=work.physical_id, **pick(work.properties, "GroupName"))


class ScheduleGroup(Handler):
    """AWS::Scheduler::ScheduleGroup"""

    type = "AWS::Scheduler::ScheduleGroup"
    service = "scheduler"

    async def create(self, work: Work) -> Made:
        """A group; its name must be free."""
        name = work.name("Name", 64)
        made = await work.aws.scheduler.create_schedule_group(Name=name, Tags=work.tag_list(system=True))
        return await self._made(work, name, made["ScheduleGroupArn"])

    async def update(self, work: Work) -> Made:
        """Tags only."""
        arn = work.attributes["Arn"]
        if stale := work.stale_tags():
            await work.aws.scheduler.untag_resource(ResourceArn=arn, TagKeys=stale)
        if work.tags():
            await work.aws.scheduler.tag_resource(ResourceArn=arn, Tags=work.tag_list())
        return await self._made(work, work.physical_id, arn)

    async def delete(self, work: Work) -> None:
        """With its schedules."""
        await work.aws.scheduler.delete_schedule_group(Name=work.physical_id)

    async def _made(self, work: Work, name: str, arn: str) -> Made:
        shown: dict[str, Any] = await work.aws.scheduler.get_schedule_group(Name=name)
        dates = {key: zulu(shown[key]) for key in ("CreationDate", "LastModificationDate")}
        return Made(name, {"Arn": arn, "State": shown["State"], **dates})


TYPES = (Schedule(), ScheduleGroup())
