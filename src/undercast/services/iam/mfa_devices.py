"""Operations on virtual MFA devices, which show time-based codes (RFC 6238)."""

from __future__ import annotations

import hmac
from base64 import b32decode, b32encode
from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.kit.tags import as_list
from undercast.services.iam import caller, errors, pages, show, storage, vault
from undercast.services.iam.model import Credential, tags_from

_KIND = "mfa-device"
_PER_USER = 8
_STEP_MS = 30_000
_DRIFT = 2  # steps that a device's clock may be off


async def create_virtual_mfa_device(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a device; only this answer tells its seed. There is no picture (QRCodePNG) of it."""
    tags = tags_from(request.get("Tags"))
    serial = f"arn:aws:iam::{call.account}:mfa{request.get('Path') or '/'}{request['VirtualMFADeviceName']}"
    if await vault.find_credential(call, _KIND, serial):
        raise errors.EntityAlreadyExists("MFADevice entity at the same path and name already exists.")
    seed = b32encode(call.ids.bytes(40)).decode()
    await vault.add_credential(call, _KIND, serial, "", seed=seed, tags=tags, enabled_at=0)
    device = {"SerialNumber": serial, "Base32StringSeed": seed.encode(), "Tags": as_list(tags) or None}
    return {"VirtualMFADevice": device}


async def enable_mfa_device(call: Call, request: dict[str, Any]) -> None:
    """Give a device to a user who shows two codes of it in a row."""
    user = await caller.user_of(call, request)
    device = await vault.find_mfa_device(call, request["SerialNumber"])
    if device.owner:
        raise errors.EntityAlreadyExists("MFA Device is already in use.")
    if len(await vault.credentials_of(call, _KIND, user.id)) >= _PER_USER:
        raise errors.LimitExceeded(f"Cannot exceed quota for MfaDevicesPerUser: {_PER_USER}")
    _check_codes(call, device, request)
    await vault.save_credential(call, replace(device, owner=user.id).with_details(enabled_at=call.now))


async def resync_mfa_device(call: Call, request: dict[str, Any]) -> None:
    """Check two codes in a row again."""
    _check_codes(call, await _users_device(call, request), request)


async def deactivate_mfa_device(call: Call, request: dict[str, Any]) -> None:
    """Take a device from a user."""
    device = await _users_device(call, request)
    await vault.save_credential(call, replace(device, owner="").with_details(enabled_at=0))


async def delete_virtual_mfa_device(call: Call, request: dict[str, Any]) -> None:
    """Delete a device that nobody has."""
    device = await vault.find_mfa_device(call, request["SerialNumber"])
    if device.owner:
        raise errors.DeleteConflict("MFA VirtualDevice in use. Must deactivate first.")
    await vault.delete_credential(call, device)


async def get_mfa_device(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A device and whose it is; NoSuchEntity when the request names another user."""
    find = (
        _users_device(call, request)
        if request.get("UserName")
        else vault.find_mfa_device(call, request["SerialNumber"])
    )
    device = await find
    user = await storage.find_by_id(call, device.owner) if device.owner else None
    return {
        "UserName": user.name if user else None,
        "SerialNumber": device.id,
        "EnableDate": device.details["enabled_at"] or None,
    }


async def list_mfa_devices(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The devices of a user."""
    user = await caller.user_of(call, request)
    rows = await vault.credentials_of(call, _KIND, user.id, pages.position(request, 0), pages.limit(request))

    def shown(device: Credential) -> dict[str, Any]:
        return {"UserName": user.name, "SerialNumber": device.id, "EnableDate": device.details["enabled_at"]}

    return pages.answer("MFADevices", rows, request, shown, lambda device: device.seq)


async def list_virtual_mfa_devices(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The devices of the account, given to users or not."""
    wanted, after = request.get("AssignmentStatus") or "Any", pages.position(request, "")
    rows = [
        device for device in await vault.list_credentials(call, _KIND)
        if device.id > after and wanted in ("Any", "Assigned" if device.owner else "Unassigned")
    ]  # fmt: skip
    answer = pages.answer("VirtualMFADevices", rows, request, lambda device: device, lambda device: device.id)
    answer["VirtualMFADevices"] = [await _shown(call, device) for device in answer["VirtualMFADevices"]]
    return answer


async def _shown(call: Call, device: Credential) -> dict[str, Any]:
    user = await storage.find_by_id(call, device.owner) if device.owner else None
    return {
        "SerialNumber": device.id,
        "User": show.listed_user(user) if user else None,
        "EnableDate": device.details["enabled_at"] or None,
    }


async def _users_device(call: Call, request: dict[str, Any]) -> Credential:
    user = await caller.user_of(call, request)
    device = await vault.find_mfa_device(call, request["SerialNumber"])
    if device.owner != user.id:
        raise errors.NoSuchEntity(f"MFA Device invalid for user {user.name}.")
    return device


def _check_codes(call: Call, device: Credential, request: dict[str, Any]) -> None:
    """InvalidAuthenticationCode unless the codes are those of two steps in a row, about now."""
    codes = (request["AuthenticationCode1"], request["AuthenticationCode2"])
    now = call.now // _STEP_MS
    seed = b32decode(device.details["seed"])
    for step in range(now - _DRIFT - 1, now + _DRIFT + 1):
        if codes == (_code(seed, step), _code(seed, step + 1)):
            return
    raise errors.InvalidAuthenticationCode("Authentication code for device is not valid.")


def _code(seed: bytes, step: int) -> str:
    digest = hmac.digest(seed, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset : offset + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"
