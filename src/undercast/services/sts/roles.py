"""Operations that give the credentials of a role."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from undercast.engines import policies
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.credentials import Identity
from undercast.kit.errors import NotImplementedYet, ServiceError
from undercast.services.sts import credentials, errors, saml, web_identity
from undercast.services.sts.model import (
    Session,
    check_packed,
    check_policy,
    check_transitive,
    inherit,
    parse_role,
    session_tags,
)  # fmt: skip

_HOUR_S = 3600


async def assume_role(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Credentials of a role, for a principal of AWS."""
    arn = parse_role(request["RoleArn"])
    credentials.refuse_mfa(request)
    if request.get("ProvidedContexts"):
        raise NotImplementedYet("Undercast does not have context assertions (ProvidedContexts) yet.")
    parent = call.identity.session
    wanted, transitive = session_tags(request.get("Tags")), request.get("TransitiveTagKeys") or []
    check_transitive(transitive, wanted)
    tags, passed_on = inherit(wanted, transitive, parent)
    role = await _find_role(call, arn, request["RoleArn"])
    _check_trust(call, role)
    source = await _source_identity(call, request)
    session = Session(role["Arn"], tags, passed_on, source, request.get("Policy"), _policy_arns(request))
    return await _assume(call, role, session, request, chained=bool(parent and parent.get("role")))


async def assume_role_with_web_identity(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Credentials of a role, for who holds an OpenID Connect token of a provider that the role's account knows."""
    arn = parse_role(request["RoleArn"])
    if request.get("ProviderId"):
        raise NotImplementedYet("Undercast does not have OAuth 2.0 access tokens (ProviderId); send an OpenID token.")
    token = web_identity.read(request["WebIdentityToken"], call.now)
    provider = await _oidc_provider(call.into(account=arn.account), token)
    role = await _find_role(call, arn, request["RoleArn"], "AssumeRoleWithWebIdentity")
    session = Session(
        role["Arn"], token.tags, token.transitive, token.source_identity, request.get("Policy"), _policy_arns(request),
        token.claims,
    )  # fmt: skip
    answer = await _assume(call, role, session, request)
    return {
        **answer,
        "SubjectFromWebIdentityToken": token.subject,
        "Provider": provider,
        "Audience": token.audience,
    }


async def assume_role_with_saml(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Credentials of a role, for who holds a SAML assertion of a provider that the role's account knows."""
    arn, principal = parse_role(request["RoleArn"]), request["PrincipalArn"]
    assertion = saml.read(request["SAMLAssertion"], call.now)
    if (request["RoleArn"], principal) not in assertion.roles:
        raise errors.InvalidIdentityToken("The requested role is not in the assertion.")
    try:
        await call.into(account=arn.account).aws.iam.get_saml_provider(SAMLProviderArn=principal)
    except ServiceError:
        raise errors.InvalidIdentityToken(f"Specified provider doesn't exist (Provider: {principal})") from None
    role = await _find_role(call, arn, request["RoleArn"], "AssumeRoleWithSAML")
    session = Session(
        role["Arn"], assertion.tags, assertion.transitive, assertion.source_identity, request.get("Policy"),
        _policy_arns(request), {"iss": assertion.issuer, "sub": assertion.subject, "sub_type": assertion.subject_type},
    )  # fmt: skip
    wanted = {"DurationSeconds": assertion.duration_s, "RoleSessionName": assertion.session_name} | request
    return {**await _assume(call, role, session, wanted), **saml.facts(assertion, arn.account, principal)}


async def _assume(
    call: Call, role: dict[str, Any], session: Session, request: dict[str, Any], *, chained: bool = False
) -> dict[str, Any]:
    """The answer that all have in common."""
    duration_s = request.get("DurationSeconds") or _HOUR_S
    if duration_s > role["MaxSessionDuration"]:
        raise errors.ValidationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    if chained and duration_s > _HOUR_S:
        raise errors.ValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        )
    check_policy(session.policy)
    check_packed(session)
    name, account = request["RoleSessionName"], role["Arn"].split(":")[4]
    arn = f"arn:aws:sts::{account}:assumed-role/{role['RoleName']}/{name}"
    identity = Identity(account, arn, f"{role['RoleId']}:{name}")
    return {
        "Credentials": await credentials.issue(call, identity, session, duration_s),
        "AssumedRoleUser": {"AssumedRoleId": identity.user_id, "Arn": arn},
        "PackedPolicySize": session.packed_percent,
        "SourceIdentity": session.source_identity,
    }


async def _find_role(call: Call, arn: Arn, text: str, action: str = "AssumeRole") -> dict[str, Any]:
    """The role of an ARN, in whatever account. AccessDenied when it is not there, as AWS does not tell."""
    try:
        answer = await call.into(account=arn.account).aws.iam.get_role(RoleName=arn.resource.rpartition("/")[2])
    except ServiceError as error:
        if error.code != "NoSuchEntity":
            raise
        answer = {"Role": {"Arn": ""}}
    role: dict[str, Any] = answer["Role"]
    if role["Arn"] != text:
        if action != "AssumeRole":
            raise errors.AccessDenied(f"Not authorized to perform sts:{action}")
        who = (await credentials.caller(call)).arn
        raise errors.AccessDenied(f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {text}")
    return role


def _check_trust(call: Call, role: dict[str, Any]) -> None:
    """AccessDenied unless the role trusts the service that asks. (Customers are judged where policies are enforced.)"""
    service = call.identity.service
    if not service:
        return
    trust = policies.parse(unquote(role["AssumeRolePolicyDocument"]), kind="trust")
    context = {"aws:SourceAccount": call.account}
    asked = policies.Request("sts:AssumeRole", role["Arn"], policies.Principal(service=service), context)
    if not policies.evaluate([trust], asked).allowed:
        raise errors.AccessDenied(
            f"User: {service} is not authorized to perform: sts:AssumeRole on resource: {role['Arn']}"
        )


async def _source_identity(call: Call, request: dict[str, Any]) -> str | None:
    """Once set it stays for all roles of a chain."""
    wanted = request.get("SourceIdentity")
    have = (call.identity.session or {}).get("source_identity")
    if have is not None and wanted not in (None, have):
        who = (await credentials.caller(call)).arn
        raise errors.AccessDenied(
            f"User: {who} is not authorized to perform: sts:SetSourceIdentity on resource: {request['RoleArn']}"
        )
    return wanted if have is None else str(have)


def _policy_arns(request: dict[str, Any]) -> tuple[str, ...]:
    return tuple(policy["arn"] for policy in request.get("PolicyArns") or ())


async def _oidc_provider(call: Call, token: web_identity.Token) -> str:
    """The ARN of the account's provider for a token's issuer. InvalidIdentityToken."""
    name = token.issuer.removeprefix("https://").rstrip("/")
    arn = f"arn:aws:iam::{call.account}:oidc-provider/{name}"
    try:
        provider = await call.aws.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    except ServiceError as error:
        if error.code not in ("NoSuchEntity", "ValidationException"):
            raise
        raise errors.InvalidIdentityToken(
            f"No OpenIDConnect provider found in your account for {token.issuer}"
        ) from None
    if token.audience not in provider["ClientIDList"]:
        raise errors.InvalidIdentityToken("Incorrect token audience")
    return arn
