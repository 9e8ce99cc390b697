"""The names that states assign: those of an inner scope must differ from those outside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from undercast.engines.states.errors import Diagnostic
from undercast.engines.states.graph import submachines


def check_scopes(definition: dict[str, Any]) -> Iterator[Diagnostic]:
    """Of a definition whose schema is right. A distributed map sees nothing of what is outside it."""
    waiting: list[tuple[str, dict[str, Any], frozenset[str]]] = [("", definition, frozenset())]
    while waiting:
        location, machine, outer = waiting.pop()
        own: set[str] = set()
        for name, state in machine["States"].items():
            for field, variable in _assigned(state):
                own.add(variable)
                if variable in outer:
                    message = f"The variable '{variable}' is already assigned in an outer scope"
                    yield Diagnostic("SCHEMA_VALIDATION_FAILED", message, f"{location}/States/{name}/{field}")
        for where, inner in submachines(machine["States"], location):
            distributed = inner.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED"
            waiting.append((where, inner, frozenset() if distributed else outer | own))


def _assigned(state: dict[str, Any]) -> Iterator[tuple[str, str]]:
    parts = [("Assign", state)]
    parts += [
        (f"{field}[{index}]/Assign", part)
        for field in ("Choices", "Catch")
        for index, part in enumerate(state.get(field, ()))
    ]
    for field, part in parts:
        for variable in part.get("Assign", {}):
            yield field, variable.removesuffix(".$")
