"""Static validation of a Choice's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from undercast.engines.states import checks
from undercast.engines.states.checks import Check
from undercast.engines.states.choices import OPERATORS
from undercast.engines.states.fields import ASSIGN, FieldRule, Fields
from undercast.engines.states.machine import JSONATA, JSONPATH

if TYPE_CHECKING:  # validation.py calls this file
    from undercast.engines.states.validation import Validator

COMBINING = ("And", "Or", "Not")

_OUTCOME: Fields = {
    "Next": FieldRule(checks.string, checks.string),
    "Comment": FieldRule(checks.string, checks.string),
    "Output": FieldRule(None, checks.jsonata_template),
    **ASSIGN,
}
_CONDITION: Fields = {"Condition": FieldRule(None, checks.or_expression(checks.boolean))}


def _operand(name: str) -> Check:
    if name.startswith("Is") or name == "BooleanEquals":
        return checks.boolean
    if name.startswith("Numeric"):
        return checks.number(float("-inf"), float("inf"))
    return checks.timestamp if name.startswith("Timestamp") else checks.string


_COMPARISONS: Fields = {
    "Variable": FieldRule(checks.path, None),
    "IsPresent": FieldRule(checks.boolean, None),
    **{name: FieldRule(_operand(name), None) for name in OPERATORS},
    **{
        f"{name}Path": FieldRule(checks.path, None)
        for name in OPERATORS
        if not name.startswith("Is") and name != "StringMatches"
    },
}
_TESTS = [name for name in _COMPARISONS if name != "Variable"]
_COMBINED: Fields = {name: FieldRule(checks.an_object if name == "Not" else checks.a_list, None) for name in COMBINING}
_RULE: Fields = {**_OUTCOME, **_CONDITION, **_COMPARISONS, **_COMBINED}
_INNER: Fields = {"Comment": _OUTCOME["Comment"], **_COMPARISONS, **_COMBINED}


def check_rule(validator: Validator, rule: Any, language: str, location: str) -> None:
    """One entry of Choices."""
    if language == JSONATA:
        validator.part(rule, _RULE, ("Condition", "Next"), language, location)
    elif validator.part(rule, _RULE, ("Next",), language, location):
        _check_conditions(validator, rule, location)


def _check_conditions(validator: Validator, rule: dict[str, Any], location: str) -> None:
    """The conditions of a rule and of all within it."""
    waiting = [(location, rule)]
    while waiting:
        where, condition = waiting.pop()
        tests = [name for name in condition if name in _TESTS]
        combining = [name for name in COMBINING if name in condition]
        if len(tests) + len(combining) != 1:
            validator.wrong("Expected exactly one comparison operator", where)
        elif tests:
            validator.required(condition, ("Variable",), where)
        for inner_where, inner in _inner(condition, where):
            if validator.part(inner, _INNER, (), JSONPATH, inner_where):
                waiting.append((inner_where, inner))


def _inner(condition: dict[str, Any], location: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name in ("And", "Or"):
        if isinstance(condition.get(name), list):
            found += [(f"{location}/{name}[{index}]", one) for index, one in enumerate(condition[name])]
    if isinstance(condition.get("Not"), dict):
        found.append((f"{location}/Not", condition["Not"]))
    return found
