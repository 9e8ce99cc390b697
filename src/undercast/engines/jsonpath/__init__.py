"""JSONPath as Jayway's library has it: what API Gateway (`$input.path`) and Step Functions understand.

jsonpath.compile("$.store.book[?(@.price < 10)].title").find(document)   # a list: the path is indefinite
jsonpath.compile("$.store.name").find(document)                          # the one value
"""

from __future__ import annotations

from dataclasses import dataclass

from undercast.engines.jsonpath.errors import InvalidJsonPath, JsonPathError, PathNotFound
from undercast.engines.jsonpath.parser import parse
from undercast.engines.jsonpath.segments import Document, Function, Segment, walk

__all__ = ["InvalidJsonPath", "JsonPathError", "Path", "PathNotFound", "compile"]


@dataclass(frozen=True, slots=True)
class Path:
    """A compiled path. A definite one leads to at most one value; an indefinite one gives a list of what it finds."""

    text: str
    segments: tuple[Segment, ...]

    @property
    def definite(self) -> bool:
        return all(segment.definite for segment in self.segments)

    @property
    def is_reference(self) -> bool:
        """Only names and single indexes: what Step Functions asks of a ResultPath."""
        return self.definite and not any(isinstance(segment, Function) for segment in self.segments)

    def find(self, document: object) -> object:
        """The value, or the list of values of an indefinite path. Raises PathNotFound and JsonPathError."""
        return walk(self.segments, document, Document(document))


def compile(text: str) -> Path:
    """Raises InvalidJsonPath. A path without `$` is one from the root: `a.b` is `$.a.b`."""
    return Path(text, parse(text))
