"""In which order resources can be made: what depends on what, and the levels that can be made at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from undercast.engines.templates.errors import TemplateError


@dataclass(frozen=True)
class Graph:
    """`dependencies`: resource id -> ids of the resources that must be there first. Deletion goes the other way."""

    dependencies: Mapping[str, frozenset[str]]

    def levels(self) -> list[list[str]]:
        """The ids in levels: each needs only earlier levels, so a level's resources can be made at the same time.

        Raises TemplateError("Circular dependency between resources: [A, B]").
        """
        waiting = {name: set(needed) for name, needed in self.dependencies.items()}
        dependents = self.dependents()
        levels: list[list[str]] = []
        ready = [name for name, needed in waiting.items() if not needed]
        while ready:
            levels.append(ready)
            following = []
            for name in ready:
                del waiting[name]
                for dependent in dependents[name]:
                    waiting[dependent].discard(name)
                    if not waiting[dependent]:
                        following.append(dependent)
            ready = following
        if waiting:
            raise TemplateError(f"Circular dependency between resources: [{', '.join(_on_circles(waiting))}]")
        return levels

    def order(self) -> list[str]:
        """The ids, each after all it depends on."""
        return [name for level in self.levels() for name in level]

    def dependents(self) -> dict[str, list[str]]:
        """Resource id -> ids of the resources that need it."""
        found: dict[str, list[str]] = {name: [] for name in self.dependencies}
        for name, needed in self.dependencies.items():
            for other in needed:
                found[other].append(name)
        return found


def _on_circles(waiting: Mapping[str, set[str]]) -> list[str]:
    """Of what could not be ordered, without what merely waits for a circle."""
    left = {name: set(needed) for name, needed in waiting.items()}
    while ends := left.keys() - {other for needed in left.values() for other in needed}:
        left = {name: needed for name, needed in left.items() if name not in ends}
    return list(left)
