"""`undercast clock`: what time it is for the platform, and moving it forward."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import click
from rich.console import Console

from undercast.cli.client import Connection

_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")


def milliseconds(duration: str) -> int:
    """A text like 1h30m. UsageError."""
    parts = _PART.findall(duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise click.UsageError(f"{duration} is no duration; write 90s, 15m, 1h30m, 7d or 2w.")
    return round(sum(float(number) * _UNITS[unit] for number, unit in parts))


def show(connection: Connection) -> None:
    """Print the platform's time, and how far it is ahead."""
    now = connection.now()
    connection.show({"now": now}, lambda: click.echo(_sentence(now)))


def advance(connection: Connection, milliseconds: int) -> None:
    """Let time pass, with everything that is to happen meanwhile."""
    console = Console(stderr=True)
    with console.status(f"{timedelta(milliseconds=milliseconds)} pass"):
        answer = connection.own("POST", "/clock", {"advance_ms": milliseconds, "stepwise": True}, timeout_s=3600)
    connection.show(answer, lambda: click.echo(_sentence(answer["now"])))


def _sentence(now: int) -> str:
    shown = datetime.fromtimestamp(now / 1000, UTC).strftime("%a %d %b %Y %H:%M:%S UTC")
    ahead = timedelta(seconds=round(now / 1000 - time.time()))
    return f"It is {shown}, {ahead} ahead of the world." if ahead > timedelta(seconds=1) else f"It is {shown}."
