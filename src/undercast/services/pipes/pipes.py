"""Operations on pipes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit import paging, roles
from undercast.kit.call import Call
from undercast.services.pipes import errors, model, states, storage
from undercast.services.pipes.checks import check
from undercast.services.pipes.model import PRINCIPAL, SETTINGS, Pipe
from undercast.services.pipes.sources import with_defaults

_PAGE = 100


async def create_pipe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a pipe; a job starts it."""
    name = request["Name"]
    settings = with_defaults({key: request[key] for key in SETTINGS if request.get(key) is not None})
    pipe = Pipe(
        call.account, call.region, name, model.CREATING, "", request.get("DesiredState") or model.RUNNING, settings,
        request.get("Tags") or {}, call.now, call.now, call.ids.sequence(),
    )  # fmt: skip
    await _check(call, pipe)
    if await storage.find(call, name):
        raise errors.conflict(name, f"Pipe {name} already exists.")
    return await _keep(call, pipe)


async def describe_pipe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """One pipe with all its settings."""
    return (await storage.get(call, request["Name"])).describe()


async def update_pipe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change a pipe; a job lets it run as it is now."""
    before = await _settled(call, request["Name"], "updated")
    settings = with_defaults(model.merged(before.settings, request))
    pipe = _changed(call, before, model.UPDATING, request.get("DesiredState") or before.desired)
    pipe = replace(pipe, settings=settings)
    await _check(call, pipe)
    return await _keep(call, pipe)


async def start_pipe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Let a pipe run that is stopped."""
    before = await _settled(call, request["Name"], "started", model.RUNNING)
    return await _keep(call, _changed(call, before, model.STARTING, model.RUNNING))


async def stop_pipe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Let a pipe process nothing more for now."""
    before = await _settled(call, request["Name"], "stopped", model.STOPPED)
    return await _keep(call, _changed(call, before, model.STOPPING, model.STOPPED))


async def delete_pipe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Stop a pipe and delete it."""
    before = await storage.get(call, request["Name"])
    if before.state == model.DELETING:
        raise errors.conflict(before.name, f"Pipe {before.name} is being deleted.")
    return await _keep(call, _changed(call, before, model.DELETING, model.STOPPED))


async def list_pipes(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Pipes by name."""
    limit, token = request.get("Limit") or _PAGE, request.get("NextToken")
    try:
        after = str(paging.decode_token(token)) if token else ""
    except paging.InvalidToken:
        raise errors.ValidationException("Invalid NextToken.") from None
    found = await storage.list_pipes(call, request, after, limit + 1)
    return {
        "Pipes": [pipe.listed() for pipe in found[:limit]],
        "NextToken": paging.encode_token(found[limit - 1].name) if len(found) > limit else None,
    }


async def _settled(call: Call, name: str, verb: str, useless: str = "") -> Pipe:
    """A pipe that may change. ConflictException."""
    pipe = await storage.get(call, name)
    if pipe.state in model.TRANSITIONS or pipe.state == useless:
        raise errors.conflict(name, f"Pipe {name} is in state {pipe.state} and cannot be {verb}.")
    return pipe


def _changed(call: Call, pipe: Pipe, state: str, desired: str) -> Pipe:
    return replace(pipe, state=state, desired=desired, reason="", modified_at=call.now, generation=call.ids.sequence())


async def _check(call: Call, pipe: Pipe) -> None:
    check(pipe)
    if not await roles.trusts(call, pipe.role, PRINCIPAL):
        raise errors.ValidationException(f"Provided role {pipe.role} cannot be assumed by principal '{PRINCIPAL}'.")


async def _keep(call: Call, pipe: Pipe) -> dict[str, Any]:
    await storage.save(call, pipe)
    await states.later(call, pipe)
    return pipe.summary()
