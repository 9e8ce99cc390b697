"""Rotation: a function that is called in four steps, each a job, and again when the secret's rules say so.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.service import waits
from undercast.services.secretsmanager import model, storage
from undercast.services.secretsmanager.model import CURRENT, PENDING, Secret, Version

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")

log = logging.getLogger("undercast.secretsmanager")


class RotationFailed(Exception):
    """The function answered with an error; the step is tried again."""


async def begin(call: Call, secret: Secret, token: str) -> None:
    """Add the pending version, still without a value, and have the first step run."""
    if not await storage.find_version(call, secret, token):
        await storage.save_version(call, secret, Version(token, "", "[]", call.now, 0))
    stages = model.label(secret.stages, token, [PENDING])
    await storage.save_secret(call, replace(secret, stages=stages))
    await call.into(account=secret.account).later(call.now, "rotate", _payload(secret, token, 0))


async def schedule(call: Call, secret: Secret) -> Secret:
    """Set when the secret is rotated next."""
    await unschedule(call, secret)
    at = model.next_rotation(secret.rotation["rules"], call.now)
    job = 0
    if at is not None:
        job = await call.into(account=secret.account).later(at, "rotation due", [secret.name, secret.suffix])
    changed = replace(secret, rotation={**secret.rotation, "next": at or 0, "job": job})
    await storage.save_secret(call, changed)
    return changed


async def unschedule(call: Call, secret: Secret) -> None:
    if secret.rotation.get("job"):
        await call.into(account=secret.account).cancel_job(secret.rotation["job"])


async def due(call: Call, payload: list[str]) -> None:
    """The job of the schedule: rotate again, and set the next time."""
    secret = await _rotating(call, *payload)
    if secret:
        await begin(
            call, await schedule(call, replace(secret, rotation={**secret.rotation, "job": 0})), call.ids.uuid()
        )


@waits
async def run_step(call: Call, payload: dict[str, Any]) -> None:
    """Call the function for one step; then have the next one run, or note that the secret is rotated."""
    secret = await call.transact(_rotating, payload["name"], payload["suffix"])
    if secret is None:
        return
    event = {
        "Step": STEPS[payload["step"]],
        "SecretId": secret.arn,
        "ClientRequestToken": payload["token"],
    }
    answer = await call.as_service("secretsmanager.amazonaws.com").aws.lambda_.invoke(
        FunctionName=secret.rotation["lambda"], Payload=orjson.dumps(event)
    )
    if answer.get("FunctionError"):
        raise RotationFailed(f"{event['Step']} of {secret.arn}: {answer['FunctionError']}")
    await call.transact(_next_step, payload)


async def _next_step(call: Call, payload: dict[str, Any]) -> None:
    secret = await _rotating(call, payload["name"], payload["suffix"])
    if secret is not None:
        if payload["step"] + 1 < len(STEPS):
            await call.later(call.now, "rotate", {**payload, "step": payload["step"] + 1})
        else:
            await _finished(call, secret, payload["token"])
    await call.finish_job()


async def _finished(call: Call, secret: Secret, token: str) -> None:
    """A pending label stays on the current version only until it is current."""
    stages = secret.stages
    if CURRENT in stages.get(token, ()):
        stages = model.unlabel(stages, token, PENDING)
    rotation = {**secret.rotation, "last": call.now}
    await storage.save_secret(call, replace(secret, stages=stages, rotation=rotation, changed_at=call.now))


async def gave_up(call: Call, payload: dict[str, Any], error: BaseException) -> None:
    """The pending version stays; the next rotation goes on with it."""
    secret = await _rotating(call, payload["name"], payload["suffix"])
    if secret:
        await storage.save_secret(call, replace(secret, rotation={**secret.rotation, "failed": payload["token"]}))
    log.warning("rotation of %s failed at %s: %s", payload["name"], STEPS[payload["step"]], error)


async def _rotating(call: Call, name: str, suffix: str) -> Secret | None:
    """The secret, while it is rotated at all."""
    secret = await storage.find_by_name(call, name)
    same = secret is not None and secret.suffix == suffix and not secret.deleted_at
    return secret if secret and same and secret.rotation.get("enabled") else None


def _payload(secret: Secret, token: str, step: int) -> dict[str, Any]:
    return {"name": secret.name, "suffix": secret.suffix, "token": token, "step": step}
