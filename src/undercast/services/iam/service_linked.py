"""Operations on service-linked roles, which only AWS changes."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.iam import errors, show, storage
from undercast.services.iam.linked_roles import DESCRIPTIONS, ROLES, WITH_SUFFIX
from undercast.services.iam.model import ATTACHED, ROLE


async def create_service_linked_role(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create the role that a service uses for itself, with its policy."""
    service, suffix = request["AWSServiceName"], request.get("CustomSuffix")
    linked = ROLES.get(service)
    if linked is None:
        raise errors.InvalidInput(f"Service principal {service} does not have a service-linked role.")
    if suffix and service not in WITH_SUFFIX:
        raise errors.InvalidInput(f"Custom suffix is not allowed for {service}")
    name = f"{linked.role}_{suffix}" if suffix else linked.role
    if await storage.seek(call, ROLE, name):
        raise errors.InvalidInput(
            f"Service role name {name} has been taken in this account, please try a different suffix."
        )
    role = await storage.add(
        call, ROLE, name, f"/aws-service-role/{service}/", document=_trust(service), max_session_s=3600,
        description=request.get("Description") or DESCRIPTIONS.get(service),
    )  # fmt: skip
    await storage.attach(call, role, ATTACHED, f"arn:aws:iam::aws:policy/aws-service-role/{linked.policy}")
    return {"Role": show.created_role(role)}


async def delete_service_linked_role(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete such a role at once; AWS takes a while, so the answer is a task to ask about."""
    role = await storage.find(call, ROLE, request["RoleName"])
    if not role.service_linked:
        raise errors.InvalidInput(f"Role {role.name} is not a service-linked role.")
    await storage.delete(call, role)
    return {"DeletionTaskId": f"task{role.path}{role.name}/{call.ids.uuid()}"}


async def get_service_linked_role_deletion_status(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """How a deletion went: it has succeeded when the role is gone."""
    task = request["DeletionTaskId"]
    parts = task.split("/")
    if not task.startswith("task/aws-service-role/") or len(parts) != 5:
        raise errors.NoSuchEntity(f"Deletion task {task} cannot be found.")
    return {"Status": "SUCCEEDED"}


def _trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}).decode()
