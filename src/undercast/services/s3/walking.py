"""Walking keys in order: prefixes, and groups of keys that share what comes before a delimiter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from undercast.services.s3.model import after_prefix, key_bytes

_FEW, _MANY = 2, 1024  # rows read at a time where they may fall into one group: few after a group, then more and more

T = TypeVar("T")
Position = tuple[bytes, Any]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """What one page shows. `last` is the key or prefix of its last entry, after which the next page begins."""

    items: list[T]
    prefixes: list[str]
    last: str
    truncated: bool


@dataclass(frozen=True, slots=True)
class Walk:
    """One page's way through the keys that begin with `prefix`. `first` comes before every second part of a position."""

    prefix: bytes
    delimiter: bytes
    limit: int
    first: Any

    @classmethod
    def over(cls, request: Mapping[str, Any], limit: int, *, first: Any) -> Walk:
        prefix, delimiter = request.get("Prefix") or "", request.get("Delimiter") or ""
        return cls(_bytes(prefix), _bytes(delimiter), limit, first)

    @property
    def end(self) -> bytes:
        """The first key that no longer begins with the prefix; b"" when there is no prefix."""
        return after_prefix(self.prefix) if self.prefix else b""

    def after(self, marker: str, second: Any) -> Position:
        """Where a page begins that comes after a key, or after a group that was shown already."""
        key = key_bytes(marker)
        if key < self.prefix:
            return self.prefix, self.first
        group = self._group(key)
        return (after_prefix(group), self.first) if group and group == key else (key, second)

    async def run(
        self,
        fetch: Callable[[Position, int], Awaitable[list[T]]],
        position: Callable[[T], Position],
        after: Position,
    ) -> Page[T]:
        """Collect one page with `fetch(after, limit)`, which gives rows in order; each group costs one more fetch."""
        items: list[T] = []
        prefixes: list[str] = []
        last, step = b"", _FEW
        while self.limit:
            left = self.limit + 1 - len(items) - len(prefixes)
            size = min(left, step) if self.delimiter else left
            rows, step = await fetch(after, size), min(4 * step, _MANY)
            for row in rows:
                here = position(row)
                if here <= after:  # of a group that has been shown
                    continue
                if len(items) + len(prefixes) == self.limit:
                    return Page(items, prefixes, _text(last), True)
                if group := self._group(here[0]):
                    prefixes.append(_text(group))
                    last, after, step = group, (after_prefix(group), self.first), _FEW
                else:
                    items.append(row)
                    last, after = here[0], here
            if len(rows) < size:
                break
        return Page(items, prefixes, _text(last), False)

    def _group(self, key: bytes) -> bytes:
        """What a key begins with up to the first delimiter after the prefix; b"" when it has none."""
        if not self.delimiter or not key.startswith(self.prefix):
            return b""
        found = key.find(self.delimiter, len(self.prefix))
        return key[: found + len(self.delimiter)] if found >= 0 else b""


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _text(key: bytes) -> str:
    return key.decode("utf-8", "surrogateescape")
