"""Patterns for messages of fields separated by spaces: `[ip, user, ..., status = 4*, bytes > 100]`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from undercast.engines.log_filters.scanner import Scanner, comparison

Condition = Callable[[str], bool]

_NAME = re.compile(r"[A-Za-z_][\w.\-]*|[0-9]+")
_FIELD = re.compile(r'"((?:[^"\\]|\\.)*)"|\[([^\]]*)\]|(\S+)', re.S)
_ANY = "..."


@dataclass(frozen=True, slots=True)
class Column:
    """One place of the pattern; `name` may be empty. `_ANY` stands for any number of fields."""

    name: str
    holds: Condition | None = None


@dataclass(frozen=True, slots=True)
class FieldFilter:
    columns: tuple[Column, ...]

    @property
    def names_values(self) -> bool:
        return True

    def matches(self, message: str) -> bool:
        return self.extract(message) is not None

    def extract(self, message: str) -> dict[str, str] | None:
        """`{"$name": value}`; a field without a name has its number: `$3`."""
        values = _split(message)
        columns = self._aligned(len(values))
        if columns is None:
            return None
        extracted: dict[str, str] = {}
        for at, (column, value) in enumerate(zip(columns, values, strict=True), 1):
            if column.holds and not column.holds(value):
                return None
            extracted[f"${column.name or at}"] = value
        return extracted

    def select(self, message: str, selector: str) -> str | None:
        return (self.extract(message) or {}).get(selector)

    def _aligned(self, fields: int) -> list[Column] | None:
        """One column per field, with `...` spread out; None when there are too few or too many fields."""
        names = [column.name for column in self.columns]
        if not names:
            return [Column("")] * fields
        if _ANY not in names:
            return list(self.columns) if fields == len(names) else None
        at = names.index(_ANY)
        more = fields - (len(names) - 1)
        return [*self.columns[:at], *([Column("")] * more), *self.columns[at + 1 :]] if more >= 0 else None


def parse_fields(text: str) -> FieldFilter:
    parser = _Parser(text)
    parser.expect("[")
    columns: list[Column] = []
    while not parser.take("]"):
        if columns:
            parser.expect(",")
        columns.append(parser.column())
    parser.space()
    if parser.at < len(text):
        parser.fail("text after the closing bracket")
    if sum(column.name == _ANY for column in columns) > 1:
        parser.fail("more than one ...")
    return FieldFilter(tuple(columns))


class _Parser(Scanner):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._name = ""

    def column(self) -> Column:
        if self.take(_ANY):
            return Column(_ANY)
        self._name = ""
        self.space()
        if self.text[self.at : self.at + 1] in (",", "]"):
            return Column("")
        start = self.at
        name = self.match(_NAME)
        self.space()
        if name and self.text[self.at : self.at + 1] in (",", "]"):
            return Column(name.group())
        self.at = start
        condition = self._either()
        return Column(self._name, condition)

    def _either(self) -> Condition:
        self.enter()
        parts = [self._both()]
        while self.take("||"):
            parts.append(self._both())
        self.leave()
        return parts[0] if len(parts) == 1 else lambda value: any(part(value) for part in parts)

    def _both(self) -> Condition:
        parts = [self._term()]
        while self.take("&&"):
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else lambda value: all(part(value) for part in parts)

    def _term(self) -> Condition:
        if self.take("("):
            inner = self._either()
            self.expect(")")
            return inner
        name = self.match(_NAME)
        if not name or self._name not in ("", name.group()):
            self.fail("a condition on the field's own name is missing")
        self._name = name.group()
        test = comparison(self.operator(), self.value())
        return test if test else self.fail("only numbers have an order")


def _split(message: str) -> list[str]:
    """Fields are separated by spaces; what stands in quotes or brackets is one field."""
    return [field.group(field.lastindex or 0) for field in _FIELD.finditer(message)]
