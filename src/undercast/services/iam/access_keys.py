"""Operations on access keys. A key tells its account; the call it signs acts there."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from undercast.kit.call import Call
from undercast.kit.credentials import issue_access_key
from undercast.services.iam import caller, errors, pages, storage, vault
from undercast.services.iam.caller import ACCESS_KEY
from undercast.services.iam.model import Credential, Entity

_KEYS_PER_USER = 2


async def create_access_key(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Give a user an access key; only this answer tells the secret."""
    user = await caller.user_of(call, request)
    if len(await vault.credentials_of(call, ACCESS_KEY, user.id)) >= _KEYS_PER_USER:
        raise errors.LimitExceeded(f"Cannot exceed quota for AccessKeysPerUser: {_KEYS_PER_USER}")
    secret = b64encode(call.ids.bytes(30)).decode()
    key = await vault.add_credential(call, ACCESS_KEY, await _new_id(call), user.id, secret=secret, status="Active")
    return {"AccessKey": {**_shown(user, key), "SecretAccessKey": secret}}


async def list_access_keys(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A user's access keys, without secrets."""
    user = await caller.user_of(call, request)
    rows = await vault.credentials_of(call, ACCESS_KEY, user.id, pages.position(request, 0), pages.limit(request))
    return pages.answer("AccessKeyMetadata", rows, request, lambda key: _shown(user, key), lambda key: key.seq)


async def update_access_key(call: Call, request: dict[str, Any]) -> None:
    """Switch an access key on or off."""
    key = await _find(call, request)
    await vault.save_credential(call, key.with_details(status=request["Status"]))


async def delete_access_key(call: Call, request: dict[str, Any]) -> None:
    """Delete an access key."""
    await vault.delete_credential(call, await _find(call, request))


async def get_access_key_last_used(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Whose a key is; Undercast does not record when keys are used, so it says what AWS says of unused ones."""
    key = await vault.find_credential(call, ACCESS_KEY, request["AccessKeyId"])
    user = await storage.find_by_id(call, key.owner) if key else None
    if user is None:
        raise _missing(request["AccessKeyId"])
    return {"UserName": user.name, "AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"}}


async def _find(call: Call, request: dict[str, Any]) -> Credential:
    user = await caller.user_of(call, request)
    key = await vault.find_credential(call, ACCESS_KEY, request["AccessKeyId"])
    if key is None or key.owner != user.id:
        raise _missing(request["AccessKeyId"])
    return key


async def _new_id(call: Call) -> str:
    """An id that is still free: the account leaves a key only 24 random bits."""
    while True:
        id = issue_access_key(call.account, "AKIA", call.ids.bytes(3))
        if await vault.find_credential(call, ACCESS_KEY, id) is None:
            return id


def _missing(id: str) -> errors.NoSuchEntity:
    return errors.NoSuchEntity(f"The Access Key with id {id} cannot be found.")


def _shown(user: Entity, key: Credential) -> dict[str, Any]:
    return {
        "UserName": user.name,
        "AccessKeyId": key.id,
        "Status": key.details["status"],
        "CreateDate": key.created_at,
    }
