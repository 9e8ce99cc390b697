"""Reads JSON token by token and fails as AWS's own reader does: the texts and columns are those of Jackson."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[\w$]+")
_STRING_END = re.compile(r'(?:[^"\\\x00-\x1f]|\\u[0-9a-fA-F]{4}|\\["\\/bfnrt])*"')
_WHITESPACE = re.compile(r"[ \t\r\n]*")
_WORDS: dict[str, object] = {"true": True, "false": False, "null": None}
_MAX_NUMBER_CHARS = 1000  # as Jackson's StreamReadConstraints
_SHOWN_CHARS = 500  # of the source in an error; Jackson's default

STARTS = ("{", "[")


class JsonError(Exception):
    """The text is not JSON. `text` is Jackson's message without the place."""

    def __init__(self, text: str, position: int) -> None:
        self.text, self.position = text, position
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Token:
    """One token. `kind` is one of `{ } [ ] field string number word end`; `position` is where the reader then stands.

    Jackson reads ahead: after a field's name it stands behind the start of the value, after a string value behind its
    opening quote. AWS reports those places.
    """

    kind: str
    value: object
    position: int


def place(text: str, position: int) -> str:
    """The place in an error message: ` at [Source: (String)"{...}"; line: 1, column: 10]`."""
    shown = text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS]
    more = len(text) - len(shown)
    source = f'(String)"{shown}"' + (f"[truncated {more} chars]" if more else "")
    return f" at [Source: {source}; {line_and_column(text, position)}]"


def line_and_column(text: str, position: int) -> str:
    before = text[:position]
    return f"line: {before.count(chr(10)) + 1}, column: {position - (before.rfind(chr(10)) + 1) + 1}"


def tokens(text: str) -> Iterator[Token]:
    """The tokens of the first value in `text`, then `end` for ever. Raises JsonError where it stops being JSON."""
    position = _skip(text, 0)
    if position < len(text):
        yield from _value(text, position)
    while True:
        yield Token("end", None, len(text))


def _value(text: str, position: int) -> Iterator[Token]:
    """One value of any depth, without recursion: `stack` holds the open brackets."""
    stack: list[str] = []
    token, position = _scalar_or_start(text, position)
    yield token
    fresh = token.kind in STARTS
    if fresh:
        stack.append(token.kind)
    while stack:
        position = _skip(text, position)
        if text[position : position + 1] == ("}" if stack[-1] == "{" else "]"):
            position += 1
            yield Token("}" if stack.pop() == "{" else "]", None, position)
            fresh = False
            continue
        if not fresh:
            position = _comma(text, position, stack[-1])
        name: str | None = None
        if stack[-1] == "{":
            name, position = _field_name(text, position)
        token, position = _scalar_or_start(text, _skip(text, position))
        if name is not None:
            yield Token("field", name, token.position)
        yield token
        fresh = token.kind in STARTS
        if fresh:
            stack.append(token.kind)


def _comma(text: str, position: int, opened: str) -> int:
    where = "Object" if opened == "{" else "Array"
    if position >= len(text):
        raise JsonError(f"Unexpected end-of-input: expected close marker for {where}", position)
    if text[position] != ",":
        raise _unexpected(text, position, f"was expecting comma to separate {where} entries")
    return _skip(text, position + 1)


def _field_name(text: str, position: int) -> tuple[str, int]:
    if position >= len(text):
        raise JsonError("Unexpected end-of-input: expected close marker for Object", position)
    if text[position] != '"':
        raise _unexpected(text, position, "was expecting double-quote to start field name")
    name, position = _string(text, position + 1, "in field name")
    position = _skip(text, position)
    if position >= len(text):
        raise JsonError("Unexpected end-of-input within/between Object entries", position)
    if text[position] != ":":
        raise _unexpected(text, position, "was expecting a colon to separate field name and value")
    return name, position + 1


def _scalar_or_start(text: str, position: int) -> tuple[Token, int]:
    """The token at `position`, and where reading goes on (for a string: behind its closing quote)."""
    char = text[position : position + 1]
    if not char:
        raise JsonError("Unexpected end-of-input within/between Object entries", position)
    if char in STARTS:
        return Token(char, None, position + 1), position + 1
    if char == '"':
        value, end = _string(text, position + 1, ": was expecting closing quote for a string value")
        return Token("string", value, position + 1), end
    if match := _NUMBER.match(text, position):
        return _number(match)
    if match := _WORD.match(text, position):
        return _word(match)
    raise _unexpected(
        text, position, "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
    )


def _word(match: re.Match[str]) -> tuple[Token, int]:
    word, end = match.group(), match.end()
    if word in _WORDS:
        return Token("word", _WORDS[word], end), end
    expected = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
    raise JsonError(f"Unrecognized token '{word}': {expected}", end)


def _number(match: re.Match[str]) -> tuple[Token, int]:
    digits, end = match.group(), match.end()
    if len(digits) > _MAX_NUMBER_CHARS:
        raise JsonError(f"Number value length ({len(digits)}) exceeds the maximum allowed ({_MAX_NUMBER_CHARS})", end)
    if digits.lstrip("-") == "0" and match.string[end : end + 1].isdigit():
        raise JsonError("Invalid numeric value: Leading zeroes not allowed", end)
    whole = "." not in digits and "e" not in digits and "E" not in digits
    return Token("number", int(digits) if whole else float(digits), end), end


def _string(text: str, position: int, where: str) -> tuple[str, int]:
    match = _STRING_END.match(text, position)
    if match:
        value: str = json.loads('"' + match.group())
        return value, match.end()
    raise _bad_string(text, position, where)


def _bad_string(text: str, position: int, where: str) -> JsonError:
    """Why there is no string at `position`: found by walking it, which only a wrong string has to pay for."""
    while position < len(text) and text[position] != '"':
        char = text[position]
        if char < " ":
            name = f"(CTRL-CHAR, code {ord(char)})"
            reason = "has to be escaped using backslash to be included in string value"
            return JsonError(f"Illegal unquoted character ({name}): {reason}", position + 1)
        if char == "\\":
            escape = text[position + 1 : position + 2]
            if escape and escape not in 'u"\\/bfnrt':
                return JsonError(f"Unrecognized character escape '{escape}' (code {ord(escape)})", position + 2)
            if escape == "u" and not re.match(r"[0-9a-fA-F]{4}", text[position + 2 : position + 6]):
                return JsonError(
                    "Unexpected character: expected a hex-digit for character escape sequence", position + 3
                )
            position += 1
        position += 1
    return JsonError(f"Unexpected end-of-input{where if where[0] == ':' else ' ' + where}", len(text))


def _unexpected(text: str, position: int, expected: str) -> JsonError:
    if position >= len(text):
        return JsonError("Unexpected end-of-input", position)
    char = text[position]
    return JsonError(f"Unexpected character ('{char}' (code {ord(char)})): {expected}", position)


def _skip(text: str, position: int) -> int:
    match = _WHITESPACE.match(text, position)
    assert match is not None  # the expression matches the empty string
    return match.end()
