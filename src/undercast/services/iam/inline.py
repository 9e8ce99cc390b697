"""Operations on the inline policies of roles, users and groups."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from undercast.kit.call import Call
from undercast.services.iam import documents, errors, pages, storage
from undercast.services.iam.model import GROUP, ROLE, USER, Entity, Kind, size_of

_Operation = Callable[[Call, dict[str, Any]], Awaitable[dict[str, Any] | None]]


def _operations(kind: Kind, member: str) -> tuple[_Operation, _Operation, _Operation, _Operation]:
    """Put, get, delete and list for one kind; `member` names it in requests."""

    async def put(call: Call, request: dict[str, Any]) -> None:
        """Add an inline policy or replace it."""
        owner = await storage.find(call, kind, request[member])
        owner.check_modifiable()
        documents.check_identity(request["PolicyDocument"], old=True)
        await _check_size(call, owner, request["PolicyName"], request["PolicyDocument"])
        await storage.put_inline(call, owner, request["PolicyName"], request["PolicyDocument"])

    async def get(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """An inline policy."""
        owner = await storage.find(call, kind, request[member])
        document = await storage.find_inline(call, owner, request["PolicyName"])
        if document is None:
            raise _no_policy(kind, request["PolicyName"])
        return {
            member: owner.name, "PolicyName": request["PolicyName"], "PolicyDocument": documents.encode(document)
        }  # fmt: skip

    async def delete(call: Call, request: dict[str, Any]) -> None:
        """Delete an inline policy."""
        owner = await storage.find(call, kind, request[member])
        owner.check_modifiable()
        if not await storage.delete_inline(call, owner, request["PolicyName"]):
            raise _no_policy(kind, request["PolicyName"])

    async def list_names(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """The names of the inline policies."""
        owner = await storage.find(call, kind, request[member])
        rows = await storage.inline(call, owner, pages.position(request, ""), pages.limit(request))
        return pages.answer("PolicyNames", rows, request, lambda row: row[0], lambda row: row[0])

    return put, get, delete, list_names


async def _check_size(call: Call, owner: Entity, name: str, document: str) -> None:
    """LimitExceeded when all inline policies together are too large."""
    others = [text for other, text in await storage.inline(call, owner) if other != name]
    if sum(map(size_of, [*others, document])) > owner.kind.inline_limit:
        raise errors.LimitExceeded(
            f"Maximum policy size of {owner.kind.inline_limit} bytes exceeded for {owner.kind.name} {owner.name}"
        )


def _no_policy(kind: Kind, name: str) -> errors.NoSuchEntity:
    return errors.NoSuchEntity(f"The {kind.name} policy with name {name} cannot be found.")


put_role_policy, get_role_policy, delete_role_policy, list_role_policies = _operations(ROLE, "RoleName")
put_user_policy, get_user_policy, delete_user_policy, list_user_policies = _operations(USER, "UserName")
put_group_policy, get_group_policy, delete_group_policy, list_group_policies = _operations(GROUP, "GroupName")
