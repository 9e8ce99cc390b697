"""The rules of each bus as an index, kept in memory for as long as the bus says that they are the same."""

from __future__ import annotations

from typing import Any

from undercast.engines import patterns
from undercast.kit.call import Call
from undercast.services.events import storage
from undercast.services.events.model import Bus, Rule, compiled

Route = tuple[Rule, list[dict[str, Any]]]  # a rule and its targets

_ROUTES = "events.routes"
_MOST = 1_000  # buses whose rules are kept


async def of(call: Call, bus: Bus) -> patterns.Index[Route]:
    """The rules of a bus that take part in matching. The call is in the bus's account and region."""
    kept: dict[tuple[str, str, str], tuple[int, patterns.Index[Route]]] = call.platform.things.setdefault(_ROUTES, {})
    key = (bus.account, bus.region, bus.name)
    found = kept.get(key)
    if found is None or found[0] != bus.version:
        targets = await storage.targets_of_bus(call, bus.name)
        rules = [rule for rule in await storage.rules_with_patterns(call, bus.name) if rule.name in targets]
        found = bus.version, patterns.Index([(compiled(rule.pattern), (rule, targets[rule.name])) for rule in rules])
        if len(kept) >= _MOST:
            kept.clear()
        kept[key] = found
    return found[1]
