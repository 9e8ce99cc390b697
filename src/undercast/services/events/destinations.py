"""Operations on API destinations: HTTP endpoints that rules and pipes can send events to."""

from __future__ import annotations

from typing import Any

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.services.events import destination_storage as storage
from undercast.services.events import errors, pages
from undercast.services.events.model import Connection, Destination

_DEFAULT_RATE = 300


async def create_api_destination(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make an API destination. Undercast takes http endpoints too, for servers on the user's machine."""
    name = request["Name"]
    connection = await _connection(call, request["ConnectionArn"])
    if await storage.find(call, name):
        raise errors.ResourceAlreadyExistsException(f"An api-destination '{name}' already exists.")
    one = Destination(
        call.account, call.region, name, call.ids.uuid(), request.get("Description") or "", request["ConnectionArn"],
        _endpoint(request["InvocationEndpoint"]), request["HttpMethod"],
        request.get("InvocationRateLimitPerSecond") or _DEFAULT_RATE, call.now, call.now,
    )  # fmt: skip
    await storage.save(call, one)
    return _outcome(one, connection)


async def update_api_destination(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change what is given."""
    one = await _find(call, request["Name"])
    connection = await _connection(call, request.get("ConnectionArn") or one.connection_arn)
    description = request.get("Description")
    one = one._replace(
        description=one.description if description is None else description,
        connection_arn=connection.arn,
        endpoint=_endpoint(request.get("InvocationEndpoint") or one.endpoint),
        method=request.get("HttpMethod") or one.method,
        per_second=request.get("InvocationRateLimitPerSecond") or one.per_second,
        modified_at=call.now,
    )
    await storage.save(call, one)
    return _outcome(one, connection)


async def delete_api_destination(call: Call, request: dict[str, Any]) -> None:
    """Delete an API destination."""
    await storage.delete(call, await _find(call, request["Name"]))


async def describe_api_destination(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """An API destination; it is active while its connection is authorized."""
    one = await _find(call, request["Name"])
    return {**await _show(call, one), "Description": one.description or None}


async def list_api_destinations(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """API destinations by name."""
    size, prefix, arn = pages.limit(request), request.get("NamePrefix") or "", request.get("ConnectionArn") or ""
    found = await storage.list_destinations(call, prefix, arn, pages.after(request), size + 1)
    page = pages.answer("ApiDestinations", found, size, lambda one: one, lambda one: one.name)
    return {**page, "ApiDestinations": [await _show(call, one) for one in page["ApiDestinations"]]}


async def _find(call: Call, name: str) -> Destination:
    one = await storage.find(call, name)
    if one is None:
        raise errors.ResourceNotFoundException(
            f"Failed to describe the api-destination(s). An api-destination '{name}' does not exist."
        )
    return one


async def _connection(call: Call, arn: str) -> Connection:
    name = arn.split("/")[1]
    one = await storage.find_connection(call, name) if Arn.parse(arn).account == call.account else None
    if one is None or one.arn != arn:
        raise errors.ResourceNotFoundException(f"Connection '{name}' does not exist.")
    return one


async def _show(call: Call, one: Destination) -> dict[str, Any]:
    connection = await storage.find_connection(call, one.connection_arn.split("/")[1])
    return {
        **_outcome(one, connection),
        "Name": one.name,
        "ConnectionArn": one.connection_arn,
        "InvocationEndpoint": one.endpoint,
        "HttpMethod": one.method,
        "InvocationRateLimitPerSecond": one.per_second,
    }


def _outcome(one: Destination, connection: Connection | None) -> dict[str, Any]:
    usable = connection is not None and connection.state == "AUTHORIZED"
    return {
        "ApiDestinationArn": one.arn,
        "ApiDestinationState": "ACTIVE" if usable else "INACTIVE",
        "CreationTime": one.created_at,
        "LastModifiedTime": one.modified_at,
    }


def _endpoint(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        raise errors.not_valid("InvocationEndpoint", "The endpoint must be an HTTPS URL.")
    return url
