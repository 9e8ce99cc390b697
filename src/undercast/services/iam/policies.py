"""Operations on managed policies."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.kit.tags import as_list
from undercast.services.iam import aws_policies, documents, errors, managed, pages, storage
from undercast.services.iam.aws_policies import AwsPolicy
from undercast.services.iam.model import ATTACHED, BOUNDARY, POLICY, Entity, size_of, tags_from

_LARGEST = 6144
_OWNERS = {"role": ("PolicyRoles", "Role"), "user": ("PolicyUsers", "User"), "group": ("PolicyGroups", "Group")}


async def create_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a managed policy; its document is version v1."""
    _check_document(request["PolicyDocument"])
    tags = tags_from(request.get("Tags"))
    policy = await storage.add(
        call, POLICY, request["PolicyName"], request.get("Path") or "/",
        default=1, last=1, updated_at=call.now, description=request.get("Description"), tags=tags,
    )  # fmt: skip
    await storage.add_version(call, policy, 1, request["PolicyDocument"])
    return {"Policy": await managed.describe(call, policy) | {"Tags": as_list(tags) or None}}


async def get_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A policy of the account or of AWS."""
    return {"Policy": await managed.describe_whole(call, await managed.find(call, request["PolicyArn"]))}


async def list_policies(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The account's policies, then AWS's. A marker is the name or the ARN after which to go on."""
    after, limit, prefix = pages.position(request, ""), pages.limit(request), request.get("PathPrefix") or ""
    scope = request.get("Scope") or "All"
    found: list[Entity | AwsPolicy] = []
    if scope != "AWS" and not after.startswith("arn:"):
        enough = 10_000 if _filtered(request) else limit
        found += await _wanted(call, request, await storage.list_entities(call, POLICY, after, enough, prefix))
    if scope != "Local" and len(found) <= limit:
        aws = [
            policy for policy in aws_policies.TABLE.values() if policy.arn > after and policy.path.startswith(prefix)
        ]
        found += await _wanted(call, request, aws)
    rows = [await managed.describe(call, policy) for policy in found[: limit + 1]]
    return pages.answer("Policies", rows, request, dict, _position)


async def delete_policy(call: Call, request: dict[str, Any]) -> None:
    """Delete a policy that nobody has and that has one version."""
    policy = await managed.find_own(call, request["PolicyArn"])
    for usage in (ATTACHED, BOUNDARY):
        if await storage.count_attachments(call, policy.arn, usage):
            raise errors.DeleteConflict("Cannot delete a policy attached to entities.")
    if len(await storage.versions(call, policy)) > 1:
        raise errors.DeleteConflict("This policy has more than one version. Before you delete a policy, you must delete "
                                    "the policy's versions. The default version is deleted with the policy.")  # fmt: skip
    await storage.delete_version(call, policy, policy.details["default"])
    await storage.delete(call, policy)


