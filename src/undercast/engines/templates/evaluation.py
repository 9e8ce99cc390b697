"""Evaluates expressions: every intrinsic function, over the values that are known so far."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from undercast.engines.templates.errors import TemplateError, function_error
from undercast.engines.templates.pseudo import NO_VALUE, Pseudo
from undercast.engines.templates.references import DynamicReference, replace_dynamic
from undercast.engines.templates.shapes import attribute_of, check_shape, function_of, refuse_import, substitute
from undercast.engines.templates.text import UNKNOWN, as_json, as_text, bounded


class Need(NamedTuple):
    """A value that was asked for and not known. `kind` is "Ref" (of the resource `name`), "GetAtt" (`name` is
    "Resource.Attribute"), "Export", "Dynamic" (the text of a dynamic reference) or "Rule" (of a rule's function)."""

    kind: str
    name: str


@dataclass
class Known:
    """What the caller knows; add to it as resources complete.

    `refs`: resource id -> what Ref gives; `attributes`: resource id -> {attribute: value} ("A.B" or nested), with its
    properties where AWS allows GetAtt of them; `exports`: export name -> value; `dynamic`: text of a dynamic reference
    -> value; `rules`: e.g. "Fn::RefAll AWS::EC2::VPC::Id" -> list of values.
    """

    refs: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    exports: Mapping[str, str] = field(default_factory=dict)
    dynamic: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """What an expression may name besides resources. `condition` gives a condition's value by its name."""

    pseudo: Pseudo
    parameters: Mapping[str, str | list[str]]
    mappings: Mapping[str, Any]
    condition: Callable[[str], bool]
    resources: frozenset[str] = frozenset()


class Evaluator:
    """Evaluates expressions in one context. What was missing is in `missing`; its place holds UNKNOWN."""

    def __init__(self, context: Context, known: Known) -> None:
        self.context = context
        self.known = known
        self.missing: set[Need] = set()

    def value(self, node: Any) -> Any:
        """The value of an expression, with dynamic references replaced where they are known."""
        value = self.raw(node)
        return self._with_dynamic(None if value is NO_VALUE else value)

    def raw(self, node: Any) -> Any:
        """The value of an expression; NO_VALUE if it has none."""
        if isinstance(node, list):
            return [value for item in node if (value := self.raw(item)) is not NO_VALUE]
        called = function_of(node)
        if called is None:
            if not isinstance(node, dict):
                return node
            return {name: value for name, item in node.items() if (value := self.raw(item)) is not NO_VALUE}
        name, argument = called
        check_shape(name, argument)
        if name in _LAZY:
            return _LAZY[name](self, argument)
        argument = self.raw(argument)
        if argument == UNKNOWN or _has_unknown(name, argument):
            return UNKNOWN
        check_shape(name, argument)
        if name not in _EAGER:  # Fn::Transform is gone by now; what is left of it is a mistake in the template
            raise function_error(f"{name} is not supported here")
        return _EAGER[name](self, argument)

    def lack(self, kind: str, name: str) -> str:
        """Note that a value is missing."""
        self.missing.add(Need(kind, name))
        return UNKNOWN

    def _with_dynamic(self, value: Any) -> Any:
        if isinstance(value, str):
            return replace_dynamic(value, self._dynamic) if "{{resolve:" in value else value
        if isinstance(value, list):
            return [self._with_dynamic(item) for item in value]
        if isinstance(value, dict):
            return {name: self._with_dynamic(item) for name, item in value.items()}
        return value

    def _dynamic(self, reference: DynamicReference) -> str:
        if reference.text in self.known.dynamic:
            return self.known.dynamic[reference.text]
        self.lack("Dynamic", reference.text)
        return reference.text


def _has_unknown(name: str, argument: Any) -> bool:
    """Whether what a function works on has a part that is not known yet; Select may still not need that part."""
    if name == "Fn::Select" and isinstance(argument, list) and len(argument) == 2:
        return UNKNOWN in (argument[0], argument[1])
    return _contains_unknown(argument)


def _contains_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_contains_unknown(item) for item in value.values())
    return any(_contains_unknown(item) for item in value) if isinstance(value, list) else value == UNKNOWN


def _ref(self: Evaluator, name: Any) -> Any:
    if name in self.context.parameters:
        return self.context.parameters[name]
    if name in self.known.refs:
        return self.known.refs[name]
    if name in self.context.resources:
        return self.lack("Ref", name)
    try:
        return self.context.pseudo.value(name)
    except KeyError:
        raise TemplateError(
            f"Template format error: Unresolved resource dependencies [{name}] in the Resources block of the template"
        ) from None


def _get_att(self: Evaluator, argument: Any) -> Any:
    resource, attribute = attribute_of(argument)
    attribute = self.raw(attribute)
    if attribute == UNKNOWN:
        return UNKNOWN
    if resource not in self.context.resources:
        raise function_error(f"instance of Fn::GetAtt references undefined resource {resource}")
    if resource not in self.known.attributes:
        return self.lack("GetAtt", f"{resource}.{attribute}")
    value: Any = self.known.attributes[resource]
    if attribute in value:
        return value[attribute]
    for part in str(attribute).split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise function_error(f"resource {resource} does not support attribute type {attribute} in Fn::GetAtt")
        value = value[part]
    return value


