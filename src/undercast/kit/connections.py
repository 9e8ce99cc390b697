"""Puts a connection of EventBridge into an HTTP request: its API key, password or OAuth token, and its parameters.

answer = await connections.send(call, connection_arn, Outgoing("POST", url, headers, body), timeout_s=5)

The connection's secret (`events!connection/...`) holds all of it. For operations and jobs that wait.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection.html
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import orjson

from undercast.kit import outgoing
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.outgoing import Answer, NoAnswer, Outgoing, with_headers, with_query

_TOKENS = "connections.tokens"  # by connection: (version of the secret, token, when it ends)
_TIMEOUT_S = 5
_DEFAULT_LIFE_S = 3_600
_EARLY_MS = 30_000  # a token is not used so shortly before its end


class NotAuthorized(Exception):
    """The connection cannot be used; the message says why."""


async def send(call: Call, connection_arn: str, request: Outgoing, timeout_s: float) -> Answer:
    """Send a request with the connection's authorization; once more with a new token when the server takes no more to
    the old one. ServiceError (there is no such connection), NotAuthorized, NoAnswer."""
    whole = await authorized(call, connection_arn, request)
    answer = await outgoing.send(call.platform, whole, timeout_s)
    if answer.status in (401, 407) and whole.headers.get("Authorization", "").startswith("Bearer "):
        whole = await authorized(call, connection_arn, request, fresh=True)
        answer = await outgoing.send(call.platform, whole, timeout_s)
    return answer


async def authorized(call: Call, connection_arn: str, request: Outgoing, *, fresh: bool = False) -> Outgoing:
    """The request with the connection's authorization. `fresh`: with a new OAuth token. NotAuthorized."""
    there = call.at(connection_arn)
    name = Arn.parse(connection_arn).resource.split("/")[1]
    connection = await there.aws.events.describe_connection(Name=name)
    if connection["ConnectionState"] not in ("AUTHORIZED", "AUTHORIZING"):
        raise NotAuthorized(f"The connection {name} is {connection['ConnectionState']}.")
    secret = await there.aws.secretsmanager.get_secret_value(SecretId=connection["SecretArn"])
    content = orjson.loads(secret["SecretString"])
    request = with_parameters(request, content.get("invocation_http_parameters") or {})
    kind = connection["AuthorizationType"]
    if kind == "API_KEY":
        return _with_header(request, content["api_key_name"], content["api_key_value"])
    if kind == "BASIC":
        return _with_header(request, "Authorization", basic(content["username"], content["password"]))
    token = await _token(there, connection_arn, secret["VersionId"], content, fresh)
    return _with_header(request, "Authorization", f"Bearer {token}")


async def fetch_token(call: Call, content: dict[str, Any]) -> tuple[str, int]:
    """A new OAuth token for a secret's content, and for how many seconds it is good. NotAuthorized."""
    client = {"client_id": content["client_id"], "client_secret": content["client_secret"]}
    headers = {
        "Authorization": basic(content["client_id"], content["client_secret"]),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    parameters = content.get("oauth_http_parameters") or {}
    form = {"grant_type": "client_credentials", **client, **dict(_pairs(parameters, "body_parameters"))}
    plain = {**parameters, "body_parameters": []}
    if content["http_method"] == "GET":
        plain["query_string_parameters"] = [
            *({"key": key, "value": value} for key, value in form.items()),
            *(parameters.get("query_string_parameters") or ()),
        ]
    body = b"" if content["http_method"] == "GET" else urlencode(form).encode()
    request = Outgoing(content["http_method"], content["authorization_endpoint"], headers, body)
    try:
        answer = await outgoing.send(call.platform, with_parameters(request, plain), _TIMEOUT_S)
    except NoAnswer as error:
        raise NotAuthorized(f"The authorization endpoint did not answer: {error}") from error
    return _read_token(answer)


def with_parameters(request: Outgoing, parameters: dict[str, Any]) -> Outgoing:
    """A request with a connection's headers, query parameters and (in a JSON object) body parameters; they win."""
    headers = with_headers(request.headers, dict(_pairs(parameters, "header_parameters")))
    url = with_query(request.url, _pairs(parameters, "query_string_parameters"))
    return replace(request, headers=headers, url=url, body=_with_body(request.body, parameters))


def basic(user: str, password: str) -> str:
    """The value of a header for basic authentication."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def _with_body(body: bytes, parameters: dict[str, Any]) -> bytes:
    added = dict(_pairs(parameters, "body_parameters"))
    if not added:
        return body
    try:
        content = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        return body
    return orjson.dumps({**content, **added}) if isinstance(content, dict) else body


def _pairs(parameters: dict[str, Any], kind: str) -> list[tuple[str, str]]:
    return [(one["key"], one.get("value", "")) for one in parameters.get(kind) or ()]


def _with_header(request: Outgoing, name: str, value: str) -> Outgoing:
    return replace(request, headers=with_headers(request.headers, {name: value}))


async def _token(call: Call, arn: str, version: str, content: dict[str, Any], fresh: bool) -> str:
    tokens: dict[str, tuple[str, str, int]] = call.platform.things.setdefault(_TOKENS, {})
    found = tokens.get(arn)
    if found and not fresh and found[0] == version and call.clock.now() < found[2]:
        return found[1]
    token, life_s = await fetch_token(call, content)
    tokens[arn] = (version, token, call.clock.now() + 1000 * life_s - _EARLY_MS)
    return token


def _read_token(answer: Answer) -> tuple[str, int]:
    if not 200 <= answer.status < 300:
        raise NotAuthorized(f"The authorization endpoint answered with status {answer.status}.")
    try:
        content = orjson.loads(answer.body)
        return str(content["access_token"]), int(content.get("expires_in") or _DEFAULT_LIFE_S)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise NotAuthorized("The authorization endpoint answered without an access token.") from error
