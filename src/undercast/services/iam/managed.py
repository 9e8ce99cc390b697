"""Managed policies seen as one: the account's own, and AWS's."""

from __future__ import annotations

import re
from typing import Any

from undercast.kit.call import Call
from undercast.kit.tags import as_list
from undercast.services.iam import aws_policies, errors, storage
from undercast.services.iam.aws_policies import AwsPolicy
from undercast.services.iam.model import ATTACHED, BOUNDARY, POLICY, Entity, missing

_ARN = re.compile(r"arn:[^:]+:iam::(\d{12}|aws):policy/(?:.*/)?([^/]+)")


def check_arn(arn: str) -> None:
    """ValidationError unless `arn` is one, of a policy (recorded: test_role_attach_policy)."""
    if not arn.startswith("arn:") or arn.count(":") < 5:
        raise errors.ValidationError("Invalid ARN:  Could not be parsed!")
    if not _ARN.fullmatch(arn):
        raise errors.ValidationError(f"ARN {arn} is not valid.")


async def find(call: Call, arn: str) -> Entity | AwsPolicy:
    """The policy of an ARN. NoSuchEntity, ValidationError."""
    check_arn(arn)
    found = await _seek(call, arn)
    if found is None:
        raise missing(POLICY, arn)
    return found


async def find_own(call: Call, arn: str) -> Entity:
    """The account's policy of an ARN; AWS's cannot be changed. NoSuchEntity, ValidationError."""
    found = await find(call, arn)
    if isinstance(found, AwsPolicy):
        raise errors.ValidationError(f"ARN {arn} is not valid.")
    return found


async def exists(call: Call, arn: str) -> bool:
    return await _seek(call, arn) is not None


async def _seek(call: Call, arn: str) -> Entity | AwsPolicy | None:
    match = _ARN.fullmatch(arn)
    if match is None:
        return None
    if match[1] == "aws":
        return aws_policies.find(arn)
    found = await storage.seek(call, POLICY, match[2])
    return found if found and found.arn == arn else None


async def describe(call: Call, policy: Entity | AwsPolicy) -> dict[str, Any]:
    """A policy as lists show it."""
    facts: dict[str, Any] = {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "AttachmentCount": await storage.count_attachments(call, policy.arn, ATTACHED),
        "PermissionsBoundaryUsageCount": await storage.count_attachments(call, policy.arn, BOUNDARY),
        "IsAttachable": True,
        "CreateDate": policy.created_at,
    }
    if isinstance(policy, AwsPolicy):
        return facts | {"DefaultVersionId": "v1", "UpdateDate": policy.created_at}
    return facts | {"DefaultVersionId": f"v{policy.details['default']}", "UpdateDate": policy.details["updated_at"]}


async def describe_whole(call: Call, policy: Entity | AwsPolicy) -> dict[str, Any]:
    """A policy as GetPolicy shows it: with description and tags."""
    facts = await describe(call, policy)
    if isinstance(policy, AwsPolicy):
        return facts | {"Tags": []}
    return facts | {"Description": policy.details.get("description"), "Tags": as_list(policy.tags)}
