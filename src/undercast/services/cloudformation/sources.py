"""Where a stack's design comes from: the template of a request, fetched, expanded and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson

from undercast.engines.resource_schemas import schema, type_names
from undercast.engines.templates import Bound, MacroCall, Pseudo, Template, TemplateError, expansion, load
from undercast.engines.templates.template import LANGUAGE_EXTENSIONS
from undercast.engines.templates.yaml_text import read_yaml
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.tags import as_map
from undercast.services.cloudformation import errors, lookups, storage
from undercast.services.cloudformation.model import Design, Stack
from undercast.services.cloudformation.resources import handler_of
from undercast.services.cloudformation.resources.handler import content_of

_LARGEST = 1_000_000
_VIRTUAL = re.compile(
    r"^(?P<bucket>.+)\.s3(?:[.-][a-z0-9-]+)?\.(?:amazonaws\.com|localhost\.localstack\.cloud|localhost)$"
)
_PATH_STYLE = re.compile(r"^s3(?:[.-][a-z0-9-]+)?\.(?:amazonaws\.com|localhost\.localstack\.cloud|localhost)$")
_NAMED = {
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
}
_PRIVILEGED = {*_NAMED, "AWS::IAM::AccessKey", "AWS::IAM::Policy", "AWS::IAM::UserToGroupAddition"}


async def body_of(call: Call, request: Mapping[str, Any], previous: Design | None = None) -> str:
    """The template's text, from the request or from the S3 of this platform. ValidationError."""
    if request.get("UsePreviousTemplate"):
        if previous is None:
            raise errors.ValidationError("UsePreviousTemplate cannot be used for a stack without a template.")
        return previous.body
    body, url = request.get("TemplateBody"), request.get("TemplateURL")
    if body is not None and url:
        raise errors.ValidationError("You cannot specify both Template URL and Template Body.")
    if body is not None:
        return str(body)
    if not url:
        raise errors.ValidationError("Either Template URL or Template Body must be specified.")
    return (await fetch(call, url)).decode("utf-8", "replace")


async def fetch(call: Call, url: str) -> bytes:
    """An object by its URL. Recorded: templates::test_create_stack_from_s3_template_url[*]."""
    bucket, key = _place(call, url)
    try:
        data = await content_of(call, bucket, key)
    except ServiceError as error:
        raise errors.ValidationError(f"S3 error: {error.message}\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html") from None  # fmt: skip
    if len(data) > _LARGEST:
        raise errors.ValidationError(f"Template may not exceed {_LARGEST} bytes in size.")
    return data


def _place(call: Call, url: str) -> tuple[str, str]:
    """Bucket and key of an S3 URL that this platform serves."""
    parts = urlsplit(url)
    if parts.scheme == "s3":
        raise errors.ValidationError(f"S3 error: Domain name specified in {parts.netloc} is not a valid S3 domain")
    ours = {urlsplit(call.platform.endpoint_url).netloc, call.request.host if call.request else ""}
    host = parts.hostname or ""
    path = unquote(parts.path).lstrip("/")
    if parts.scheme in ("http", "https"):
        if match := _VIRTUAL.match(host):
            return match["bucket"], path
        if parts.netloc in ours or _PATH_STYLE.match(host):
            bucket, _, key = path.partition("/")
            if bucket and key:
                return bucket, key
    raise errors.ValidationError("TemplateURL must be a supported URL.")


async def read(call: Call, request: Mapping[str, Any], pseudo: Pseudo, previous: Design | None = None) -> Design:
    """The design that a request describes, its macros run. ValidationError, TemplateError."""
    body = await body_of(call, request, previous)
    template = load(body, by_url=not request.get("TemplateBody"))
    given = _given(request, template, previous)
    tags = as_map(request.get("Tags"))
    if request.get("Tags") is None and previous:
        tags = dict(previous.tags)
    if any(name.lower().startswith("aws:") for name in tags):
        raise errors.ValidationError("aws: prefixed tag key names are not allowed for external use.")
    ssm = await lookups.ssm_values(call, template.needs(given).ssm_parameters)
    design = Design(body, parameters=given, ssm=ssm, tags=tags)
    if not template.macros:
        return design
    done = await expand(call, template, given, pseudo, ssm)
    processed = orjson.dumps(done.document).decode()
    return replace(design, processed=processed, extended=LANGUAGE_EXTENSIONS in template.macros)


async def read_design(call: Call, request: dict[str, Any], stack: Stack, previous: Design | None = None) -> Design:
    """The design of a request, checked; the customer must have agreed to what it does. ValidationError."""
    try:
        design = await read(call, request, stack.pseudo, previous)
        bound = design.bind(stack.pseudo)
        check(bound)
        check_types(request, bound)
    except TemplateError as error:
        raise errors.ValidationError(error.message) from None
    macros = macros_of(design)
    check_capabilities(stack.capabilities, bound, macros)
    return design


def _given(request: Mapping[str, Any], template: Template, previous: Design | None) -> dict[str, str]:
    """The texts that a request gives for parameters."""
    given: dict[str, str] = {}
    for one in request.get("Parameters") or ():
        name = one["ParameterKey"]
        if not one.get("UsePreviousValue"):
            given[name] = one.get("ParameterValue") or ""
        elif previous and name in previous.parameters:
            given[name] = previous.parameters[name]
        elif previous is None or name not in previous.template.parameters:
            raise errors.ValidationError(
                f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true for a parameter key "
                "not in the previous template"
            )
    return given


