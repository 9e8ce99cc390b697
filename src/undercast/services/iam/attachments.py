"""Operations that attach managed policies to roles, users and groups, detach and list them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from undercast.kit.call import Call
from undercast.services.iam import errors, managed, pages, storage
from undercast.services.iam.model import ATTACHED, GROUP, ROLE, USER, Kind

_Operation = Callable[[Call, dict[str, Any]], Awaitable[dict[str, Any] | None]]


def _operations(kind: Kind, member: str, quota: str) -> tuple[_Operation, _Operation, _Operation]:
    """Attach, detach and list for one kind; `member` names it in requests, `quota` what it may not exceed."""

    async def attach(call: Call, request: dict[str, Any]) -> None:
        """Attach a managed policy; once is enough."""
        arn = request["PolicyArn"]
        managed.check_arn(arn)
        owner = await storage.find(call, kind, request[member])
        owner.check_modifiable()
        if not await managed.exists(call, arn):
            raise errors.NoSuchEntity(f"Policy {arn} does not exist or is not attachable.")
        if ":policy/aws-service-role/" in arn:
            raise errors.PolicyNotAttachable("Cannot attach a Service Role Policy to a Customer Role.")
        others = [other for other in await storage.attached(call, owner, ATTACHED) if other != arn]
        if len(others) >= kind.attached_limit:
            raise errors.LimitExceeded(f"Cannot exceed quota for {quota}: {kind.attached_limit}")
        await storage.attach(call, owner, ATTACHED, arn)

    async def detach(call: Call, request: dict[str, Any]) -> None:
        """Detach a managed policy."""
        arn = request["PolicyArn"]
        managed.check_arn(arn)
        owner = await storage.find(call, kind, request[member])
        owner.check_modifiable()
        if not await storage.detach(call, owner, ATTACHED, arn):
            raise errors.NoSuchEntity(f"Policy {arn} was not found.")

    async def list_attached(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """The managed policies that are attached."""
        owner = await storage.find(call, kind, request[member])
        arns = await storage.attached(call, owner, ATTACHED)
        found = [(arn, _path_and_name(arn)) for arn in arns]
        chosen = [row for row in found if row[1][0].startswith(request.get("PathPrefix") or "")]
        start = pages.position(request, 0)
        rows = list(enumerate(chosen, 1))[start:]
        return pages.answer("AttachedPolicies", rows, request, _shown, lambda row: row[0])

    return attach, detach, list_attached


def _shown(row: tuple[int, tuple[str, tuple[str, str]]]) -> dict[str, str]:
    _, (arn, (_, name)) = row
    return {"PolicyName": name, "PolicyArn": arn}


def _path_and_name(arn: str) -> tuple[str, str]:
    path, _, name = arn.partition(":policy")[2].rpartition("/")
    return f"{path}/", name


attach_role_policy, detach_role_policy, list_attached_role_policies = _operations(ROLE, "RoleName", "PoliciesPerRole")
attach_user_policy, detach_user_policy, list_attached_user_policies = _operations(USER, "UserName", "PoliciesPerUser")
attach_group_policy, detach_group_policy, list_attached_group_policies = _operations(
    GROUP, "GroupName", "PoliciesPerGroup"
)
