"""Patterns for messages without a structure: `ERROR "time out" -debug`, `?WARN ?ERROR`, `%4[0-9]{2}%`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from undercast.engines.log_filters.scanner import Scanner, searches
from undercast.engines.regexes import Regex

_TERM = re.compile(r"[^\s\"%]+")
_BARE = re.compile(r"[\w.\-/*+@$#~]+")  # known: letters, digits, _; believed: that AWS takes these signs unquoted


@dataclass(frozen=True, slots=True)
class Terms:
    """Every one of `wanted`, none of `excluded`, and one of `either` (which counts only where it stands alone)."""

    wanted: tuple[str | Regex, ...]
    excluded: tuple[str | Regex, ...]
    either: tuple[str | Regex, ...]

    @property
    def names_values(self) -> bool:
        return False

    def matches(self, message: str) -> bool:
        if any(_has(message, term) for term in self.excluded):
            return False
        if not self.wanted and not self.excluded and self.either:
            return any(_has(message, term) for term in self.either)
        return all(_has(message, term) for term in self.wanted)

    def extract(self, message: str) -> dict[str, str] | None:
        return {} if self.matches(message) else None

    def select(self, message: str, selector: str) -> str | None:
        return None


def parse_terms(text: str) -> Terms:
    scanner = Scanner(text)
    found: dict[str, list[str | Regex]] = {"": [], "-": [], "?": []}
    while True:
        scanner.space()
        if scanner.at >= len(text):
            break
        sign = text[scanner.at] if text[scanner.at] in "-?" else ""
        scanner.at += len(sign)
        term = _term(scanner)
        if term != "":
            found[sign].append(term)
    return Terms(tuple(found[""]), tuple(found["-"]), tuple(found["?"]))


def _term(scanner: Scanner) -> str | Regex:
    if scanner.text[scanner.at : scanner.at + 1].isspace() or scanner.at >= len(scanner.text):
        scanner.fail("a term is missing")
    if (text := scanner.quoted()) is not None:
        return text
    if regex := scanner.percent():
        return regex
    word = scanner.match(_TERM)
    if not word:
        scanner.fail(f"{scanner.text[scanner.at]} without its end")
    if not _BARE.fullmatch(word.group()):
        scanner.fail("a term with such characters is quoted", f"Invalid character(s) in term '{word.group()}'")
    return word.group()


def _has(message: str, term: str | Regex) -> bool:
    return term in message if isinstance(term, str) else searches(term, message)
