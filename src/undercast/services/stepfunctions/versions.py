"""Operations on versions: revisions that were published and never change."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.stepfunctions import arns, errors, pages, publishing, storage


async def publish_state_machine_version(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Publish the current revision."""
    arn = request["stateMachineArn"]
    name = arns.parse(arn, "stateMachine", most=1).parts[0]
    machine = await storage.find_machine(call, name) if arns.is_here(call, arn) else None
    if machine is None:
        raise errors.StateMachineDoesNotExist(arn)
    expected = request.get("revisionId")
    revision = await storage.find_revision(call, machine.revision)
    if expected and expected != (revision.shown_id or "INITIAL"):
        raise errors.ConflictException(
            f"Failed to publish the State Machine version for revision {expected}. The current State Machine revision "
            f"is {revision.shown_id or 'INITIAL'}."
        )
    version = await publishing.publish(call, machine, request.get("description"))
    return {"stateMachineVersionArn": arns.machine(call, name, version.number), "creationDate": version.created_at}


async def delete_state_machine_version(call: Call, request: dict[str, Any]) -> None:
    """Delete a version that no alias routes to."""
    arn = request["stateMachineVersionArn"]
    machine, number = _parse(arn)
    if not arns.is_here(call, arn):
        return
    users = [alias.name for alias in await storage.list_aliases(call, machine) if number in dict(alias.routing)]
    if users:
        raise errors.ConflictException(
            "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this "
            f"version: [{', '.join(users)}]"
        )
    await storage.delete_version(call, machine, number)


async def list_state_machine_versions(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Versions of a machine, the newest first."""
    arn, limit = request["stateMachineArn"], pages.limit(request)
    machine = arns.parse(arn, "stateMachine", most=1).parts[0]
    found = await storage.list_versions(call, machine, pages.position(request, 2**62), limit + 1)
    shown = found[:limit]
    return {
        "stateMachineVersions": [
            {
                "stateMachineVersionArn": arns.machine(call, machine, version.number),
                "creationDate": version.created_at,
            }
            for version in shown
        ],
        "nextToken": pages.token(shown[-1].number if shown else 0, more=len(found) > limit),
    }


def _parse(arn: str) -> tuple[str, int]:
    parts = arns.parse(arn, "stateMachine").parts
    if len(parts) != 2 or not parts[1].isdecimal():
        raise errors.ValidationException(f"The ARN must be that of a state machine version: {arn}")
    return parts[0], int(parts[1])
