"""How entities look in answers."""

from __future__ import annotations

from typing import Any

from undercast.kit.tags import as_list
from undercast.services.iam.documents import encode
from undercast.services.iam.model import Entity


def common(entity: Entity, prefix: str) -> dict[str, Any]:
    """Path, name, id, ARN and time; `prefix` is `Role`, `User`…"""
    return {
        "Path": entity.path,
        f"{prefix}Name": entity.name,
        f"{prefix}Id": entity.id,
        "Arn": entity.arn,
        "CreateDate": entity.created_at,
    }


def tags(entity: Entity) -> dict[str, Any]:
    return {"Tags": as_list(entity.tags) or None}


def boundary(entity: Entity) -> dict[str, Any]:
    arn = entity.details.get("boundary")
    kind = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}
    return {"PermissionsBoundary": kind if arn else None}


def listed_role(role: Entity) -> dict[str, Any]:
    """As in lists, which lack tags, boundary and last use (recorded: test_list_roles_with_permission_boundary)."""
    return {
        **common(role, "Role"),
        "AssumeRolePolicyDocument": encode(role.details["document"]),
        "Description": role.details.get("description"),
        "MaxSessionDuration": role.details["max_session_s"],
    }


def role(role: Entity) -> dict[str, Any]:
    return {**listed_role(role), **boundary(role), **tags(role), "RoleLastUsed": {}}


def created_role(role: Entity) -> dict[str, Any]:
    """As CreateRole answers: without duration and boundary (recorded: test_list_roles_with_permission_boundary)."""
    document = {"AssumeRolePolicyDocument": encode(role.details["document"])}
    return {**common(role, "Role"), **document, **tags(role)}


def user(user: Entity) -> dict[str, Any]:
    return {**common(user, "User"), **boundary(user), **tags(user)}


def listed_user(user: Entity) -> dict[str, Any]:
    return common(user, "User")


def group(group: Entity) -> dict[str, Any]:
    return common(group, "Group")


def profile(profile: Entity, roles: list[Entity]) -> dict[str, Any]:
    return {
        **common(profile, "InstanceProfile"),
        "Roles": [listed_role(role) for role in roles],
        **tags(profile),
    }
