"""Operations on the settings of an account in a region: a commitment that is about bills alone."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call

from . import storage

_LEAST_MS = 86_400_000  # a commitment lasts for 24 hours at least


async def describe_account_settings(call: Call, _request: dict[str, Any]) -> dict[str, Any]:
    """Whether there is a commitment."""
    return _show(call, await storage.account_settings(call))


async def update_account_settings(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Begin or end a commitment."""
    settings = await storage.account_settings(call)
    wanted = request["MinimumThroughputBillingCommitment"]["Status"]
    if wanted == "ENABLED" and (not settings or "ended_at" in settings):
        settings = {"started_at": call.now}
    elif wanted == "DISABLED" and settings and "ended_at" not in settings:
        settings = settings | {"ended_at": max(call.now, settings["started_at"] + _LEAST_MS)}
    await storage.save_account_settings(call, settings)
    return _show(call, settings)


def _show(call: Call, settings: dict[str, int]) -> dict[str, Any]:
    if not settings:
        return {"MinimumThroughputBillingCommitment": {"Status": "DISABLED"}}
    started_at, ended_at = settings["started_at"], settings.get("ended_at")
    status = "ENABLED"
    if ended_at is not None:
        status = "DISABLED" if ended_at <= call.now else "ENABLED_UNTIL_EARLIEST_ALLOWED_END"
    return {
        "MinimumThroughputBillingCommitment": {
            "Status": status,
            "StartedAt": started_at,
            "EndedAt": ended_at if status == "DISABLED" else None,
            "EarliestAllowedEndAt": started_at + _LEAST_MS if status != "DISABLED" else None,
        }
    }
