"""AWS::LanguageExtensions: loops, and functions that are worked out before the template is used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from undercast.engines.templates.conditions import Conditions
from undercast.engines.templates.errors import TemplateError
from undercast.engines.templates.evaluation import Context, Evaluator, Known
from undercast.engines.templates.pseudo import Pseudo
from undercast.engines.templates.shapes import function_of
from undercast.engines.templates.text import as_text

_LOOP = "Fn::ForEach::"
_RESOLVED = frozenset({"Fn::FindInMap", "Fn::Length", "Fn::ToJsonString"})
_BUDGET = 300_000  # nodes made by loops; ours: loops in loops could otherwise fill the memory


def expand(document: Mapping[str, Any], parameters: Mapping[str, str | list[str]], pseudo: Pseudo) -> dict[str, Any]:
    """The document with its loops unrolled, and Fn::Length, Fn::ToJsonString, Fn::FindInMap and names given by
    functions replaced where only parameters, mappings and pseudo parameters decide them. Raises TemplateError."""
    try:
        unrolled = _Loops(document, parameters, pseudo).unroll(document, {})
        result: dict[str, Any] = _Constants(unrolled, parameters, pseudo).fold(unrolled)
    except TemplateError as error:
        raise TemplateError(f"Transform AWS::LanguageExtensions failed with: {error.message}") from None
    return result


def constants(node: Any, parameters: Mapping[str, str | list[str]], pseudo: Pseudo) -> Any:
    """The value of an expression over parameters alone; itself if it needs more."""
    return _Constants({}, parameters, pseudo).literal(node)


class _Loops:
    """Unrolls Fn::ForEach::Name: [Identifier, [items], {"Key${Identifier}": value}]."""

    def __init__(self, document: Mapping[str, Any], parameters: Mapping[str, str | list[str]], pseudo: Pseudo) -> None:
        self._mappings = {
            name: rows for name, rows in document.get("Mappings", {}).items() if not name.startswith(_LOOP)
        }
        self._parameters = parameters
        self._pseudo = pseudo
        self._budget = _BUDGET

    def unroll(self, node: Any, names: Mapping[str, str]) -> Any:
        """A copy of `node` in which the loop variables `names` have their values: in Ref and in the text of Fn::Sub."""
        self._budget -= 1
        if self._budget < 0:
            raise TemplateError("Fn::ForEach makes a template that is too large")
        if isinstance(node, list):
            return [self.unroll(item, names) for item in node]
        if not isinstance(node, dict):
            return node
        called = function_of(node)
        if called and not called[0].startswith(_LOOP):
            name, argument = called
            if name == "Ref" and isinstance(argument, str) and argument in names:
                return names[argument]
            if name == "Fn::Sub":
                return {name: self._sub(argument, names)}
        result: dict[str, Any] = {}
        for key, value in node.items():
            result.update(self._loop(value, names) if key.startswith(_LOOP) else {key: self.unroll(value, names)})
        return result

    def _loop(self, loop: Any, names: Mapping[str, str]) -> dict[str, Any]:
        if (
            not isinstance(loop, list)
            or len(loop) != 3
            or not isinstance(loop[0], str)
            or not isinstance(loop[2], dict)
        ):
            raise TemplateError("Fn::ForEach layout is incorrect")
        identifier, collection, fragment = loop
        if identifier in self._parameters or identifier in names:
            raise TemplateError(f"Fn::ForEach identifier {identifier} is already in use")
        made: dict[str, Any] = {}
        for item in self._items(self.unroll(collection, names)):
            inner = {**names, identifier: item}
            for key, value in fragment.items():
                if key.startswith(_LOOP):
                    made.update(self._loop(value, inner))
                else:
                    made[_named(key, inner)] = self.unroll(value, inner)
        return made

    def _items(self, collection: Any) -> list[str]:
        evaluator = _evaluator(self._parameters, self._pseudo, self._mappings, {})
        values = evaluator.value(collection)
        if isinstance(collection, list):  # an item may itself be a list: a Ref to a list parameter
            values = [item for value in values for item in (value if isinstance(value, list) else [value])]
        texts = [as_text(value) for value in values] if isinstance(values, list) else [None]
        if None in texts or evaluator.missing:
            raise TemplateError("Fn::ForEach layout is incorrect")
        return [text for text in dict.fromkeys(texts) if text is not None]

    def _sub(self, argument: Any, names: Mapping[str, str]) -> Any:
        if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[0], str):
            return [_filled(argument[0], names), self.unroll(argument[1], names)]
        return _filled(argument, names) if isinstance(argument, str) else argument


class _Constants:
    """Works out what is already decided."""

    def __init__(self, document: Mapping[str, Any], parameters: Mapping[str, str | list[str]], pseudo: Pseudo) -> None:
        self._scope = parameters, pseudo, document.get("Mappings", {}), document.get("Conditions", {})

    def fold(self, node: Any) -> Any:
        """`node` with what is decided replaced."""
        if isinstance(node, list):
            return [self.fold(item) for item in node]
        if not isinstance(node, dict):
            return node
        node = {key: self.fold(value) for key, value in node.items()}
        called = function_of(node)
        if called is None:
            depends = node.get("DependsOn")
            return {**node, "DependsOn": self.literal(depends)} if isinstance(depends, dict | list) else node
        name, argument = called
        if name in _RESOLVED:
            return self.literal(node)
        if name == "Ref" and isinstance(argument, dict):
            return {name: self.literal(argument)}
        if name == "Fn::GetAtt" and isinstance(argument, list):
            return {name: [self.literal(part) for part in argument]}
        return node

    def literal(self, node: Any) -> Any:
        """The value of `node`, if it is decided; `node` if not."""
        evaluator = _evaluator(*self._scope)
        try:
            value = evaluator.value(node)
        except _NotYet:
            return node
        return node if evaluator.missing else value


class _NotYet(TemplateError):
    """A name that is no parameter: a resource, which only the finished stack knows."""


class _Static(Evaluator):
    """An evaluator for which every unknown name is a resource."""

    def raw(self, node: Any) -> Any:
        """The value, or _NotYet."""
        called = function_of(node)
        if called and called[0] == "Fn::GetAtt":
            raise _NotYet("")
        if called and called[0] == "Ref" and isinstance(called[1], str) and called[1] not in self.context.parameters:
            try:
                return self.context.pseudo.value(called[1])
            except KeyError:
                raise _NotYet("") from None
        if called and called[0] == "Fn::Sub":
            try:
                return super().raw(node)
            except TemplateError:  # a variable that is a resource
                raise _NotYet("") from None
        return super().raw(node)


def _evaluator(
    parameters: Mapping[str, str | list[str]],
    pseudo: Pseudo,
    mappings: Mapping[str, Any],
    conditions: Mapping[str, Any],
) -> Evaluator:
    decided = Conditions(conditions, mappings, parameters, pseudo)
    return _Static(Context(pseudo, parameters, mappings, decided.value), Known())


def _named(key: str, names: Mapping[str, str]) -> str:
    """A key with ${Name} replaced, and &{Name} replaced by the item's letters and digits."""
    for name, item in names.items():
        key = key.replace(f"${{{name}}}", item).replace(f"&{{{name}}}", re.sub(r"[^A-Za-z0-9]", "", item))
    return key


def _filled(text: str, names: Mapping[str, str]) -> str:
    for name, item in names.items():
        text = text.replace(f"${{{name}}}", item)
    return text
