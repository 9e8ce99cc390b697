"""Reads VTL's expressions: literals and operators with their precedence."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import NoReturn

from undercast.engines.vtl.expressions import (
    Binary,
    Expression,
    ListLiteral,
    Literal,
    Logic,
    MapLiteral,
    Negative,
    Not,
    Range,
    Reference,
)

_SPACE = re.compile(r"\s*")
_NUMBER = re.compile(r"[0-9]{1,400}(?:\.(?!\.)[0-9]{0,400})?(?:[eE][+-]?[0-9]{1,4})?")
_STRING = re.compile(r"\"((?:[^\"]|\"\")*)\"|'((?:[^']|'')*)'")
_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})")
_WORD = re.compile(r"(?:true|false|not)\b")
_WORDS = {
    "and": "&&", "or": "||", "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
}  # fmt: skip
_OPERATOR = re.compile(r"&&|\|\||==|!=|<=|>=|<|>|\+|-|\*|/|%|(?:and|or|eq|ne|lt|le|gt|ge)\b")
_LEVELS = {
    "||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}  # fmt: skip


class Operators(ABC):
    """The half of the parser that reads expressions at `at`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    @abstractmethod
    def fail(self, reason: str) -> NoReturn: ...

    @abstractmethod
    def enter(self) -> None: ...

    @abstractmethod
    def leave(self) -> None: ...

    @abstractmethod
    def reference(self, backslashes: int = 0) -> Reference | None: ...

    @abstractmethod
    def string(self, content: str) -> Expression: ...

    def space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def expression(self, level: int = 1) -> Expression:
        """An expression of operators that bind at least as tightly as `level`."""
        self.enter()
        left = self._operand()
        while True:
            self.space()
            found = _OPERATOR.match(self.text, self.at)
            operator = _WORDS.get(found.group(), found.group()) if found else ""
            if not found or _LEVELS[operator] < level:
                break
            self.at = found.end()
            left = _binary(operator, left, self.expression(_LEVELS[operator] + 1))
        self.leave()
        return left

    def expressions(self, closing: str, *, commas: bool = True) -> Iterator[Expression]:
        """Expressions up to `closing`, which is taken; between them commas, for macros spaces will do."""
        while True:
            self.space()
            if self.text[self.at : self.at + 1] == closing:
                self.at += 1
                return
            yield self._operand() if not commas else self.expression()
            self.space()
            following = self.text[self.at : self.at + 1]
            if following == ",":
                self.at += 1
            elif following != closing and (commas or not following):
                self.fail(f"{closing} is missing")

    def _operand(self) -> Expression:
        self.space()
        if word := _WORD.match(self.text, self.at):
            self.at = word.end()
            return self._not() if word.group() == "not" else Literal(word.group() == "true")
        if number := _NUMBER.match(self.text, self.at):
            self.at = number.end()
            digits = number.group()
            return Literal(int(digits) if digits.isdigit() else float(digits))
        if string := _STRING.match(self.text, self.at):
            self.at = string.end()
            return self._string(string)
        char = self.text[self.at : self.at + 1]
        if char == "$":
            found = self.reference()
            return found if found else self.fail("a reference is missing")
        if char in ("!", "-", "(", "[", "{") and char:
            self.at += 1
            return {"!": self._not, "-": self._negative, "(": self._group, "[": self._list, "{": self._map}[char]()
        return self.fail("an expression is missing")

    def _string(self, found: re.Match[str]) -> Expression:
        """Backslashes are kept, but for \\uXXXX; a quote is written twice."""
        double, single = found.groups()
        if double is None:
            return Literal(single.replace("''", "'"))
        return self.string(_UNICODE.sub(lambda match: chr(int(match.group(1), 16)), double.replace('""', '"')))

    def _not(self) -> Expression:
        self.enter()
        operand = Not(self._operand())
        self.leave()
        return operand

    def _negative(self) -> Expression:
        self.enter()
        operand = Negative(self._operand())
        self.leave()
        return operand

    def _group(self) -> Expression:
        inside = self.expression()
        self._expect(")")
        return inside

    def _list(self) -> Expression:
        self.space()
        if self.text[self.at : self.at + 1] == "]":
            self.at += 1
            return ListLiteral(())
        first = self.expression()
        self.space()
        if self.text.startswith("..", self.at):
            self.at += 2
            last = self.expression()
            self._expect("]")
            return Range(first, last)
        if self.text[self.at : self.at + 1] == ",":
            self.at += 1
            return ListLiteral((first, *self.expressions("]")))
        self._expect("]")
        return ListLiteral((first,))

    def _map(self) -> Expression:
        items: list[tuple[Expression, Expression]] = []
        self.space()
        while self.text[self.at : self.at + 1] != "}":
            key = self.expression()
            self._expect(":")
            items.append((key, self.expression()))
            self.space()
            if self.text[self.at : self.at + 1] == ",":
                self.at += 1
                self.space()
            elif self.text[self.at : self.at + 1] != "}":
                self.fail("} is missing")
        self.at += 1
        return MapLiteral(tuple(items))

    def _expect(self, char: str) -> None:
        self.space()
        if self.text[self.at : self.at + 1] != char:
            self.fail(f"{char} is missing")
        self.at += 1


def _binary(operator: str, left: Expression, right: Expression) -> Expression:
    if operator in ("&&", "||"):
        return Logic(operator == "||", left, right)
    return Binary(operator, left, right)
