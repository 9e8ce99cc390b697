"""One rendering of a template: its variables, its output and what it may still spend."""

from __future__ import annotations

import time
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING

from undercast.engines.vtl.values import MAX_CHARS, Exposed, VtlError

if TYPE_CHECKING:  # the nodes render themselves on a Run
    from undercast.engines.vtl.directives import Block, Macro

MAX_STEPS = 200_000
_MAX_TIME_S = 3.0  # a last resort, for steps that are each within their limits but slow
MAX_FOREACH = 1000  # "Maximum number of iterations in a #foreach loop": API Gateway's quota
_MAX_DEPTH = 40


class Break(Exception):
    """#break."""


class Stop(Exception):
    """#stop."""


class Run:
    def __init__(self, variables: Mapping[str, object], macros: dict[str, Macro], *, quiet: bool) -> None:
        self.variables: MutableMapping[str, object] = dict(variables)
        self.macros = macros
        self.quiet = quiet
        self._out: list[str] = []
        self._chars = 0
        self._steps = 0
        self._depth = 0
        self._deadline = time.monotonic() + _MAX_TIME_S

    @property
    def output(self) -> str:
        return "".join(self._out)

    def write(self, text: str) -> None:
        self._chars += len(text)
        if self._chars > MAX_CHARS:
            raise VtlError("the output is too large")
        self._out.append(text)

    def step(self, cost: int = 1) -> None:
        self._steps += cost
        if self._steps > MAX_STEPS or time.monotonic() > self._deadline:
            raise VtlError("the template takes too many steps")

    def charge(self, made: object) -> object:
        """Large values cost steps as well, so that many of them do not fill the memory. Returns `made`."""
        if isinstance(made, str):
            self.step(len(made) // 1000)
        elif isinstance(made, list | dict):
            self.step(len(made) // 100)
        return made

    def capture(self, block: Block) -> str:
        """What `block` writes, as a string instead."""
        before, self._out = self._out, []
        self._enter()
        try:
            block.render(self)
            return self.output
        finally:
            self._out = before
            self._depth -= 1

    def call(self, block: Block, local: Mapping[str, object]) -> None:
        """Render a macro's body with its parameters in place of variables of the same names."""
        before = {name: self.variables.get(name, _UNSET) for name in local}
        self.variables.update(local)
        self._enter()
        try:
            block.render(self)
        finally:
            self._depth -= 1
            self.restore(before)

    def restore(self, before: Mapping[str, object]) -> None:
        for name, value in before.items():
            if value is _UNSET:
                self.variables.pop(name, None)
            else:
                self.variables[name] = value

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise VtlError("macros or blocks call one another too deep")


_UNSET = object()


class Loop(Exposed):
    """$foreach: index, count, hasNext, first, last, parent."""

    def __init__(self, size: int, parent: object) -> None:
        self.index = 0
        self.velocity_methods = {
            ("getIndex", 0): lambda: self.index,
            ("getCount", 0): lambda: self.index + 1,
            ("getHasNext", 0): lambda: self.index + 1 < size,
            ("hasNext", 0): lambda: self.index + 1 < size,
            ("isFirst", 0): lambda: self.index == 0,
            ("isLast", 0): lambda: self.index + 1 == size,
            ("getParent", 0): lambda: parent,
            ("getTopmost", 0): lambda: (
                parent.velocity_methods[("getTopmost", 0)]() if isinstance(parent, Loop) else self
            ),
            ("stop", 0): _stop,
        }


def _stop() -> object:
    raise Break
