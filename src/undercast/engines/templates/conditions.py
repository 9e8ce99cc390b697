"""Conditions and rules: expressions that are true or false, over parameters and mappings only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from undercast.engines.templates.errors import TemplateError, format_error, function_error
from undercast.engines.templates.evaluation import Context, Evaluator, Known
from undercast.engines.templates.pseudo import Pseudo
from undercast.engines.templates.shapes import check_shape
from undercast.engines.templates.text import UNKNOWN, as_text

_MAX_DEPTH = 250  # ours, of conditions of conditions
NOT_BOOLEAN = "Conditions can only be boolean operations on parameters and other conditions"


class Conditions:
    """The named conditions of a template, each evaluated at most once."""

    def __init__(
        self,
        definitions: Mapping[str, Any],
        mappings: Mapping[str, Any],
        parameters: Mapping[str, str | list[str]],
        pseudo: Pseudo,
        known: Known | None = None,
    ) -> None:
        self._definitions = definitions
        self._results: dict[str, bool] = {}
        self._under_way: list[str] = []
        self._depth = 0
        self.evaluator = Evaluator(Context(pseudo, parameters, mappings, self.value), known or Known())

    def value(self, name: str) -> bool:
        """Whether the condition `name` holds. Raises TemplateError if there is none, or it depends on itself."""
        if name in self._results:
            return self._results[name]
        if name not in self._definitions:
            raise function_error(f"unresolved condition dependency {name} in Conditions")
        if name in self._under_way or len(self._under_way) > 50:
            circle = ", ".join(self._under_way[self._under_way.index(name) if name in self._under_way else 0 :])
            raise format_error(f"Circular dependency between conditions: [{circle}]")
        self._under_way.append(name)
        self._results[name] = self.truth(self._definitions[name])
        self._under_way.pop()
        return self._results[name]

    def all(self) -> dict[str, bool]:
        """Every condition's value."""
        try:
            return {name: self.value(name) for name in self._definitions}
        except RecursionError:  # functions in conditions of conditions, each as deep as a template may be
            raise format_error("Conditions are nested too deeply.") from None

    def truth(self, node: Any) -> bool:
        """The value of a boolean expression."""
        self._depth += 1
        try:
            if self._depth > _MAX_DEPTH:
                raise format_error("Conditions are nested too deeply.")
            return self._truth(node)
        finally:
            self._depth -= 1

    def _truth(self, node: Any) -> bool:
        if not isinstance(node, dict) or len(node) != 1:
            raise format_error(NOT_BOOLEAN)
        [(name, argument)] = node.items()
        if name == "Condition":
            if not isinstance(argument, str):
                raise format_error("Every Condition member must be a string.")
            return self.value(argument)
        if name not in _BOOLEAN:
            raise format_error(NOT_BOOLEAN)
        check_shape(name, argument)
        return _BOOLEAN[name](self, argument)

    def operand(self, name: str, argument: list[Any]) -> list[Any] | None:
        """The evaluated arguments of a comparison; None if one is not known yet (a rule's lookup)."""
        values = [_lookup(self.evaluator, item) for item in argument]
        if UNKNOWN in values:
            return None
        check_shape(name, values)
        return values


def check_rules(rules: Mapping[str, Any], conditions: Conditions) -> None:
    """Raise TemplateError if an assertion of the Rules section does not hold."""
    for name, rule in rules.items():
        if "RuleCondition" in rule and not conditions.truth(rule["RuleCondition"]):
            continue
        for assertion in rule["Assertions"]:
            if not conditions.truth(assertion["Assert"]):
                words = as_text(assertion.get("AssertDescription")) or "an assertion does not hold"
                raise TemplateError(f"Template error: Rule {name} failed: {words}")


def _lookup(evaluator: Evaluator, node: Any) -> Any:
    """A value in a condition or rule. What exists in the account (Fn::RefAll and the like) the caller supplies."""
    if isinstance(node, dict) and len(node) == 1:
        [(name, argument)] = node.items()
        if name in ("Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll"):
            check_shape(name, argument)
            key = f"{name} {' '.join(argument) if isinstance(argument, list) else argument}"
            return evaluator.known.rules[key] if key in evaluator.known.rules else evaluator.lack("Rule", key)
    return evaluator.raw(node)


def _equals(self: Conditions, argument: Any) -> bool:
    values = self.operand("Fn::Equals", argument)
    return values is None or as_text(values[0]) == as_text(values[1])


def _contains(self: Conditions, argument: Any) -> bool:
    values = self.operand("Fn::Contains", argument)
    return values is None or as_text(values[1]) in map(as_text, values[0])


def _each_equals(self: Conditions, argument: Any) -> bool:
    values = self.operand("Fn::EachMemberEquals", argument)
    return values is None or all(as_text(item) == as_text(values[1]) for item in values[0])


def _each_in(self: Conditions, argument: Any) -> bool:
    values = self.operand("Fn::EachMemberIn", argument)
    return values is None or {as_text(item) for item in values[0]} <= {as_text(item) for item in values[1]}


_BOOLEAN: dict[str, Callable[[Conditions, Any], bool]] = {
    "Fn::Equals": _equals,
    "Fn::Not": lambda self, argument: not self.truth(argument[0]),
    "Fn::And": lambda self, argument: all(self.truth(item) for item in argument),
    "Fn::Or": lambda self, argument: any(self.truth(item) for item in argument),
    "Fn::Contains": _contains,
    "Fn::EachMemberEquals": _each_equals,
    "Fn::EachMemberIn": _each_in,
}
