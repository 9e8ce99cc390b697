"""Paths of the JSONPath query language: into the input (`$`), the context (`$$`) and variables (`$name`)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from undercast.engines import jsonpath
from undercast.engines.jsonpath.parser import MAX_CHARS
from undercast.engines.jsonpath.segments import Indexes, Names
from undercast.engines.states.errors import StateError, runtime
from undercast.engines.states.payloads import json_text
from undercast.engines.states.scope import Scope

VARIABLE = r"[^\W\d]\w*"
_VARIABLE_PATH = re.compile(rf"\$({VARIABLE})(.*)", re.S)
_FILTER = re.compile(r"\[\s*\?")
_DOTTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|(\.\.|\.)((?:[^\s.\[\]()'"?@,:*$\\]|\\.)+)""", re.S)
_PLAIN = re.compile(r"[^\\&|!=<>~]+")  # names that JSONPath takes as they are
_ESCAPE = re.compile(r"\\(.)", re.S)


@dataclass(frozen=True, slots=True)
class StatePath:
    """A compiled path. As a field it is worth what it finds."""

    text: str
    path: jsonpath.Path
    source: str = ""  # "" the input, "$" the context, or a variable's name
    steps: tuple[str | int, ...] | None = None  # of a path of names and indexes only

    def find(self, scope: Scope, root: Any) -> Any:
        """Raises JsonPathError."""
        if self.source == "$":
            root = scope.context
        elif self.source:
            if self.source not in scope.variables:
                raise jsonpath.PathNotFound(f"Missing variable ${self.source}")
            root = scope.variables[self.source]
        if self.steps is not None and (found := _walk(self.steps, root)) is not _LOST:
            return found
        try:
            return self.path.find(root)
        except jsonpath.PathNotFound:
            if self.path.definite:
                raise
            return []  # recorded: `$.a.b[*]` of {} finds nothing, which is a list too

    def of(self, scope: Scope, root: Any) -> Any:
        """Raises StateError as AWS does for InputPath and its like."""
        try:
            return self.find(scope, root)
        except jsonpath.JsonPathError as error:
            if root is None and not self.source:
                raise runtime("Unable to apply Path transformation to null or empty input.") from None
            raise runtime(f"Invalid path '{self.text}': {error}") from None


@lru_cache(1024)
def compile_path(text: str) -> StatePath:
    """Raises InvalidJsonPath."""
    if not text.startswith("$"):
        raise jsonpath.InvalidJsonPath("a path begins with $")
    source, rest = "", text
    if text.startswith("$$"):
        source, rest = "$", text[1:]
    elif variable := _VARIABLE_PATH.fullmatch(text):
        source, rest = variable.group(1), "$" + variable.group(2)
    path = jsonpath.compile(_bracketed(rest))
    return StatePath(text, path, source, _steps(path))


def _bracketed(path: str) -> str:
    """`$.a\\.b` and `$.&` of the States Language are `$["a.b"]` and `$["&"]` of JSONPath.

    https://states-language.net/#ref-paths has the examples. A filter is JSONPath's own: in it such signs are operators.
    """
    if _PLAIN.fullmatch(path) or len(path) > MAX_CHARS or _FILTER.search(path):
        return path
    return _DOTTED.sub(_bracketed_name, path)


def _bracketed_name(found: re.Match[str]) -> str:
    dots, name = found.groups()
    if name is None or _PLAIN.fullmatch(name):
        return found.group()
    literal = json.dumps(_ESCAPE.sub(r"\1", name), ensure_ascii=False)
    return f"{'..' if dots == '..' else ''}[{literal}]"


_LOST = object()


def _walk(steps: tuple[str | int, ...], value: Any) -> Any:
    """What most paths are: names and indexes. _LOST where the path leads nowhere, and why is for the library to say."""
    for step in steps:
        if isinstance(step, str):
            if not isinstance(value, dict) or step not in value:
                return _LOST
        elif not isinstance(value, list) or step >= len(value):
            return _LOST
        value = value[step]
    return value


def _steps(path: jsonpath.Path) -> tuple[str | int, ...] | None:
    """The names and indexes from the document's beginning, if the path has nothing else."""
    steps: list[str | int] = []
    for segment in path.segments:
        if isinstance(segment, Names) and len(segment.names) == 1:
            steps.append(segment.names[0])
        elif isinstance(segment, Indexes) and len(segment.indexes) == 1 and segment.indexes[0] >= 0:
            steps.append(segment.indexes[0])
        else:
            return None
    return tuple(steps)


@dataclass(frozen=True, slots=True)
class ReferencePath:
    """A path that names one place: what ResultPath writes to."""

    text: str
    steps: tuple[str | int, ...]

    def put(self, document: Any, value: Any) -> Any:
        """A copy of the document with the value in its place; objects on the way are made, array elements not."""
        if not self.steps:
            return value
        root = _copy(document)
        if not isinstance(root, dict | list):
            raise self._unmatched(document)
        here: Any = root
        for step, following in zip(self.steps, (*self.steps[1:], None), strict=True):
            if following is None:
                self._set(document, here, step, value)
            else:
                child = self._child(document, here, step)
                self._set(document, here, step, child)
                here = child
        return root

    def _child(self, document: Any, here: Any, step: str | int) -> Any:
        if isinstance(step, str):
            child = here.get(step) if isinstance(here, dict) else None
        else:
            child = here[step] if isinstance(here, list) and 0 <= step < len(here) else None
        return {} if not isinstance(child, dict | list) else _copy(child)

    def _set(self, document: Any, here: Any, step: str | int, value: Any) -> None:
        fits = isinstance(here, dict) if isinstance(step, str) else isinstance(here, list) and 0 <= step < len(here)
        if not fits:
            raise self._unmatched(document)
        here[step] = value

    def _unmatched(self, document: Any) -> StateError:
        cause = f"Unable to apply ReferencePath {self.text} to input {json_text(document)}"
        return StateError("States.ResultPathMatchFailure", cause)


@lru_cache(1024)
def compile_reference(text: str) -> ReferencePath:
    """Raises InvalidJsonPath, also for a path that could lead to more than one place, or not into the input."""
    path = compile_path(text)
    if path.steps is None:
        raise jsonpath.InvalidJsonPath("not a reference path")
    if path.source:
        raise jsonpath.InvalidJsonPath("not a path into the input")
    return ReferencePath(text, path.steps)


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return dict(value)
    return list(value) if isinstance(value, list) else value
