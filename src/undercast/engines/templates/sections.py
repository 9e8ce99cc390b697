"""Checks the sections of a template for form: which members they may have, and of what kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from undercast.engines.templates.errors import TemplateError, format_error
from undercast.engines.templates.text import as_text

_SECTIONS = frozenset(
    [
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "Hooks",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Rules",
        "Transform",
    ]
)
_RESOURCE = frozenset(
    [
        "Condition",
        "CreationPolicy",
        "DeletionPolicy",
        "DependsOn",
        "Metadata",
        "Properties",
        "Type",
        "UpdatePolicy",
        "UpdateReplacePolicy",
    ]
)
_OUTPUT = frozenset(["Condition", "Description", "Export", "Value"])
_POLICIES = {
    "DeletionPolicy": frozenset({"Delete", "Retain", "RetainExceptOnCreate", "Snapshot"}),
    "UpdateReplacePolicy": frozenset({"Delete", "Retain", "Snapshot"}),
}
_LIMITS = {"Parameters": 200, "Mappings": 200, "Resources": 500, "Outputs": 200}
_EXPORT_NAME = re.compile(r"[A-Za-z0-9:-]{1,255}")


def check_nulls(document: Any) -> None:
    """Recorded: validations::test_invalid_output_structure[none-value] and [missing-def]."""
    for path, value in _leaves(document, ""):
        if value is None:
            raise TemplateError(f"[{path}] 'null' values are not allowed in templates")


def check_head(document: Mapping[str, Any], *, serverless: bool) -> None:
    """The top level: known sections, version, description, at least one resource."""
    allowed = _SECTIONS | ({"Globals"} if serverless else set())
    if extra := [name for name in document if name not in allowed]:
        raise TemplateError(f"Invalid template property or properties [{', '.join(extra)}]")
    if as_text(document.get("AWSTemplateFormatVersion", "2010-09-09")) != "2010-09-09":
        raise format_error("unsupported value for AWSTemplateFormatVersion.")
    description = document.get("Description", "")
    if not isinstance(description, str):
        raise format_error("Every Description member must be a string.")
    if len(description.encode("utf-8", "surrogatepass")) > 1024:
        raise format_error("'Description' length is greater than 1024.")
    for name in _SECTIONS - {"AWSTemplateFormatVersion", "Description", "Transform"}:
        if not isinstance(document.get(name, {}), dict):
            raise format_error(f"[/{name}] Every {name} section must be an object.")
    if not document.get("Resources"):
        raise format_error("At least one Resources member must be defined.")


def check_sections(document: Mapping[str, Any], *, extended: bool) -> None:
    """Every section's members. `extended`: with AWS::LanguageExtensions policies may be functions."""
    for section, most in _LIMITS.items():
        if (count := len(document.get(section, {}))) > most:
            raise format_error(f"Number of {section.lower()}, {count}, is greater than maximum allowed, {most}")
    _check_names(document)
    _check_mappings(document.get("Mappings", {}))
    for name, resource in document["Resources"].items():
        _check_resource(name, resource, extended)
    for name, output in document.get("Outputs", {}).items():
        _check_output(name, output)
    for name, rule in document.get("Rules", {}).items():
        _check_rule(name, rule)


def _check_names(document: Mapping[str, Any]) -> None:
    """Recorded: changesets::test_using_pseudoparameters_in_places[parameter] and [resource]."""
    for section, noun in (("Parameters", "Parameter"), ("Resources", "Resource"), ("Outputs", "Output")):
        for name in document.get(section, {}):
            if not (name.isascii() and name.isalnum()):
                raise format_error(f"{noun} name {name} is non alphanumeric.")
            if len(name) > 255:
                raise format_error(f"{noun} name {name} is longer than 255 characters.")


def _check_mappings(mappings: Mapping[str, Any]) -> None:
    for rows in mappings.values():
        if not isinstance(rows, dict) or not all(isinstance(row, dict) for row in rows.values()):
            raise format_error("Every Mappings member must be an object of objects.")
        for row in rows.values():
            for name, value in row.items():
                if not (name.isascii() and name.isalnum()):
                    raise format_error(f"Mappings attribute name '{name}' must contain only alphanumeric characters.")
                items = value if isinstance(value, list) else [value]
                if any(as_text(item) is None for item in items):
                    raise format_error("Every Mappings attribute must be a String or a List.")


def _check_resource(name: str, resource: Any, extended: bool) -> None:
    if not isinstance(resource, dict):
        raise format_error("Any Resources member must be an object.")
    if not isinstance(resource.get("Type"), str) or not resource["Type"]:
        # recorded: template_engine::test_no_type
        raise format_error(f"[/Resources/{name}] Every Resources object must contain a Type member.")
    if extra := [member for member in resource if member not in _RESOURCE]:
        raise TemplateError(f"Invalid template resource property '{extra[0]}'")
    for member in ("Properties", "Metadata", "CreationPolicy", "UpdatePolicy"):
        if not isinstance(resource.get(member, {}), dict):
            raise format_error(f"[/Resources/{name}/{member}] Every {member} member must be an object.")
    _check_condition(resource)
    depends = resource.get("DependsOn", [])
    if not all(isinstance(item, str) for item in (depends if isinstance(depends, list) else [depends])):
        raise format_error("Every DependsOn value must be a string.")
    for member, allowed in _POLICIES.items():
        policy = resource.get(member, "Delete")
        if extended and isinstance(policy, dict):
            continue
        if not isinstance(policy, str):
            raise format_error(f"Every {member} member must be a string.")
        if policy not in allowed:
            raise format_error(f"Unrecognized {member} {policy} for resource {name}")


def _check_output(name: str, output: Any) -> None:
    if not isinstance(output, dict):
        raise format_error("Any Outputs member must be an object.")
    if "Value" not in output:
        # recorded: validations::test_invalid_output_structure[multiple-nones]
        raise format_error("Every Outputs member must contain a Value object")
    if extra := [member for member in output if member not in _OUTPUT]:
        raise TemplateError(f"Invalid template output property '{extra[0]}'")
    _check_condition(output)
    if "Export" in output:
        check_export(name, output["Export"])


def check_export(name: str, export: Any) -> None:
    """An output's Export: an object with a Name, which is a function or made of the characters allowed."""
    given = export.get("Name") if isinstance(export, dict) else None
    if not isinstance(given, dict) and not _EXPORT_NAME.fullmatch(as_text(given) or ""):
        raise format_error(
            f"Output {name} is malformed. The Name field of every Export member must be specified and consist only of "
            "alphanumeric characters, colons, or hyphens."
        )


def _check_rule(name: str, rule: Any) -> None:
    assertions = rule.get("Assertions") if isinstance(rule, dict) else None
    if not isinstance(assertions, list) or not all(isinstance(one, dict) and "Assert" in one for one in assertions):
        raise format_error(f"[/Rules/{name}] Every Rules object must contain a list of Assertions.")


def _check_condition(member: Mapping[str, Any]) -> None:
    if not isinstance(member.get("Condition", ""), str):
        raise format_error("Every Condition member must be a string.")


def _leaves(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict | list):
        for name, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _leaves(child, f"{path}/{name}")
    else:
        yield path, node
