"""What a PartiQL statement is once it is parsed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

AttributeValue = dict[str, Any]  # {"S": "a"}, as boto3 has it
Path = tuple[str | int, ...]  # names and positions in lists; the first is an attribute's name


class PartiqlError(ValueError):
    """The statement cannot be run; the message is AWS's."""


class NotWellFormed(PartiqlError):
    """The statement cannot be read."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Statement wasn't well formed, can't be processed: {what}")


@dataclass(frozen=True)
class Value:
    """A literal or a parameter."""

    value: AttributeValue


@dataclass(frozen=True)
class Attribute:
    """What a path leads to."""

    path: Path


@dataclass(frozen=True)
class Function:
    """`size(path)`, `begins_with(path, value)`, `list_append(a, b)`, …"""

    name: str
    arguments: tuple[Operand, ...]


@dataclass(frozen=True)
class Sum:
    """`left + right` or `left - right`."""

    sign: str
    left: Operand
    right: Operand


Operand = Value | Attribute | Function | Sum


@dataclass(frozen=True)
class Comparison:
    """`left = right`; the operator is one of =, <>, <, <=, >, >=."""

    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True)
class Between:
    """`operand BETWEEN low AND high`."""

    operand: Operand
    low: Operand
    high: Operand


@dataclass(frozen=True)
class In:
    """`operand IN [a, b]`."""

    operand: Operand
    options: tuple[Operand, ...]


@dataclass(frozen=True)
class Missing:
    """`path IS MISSING`."""

    path: Path


@dataclass(frozen=True)
class Null:
    """`path IS NULL`."""

    path: Path


@dataclass(frozen=True)
class Holds:
    """A function that is true or false: begins_with, contains, attribute_type."""

    call: Function


@dataclass(frozen=True)
class And:
    """All of them."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Or:
    """At least one of them."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Not:
    """The contrary."""

    part: Condition


Condition = Comparison | Between | In | Missing | Null | Holds | And | Or | Not


@dataclass(frozen=True)
class Column:
    """One path of a projection. The answer names it by its last name, with the positions that follow: `a.b[0]` is
    `b[0]`."""

    path: Path

    @property
    def name(self) -> str:
        last = max(index for index, step in enumerate(self.path) if isinstance(step, str))
        return str(self.path[last]) + "".join(f"[{step}]" for step in self.path[last + 1 :])


@dataclass(frozen=True)
class Select:
    """`columns` is empty for `*`; `order` holds key names and whether they descend."""

    table: str
    index: str
    columns: tuple[Column, ...]
    where: Condition | None
    order: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Insert:
    """`INSERT INTO table VALUE item`."""

    table: str
    item: dict[str, AttributeValue]


@dataclass(frozen=True)
class Action:
    """`SET path = operand`, or `REMOVE path` when there is no operand."""

    path: Path
    operand: Operand | None


@dataclass(frozen=True)
class Update:
    """`returning` is a value of UpdateItem's ReturnValues."""

    table: str
    actions: tuple[Action, ...]
    where: Condition | None
    returning: str


@dataclass(frozen=True)
class Delete:
    """`returning` is a value of DeleteItem's ReturnValues."""

    table: str
    where: Condition | None
    returning: str


@dataclass(frozen=True)
class Exists:
    """`EXISTS(SELECT …)`, in a transaction."""

    select: Select


Statement = Select | Insert | Update | Delete | Exists


@dataclass(frozen=True)
class Keys:
    """The key attributes of a table or an index; `sort` is empty where there is none."""

    partition: str
    sort: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.partition, self.sort) if self.sort else (self.partition,)
