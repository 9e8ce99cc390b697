"""What an event pattern can ask of one value: exact, prefix, wildcard, numeric ... each with `matches`."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Protocol

Number = int | float


class Leaf(Protocol):
    """One test of a leaf value (a JSON scalar)."""

    def matches(self, value: object) -> bool: ...


@dataclass(frozen=True, slots=True)
class Exact:
    """The same string, number (300 is 300.0), true, false or null."""

    value: str | Number | bool | None

    def matches(self, value: object) -> bool:
        return same(self.value, value)


@dataclass(frozen=True, slots=True)
class Prefix:
    text: str
    ignore_case: bool = False

    def matches(self, value: object) -> bool:
        return isinstance(value, str) and _cased(value, self.ignore_case).startswith(
            _cased(self.text, self.ignore_case)
        )


@dataclass(frozen=True, slots=True)
class Suffix:
    text: str
    ignore_case: bool = False

    def matches(self, value: object) -> bool:
        return isinstance(value, str) and _cased(value, self.ignore_case).endswith(_cased(self.text, self.ignore_case))


@dataclass(frozen=True, slots=True)
class IgnoreCase:
    text: str

    def matches(self, value: object) -> bool:
        return isinstance(value, str) and value.lower() == self.text.lower()


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`*` stands for any characters. `parts` are the literals between the stars (at least one part)."""

    parts: tuple[str, ...]

    def matches(self, value: object) -> bool:
        return isinstance(value, str) and like(value, self.parts)


@dataclass(frozen=True, slots=True)
class Numeric:
    """A number between `low` and `high`; a bound that is None is open."""

    low: Number | None = None
    low_included: bool = False
    high: Number | None = None
    high_included: bool = False

    def matches(self, value: object) -> bool:
        if not is_number(value):
            return False
        if self.low is not None and not (value > self.low or (self.low_included and value == self.low)):  # type: ignore[operator]
            return False
        return self.high is None or value < self.high or (self.high_included and value == self.high)  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Cidr:
    network: ipaddress.IPv4Network | ipaddress.IPv6Network

    def matches(self, value: object) -> bool:
        if not isinstance(value, str):
            return False
        try:
            return ipaddress.ip_address(value) in self.network
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class AnythingBut:
    """Any value that none of `leaves` matches: null and other types too; a missing field does not match."""

    leaves: tuple[Leaf, ...]

    def matches(self, value: object) -> bool:
        return not any(leaf.matches(value) for leaf in self.leaves)


@dataclass(frozen=True, slots=True)
class Exists:
    """The field is there as a leaf (`present`), whatever its value, or is not."""

    present: bool

    def matches(self, value: object) -> bool:
        return self.present


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def same(ours: object, theirs: object) -> bool:
    """JSON equality: true is not 1, 300 is 300.0."""
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    return ours == theirs


def like(value: str, parts: tuple[str, ...]) -> bool:
    """Does `value` match the literals `parts` with anything between them? The leftmost fit is always good enough."""
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return value == first
    if len(value) < len(first) + len(last) or not value.startswith(first) or not value.endswith(last):
        return False
    position, end = len(first), len(value) - len(last)
    for part in parts[1:-1]:
        found = value.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return True


def wildcard_parts(text: str) -> tuple[str, ...]:
    """Split at each unescaped `*`; `\\*` and `\\\\` are literals. Raises ValueError with AWS's text."""
    parts: list[str] = []
    current, position = "", 0
    while position < len(text):
        char = text[position]
        if char == "\\":
            following = text[position + 1 : position + 2]
            if following not in ("*", "\\"):
                raise ValueError(f"Invalid escape character at pos {position}")
            current, position = current + following, position + 1
        elif char == "*":
            if position and not current and parts:
                raise ValueError(f"Consecutive wildcard characters at pos {position}")
            parts.append(current)
            current = ""
        else:
            current += char
        position += 1
    return (*parts, current)


def parse_cidr(text: str) -> Cidr:
    """`10.0.0.0/24` or its IPv6 kind; host bits may be set. Raises ValueError with AWS's text."""
    address, slash, bits = text.partition("/")
    if not slash or "/" in bits:
        raise ValueError("Malformed CIDR, one '/' required")
    if not (bits.isascii() and bits.isdigit()):
        raise ValueError("Malformed CIDR, mask bits must be an integer")
    try:
        return Cidr(ipaddress.ip_network(f"{address}/{int(bits)}", strict=False))
    except ValueError:
        raise ValueError(f"Nonstandard IP address: {address}") from None


def _cased(text: str, ignore_case: bool) -> str:
    return text.lower() if ignore_case else text