def check(bound: Bound) -> None:
    """What is checked before anything is made: circles, resource types, attributes. TemplateError."""
    template = bound.template
    bound.graph()
    template.check_types(type_names())
    template.check_attributes(schema)
    bound.needs()  # works out every expression as far as that is possible now
    for name, one in bound.resources.items():
        for member in ("CreationPolicy", "UpdatePolicy"):
            if member in one.body:
                raise TemplateError(f"{member} of resource {name} is not supported by Undercast yet")
    missing = sorted({one.type for one in bound.resources.values() if handler_of(one.type) is None})
    if missing:
        raise TemplateError("\n".join(f"Resource type {name} is not supported by Undercast yet" for name in missing))


def check_types(request: Mapping[str, Any], bound: Bound) -> None:
    """TemplateError for a resource whose type the customer's ResourceTypes do not cover; without them all may be made.

    The API reference: `AWS::*`, `AWS::service_name::*`, `Custom::*`, or the whole name of a type.
    """
    allowed = request.get("ResourceTypes") or ["*"]
    for name in sorted({one.type for one in bound.resources.values()}):
        if not any(fnmatchcase(name, pattern) for pattern in allowed):
            raise TemplateError(
                f"Resource type {name} is not allowed by parameter ResourceTypes [{', '.join(allowed)}]"
            )


def check_capabilities(given: list[str], bound: Bound, macros: tuple[str, ...]) -> None:
    """InsufficientCapabilitiesException unless the customer agrees to what the template does."""
    wanted = needed_capabilities(bound.template)
    missing = [one for one in wanted if one not in given]
    if "CAPABILITY_IAM" in missing and "CAPABILITY_NAMED_IAM" in given:
        missing.remove("CAPABILITY_IAM")
    if macros and "CAPABILITY_AUTO_EXPAND" not in given:
        missing.append("CAPABILITY_AUTO_EXPAND")
    if missing:
        raise errors.InsufficientCapabilitiesException(f"Requires capabilities : [{', '.join(missing)}]")


def needed_capabilities(template: Template) -> list[str]:
    """CAPABILITY_NAMED_IAM or CAPABILITY_IAM, if a template makes identities."""
    privileged = privileged_resources(template)
    named = any(
        _NAMED.get(template.resources[name].type, "") in template.resources[name].properties for name in privileged
    )
    return ["CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"] if privileged else []


def privileged_resources(template: Template) -> list[str]:
    """The logical ids of resources that need a capability."""
    return [name for name, one in template.resources.items() if one.type in _PRIVILEGED]


# --- macros ---


def macros_of(design: Design) -> tuple[str, ...]:
    """The names of the macros that were run to make the design."""
    return load(design.body, by_url=True).macros if design.processed else ()


async def expand(
    call: Call, template: Template, given: dict[str, str], pseudo: Pseudo, ssm: dict[str, str]
) -> Template:
    """The template after its macros. TemplateError."""
    steps = expansion(template, given, pseudo, ssm)
    fragment: Any = None
    try:
        while True:
            fragment = await _run(call, pseudo, steps.send(fragment))
    except StopIteration as done:
        result: Template = done.value
        return result


async def _run(call: Call, pseudo: Pseudo, macro: MacroCall) -> Any:
    if macro.name == "AWS::Include":
        return await _include(call, macro)
    function = await call.transact(storage.find_macro, macro.name)
    if function is None:
        raise TemplateError(f"No transform named {pseudo.account_id}::{macro.name} found.")
    event = {
        "region": pseudo.region,
        "accountId": pseudo.account_id,
        "fragment": macro.fragment,
        "transformId": f"{pseudo.account_id}::{macro.name}",
        "params": macro.parameters,
        "requestId": call.ids.uuid(),
        "templateParameterValues": dict(macro.template_parameters),
    }
    answer = await call.aws.lambda_.invoke(FunctionName=function, Payload=orjson.dumps(event))
    return _fragment(macro.name, pseudo, answer, event["requestId"])


def _fragment(name: str, pseudo: Pseudo, answer: dict[str, Any], request_id: str) -> Any:
    """What a macro's function returned, if all is well."""
    whole = f"Transform {pseudo.account_id}::{name} failed"
    if answer.get("FunctionError"):
        raise TemplateError(f"{whole} without an error message.")
    try:
        result = orjson.loads(answer["Payload"])
    except ValueError:
        result = None
    if not isinstance(result, dict):
        raise TemplateError(f"{whole} with: The macro's response is not a JSON object.")
    if str(result.get("status", "")).lower() != "success":
        message = result.get("errorMessage")
        raise TemplateError(f"{whole} with: {message}." if message else f"{whole} without an error message.")
    if result.get("requestId") != request_id or "fragment" not in result:
        raise TemplateError(f"{whole} with: The macro's response has no fragment or another request id.")
    return result["fragment"]


async def _include(call: Call, macro: MacroCall) -> Any:
    """A snippet in S3 beside what it stands among."""
    location = macro.parameters.get("Location")
    match = re.fullmatch(r"s3://([^/]+)/(.+)", location) if isinstance(location, str) else None
    if match is None and not isinstance(location, str):
        raise TemplateError("Transform AWS::Include failed with: The Location parameter is missing.")
    url = f"{call.platform.endpoint_url}/{match[1]}/{match[2]}" if match else location
    try:
        text = (await fetch(call, str(url))).decode("utf-8", "replace")
    except errors.ValidationError as error:
        raise TemplateError(f"Transform AWS::Include failed with: {error.message}") from None
    snippet = read_yaml(text)
    return {**macro.fragment, **snippet} if isinstance(macro.fragment, dict) and isinstance(snippet, dict) else snippet
