"""Patterns of policies: `*`, `?` and variables such as `${aws:username}`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

Context = Mapping[str, str | Sequence[str]]  # keys in lower case

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_DEFAULT = re.compile(r"\s*([^,]*?)\s*,\s*'([^']*)'\s*")
_LITERALS = {"*": "*", "?": "?", "$": "$"}  # ${*} is a star that is none

ANY = "*"
ONE = "?"
Pattern = list[str | tuple[str]]  # ANY, ONE, or a literal text in a tuple


def pattern(text: str, context: Context | None) -> Pattern | None:
    """`text` with its variables filled in (none are with context None). None when a variable has no value.

    What a variable holds is taken literally: its stars are no wildcards.
    """
    found: Pattern = []
    at = 0
    for variable in _VARIABLE.finditer(text) if context is not None else ():
        value = _value(variable.group(1), context or {})
        if value is None:
            return None
        found += [*_wild(text[at : variable.start()]), (value,)]
        at = variable.end()
    return [*found, *_wild(text[at:])]


def literal(text: str, context: Context | None) -> str | None:
    """`text` with its variables filled in, where stars mean nothing."""
    parts = pattern(text, context)
    return None if parts is None else "".join(part if isinstance(part, str) else part[0] for part in parts)


def _value(name: str, context: Context) -> str | None:
    if name in _LITERALS:
        return _LITERALS[name]
    default = _DEFAULT.fullmatch(name)
    value = context.get((default.group(1) if default else name).strip().lower())
    if isinstance(value, str):
        return value
    return default.group(2) if default and value is None else None


def _wild(text: str) -> Pattern:
    return [part if part in (ANY, ONE) else (part,) for part in re.split(r"([*?])", text) if part]


def fits(wanted: Pattern, text: str) -> bool:
    """Does `text` match? Time at most length times length: only the last star is ever tried again."""
    steps = [step for part in wanted for step in ([part] if isinstance(part, str) else [(char,) for char in part[0]])]
    at = step = 0
    star, star_at = -1, 0
    while at < len(text):
        if step < len(steps) and steps[step] == ANY:
            star, star_at = step, at
            step += 1
        elif step < len(steps) and (steps[step] == ONE or steps[step] == (text[at],)):
            step, at = step + 1, at + 1
        elif star >= 0:
            star_at += 1
            step, at = star + 1, star_at
        else:
            return False
    return all(rest == ANY for rest in steps[step:])
