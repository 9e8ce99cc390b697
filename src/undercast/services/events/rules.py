"""Operations on rules. AWS's quota of 300 for each bus, which it raises on request, is not enforced here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.engines.schedules import InvalidSchedule, Schedule
from undercast.kit.call import Call
from undercast.services.events import errors, managed, pages, storage, ticking
from undercast.services.events.model import DEFAULT, Rule, compiled
from undercast.services.events.tagging import tag_map


async def put_rule(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make a rule, or replace what it says; its targets stay, and its tags."""
    pattern, schedule = request.get("EventPattern") or "", request.get("ScheduleExpression") or ""
    if not pattern and not schedule:
        raise errors.ValidationException("Parameter(s) EventPattern or ScheduleExpression must be specified.")
    bus = await storage.find_bus(call, request.get("EventBusName"))
    if pattern:
        compiled(pattern)
    if schedule:
        _check_schedule(schedule, bus.name)
    existing = await storage.load_rule(call, bus.name, request["Name"])
    managed.check(call, existing, request)
    managed_by = existing.managed_by if existing else call.identity.service
    tags = existing.tags if existing else tag_map(request.get("Tags"))
    rule = Rule(
        call.account, call.region, bus.name, request["Name"], pattern, schedule, request.get("State") or "ENABLED",
        request.get("Description") or "", request.get("RoleArn") or "", managed_by, call.ids.sequence(), tags,
    )  # fmt: skip
    await storage.save_rule(call, rule)
    await ticking.begin(call, rule)
    return {"RuleArn": rule.arn}


async def delete_rule(call: Call, request: dict[str, Any]) -> None:
    """Delete a rule that has no targets; one that is not there is no error."""
    bus = await storage.find_bus(call, request.get("EventBusName"))
    rule = await storage.load_rule(call, bus.name, request["Name"])
    if rule is None:
        return
    managed.check(call, rule, request)
    if await storage.list_targets(call, rule, limit=1):
        raise errors.ValidationException("Rule can't be deleted since it has targets.")
    await storage.delete_rule(call, rule)


async def describe_rule(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A rule."""
    bus = await storage.find_bus(call, request.get("EventBusName"))
    rule = await storage.find_rule(call, bus.name, request["Name"])
    return {**_show(rule), "CreatedBy": rule.account}


async def enable_rule(call: Call, request: dict[str, Any]) -> None:
    """Have a rule act."""
    await _set_state(call, request, "ENABLED")


async def disable_rule(call: Call, request: dict[str, Any]) -> None:
    """Have a rule rest."""
    await _set_state(call, request, "DISABLED")


async def list_rules(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The rules of a bus by name."""
    bus, size = await storage.find_bus(call, request.get("EventBusName")), pages.limit(request)
    found = await storage.list_rules(call, bus.name, request.get("NamePrefix") or "", pages.after(request), size + 1)
    return pages.answer("Rules", found, size, _show, lambda rule: rule.name)


async def list_rule_names_by_target(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The names of the rules of a bus that have a target."""
    bus, size = await storage.find_bus(call, request.get("EventBusName")), pages.limit(request)
    found = await storage.rules_with_target(call, bus.name, request["TargetArn"], pages.after(request), size + 1)
    return pages.answer("RuleNames", found, size, lambda name: name, lambda name: name)


async def _set_state(call: Call, request: dict[str, Any], state: str) -> None:
    bus = await storage.find_bus(call, request.get("EventBusName"))
    rule = await storage.find_rule(call, bus.name, request["Name"])
    managed.check(call, rule, request)
    rule = replace(rule, state=state, version=call.ids.sequence())
    await storage.save_rule(call, rule)
    await ticking.begin(call, rule)


def _check_schedule(expression: str, bus: str) -> None:
    if bus != DEFAULT:
        raise errors.ValidationException("ScheduleExpression is supported only on the default event bus.")
    try:
        Schedule.parse_rule(expression)
    except InvalidSchedule:
        raise errors.not_valid("ScheduleExpression") from None


def _show(rule: Rule) -> dict[str, Any]:
    return {
        "Name": rule.name,
        "Arn": rule.arn,
        "EventPattern": rule.pattern or None,
        "ScheduleExpression": rule.schedule or None,
        "State": rule.state,
        "Description": rule.description or None,
        "RoleArn": rule.role_arn or None,
        "ManagedBy": rule.managed_by or None,
        "EventBusName": rule.bus,
    }
