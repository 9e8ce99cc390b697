"""Users, groups, roles and policies as GetAccountAuthorizationDetails shows them."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.iam import aws_policies, documents, managed, show, storage
from undercast.services.iam.aws_policies import AwsPolicy
from undercast.services.iam.model import ATTACHED, Entity


async def user(call: Call, user: Entity) -> dict[str, Any]:
    return {
        **show.user(user),
        "UserPolicyList": await _inline(call, user) or None,
        "GroupList": [group.name for group in await storage.containers(call, user)],
        "AttachedManagedPolicies": await _attached(call, user),
        "Tags": show.tags(user)["Tags"] or [],
    }


async def group(call: Call, group: Entity) -> dict[str, Any]:
    return {
        **show.group(group),
        "GroupPolicyList": await _inline(call, group),
        "AttachedManagedPolicies": await _attached(call, group),
    }


async def role(call: Call, role: Entity) -> dict[str, Any]:
    profiles = await storage.containers(call, role)
    shown = show.role(role)
    for name in ("Description", "MaxSessionDuration"):
        shown.pop(name)
    return {
        **shown,
        "InstanceProfileList": [show.profile(profile, [role]) for profile in profiles],
        "RolePolicyList": await _inline(call, role),
        "AttachedManagedPolicies": await _attached(call, role),
        "Tags": shown["Tags"] or [],
    }


async def policy(call: Call, policy: Entity | AwsPolicy) -> dict[str, Any]:
    return {**await managed.describe(call, policy), "PolicyVersionList": await _versions(call, policy)}


async def _versions(call: Call, policy: Entity | AwsPolicy) -> list[dict[str, Any]]:
    if isinstance(policy, AwsPolicy):
        known = policy.statements is not None
        text = documents.encode(aws_policies.document(policy)) if known else None
        return [{"Document": text, "VersionId": "v1", "IsDefaultVersion": True, "CreateDate": policy.created_at}]
    return [
        {
            "Document": documents.encode(text),
            "VersionId": f"v{number}",
            "IsDefaultVersion": number == policy.details["default"],
            "CreateDate": created_at,
        }
        for number, created_at, text in await storage.versions(call, policy)
    ]


async def _inline(call: Call, owner: Entity) -> list[dict[str, str]]:
    found = await storage.inline(call, owner)
    return [{"PolicyName": name, "PolicyDocument": documents.encode(text)} for name, text in found]


async def _attached(call: Call, owner: Entity) -> list[dict[str, str]]:
    arns = await storage.attached(call, owner, ATTACHED)
    return [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns]
