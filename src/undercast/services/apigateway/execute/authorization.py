"""Who may invoke a method: signatures (IAM) and Lambda authorizers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from undercast.kit.errors import ServiceError
from undercast.services.apigateway.execute import expressions
from undercast.services.apigateway.execute.exchange import or_none
from undercast.services.apigateway.execute.lambda_proxy import whole
from undercast.services.apigateway.execute.policies import (
    Effect,
    MalformedPolicy,
    Principal,
    by_authorizer,
    by_resource,
)
from undercast.services.apigateway.execute.refusals import Refused

if TYPE_CHECKING:
    from undercast.services.apigateway.execute.exchange import Exchange
    from undercast.services.apigateway.model import Document

_MOST = 10_000
_DEFAULT_TTL_S = 300
_FUNCTION = re.compile(r":lambda:path/[^/]+/functions/(.+)/invocations$")


@dataclass(frozen=True, slots=True)
class Opinion:
    """What an authorizer said."""

    principal: str
    policy: Any
    context: Mapping[str, str]
    usage_key: str


class Authorizers:
    """Asks authorizers and remembers what they said, by authorizer and identity."""

    def __init__(self) -> None:
        self._opinions: dict[tuple[object, ...], tuple[int, Opinion]] = {}

    async def check(self, exchange: Exchange) -> None:
        """Refused unless the caller may invoke the method."""
        kind = exchange.method.authorization
        if exchange.served.policy is not None:
            _check_policy(exchange)
        if kind == "NONE":
            return
        if kind == "AWS_IAM":
            _check_signature(exchange)
            return
        authorizer = exchange.method.authorizer
        if authorizer is None or authorizer["type"] == "COGNITO_USER_POOLS":
            raise Refused("AUTHORIZER_CONFIGURATION_ERROR")
        apply(exchange, await self._opinion(exchange, authorizer))

    async def _opinion(self, exchange: Exchange, authorizer: Document) -> Opinion:
        identity = identity_of(exchange, authorizer)
        ttl_s = authorizer.get("authorizerResultTtlInSeconds", _DEFAULT_TTL_S)
        served = exchange.served
        key = (served.api_id, served.stage_name, served.deployment_id, served.flushed, authorizer["id"], *identity)
        if not ttl_s or not identity:
            return await ask(exchange, authorizer)
        known = self._opinions.get(key)
        if known and known[0] > exchange.call.now:
            return known[1]
        opinion = await ask(exchange, authorizer)
        if len(self._opinions) >= _MOST:
            self._opinions.clear()
        self._opinions[key] = (exchange.call.now + ttl_s * 1000, opinion)
        return opinion


def _check_policy(exchange: Exchange) -> None:
    """The API's own policy. Refused when it does not let the caller in."""
    assert exchange.served.policy is not None
    signed = _is_signed(exchange)
    caller = exchange.caller
    principal = Principal(caller.account, (caller.arn,)) if signed else Principal()
    arn = exchange.method_arn
    effect = by_resource(exchange.served.policy, arn, exchange.request.source_ip, principal)
    if effect is not Effect.ALLOWED:
        hidden = arn.replace(exchange.call.account, "*" * 8 + exchange.call.account[-4:])
        why = " with an explicit deny" if effect is Effect.EXPLICIT_DENY else ""
        who = caller.arn if signed else "anonymous"
        raise Refused(
            "ACCESS_DENIED", f"User: {who} is not authorized to perform: execute-api:Invoke on resource: {hidden}{why}"
        )


def apply(exchange: Exchange, opinion: Opinion) -> None:
    """Pass on what the authorizer said. Refused when its policy does not allow the method."""
    exchange.authorizer = {"principalId": opinion.principal, "integrationLatency": 0, **opinion.context}
    exchange.usage_key = opinion.usage_key
    try:
        effect = by_authorizer(opinion.policy, exchange.method_arn, exchange.request.source_ip)
    except MalformedPolicy as error:
        exchange.failed(f"Execution failed due to configuration error: Invalid JSON in response: {error}")
        raise Refused("AUTHORIZER_CONFIGURATION_ERROR") from None
    if effect is Effect.EXPLICIT_DENY:
        raise Refused("ACCESS_DENIED", "User is not authorized to access this resource with an explicit deny")
    if effect is not Effect.ALLOWED:
        raise Refused("ACCESS_DENIED")


