"""What holds for a REST API without any I/O: resources and their paths, methods, defaults."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from undercast.kit.errors import NotImplementedYet
from undercast.services.apigateway import errors

Document = dict[str, Any]

_PATH_PART = re.compile(r"[a-zA-Z0-9._\-:]+|\{[a-zA-Z0-9._\-:]+\+?\}")
_EXPRESSION = re.compile(
    r"method\.request\.(path|querystring|header|multivaluequerystring|multivalueheader)\.[^\s]+"
    r"|method\.request\.body(\..*|\[.*)?|'.*'|context\.[\w.\-]+|stageVariables\.[\w]+",
    re.DOTALL,
)
_TARGET = re.compile(r"integration\.request\.(path|querystring|header|multivaluequerystring|multivalueheader)\.\S+")
AS_CALLER = "arn:aws:iam::*:user/*"  # credentials of an integration that acts for who sent the request
_CREDENTIALS = re.compile(r"arn:aws[\w-]*:iam::(\d{12}:role/.+|\*:user/\*)")
HTTP_METHODS = ("ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
AUTHORIZATION_TYPES = ("NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS")

EMPTY_SCHEMA = (
    '{\n  "$schema": "http://json-schema.org/draft-04/schema#",\n  "title" : "Empty Schema",\n  "type" : "object"\n}'
)
ERROR_SCHEMA = (
    '{\n  "$schema" : "http://json-schema.org/draft-04/schema#",\n  "title" : "Error Schema",\n'
    '  "type" : "object",\n  "properties" : {\n    "message" : { "type" : "string" }\n  }\n}'
)


def root_of(api: Document) -> Document:
    root: Document = api["_resources"][api["rootResourceId"]]
    return root


def resource_of(api: Document, resource_id: str) -> Document:
    """A resource. NotFoundException."""
    resource: Document | None = api["_resources"].get(resource_id)
    if resource is None:
        raise errors.no_resource()
    return resource


def method_of(api: Document, resource_id: str, http_method: str) -> Document:
    """A method. NotFoundException, for the resource or for the method."""
    method: Document | None = resource_of(api, resource_id)["resourceMethods"].get(http_method)
    if method is None:
        raise errors.NotFoundException("Invalid Method identifier specified")
    return method


def methods(api: Document) -> Iterator[tuple[Document, Document]]:
    """All resources with each of their methods."""
    for resource in api["_resources"].values():
        for method in resource["resourceMethods"].values():
            yield resource, method


def children(api: Document, resource_id: str) -> list[Document]:
    return [resource for resource in api["_resources"].values() if resource.get("parentId") == resource_id]


def new_resource(api: Document, resource_id: str, parent: Document, path_part: str) -> Document:
    """Add a resource below another. BadRequestException, ConflictException."""
    check_path_part(api, parent, path_part)
    resource = {
        "id": resource_id,
        "parentId": parent["id"],
        "pathPart": path_part,
        "path": join(parent["path"], path_part),
        "resourceMethods": {},
    }
    api["_resources"][resource_id] = resource
    return resource


def check_path_part(api: Document, parent: Document, path_part: str, besides: str = "") -> None:
    """Whether a path part may stand below `parent`; `besides` is the resource that is moved or renamed."""
    if not _PATH_PART.fullmatch(path_part):
        raise errors.BadRequestException(
            "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the "
            "beginning and the end."
        )
    if parent.get("pathPart", "").endswith("+}"):
        raise errors.BadRequestException(
            f"Cannot create a child of a resource with a greedy path variable: {parent['pathPart']}"
        )
    for sibling in children(api, parent["id"]):
        if sibling["id"] == besides:
            continue
        if sibling["pathPart"] == path_part:
            raise errors.ConflictException(f"Another resource with the same parent already has this name: {path_part}")
        if sibling["pathPart"].startswith("{") and path_part.startswith("{"):
            raise errors.BadRequestException(
                f"A sibling ({sibling['pathPart']}) of this resource already has a variable path part -- "
                "only one is allowed"
            )


def join(parent_path: str, path_part: str) -> str:
    return f"{parent_path.rstrip('/')}/{path_part}"


def repath(api: Document, resource: Document) -> None:
    """Make the paths of a resource and of all below it anew."""
    resource["path"] = join(api["_resources"][resource["parentId"]]["path"], resource["pathPart"])
    for child in children(api, resource["id"]):
        repath(api, child)


def remove_resource(api: Document, resource_id: str) -> None:
    """Remove a resource and all below it."""
    for child in children(api, resource_id):
        remove_resource(api, child["id"])
    del api["_resources"][resource_id]


def default_models(ids: tuple[str, str]) -> Document:
    """The models of every new API (recorded: test_model_lifecycle)."""
    about = "This is a default {} schema model"
    return {
        name: {"id": id, "name": name, "description": about.format(name.lower()), "schema": schema,
               "contentType": "application/json"}
        for id, name, schema in ((ids[0], "Empty", EMPTY_SCHEMA), (ids[1], "Error", ERROR_SCHEMA))
    }  # fmt: skip


# --- rules for methods and integrations ---


def check_request_parameters(parameters: Mapping[str, Any]) -> None:
    """The parameters that a method declares. BadRequestException."""
    names = [name.rpartition(".")[2] if name.count(".") == 3 else name.split(".", 3)[-1] for name in parameters]
    for name in parameters:
        if not re.fullmatch(
            r"method\.request\.(path|querystring|header|multivaluequerystring|multivalueheader)\..+", name
        ):
            raise errors.BadRequestException(
                "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
                f"[Invalid mapping expression specified: {name}]"
            )
    if len(set(names)) != len(names):
        raise errors.BadRequestException("Parameter names must be unique across querystring, header and path")


def check_mapping(parameters: Mapping[str, str]) -> None:
    """The parameters that an integration sends. BadRequestException (recorded: …request_parameter_bool_type)."""
    for target, source in parameters.items():
        if wrong := next(
            (text for text, rule in ((target, _TARGET), (source, _EXPRESSION)) if not rule.fullmatch(text)), ""
        ):
            raise errors.BadRequestException(
                "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
                f"[Invalid mapping expression specified: {wrong}]"
            )


def check_declared(method: Document, parameters: Mapping[str, str]) -> None:
    """What an integration takes from the request must be declared by its method. BadRequestException."""
    declared = method.get("requestParameters") or {}
    for source in parameters.values():
        if not source.startswith("method.request.") or source.startswith("method.request.body"):
            continue
        if source not in declared and source.replace(".multivalue", ".") not in declared:
            raise errors.BadRequestException(
                "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
                f"[Invalid mapping expression parameter specified: {source}]"
            )


def check_integration(integration: Document) -> None:
    """What an integration needs for its type. BadRequestException; NotImplemented for what cannot act here."""
    if integration.get("connectionType") == "VPC_LINK":
        raise NotImplementedYet("Undercast has no VPC links; use connectionType INTERNET.")
    if integration.get("responseTransferMode") == "STREAM":
        raise NotImplementedYet("Undercast does not stream the responses of integrations yet.")
    if not _CREDENTIALS.fullmatch(integration.get("credentials") or AS_CALLER):
        raise errors.BadRequestException("Invalid ARN specified in the request")
    if not 50 <= integration.get("timeoutInMillis", 29000) <= 29000:
        raise errors.BadRequestException("Timeout should be between 50 ms and 29000 ms")
    if integration["type"] == "MOCK":
        return
    if not integration.get("httpMethod"):
        raise errors.BadRequestException("Enumeration value for HttpMethod must be non-empty")
    _check_uri(integration["type"], integration.get("uri") or "")


def _check_uri(type: str, uri: str) -> None:
    if type.startswith("HTTP"):
        if not re.match(r"https?://.+|.*\$\{stageVariables\..+\}", uri):
            raise errors.BadRequestException("Invalid HTTP endpoint specified for URI")
        return
    found = re.fullmatch(r"arn:aws[\w-]*:apigateway:[^:]*:([\w.-]+):(path|action)/(.*)", uri, re.DOTALL)
    if found is None:
        raise errors.BadRequestException(
            "AWS ARN for integration must contain path or action"
            if uri.startswith("arn:")
            else "Invalid ARN specified in the request"
        )
    if type == "AWS_PROXY" and not re.search(r"/functions/.+/invocations$", found[3]):
        raise errors.BadRequestException(
            "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations."
        )
