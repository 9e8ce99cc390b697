"""Patterns for JSON messages: `{ $.status >= 500 && ($.user.id = "a*" || $.error IS NULL) }`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from undercast.engines.log_filters.scanner import Scanner, Test, as_text, comparison

Condition = Callable[[object], bool]
Step = str | int | None  # a member, an element, or every element

_STEP = re.compile(
    r"\.?\[(?:(-?[0-9]{1,9})|(\*)|'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")\]|\.([^\s.\[\]=!<>&|(){},\"]+)"
)
_IS = re.compile(r"IS\s+(NULL|TRUE|FALSE)\b|(NOT\s+EXISTS)\b|(EXISTS)\b", re.I)


@dataclass(frozen=True, slots=True)
class JsonFilter:
    condition: Condition
    selectors: tuple[str, ...]

    @property
    def names_values(self) -> bool:
        return True

    def matches(self, message: str) -> bool:
        document = _document(message)
        return document is not None and self.condition(document)

    def extract(self, message: str) -> dict[str, str] | None:
        document = _document(message)
        if document is None or not self.condition(document):
            return None
        values = {selector: _selected(document, selector) for selector in self.selectors}
        return {selector: value for selector, value in values.items() if value is not None}

    def select(self, message: str, selector: str) -> str | None:
        document = _document(message)
        return None if document is None else _selected(document, selector)


def parse_json(text: str) -> JsonFilter:
    parser = _Parser(text)
    parser.expect("{")
    condition = parser.either()
    parser.expect("}")
    parser.space()
    if parser.at < len(text):
        parser.fail("text after the closing brace")
    return JsonFilter(condition, tuple(dict.fromkeys(parser.selectors)))


class _Parser(Scanner):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.selectors: list[str] = []

    def either(self) -> Condition:
        self.enter()
        parts = [self._both()]
        while self.take("||"):
            parts.append(self._both())
        self.leave()
        return parts[0] if len(parts) == 1 else lambda document: any(part(document) for part in parts)

    def _both(self) -> Condition:
        parts = [self._term()]
        while self.take("&&"):
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else lambda document: all(part(document) for part in parts)

    def _term(self) -> Condition:
        if self.take("("):
            inner = self.either()
            self.expect(")")
            return inner
        steps = self._selector()
        if found := self.match(_IS):
            return _existence(steps, found)
        test = comparison(self.operator(), self.value())
        if test is None:
            self.fail("only numbers have an order")
        return _any_value(steps, test)

    def _selector(self) -> tuple[Step, ...]:
        self.space()
        start = self.at
        self.expect("$")
        steps = list(_steps(self))
        if not steps:
            self.fail("a selector such as $.name is missing")
        self.selectors.append(self.text[start : self.at])
        return tuple(steps)


def _steps(scanner: Scanner) -> Iterator[Step]:
    while found := _STEP.match(scanner.text, scanner.at):
        scanner.at = found.end()
        index, star, single, double, name = found.groups()
        yield (
            int(index) if index else None if star else next(part for part in (single, double, name) if part is not None)
        )


def _existence(steps: tuple[Step, ...], found: re.Match[str]) -> Condition:
    word, missing, _ = found.groups()
    if missing:
        return lambda document: not _find(document, steps)
    if not word:
        return lambda document: bool(_find(document, steps))
    wanted = {"NULL": None, "TRUE": True, "FALSE": False}[word.upper()]
    return lambda document: any(value is wanted for value in _find(document, steps))


def _any_value(steps: tuple[Step, ...], test: Test) -> Condition:
    """A member that is not there, or is no scalar, satisfies no comparison, `!=` neither."""
    return lambda document: any(
        test(value) for value in _find(document, steps) if value is not None and not isinstance(value, dict | list)
    )


def _find(document: object, steps: tuple[Step, ...]) -> list[object]:
    found = [document]
    for step in steps:
        found = [new for old in found for new in _children(old, step)]
    return found


def _children(value: object, step: Step) -> list[object]:
    if isinstance(value, dict):
        return [value[step]] if isinstance(step, str) and step in value else []
    if not isinstance(value, list) or isinstance(step, str):
        return []
    if step is None:
        return value
    return [value[step]] if -len(value) <= step < len(value) else []


def _selected(document: object, selector: str) -> str | None:
    scanner = Scanner(selector)
    if not scanner.take("$"):
        return None
    steps = tuple(_steps(scanner))
    if not steps or scanner.at < len(selector):
        return None
    found = _find(document, steps)
    if not found:
        return None
    return json.dumps(found[0]) if isinstance(found[0], dict | list) else as_text(found[0])


def _document(message: str) -> object:
    try:
        document: object = json.loads(message)
    except (ValueError, RecursionError):
        return None
    return document
