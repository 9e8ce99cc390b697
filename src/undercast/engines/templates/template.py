"""A template: its sections as objects, checked; and what must be fetched before it can be used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from undercast.engines.resource_schemas import ResourceSchema
from undercast.engines.templates import loading, parameters, sections
from undercast.engines.templates.bound import Bound
from undercast.engines.templates.errors import TemplateError, format_error, function_error
from undercast.engines.templates.parameters import Parameter
from undercast.engines.templates.parts import Needs, Output, Resource
from undercast.engines.templates.pseudo import NAMES, Pseudo
from undercast.engines.templates.references import Reference, references
from undercast.engines.templates.shapes import EXTENSIONS, check_written, function_of, unsupported

LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
SERVERLESS = "AWS::Serverless-2016-10-31"


def load(text: str, *, by_url: bool = False) -> Template:
    """A template from its text, JSON or YAML, of at most 51,200 bytes (1,000,000 `by_url`). Raises TemplateError."""
    return Template(loading.read(text, by_url=by_url))


class Template:
    """A template. One whose macros have not run yet (`macros` is not empty) is checked only at its top level, since
    they may still change anything; `transforms.expansion` runs them. Raises TemplateError when made."""

    def __init__(self, document: dict[str, Any], *, extended: bool = False) -> None:
        self.document = document
        self.extended = extended  # AWS::LanguageExtensions has run: its functions are allowed
        sections.check_nulls(document)
        self.macros = tuple(_macros(document))
        sections.check_head(document, serverless=SERVERLESS in self.macros)
        self.parameters: dict[str, Parameter] = {
            name: parameters.declare(name, declaration) for name, declaration in document.get("Parameters", {}).items()
        }
        if not self.macros:
            sections.check_sections(document, extended=extended)
            self._check_expressions()

    @property
    def description(self) -> str | None:
        """The template's Description."""
        return self.document.get("Description")

    @property
    def mappings(self) -> Mapping[str, Any]:
        """The Mappings section."""
        return self.document.get("Mappings", {})  # type: ignore[no-any-return]  # check_head saw that it is an object

    @property
    def conditions(self) -> Mapping[str, Any]:
        """The definitions, by name."""
        return self.document.get("Conditions", {})  # type: ignore[no-any-return]  # as above

    @cached_property
    def resources(self) -> dict[str, Resource]:
        """All resources, also those whose condition may turn out false."""
        return {name: Resource.of(name, body) for name, body in self.document["Resources"].items()}

    @cached_property
    def outputs(self) -> dict[str, Output]:
        """All outputs."""
        return {name: Output.of(name, body) for name, body in self.document.get("Outputs", {}).items()}

    def needs(self, given: Mapping[str, str] | None = None) -> Needs:
        """What to fetch before `bind`: values of SSM parameters, under their names; and the macros to run."""
        texts = parameters.effective(self.parameters, given or {})
        return Needs(
            ssm_parameters=frozenset(
                texts[name] for name, one in self.parameters.items() if one.is_ssm and name in texts
            ),
            macros=self.macros,
        )

    def bind(self, given: Mapping[str, str], pseudo: Pseudo, ssm: Mapping[str, str] | None = None) -> Bound:
        """The template with its parameters' values: conditions decided, resources chosen. Raises TemplateError."""
        if self.macros:
            raise ValueError(f"macros have not run: {self.macros}")
        return Bound(self, parameters.bind(self.parameters, given, ssm or {}), pseudo)

    def check_types(self, known: Iterable[str]) -> None:
        """Raise TemplateError if there are resource types other than `known` ones, custom resources and modules."""
        types = dict.fromkeys(resource.type for resource in self.resources.values())
        if strange := types.keys() - set(known) - {name for name in types if name.startswith("Custom::")}:
            listed = ", ".join(name for name in types if name in strange)
            raise format_error(f"Unrecognized resource types: [{listed}]")

    def check_attributes(self, schema_of: Callable[[str], ResourceSchema | None]) -> None:
        """Raise TemplateError for a Fn::GetAtt of what the resource's type has not. Types without schema are let be."""
        for body in [one.body for one in self.resources.values()] + [one.body for one in self.outputs.values()]:
            for name, attribute, _ in references(body):
                schema = schema_of(self.resources[name].type) if attribute else None
                if schema and attribute and not schema.has_attribute(attribute):
                    raise function_error(f"resource {name} does not support attribute type {attribute} in Fn::GetAtt")

    def _check_expressions(self) -> None:
        for definition in self.conditions.values():
            self._check_functions(definition)
            self._check_condition(definition)
        for block, members in (("Resources", self.resources), ("Outputs", self.outputs)):
            unresolved: dict[str, None] = {}
            for member in members.values():
                self._check_functions(member.body)
                if member.condition is not None and member.condition not in self.conditions:
                    raise format_error(
                        f"Unresolved condition dependency {member.condition} in the {block} block of the template"
                    )
                unresolved.update(dict.fromkeys(self._unresolved(member)))
            if unresolved:
                raise unresolved_error(unresolved, block)

    def _check_functions(self, node: Any) -> None:
        """The form of every function in `node`."""
        if called := function_of(node):
            name, argument = called
            if name in EXTENSIONS and not self.extended:
                raise unsupported(name)
            check_written(name, argument)
            if name == "Fn::FindInMap" and len(argument) == 4 and not self.extended:  # DefaultValue is an extension
                check_written(name, argument[:2])
            if name == "Fn::If" and argument[0] not in self.conditions:
                raise function_error(f"unresolved condition dependency {argument[0]} in Fn::If")
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            self._check_functions(child)

    def _check_condition(self, definition: Any) -> None:
        """A condition names nothing but parameters and pseudo parameters."""
        names = [reference.name for reference in references(definition)]
        if wrong := [name for name in names if name not in self.parameters and name not in NAMES]:
            raise format_error(
                f"Unresolved dependencies [{', '.join(dict.fromkeys(wrong))}]. Cannot reference resources in the "
                "Conditions block of the template"
            )

    def _unresolved(self, member: Resource | Output) -> Iterator[str]:
        """The names that `member` mentions and that are not there.
        Recorded: references::test_useful_error_when_invalid_ref."""
        for name in member.depends_on:
            if name not in self.resources:
                yield name
        for reference in references(member.body):
            if reference.attribute is None:
                if not any(reference.name in names for names in (self.resources, self.parameters, NAMES)):
                    yield reference.name
            elif reference.name not in self.resources:
                raise undefined(reference)


