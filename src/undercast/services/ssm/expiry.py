"""The job of an Expiration policy."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.ssm import storage


async def expire(call: Call, payload: list[Any]) -> None:
    """Delete a parameter, unless it was changed since the policy was set."""
    name, version = payload
    parameter = await storage.find_parameter(call, name)
    if parameter and parameter.latest.version == version:
        await storage.delete_parameter(call, name)
