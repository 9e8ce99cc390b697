"""Patterns of policies: `*`, `?` and variables such as `${aws:username}`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from undercast.engines.patterns.leaves import like

Context = Mapping[str, str | Sequence[str]]  # keys in lower case

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_DEFAULT = re.compile(r"\s*([^,]*?)\s*,\s*'([^']*)'\s*")
_LITERALS = {"*": "*", "?": "?", "$": "$"}  # ${*} is a star that is none


class Wild(Enum):
    """A wildcard, as it is written."""

    ANY = "*"
    ONE = "?"


class Pattern(NamedTuple):
    steps: tuple[str | Wild, ...]  # characters and wildcards
    parts: tuple[str, ...] | None  # the texts between stars, if there are no other wildcards


def pattern(text: str, context: Context | None) -> Pattern | None:
    """`text` with its variables filled in (none are with context None). None when a variable has no value.

    What a variable holds is taken literally: its stars are no wildcards.
    """
    if context is None or "${" not in text:
        return _wild(text)
    steps: list[str | Wild] = []
    at = 0
    for variable in _VARIABLE.finditer(text):
        value = _value(variable.group(1), context)
        if value is None:
            return None
        steps += [*_wild(text[at : variable.start()]).steps, *value]
        at = variable.end()
    return Pattern((*steps, *_wild(text[at:]).steps), None)


def literal(text: str, context: Context | None) -> str | None:
    """`text` with its variables filled in, where stars mean nothing."""
    parts = pattern(text, context)
    return None if parts is None else "".join(part.value if isinstance(part, Wild) else part for part in parts.steps)


def _value(name: str, context: Context) -> str | None:
    if name in _LITERALS:
        return _LITERALS[name]
    default = _DEFAULT.fullmatch(name)
    value = context.get((default.group(1) if default else name).strip().lower())
    if isinstance(value, str):
        return value
    return default.group(2) if default and value is None else None


@lru_cache(4096)  # the patterns of policies are asked at every request
def _wild(text: str) -> Pattern:
    steps = tuple(Wild(char) if char in "*?" else char for char in text)
    return Pattern(steps, None if "?" in text else tuple(text.split("*")))


def fits(wanted: Pattern, text: str) -> bool:
    """Does `text` match? Time at most length times length: only the last star is ever tried again."""
    if wanted.parts is not None:
        return like(text, wanted.parts)
    steps = wanted.steps
    at = step = 0
    star, star_at = -1, 0
    while at < len(text):
        if step < len(steps) and steps[step] is Wild.ANY:
            star, star_at = step, at
            step += 1
        elif step < len(steps) and (steps[step] is Wild.ONE or steps[step] == text[at]):
            step, at = step + 1, at + 1
        elif star >= 0:
            star_at += 1
            step, at = star + 1, star_at
        else:
            return False
    return all(rest is Wild.ANY for rest in steps[step:])
