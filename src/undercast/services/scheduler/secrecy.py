"""The input of a target under a key of the customer's (`KmsKeyArn`): only its ciphertext is kept."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.scheduler import errors
from undercast.services.scheduler.model import Schedule

_PIECE = 4096  # bytes that KMS takes at once
_SEALED = "SealedInput"


async def sealed(call: Call, schedule: Schedule) -> Schedule:
    """As it is kept. ValidationException when KMS refuses the key."""
    key, target = schedule.settings.get("KmsKeyArn"), dict(schedule.settings["Target"])
    if not key or "Input" not in target:
        return schedule
    plain = target.pop("Input").encode()
    pieces = [plain[start : start + _PIECE] for start in range(0, len(plain), _PIECE)]
    try:
        answers = [
            await call.aws.kms.encrypt(KeyId=key, Plaintext=piece, EncryptionContext=_context(schedule.arn))
            for piece in pieces
        ]
    except ServiceError as error:
        raise errors.ValidationException(f"The KMS key {key} cannot be used: {error.message}") from error
    target[_SEALED] = [b64encode(answer["CiphertextBlob"]).decode() for answer in answers]
    return replace(schedule, settings={**schedule.settings, "Target": target})


async def opened(call: Call, schedule: Schedule) -> Schedule:
    """As it was given."""
    target = await opened_target(call, schedule.arn, schedule.settings["Target"])
    return replace(schedule, settings={**schedule.settings, "Target": target})


async def opened_target(call: Call, arn: str, target: dict[str, Any]) -> dict[str, Any]:
    """The target of the schedule `arn`, readable. ValidationException when KMS does not decrypt it any more."""
    if _SEALED not in target:
        return target
    try:
        answers = [
            await call.aws.kms.decrypt(CiphertextBlob=b64decode(piece), EncryptionContext=_context(arn))
            for piece in target[_SEALED]
        ]
    except ServiceError as error:
        raise errors.ValidationException(f"KMS does not decrypt the target: {error.message}") from error
    found = {key: value for key, value in target.items() if key != _SEALED}
    return found | {"Input": b"".join(answer["Plaintext"] for answer in answers).decode()}


def _context(arn: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/scheduler/latest/UserGuide/encryption-rest.html"""
    return {"aws:scheduler:schedule:arn": arn}
