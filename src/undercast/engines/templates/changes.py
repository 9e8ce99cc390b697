"""What an update would do: the changes between two bound templates, as a change set shows them.

The rules are read off the recorded change sets (change_set_*, change_sets::TestCaptureUpdateProcess::*):
a property written differently is a DirectModification, Static; one that refers to a changed parameter is also a
ParameterReference, Static, and its DirectModification is then Dynamic; one that refers to an attribute of a changed
resource is a ResourceAttribute, Static if that resource is replaced, else Dynamic.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from undercast.engines.resource_schemas import Recreation, ResourceSchema
from undercast.engines.templates.bound import Bound
from undercast.engines.templates.errors import TemplateError
from undercast.engines.templates.evaluation import Known
from undercast.engines.templates.text import UNKNOWN, as_text

Path = tuple[str | int, ...]
_POLICY_ATTRIBUTES = ("CreationPolicy", "DeletionPolicy", "Metadata", "UpdatePolicy", "UpdateReplacePolicy")


class PropertyChange(NamedTuple):
    """One difference below Properties. `kind` is "Add", "Modify" or "Remove"."""

    path: Path
    kind: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Detail:
    """One reason for one change, as ResourceChange.Details has it."""

    source: str  # DirectModification, ParameterReference, ResourceReference or ResourceAttribute
    evaluation: str  # Static or Dynamic
    attribute: str  # Properties, Tags, Metadata, or a policy
    name: str | None = None  # of the property
    recreation: Recreation = "Never"
    causing_entity: str | None = None
    change: PropertyChange | None = None

    def shown(self, with_values: bool) -> dict[str, Any]:
        """The member of Details."""
        target: dict[str, Any] = {"Attribute": self.attribute, "RequiresRecreation": self.recreation}
        if self.name and self.attribute == "Properties":
            target["Name"] = self.name
        if with_values and self.change:
            target |= _shown_values(self.change)
        detail = {"Target": target, "Evaluation": self.evaluation, "ChangeSource": self.source}
        return detail | ({"CausingEntity": self.causing_entity} if self.causing_entity else {})


@dataclass(frozen=True)
class Change:
    """What happens to one resource. `action` is "Add", "Modify" or "Remove"; `replacement` "True", "False" or
    "Conditional" for Modify. `before` and `after` are its resolved properties."""

    action: str
    resource_id: str
    resource_type: str
    physical_id: str | None = None
    replacement: str | None = None
    policy_action: str | None = None
    details: list[Detail] = field(default_factory=list)
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None

    @property
    def scope(self) -> list[str]:
        """Which attributes change, once each."""
        return list(dict.fromkeys(detail.attribute for detail in self.details))

    def shown(self, with_values: bool = False) -> dict[str, Any]:
        """The ResourceChange of DescribeChangeSet; `with_values` is its IncludePropertyValues."""
        shown: dict[str, Any] = {
            "Action": self.action,
            "LogicalResourceId": self.resource_id,
            "ResourceType": self.resource_type,
            "Scope": self.scope,
            "Details": [detail.shown(with_values) for detail in self.details],
        }
        optional = {
            "PhysicalResourceId": self.physical_id,
            "Replacement": self.replacement,
            "PolicyAction": self.policy_action,
        }
        shown |= {name: value for name, value in optional.items() if value is not None}
        if with_values:
            contexts = (("BeforeContext", self.before), ("AfterContext", self.after))
            shown |= {name: _context(value) for name, value in contexts if value is not None}
        return shown


@dataclass(frozen=True)
class Deployed:
    """The stack as it is: its bound template, and what its resources' Ref, GetAtt and properties are."""

    bound: Bound
    known: Known
    properties: Mapping[str, Mapping[str, Any]]


