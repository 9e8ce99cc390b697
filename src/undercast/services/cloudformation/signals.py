"""The operation that signals a resource."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.cloudformation import answers


async def signal_resource(call: Call, request: dict[str, Any]) -> None:
    """Tell a wait condition that something is ready, or has failed."""
    await answers.signal(call, request)
