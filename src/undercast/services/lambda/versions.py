"""Operations on versions."""

from __future__ import annotations

from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call

from . import configuration, errors, names, storage, variables
from .functions import read_marker
from .model import Version
from .names import LATEST
from .releases import publish


async def publish_version(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Keep $LATEST as it is now under the next number."""
    configuration.refuse(request)
    reference = names.read(call, request).of(None)
    latest = await storage.get_version(call, reference)
    if request.get("CodeSha256") and request["CodeSha256"] != latest.code.sha256:
        raise errors.InvalidParameterValueException(
            f"CodeSHA256 ({request['CodeSha256']}) is different from current CodeSHA256 in $LATEST "
            f"({latest.code.sha256}). Please try again with the CodeSHA256 in $LATEST."
        )
    if request.get("RevisionId") and request["RevisionId"] != latest.revision:
        raise errors.PreconditionFailedException()
    return await variables.describe(call, await publish(call, latest, request.get("Description")))


async def list_versions_by_function(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """$LATEST and what was published."""
    reference = names.read(call, request)
    await storage.get_function(call, reference)
    limit = min(request.get("MaxItems") or 50, 50)
    found = await storage.list_versions(call, reference, read_marker(request, -1), limit + 1)
    shown = found[:limit]
    return {
        "Versions": [await _show(call, version) for version in shown],
        "NextMarker": paging.encode_token(shown[-1].number) if len(found) > limit else None,
    }


async def _show(call: Call, version: Version) -> dict[str, Any]:
    arn = version.reference.of(LATEST if version.number == 0 else version.version).qualified_arn
    hidden = ("State", "StateReason", "StateReasonCode", "LastUpdateStatus", "LastUpdateStatusReason",
              "LastUpdateStatusReasonCode", "RuntimeVersionConfig")  # fmt: skip
    shown = await variables.describe(call, version, arn)
    return {member: value for member, value in shown.items() if member not in hidden}
