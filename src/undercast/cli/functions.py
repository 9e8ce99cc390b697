"""`undercast logs` and `invoke`: a function's words and its answers."""

from __future__ import annotations

import base64
import difflib
import json
import sys
import time
from pathlib import Path
from typing import Any

import click
from botocore.exceptions import ClientError

from undercast.cli.client import Connection, fail

_PAUSE_S = 0.3
_LATE_MS = 1000  # an event may arrive with a time a little before one that we have


def show_logs(connection: Connection, function: str, *, follow: bool, since_s: int | None) -> None:
    """A function's log lines, oldest first; with `follow`, also those that come."""
    logs = connection.client("logs")
    group = f"/aws/lambda/{function.rpartition(':')[2]}"
    start = connection.now() - 1000 * since_s if since_s is not None else 0
    if not follow:
        found = _events(logs, group, start)
        if found is None:
            fail(_no_logs(connection, function))
        connection.show(found, lambda: _print_lines(found))
        return
    seen: set[str] = set()
    while True:
        new = [event for event in _events(logs, group, start) or [] if event["eventId"] not in seen]
        seen.update(event["eventId"] for event in new)
        start = max([start, *(event["timestamp"] - _LATE_MS for event in new)])
        if connection.as_json:
            for event in new:
                click.echo(json.dumps(event))
        else:
            _print_lines(new)
        time.sleep(_PAUSE_S)


def invoke(connection: Connection, function: str, payload: str, *, log: bool) -> None:
    """Invoke a function and print its answer; exit code 1 when it failed."""
    try:
        answer = connection.client("lambda").invoke(
            FunctionName=function, Payload=_payload(payload), LogType="Tail" if log else "None"
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            fail(f"There is no function {function}.{_suggestion(connection, function)}")
        raise
    body = answer["Payload"].read().decode()
    click.echo(body or "null")  # a function that answers nothing answers null: standard output is always JSON
    if log:
        click.echo(base64.b64decode(answer.get("LogResult", "")).decode(), err=True)
    if "FunctionError" in answer:
        sys.exit(1)


def _events(logs: Any, group: str, start_ms: int) -> list[dict[str, Any]] | None:
    """The events of a group since a time; None when there is no such group."""
    try:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=start_ms)
        return [event for page in pages for event in page["events"]]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None


def _print_lines(events: list[dict[str, Any]]) -> None:
    for event in events:
        click.echo(event["message"].rstrip("\n"))


def _payload(text: str) -> bytes:
    if text == "-":
        return sys.stdin.buffer.read()
    if text.startswith("@"):
        path = Path(text[1:])
        if not path.is_file():
            fail(f"There is no file {path}.")
        return path.read_bytes()
    return text.encode()


def _no_logs(connection: Connection, function: str) -> str:
    return f"There are no log lines of a function {function}.{_suggestion(connection, function)}"


def _suggestion(connection: Connection, function: str) -> str:
    pages: Any = connection.client("lambda").get_paginator("list_functions").paginate()
    names = [item["FunctionName"] for page in pages for item in page["Functions"]]
    close = (
        difflib.get_close_matches(function, names, 3, 0.4) or [name for name in names if name.startswith(function)][:3]
    )
    return f" Did you mean {' or '.join(close)}?" if close else ""
