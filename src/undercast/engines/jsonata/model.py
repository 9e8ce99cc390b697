"""What expressions are made of, without the library: it takes a tenth of a second to import, and most workflows need none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class JsonataError(Exception):
    """`str` of it is what AWS puts into a cause: "T1006: Attempted to invoke a non-function"."""

    def __init__(self, code: str, message: str, position: int | None = None) -> None:
        super().__init__(f"{code}: {message}" if code else message)
        self.code = code  # JSONata's own, or "" where it has none
        self.message = message
        self.position = position  # in characters from the expression's begin, None if unknown


class _Undefined:
    """No value: what a path gives that finds nothing. Not null."""

    def __repr__(self) -> str:
        return "UNDEFINED"

    def __bool__(self) -> bool:
        return False


UNDEFINED: Any = _Undefined()


class Moment(Protocol):
    """The time and the chance that `$now`, `$millis`, `$random` and `$uuid` give."""

    @property
    def now_ms(self) -> int: ...
    @property
    def chance(self) -> Callable[[], float]: ...
    @property
    def uuid(self) -> Callable[[], str]: ...
