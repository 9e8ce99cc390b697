"""What following one path may cost: paths and documents come from anyone. At most some two seconds."""

from __future__ import annotations

from time import perf_counter

from undercast.engines.jsonpath.errors import JsonPathError
from undercast.engines.regexes import Regex, RegexError

_MAX_STEPS = 2_000_000  # values visited, and compared
_MAX_MATCHING_S = 0.25  # by regular expressions, of which each match has a limit too


class Budget:
    """What is left. Everything here raises JsonPathError when nothing is."""

    __slots__ = ("_matching_s", "_steps")

    def __init__(self) -> None:
        self._steps = _MAX_STEPS
        self._matching_s = _MAX_MATCHING_S

    def spend(self, steps: int) -> None:
        self._steps -= steps
        if self._steps < 0:
            raise JsonPathError("the path visits too many values")

    def same(self, left: object, right: object) -> bool:
        """`left == right`."""
        if isinstance(left, list | dict) and isinstance(right, list | dict) and len(left) == len(right):
            self.spend(_size(left))
        elif isinstance(left, str):
            self.spend(len(left) >> 10)
        try:
            return left == right
        except RecursionError:
            raise JsonPathError("the values compared are nested too deep") from None

    def matches(self, pattern: Regex, text: str) -> bool:
        """Whether the whole text matches."""
        if self._matching_s < 0:
            raise JsonPathError("matching regular expressions takes too long")
        began = perf_counter()
        try:
            return pattern.matches(text)
        except RegexError as error:
            raise JsonPathError(str(error)) from None
        finally:
            self._matching_s -= perf_counter() - began


def _size(value: object) -> int:
    """How many values a value has in it; not recursive: it may be nested deep."""
    count, waiting = 0, [value]
    while waiting:
        one = waiting.pop()
        count += 1
        if isinstance(one, dict | list):
            waiting += one.values() if isinstance(one, dict) else one
    return count
