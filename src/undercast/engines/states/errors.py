"""What goes wrong in a definition and in a state."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about a definition, as ValidateStateMachineDefinition answers it."""

    code: str
    message: str
    location: str | None = None
    severity: str = "ERROR"

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" + (f" at {self.location}" if self.location else "")


class Invalid(Exception):
    """The definition is none. `str()` is what AWS puts between the quotes of InvalidDefinition."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__(", ".join(map(str, diagnostics)))
        self.diagnostics = diagnostics


class StateError(Exception):
    """A States.* error inside a state. `location` names the field, for the history event EvaluationFailed."""

    def __init__(self, error: str, cause: str, location: str | None = None) -> None:
        super().__init__(f"{error}: {cause}")
        self.map_length: int | None = None  # set when a Map fails that had its items already
        self.error = error
        self.cause = cause
        self.location = location


def runtime(cause: str) -> StateError:
    """The error that nothing can catch."""
    return StateError("States.Runtime", cause)
