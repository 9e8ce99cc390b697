"""Operations on the resource policies of secrets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.secretsmanager import errors, storage
from undercast.services.secretsmanager.secrets import refuse

_PUBLIC = "This resource policy grants broad access to the secret."


async def put_resource_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Attach a policy to a secret."""
    refuse(request, "PolicyName")
    secret = await storage.find_present(call, request["SecretId"])
    document = _parse(request["ResourcePolicy"])
    if request.get("BlockPublicPolicy") and _is_public(document):
        raise errors.PublicPolicyException()
    await storage.save_secret(call, replace(secret, policy=request["ResourcePolicy"]))
    return {"ARN": secret.arn, "Name": secret.name}


async def get_resource_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The policy of a secret."""
    refuse(request, "PolicyName")
    secret = await storage.find_secret(call, request["SecretId"])
    return {"ARN": secret.arn, "Name": secret.name, "ResourcePolicy": secret.policy or None}


async def delete_resource_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Take the policy off a secret."""
    refuse(request, "PolicyName")
    secret = await storage.find_present(call, request["SecretId"])
    await storage.save_secret(call, replace(secret, policy=""))
    return {"ARN": secret.arn, "Name": secret.name}


async def validate_resource_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Whether a policy would be taken, and whether it is open to everyone."""
    if request.get("SecretId"):
        await storage.find_secret(call, request["SecretId"])
    public = _is_public(_parse(request["ResourcePolicy"]))
    found = [{"CheckName": "CheckNoPublicAccess", "ErrorMessage": _PUBLIC}] if public else []
    return {"PolicyValidationPassed": not found, "ValidationErrors": found}


def _parse(text: str) -> dict[str, Any]:
    try:
        document = orjson.loads(text)
    except ValueError:
        raise errors.MalformedPolicyDocumentException() from None
    if not isinstance(document, dict) or not document.get("Statement"):
        raise errors.MalformedPolicyDocumentException("This resource policy contains no statement.")
    return document


def _is_public(document: dict[str, Any]) -> bool:
    """Whether a statement without conditions allows something to everyone."""
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal")
        who = principal.get("AWS") if isinstance(principal, dict) else principal
        open_to_all = "*" in (who if isinstance(who, list) else [who])
        if statement.get("Effect") == "Allow" and open_to_all and not statement.get("Condition"):
            return True
    return False
