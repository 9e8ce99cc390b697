"""What an expression is made of. The legacy parameters build the same nodes; PartiQL is written out as expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Path:
    """A document path: names of attributes and map members, positions in lists."""

    parts: tuple[str | int, ...]

    def __str__(self) -> str:
        """As AWS prints it: [a, b, [1]]."""
        return f"[{', '.join(part if isinstance(part, str) else f'[{part}]' for part in self.parts)}]"


@dataclass(frozen=True, slots=True)
class Substitute:
    """A value that the request gives: `:name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the expression itself."""

    value: Any  # an attribute value: {"N": "1"}


@dataclass(frozen=True, slots=True)
class Call:
    """A function: size, contains, if_not_exists, …"""

    name: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """An addition or subtraction of an update: sign is + or -."""

    sign: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Compare:
    """sign is one of = <> < <= > >=."""

    sign: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Between:
    value: Operand
    low: Operand
    high: Operand


@dataclass(frozen=True, slots=True)
class In:
    value: Operand
    choices: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class And:
    """AND."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """OR."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


Operand = Path | Substitute | Literal | Call | Sum
Condition = Call | Compare | Between | In | And | Or | Not


@dataclass(frozen=True, slots=True)
class Action:
    """One change of an update: `kind` is SET, REMOVE, ADD or DELETE; REMOVE has no value."""

    kind: str
    path: Path
    value: Operand | None = None
