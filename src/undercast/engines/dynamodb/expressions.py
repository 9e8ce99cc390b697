"""The expressions of one request together: parsed once and kept, their names and values accounted for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from undercast.engines.dynamodb import conditions
from undercast.engines.dynamodb.conditions import Compiled, Values
from undercast.engines.dynamodb.errors import Invalid
from undercast.engines.dynamodb.parser import Parser
from undercast.engines.dynamodb.paths import Tree, check_apart, tree_of
from undercast.engines.dynamodb.updates import Update, make_update
from undercast.engines.dynamodb.values import check_value

Names = tuple[tuple[str, str], ...]

_NAME_KEY = re.compile(r"#[A-Za-z0-9_]+")
_VALUE_KEY = re.compile(r":[A-Za-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Projection:
    """The paths that a read answers."""

    tree: Tree
    names: frozenset[str]
    aliases: frozenset[str]


class Expressions:
    """The names and values of a request, and which of them its expressions used.

    `without` is what AWS says when there are values but none of the expressions that could use them.
    """

    def __init__(self, request: Mapping[str, Any]) -> None:
        self.names: Mapping[str, str] = request.get("ExpressionAttributeNames") or {}
        self.values: Values = request.get("ExpressionAttributeValues") or {}
        self._given = request
        self._aliases: set[str] = set()
        self._substitutes: set[str] = set()
        if "ExpressionAttributeNames" in request or "ExpressionAttributeValues" in request:
            self._check_given()

    @property
    def _items(self) -> Names:
        return tuple(self.names.items())

    def condition(self, parameter: str, text: str) -> Compiled:
        """A ConditionExpression, FilterExpression or KeyConditionExpression, checked with the values."""
        compiled = parse_condition(parameter, text, self._items)
        self._aliases |= compiled.aliases
        self._substitutes |= compiled.substitutes
        compiled.check(self.values)
        return compiled

    def update(self, text: str) -> Update:
        """An UpdateExpression, checked with the values."""
        update = parse_update(text, self._items)
        self._aliases |= update.aliases
        self._substitutes |= update.substitutes
        update.check(self.values)
        return update

    def projection(self, text: str) -> Projection:
        """A ProjectionExpression."""
        projection = parse_projection(text, self._items)
        self._aliases |= projection.aliases
        return projection

    def check_used(self) -> None:
        """Invalid when names or values are given that no expression uses."""
        for parameter, given, used in (
            ("ExpressionAttributeNames", self.names, self._aliases),
            ("ExpressionAttributeValues", self.values, self._substitutes),
        ):
            unused = [key for key in given if key not in used]
            if unused:
                raise Invalid(f"Value provided in {parameter} unused in expressions: keys: {{{', '.join(unused)}}}")

    def _check_given(self) -> None:
        for parameter, given, form in (
            ("ExpressionAttributeNames", self.names, _NAME_KEY),
            ("ExpressionAttributeValues", self.values, _VALUE_KEY),
        ):
            if parameter in self._given and not given:
                raise Invalid(f"{parameter} must not be empty")
            for key in given:
                if not form.fullmatch(key):
                    raise Invalid(f'{parameter} contains invalid key: Syntax error; key: "{key}"')
        self.values = {key: _checked(key, value) for key, value in self.values.items()}


def _checked(key: str, value: Any) -> Any:
    try:
        return check_value(value)[0]
    except Invalid as error:
        raise Invalid(f"ExpressionAttributeValues contains invalid value: {error} for key {key}") from None


@lru_cache(maxsize=2048)
def parse_condition(parameter: str, text: str, names: Names = ()) -> Compiled:
    """A condition, with the aliases of attribute names resolved."""
    parser = Parser(parameter, text, dict(names))
    node = parser.condition()
    return conditions.compile_condition(parameter, node, frozenset(parser.used))


@lru_cache(maxsize=2048)
def parse_update(text: str, names: Names = ()) -> Update:
    """An update, with the aliases of attribute names resolved."""
    parser = Parser("UpdateExpression", text, dict(names))
    actions = parser.update()
    return make_update(actions, frozenset(parser.used))


@lru_cache(maxsize=2048)
def parse_projection(text: str, names: Names = ()) -> Projection:
    """A projection, with the aliases of attribute names resolved."""
    parser = Parser("ProjectionExpression", text, dict(names))
    paths = parser.projection()
    check_apart("ProjectionExpression", paths)
    return Projection(tree_of(paths), frozenset(str(path.parts[0]) for path in paths), frozenset(parser.used))