def identity_of(exchange: Exchange, authorizer: Document) -> tuple[str, ...]:
    """The values of the identity sources. Refused (401) when one is missing or does not have the form."""
    sources = [part.strip() for part in (authorizer.get("identitySource") or "").split(",") if part.strip()]
    values = []
    for source in sources:
        found = expressions.of_request(exchange, source)
        if not found or not found[-1]:
            raise Refused("UNAUTHORIZED")
        values.append(found[-1])
    form = authorizer.get("identityValidationExpression")
    if form and authorizer["type"] == "TOKEN" and not re.fullmatch(form, values[0]):
        raise Refused("UNAUTHORIZED")
    return tuple(values)


async def ask(exchange: Exchange, authorizer: Document) -> Opinion:
    """What the authorizer's function says. Refused when it says Unauthorized, fails, or says nothing that makes sense."""
    found = _FUNCTION.search(_filled(authorizer["authorizerUri"], exchange.served.variables))
    if found is None:
        raise Refused("AUTHORIZER_CONFIGURATION_ERROR")
    try:
        result = await exchange.acting(authorizer.get("authorizerCredentials")).aws.lambda_.invoke(
            FunctionName=found[1], Payload=_event(exchange, authorizer), InvocationType="RequestResponse"
        )
    except ServiceError as error:
        exchange.failed(f"Execution failed due to configuration error: {error.message}")
        raise Refused("AUTHORIZER_CONFIGURATION_ERROR") from None
    payload = await whole(result.get("Payload") or b"")
    exchange.data(f"Authorizer result body before parsing: {payload.decode(errors='replace')}")
    return _read(payload, failed=bool(result.get("FunctionError")))


def _read(payload: bytes, *, failed: bool) -> Opinion:
    try:
        answer = orjson.loads(payload)
        if failed:
            # "Unauthorized" is the one word with which a function refuses the caller's identity
            raise Refused(
                "UNAUTHORIZED" if answer.get("errorMessage") == "Unauthorized" else "AUTHORIZER_CONFIGURATION_ERROR"
            )
        context = {name: _plain(value) for name, value in (answer.get("context") or {}).items() if value is not None}
        return Opinion(answer["principalId"], answer["policyDocument"], context, answer.get("usageIdentifierKey") or "")
    except (ValueError, KeyError, AttributeError, TypeError):
        raise Refused("AUTHORIZER_CONFIGURATION_ERROR") from None


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return orjson.dumps(value).decode()
    raise ValueError("the context has a value that is neither a text, a number nor a truth value")


def _event(exchange: Exchange, authorizer: Document) -> bytes:
    if authorizer["type"] == "TOKEN":
        (token,) = identity_of(exchange, authorizer)
        return orjson.dumps({"type": "TOKEN", "methodArn": exchange.method_arn, "authorizationToken": token})
    return orjson.dumps(
        {
            "type": "REQUEST",
            "methodArn": exchange.method_arn,
            "resource": exchange.method.resource_path,
            "path": exchange.path,
            "httpMethod": exchange.request.method,
            "headers": exchange.headers,
            "multiValueHeaders": exchange.multi_headers,
            "queryStringParameters": exchange.query,
            "multiValueQueryStringParameters": exchange.multi_query,
            "pathParameters": exchange.path_params,
            "stageVariables": or_none(exchange.served.variables) or {},
            "requestContext": exchange.function_context(),
        }
    )


def _filled(uri: str, variables: Mapping[str, str]) -> str:
    return re.sub(r"\$\{stageVariables\.(\w+)\}", lambda found: variables.get(found[1], ""), uri)


def _check_signature(exchange: Exchange) -> None:
    """A request must be signed; whose signature it is, the function is told."""
    if not _is_signed(exchange):
        raise Refused("MISSING_AUTHENTICATION_TOKEN")
    identity = exchange.caller
    exchange.identity.update(
        accountId=identity.account,
        accessKey=identity.access_key or None,
        userArn=identity.arn,
        user=identity.user_id,
        caller=identity.user_id,
    )


def _is_signed(exchange: Exchange) -> bool:
    return exchange.header("authorization").startswith("AWS4-") or "X-Amz-Signature=" in exchange.request.query_string
