"""A template bound to parameter values: what is in it now, in which order, and the value of every expression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from undercast.engines.templates.conditions import Conditions, check_rules
from undercast.engines.templates.errors import TemplateError, format_error
from undercast.engines.templates.evaluation import Context, Evaluator, Known, Need
from undercast.engines.templates.graph import Graph
from undercast.engines.templates.parameters import NO_ECHO, Arguments
from undercast.engines.templates.parts import Needs, Output, Resource
from undercast.engines.templates.pseudo import Pseudo
from undercast.engines.templates.references import DynamicReference, dynamic_references, references
from undercast.engines.templates.sections import check_export
from undercast.engines.templates.text import UNKNOWN, as_text

if TYPE_CHECKING:
    from undercast.engines.templates.template import Template

_SECURE = frozenset(
    # where CloudFormation allows ssm-secure references: its user guide, "dynamic references", lists these properties
    [
        "AWS::DirectoryService::MicrosoftAD/Password",
        "AWS::DirectoryService::SimpleAD/Password",
        "AWS::ElastiCache::ReplicationGroup/AuthToken",
        "AWS::IAM::User/LoginProfile/Password",
        "AWS::KinesisFirehose::DeliveryStream/RedshiftDestinationConfiguration/Password",
        "AWS::OpsWorks::App/AppSource/Password",
        "AWS::OpsWorks::Stack/CustomCookbooksSource/Password",
        "AWS::OpsWorks::Stack/RdsDbInstances/DbPassword",
        "AWS::RDS::DBCluster/MasterUserPassword",
        "AWS::RDS::DBInstance/MasterUserPassword",
        "AWS::Redshift::Cluster/MasterUserPassword",
    ]
)
_ATTRIBUTES = ("CreationPolicy", "DeletionPolicy", "Metadata", "UpdatePolicy", "UpdateReplacePolicy")


@dataclass(frozen=True)
class Resolved:
    """The value of an expression. Where something is `missing`, UNKNOWN stands in its place."""

    value: Any
    missing: frozenset[Need]


@dataclass(frozen=True)
class ResolvedOutput:
    """An output's text, or UNKNOWN while something is `missing`."""

    name: str
    value: str
    export_name: str | None
    description: str | None
    missing: frozenset[Need]


