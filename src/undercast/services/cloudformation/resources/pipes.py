"""AWS::Pipes: pipes."""

from __future__ import annotations

import asyncio
from typing import Any

from undercast.kit.errors import ServiceError
from undercast.services.cloudformation.resources.handler import Handler, HandlerError, Made, Work, is_gone, pick, zulu

_PARAMETERS = ("EnrichmentParameters", "SourceParameters", "TargetParameters")
_CHANGEABLE = ("Description", "DesiredState", "Enrichment", "LogConfiguration", "RoleArn", "Target", *_PARAMETERS)
_LASTING = ("RUNNING", "STOPPED")
_PAUSE_S = 0.02  # between two looks at a pipe that is on its way to its state


class Pipe(Handler):
    """AWS::Pipes::Pipe"""

    type = "AWS::Pipes::Pipe"
    service = "pipes"
    properties = frozenset([*_CHANGEABLE, "Name", "Source", "Tags"])
    waits = True

    async def create(self, work: Work) -> Made:
        """A pipe; its name must be free. It is there when it runs, or is stopped."""
        name = work.name("Name", 64)
        try:
            await work.aws.pipes.create_pipe(
                Name=name, Tags=work.tags(system=True), **pick(work.properties, "Source", *_CHANGEABLE)
            )
        except ServiceError as error:
            if error.code != "ConflictException" or not await _is_ours(work, name):
                raise
        return await _made(work, name)

    async def update(self, work: Work) -> Made:
        """Its settings, what is left out as it is by default; its tags."""
        name = work.physical_id
        gone: dict[str, Any] = {key: "" for key in ("Description", "Enrichment") if key in work.before}
        gone |= {key: _emptied(work.before[key]) for key in _PARAMETERS if key in work.before}
        if "LogConfiguration" in work.before:
            gone["LogConfiguration"] = {"Level": "OFF"}
        wanted = {**gone, **pick(work.properties, *_CHANGEABLE)}
        for key in _PARAMETERS:
            if key in gone:
                wanted[key] = {**gone[key], **wanted[key]}
        await work.aws.pipes.update_pipe(Name=name, **wanted)
        if stale := work.stale_tags():
            await work.aws.pipes.untag_resource(resourceArn=work.attributes["Arn"], tagKeys=stale)
        if work.tags():
            await work.aws.pipes.tag_resource(resourceArn=work.attributes["Arn"], tags=work.tags())
        return await _made(work, name)

    async def delete(self, work: Work) -> None:
        """Stop it and delete it."""
        try:
            if (await work.aws.pipes.describe_pipe(Name=work.physical_id))["CurrentState"] != "DELETING":
                await work.aws.pipes.delete_pipe(Name=work.physical_id)
            while True:
                await work.aws.pipes.describe_pipe(Name=work.physical_id)
                await asyncio.sleep(_PAUSE_S)
        except ServiceError as error:
            if not is_gone(error):
                raise


TYPES = (Pipe(),)


def _emptied(parameters: dict[str, Any]) -> dict[str, Any]:
    """What takes parameters away; how a source is read stays as it was unless it is said anew."""
    kept = ("KinesisStreamParameters", "DynamoDBStreamParameters")
    return {name: "" if isinstance(value, str) else {} for name, value in parameters.items() if name not in kept}


async def _is_ours(work: Work, name: str) -> bool:
    """Whether a try before this one made the pipe."""
    return work.made((await work.aws.pipes.describe_pipe(Name=name)).get("Tags"))


async def _made(work: Work, name: str) -> Made:
    """The pipe in a state that lasts. HandlerError when it failed."""
    while True:
        found = await work.aws.pipes.describe_pipe(Name=name)
        state = found["CurrentState"]
        if state.endswith("_FAILED"):
            raise HandlerError(f"Pipe {name} is in state {state}: {found.get('StateReason') or ''}")
        if state in _LASTING:
            break
        await asyncio.sleep(_PAUSE_S)
    times = {key: zulu(found[key]) for key in ("CreationTime", "LastModifiedTime")}
    return Made(name, {"Arn": found["Arn"], "CurrentState": state, "StateReason": "", **times})
