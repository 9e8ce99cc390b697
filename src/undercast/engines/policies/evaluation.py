"""Decides by policies whether a request may be made: AWS's policy evaluation logic as a pure function."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from undercast.engines.policies.conditions import holds
from undercast.engines.policies.matching import Context, fits, pattern
from undercast.engines.policies.model import Policy, Principals, Statement


class Effect(Enum):
    """As SimulatePrincipalPolicy names them."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `arns` are all that name it: for a role's session the session's and the role's; empty for a service."""

    account: str = ""
    arns: tuple[str, ...] = ()
    service: str = ""
    federated: str = ""
    canonical_user: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """`action` as "sqs:SendMessage"; `context` the condition keys (in any case) with one or several values."""

    action: str
    resource: str = "*"
    principal: Principal | None = None
    context: Context = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    effect: Effect
    matched: tuple[Statement, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.effect is Effect.ALLOWED


def evaluate(policies: Iterable[Policy], request: Request) -> Decision:
    """By all of `policies` together: a deny wins, then an allow; else it is denied for want of one."""
    return _decide(_applying(policies, request))


def authorize(
    request: Request,
    identity: Iterable[Policy],
    resource: Iterable[Policy] = (),
    limits: Sequence[Iterable[Policy]] = (),
    *,
    same_account: bool = True,
) -> Decision:
    """By the caller's policies, the resource's, and `limits` (permissions boundary, session policy, SCPs), each a set.

    In the same account an allow on either side is enough, across accounts both must allow. Each limit must allow too,
    unless the resource's policy allows the caller by name. A policy that names the caller's account only lets the
    account decide: it does not allow by itself what the caller's own policies do not.
    """
    own = _applying(identity, request)
    theirs = _applying(resource, request)
    bounds = [_applying(limit, request) for limit in limits]
    for decision in map(_decide, (own, theirs, *bounds)):
        if decision.effect is Effect.EXPLICIT_DENY:
            return decision
    named = [statement for statement in theirs if statement.allows and _by_name(statement, request.principal)]
    if same_account and named:
        return Decision(Effect.ALLOWED, tuple(named))
    enough = own if same_account else own and theirs and (*own, *theirs)
    if not enough or not all(bounds):
        return Decision(Effect.IMPLICIT_DENY)
    return Decision(Effect.ALLOWED, tuple(enough))


def _decide(statements: Sequence[Statement]) -> Decision:
    denying = tuple(statement for statement in statements if not statement.allows)
    if denying:
        return Decision(Effect.EXPLICIT_DENY, denying)
    return Decision(Effect.ALLOWED if statements else Effect.IMPLICIT_DENY, tuple(statements))


def _applying(policies: Iterable[Policy], request: Request) -> list[Statement]:
    context = {key.lower(): value for key, value in request.context.items()}
    return [
        statement
        for policy in policies
        for statement in policy.statements
        if _applies(statement, request, context, context if policy.has_variables else None)
    ]


def _applies(statement: Statement, request: Request, context: Context, variables: Context | None) -> bool:
    return (
        _acts(statement, request.action.lower())
        and _concerns(statement, request.resource, variables)
        and _is_about(statement, request.principal)
        and all(holds(condition, context, variables) for condition in statement.conditions)
    )


def _acts(statement: Statement, action: str) -> bool:
    if statement.actions is not None:
        return any(_fits(one.lower(), action, None) for one in statement.actions)
    return not any(_fits(one.lower(), action, None) for one in statement.not_actions or ())


def _concerns(statement: Statement, resource: str, variables: Context | None) -> bool:
    """A trust policy has no resources: it is about the role that it is on."""
    if statement.resources is not None:
        return any(_fits(one, resource, variables) for one in statement.resources)
    return not any(_fits(one, resource, variables) for one in statement.not_resources or ())


def _fits(text: str, value: str, variables: Context | None) -> bool:
    parts = pattern(text, variables)
    return parts is not None and fits(parts, value)


def _is_about(statement: Statement, principal: Principal | None) -> bool:
    """An identity's policy has no principals: it is about the identity that it is on."""
    if statement.principals is not None:
        return principal is not None and _among(statement.principals, principal)
    if statement.not_principals is not None:
        return principal is not None and not _among(statement.not_principals, principal)
    return True


def _among(principals: Principals, principal: Principal) -> bool:
    return _named(principals, principal) or any(
        one == principal.account or (one.endswith(":root") and one.split(":")[4:5] == [principal.account])
        for one in principals.get("AWS", ())
        if principal.account and not principal.service
    )


def _named(principals: Principals, principal: Principal) -> bool:
    """Is it meant itself, or everybody, and not just its account?"""
    if "*" in principals:
        return True
    aws = principals.get("AWS", ())
    return (
        ("*" in aws and not principal.service)
        or any(arn in aws for arn in principal.arns)
        or any(one in (principal.service, "*") for one in principals.get("Service", ()) if principal.service)
        or any(one == principal.federated for one in principals.get("Federated", ()) if principal.federated)
        or any(
            one == principal.canonical_user for one in principals.get("CanonicalUser", ()) if principal.canonical_user
        )
    )


def _by_name(statement: Statement, principal: Principal | None) -> bool:
    if principal is None:
        return False
    if statement.principals is None:
        return statement.not_principals is not None
    return _named(statement.principals, principal)
