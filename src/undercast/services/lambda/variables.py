"""A function's environment variables under a key of the customer's (`KMSKeyArn`): only their ciphertext is kept.

The configuration of such a function has the member `_Sealed` in place of `Environment`. KMS is asked whenever they are
shown, and when an environment starts; one that runs already goes on with the variables it has.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.envelopes import Envelopes, Told
from undercast.kit.errors import ServiceError

from . import errors
from .execution_roles import PRINCIPAL
from .model import Version
from .names import Reference

_SEALED = "_Sealed"
_REFUSED = {
    "NotFoundException": errors.KMSNotFoundException,
    "DisabledException": errors.KMSDisabledException,
    "KMSInvalidStateException": errors.KMSInvalidStateException,
    "AccessDeniedException": errors.KMSAccessDeniedException,
    "InvalidCiphertextException": errors.KMSAccessDeniedException,  # the key is gone
}


async def keep(call: Call, reference: Reference, before: Mapping[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """A new configuration as it is stored. InvalidParameterValueException when its key cannot be used."""
    key, sealed, environment = config.get("KMSKeyArn", ""), config.get(_SEALED), config.get("Environment")
    same_key = key == before.get("KMSKeyArn", "")
    if not (key or sealed) or (same_key and environment is None):
        return config
    if ":alias/" in key:  # https://github.com/hashicorp/terraform/issues/20813
        raise _unusable("InvalidArnException", "Key Aliases are not supported for this operation.")
    envelopes = _envelopes(call, reference, key, lambda error: _unusable(error.code, error.message))
    kept = {name: value for name, value in config.items() if name not in ("Environment", _SEALED)}
    if sealed and (same_key or environment is None):
        known = {"Variables": await _open(envelopes, sealed)}
        if same_key and known == environment:  # what is sealed anew would look like a change
            return {**kept, _SEALED: sealed}
        environment = known if environment is None else environment
    if environment is None:
        await envelopes.try_key()
        return kept
    if not key:
        return {**kept, "Environment": environment}
    lock, data = (await envelopes.sealer())(orjson.dumps(environment["Variables"]))
    return {**kept, _SEALED: {"lock": lock, "data": b64encode(data).decode()}}


async def describe(call: Call, version: Version, arn: str = "") -> dict[str, Any]:
    """A version as FunctionConfiguration, with its variables or why they cannot be shown."""
    shown = version.describe(arn)
    if sealed := version.config.get(_SEALED):
        envelopes = _envelopes(call, version.reference, "", lambda error: error)
        try:
            shown["Environment"] = {"Variables": await _open(envelopes, sealed)}
        except ServiceError as error:
            shown["Environment"] = {"Error": {"ErrorCode": error.code, "Message": _refused(error).message}}
    return shown


async def to_run(call: Call, version: Version) -> Mapping[str, str]:
    """The variables for an environment that starts. KMSDisabledException and its like."""
    sealed = version.config.get(_SEALED)
    if not sealed:
        return (version.config.get("Environment") or {}).get("Variables") or {}
    # Lambda has a grant for it: who invokes needs no right to the key
    return await _open(_envelopes(call.outside().as_service(PRINCIPAL), version.reference, "", _refused), sealed)


def _envelopes(call: Call, reference: Reference, key_id: str, told: Told) -> Envelopes:
    there = call.into(account=reference.account, region=reference.region)
    return Envelopes(there, key_id, {"aws:lambda:FunctionArn": reference.arn}, told, reused_ms=0)


async def _open(envelopes: Envelopes, sealed: Mapping[str, str]) -> dict[str, str]:
    variables: dict[str, str] = orjson.loads(await envelopes.open(sealed["lock"], b64decode(sealed["data"])))
    return variables


def _unusable(code: str, message: str) -> ServiceError:
    """As AWS refuses a configuration: https://github.com/hashicorp/terraform-provider-aws/issues/4633."""
    return errors.InvalidParameterValueException(
        "Lambda was unable to configure access to your environment variables because the KMS key is invalid for "
        f"CreateGrant. Please check your KMS key settings. KMS Exception: {code} KMS Message: {message}"
    )


def _refused(error: ServiceError) -> ServiceError:
    """As AWS refuses an invocation: https://github.com/serverless/examples/issues/279."""
    kind = _REFUSED.get(error.code)
    return kind(f"{kind().message} KMS Exception: {error.code} KMS Message: {error.message}") if kind else error
