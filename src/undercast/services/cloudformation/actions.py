"""Actions on single resources: begun in the stack's transaction or in a job of their own, and how they ended."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.service import waits
from undercast.services.cloudformation import stack_roles, storage
from undercast.services.cloudformation.model import Resource, Stack
from undercast.services.cloudformation.resources import handler_of
from undercast.services.cloudformation.resources.handler import (
    Handler,
    HandlerError,
    Made,
    NeedsReplacement,
    Work,
    is_gone,
)
from undercast.services.cloudformation.run import Run

_Outcome = Made | ServiceError | NeedsReplacement | None
_INITIATED = "Resource creation Initiated"
_BUGS = (LookupError, TypeError, ValueError, AttributeError)

log = logging.getLogger("undercast.cloudformation")


async def begin(run: Run, resource: Resource, action: str) -> None:
    """Do it now, or, if it must wait for the outside, have a job do it. The resource is `…_IN_PROGRESS` already."""
    does = _handler(resource)
    if does.answered:
        resource.token = run.call.ids.bytes(20).hex()
        await storage.add_callback(run.call, resource.token, run.stack.id, resource.logical_id)
    work = work_of(run.call, run.stack, resource)
    if does.waits or (action != "delete" and does.prepares(resource.wanted)):
        resource.acting, resource.tried = True, False
        run.touch(resource)
        payload = [run.stack.id, resource.logical_id, resource.generation, action]
        await run.call.later(run.call.now, "act", payload)
        return
    try:
        async with run.call.db.savepoint():
            made = await _perform(does, work, action)
    except NeedsReplacement:
        await supersede(run, resource)
    except ServiceError as error:
        fail(run, resource, action, error)
    except _BUGS as error:  # the stack must go on, and can roll back
        log.exception("%s of %s", action, resource.type)
        fail(run, resource, action, HandlerError(f"Internal Failure: {error!r}"))
    else:
        await complete(run, resource, action, made)


async def complete(run: Run, resource: Resource, action: str, made: Made | None) -> None:
    """An action succeeded, or (`pending`) has been begun and will be answered."""
    if action == "delete":
        if made and made.pending:
            run.touch(resource)
            return
        await storage.forget_callbacks(run.call, run.stack.id, resource.logical_id)
        run.record(resource, "DELETE_COMPLETE")
        return
    assert made is not None
    if action == "update" and resource.physical_id and made.physical_id != resource.physical_id and not made.pending:
        _split(run, resource)  # the provider made another one: the old one is deleted in the end
    resource.physical_id, resource.attributes = made.physical_id or resource.physical_id, made.attributes
    run.touch(resource)
    if made.pending and not made.physical_id:
        return
    word = _word(resource, action)
    if action == "create" and resource.reason != _INITIATED:
        run.record(resource, f"{word}_IN_PROGRESS", _INITIATED)
    if not made.pending:
        resource.properties, resource.token = resource.wanted, ""
        design = run.stack.target or run.stack.current
        resource.tags = dict(design.tags) if design else {}
        resource.replacing = False
        run.record(resource, f"{word}_COMPLETE")


def fail(run: Run, resource: Resource, action: str, error: ServiceError) -> None:
    """An action failed."""
    resource.token = ""
    if isinstance(error, HandlerError):
        reason = error.message
    else:
        service = _handler(resource).service
        reason = (
            f'Resource handler returned message: "{error.message} (Service: {service.capitalize()}, Status Code: '
            f'{error.status or 400}, Request ID: {run.call.ids.uuid()})" (RequestToken: {run.call.ids.uuid()}, '
            f"HandlerErrorCode: {_handler_code(error)})"
        )
    run.record(resource, f"{_word(resource, action)}_FAILED", reason)


def _word(resource: Resource, action: str) -> str:
    """How statuses call an action; making a successor is part of an update."""
    return "UPDATE" if resource.replacing and action == "create" else action.upper()


async def supersede(run: Run, resource: Resource) -> None:
    """Make a new resource in the place of one that cannot be changed; the old one is deleted in the end."""
    run.record(
        resource,
        "UPDATE_IN_PROGRESS",
        "Requested update requires the creation of a new physical resource; hence creating one.",
    )
    new = _split(run, resource, swap=True)
    await begin(run, new, "create")


def _split(run: Run, resource: Resource, *, swap: bool = False) -> Resource:
    """Keep the resource as it was as a superseded generation. With `swap` the answer is the row of its successor."""
    number = run.call.ids.sequence()
    if not swap:
        run.add(replace(resource, generation=number, superseded=True, token="", acting=False, status="UPDATE_COMPLETE"))
        return resource
    new = replace(
        resource, generation=number, physical_id="", attributes={}, properties={}, status="UPDATE_IN_PROGRESS",
        reason="", token="", replacing=True, created_in=run.stack.operation,
    )  # fmt: skip
    resource.superseded, resource.status, resource.reason = True, "UPDATE_COMPLETE", ""
    run.touch(resource)
    run.add(new)
    return new


def work_of(call: Call, stack: Stack, resource: Resource) -> Work:
    """What a handler is told."""
    deleting = resource.status.startswith("DELETE")
    return Work(
        call=stack_roles.acting(call, stack),
        stack=stack,
        logical_id=resource.logical_id,
        type=resource.type,
        properties=(resource.properties or resource.wanted) if deleting else resource.wanted,
        chance=_chance(resource.generation),
        physical_id=resource.physical_id,
        attributes=resource.attributes,
        before=resource.properties,
        before_tags=resource.tags,
        token=resource.token,
        again=resource.tried,
        began_at=resource.updated_at,
    )


# --- jobs ---


@waits
async def act(call: Call, payload: list[Any]) -> None:
    """An action that waits, done outside of any transaction. It may run again after a crash."""
    stack_id, logical_id, generation, action = payload
    found = await call.transact(_take_up, stack_id, logical_id, generation)
    if found is None:
        return
    does, work = found
    work.call = stack_roles.acting(call, work.stack)
    if not does.prepares(work.properties):
        outcome = await _attempt(does, work, action)
        await call.transact(_settle, generation, action, work, outcome)
        return
    try:
        work.prepared = await does.prepare(work)
    except ServiceError as error:
        await call.transact(_settle, generation, action, work, error)
    else:
        await call.transact(_act_and_settle, generation, action, work)


async def _take_up(call: Call, stack_id: str, logical_id: str, generation: int) -> tuple[Handler, Work] | None:
    """What is to be done; that it has been begun is written down, for who does it again after a crash."""
    found = await _find(call, stack_id, logical_id, generation)
    if found is None:
        return None
    stack, resource = found
    does, work = _handler(resource), work_of(call, stack, resource)
    if does.waits and not resource.tried:
        resource.tried = True
        await storage.save_resources(call, stack.id, [resource])
    return does, work


async def _attempt(does: Handler, work: Work, action: str) -> _Outcome:
    try:
        return await _perform(does, work, action)
    except (ServiceError, NeedsReplacement) as error:
        return error


async def _act_and_settle(call: Call, generation: int, action: str, work: Work) -> None:
    """An action that has been prepared, in one transaction with its outcome."""
    work.call = stack_roles.acting(call, work.stack)
    does = handler_of(work.type)
    assert does is not None
    outcome: _Outcome
    try:
        async with call.db.savepoint():
            outcome = await _perform(does, work, action)
    except (ServiceError, NeedsReplacement) as error:
        outcome = error
    await _settle(call, generation, action, work, outcome)


async def act_failed(call: Call, payload: list[Any], error: BaseException) -> None:
    """An action broke again and again: the resource has failed."""
    stack_id, logical_id, generation, action = payload
    if found := await _find(call, stack_id, logical_id, generation):
        await _settle(call, generation, action, work_of(call, *found), HandlerError(f"Internal Failure: {error}"))


async def _find(call: Call, stack_id: str, logical_id: str, generation: int) -> tuple[Stack, Resource] | None:
    stack = await storage.seek_stack(call, stack_id)
    resource = await storage.find_generation(call, stack_id, logical_id, generation)
    return (stack, resource) if stack and resource and resource.acting else None


async def _settle(call: Call, generation: int, action: str, work: Work, outcome: _Outcome) -> None:
    """Write down how an action ended, together with the end of its job, and go on with the stack."""
    await call.finish_job()
    stack = await storage.seek_stack(call, work.stack.id)
    if stack is None:
        return
    run = await Run.of(call, stack)
    resource = next((one for one in run.everything if one.generation == generation), None)
    if resource is None or not resource.acting:
        return
    resource.acting = False
    if isinstance(outcome, NeedsReplacement):
        await supersede(run, resource)
    elif isinstance(outcome, ServiceError):
        fail(run, resource, action, outcome)
    else:
        await complete(run, resource, action, outcome)
    await run.save()
    await call.later(call.now, "advance", [stack.id], key=stack.id)


async def _perform(does: Handler, work: Work, action: str) -> Made | None:
    if action == "create":
        return await does.create(work)
    if action == "update":
        return await does.update(work)
    try:
        return await does.delete(work)
    except ServiceError as error:
        if not is_gone(error):
            raise
        return None


def _handler(resource: Resource) -> Handler:
    found = handler_of(resource.type)
    assert found is not None, resource.type  # a template with another type is refused
    return found


def _chance(generation: int) -> str:
    """Twelve characters for generated names: always the same for one generation of a resource."""
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    number = (generation * 0x9E3779B97F4A7C15) % 36**12  # spreads neighbours over all of the twelve
    text = ""
    for _ in range(12):
        number, digit = divmod(number, 36)
        text += letters[digit]
    return text


def _handler_code(error: ServiceError) -> str:
    """The schema's word for an error (CloudFormation CLI user guide, "handler error codes")."""
    if is_gone(error):
        return "NotFound"
    if "Exists" in error.code or "Conflict" in error.code:
        return "AlreadyExists"
    if "AccessDenied" in error.code:
        return "AccessDenied"
    invalid = any(word in error.code for word in ("Invalid", "Validation", "Malformed"))
    return "InvalidRequest" if invalid else "GeneralServiceException"
