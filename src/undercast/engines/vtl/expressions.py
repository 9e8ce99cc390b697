"""The expressions of VTL as a tree; each node gives its value for a Run."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from undercast.engines.vtl import methods
from undercast.engines.vtl.run import Run
from undercast.engines.vtl.values import MAX_ITEMS, Exposed, VtlError, checked, equal, is_number, to_text, truth

if TYPE_CHECKING:  # directives are made of expressions
    from undercast.engines.vtl.directives import Block


class Expression(Protocol):
    def value(self, run: Run) -> object: ...


@dataclass(frozen=True, slots=True)
class Literal:
    content: object

    def value(self, run: Run) -> object:
        return self.content


@dataclass(frozen=True, slots=True)
class Interpolated:
    """A double-quoted string with references or directives in it."""

    block: Block

    def value(self, run: Run) -> object:
        run.step()
        return run.charge(run.capture(self.block))


@dataclass(frozen=True, slots=True)
class ListLiteral:
    items: Sequence[Expression]

    def value(self, run: Run) -> object:
        run.step()
        return [item.value(run) for item in self.items]


@dataclass(frozen=True, slots=True)
class MapLiteral:
    items: Sequence[tuple[Expression, Expression]]

    def value(self, run: Run) -> object:
        run.step()
        return {methods.key_of(key.value(run)): item.value(run) for key, item in self.items}


@dataclass(frozen=True, slots=True)
class Range:
    """`[1..5]`, both ends included, up or down."""

    first: Expression
    last: Expression

    def value(self, run: Run) -> object:
        first, last = self.first.value(run), self.last.value(run)
        if not isinstance(first, int) or not isinstance(last, int):
            return None
        if abs(last - first) >= MAX_ITEMS:
            raise VtlError("a range is too large")
        run.step(1 + abs(last - first) // 100)
        return list(range(first, last + 1) if first <= last else range(first, last - 1, -1))


@dataclass(frozen=True, slots=True)
class Not:
    operand: Expression

    def value(self, run: Run) -> object:
        return not truth(self.operand.value(run))


@dataclass(frozen=True, slots=True)
class Negative:
    operand: Expression

    def value(self, run: Run) -> object:
        number: Any = self.operand.value(run)
        return -number if is_number(number) else None


@dataclass(frozen=True, slots=True)
class Logic:
    """`&&` and `||`; the right side is evaluated only when it decides."""

    stop_on: bool
    left: Expression
    right: Expression

    def value(self, run: Run) -> object:
        run.step()
        left = truth(self.left.value(run))
        return left if left is self.stop_on else truth(self.right.value(run))


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Expression
    right: Expression

    def value(self, run: Run) -> object:
        run.step()
        return run.charge(checked(_OPERATIONS[self.operator](self.left.value(run), self.right.value(run))))


def _add(left: Any, right: Any) -> object:
    if isinstance(left, str) or isinstance(right, str):
        return to_text(left) + to_text(right)
    return left + right if is_number(left) and is_number(right) else None


def _arithmetic(compute: Callable[[Any, Any], object]) -> Callable[[Any, Any], object]:
    """Null when a side is no number, or for a division by zero: Velocity logs that and goes on."""

    def operation(left: Any, right: Any) -> object:
        if not is_number(left) or not is_number(right):
            return None
        try:
            return compute(left, right)
        except (ZeroDivisionError, OverflowError):
            return None

    return operation


def _divide(left: Any, right: Any) -> object:
    if isinstance(left, int) and isinstance(right, int):
        return abs(left) // abs(right) * (1 if (left < 0) is (right < 0) else -1)  # Java rounds towards zero
    return left / right


def _modulo(left: Any, right: Any) -> object:
    if isinstance(left, int) and isinstance(right, int):
        return abs(left) % abs(right) * (-1 if left < 0 else 1)
    return math.fmod(left, right) if math.isfinite(left) and right else None


def _comparison(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], object]:
    """Only numbers have an order; anything else compares as false."""
    return lambda left, right: is_number(left) and is_number(right) and compare(left, right)


_OPERATIONS: dict[str, Callable[[Any, Any], object]] = {
    "+": _add,
    "-": _arithmetic(lambda left, right: left - right),
    "*": _arithmetic(lambda left, right: left * right),
    "/": _arithmetic(_divide),
    "%": _arithmetic(_modulo),
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": _comparison(lambda left, right: left < right),
    "<=": _comparison(lambda left, right: left <= right),
    ">": _comparison(lambda left, right: left > right),
    ">=": _comparison(lambda left, right: left >= right),
}


@dataclass(frozen=True, slots=True)
class Property:
    name: str

    def of(self, value: object, run: Run) -> object:
        return methods.get_property(value, self.name)


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: Sequence[Expression]

    def of(self, value: object, run: Run) -> object:
        return run.charge(methods.call(value, self.name, [argument.value(run) for argument in self.arguments]))


@dataclass(frozen=True, slots=True)
class Index:
    expression: Expression

    def of(self, value: object, run: Run) -> object:
        index = self.expression.value(run)
        if isinstance(value, dict):
            return value.get(methods.key_of(index))
        if isinstance(value, list) and isinstance(index, int):
            if not -len(value) <= index < len(value):
                raise VtlError(f"Index: {index}, Size: {len(value)}")
            return value[index]
        return methods.call(value, "get", [index]) if isinstance(value, Exposed) else None


@dataclass(frozen=True, slots=True)
class Reference:
    """`$x`, `$!x`, `${x.y}`, `$x.method(1)[0]`. `source` is how it is written, for when it leads to nothing."""

    name: str
    steps: Sequence[Property | Call | Index]
    silent: bool
    source: str
    backslashes: int = 0

    def value(self, run: Run) -> object:
        run.step()
        value = run.variables.get(self.name)
        if isinstance(value, Deferred):
            value = run.capture(value.block)
        for step in self.steps:
            if value is None:
                return None
            value = step.of(value, run)
        return value

    def render(self, run: Run) -> None:
        """An odd number of backslashes before a reference that has a value escapes it; two of them make one."""
        value = self.value(run)
        if value is None:
            quiet = self.silent or (run.quiet and not self.backslashes)
            run.write("\\" * self.backslashes + ("" if quiet else self.source))
        else:
            run.write("\\" * (self.backslashes // 2) + (self.source if self.backslashes % 2 else to_text(value)))

    def assign(self, value: object, run: Run) -> None:
        if not self.steps:
            run.variables[self.name] = value
            return
        holder = Reference(self.name, self.steps[:-1], True, "").value(run)
        step = self.steps[-1]
        if isinstance(step, Call) or holder is None:
            return
        key = step.name if isinstance(step, Property) else step.expression.value(run)
        _set(holder, key, value)


@dataclass(frozen=True, slots=True)
class Deferred(Exposed):
    """The block of a #define: rendered each time that it is referred to."""

    block: Block


def _set(holder: object, key: object, value: object) -> None:
    if isinstance(holder, dict):
        checked(holder)
        holder[methods.key_of(key)] = value
    elif isinstance(holder, list):
        if not isinstance(key, int) or not -len(holder) <= key < len(holder):
            raise VtlError(f"Index: {to_text(key)}, Size: {len(holder)}")
        holder[key] = value
    elif isinstance(holder, Exposed):
        name = to_text(key)
        methods.call(holder, "set" + name[:1].upper() + name[1:], [value])
