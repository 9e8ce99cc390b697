"""Operations on function URLs."""

from __future__ import annotations

from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call

from . import errors, names, storage
from .functions import read_marker
from .model import zulu
from .names import Reference

URL = "url"


async def create_function_url_config(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Give a function or an alias an address of its own."""
    reference = await _existing(call, request)
    if await storage.find_setting(call, reference, URL):
        raise errors.ResourceConflictException(
            f"Failed to create function url config for [functionArn = {reference.qualified_arn}]. Error message:  "
            "FunctionUrlConfig exists for this Lambda function"
        )
    id = new_id(call)
    config = {
        "id": id,
        "AuthType": request["AuthType"],
        "Cors": request.get("Cors"),
        "InvokeMode": request.get("InvokeMode"),
        "CreationTime": zulu(call.now),
        "LastModifiedTime": zulu(call.now),
    }
    await storage.save_setting(call, reference, URL, config)
    await storage.add_url(call, reference, id)
    shown = _show(call, reference, config)
    return {member: value for member, value in shown.items() if member != "LastModifiedTime"}


async def get_function_url_config(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The address and what it does."""
    reference = names.read(call, request)
    return _with_mode(_show(call, reference, await _find(call, reference)))


async def update_function_url_config(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change some of it."""
    reference = await _existing(call, request)
    config = await _find(call, reference)
    for member in ("AuthType", "Cors", "InvokeMode"):
        if request.get(member) is not None:
            config[member] = request[member]
    config["LastModifiedTime"] = zulu(call.now)
    await storage.save_setting(call, reference, URL, config)
    return _show(call, reference, config)


async def delete_function_url_config(call: Call, request: dict[str, Any]) -> None:
    """Take the address away; it is not given again."""
    reference = names.read(call, request)
    config = await _find(call, reference)
    await storage.delete_setting(call, reference, URL)
    await storage.delete_url(call, config["id"])


async def list_function_url_configs(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The addresses of a function and its aliases."""
    reference = await _existing(call, request)
    limit = min(request.get("MaxItems") or 50, 50)
    found = await storage.list_settings(call, reference, URL, read_marker(request, ""), limit + 1)
    return {
        "FunctionUrlConfigs": [
            _with_mode(_show(call, reference.of(None if qualifier == names.LATEST else qualifier), config))
            for qualifier, config in found[:limit]
        ],
        "NextMarker": paging.encode_token(found[limit - 1][0]) if len(found) > limit else None,
    }


def new_id(call: Call) -> str:
    """32 letters and digits, as AWS's, that say whose URL it is, so that finding it needs no search."""
    letter = "abcdefghijklmnopqrstuvwxyz"[call.ids.number(26)]  # a host that starts with a digit could be an address
    return letter + _base36(int(call.account)).rjust(8, "0") + call.ids.alnum(23)


def account_of(id: str) -> str | None:
    """The account of a URL's id."""
    try:
        account = int(id[1:9], 36)
    except ValueError:
        return None
    return f"{account:012d}" if len(id) == 32 and account < 10**12 else None


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = digits[digit] + text
    return text


async def _existing(call: Call, request: dict[str, Any]) -> Reference:
    reference = names.read(call, request)
    try:
        await storage.get_version(call, reference)
    except errors.ResourceNotFoundException:
        raise errors.ResourceNotFoundException("Function does not exist") from None
    return reference


async def _find(call: Call, reference: Reference) -> dict[str, Any]:
    found: dict[str, Any] | None = await storage.find_setting(call, reference, URL)
    if found is None:
        raise errors.ResourceNotFoundException()
    return found


def _show(call: Call, reference: Reference, config: dict[str, Any]) -> dict[str, Any]:
    return {
        **{member: value for member, value in config.items() if member != "id" and value is not None},
        "FunctionArn": reference.qualified_arn,
        "FunctionUrl": f"{call.platform.endpoint_url}/_aws/lambda-url/{config['id']}/",
    }


def _with_mode(shown: dict[str, Any]) -> dict[str, Any]:
    """Get and list say BUFFERED where create and update say nothing (recorded: test_url_config_lifecycle)."""
    return {"InvokeMode": "BUFFERED", **shown}
