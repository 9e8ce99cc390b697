"""Operations on the rotation of secrets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet, ServiceError
from undercast.kit.service import waits
from undercast.services.secretsmanager import errors, model, rotating, storage
from undercast.services.secretsmanager.errors import InvalidRequestException
from undercast.services.secretsmanager.model import CURRENT, PENDING
from undercast.services.secretsmanager.secrets import refuse


@waits
async def rotate_secret(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Set up rotation, and rotate now unless that is switched off."""
    refuse(request, "ExternalSecretRotationMetadata", "ExternalSecretRotationRoleArn")
    rules = request.get("RotationRules") or {}
    if "cron" in (rules.get("ScheduleExpression") or "") or rules.get("Duration"):
        raise NotImplementedYet("Undercast rotates secrets by days and rates, not yet by cron expressions and windows.")
    if request.get("RotationLambdaARN"):
        await _check_function(call, request["RotationLambdaARN"])
    if await call.transact(_reattempt, request):
        raise InvalidRequestException("A previous rotation isn't complete. That rotation will be reattempted.")
    return await call.transact(_rotate_secret, request, rules)


async def cancel_rotate_secret(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Rotate no more; a rotation that is under way stops after its step."""
    secret = await storage.find_present(call, request["SecretId"])
    if not secret.rotation:
        raise InvalidRequestException("You tried to cancel a rotation of a secret that is not configured for rotation.")
    await rotating.unschedule(call, secret)
    rotation = {**secret.rotation, "enabled": False, "next": 0, "job": 0, "token": ""}
    await storage.save_secret(call, replace(secret, rotation=rotation))
    return {"ARN": secret.arn, "Name": secret.name, "VersionId": secret.version_of(PENDING)}


async def _rotate_secret(call: Call, request: dict[str, Any], rules: dict[str, Any]) -> dict[str, Any]:
    secret = await storage.find_present(call, request["SecretId"])
    token = request.get("ClientRequestToken") or call.ids.uuid()
    answer = {"ARN": secret.arn, "Name": secret.name, "VersionId": token}
    if secret.rotation.get("token") == token:  # the same request again
        return answer
    function = request.get("RotationLambdaARN") or secret.rotation.get("lambda")
    if not function:
        raise InvalidRequestException("No Lambda rotation function ARN is associated with this secret.")
    rules = rules or secret.rotation.get("rules") or {}
    model.next_rotation(rules, call.now)
    rotation = {**secret.rotation, "enabled": True, "lambda": function, "rules": rules, "token": token}
    secret = await rotating.schedule(call, replace(secret, rotation=rotation))
    if request.get("RotateImmediately") is not False:
        await rotating.begin(call, secret, token)
    return answer


async def _reattempt(call: Call, request: dict[str, Any]) -> bool:
    """Whether the rotation of another request is pending; one whose function failed too often is begun again."""
    secret = await storage.find_present(call, request["SecretId"])
    pending = secret.version_of(PENDING)
    if not pending or CURRENT in secret.stages[pending]:
        return False
    if secret.rotation.get("failed") == pending:
        await rotating.begin(call, replace(secret, rotation={**secret.rotation, "failed": ""}), pending)
    return bool(pending != request.get("ClientRequestToken"))


async def _check_function(call: Call, arn: str) -> None:
    try:
        await call.aws.lambda_.get_function_configuration(FunctionName=arn)
    except ServiceError as error:
        if error.code != "ResourceNotFoundException":
            raise
        raise errors.AccessDeniedException() from error
