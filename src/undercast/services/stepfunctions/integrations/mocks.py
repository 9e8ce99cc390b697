"""Mocked integrations: the configuration file that Step Functions Local reads, state by state.

An execution of `…:stateMachine:Orders#Declined` is run as the test case Declined of the machine Orders: what the case
says of a state is what its task comes to, without a call. Other states call what they name.
https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-test-sm-exec.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from undercast.kit.call import Platform
from undercast.services.stepfunctions.integrations.model import Done, Failed, Outcome

VARIABLE = "SFN_MOCK_CONFIG"  # the path of the file; `undercast up --mock-config` sets it

_KEPT = "stepfunctions.mocks"
_RANGE = re.compile(r"(\d+)(?:-(\d+))?")


class InvalidMocks(ValueError):
    """The file is not what it should be; the message says where."""


@dataclass(frozen=True, slots=True)
class Response:
    """What some attempts of a task come to: from the first to the last, 0 being the first try."""

    first: int
    last: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Mocks:
    """A configuration: the responses of each state, by machine, test case and name of the state."""

    cases: Mapping[tuple[str, str], Mapping[str, tuple[Response, ...]]]

    def has(self, machine: str, case: str) -> bool:
        """Whether a machine has such a test case."""
        return (machine, case) in self.cases

    def outcome(self, machine: str, case: str, state: str, attempt: int) -> Outcome | None:
        """What an attempt comes to (0: not a retry). None: it is not mocked."""
        responses = self.cases.get((machine, case), {}).get(state)
        if responses is None:
            return None
        found = next((one.outcome for one in responses if one.first <= attempt <= one.last), None)
        return found or Failed("States.Runtime", f"The mocked response of {state} says nothing of attempt {attempt}")


def of(platform: Platform) -> Mocks | None:
    """The configuration that the environment names; it is read again when the file changes. InvalidMocks."""
    name = os.environ.get(VARIABLE)
    if not name:
        return None
    path = Path(name)
    version = (path, path.stat().st_mtime_ns if path.exists() else 0)
    kept: tuple[Any, Mocks] | None = platform.things.get(_KEPT)
    if kept is None or kept[0] != version:
        kept = platform.things[_KEPT] = (version, load(path))
    return kept[1]


def load(path: Path) -> Mocks:
    """A configuration file. InvalidMocks, also when it cannot be read."""
    try:
        content = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise InvalidMocks(f"{path}: {error}") from error
    return read(content)


def read(content: Any) -> Mocks:
    """A configuration's content. InvalidMocks."""
    named = {
        name: tuple(_response(f"MockedResponses.{name}.{key}", key, value) for key, value in _object(one, name).items())
        for name, one in _member(content, "MockedResponses").items()
    }
    cases: dict[tuple[str, str], dict[str, tuple[Response, ...]]] = {}
    for machine, settings in _member(content, "StateMachines").items():
        for case, states in _member(settings, "TestCases").items():
            where = f"StateMachines.{machine}.TestCases.{case}"
            cases[machine, case] = {
                state: _named(named, response, f"{where}.{state}") for state, response in _object(states, where).items()
            }
    return Mocks(cases)


def _named(named: dict[str, tuple[Response, ...]], name: Any, where: str) -> tuple[Response, ...]:
    if not isinstance(name, str) or name not in named:
        raise InvalidMocks(f"{where}: there is no mocked response {name!r}")
    return named[name]


def _response(where: str, attempts: str, value: Any) -> Response:
    found = _RANGE.fullmatch(attempts)
    if found is None or int(found[2] or found[1]) < int(found[1]):
        raise InvalidMocks(f"{where}: attempts are a number or a range like 1-3")
    first, last = int(found[1]), int(found[2] or found[1])
    content = _object(value, where)
    if content.keys() == {"Return"}:
        return Response(first, last, Done(content["Return"]))
    thrown = content.get("Throw")
    if content.keys() != {"Throw"} or not isinstance(thrown, dict) or not isinstance(thrown.get("Error"), str):
        raise InvalidMocks(f"{where}: it must have either Return, or Throw with an Error")
    return Response(first, last, Failed(thrown["Error"], str(thrown.get("Cause") or "")))


def _member(value: Any, name: str) -> dict[str, Any]:
    return _object(value.get(name, {}) if isinstance(value, dict) else None, name)


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidMocks(f"{where}: it must be an object")
    return value
