"""What looks like a mistake in a definition and is none by the rules.

The codes: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from undercast.engines.states.errors import Diagnostic
from undercast.engines.states.graph import submachines
from undercast.engines.states.machine import JSONATA

_COMPUTED = re.compile(r"\$(\$?[.\[].*|\$)?|States\.\w+\(.*\)", re.S)
_TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector", "Assign")
_WITH_PATH = ("Error", "Cause")  # fields of any text that have a form ending in Path


def check_warnings(definition: dict[str, Any]) -> Iterator[Diagnostic]:
    """Of a definition whose schema is right."""
    language = definition.get("QueryLanguage")
    waiting = [("", definition)]
    while waiting:
        location, machine = waiting.pop()
        for name, state in machine["States"].items():
            if state.get("QueryLanguage", language) != JSONATA:
                yield from _of_state(state, f"{location}/States/{name}")
        waiting += submachines(machine["States"], location)


def _of_state(state: dict[str, Any], location: str) -> Iterator[Diagnostic]:
    for field in _TEMPLATES:
        for name, where in _looking_computed(state.get(field), f"{location}/{field}"):
            if not name.endswith(".$"):
                message = f"No .$ on a field that appears to be a JSONPath or Intrinsic Function: {name}"
                yield Diagnostic("NO_DOLLAR", message, where, "WARNING")
    for _, where in _looking_computed(state.get("Result"), f"{location}/Result"):
        message = "Attempt to use a path in the result of a pass state"
        yield Diagnostic("PASS_RESULT_IS_STATIC", message, where, "WARNING")
    for field in _WITH_PATH:
        if isinstance(state.get(field), str) and _COMPUTED.fullmatch(state[field]):
            message = f"Field value looks like a path, but field name does not end with 'Path': {field}"
            yield Diagnostic("NO_PATH", message, f"{location}/{field}", "WARNING")


def _looking_computed(value: Any, location: str) -> Iterator[tuple[str, str]]:
    """The members of a value, however deep, whose text looks like a path or call: their name and place."""
    waiting = [(location, value)]
    while waiting:
        where, one = waiting.pop()
        if isinstance(one, dict):
            for name, inner in one.items():
                if isinstance(inner, str) and _COMPUTED.fullmatch(inner):
                    yield name, f"{where}/{name}"
            waiting += reversed([(f"{where}/{name}", inner) for name, inner in one.items()])
        elif isinstance(one, list):
            waiting += reversed([(f"{where}[{index}]", inner) for index, inner in enumerate(one)])
