"""The words of a PartiQL statement."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from undercast.engines.partiql.model import NotWellFormed

_WORD = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<word>[A-Za-z_$][A-Za-z0-9_$]*)
    | (?P<symbol><<|>>|<=|>=|<>|!=|\|\||[-+*=<>()\[\]{},.:?;])
    )""",
    re.VERBOSE,
)
_SPACE = re.compile(r"\s*")


class Token(NamedTuple):
    """One word: `kind` is string, quoted, number, word, symbol or end; `text` is what it stands for."""

    kind: str
    text: str

    def is_word(self, *words: str) -> bool:
        """Whether this is one of these keywords; keywords are not case-sensitive."""
        return self.kind == "word" and self.text.upper() in words


END = Token("end", "")


@lru_cache(maxsize=512)
def scan(statement: str) -> tuple[Token, ...]:
    """All words of a statement, then END. NotWellFormed."""
    tokens: list[Token] = []
    position, length = 0, len(statement.rstrip())
    while position < length:
        found = _WORD.match(statement, position)
        if found is None:
            start = _SPACE.match(statement, position)
            raise NotWellFormed(f"Unexpected character at position {start.end() if start else position}")
        tokens.append(_token(str(found.lastgroup), found.group(str(found.lastgroup))))
        position = found.end()
    if tokens and tokens[-1] == Token("symbol", ";"):
        tokens.pop()
    return (*tokens, END)


def _token(kind: str, text: str) -> Token:
    if kind == "string":
        return Token(kind, text[1:-1].replace("''", "'"))
    if kind == "quoted":
        return Token(kind, text[1:-1].replace('""', '"'))
    return Token(kind, text)
