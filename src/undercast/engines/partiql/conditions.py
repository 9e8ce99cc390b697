"""Reads the conditions, operands, paths and literals of a PartiQL statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from undercast.engines.partiql.model import (
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
    NotWellFormed,
    Null,
    Operand,
    Or,
    PartiqlError,
    Path,
    Sum,
    Value,
)
from undercast.engines.partiql.scanner import Token, scan
from undercast.engines.partiql.values import as_set, negative

T = TypeVar("T")

_COMPARATORS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_TESTS = {"BEGINS_WITH": 2, "CONTAINS": 2, "ATTRIBUTE_TYPE": 2}  # with the number of arguments
_OPERATIONS = {"SIZE": 1, "LIST_APPEND": 2, "SET_ADD": 2, "SET_DELETE": 2, "IF_NOT_EXISTS": 2}
_RESERVED = {
    "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "BETWEEN", "IS", "ORDER", "BY", "SET", "REMOVE", "RETURNING",
    "INTO", "INSERT", "UPDATE", "DELETE", "EXISTS", "MISSING", "NULL", "TRUE", "FALSE",
}  # fmt: skip
_DEEPEST = 100  # levels of brackets: a longer nest is refused rather than recursed into


class Conditions:
    """A reader at a position of a statement."""

    def __init__(self, statement: str, parameters: list[AttributeValue]) -> None:
        self.tokens = scan(statement)
        self.parameters = parameters
        self.used = 0
        self._at = 0
        self._depth = 0

    # --- words ---

    @property
    def next(self) -> Token:
        return self.tokens[self._at]

    def taken(self, *words: str) -> str:
        """Step over one of these keywords; which, or ''."""
        if not self.next.is_word(*words):
            return ""
        self._at += 1
        return self.tokens[self._at - 1].text.upper()

    def taken_symbol(self, symbol: str) -> bool:
        """Step over this symbol, if it comes next."""
        if self.next != Token("symbol", symbol):
            return False
        self._at += 1
        return True

    def expect(self, word: str, otherwise: str) -> None:
        """Step over a keyword that must be there."""
        if not self.taken(word):
            raise NotWellFormed(otherwise)

    def expect_symbol(self, symbol: str) -> None:
        """Step over a symbol that must be there."""
        if not self.taken_symbol(symbol):
            raise NotWellFormed(f"Expected {symbol}")

    def name(self, otherwise: str) -> str:
        """A name in double quotes, or one that is no keyword."""
        token = self.next
        if token.kind == "quoted" or (token.kind == "word" and token.text.upper() not in _RESERVED):
            self._at += 1
            return token.text
        raise NotWellFormed(otherwise)

    # --- conditions ---

    def condition(self) -> Condition:
        """`a = 1 AND (b > 2 OR NOT c IS MISSING)`."""
        with self._deeper():
            parts = [self._conjunction()]
            while self.taken("OR"):
                parts.append(self._conjunction())
            return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _conjunction(self) -> Condition:
        parts = [self._negation()]
        while self.taken("AND"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _negation(self) -> Condition:
        if self.taken("NOT"):
            with self._deeper():
                return Not(self._negation())
        if self.taken_symbol("("):
            condition = self.condition()
            self.expect_symbol(")")
            return condition
        return self._predicate()

    def _predicate(self) -> Condition:
        left = self.operand()
        if isinstance(left, Function) and left.name.upper() in _TESTS:
            return Holds(left)
        if self.taken("IS"):
            return self._state(left)
        negated = bool(self.taken("NOT"))
        if self.taken("BETWEEN"):
            low = self.operand()
            self.expect("AND", "Expected AND in BETWEEN")
            return _negated(negated, Between(left, low, self.operand()))
        if self.taken("IN"):
            return _negated(negated, In(left, self._options()))
        if self.next.kind == "symbol" and self.next.text in _COMPARATORS and not negated:
            operator = _COMPARATORS[self.next.text]
            self._at += 1
            return Comparison(operator, left, self.operand())
        raise NotWellFormed("Unexpected term in WHERE clause")

    def _state(self, operand: Operand) -> Condition:
        if not isinstance(operand, Attribute):
            raise NotWellFormed("Expected an attribute before IS")
        negated = bool(self.taken("NOT"))
        word = self.taken("MISSING", "NULL")
        if not word:
            raise NotWellFormed("Expected MISSING or NULL after IS")
        return _negated(negated, Missing(operand.path) if word == "MISSING" else Null(operand.path))

    def _options(self) -> tuple[Operand, ...]:
        closing = "]" if self.taken_symbol("[") else ")"
        if closing == ")":
            self.expect_symbol("(")
        options = [self.operand()]
        while self.taken_symbol(","):
            options.append(self.operand())
        self.expect_symbol(closing)
        return tuple(options)

    # --- operands ---

    def operand(self) -> Operand:
        """A path, a literal, a function of them, a sum."""
        with self._deeper():
            left = self._term()
            while sign := "+" if self.taken_symbol("+") else "-" if self.taken_symbol("-") else "":
                left = Sum(sign, left, self._term())
            return left

    def _term(self) -> Operand:
        token = self.next
        if token.kind == "word" and self.tokens[self._at + 1] == Token("symbol", "("):
            return self._function()
        if token.kind == "quoted" or (token.kind == "word" and token.text.upper() not in _RESERVED):
            return Attribute(self.path())
        return Value(self.literal())

    def _function(self) -> Function:
        name = self.next.text
        expected = (_TESTS | _OPERATIONS).get(name.upper())
        if expected is None:
            raise PartiqlError(f"Unsupported function: {name}")
        self._at += 2
        arguments = [self.operand()]
        while self.taken_symbol(","):
            arguments.append(self.operand())
        self.expect_symbol(")")
        if len(arguments) != expected:
            raise PartiqlError(
                f"Incorrect number of operands for function: {name}; expected {expected}, found {len(arguments)}"
            )
        return Function(name.lower(), tuple(arguments))

    def path(self) -> Path:
        """`a.b[0]."c d"`."""
        steps: list[str | int] = [self.name("Unexpected path component")]
        while True:
            if self.taken_symbol("."):
                steps.append(self.name("Unexpected path component"))
            elif self.taken_symbol("["):
                steps.append(self._position())
                self.expect_symbol("]")
            else:
                return tuple(steps)

    def _position(self) -> str | int:
        token = self.next
        if token.kind not in ("number", "string") or (token.kind == "number" and not token.text.isdigit()):
            raise NotWellFormed("Unexpected path component")
        self._at += 1
        return int(token.text) if token.kind == "number" else token.text

    # --- literals ---

    def literal(self) -> AttributeValue:
        """A number, string, true, false, null, a list, a map, a set, a parameter."""
        with self._deeper():
            token = self.next
            if token.kind == "string":
                self._at += 1
                return {"S": token.text}
            if token.kind == "number":
                self._at += 1
                return {"N": token.text}
            if word := self.taken("TRUE", "FALSE", "NULL"):
                return {"NULL": True} if word == "NULL" else {"BOOL": word == "TRUE"}
            return self._bracketed(token)

    def _bracketed(self, token: Token) -> AttributeValue:
        if self.taken_symbol("?"):
            return self._parameter()
        if self.taken_symbol("-") and self.next.kind == "number":
            self._at += 1
            return negative(self.tokens[self._at - 1].text)
        if self.taken_symbol("["):
            return {"L": self._members("]", self.literal)}
        if self.taken_symbol("{"):
            return {"M": dict(self._members("}", self._entry))}
        if self.taken_symbol("<<"):
            return as_set(self._members(">>", self.literal))
        raise NotWellFormed(f"Unexpected term: {token.text}" if token.text else "Unexpected end of statement")

    def _members(self, closing: str, member: Callable[[], T]) -> list[T]:
        members: list[T] = []
        while not self.taken_symbol(closing):
            if members:
                self.expect_symbol(",")
            members.append(member())
        return members

    def _entry(self) -> tuple[str, AttributeValue]:
        if self.next.kind not in ("string", "quoted"):
            raise NotWellFormed("Expected an attribute name in quotes")
        self._at += 1
        name = self.tokens[self._at - 1].text
        self.expect_symbol(":")
        return name, self.literal()

    def _parameter(self) -> AttributeValue:
        if self.used >= len(self.parameters):
            raise PartiqlError("Number of parameters in request and statement don't match.")
        self.used += 1
        return self.parameters[self.used - 1]

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        if self._depth == _DEEPEST:
            raise NotWellFormed("The statement is nested too deeply")
        self._depth += 1
        yield
        self._depth -= 1


def _negated(negated: bool, condition: Condition) -> Condition:
    return Not(condition) if negated else condition
