"""Recorded cases of Lambda, and answers brought into the shape in which they were recorded."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests import recorded as recordings

IGNORED = ("CodeSha256", "CodeSize", "Location")  # of code that was not ours
# The oldest cases lack these members, and ran on a Python that is not here.
OLDER = (*IGNORED, "LoggingConfig", "RuntimeVersionConfig", "SnapStart", "Runtime", "EphemeralStorage", "Handler")


def recorded(case: str) -> recordings.Recorded:
    """A case; what it calls `<a:len(65)>` is that many letters."""
    found = recordings.recorded(case, "lambda")
    text = re.sub(r"<a:len\((\d+)\)>", lambda match: "a" * int(match[1]), json.dumps(found.answers))
    return recordings.Recorded(case, json.loads(text))


def names(part: str) -> list[str]:
    """The parameters of the recorded cases that have `part` in their name."""
    return [name.partition("[")[2][:-1] for name in recordings.cases("lambda") if part in name]


def refusal(call: Any, **request: Any) -> ClientError:
    with pytest.raises(ClientError) as refused:
        call(**request)
    return refused.value


def invoked(client: Any, **request: Any) -> dict[str, Any]:
    """An answer of Invoke, its payload parsed when it holds an object."""
    answer = client.invoke(**request)
    text = answer["Payload"].read().decode()
    return {**answer, "Payload": json.loads(text) if text[:1] in ("{", "[") else text}


def created(answer: dict[str, Any]) -> dict[str, Any]:
    """As the helper that most cases were recorded with shows a new function."""
    return {"CreateFunctionResponse": answer, "CreateEventSourceMappingResponse": None}


def wait_active(client: Any, name: str) -> None:
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.01})


def wait_updated(client: Any, name: str) -> None:
    client.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.01})
