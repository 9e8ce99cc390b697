"""What of a connection's parameters is secret and what is shown, and the jobs that authorize connections."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit import connections
from undercast.kit.call import Call
from undercast.kit.connections import NotAuthorized
from undercast.kit.service import waits
from undercast.services.events import destination_storage as storage
from undercast.services.events import errors
from undercast.services.events.model import Connection

_MEMBERS = {
    "BASIC": "BasicAuthParameters",
    "API_KEY": "ApiKeyAuthParameters",
    "OAUTH_CLIENT_CREDENTIALS": "OAuthParameters",
}
_SECRET_NAMES = {  # in the secret, as recorded: test_connection_secrets
    "Username": "username", "Password": "password", "ApiKeyName": "api_key_name", "ApiKeyValue": "api_key_value",
    "ClientID": "client_id", "ClientSecret": "client_secret", "AuthorizationEndpoint": "authorization_endpoint",
    "HttpMethod": "http_method",
}  # fmt: skip
_HIDDEN = ("Password", "ApiKeyValue", "ClientSecret")
_LISTS = {
    "HeaderParameters": "header_parameters",
    "QueryStringParameters": "query_string_parameters",
    "BodyParameters": "body_parameters",
}


def secret_of(kind: str, parameters: dict[str, Any], *, partly: bool = False) -> dict[str, Any]:
    """The content of the secret. ValidationException when what the kind needs is not there (unless `partly`)."""
    own = parameters.get(_MEMBERS[kind])
    if not own and not partly:
        raise errors.ValidationException(f"{_MEMBERS[kind]} must be specified for authorization type {kind}.")
    flat = {**(own or {}), **((own or {}).get("ClientParameters") or {})}
    content: dict[str, Any] = {
        name: flat[given] for given, name in _SECRET_NAMES.items() if flat.get(given) is not None
    }
    if flat.get("OAuthHttpParameters") is not None:
        content["oauth_http_parameters"] = _lists(flat["OAuthHttpParameters"])
    if parameters.get("InvocationHttpParameters") is not None:
        content["invocation_http_parameters"] = _lists(parameters["InvocationHttpParameters"])
    return content


def shown(parameters: Any) -> Any:
    """The parameters without what is secret."""
    if isinstance(parameters, list):
        return [shown(one) for one in parameters]
    if not isinstance(parameters, dict):
        return parameters
    secret = {*_HIDDEN, *(("Value",) if parameters.get("IsValueSecret") else ())}
    return {name: shown(value) for name, value in parameters.items() if name not in secret and value is not None}


def merged(before: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Objects within objects become one; what is given wins."""
    result = dict(before)
    for name, value in given.items():
        old = result.get(name)
        result[name] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) and value else value
    return result


@waits
async def authorize(call: Call, payload: dict[str, Any]) -> None:
    """The job: fetch a first token for a connection with OAuth. NotAuthorized has it tried again."""
    one = await call.transact(_current, payload)
    if one is None:
        return
    secret = await call.aws.secretsmanager.get_secret_value(SecretId=one.secret_arn)
    await connections.fetch_token(call, orjson.loads(secret["SecretString"]))
    await call.transact(_settle, payload, "AUTHORIZED", "")


async def not_authorized(call: Call, payload: dict[str, Any], error: BaseException) -> None:
    """When that has failed for good."""
    reason = str(error) if isinstance(error, NotAuthorized) else "The connection could not be authorized."
    await _settle(call, payload, "DEAUTHORIZED", reason[:512])


async def deauthorize(call: Call, name: str) -> None:
    """The job: forget the secret's content."""
    one = await storage.find_connection(call, name)
    if one and one.state == "DEAUTHORIZING":
        await call.aws.secretsmanager.put_secret_value(SecretId=one.secret_arn, SecretString="{}")
        await storage.save_connection(call, one._replace(state="DEAUTHORIZED", modified_at=call.now))


async def _current(call: Call, payload: dict[str, Any]) -> Connection | None:
    one = await storage.find_connection(call, payload["name"])
    return one if one and (one.state, one.modified_at) == ("AUTHORIZING", payload["modified_at"]) else None


async def _settle(call: Call, payload: dict[str, Any], state: str, reason: str) -> None:
    one = await _current(call, payload)
    if one:
        authorized_at = call.now if state == "AUTHORIZED" else one.authorized_at
        await storage.save_connection(call, one._replace(state=state, reason=reason, authorized_at=authorized_at))


def _lists(parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        name: [
            {"key": one["Key"], "value": one.get("Value", ""), "is_value_secret": bool(one.get("IsValueSecret"))}
            for one in parameters[given]
        ]
        for given, name in _LISTS.items()
        if parameters.get(given)
    }