class Bound:
    """A template with its parameters' values. `resources` and `outputs` are those whose condition holds."""

    def __init__(self, template: Template, arguments: Arguments, pseudo: Pseudo) -> None:
        self.template = template
        self.arguments = arguments
        self.pseudo = pseudo
        definitions = template.conditions, template.mappings, arguments.values, pseudo
        self._conditions = Conditions(*definitions)
        self.conditions: Mapping[str, bool] = self._conditions.all()
        self.resources: dict[str, Resource] = self._active(template.resources)
        self.outputs: dict[str, Output] = self._active(template.outputs)
        self._context = Context(
            pseudo, arguments.values, template.mappings, self._conditions.value, frozenset(self.resources)
        )
        self._check_active()
        self._rules(Known())

    def graph(self) -> Graph:
        """What depends on what, among the resources that are in. Raises TemplateError for a circle."""
        graph = Graph({name: self._dependencies(resource) for name, resource in self.resources.items()})
        graph.levels()
        return graph

    def needs(self, known: Known | None = None) -> Needs:
        """What to fetch before resources are made: exports, dynamic references and rule lookups not in `known`."""
        evaluator = Evaluator(self._context, known or Known())
        found: dict[str, DynamicReference] = {}
        for resource in self.resources.values():
            evaluator.value(resource.properties)
        for output in self.outputs.values():
            evaluator.value([output.value, output.export_name])
        for kind, name in sorted(evaluator.missing):
            if kind == "Dynamic":
                found[name] = dynamic_references(name)[0]
        rules = self._rules(evaluator.known).evaluator.missing
        exports = frozenset(name for kind, name in evaluator.missing if kind == "Export")
        lookups = frozenset(name for kind, name in rules if kind == "Rule")
        return Needs(exports=exports, dynamic=tuple(found.values()), rules=lookups)

    def check_rules(self, known: Known | None = None) -> None:
        """Raise TemplateError if an assertion of the Rules section fails. `bind` did this without the lookups of
        Fn::RefAll, Fn::ValueOf and Fn::ValueOfAll; a lookup that is not in `known.rules` does not fail."""
        self._rules(known or Known())

    def resolve(self, expression: Any, known: Known) -> Resolved:
        """The value of any expression of the template."""
        evaluator = Evaluator(self._context, known)
        return Resolved(evaluator.value(expression), frozenset(evaluator.missing))

    def properties(self, resource_id: str, known: Known) -> Resolved:
        """A resource's properties. Raises TemplateError for an ssm-secure reference where AWS allows none."""
        resource = self.resources[resource_id]
        _check_secure(resource)
        return self.resolve(resource.properties, known)

    def attributes(self, resource_id: str, known: Known | None = None) -> dict[str, Any]:
        """A resource's policies and metadata: those of CreationPolicy, DeletionPolicy, Metadata, UpdatePolicy and
        UpdateReplacePolicy that it has. With AWS::LanguageExtensions the policies may be functions."""
        body = self.resources[resource_id].body
        present = {name: body[name] for name in _ATTRIBUTES if name in body}
        values: dict[str, Any] = self.resolve(present, known or Known()).value
        return values

    def output(self, name: str, known: Known) -> ResolvedOutput:
        """An output's value and export name. Raises TemplateError if either is not a string."""
        output = self.outputs[name]
        resolved = self.resolve([output.value, output.export_name or ""], known)
        value, export = resolved.value if len(resolved.value) == 2 else (None, "")
        text = as_text(value)
        if text is None:
            raise format_error("The Value field of every Outputs member must evaluate to a String.")
        if export and export != UNKNOWN:
            check_export(name, {"Name": as_text(export)})
        return ResolvedOutput(name, text, as_text(export) or None, output.description, resolved.missing)

    def shown_parameters(self) -> dict[str, str]:
        """The parameters' texts as an API may show them: NoEcho ones are ****."""
        declared = self.template.parameters
        return {name: NO_ECHO if declared[name].no_echo else text for name, text in self.arguments.texts.items()}

    def references(self, expression: Any) -> list[Any]:
        """All references in an expression, of each Fn::If only in the branch that counts."""
        return list(references(expression, self._conditions.value))

    def _active(self, members: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: member
            for name, member in members.items()
            if member.condition is None or self._conditions.value(member.condition)
        }

    def _check_active(self) -> None:
        """No reference to a resource whose condition is false. Recorded:
        conditions::TestCloudFormationConditions::test_dependent_ref."""
        for block, members in (("Resources", self.resources), ("Outputs", self.outputs)):
            mentioned = (one.name for member in members.values() for one in self.references(member.body))
            gone = [name for name in mentioned if name in self.template.resources and name not in self.resources]
            if gone:
                names = ", ".join(dict.fromkeys(gone))
                raise format_error(f"Unresolved resource dependencies [{names}] in the {block} block of the template")

    def _dependencies(self, resource: Resource) -> frozenset[str]:
        mentioned = {one.name for one in self.references(resource.body)}
        return frozenset((mentioned | set(resource.depends_on)) & self.resources.keys())

    def _rules(self, known: Known) -> Conditions:
        template = self.template
        conditions = Conditions(template.conditions, template.mappings, self.arguments.values, self.pseudo, known)
        check_rules(template.document.get("Rules", {}), conditions)
        return conditions


def _check_secure(resource: Resource) -> None:
    for path, text in _texts(resource.properties, resource.type):
        if "{{resolve:ssm-secure:" in text and path not in _SECURE:
            raise TemplateError(f"SSM Secure reference is not supported in: [{path.replace('/', '/Properties/', 1)}]")


def _texts(node: Any, path: str) -> list[tuple[str, str]]:
    """All texts in `node` with their path; items of a list have the list's path."""
    if isinstance(node, dict):
        return [found for name, child in node.items() for found in _texts(child, f"{path}/{name}")]
    if isinstance(node, list):
        return [found for child in node for found in _texts(child, path)]
    return [(path, node)] if isinstance(node, str) else []