def property_changes(before: Any, after: Any, path: Path = ()) -> Iterator[PropertyChange]:
    """All differences between two values; lists of equal length are compared item by item."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(name for name in after if name not in before)]:
            if name not in after:
                yield PropertyChange((*path, name), "Remove", before[name], None)
            elif name not in before:
                yield PropertyChange((*path, name), "Add", None, after[name])
            else:
                yield from property_changes(before[name], after[name], (*path, name))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from property_changes(old, new, (*path, index))
    elif (as_text(before), before) != (as_text(after), after) and (
        as_text(before) is None or as_text(before) != as_text(after)
    ):
        yield PropertyChange(path, "Modify", before, after)


def changes(
    deployed: Deployed,
    wanted: Bound,
    schema_of: Callable[[str], ResourceSchema | None],
    *,
    with_values: bool = False,
) -> list[Change]:
    """What updating `deployed` to `wanted` would do, by resource id. Empty if nothing changes.

    `with_values` is a change set's IncludePropertyValues: then a property that only might change is left out.
    """
    return _Comparison(deployed, wanted, schema_of, with_values).run()


class _Comparison:
    def __init__(
        self, deployed: Deployed, wanted: Bound, schema_of: Callable[[str], ResourceSchema | None], with_values: bool
    ) -> None:
        self._deployed = deployed
        self._wanted = wanted
        self._schema_of = schema_of
        self._with_values = with_values
        self._known = Known(exports=deployed.known.exports, dynamic=deployed.known.dynamic)
        self._found: dict[str, Change] = {}
        old, new = deployed.bound.arguments.texts, wanted.arguments.texts
        self._changed_parameters = {name for name in new if name not in old or old[name] != new[name]}

    def run(self) -> list[Change]:
        """All changes, by resource id; decided in the order of making, so that each knows what it refers to."""
        before = self._deployed.bound.resources
        for name in self._wanted.graph().order():
            change = self._modify(name) if name in before else self._add(name)
            if change:
                self._found[name] = change
            if change is None or change.replacement == "False":
                self._keep(name)
        for name in before.keys() - self._wanted.resources.keys():
            self._found[name] = self._remove(name)
        return [self._found[name] for name in sorted(self._found)]

    def _keep(self, name: str) -> None:
        """The resource stays: its Ref and, as far as can be said now, its attributes."""
        known = self._deployed.known
        if name in known.refs:
            self._known.refs[name] = known.refs[name]
        if name in known.attributes:
            self._known.attributes[name] = known.attributes[name]

    def _add(self, name: str) -> Change:
        return Change("Add", name, self._wanted.resources[name].type, after=self._after(name))

    def _remove(self, name: str) -> Change:
        policy = self._deployed.bound.attributes(name).get("DeletionPolicy", "Delete")
        return Change(
            "Remove",
            name,
            self._deployed.bound.resources[name].type,
            self._deployed.known.refs.get(name),
            policy_action="Retain" if policy.startswith("Retain") else policy,
            before=self._deployed.properties.get(name, {}),
        )

    def _modify(self, name: str) -> Change | None:
        old, new = self._deployed.bound.resources[name], self._wanted.resources[name]
        before, after = self._deployed.properties.get(name, {}), self._after(name)
        schema = self._schema_of(new.type)
        details = [
            detail for key in _keys(before, after) for detail in self._property(name, key, before, after, schema)
        ]
        details += self._attributes(name)
        if old.type != new.type:
            replacement = "True"
        elif details:
            replacement = _replacement(details)
        else:
            return None
        policy = self._wanted.attributes(name).get("UpdateReplacePolicy", "Delete")
        action = None if replacement == "False" else f"ReplaceAnd{policy}"
        ref = self._deployed.known.refs.get(name)
        return Change("Modify", name, new.type, ref, replacement, action, details, before, after)

    def _after(self, name: str) -> dict[str, Any]:
        """The properties wanted; UNKNOWN where a new or replaced resource decides."""
        try:
            value: dict[str, Any] = self._wanted.properties(name, self._known).value
        except TemplateError:  # e.g. an attribute that only the update makes: it shows when the update runs
            return dict.fromkeys(self._wanted.resources[name].properties, UNKNOWN)
        return value

    def _property(
        self, name: str, key: str, before: Mapping[str, Any], after: Mapping[str, Any], schema: ResourceSchema | None
    ) -> Iterator[Detail]:
        """The details of one top-level property."""
        found = [PropertyChange((key, *one.path), *one[1:]) for one in _below(before, after, key)]
        sources = list(self._sources(name, key))
        if not found and not sources:
            return
        if not found and all(evaluation == "Static" for _, evaluation, _ in sources):
            return  # what it refers to changed, but not its value
        attribute = (
            "Tags"
            if schema and schema.document.get("tagging", {}).get("tagProperty") == f"/properties/{key}"
            else "Properties"
        )
        shown: list[PropertyChange | None] = list(found) if self._with_values else [None]
        for change in shown:
            paths = [one.path for one in found if change in (None, one)] or [(key,)]
            recreation = _strictest(schema.requires_replacement(path) if schema else "Never" for path in paths)
            target = (attribute, key, recreation)
            for source, evaluation, cause in sources:
                yield Detail(source, evaluation, *target, cause, change)
            only_references = sources and all(source.startswith("Resource") for source, _, _ in sources)
            if not only_references or self._with_values or not self._same_expression(name, key):
                yield Detail("DirectModification", "Dynamic" if sources else "Static", *target, None, change)

    def _sources(self, name: str, key: str) -> Iterator[tuple[str, str, str]]:
        """(source, evaluation, causing entity) of each thing that the property refers to and that changes."""
        expression = self._wanted.resources[name].properties.get(key)
        for reference in dict.fromkeys(self._wanted.references(expression)):
            if reference.name in self._changed_parameters:
                yield "ParameterReference", "Static", reference.name
            change = self._found.get(reference.name)
            if change is None or change.action != "Modify":
                continue
            if reference.attribute is not None:
                evaluation = "Dynamic" if change.replacement == "False" else "Static"
                yield "ResourceAttribute", evaluation, f"{reference.name}.{reference.attribute}"
            elif change.replacement != "False":
                yield "ResourceReference", "Static" if change.replacement == "True" else "Dynamic", reference.name

    def _same_expression(self, name: str, key: str) -> bool:
        old, new = self._deployed.bound.resources[name], self._wanted.resources[name]
        return bool(old.properties.get(key) == new.properties.get(key))

    def _attributes(self, name: str) -> Iterator[Detail]:
        before, after = self._deployed.bound.attributes(name), self._wanted.attributes(name)
        for attribute in _POLICY_ATTRIBUTES:
            if before.get(attribute) != after.get(attribute):
                yield Detail("DirectModification", "Static", attribute)


def _below(before: Mapping[str, Any], after: Mapping[str, Any], key: str) -> list[PropertyChange]:
    if key not in after:
        return [PropertyChange((), "Remove", before[key], None)]
    if key not in before:
        return [PropertyChange((), "Add", None, after[key])]
    return list(property_changes(before[key], after[key]))


def _keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return sorted(before.keys() | after.keys())


def _replacement(details: list[Detail]) -> str:
    """True if it is sure that a new resource is needed, Conditional if it is possible."""
    if any(detail.recreation == "Always" and detail.evaluation == "Static" for detail in details):
        return "True"
    return "Conditional" if any(detail.recreation != "Never" for detail in details) else "False"


def _strictest(found: Iterator[Recreation]) -> Recreation:
    words = set(found)
    return "Always" if "Always" in words else "Conditionally" if "Conditionally" in words else "Never"


def _shown_values(change: PropertyChange) -> dict[str, Any]:
    path = "".join(f"/{part}" for part in change.path)
    shown = {"Path": f"/Properties{path}", "AttributeChangeType": change.kind}
    sides = (("BeforeValue", change.before), ("AfterValue", change.after))
    return shown | {name: _shown_value(value) for name, value in sides if value is not None}


def _shown_value(value: Any) -> str:
    text = as_text(value)
    return json.dumps(value, separators=(",", ":")) if text is None else text


def _context(properties: Mapping[str, Any]) -> str:
    return json.dumps({"Properties": properties}, separators=(",", ":"))
