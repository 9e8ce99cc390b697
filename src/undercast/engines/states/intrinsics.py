"""Calls of intrinsic functions: `States.Format('Hello {}', $.name)`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn

from undercast.engines.jsonpath import JsonPathError
from undercast.engines.states.errors import StateError, runtime
from undercast.engines.states.functions import FUNCTIONS, FunctionError, unescaped
from undercast.engines.states.paths import StatePath, compile_path
from undercast.engines.states.payloads import json_text
from undercast.engines.states.scope import Constant, Scope

MAX_NESTED = 10  # https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html: "up to 10"

_NAME = re.compile(r"\s*(States\.[A-Za-z0-9]+)\s*\(")
_STRING = re.compile(r"'((?:[^'\\]|\\.)*)'", re.S)
_ESCAPE = re.compile(r"\\(.)", re.S)
_LITERAL = re.compile(r"(?:true|false|null)(?![\w])|-?\d{1,400}(?:\.\d{1,400})?(?:[eE][+-]?\d{1,3})?(?![\w.])")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.S)


class IntrinsicSyntax(Exception):
    """The text is no call of an intrinsic function."""


@dataclass(frozen=True, slots=True)
class Argument:
    """A path as an argument."""

    path: StatePath

    def of(self, scope: Scope, root: Any) -> Any:
        try:
            return self.path.find(scope, root)
        except JsonPathError:
            shown = json_text(scope.context if self.path.source == "$" else root)
            raise FunctionError(
                f"The JsonPath argument for the field '{self.path.text}' could not be found in the input '{shown}'",
                missing=True,
            ) from None


@dataclass(frozen=True, slots=True)
class Call:
    text: str
    name: str
    arguments: tuple[Constant | Argument | Call, ...]

    def of(self, scope: Scope, root: Any) -> Any:
        try:
            values = [argument.of(scope, root) for argument in self.arguments]
            return FUNCTIONS[self.name](values, scope.moment)
        except FunctionError as error:
            cause = f"The function '{self.text}' had the following error: {error}"
            raise runtime(cause) if error.missing else StateError("States.IntrinsicFailure", cause) from None


@lru_cache(1024)
def compile_call(text: str) -> Call:
    """Raises IntrinsicSyntax."""
    parser = _Parser(text)
    call = parser.call(1)
    parser.space()
    if parser.at < len(text):
        parser.fail()
    return call


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def fail(self) -> NoReturn:
        raise IntrinsicSyntax(f"no intrinsic function call at {self.at}: {self.text[:200]}")

    def space(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def call(self, depth: int) -> Call:
        start = self.at
        found = _NAME.match(self.text, self.at)
        if found is None or found.group(1) not in FUNCTIONS or depth > MAX_NESTED:
            self.fail()
        self.at = found.end()
        arguments = self._arguments(depth)
        kept = 1 if found.group(1) == "States.Format" else 0  # its template, whose escapes tell \\{ from {
        arguments = arguments[:kept] + [_resolved(argument) for argument in arguments[kept:]]
        return Call(self.text[start : self.at].strip(), found.group(1), tuple(arguments))

    def _arguments(self, depth: int) -> list[Constant | Argument | Call]:
        arguments: list[Constant | Argument | Call] = []
        self.space()
        if self._take(")"):
            return arguments
        while True:
            self.space()
            arguments.append(self._argument(depth))
            self.space()
            if self._take(")"):
                return arguments
            if not self._take(","):
                self.fail()

    def _argument(self, depth: int) -> Constant | Argument | Call:
        char = self.text[self.at : self.at + 1]
        if char == "'":
            return self._string()
        if char == "$":
            return self._path()
        if found := _LITERAL.match(self.text, self.at):
            self.at = found.end()
            return Constant(_value(found.group()))
        return self.call(depth + 1)

    def _string(self) -> Constant:
        """`\\'`, `\\{`, `\\}` and `\\\\` are escapes; the braces' stay for States.Format. Others are refused."""
        found = _STRING.match(self.text, self.at)
        if found is None or any(one not in "'{}\\" for one in _ESCAPE.findall(found.group(1))):
            self.fail()
        self.at = found.end()
        return Constant(found.group(1))

    def _path(self) -> Argument:
        """Up to the comma or parenthesis that is not within brackets or quotes."""
        start, depth = self.at, 0
        while self.at < len(self.text):
            char = self.text[self.at]
            if depth and (quoted := _QUOTED.match(self.text, self.at)):
                self.at = quoted.end()
                continue
            if not depth and char in ",)":
                break
            depth += (char in "[(") - (char in "])")
            self.at += 1
        try:
            return Argument(compile_path(self.text[start : self.at].strip()))
        except JsonPathError:
            self.fail()

    def _take(self, char: str) -> bool:
        taken = self.text.startswith(char, self.at)
        self.at += taken
        return taken


def _resolved(argument: Constant | Argument | Call) -> Constant | Argument | Call:
    if isinstance(argument, Constant) and isinstance(argument.value, str):
        return Constant(unescaped(argument.value))
    return argument


def _value(text: str) -> Any:
    words = {"true": True, "false": False, "null": None}
    if text in words:
        return words[text]
    return float(text) if set(text) & set(".eE") else int(text)
