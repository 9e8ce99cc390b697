"""Reads VTL text into nodes. As in Velocity 1.7 a directive takes the rest of its line when that is blank."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NoReturn

from undercast.engines.vtl.directives import (
    Block,
    Define,
    Evaluate,
    Foreach,
    If,
    Leave,
    Macro,
    MacroCall,
    Node,
    Set,
    Text,
)
from undercast.engines.vtl.expressions import Call, Expression, Index, Interpolated, Literal, Property, Reference
from undercast.engines.vtl.operators import Operators
from undercast.engines.vtl.run import Break, Stop
from undercast.engines.vtl.values import VtlError

MAX_TEMPLATE_CHARS = 300 * 1024  # API Gateway's quota for a mapping template
_MAX_DEPTH = 60

_PLAIN = re.compile(r"[^\\$#]+")
_BACKSLASHES = re.compile(r"\\+(?=[$#])")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_REFERENCE = re.compile(r"\$(!?)(\{?)(?=[A-Za-z_])")
_DIRECTIVE = re.compile(r"#(?:\{(@?[A-Za-z_][A-Za-z0-9_]*)\}|(@?[A-Za-z_][A-Za-z0-9_]*))")
_BLANK_REST = re.compile(r"[ \t]*(?:\r\n|\n|\r)")
_BLANKS_BEFORE = re.compile(r"[ \t]+\Z")
_OPEN = re.compile(r"\s*\(\s*")
_PARAMETER = re.compile(r"\s*,?\s*\$([A-Za-z_][A-Za-z0-9_-]*)")
_INDEX = re.compile(r"\s*[-0-9$\"']")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)?")
_IN = re.compile(r"in\b")
_ENDS = ("end", "else", "elseif")


class Parser(Operators):
    """A recursive descent over `text`. `macros` collects the macros that it defines."""

    def __init__(self, text: str, macros: dict[str, Macro], depth: int = 0) -> None:
        if len(text) > MAX_TEMPLATE_CHARS:
            raise VtlError("the template is too large")
        super().__init__(text)
        self._macros = macros
        self._depth = depth
        self._out: list[Node] = []

    def template(self) -> Block:
        block, end = self._block(())
        if end:
            self.fail(f"#{end} without a directive that it ends")
        return block

    def fail(self, reason: str) -> NoReturn:
        line = self.text.count("\n", 0, self.at) + 1
        column = self.at - (self.text.rfind("\n", 0, self.at) + 1) + 1
        raise VtlError(f"{reason} at line {line}, column {column}")

    def enter(self) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self.fail("nested too deep")

    def leave(self) -> None:
        self._depth -= 1

    def _block(self, ends: Sequence[str]) -> tuple[Block, str]:
        """The nodes up to one of `ends` (or the end of the text), and which it was; that is taken too."""
        self.enter()
        outer, self._out = self._out, []
        end = ""
        while self.at < len(self.text):
            end = self._node(ends)
            if end:
                break
        else:
            if ends:
                self.fail("#end is missing")
        block, self._out = Block(tuple(self._out)), outer
        self.leave()
        return block, end

    def _node(self, ends: Sequence[str]) -> str:
        """Read one node into `_out`; returns the name of the block's end when that is what comes next."""
        if plain := _PLAIN.match(self.text, self.at):
            self._literal(plain.end())
            return ""
        if slashes := _BACKSLASHES.match(self.text, self.at):
            self._escaped(len(slashes.group()))
            return ""
        char = self.text[self.at]
        if char == "$" and (reference := self.reference()):
            self._out.append(reference)
            return ""
        if char == "#":
            return self._hash(ends)
        self._literal(self.at + 1)
        return ""

    def _literal(self, end: int) -> None:
        self._out.append(Text(self.text[self.at : end]))
        self.at = end

    def _escaped(self, slashes: int) -> None:
        start, self.at = self.at, self.at + slashes
        if self.text[self.at] == "$":
            reference = self.reference(slashes)
            self._out.append(reference or Text("\\" * slashes))
        elif directive := _DIRECTIVE.match(self.text, self.at):
            self._out.append(Text("\\" * (slashes // 2)))
            if slashes % 2:
                self._literal(directive.end())
        else:
            self._out.append(Text(self.text[start : self.at]))
            if self.text[self.at] == "#" and self.text[self.at + 1 : self.at + 2] in ("#", "*"):
                self._literal(self.at + 2)  # an escaped comment is none

    def reference(self, backslashes: int = 0) -> Reference | None:
        """The reference at `$`, or None when the text there is not one."""
        start = self.at
        opening = _REFERENCE.match(self.text, start)
        if not opening:
            return None
        self.at = opening.end()
        name = self._name()
        steps: list[Property | Call | Index] = []
        while (step := self._step()) is not None:
            steps.append(step)
        if opening.group(2):
            if self.text[self.at : self.at + 1] != "}":
                self.at = start
                return None
            self.at += 1
        source = self.text[start : self.at]
        return Reference(name, tuple(steps), bool(opening.group(1)), source, backslashes)

    def _step(self) -> Property | Call | Index | None:
        char = self.text[self.at : self.at + 1]
        if char == "[":
            return self._index()
        if char != "." or not _NAME.match(self.text, self.at + 1):
            return None
        self.at += 1
        name = self._name()
        if self.text[self.at : self.at + 1] != "(":
            return Property(name)
        self.at += 1
        return Call(name, tuple(self.expressions(")")))

    def _index(self) -> Index | None:
        """`[0]` behind a reference; brackets with anything else in them are text."""
        start, self.at = self.at, self.at + 1
        if not _INDEX.match(self.text, self.at):
            self.at = start
            return None
        expression = self.expression()
        self.space()
        if self.text[self.at : self.at + 1] != "]":
            self.fail("] is missing")
        self.at += 1
        return Index(expression)

    def _name(self) -> str:
        found = _NAME.match(self.text, self.at)
        assert found is not None  # every caller has seen that a name follows
        self.at = found.end()
        return found.group()

    def string(self, content: str) -> Expression:
        """A double-quoted string: a template when it has anything to render."""
        if "$" not in content and "#" not in content:
            return Literal(content)
        self.enter()
        inner = Parser(content, self._macros, self._depth)
        block = inner.template()
        self.leave()
        return Interpolated(block)

    def _hash(self, ends: Sequence[str]) -> str:
        text, at = self.text, self.at
        if text.startswith("##", at):
            found = _LINE.match(text, at)
            self.at = found.end() if found else len(text)
        elif text.startswith("#*", at):
            end = text.find("*#", at + 2)
            self.at = len(text) if end < 0 else end + 2
        elif text.startswith("#[[", at) and (end := text.find("]]#", at)) >= 0:
            self._out.append(Text(text[at + 3 : end]))
            self.at = end + 3
        elif directive := _DIRECTIVE.match(text, at):
            return self._directive(directive.group(1) or directive.group(2), directive.end(), ends)
        else:
            self._literal(at + 1)
        return ""

    def _directive(self, name: str, end: int, ends: Sequence[str]) -> str:
        if name in _ENDS:
            if name not in ends:
                self.fail(f"#{name} without a directive that it belongs to")
            self.at = end
            if name == "end":
                self._blank_rest()
            return name
        start = self.at
        read = {
            "set": self._set,
            "if": self._if,
            "foreach": self._foreach,
            "macro": self._macro,
            "define": self._define,
            "evaluate": self._evaluate,
        }.get(name)
        if read:
            opening = _OPEN.match(self.text, end)
            if not opening:
                self.fail(f"#{name} wants (")
            self.at = opening.end()
            read()
        elif name in ("break", "stop"):
            self.at = end
            self._out.append(Leave(Break if name == "break" else Stop))
        elif name in ("parse", "include"):
            self.fail(f"#{name} is not available")
        else:
            self._call(name, start, end)
        return ""

    def _close(self) -> None:
        self.space()
        if self.text[self.at : self.at + 1] != ")":
            self.fail(") is missing")
        self.at += 1
        self._blank_rest()

    def _blank_rest(self) -> None:
        if rest := _BLANK_REST.match(self.text, self.at):
            self.at = rest.end()

    def _target(self) -> Reference:
        reference = self.reference() if self.text[self.at : self.at + 1] == "$" else None
        if reference is None:
            self.fail("a reference is missing")
        return reference

    def _set(self) -> None:
        target = self._target()
        self.space()
        if self.text[self.at : self.at + 1] != "=":
            self.fail("= is missing")
        self.at += 1
        expression = self.expression()
        self._close()
        if self._out and isinstance(before := self._out[-1], Text):
            self._out[-1] = Text(_BLANKS_BEFORE.sub("", before.content))
        self._out.append(Set(target, expression))

    def _if(self) -> None:
        branches: list[tuple[Expression, Block]] = []
        end = "elseif"
        while end == "elseif":
            condition = self.expression()
            self._close()
            block, end = self._block(_ENDS)
            branches.append((condition, block))
            if end == "elseif":
                opening = _OPEN.match(self.text, self.at)
                if not opening:
                    self.fail("#elseif wants (")
                self.at = opening.end()
        otherwise = self._block(("end",))[0] if end == "else" else None
        self._out.append(If(tuple(branches), otherwise))

    def _foreach(self) -> None:
        target = self._target()
        self.space()
        if not _IN.match(self.text, self.at):
            self.fail("in is missing")
        self.at += 2
        items = self.expression()
        self._close()
        self._out.append(Foreach(target.name, items, self._block(("end",))[0]))

    def _define(self) -> None:
        target = self._target()
        self._close()
        self._out.append(Define(target.name, self._block(("end",))[0]))

    def _evaluate(self) -> None:
        expression = self.expression()
        self._close()
        depth = self._depth
        self._out.append(Evaluate(expression, lambda text, macros: Parser(text, macros, depth).template()))

    def _macro(self) -> None:
        name = _NAME.match(self.text, self.at)
        if not name:
            self.fail("the macro's name is missing")
        self.at = name.end()
        parameters: list[str] = []
        while parameter := _PARAMETER.match(self.text, self.at):
            parameters.append(parameter.group(1))
            self.at = parameter.end()
        self._close()
        self._macros[name.group()] = Macro(name.group(), tuple(parameters), self._block(("end",))[0])

    def _call(self, name: str, start: int, end: int) -> None:
        """A macro's call, if parentheses follow; else the text is no directive."""
        self.at = end
        if self.text[end : end + 1] != "(":
            self.at = start
            self._literal(end)
            return
        self.at = end + 1
        try:
            arguments = tuple(self.expressions(")", commas=False))
        except VtlError:
            if name in self._macros:
                raise
            self.at = start  # such as a colour or a remark: `#note(see above)`
            self._literal(end)
            return
        source = self.text[start : self.at]
        body = self._block(("end",))[0] if name.startswith("@") else None
        self._out.append(MacroCall(name.lstrip("@"), arguments, body, source))
