"""What the console answers under `/_undercast`."""

from __future__ import annotations

from undercast.console import events, pages
from undercast.kit.changes import Changes
from undercast.kit.http import Request, Response


def answer(request: Request, changes: Changes) -> Response | None:
    """The answer to a GET or HEAD; None when there is nothing at its path."""
    if request.path == f"{pages.ROOT}/events":
        return events.stream(changes, request)
    return pages.answer(request)
