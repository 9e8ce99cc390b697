"""Operations on connections: how an HTTP endpoint is to be asked. What is secret is kept in Secrets Manager."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.services.events import credentials, errors, pages
from undercast.services.events import destination_storage as storage
from undercast.services.events.failures import PRINCIPAL
from undercast.services.events.model import Connection

_OAUTH = "OAUTH_CLIENT_CREDENTIALS"


async def create_connection(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make a connection; one with OAuth is authorized by a job."""
    _check_supported(request)
    name = request["Name"]
    if await storage.find_connection(call, name):
        raise errors.ResourceAlreadyExistsException(f"Connection {name} already exists.")
    content = credentials.secret_of(request["AuthorizationType"], request["AuthParameters"])
    secret = await call.as_service(PRINCIPAL).aws.secretsmanager.create_secret(
        Name=f"events!connection/{name}/{call.ids.uuid()}", SecretString=orjson.dumps(content).decode()
    )
    made = Connection(
        call.account, call.region, name, call.ids.uuid(), request.get("Description") or "",
        request["AuthorizationType"], credentials.shown(request["AuthParameters"]), secret["ARN"], "AUTHORIZED", "",
        call.now, call.now, call.now,
    )  # fmt: skip
    made = await _authorize(call, made)
    return _outcome(made, authorized=False)


async def update_connection(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change what is given, and authorize again."""
    _check_supported(request)
    one = await _find(call, request["Name"])
    kind, given = request.get("AuthorizationType") or one.type, request.get("AuthParameters") or {}
    secret = await call.aws.secretsmanager.get_secret_value(SecretId=one.secret_arn)
    before = orjson.loads(secret["SecretString"]) if kind == one.type else {}
    content = {**before, **credentials.secret_of(kind, given, partly=bool(before))}
    await call.aws.secretsmanager.put_secret_value(SecretId=one.secret_arn, SecretString=orjson.dumps(content).decode())
    shown = credentials.merged(one.parameters if kind == one.type else {}, credentials.shown(given))
    description = request.get("Description")
    one = one._replace(
        type=kind, parameters=shown, modified_at=call.now, authorized_at=call.now, state="AUTHORIZED", reason="",
        description=one.description if description is None else description,
    )  # fmt: skip
    return _outcome(await _authorize(call, one))


async def deauthorize_connection(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Forget what is secret; the connection stays and cannot be used until it is updated."""
    one = await _find(call, request["Name"])
    one = one._replace(state="DEAUTHORIZING", modified_at=call.now)
    await storage.save_connection(call, one)
    await call.later(call.now, "deauthorize", one.name)
    return _outcome(one)


async def delete_connection(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a connection and its secret."""
    one = await _find(call, request["Name"])
    await storage.delete_connection(call, one)
    await call.aws.secretsmanager.delete_secret(SecretId=one.secret_arn, ForceDeleteWithoutRecovery=True)
    return _outcome(one._replace(state="DELETING"))


async def describe_connection(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A connection without what is secret."""
    one = await _find(call, request["Name"])
    return {**_show(one), "Description": one.description or None, "SecretArn": one.secret_arn,
            "AuthParameters": one.parameters}  # fmt: skip


async def list_connections(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Connections by name."""
    size, prefix = pages.limit(request), request.get("NamePrefix") or ""
    state, after = request.get("ConnectionState") or "", pages.after(request)
    found = await storage.list_connections(call, prefix, state, after, size + 1)
    return pages.answer("Connections", found, size, _show, lambda one: one.name)


async def _authorize(call: Call, one: Connection) -> Connection:
    if one.type == _OAUTH:
        one = one._replace(state="AUTHORIZING")
        await call.later(call.now, "authorize", {"name": one.name, "modified_at": one.modified_at})
    await storage.save_connection(call, one)
    return one


async def _find(call: Call, name: str) -> Connection:
    one = await storage.find_connection(call, name)
    if one is None:
        raise errors.ResourceNotFoundException(
            f"Failed to describe the connection(s). Connection '{name}' does not exist."
        )
    return one


def _check_supported(request: dict[str, Any]) -> None:
    parameters = request.get("AuthParameters") or {}
    if request.get("InvocationConnectivityParameters") or parameters.get("ConnectivityParameters"):
        raise NotImplementedYet("Undercast has no private APIs for connections yet.")
    if request.get("KmsKeyIdentifier"):
        raise NotImplementedYet("Undercast does not encrypt connections with keys of the user yet.")


def _outcome(one: Connection, *, authorized: bool = True) -> dict[str, Any]:
    return {
        "ConnectionArn": one.arn,
        "ConnectionState": one.state,
        "CreationTime": one.created_at,
        "LastModifiedTime": one.modified_at,
        "LastAuthorizedTime": one.authorized_at if authorized else None,
    }


def _show(one: Connection) -> dict[str, Any]:
    reason = one.reason or None
    return {**_outcome(one), "Name": one.name, "StateReason": reason, "AuthorizationType": one.type}
