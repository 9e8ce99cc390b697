"""What a template is made of besides references: text and directives; each node renders itself on a Run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from undercast.engines.vtl.expressions import Deferred, Expression, Reference
from undercast.engines.vtl.run import MAX_FOREACH, Break, Loop, Run, Stop
from undercast.engines.vtl.values import Entry, truth


class Node(Protocol):
    def render(self, run: Run) -> None: ...


@dataclass(frozen=True, slots=True)
class Block:
    nodes: Sequence[Node]

    def render(self, run: Run) -> None:
        for node in self.nodes:
            node.render(run)


@dataclass(frozen=True, slots=True)
class Text:
    content: str

    def render(self, run: Run) -> None:
        run.write(self.content)


@dataclass(frozen=True, slots=True)
class Set:
    """#set; a null on the right leaves the variable as it was, as Velocity 1.7 does."""

    target: Reference
    expression: Expression

    def render(self, run: Run) -> None:
        run.step()
        value = self.expression.value(run)
        if value is not None:
            self.target.assign(value, run)


@dataclass(frozen=True, slots=True)
class If:
    branches: Sequence[tuple[Expression, Block]]
    otherwise: Block | None

    def render(self, run: Run) -> None:
        run.step()
        for condition, block in self.branches:
            if truth(condition.value(run)):
                block.render(run)
                return
        if self.otherwise:
            self.otherwise.render(run)


@dataclass(frozen=True, slots=True)
class Foreach:
    """#foreach, over a list or a map's values, 1,000 times at most."""

    name: str
    items: Expression
    block: Block

    def render(self, run: Run) -> None:
        items = _items(self.items.value(run))[:MAX_FOREACH]
        names = (self.name, "foreach", "velocityCount", "velocityHasNext")
        before = {name: run.variables[name] for name in names if name in run.variables}
        loop = Loop(len(items), before.get("foreach"))
        try:
            for loop.index, item in enumerate(items):
                run.step()
                run.variables.update({self.name: item, "foreach": loop})
                run.variables.update({"velocityCount": loop.index + 1, "velocityHasNext": loop.index + 1 < len(items)})
                self.block.render(run)
        except Break:
            pass
        finally:
            for name in names:
                run.variables.pop(name, None)
            run.variables.update(before)


def _items(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list):
        return list(value)
    return [value.key, value.value] if isinstance(value, Entry) else []


@dataclass(frozen=True, slots=True)
class Leave:
    """#break (out of the loop) or #stop (out of the template)."""

    how: type[Break] | type[Stop]

    def render(self, run: Run) -> None:
        raise self.how


@dataclass(frozen=True, slots=True)
class Define:
    name: str
    block: Block

    def render(self, run: Run) -> None:
        run.variables[self.name] = Deferred(self.block)


@dataclass(frozen=True, slots=True)
class Evaluate:
    """#evaluate: the text is a template of its own, with the same variables."""

    expression: Expression
    compile: Callable[[str, dict[str, Macro]], Block]

    def render(self, run: Run) -> None:
        text = self.expression.value(run)
        if isinstance(text, str):
            run.step(1 + len(text) // 10)
            run.call(self.compile(text, run.macros), {})


@dataclass(frozen=True, slots=True)
class Macro:
    name: str
    parameters: Sequence[str]
    block: Block


@dataclass(frozen=True, slots=True)
class MacroCall:
    """`#name(1 $x)`, or `#@name(1)body#end`. `source` is how it is written: what a name that is no macro renders as."""

    name: str
    arguments: Sequence[Expression]
    body: Block | None
    source: str

    def render(self, run: Run) -> None:
        run.step()
        macro = run.macros.get(self.name)
        if macro is None:
            run.write(self.source)
            if self.body:
                self.body.render(run)
                run.write("#end")
            return
        values: list[object] = [argument.value(run) for argument in self.arguments]
        values += [None] * (len(macro.parameters) - len(values))
        local = dict(zip(macro.parameters, values, strict=False))
        if self.body:
            local["bodyContent"] = Deferred(self.body)
        run.call(macro.block, local)