def undefined(reference: Reference) -> TemplateError:
    """Fn::GetAtt, or Fn::Sub's short form of it, of a resource that is not there."""
    if reference.by == "Fn::Sub":
        return function_error(
            f"instance of Fn::Sub references invalid resource attribute {reference.name}.{reference.attribute}"
        )
    return function_error(f"instance of Fn::GetAtt references undefined resource {reference.name}")


def unresolved_error(names: Iterable[str], block: str) -> TemplateError:
    """Ref (or DependsOn) of what is not there."""
    return format_error(f"Unresolved resource dependencies [{', '.join(names)}] in the {block} block of the template")


def _macros(document: Mapping[str, Any]) -> Iterator[str]:
    """Names of the template's macros: the top level's, in order, then those of snippets."""
    for entry in transform_entries(document):
        yield entry["Name"]
    seen: dict[str, None] = {}
    _find_snippets(document.get("Resources"), seen)
    for section in ("Conditions", "Mappings", "Outputs", "Parameters", "Rules", "Metadata"):
        _find_snippets(document.get(section), seen)
    if "Fn::Transform" in document:
        _find_snippets({"Fn::Transform": document["Fn::Transform"]}, seen)
    yield from seen


def transform_entries(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The Transform section as a list of {"Name": …, "Parameters": …}. Raises TemplateError."""
    section = document.get("Transform", [])
    return [macro_entry(entry) for entry in (section if isinstance(section, list) else [section])]


def macro_entry(entry: Any) -> dict[str, Any]:
    """A macro's name and parameters from either of its forms."""
    if isinstance(entry, str):
        return {"Name": entry, "Parameters": {}}
    if not isinstance(entry, dict) or not isinstance(entry.get("Name"), str):
        # recorded: template_engine::TestMacros::test_error_pass_macro_as_reference
        raise TemplateError("Key Name of transform definition must be a string.")
    return {"Name": entry["Name"], "Parameters": entry.get("Parameters", {})}


def _find_snippets(node: Any, seen: dict[str, None]) -> None:
    if isinstance(node, dict):
        if "Fn::Transform" in node:
            one = node["Fn::Transform"]
            seen.update((macro_entry(entry)["Name"], None) for entry in (one if isinstance(one, list) else [one]))
        for child in node.values():
            _find_snippets(child, seen)
    elif isinstance(node, list):
        for child in node:
            _find_snippets(child, seen)
