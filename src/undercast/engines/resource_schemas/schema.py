"""One resource type's schema and the questions CloudFormation asks of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from undercast.engines.resource_schemas.validation import Checked, Problem, check

Recreation = Literal["Always", "Conditionally", "Never"]
"""Whether a change makes a new resource, in the words of a change set's RequiresRecreation."""


@dataclass(frozen=True, eq=False)
class ResourceSchema:
    """A resource type. `document` is its JSON schema, in CloudFormation's dialect."""

    document: Mapping[str, Any]

    @property
    def type_name(self) -> str:
        """The type, e.g. "AWS::SQS::Queue"."""
        return str(self.document["typeName"])

    @cached_property
    def primary_identifier(self) -> tuple[str, ...]:
        """Dotted names of the properties that together are the physical id, e.g. ("QueueUrl",)."""
        return tuple(_dotted(pointer) for pointer in self.document.get("primaryIdentifier", ()))

    @cached_property
    def read_only(self) -> frozenset[str]:
        """Dotted names of what the service sets: not allowed in a template."""
        return frozenset(_dotted(pointer) for pointer in self.document.get("readOnlyProperties", ()))

    @cached_property
    def write_only(self) -> frozenset[str]:
        """Dotted names of what cannot be read back (secrets and the like): not part of drift."""
        return frozenset(_dotted(pointer) for pointer in self.document.get("writeOnlyProperties", ()))

    @cached_property
    def attributes(self) -> frozenset[str]:
        """What Fn::GetAtt gives, in dotted names. Top-level properties are allowed too: see `has_attribute`."""
        return frozenset(name for name in self.read_only if "*" not in name)

    def has_attribute(self, name: str) -> bool:
        """Whether Fn::GetAtt of `name` is allowed: a read-only attribute or a property.

        AWS answered GetAtt of AWS::SNS::Topic's DisplayName and of AWS::SSM::Parameter's Type with their values.
        """
        if self.type_name == "AWS::CloudFormation::Stack":
            return name.startswith("Outputs.")
        if "patternProperties" in self.document:  # a custom resource answers whatever its provider returned
            return True
        return name in self.attributes or name.split(".")[0] in self.document["properties"]

    def check(self, properties: Mapping[str, Any], unknown: str | None = None) -> Checked:
        """The properties with strings turned into the numbers and booleans the schema wants (and back), and all that
        is wrong with them. Read-only properties are not permitted. A value equal to `unknown` passes everywhere."""
        return check(self.document, properties, {name for name in self.read_only if "." not in name}, unknown)

    def validate(self, properties: Mapping[str, Any]) -> list[Problem]:
        """Only what is wrong."""
        return self.check(properties).problems

    def requires_replacement(self, path: Sequence[str | int]) -> Recreation:
        """Whether changing what `path` names, e.g. ("Tags", 0, "Key"), makes a new resource."""
        if any(_covers(pattern, path) for pattern in self._create_only):
            return "Always"
        if any(_covers(pattern, path) for pattern in self._maybe_create_only):
            return "Conditionally"
        inside = (p for p in self._create_only if len(p) > len(path) and _covers(p[: len(path)], path))
        return "Conditionally" if any(inside) else "Never"

    @cached_property
    def _create_only(self) -> list[list[str]]:
        return [_segments(pointer) for pointer in self.document.get("createOnlyProperties", ())]

    @cached_property
    def _maybe_create_only(self) -> list[list[str]]:
        return [_segments(pointer) for pointer in self.document.get("conditionalCreateOnlyProperties", ())]


def _segments(pointer: str) -> list[str]:
    return pointer.removeprefix("/properties/").split("/")


def _dotted(pointer: str) -> str:
    return ".".join(_segments(pointer))


def _covers(pattern: Sequence[str], path: Sequence[str | int]) -> bool:
    """Whether `path` is `pattern` or lies below it; "*" stands for any index or name."""
    return len(path) >= len(pattern) and all(
        want == "*" or want == str(have) for want, have in zip(pattern, path, strict=False)
    )
