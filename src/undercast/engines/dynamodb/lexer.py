"""Tokens of an expression, and AWS's words for what is wrong with them."""

from __future__ import annotations

import re
from typing import NamedTuple

from undercast.engines.dynamodb.errors import Invalid

LONGEST = 4096  # bytes of an expression

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<alias>#[A-Za-z0-9_]+)|(?P<value>:[A-Za-z0-9_]+)|(?P<number>[0-9]+)"
    r"|(?P<sign><>|<=|>=|[=<>()\[\].,+\-])|(?P<end>$)|(?P<bad>\S))",
)


class Token(NamedTuple):
    """A piece of an expression. `kind` is name, alias, value, number, sign or end."""

    kind: str
    text: str
    start: int
    stop: int

    def word(self) -> str:
        """The keyword this may be, in capitals; "" for other tokens."""
        return self.text.upper() if self.kind == "name" else ""


class Faulty(Invalid):
    """A mistake in an expression; `parameter` names the one that holds it."""

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(f"Invalid {parameter}: {reason}")


def tokens(parameter: str, text: str) -> list[Token]:
    """The tokens of an expression, an end token last. Faulty for an empty one and for strange characters."""
    if not text.strip():
        raise Faulty(parameter, "The expression can not be empty;")
    size = len(text.encode())
    if size > LONGEST:
        raise Faulty(parameter, f"Expression size has exceeded the maximum allowed size; expression size: {size}")
    found: list[Token] = []
    while not found or found[-1].kind != "end":
        match = _TOKEN.match(text, found[-1].stop if found else 0)
        assert match is not None and match.lastgroup is not None
        kind = match.lastgroup
        token = Token(kind, match[kind] or "<EOF>", match.start(kind), match.end(kind))
        if kind == "bad":
            raise Faulty(parameter, f'Syntax error; token: "{token.text}", near: "{text[: token.stop][-30:].lstrip()}"')
        found.append(token)
    return found


def syntax_error(parameter: str, text: str, around: list[Token], at: int) -> Faulty:
    """AWS quotes the token that it could not use, and that with its neighbours."""
    start = around[max(0, at - 1)].start
    stop = around[min(len(around) - 1, at + 1)].stop
    return Faulty(parameter, f'Syntax error; token: "{around[at].text}", near: "{text[start:stop].rstrip()}"')
