"""The operation on histories."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.stepfunctions import execution_storage, history, lookups, pages


async def get_execution_history(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The events of an execution, in either order."""
    execution = await lookups.find_execution(call, request["executionArn"])
    backwards, limit = bool(request.get("reverseOrder")), pages.limit(request)
    start = pages.position(request, execution.events if backwards else 1)
    events = await execution_storage.list_events(call, execution.number, start, limit, backwards=backwards)
    if request.get("includeExecutionData") is False:
        events = [history.without_data(event) for event in events]
    following = (events[-1]["id"] + (-1 if backwards else 1)) if events else 0
    more = len(events) == limit and (following >= 1 if backwards else following <= execution.events)
    return {"events": events, "nextToken": pages.token(following, more=more)}
