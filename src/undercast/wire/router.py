"""The router of the REST protocols: from a method, a path and a query to an operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from undercast.kit.http import Request

if TYPE_CHECKING:
    from undercast.wire.models import ServiceModel

MAX_SEGMENTS = 2000


@dataclass(slots=True)
class Route:
    """One operation behind a path: what must stand in the query, and what its input requires besides."""

    operation: str
    labels: tuple[str, ...]
    literals: tuple[tuple[str, str], ...]  # ("acl", "") or ("list-type", "2")
    query: frozenset[str]
    headers: frozenset[str]
    deprecated: bool

    @property
    def rank(self) -> tuple[int, int, bool]:
        """More particular routes first; of two alike the one that is not deprecated."""
        return (-len(self.literals), -len(self.query) - len(self.headers), self.deprecated)


@dataclass(slots=True)
class Node:
    """One segment of the paths."""

    static: dict[str, Node] = field(default_factory=dict)
    label: Node | None = None
    greedy: dict[str, list[Route]] | None = None  # by method
    routes: dict[str, list[Route]] = field(default_factory=dict)  # by method


class Router:
    """All paths of a service as a tree: static segments win over labels, labels over greedy labels."""

    def __init__(self, service: ServiceModel) -> None:
        self._root = Node()
        for name, raw in service.raw["operations"].items():
            shape = service.raw["shapes"][raw["input"]["shape"]] if "input" in raw else {}
            self._add(raw["http"], name, shape, bool(raw.get("deprecated")))

    def match(self, request: Request) -> tuple[str, dict[str, str]] | None:
        """The operation and its labels, still percent-encoded."""
        segments = request.path.split("/")[1:]
        if len(segments) > MAX_SEGMENTS:
            segments = [*segments[: MAX_SEGMENTS - 1], "/".join(segments[MAX_SEGMENTS - 1 :])]
        found = _find(self._root, segments, 0, (), request)
        return None if found is None else (found[0].operation, dict(zip(found[0].labels, found[1], strict=True)))

    def _add(self, http: dict[str, Any], operation: str, shape: dict[str, Any], deprecated: bool) -> None:
        path, _, query = http["requestUri"].partition("?")
        segments = path.split("/")[1:]
        if segments[-1] == "" and len(segments) > 1:
            segments.pop()
        labels = tuple(segment[1:-1].rstrip("+") for segment in segments if segment.startswith("{"))
        literals = tuple(item for item in parse_qsl(query, keep_blank_values=True) if item[0] != "x-id")
        route = Route(
            operation,
            labels,
            literals,
            _required(shape, "querystring"),
            frozenset(name.lower() for name in _required(shape, "header")),
            deprecated,
        )
        routes = self._node(segments).setdefault(http["method"], [])
        routes.append(route)
        routes.sort(key=lambda route: route.rank)

    def _node(self, segments: list[str]) -> dict[str, list[Route]]:
        node = self._root
        for segment in segments:
            if segment.endswith("+}"):
                if node.greedy is None:
                    node.greedy = {}
                return node.greedy
            if segment.startswith("{"):
                if node.label is None:
                    node.label = Node()
                node = node.label
            elif segment:
                node = node.static.setdefault(segment, Node())
        return node.routes


def _required(shape: dict[str, Any], location: str) -> frozenset[str]:
    members = shape.get("members", {})
    required = (members[name] for name in shape.get("required", ()))
    return frozenset(member["locationName"] for member in required if member.get("location") == location)


def _find(
    node: Node, segments: list[str], at: int, values: tuple[str, ...], request: Request
) -> tuple[Route, tuple[str, ...]] | None:
    """The most particular route that fits, with the values of its labels.

    The depth is that of the model's own paths, whatever the request's is.
    """
    rest = len(segments) - at
    if rest == 0 or (rest == 1 and segments[at] == ""):
        route = _choose(node.routes.get(request.method, ()), request)
        return None if route is None else (route, values)
    segment = segments[at]
    found = None
    if segment in node.static:
        found = _find(node.static[segment], segments, at + 1, values, request)
    if found is None and node.label is not None and segment:
        found = _find(node.label, segments, at + 1, (*values, segment), request)
    if found is None and node.greedy is not None:
        route = _choose(node.greedy.get(request.method, ()), request)
        found = None if route is None else (route, (*values, "/".join(segments[at:])))
    return found


def _choose(routes: Sequence[Route], request: Request) -> Route | None:
    """The first route whose query fits and whose required parameters are there, else the least demanding one."""
    query = dict(request.query) if request.query_string else {}
    fallback = None
    for route in routes:
        for key, value in route.literals:
            if query.get(key) != value:
                break
        else:
            if route.query <= query.keys() and route.headers <= request.headers.keys():
                return route
            fallback = route
    return fallback
