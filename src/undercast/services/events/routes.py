"""The rules of each bus as an index, kept in memory for as long as the bus says that they are the same.

A change is not worth a new index of ten thousand rules: the few that changed since have an index of their own beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from undercast.engines import patterns
from undercast.kit.call import Call
from undercast.services.events import storage
from undercast.services.events.model import Bus, Rule, compiled

Route = tuple[Rule, list[dict[str, Any]]]  # a rule and its targets

_ROUTES = "events.routes"
_MOST = 1_000  # buses whose rules are kept
_FEW = 64  # changed rules that have an index of their own; an eighth of all that there are, if that is more


@dataclass(frozen=True, slots=True)
class Routes:
    """The rules of a bus as they were at a version of it. `revisions` are those of the rules in `base`."""

    version: int
    revisions: dict[str, int]
    base: patterns.Index[Route]
    stale: frozenset[str]  # rules of `base` that are others by now, or gone
    changed: patterns.Index[Route]

    def matching(self, event: object) -> list[Route]:
        """The rules that match an event, with their targets."""
        found = self.base.matching(event)
        if self.stale:
            found = [route for route in found if route[0].name not in self.stale]
        return found + self.changed.matching(event)


_NONE = Routes(-1, {}, patterns.Index([]), frozenset(), patterns.Index([]))


async def of(call: Call, bus: Bus) -> Routes:
    """The rules of a bus that take part in matching. The call is in the bus's account and region."""
    kept: dict[tuple[str, str, str], Routes] = call.platform.things.setdefault(_ROUTES, {})
    key = (bus.account, bus.region, bus.name)
    found = kept.get(key, _NONE)
    if found.version != bus.version:
        if len(kept) >= _MOST:
            kept.clear()
        found = kept[key] = await _read(call, bus, found)
    return found


async def _read(call: Call, bus: Bus, before: Routes) -> Routes:
    now = await storage.revisions(call, bus.name)
    changed = [name for name, revision in now.items() if before.revisions.get(name) != revision]
    stale = frozenset(name for name, revision in before.revisions.items() if now.get(name) != revision)
    if len(changed) + len(stale) <= max(_FEW, len(now) // 8):
        routes = [await _route(call, bus, name) for name in changed]
        return Routes(bus.version, before.revisions, before.base, stale, _index(routes))
    targets = await storage.targets_of_bus(call, bus.name)
    every = [(rule, targets.get(rule.name, [])) for rule in await storage.rules_with_patterns(call, bus.name)]
    return Routes(bus.version, now, _index(every), frozenset(), patterns.Index([]))


async def _route(call: Call, bus: Bus, name: str) -> Route:
    rule = await storage.find_rule(call, bus.name, name)
    return rule, await storage.list_targets(call, rule)


def _index(routes: list[Route]) -> patterns.Index[Route]:
    return patterns.Index([(compiled(rule.pattern), (rule, targets)) for rule, targets in routes if targets])