def _sub(self: Evaluator, argument: Any) -> Any:
    """Recorded: references::TestFnSub::test_fn_sub_cases, reference_resolving::test_sub_resolving."""
    text, given = (argument, {}) if isinstance(argument, str) else argument
    local = {name: self.raw(item) for name, item in given.items()}
    unknown = False

    def value_of(variable: str) -> str:
        """The text of ${variable}."""
        nonlocal unknown
        resource, dot, attribute = variable.partition(".")
        if variable in local:
            value = local[variable]
        else:
            value = _get_att(self, [resource, attribute]) if dot else _ref(self, variable)
        unknown = unknown or value == UNKNOWN
        if (words := as_text(value)) is None:
            raise function_error(f"variable {variable} in Fn::Sub expression does not resolve to a string")
        return words

    result = bounded(substitute(text, value_of))
    return UNKNOWN if unknown else result


def _if(self: Evaluator, argument: Any) -> Any:
    return self.raw(argument[1 if self.context.condition(argument[0]) else 2])


def _find_in_map(self: Evaluator, argument: Any) -> Any:
    keys = [self.raw(key) for key in argument[:3]]
    if UNKNOWN in keys:
        return UNKNOWN
    name, first, second = (as_text(key) for key in keys)
    rows = self.context.mappings.get(name)  # type: ignore[arg-type]  # None is no mapping's name
    if rows is None and len(argument) == 3:
        raise function_error(f"Mapping named '{name}' is not present in the 'Mappings' section of template.")
    value = (rows or {}).get(first, {}).get(second)
    if value is None:
        if len(argument) == 4:
            return self.raw(argument[3]["DefaultValue"])
        # recorded: mappings::TestCloudFormationMappings::test_async_mapping_error_second_level_v2
        raise function_error(f"Unable to get mapping for {name}::{first}::{second}")
    return value


def _import(self: Evaluator, argument: Any) -> Any:
    name = self.raw(argument)
    if name == UNKNOWN:
        raise refuse_import()
    check_shape("Fn::ImportValue", name)
    exported = self.known.exports.get(as_text(name) or "")
    return self.lack("Export", as_text(name) or "") if exported is None else exported


def _select(self: Evaluator, argument: Any) -> Any:
    index, items = int(argument[0]), argument[1]
    if index >= len(items):  # only a computed list can still be too short
        raise function_error(f"Fn::Select cannot select nonexistent value at index {index}")
    return items[index]


def _join(self: Evaluator, argument: Any) -> Any:
    delimiter, items = argument
    words = [as_text(item) for item in items]
    if None in words:
        check_shape("Fn::Join", None)
    return bounded(delimiter.join(word for word in words if word is not None))


def _split(self: Evaluator, argument: Any) -> Any:
    delimiter, text = argument[0], as_text(argument[1]) or ""
    return text.split(delimiter) if delimiter else [text]


def _base64(self: Evaluator, argument: Any) -> Any:
    return bounded(base64.b64encode((as_text(argument) or "").encode("utf-8", "surrogatepass")).decode())


def _get_azs(self: Evaluator, argument: Any) -> Any:
    return self.context.pseudo.zones_of(as_text(argument) or "")


def _cidr(self: Evaluator, argument: Any) -> Any:
    """`count` blocks of 2**bits addresses each from the start of an address block."""
    block, count, *rest = (as_text(part) or "" for part in argument)
    try:
        network = ipaddress.ip_network(block, strict=False)
        bits = int(rest[0]) if rest else (64 if network.version == 6 else 8)
        wanted, size = int(count), 1 << min(bits, 128)
        fits = 1 <= bits <= network.max_prefixlen and 1 <= wanted <= 256 and wanted * size <= network.num_addresses
    except ValueError:
        fits = False
    if not fits:
        raise function_error(f"Fn::Cidr cannot make {count} blocks of {rest[0] if rest else 8} bits from {block}")
    first, length = network.network_address, network.max_prefixlen - bits
    return [f"{first + index * size}/{length}" for index in range(wanted)]


def _length(self: Evaluator, argument: Any) -> Any:
    return len(argument)


def _to_json(self: Evaluator, argument: Any) -> Any:
    return as_json(argument)


_LAZY: dict[str, Callable[[Evaluator, Any], Any]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::If": _if,
    "Fn::FindInMap": _find_in_map,
    "Fn::ImportValue": _import,
}
_EAGER: dict[str, Callable[[Evaluator, Any], Any]] = {
    "Fn::Select": _select,
    "Fn::Join": _join,
    "Fn::Split": _split,
    "Fn::Base64": _base64,
    "Fn::GetAZs": _get_azs,
    "Fn::Cidr": _cidr,
    "Fn::Length": _length,
    "Fn::ToJsonString": _to_json,
}
