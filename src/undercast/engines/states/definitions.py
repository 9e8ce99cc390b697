"""The text of a definition: what is wrong with it, or the Machine that it describes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from undercast.engines.states.errors import Diagnostic, Invalid
from undercast.engines.states.json_source import read_object
from undercast.engines.states.machine import Machine, State
from undercast.engines.states.reading import read_machine
from undercast.engines.states.validation import check_alone, validate

Known = Callable[[str], bool]


def parse(text: str, type: str = "STANDARD", known: Known | None = None) -> Machine:
    """The machine of a definition. Raises Invalid with all its ERROR diagnostics.

    `type` is STANDARD or EXPRESS. `known` says whether the platform can call a service integration
    (`arn:aws:states:::sqs:sendMessage`); None takes all.
    """
    definition, diagnostics = _examine(text, type, known)
    errors = [one for one in diagnostics if one.severity == "ERROR"]
    if errors:
        raise Invalid(errors)
    return read_machine(definition)


def parse_state(text: str, name: str, known: Known | None = None) -> State:
    """One state by its definition alone, given a name; where it leads does not matter. Raises Invalid."""
    definition = read_object(text)
    if isinstance(definition, Diagnostic):
        raise Invalid([definition])
    machine = {"StartAt": name, "States": {name: definition}}
    errors = check_alone(machine, known)
    if errors:
        raise Invalid(errors)
    return read_machine(machine).states[name]


def diagnose(text: str, type: str = "STANDARD", known: Known | None = None) -> list[Diagnostic]:
    """What ValidateStateMachineDefinition says of it: errors, then warnings."""
    return _examine(text, type, known)[1]


def _examine(text: str, type: str, known: Known | None) -> tuple[Any, list[Diagnostic]]:
    definition = read_object(text)
    if isinstance(definition, Diagnostic):
        return None, [definition]
    return definition, validate(definition, type, known)
