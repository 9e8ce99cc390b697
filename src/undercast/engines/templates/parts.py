"""The parts of a template: resources and outputs as written, and what a template needs from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from undercast.engines.templates.references import DynamicReference


@dataclass(frozen=True)
class Resource:
    """A resource as written; `body` is all of it, `properties` are its expressions."""

    id: str
    type: str
    properties: Mapping[str, Any]
    depends_on: tuple[str, ...]
    condition: str | None
    body: Mapping[str, Any]

    @classmethod
    def of(cls, name: str, body: Mapping[str, Any]) -> Resource:
        """From its entry in the Resources section."""
        depends = body.get("DependsOn", [])
        return cls(
            name,
            body["Type"],
            body.get("Properties", {}),
            tuple(depends if isinstance(depends, list) else [depends]),
            body.get("Condition"),
            body,
        )


@dataclass(frozen=True)
class Output:
    """An output as written."""

    name: str
    value: Any
    export_name: Any
    description: str | None
    condition: str | None
    body: Mapping[str, Any]
    depends_on: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, body: Mapping[str, Any]) -> Output:
        """From its entry in the Outputs section."""
        export = body.get("Export", {})
        return cls(name, body["Value"], export.get("Name"), body.get("Description"), body.get("Condition"), body)


@dataclass(frozen=True)
class Needs:
    """What the caller must fetch. `ssm_parameters` by name; `macros` to run, in order; `exports` of other stacks by
    name; `dynamic` references whose values go into `Known.dynamic` under their text; `rules` lookups for Rules."""

    ssm_parameters: frozenset[str] = frozenset()
    macros: tuple[str, ...] = ()
    exports: frozenset[str] = frozenset()
    dynamic: tuple[DynamicReference, ...] = ()
    rules: frozenset[str] = frozenset()
