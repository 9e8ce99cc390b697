"""A policy as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Who a statement is about, by type: {"AWS": ("*",), "Service": ("lambda.amazonaws.com",)}.
Principals = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of a Condition block, such as ForAnyValue:StringLikeIfExists on aws:TagKeys."""

    operator: str  # as AWS names it, without quantifier and IfExists: "StringLike"
    key: str
    values: tuple[str, ...]
    quantifier: str = ""  # "", "ForAllValues" or "ForAnyValue"
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. Of each pair (`actions`, `not_actions` ...) at most one is not None."""

    allows: bool
    sid: str = ""
    actions: tuple[str, ...] | None = None
    not_actions: tuple[str, ...] | None = None
    resources: tuple[str, ...] | None = None
    not_resources: tuple[str, ...] | None = None
    principals: Principals | None = None
    not_principals: Principals | None = None
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    statements: tuple[Statement, ...]
    version: str = "2008-10-17"
    id: str = ""

    @property
    def has_variables(self) -> bool:
        """`${aws:username}` is a variable only since 2012-10-17; before, it is text."""
        return self.version == "2012-10-17"
