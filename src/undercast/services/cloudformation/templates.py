"""Operations on templates."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.engines.resource_schemas import schema
from undercast.engines.templates import Template, TemplateError, load
from undercast.kit.call import Call
from undercast.kit.service import waits
from undercast.services.cloudformation import errors, naming, sources, storage
from undercast.services.cloudformation.model import Design


async def get_template(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A stack's or a change set's template: as it was written, or with its macros run."""
    if request.get("ChangeSetName"):
        design: Design | None = (await naming.seek(call, request)).design
    else:
        if not request.get("StackName"):
            raise errors.ValidationError("StackName is a required parameter.")
        stack = await storage.find_stack(call, request["StackName"])
        design = stack.current or stack.target
    if design is None:
        raise errors.ValidationError(f"Stack [{request.get('StackName')}] does not have a template")
    processed = request.get("TemplateStage") == "Processed" and design.processed
    return {
        "TemplateBody": design.processed if processed else design.body,
        "StagesAvailable": ["Original", "Processed"],
    }


@waits
async def get_template_summary(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """What a template declares."""
    if request.get("StackName"):
        stack = await call.transact(storage.find_stack, request["StackName"])
        design = stack.current or stack.target
        if design is None:
            raise errors.ValidationError(f"Stack [{request['StackName']}] does not have a template")
        written, template = _load(design.body), design.template
    else:
        written = template = _load(await sources.body_of(call, request))
    return {**_parameters(written), **_summary(written, template)}


def _summary(written: Template, template: Template) -> dict[str, Any]:
    document = template.document
    types = sorted({one["Type"] for one in document["Resources"].values() if isinstance(one, dict) and "Type" in one})
    shown: dict[str, Any] = {
        "Description": template.description,
        "ResourceTypes": types,
        "Version": str(document.get("AWSTemplateFormatVersion", "2010-09-09")),
        "Metadata": orjson.dumps(document["Metadata"]).decode() if "Metadata" in document else None,
        "DeclaredTransforms": list(written.macros) or None,
        "ResourceIdentifierSummaries": _identifiers(document, types),
    }
    return shown | (_capabilities(template) if not template.macros else _auto_expand(written))


def _capabilities(template: Template) -> dict[str, Any]:
    needed = sources.needed_capabilities(template)
    if not needed:
        return {}
    names = ", ".join(sources.privileged_resources(template))
    return {
        "Capabilities": needed,
        "CapabilitiesReason": f"The following resource(s) require capabilities: [{names}]",
    }


def _auto_expand(template: Template) -> dict[str, Any]:
    return {
        "Capabilities": ["CAPABILITY_AUTO_EXPAND"],
        "CapabilitiesReason": f"The following resource(s) require capabilities: [{', '.join(template.macros)}]",
    }


def _identifiers(document: dict[str, Any], types: list[str]) -> list[dict[str, Any]]:
    found = []
    for name in types:
        one = schema(name)
        if one and one.primary_identifier:
            logical = [key for key, body in document["Resources"].items() if body.get("Type") == name]
            found.append(
                {
                    "ResourceType": name,
                    "LogicalResourceIds": logical,
                    "ResourceIdentifiers": list(one.primary_identifier),
                }
            )
    return found


def _parameters(template: Template) -> dict[str, Any]:
    shown = []
    for name, one in template.parameters.items():
        entry: dict[str, Any] = {
            "ParameterKey": name,
            "DefaultValue": one.default,
            "ParameterType": one.type,
            "NoEcho": one.no_echo,
            "Description": one.description,
        }
        allowed = [str(value) for value in one.rules.get("AllowedValues", ())]
        entry["ParameterConstraints"] = {"AllowedValues": allowed} if allowed else {}
        shown.append(entry)
    return {"Parameters": shown}


@waits
async def validate_template(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Whether a template is one, and what it declares."""
    template = _load(await sources.body_of(call, request))
    if template.macros:
        capabilities = _auto_expand(template)
    else:
        try:
            template.check_attributes(schema)
        except TemplateError as error:
            raise errors.ValidationError(error.message) from None
        capabilities = _capabilities(template)
    names = ("ParameterKey", "DefaultValue", "NoEcho", "Description")
    return {
        "Parameters": [{key: one[key] for key in names} for one in _parameters(template)["Parameters"]],
        "Description": template.description,
        "DeclaredTransforms": list(template.macros) or None,
        **capabilities,
    }


def _load(body: str) -> Template:
    try:
        return load(body, by_url=True)
    except TemplateError as error:
        raise errors.ValidationError(error.message) from None
