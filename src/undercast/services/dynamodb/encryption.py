"""Server-side encryption: which key protects a table, and that nobody reaches a table whose key cannot be used.

Items lie in the platform's database as they are; what acts is the key's state, as a client sees it.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import AccessDenied, ServiceError
from undercast.services.dynamodb.definitions import invalid
from undercast.services.dynamodb.errors import ValidationException
from undercast.services.dynamodb.model import Table

_AWS_KEY = "alias/aws/dynamodb"


async def describe(call: Call, specification: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The SSEDescription of a specification; None for a key that AWS owns. AccessDenied for one that cannot be used."""
    if not specification or not specification.get("Enabled"):
        if specification and (specification.get("KMSMasterKeyId") or specification.get("SSEType")):
            raise invalid("SSEType and KMSMasterKeyId can only be specified when Enabled is true")
        return None
    if specification.get("SSEType", "KMS") != "KMS":
        raise invalid("Invalid SSEType AES256. Only KMS is supported as SSEType")
    key = await _key(call, specification.get("KMSMasterKeyId") or _AWS_KEY)
    if key.get("KeySpec") != "SYMMETRIC_DEFAULT":
        raise ValidationException(f"KMS validation error: The key {key['Arn']} cannot be used to encrypt a table.")
    return {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key["Arn"], "_customers": _is_customers(key)}


async def check(call: Call, table: Table) -> None:
    """AccessDenied when the customer's key that protects a table is disabled or going to be deleted."""
    described = table.settings["SSEDescription"]
    if described.get("_customers"):
        await _key(call.into(account=table.account, region=table.region), described["KMSMasterKeyArn"])


async def status(call: Call, table: Table) -> str:
    """The table's status, as its key lets it be."""
    try:
        if "SSEDescription" in table.settings:
            await check(call, table)
    except AccessDenied:
        return "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    return table.status


def _is_customers(key: Mapping[str, Any]) -> bool:
    return bool(key["KeyManager"] == "CUSTOMER")


async def _key(call: Call, key_id: str) -> dict[str, Any]:
    try:
        key: dict[str, Any] = (await call.aws.kms.describe_key(KeyId=key_id))["KeyMetadata"]
    except ServiceError as error:
        # the words are those of https://github.com/aws/aws-cdk/issues/18616
        raise AccessDenied(f"KMS key access denied error: {error.message}") from error
    if not key["Enabled"]:
        raise AccessDenied(f"KMS key access denied error: {key['Arn']} is disabled.")
    return key
