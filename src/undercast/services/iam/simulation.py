"""Operations that tell what policies would allow, without doing it."""

from __future__ import annotations

from typing import Any

from undercast.engines import policies
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.services.iam import aws_policies, errors, managed, pages, storage
from undercast.services.iam.aws_policies import AwsPolicy
from undercast.services.iam.model import ATTACHED, GROUP, KINDS, USER, Entity, missing
from undercast.services.iam.sources import Source, context_keys


async def simulate_principal_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """What a user, group or role may do, by its policies and those given besides."""
    principal = await _principal(call, request["PolicySourceArn"])
    sources = await _sources(call, principal) + _inputs(request, "PolicyInputList")
    bounds = _inputs(request, "PermissionsBoundaryPolicyInputList") or await _boundary(call, principal)
    context = {"aws:PrincipalArn": principal.arn}
    if principal.kind is USER:
        context |= {"aws:username": principal.name, "aws:userid": principal.id}
    return _simulate(request, sources, bounds, request.get("CallerArn") or principal.arn, context)


async def simulate_custom_policy(_call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """What policies that are nobody's would allow."""
    bounds = _inputs(request, "PermissionsBoundaryPolicyInputList")
    return _simulate(request, _inputs(request, "PolicyInputList"), bounds, request.get("CallerArn") or "", {})


async def get_context_keys_for_custom_policy(_call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The condition keys that policies ask for."""
    return {"ContextKeyNames": context_keys(_inputs(request, "PolicyInputList"))}


async def get_context_keys_for_principal_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The condition keys that the policies of a user, group or role ask for."""
    principal = await _principal(call, request["PolicySourceArn"])
    sources = await _sources(call, principal) + _inputs(request, "PolicyInputList")
    return {"ContextKeyNames": context_keys(sources)}


def _simulate(
    request: dict[str, Any], sources: list[Source], bounds: list[Source], caller: str, context: dict[str, Any]
) -> dict[str, Any]:
    if request.get("ResourceHandlingOption"):
        raise NotImplementedYet("Undercast does not simulate EC2's scenarios (ResourceHandlingOption) yet.")
    for entry in request.get("ContextEntries") or ():
        values = entry.get("ContextKeyValues") or []
        context[entry["ContextKeyName"]] = values[0] if len(values) == 1 else values  # only one can be a variable
    resource_policy = request.get("ResourcePolicy")
    theirs = [Source.read("ResourcePolicy", resource_policy, kind="resource")] if resource_policy else []
    given = {key.lower() for key in context}
    missing = [key for key in context_keys([*sources, *bounds, *theirs]) if key.lower() not in given]
    principal = policies.Principal(_parse(caller).account, (caller,)) if caller else None
    cases = [
        policies.Request(action, resource, principal, context)
        for action in request["ActionNames"]
        for resource in request.get("ResourceArns") or ["*"]
    ]
    start = pages.position(request, 0)
    rows = list(enumerate(cases, 1))[start : start + pages.limit(request) + 1]
    return pages.answer(
        "EvaluationResults",
        rows,
        request,
        lambda row: _result(row[1], sources, bounds, theirs, missing),
        lambda row: row[0],
    )


def _result(
    case: policies.Request, sources: list[Source], bounds: list[Source], theirs: list[Source], missing: list[str]
) -> dict[str, Any]:
    """One entry of the answer (recorded: test_simulate_principle_policy)."""
    limit = [source.policy for source in bounds]
    decision = policies.authorize(
        case, [source.policy for source in sources], [source.policy for source in theirs], [limit] if bounds else []
    )
    wanted = {id(statement) for statement in decision.matched}
    matched = [match for source in [*sources, *theirs, *bounds] for match in source.matches(wanted)]
    common = {"MatchedStatements": matched, "MissingContextValues": missing}
    boundary = {"AllowedByPermissionsBoundary": policies.evaluate(limit, case).allowed} if bounds else None
    specific = {
        "EvalResourceName": case.resource,
        "EvalResourceDecision": decision.effect.value,
        "PermissionsBoundaryDecisionDetail": boundary,
        **common,
    }
    return {
        "EvalActionName": case.action,
        "EvalResourceName": case.resource,
        "EvalDecision": decision.effect.value,
        "EvalDecisionDetails": {},
        "OrganizationsDecisionDetail": {"AllowedByOrganizations": True},
        "PermissionsBoundaryDecisionDetail": boundary,
        "ResourceSpecificResults": [specific],
        **common,
    }


def _inputs(request: dict[str, Any], member: str) -> list[Source]:
    texts = request.get(member) or []
    return [Source.read(f"{member}.{number}", text) for number, text in enumerate(texts, 1)]


async def _principal(call: Call, arn: str) -> Entity:
    """The user, group or role of an ARN. InvalidInput, NoSuchEntity."""
    kind, _, name = _parse(arn).resource.partition("/")
    if kind not in ("user", "group", "role"):
        raise errors.InvalidInput(f"Invalid Entity Arn: {arn}")
    found = await storage.find(call, KINDS[kind], name.rpartition("/")[2])
    if found.arn != arn:  # another account's, or another path
        raise missing(found.kind, found.name)
    return found


def _parse(arn: str) -> Arn:
    try:
        return Arn.parse(arn)
    except ValueError:
        raise errors.InvalidInput(f"Invalid Entity Arn: {arn}") from None


async def _sources(call: Call, owner: Entity) -> list[Source]:
    """All policies of a user, group or role; a user has its groups' too."""
    prefix = f"{owner.kind.name}_{owner.name}"
    found = [Source.read(f"{prefix}_{name}", text) for name, text in await storage.inline(call, owner)]
    found += [await _managed(call, arn) for arn in await storage.attached(call, owner, ATTACHED)]
    if owner.kind is USER:
        for container in await storage.containers(call, owner):
            if container.kind is GROUP:
                found += await _sources(call, container)
    return found


async def _boundary(call: Call, owner: Entity) -> list[Source]:
    arn = owner.details.get("boundary")
    return [await _managed(call, arn)] if arn else []


async def _managed(call: Call, arn: str) -> Source:
    policy = await managed.find(call, arn)
    if isinstance(policy, AwsPolicy):
        return Source.read(policy.name, aws_policies.document(policy))
    for number, _, text in await storage.versions(call, policy):
        if number == policy.details["default"]:
            return Source.read(policy.name, text)
    raise AssertionError(f"{arn} has no default version")