async def create_policy_version(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Add a version."""
    policy = await managed.find_own(call, request["PolicyArn"])
    _check_document(request["PolicyDocument"])
    if len(await storage.versions(call, policy)) >= 5:
        raise errors.LimitExceeded("A managed policy can have up to 5 versions. Before you create a new version, you "
                                   "must delete an existing version.")  # fmt: skip
    number = policy.details["last"] + 1
    await storage.add_version(call, policy, number, request["PolicyDocument"])
    default = number if request.get("SetAsDefault") else policy.details["default"]
    await storage.save(call, policy.with_details(last=number, default=default, updated_at=call.now))
    return {"PolicyVersion": _version(number, call.now, default)}


async def get_policy_version(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A version with its document."""
    arn, wanted = request["PolicyArn"], request["VersionId"]
    policy = await managed.find(call, arn)
    if isinstance(policy, AwsPolicy):
        if wanted != "v1":
            raise _no_version(arn, wanted)
        document = documents.encode(aws_policies.document(policy))
        return {"PolicyVersion": {"Document": document, **_version(1, policy.created_at, 1)}}
    number, created_at, text = await _find_version(call, policy, wanted)
    shown = _version(number, created_at, policy.details["default"])
    return {"PolicyVersion": {"Document": documents.encode(text), **shown}}


async def list_policy_versions(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The versions of a policy, newest first, without documents."""
    policy = await managed.find(call, request["PolicyArn"])
    if isinstance(policy, AwsPolicy):
        return {"Versions": [_version(1, policy.created_at, 1)], "IsTruncated": False}
    before = pages.position(request, 1 << 62)
    rows = [row for row in await storage.versions(call, policy) if row[0] < before]
    default = policy.details["default"]
    return pages.answer("Versions", rows, request, lambda row: _version(row[0], row[1], default), lambda row: row[0])


async def delete_policy_version(call: Call, request: dict[str, Any]) -> None:
    """Delete a version that is not the default."""
    policy = await managed.find_own(call, request["PolicyArn"])
    number, _, _ = await _find_version(call, policy, request["VersionId"])
    if number == policy.details["default"]:
        raise errors.DeleteConflict("Cannot delete the default version of a policy.")
    await storage.delete_version(call, policy, number)


async def set_default_policy_version(call: Call, request: dict[str, Any]) -> None:
    """Choose the version that acts."""
    policy = await managed.find_own(call, request["PolicyArn"])
    number, _, _ = await _find_version(call, policy, request["VersionId"])
    await storage.save(call, policy.with_details(default=number, updated_at=call.now))


async def list_entities_for_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The roles, users and groups that have a policy, attached or as a boundary."""
    policy = await managed.find(call, request["PolicyArn"])
    usages = [request["PolicyUsageFilter"]] if request.get("PolicyUsageFilter") else [ATTACHED, BOUNDARY]
    wanted, prefix = request.get("EntityFilter"), request.get("PathPrefix") or ""
    found = await storage.holders(call, policy.arn, usages, pages.position(request, ""), 10_000)
    rows = [
        entity for entity in found
        if entity.path.startswith(prefix) and (wanted is None or wanted.lower() == entity.kind.name)
    ]  # fmt: skip
    answer = pages.answer("All", rows, request, lambda entity: entity, lambda entity: entity.id)
    shown = answer.pop("All")
    for kind, (member, title) in _OWNERS.items():
        of_kind = [entity for entity in shown if entity.kind.name == kind]
        answer[member] = [{f"{title}Name": entity.name, f"{title}Id": entity.id} for entity in of_kind]
    return answer


async def _wanted(call: Call, request: dict[str, Any], policies: list[Any]) -> list[Any]:
    """Those that are in use, if the request wants only these."""
    if not _filtered(request):
        return policies
    usage = request.get("PolicyUsageFilter")
    return [policy for policy in policies if await storage.count_attachments(call, policy.arn, usage or ATTACHED)]


def _filtered(request: dict[str, Any]) -> bool:
    return bool(request.get("PolicyUsageFilter") or request.get("OnlyAttached"))


def _position(shown: dict[str, Any]) -> str:
    arn = str(shown["Arn"])
    return arn if arn.startswith("arn:aws:iam::aws:") else str(shown["PolicyName"]).lower()


async def _find_version(call: Call, policy: Entity, wanted: str) -> tuple[int, int, str]:
    for version in await storage.versions(call, policy):
        if f"v{version[0]}" == wanted:
            return version
    raise _no_version(policy.arn, wanted)


def _no_version(arn: str, wanted: str) -> errors.NoSuchEntity:
    return errors.NoSuchEntity(f"Policy {arn} version {wanted} does not exist or is not attachable.")


def _version(number: int, created_at: int, default: int) -> dict[str, Any]:
    return {"VersionId": f"v{number}", "IsDefaultVersion": number == default, "CreateDate": created_at}


def _check_document(text: str) -> None:
    documents.check_identity(text)
    if size_of(text) > _LARGEST:
        raise errors.LimitExceeded(f"Cannot exceed quota for PolicySize: {_LARGEST}")
