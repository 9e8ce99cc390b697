"""HTTP exchanges of tasks: their arguments as a request, their answers as a result."""

from __future__ import annotations

from http.client import responses
from typing import Any
from urllib.parse import urlencode

import orjson

from undercast.kit.outgoing import Answer
from undercast.services.stepfunctions.integrations.model import InvalidArguments, Task
from undercast.services.stepfunctions.integrations.operations import as_text

_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


def check(task: Task, fields: tuple[str, ...], required: tuple[str, ...]) -> None:
    """Refuse arguments with a field that is unknown, or without one that must be. InvalidArguments."""
    if not isinstance(task.arguments, dict):
        raise InvalidArguments("The arguments must be an object")
    problems = [
        f'The field "{name}" is not supported by Step Functions' for name in task.arguments if name not in fields
    ]
    problems += [f'The field "{name}" is required but was missing' for name in required if name not in task.arguments]
    if problems:
        raise InvalidArguments(*problems)
    for name in ("ApiEndpoint", "Method"):
        if not isinstance(task.arguments[name], str):
            raise InvalidArguments(f"The value for the field '{name}' must be a STRING")
    if task.arguments["Method"] not in _METHODS:
        raise InvalidArguments(f"The value of the field 'Method' must be one of {', '.join(_METHODS)}")


def with_query(url: str, parameters: dict[str, Any] | None) -> str:
    """A URL with query parameters, each a value or a list of them."""
    if not parameters:
        return url
    return url + ("&" if "?" in url else "?") + urlencode(pairs(parameters))


def pairs(values: dict[str, Any]) -> list[tuple[str, str]]:
    """Names and values, a list's one by one."""
    return [
        (name, as_text(one))
        for name, value in values.items()
        for one in (value if isinstance(value, list) else [value])
    ]


def shown(answer: Answer) -> dict[str, Any]:
    """An answer as the task's result."""
    headers: dict[str, list[str]] = {}
    for name, value in answer.lines:
        headers.setdefault(name, []).append(value)
    return {
        "Headers": headers,
        "ResponseBody": _body(answer),
        "StatusCode": answer.status,
        "StatusText": responses.get(answer.status, ""),
    }


def _body(answer: Answer) -> Any:
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return answer.body.decode("utf-8", "replace")
