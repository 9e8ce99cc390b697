"""Operations on aliases."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.kms import errors, lookup, pages, storage
from undercast.services.kms.errors import NotFoundException, ValidationException
from undercast.services.kms.storage import Alias

_PREFIX_RULE = (
    'Alias must start with the prefix "alias/". Please see '
    "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
)


async def create_alias(call: Call, request: dict[str, Any]) -> None:
    """Give a key a name."""
    name = _check_name(request["AliasName"])
    key = await lookup.find_exact(call, request["TargetKeyId"])
    if await storage.find_alias(call, name):
        raise errors.AlreadyExistsException(f"An alias with the name {call.arn(name)} already exists")
    await storage.save_alias(call, Alias(name, key.id, call.now, call.now))


async def update_alias(call: Call, request: dict[str, Any]) -> None:
    """Let a name stand for another key of the same kind."""
    name = _check_name(request["AliasName"])
    alias = await storage.find_alias(call, name)
    if alias is None:
        raise NotFoundException(f"Alias {call.arn(name)} is not found.")
    old, new = await lookup.find(call, name), await lookup.find_exact(call, request["TargetKeyId"])
    if (old.usage, old.symmetric) != (new.usage, new.symmetric):
        raise ValidationException(
            f"Alias {call.arn(name)} cannot be changed from a key with usage {old.usage} to one with {new.usage}."
        )
    await storage.save_alias(call, Alias(name, new.id, alias.created_at, call.now))


async def delete_alias(call: Call, request: dict[str, Any]) -> None:
    """Forget a name; the key stays."""
    name = _check_name(request["AliasName"])
    if not await storage.delete_alias(call, name):
        raise NotFoundException(f"Alias {call.arn(name)} is not found.")


async def list_aliases(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The names of the account's keys, or of one key."""
    key = await lookup.find_exact(call, request["KeyId"]) if request.get("KeyId") else None
    limit = request.get("Limit") or 50
    aliases = await storage.list_aliases(call, key.id if key else None, pages.marker(request), limit + 1)

    def show(alias: Alias) -> dict[str, Any]:
        return {
            "AliasName": alias.name,
            "AliasArn": call.arn(alias.name),
            "TargetKeyId": alias.key_id,
            "CreationDate": alias.created_at,
            "LastUpdatedDate": alias.updated_at,
        }

    return pages.answer("Aliases", aliases, limit, show, lambda alias: alias.name)


def _check_name(name: str) -> str:
    if not name.startswith("alias/") or name == "alias/":
        raise ValidationException(_PREFIX_RULE)
    if name.startswith("alias/aws/"):
        raise errors.NotAuthorizedException()
    return name
