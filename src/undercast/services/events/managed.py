"""Rules that services make for their customers, who can only look at them or delete them by force."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.events.errors import ManagedRuleException
from undercast.services.events.model import Rule


def check(call: Call, rule: Rule | None, request: dict[str, Any]) -> None:
    """ManagedRuleException unless the rule is the caller's to change."""
    if rule and rule.managed_by and rule.managed_by != call.identity.service and not request.get("Force"):
        raise ManagedRuleException(f"Rule {rule.name} is managed by {rule.managed_by} and can't be modified.")
