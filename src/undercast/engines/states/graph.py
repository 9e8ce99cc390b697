"""Where a definition's states lead: targets that are missing, states that nothing reaches, workflows that never end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from undercast.engines.states.errors import Diagnostic

_MISSING = "MISSING_TRANSITION_TARGET"


def check_graph(definition: dict[str, Any]) -> Iterator[Diagnostic]:
    """Of a definition whose schema is right."""
    names: set[str] = set()
    waiting = [("", definition)]
    while waiting:
        location, machine = waiting.pop()
        states = machine["States"]
        for name in states:
            if name in names:
                yield Diagnostic("DUPLICATE_STATE_NAME", f"Duplicate State name: {name}", f"{location}/States/{name}")
            names.add(name)
        yield from _transitions(machine, location)
        waiting += reversed(list(submachines(states, location)))
    yield from _labels(definition)


def check_inner(definition: dict[str, Any]) -> Iterator[Diagnostic]:
    """The same of the branches and processors alone."""
    for location, machine in submachines(definition["States"], ""):
        for found in check_graph(machine):
            yield replace(found, location=f"{location}{found.location or ''}")


def _transitions(machine: dict[str, Any], location: str) -> Iterator[Diagnostic]:
    states = machine["States"]
    targets = {name: list(_targets(state)) for name, state in states.items()}
    if machine["StartAt"] not in states:
        yield Diagnostic(_MISSING, f"Missing 'Next' target: {machine['StartAt']}", f"{location}/StartAt")
    for name, leading in targets.items():
        for where, target in leading:
            if target not in states:
                yield Diagnostic(_MISSING, f"Missing 'Next' target: {target}", f"{location}/States/{name}/{where}")
    if not any(_ends(state) for state in states.values()):
        yield Diagnostic("MISSING_END_STATE", "Workflow has no terminal state")
        return
    reached = _reached(machine["StartAt"], targets)
    for name in states:
        if name not in reached:
            yield Diagnostic(_MISSING, f'State "{name}" is not reachable.', f"{location}/States/{name}")


def _ends(state: dict[str, Any]) -> bool:
    return state["Type"] in ("Succeed", "Fail") or state.get("End") is True


def _targets(state: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every field that names a state, and the name."""
    for field in ("Next", "Default"):
        if field in state:
            yield field, state[field]
    for field in ("Choices", "Catch"):
        for index, entry in enumerate(state.get(field, ())):
            yield f"{field}[{index}]/Next", entry["Next"]


def _reached(start: str, targets: dict[str, list[tuple[str, str]]]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in reached and name in targets:
            reached.add(name)
            waiting += [target for _, target in targets[name]]
    return reached


def submachines(states: dict[str, Any], location: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The branches and processors of a machine's states, and where they are."""
    for name, state in states.items():
        for index, branch in enumerate(state.get("Branches", ())):
            yield f"{location}/States/{name}/Branches[{index}]", branch
        for field in ("ItemProcessor", "Iterator"):
            if field in state:
                yield f"{location}/States/{name}/{field}", state[field]


def _labels(definition: dict[str, Any]) -> Iterator[Diagnostic]:
    """The labels of distributed maps name their map runs, so they are unique."""
    labels: set[str] = set()
    waiting = [("", definition)]
    while waiting:
        location, machine = waiting.pop()
        for name, state in machine["States"].items():
            label = state.get("Label")
            if label in labels:
                where = f"{location}/States/{name}/Label"
                yield Diagnostic("DUPLICATE_LABEL_NAME", f"Duplicate Label name: {label}", where)
            labels |= {label} if label else set()
        waiting += submachines(machine["States"], location)
