"""Which resource and method a request is for: static before {name} before {name+}."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import unquote

M = TypeVar("M")
_REMEMBERED = 4096


@dataclass(slots=True)
class _Node(Generic[M]):
    static: dict[str, _Node[M]] = field(default_factory=dict)
    name: str = ""  # of the variable below
    variable: _Node[M] | None = None
    greedy_name: str = ""
    greedy: Mapping[str, M] | None = None
    methods: Mapping[str, M] = field(default_factory=dict)


class Router(Generic[M]):
    """Paths as a tree. A resource that lacks the method leaves the request to a less particular one that has it."""

    def __init__(self, resources: Iterable[tuple[str, Mapping[str, M]]]) -> None:
        self._root: _Node[M] = _Node()
        self._found: dict[tuple[str, str], tuple[M, dict[str, str]] | None] = {}
        for path, methods in resources:
            self._add(path, methods)

    def match(self, method: str, path: str) -> tuple[M, dict[str, str]] | None:
        """The method, and the variables of the path decoded. `path` is raw, without the stage."""
        key = (method, path)
        try:
            return self._found[key]
        except KeyError:
            pass
        segments = [unquote(segment) for segment in path.strip("/").split("/")] if path.strip("/") else []
        found = _find(self._root, segments, 0, method)
        if len(self._found) >= _REMEMBERED:
            self._found.clear()
        self._found[key] = found
        return found

    def _add(self, path: str, methods: Mapping[str, M]) -> None:
        node = self._root
        for segment in filter(None, path.split("/")):
            if segment.endswith("+}"):
                node.greedy_name, node.greedy = segment[1:-2], methods
                return
            if segment.startswith("{"):
                node.name = segment[1:-1]
                node.variable = node.variable or _Node()
                node = node.variable
            else:
                node = node.static.setdefault(segment, _Node())
        node.methods = methods


def _find(node: _Node[M], segments: list[str], at: int, method: str) -> tuple[M, dict[str, str]] | None:
    if at == len(segments):
        found = _method(node.methods, method)
        return None if found is None else (found, {})
    segment = segments[at]
    if (below := node.static.get(segment)) and (result := _find(below, segments, at + 1, method)):
        return result
    if node.variable and segment and (result := _find(node.variable, segments, at + 1, method)):
        return result[0], {node.name: segment, **result[1]}
    if node.greedy is not None and (found := _method(node.greedy, method)) is not None:
        return found, {node.greedy_name: "/".join(segments[at:])}
    return None


def _method(methods: Mapping[str, M], name: str) -> M | None:
    return methods.get(name) or methods.get("ANY")
