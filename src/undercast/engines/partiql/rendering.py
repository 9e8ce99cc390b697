"""Writes PartiQL's conditions and operands as DynamoDB's expressions, with placeholders for all names and values."""

from __future__ import annotations

from typing import Any, NamedTuple

from undercast.engines.partiql.model import (
    Action,
    And,
    Attribute,
    AttributeValue,
    Between,
    Comparison,
    Condition,
    Function,
    Holds,
    In,
    Missing,
    Not,
    Null,
    Operand,
    Or,
    PartiqlError,
    Path,
    Sum,
    Value,
)

_SETS = {"set_add": "ADD", "set_delete": "DELETE"}


class Rendered(NamedTuple):
    """An expression with its placeholders."""

    expression: str
    names: dict[str, str]
    values: dict[str, AttributeValue]
    roots: frozenset[str]


class Rendering:
    """The placeholders of one request, which may hold several expressions."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self.roots: set[str] = set()  # attributes whose paths were written
        self.values: dict[str, AttributeValue] = {}

    @property
    def names(self) -> dict[str, str]:
        return {placeholder: name for name, placeholder in self._names.items()}

    def members(self) -> dict[str, Any]:
        """The request's members that hold the placeholders."""
        members = {"ExpressionAttributeNames": self.names, "ExpressionAttributeValues": self.values}
        return {name: value for name, value in members.items() if value}

    def rendered(self, condition: Condition) -> Rendered:
        """One condition, by itself."""
        expression = self.condition(condition)
        return Rendered(expression, self.names, self.values, frozenset(self.roots))

    def path(self, path: Path) -> str:
        """`#n0.#n1[0]`."""
        text = ""
        self.roots.add(str(path[0]))
        for step in path:
            if isinstance(step, int):
                text += f"[{step}]"
            else:
                placeholder = self._names.setdefault(step, f"#n{len(self._names)}")
                text += f".{placeholder}" if text else placeholder
        return text

    def value(self, value: AttributeValue) -> str:
        """`:v0`."""
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = value
        return placeholder

    def operand(self, operand: Operand) -> str:
        """A path, a value, a function or a sum. PartiqlError for a function that has no place here."""
        match operand:
            case Value(value):
                return self.value(value)
            case Attribute(path):
                return self.path(path)
            case Sum(sign, left, right):
                return f"{self.operand(left)} {sign} {self.operand(right)}"
            case Function(name, arguments) if name in _SETS:
                raise PartiqlError(f"Unsupported use of function: {name.upper()}")
            case Function(name, arguments):
                return f"{name}({', '.join(self.operand(argument) for argument in arguments)})"

    def condition(self, condition: Condition) -> str:
        """A condition, in brackets where it needs them."""
        match condition:
            case And(parts):
                return " AND ".join(f"({self.condition(part)})" for part in parts)
            case Or(parts):
                return " OR ".join(f"({self.condition(part)})" for part in parts)
            case Not(Missing(path)):
                return f"attribute_exists({self.path(path)})"
            case Not(part):
                return f"NOT ({self.condition(part)})"
            case Missing(path):
                return f"attribute_not_exists({self.path(path)})"
            case Null(path):
                return f"attribute_type({self.path(path)}, {self.value({'S': 'NULL'})})"
            case _:
                return self._predicate(condition)

    def _predicate(self, condition: Condition) -> str:
        match condition:
            case Comparison(operator, left, right):
                return f"{self.operand(left)} {operator} {self.operand(right)}"
            case Between(operand, low, high):
                return f"{self.operand(operand)} BETWEEN {self.operand(low)} AND {self.operand(high)}"
            case In(operand, options):
                return f"{self.operand(operand)} IN ({', '.join(self.operand(option) for option in options)})"
            case Holds(call):
                return self.operand(call)
            case _:
                raise AssertionError(condition)

    def update(self, actions: tuple[Action, ...]) -> str:
        """The UpdateExpression of an UPDATE's actions."""
        clauses: dict[str, list[str]] = {}
        for action in actions:
            clause, text = self._action(action)
            clauses.setdefault(clause, []).append(text)
        return " ".join(f"{clause} {', '.join(texts)}" for clause, texts in clauses.items())

    def _action(self, action: Action) -> tuple[str, str]:
        operand = action.operand
        if operand is None:
            return "REMOVE", self.path(action.path)
        if isinstance(operand, Function) and operand.name in _SETS:
            target, members = operand.arguments
            if target != Attribute(action.path) or not isinstance(members, Value):
                raise PartiqlError(f"{operand.name.upper()} takes the attribute that is set and a literal set")
            return _SETS[operand.name], f"{self.path(action.path)} {self.value(members.value)}"
        return "SET", f"{self.path(action.path)} = {self.operand(operand)}"
