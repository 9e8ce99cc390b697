"""Operations on tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.services.kms import lookup, pages, storage
from undercast.services.kms.errors import TagException

_MOST = 50


async def tag_resource(call: Call, request: dict[str, Any]) -> None:
    """Add or change tags."""
    key = await lookup.find_own(call, request["KeyId"])
    await storage.save_key(call, replace(key, tags=check_tags(key.tags, request["Tags"])))


async def untag_resource(call: Call, request: dict[str, Any]) -> None:
    """Remove tags."""
    key = await lookup.find_own(call, request["KeyId"])
    kept = {name: value for name, value in key.tags.items() if name not in request["TagKeys"]}
    await storage.save_key(call, replace(key, tags=kept))


async def list_resource_tags(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A key's tags."""
    key = await lookup.find_exact(call, request["KeyId"])
    after, limit = pages.marker(request), request.get("Limit") or 50
    tags = [{"TagKey": name, "TagValue": key.tags[name]} for name in sorted(key.tags) if name > after]
    return pages.answer("Tags", tags, limit, lambda tag: tag, lambda tag: tag["TagKey"])


def check_tags(tags: Mapping[str, str], added: list[dict[str, str]]) -> dict[str, str]:
    """The tags after some were added. TagException."""
    if any(tag["TagKey"].lower().startswith("aws:") for tag in added):
        raise TagException("Tags beginning with aws: are reserved")
    result = {**tags, **{tag["TagKey"]: tag["TagValue"] for tag in added}}
    if len(result) > _MOST:
        raise TagException("Too many tags")
    return result
