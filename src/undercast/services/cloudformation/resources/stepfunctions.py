"""AWS::StepFunctions: state machines, their versions and aliases, activities."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from undercast.services.cloudformation.resources.handler import (
    Handler,
    HandlerError,
    Made,
    Work,
    already_exists,
    content_of,
    document,
    is_there,
    lower_first,
    pick,
)

_SOURCES = ("DefinitionString", "Definition", "DefinitionS3Location")
_SUBSTITUTION = re.compile(r"\$\{([A-Za-z0-9_.:-]+)\}")
_INITIAL = "INITIAL"  # what stands for the id of the first revision, which has none


class StateMachine(Handler):
    """AWS::StepFunctions::StateMachine"""

    type = "AWS::StepFunctions::StateMachine"
    service = "stepfunctions"

    def prepares(self, properties: Mapping[str, Any]) -> bool:
        """Its definition may lie in S3."""
        return "DefinitionS3Location" in properties

    async def prepare(self, work: Work) -> bytes:
        """The definition."""
        place = work.properties["DefinitionS3Location"]
        return await content_of(work.call, place["Bucket"], place["Key"], place.get("Version"))

    async def create(self, work: Work) -> Made:
        """A state machine; its name must be free."""
        name = work.name("StateMachineName", 80)
        arn = work.call.arn(f"stateMachine:{name}", "states")
        asked = work.aws.stepfunctions.describe_state_machine
        if "StateMachineName" in work.properties and await is_there(asked(stateMachineArn=arn)):
            raise already_exists(work.type, name)
        made = await work.aws.stepfunctions.create_state_machine(
            name=name,
            definition=_definition(work),
            roleArn=work.properties["RoleArn"],
            type=work.properties.get("StateMachineType"),
            tags=_tags(work, system=True),
            **_settings(work.properties),
        )
        arn = made["stateMachineArn"]
        return Made(arn, {"Arn": arn, "Name": name, "StateMachineRevisionId": _INITIAL})

    async def update(self, work: Work) -> Made:
        """Definition, role, settings and tags; executions that run keep theirs."""
        made = await work.aws.stepfunctions.update_state_machine(
            stateMachineArn=work.physical_id,
            definition=_definition(work),
            roleArn=work.properties["RoleArn"],
            **_settings(work.properties, work.before),
        )
        await _update_tags(work)
        return Made(work.physical_id, {**work.attributes, "StateMachineRevisionId": made.get("revisionId") or _INITIAL})

    async def delete(self, work: Work) -> None:
        """With its versions and aliases."""
        await work.aws.stepfunctions.delete_state_machine(stateMachineArn=work.physical_id)


class StateMachineVersion(Handler):
    """AWS::StepFunctions::StateMachineVersion"""

    type = "AWS::StepFunctions::StateMachineVersion"
    service = "stepfunctions"

    async def create(self, work: Work) -> Made:
        """Publish the state machine as it is."""
        made = await work.aws.stepfunctions.publish_state_machine_version(
            stateMachineArn=work.properties["StateMachineArn"],
            revisionId=work.properties.get("StateMachineRevisionId"),
            description=work.properties.get("Description"),
        )
        return Made(made["stateMachineVersionArn"], {"Arn": made["stateMachineVersionArn"]})

    async def delete(self, work: Work) -> None:
        """No alias may route to it."""
        await work.aws.stepfunctions.delete_state_machine_version(stateMachineVersionArn=work.physical_id)


class StateMachineAlias(Handler):
    """AWS::StepFunctions::StateMachineAlias: routes as it is told, or all at once to a deployed version."""

    type = "AWS::StepFunctions::StateMachineAlias"
    service = "stepfunctions"

    async def create(self, work: Work) -> Made:
        """A new alias has nothing to shift from: it begins with the deployed version."""
        routes = _routes(work.properties)
        made = await work.aws.stepfunctions.create_state_machine_alias(
            name=work.name("Name", 80), routingConfiguration=routes, **_description(work)
        )
        return Made(made["stateMachineAliasArn"], {"Arn": made["stateMachineAliasArn"]})

    async def update(self, work: Work) -> Made:
        """Description and routing."""
        preference = work.properties.get("DeploymentPreference") or {}
        if preference.get("Type", "ALL_AT_ONCE") != "ALL_AT_ONCE" and work.changed("DeploymentPreference"):
            raise HandlerError(
                f"Undercast does not shift traffic step by step yet ({preference['Type']}): use ALL_AT_ONCE"
            )
        await work.aws.stepfunctions.update_state_machine_alias(
            stateMachineAliasArn=work.physical_id,
            description=work.properties.get("Description", ""),
            routingConfiguration=_routes(work.properties),
        )
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """Its versions stay."""
        await work.aws.stepfunctions.delete_state_machine_alias(stateMachineAliasArn=work.physical_id)


class Activity(Handler):
    """AWS::StepFunctions::Activity"""

    type = "AWS::StepFunctions::Activity"
    service = "stepfunctions"

    async def create(self, work: Work) -> Made:
        """An activity; its name must be free."""
        name = work.properties["Name"]
        arn = work.call.arn(f"activity:{name}", "states")
        if await is_there(work.aws.stepfunctions.describe_activity(activityArn=arn)):
            raise already_exists(work.type, name)
        encryption = pick(work.properties, encryptionConfiguration="EncryptionConfiguration")
        made = await work.aws.stepfunctions.create_activity(
            name=name, tags=_tags(work, system=True), **lower_first(encryption)
        )
        return Made(made["activityArn"], {"Arn": made["activityArn"], "Name": name})

    async def update(self, work: Work) -> Made:
        """Tags only."""
        await _update_tags(work)
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """Delete it."""
        await work.aws.stepfunctions.delete_activity(activityArn=work.physical_id)


TYPES = (StateMachine(), StateMachineVersion(), StateMachineAlias(), Activity())


def _definition(work: Work) -> str:
    """The definition from wherever it comes, `${name}` replaced by the substitutions."""
    given = [name for name in _SOURCES if name in work.properties]
    if len(given) != 1:
        raise HandlerError(f"Exactly one of {', '.join(_SOURCES)} must be specified")
    text = _stored(work.prepared) if work.prepared is not None else document(work.properties[given[0]])
    values = work.properties.get("DefinitionSubstitutions") or {}
    return _SUBSTITUTION.sub(lambda found: _text(values[found[1]]) if found[1] in values else found[0], text)


def _stored(content: bytes) -> str:
    """A definition from S3 is JSON or YAML."""
    text = content.decode()
    if text.lstrip().startswith("{"):
        return text
    try:
        return document(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise HandlerError(f"The definition in S3 is neither JSON nor YAML: {error}") from error


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _settings(properties: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Logging, tracing and encryption. What was taken away goes back to what it is without."""
    defaults = {"LoggingConfiguration": {"Level": "OFF"}, "TracingConfiguration": {"Enabled": False}}
    reset = {name: value for name, value in defaults.items() if before and name in before}
    wanted = {**reset, **pick(properties, "LoggingConfiguration", "TracingConfiguration", "EncryptionConfiguration")}
    settings: dict[str, Any] = lower_first(wanted)
    return settings


def _routes(properties: Mapping[str, Any]) -> list[dict[str, Any]]:
    routing, preference = properties.get("RoutingConfiguration"), properties.get("DeploymentPreference")
    if (routing is None) == (preference is None):
        raise HandlerError("Exactly one of RoutingConfiguration and DeploymentPreference must be specified")
    if preference is None:
        routes: list[dict[str, Any]] = lower_first(routing)
        return routes
    if preference.get("Alarms"):
        raise HandlerError("Undercast does not watch alarms during deployments yet: leave Alarms out")
    return [{"stateMachineVersionArn": preference["StateMachineVersionArn"], "weight": 100}]


def _description(work: Work) -> dict[str, Any]:
    return pick(work.properties, description="Description")


def _tags(work: Work, *, system: bool = False) -> list[dict[str, str]]:
    tags: list[dict[str, str]] = lower_first(work.tag_list(system=system))
    return tags


async def _update_tags(work: Work) -> None:
    if stale := work.stale_tags():
        await work.aws.stepfunctions.untag_resource(resourceArn=work.physical_id, tagKeys=stale)
    if work.tags():
        await work.aws.stepfunctions.tag_resource(resourceArn=work.physical_id, tags=_tags(work))
