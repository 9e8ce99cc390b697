"""AWS::IAM: roles, users, groups, and the policies in and on them."""

from __future__ import annotations

from typing import Any

from undercast.services.cloudformation.resources.handler import (
    Handler,
    Made,
    NeedsReplacement,
    Work,
    document,
    pick,
    unless_gone,
)

_Pairs = list[tuple[str, str]]


class Role(Handler):
    """AWS::IAM::Role"""

    type = "AWS::IAM::Role"
    service = "iam"

    async def create(self, work: Work) -> Made:
        """A role with its policies."""
        name = work.name("RoleName", 64)
        made = await work.aws.iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=document(work.properties["AssumeRolePolicyDocument"]),
            Tags=work.tag_list() or None,
            **pick(work.properties, "Path", "Description", "MaxSessionDuration", "PermissionsBoundary"),
        )
        await _policies(work, "role", name)
        return Made(name, {"Arn": made["Role"]["Arn"], "RoleId": made["Role"]["RoleId"]})

    async def update(self, work: Work) -> Made:
        """Everything but its name and path."""
        name, iam = work.physical_id, work.aws.iam
        if work.changed("AssumeRolePolicyDocument"):
            policy = document(work.properties["AssumeRolePolicyDocument"])
            await iam.update_assume_role_policy(RoleName=name, PolicyDocument=policy)
        if work.changed("Description", "MaxSessionDuration"):
            await iam.update_role(
                RoleName=name,
                Description=work.properties.get("Description", ""),
                MaxSessionDuration=work.properties.get("MaxSessionDuration", 3600),
            )
        await _boundary(work, "role", name)
        await _policies(work, "role", name)
        await _tags(work, "role", name)
        return Made(name, work.attributes)

    async def delete(self, work: Work) -> None:
        """With its policies, and out of its instance profiles."""
        await _empty(work, "role", work.physical_id)
        await work.aws.iam.delete_role(RoleName=work.physical_id)


class User(Handler):
    """AWS::IAM::User"""

    type = "AWS::IAM::User"
    service = "iam"

    async def create(self, work: Work) -> Made:
        """A user with policies, groups and a password."""
        name = work.name("UserName", 64)
        made = await work.aws.iam.create_user(
            UserName=name, Tags=work.tag_list() or None, **pick(work.properties, "Path", "PermissionsBoundary")
        )
        await _policies(work, "user", name)
        await self._groups(work, name)
        if login := work.properties.get("LoginProfile"):
            await work.aws.iam.create_login_profile(UserName=name, **login)
        return Made(name, {"Arn": made["User"]["Arn"]})

    async def update(self, work: Work) -> Made:
        """Everything but the name."""
        name = work.physical_id
        if work.changed("Path"):
            await work.aws.iam.update_user(UserName=name, NewPath=work.properties.get("Path", "/"))
        await _boundary(work, "user", name)
        await _policies(work, "user", name)
        await self._groups(work, name)
        if work.changed("LoginProfile"):
            if work.before.get("LoginProfile"):
                await work.aws.iam.delete_login_profile(UserName=name)
            if login := work.properties.get("LoginProfile"):
                await work.aws.iam.create_login_profile(UserName=name, **login)
        await _tags(work, "user", name)
        made = await work.aws.iam.get_user(UserName=name)
        return Made(name, {"Arn": made["User"]["Arn"]})

    async def delete(self, work: Work) -> None:
        """With all that belongs to the user in this template."""
        name = work.physical_id
        for group in (await work.aws.iam.list_groups_for_user(UserName=name))["Groups"]:
            await work.aws.iam.remove_user_from_group(GroupName=group["GroupName"], UserName=name)
        if work.properties.get("LoginProfile"):
            await unless_gone(work.aws.iam.delete_login_profile(UserName=name))
        await _empty(work, "user", name)
        await work.aws.iam.delete_user(UserName=name)

    async def _groups(self, work: Work, name: str) -> None:
        wanted, before = work.properties.get("Groups", []), work.before.get("Groups", [])
        for group in before:
            if group not in wanted:
                await unless_gone(work.aws.iam.remove_user_from_group(GroupName=group, UserName=name))
        for group in wanted:
            if group not in before:
                await work.aws.iam.add_user_to_group(GroupName=group, UserName=name)


class Group(Handler):
    """AWS::IAM::Group"""

    type = "AWS::IAM::Group"
    service = "iam"

    async def create(self, work: Work) -> Made:
        """A group with its policies."""
        name = work.name("GroupName", 128)
        made = await work.aws.iam.create_group(GroupName=name, **pick(work.properties, "Path"))
        await _policies(work, "group", name)
        return Made(name, {"Arn": made["Group"]["Arn"]})

    async def update(self, work: Work) -> Made:
        """Its path and policies."""
        name = work.physical_id
        if work.changed("Path"):
            await work.aws.iam.update_group(GroupName=name, NewPath=work.properties.get("Path", "/"))
        await _policies(work, "group", name)
        made = await work.aws.iam.get_group(GroupName=name)
        return Made(name, {"Arn": made["Group"]["Arn"]})

    async def delete(self, work: Work) -> None:
        """With its policies."""
        await _empty(work, "group", work.physical_id)
        await work.aws.iam.delete_group(GroupName=work.physical_id)


class ManagedPolicy(Handler):
    """AWS::IAM::ManagedPolicy"""

    type = "AWS::IAM::ManagedPolicy"
    service = "iam"

    async def create(self, work: Work) -> Made:
        """A policy, attached to what it names."""
        made = await work.aws.iam.create_policy(
            PolicyName=work.name("ManagedPolicyName", 128),
            PolicyDocument=document(work.properties["PolicyDocument"]),
            **pick(work.properties, "Path", "Description"),
        )
        arn, policy = made["Policy"]["Arn"], made["Policy"]
        for kind, owner in _owners(work.properties):
            await _call(work, "attach_{}_policy", kind, owner, PolicyArn=arn)
        names = ("PolicyId", "AttachmentCount", "DefaultVersionId", "IsAttachable", "PermissionsBoundaryUsageCount")
        return Made(arn, {"PolicyArn": arn, **{name: policy[name] for name in names if name in policy}})

    async def update(self, work: Work) -> Made:
        """A new default version; attached to what it names now."""
        arn = work.physical_id
        if work.changed("PolicyDocument"):
            await self._new_version(work, arn)
        wanted, before = _owners(work.properties), _owners(work.before)
        for kind, owner in before:
            if (kind, owner) not in wanted:
                await unless_gone(_call(work, "detach_{}_policy", kind, owner, PolicyArn=arn))
        for kind, owner in wanted:
            if (kind, owner) not in before:
                await _call(work, "attach_{}_policy", kind, owner, PolicyArn=arn)
        return Made(arn, work.attributes)

    async def delete(self, work: Work) -> None:
        """With its versions, from everywhere."""
        iam, arn = work.aws.iam, work.physical_id
        there = await iam.list_entities_for_policy(PolicyArn=arn)
        for kind in ("Role", "User", "Group"):
            for owner in there.get(f"Policy{kind}s", ()):
                await _call(work, "detach_{}_policy", kind.lower(), owner[f"{kind}Name"], PolicyArn=arn)
        for version in (await iam.list_policy_versions(PolicyArn=arn))["Versions"]:
            if not version["IsDefaultVersion"]:
                await iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
        await iam.delete_policy(PolicyArn=arn)

    async def _new_version(self, work: Work, arn: str) -> None:
        versions = (await work.aws.iam.list_policy_versions(PolicyArn=arn))["Versions"]
        spare = [one["VersionId"] for one in versions if not one["IsDefaultVersion"]]
        if len(versions) >= 5:
            oldest = min(spare, key=lambda one: int(one[1:]))
            await work.aws.iam.delete_policy_version(PolicyArn=arn, VersionId=oldest)
        await work.aws.iam.create_policy_version(
            PolicyArn=arn, PolicyDocument=document(work.properties["PolicyDocument"]), SetAsDefault=True
        )


class Policy(Handler):
    """AWS::IAM::Policy: one inline policy in several roles, users and groups."""

    type = "AWS::IAM::Policy"
    service = "iam"

    async def create(self, work: Work) -> Made:
        """Put it into everything it names."""
        await self._put(work, _owners(work.properties))
        name = work.name()
        return Made(name, {"Id": name})

    async def update(self, work: Work) -> Made:
        """Put it again; take it from what is named no more."""
        wanted = _owners(work.properties)
        renamed = work.changed("PolicyName")
        for kind, owner in _owners(work.before):
            if renamed or (kind, owner) not in wanted:
                name = work.before["PolicyName"]
                await unless_gone(_call(work, "delete_{}_policy", kind, owner, PolicyName=name))
        await self._put(work, wanted)
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """Take it from everything that is still there."""
        for kind, owner in _owners(work.properties):
            name = work.properties["PolicyName"]
            await unless_gone(_call(work, "delete_{}_policy", kind, owner, PolicyName=name))

    async def _put(self, work: Work, owners: _Pairs) -> None:
        policy = document(work.properties["PolicyDocument"])
        for kind, owner in owners:
            await _call(
                work, "put_{}_policy", kind, owner, PolicyName=work.properties["PolicyName"], PolicyDocument=policy
            )


class _InlinePolicy(Handler):
    """AWS::IAM::RolePolicy and its siblings: one inline policy in one role, user or group."""

    service = "iam"

    def __init__(self, kind: str) -> None:
        self.kind, self.owner = kind.lower(), f"{kind}Name"
        self.type = f"AWS::IAM::{kind}Policy"

    async def create(self, work: Work) -> Made:
        """Put it."""
        policy = document(work.properties.get("PolicyDocument", {}))
        name, owner = work.properties["PolicyName"], work.properties[self.owner]
        await _call(work, "put_{}_policy", self.kind, owner, PolicyName=name, PolicyDocument=policy)
        return Made(f"{name}|{owner}")

    async def update(self, work: Work) -> Made:
        """Put it again."""
        return await self.create(work)

    async def delete(self, work: Work) -> None:
        """Take it away."""
        name, owner = work.properties["PolicyName"], work.properties[self.owner]
        await _call(work, "delete_{}_policy", self.kind, owner, PolicyName=name)


class UserToGroupAddition(Handler):
    """AWS::IAM::UserToGroupAddition"""

    type = "AWS::IAM::UserToGroupAddition"
    service = "iam"

    async def create(self, work: Work) -> Made:
        """Add the users."""
        for user in work.properties["Users"]:
            await work.aws.iam.add_user_to_group(GroupName=work.properties["GroupName"], UserName=user)
        name = work.name()
        return Made(name, {"Id": name})

    async def update(self, work: Work) -> Made:
        """Add who is new, remove who is not named any more."""
        moved = work.changed("GroupName")
        for user in work.before["Users"]:
            if moved or user not in work.properties["Users"]:
                gone = work.aws.iam.remove_user_from_group(GroupName=work.before["GroupName"], UserName=user)
                await unless_gone(gone)
        await self.create(work)
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """Remove the users."""
        for user in work.properties["Users"]:
            gone = work.aws.iam.remove_user_from_group(GroupName=work.properties["GroupName"], UserName=user)
            await unless_gone(gone)


class AccessKey(Handler):
    """AWS::IAM::AccessKey"""

    type = "AWS::IAM::AccessKey"
    service = "iam"

    async def create(self, work: Work) -> Made:
        """A key; its secret is an attribute."""
        made = (await work.aws.iam.create_access_key(UserName=work.properties["UserName"]))["AccessKey"]
        await self._status(work, made["AccessKeyId"])
        return Made(made["AccessKeyId"], {"Id": made["AccessKeyId"], "SecretAccessKey": made["SecretAccessKey"]})

    async def update(self, work: Work) -> Made:
        """Switch it on or off."""
        await self._status(work, work.physical_id)
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """Delete the key."""
        await work.aws.iam.delete_access_key(UserName=work.properties["UserName"], AccessKeyId=work.physical_id)

    async def _status(self, work: Work, key: str) -> None:
        status = work.properties.get("Status", "Active")
        await work.aws.iam.update_access_key(UserName=work.properties["UserName"], AccessKeyId=key, Status=status)


class InstanceProfile(Handler):
    """AWS::IAM::InstanceProfile"""

    type = "AWS::IAM::InstanceProfile"
    service = "iam"

    async def create(self, work: Work) -> Made:
        """A profile with its role."""
        name = work.name("InstanceProfileName", 128)
        made = await work.aws.iam.create_instance_profile(InstanceProfileName=name, **pick(work.properties, "Path"))
        for role in work.properties["Roles"]:
            await work.aws.iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)
        return Made(name, {"Arn": made["InstanceProfile"]["Arn"]})

    async def update(self, work: Work) -> Made:
        """Another role."""
        name = work.physical_id
        for role in work.before["Roles"]:
            if role not in work.properties["Roles"]:
                gone = work.aws.iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role)
                await unless_gone(gone)
        for role in work.properties["Roles"]:
            if role not in work.before["Roles"]:
                await work.aws.iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)
        return Made(name, work.attributes)

    async def delete(self, work: Work) -> None:
        """Without its role first."""
        name = work.physical_id
        for role in work.properties["Roles"]:
            gone = work.aws.iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role)
            await unless_gone(gone)
        await work.aws.iam.delete_instance_profile(InstanceProfileName=name)


class ServiceLinkedRole(Handler):
    """AWS::IAM::ServiceLinkedRole"""

    type = "AWS::IAM::ServiceLinkedRole"
    service = "iam"

    async def create(self, work: Work) -> Made:
        """A service's own role."""
        made = await work.aws.iam.create_service_linked_role(
            **pick(work.properties, "AWSServiceName", "CustomSuffix", "Description")
        )
        return Made(made["Role"]["RoleName"], {"RoleName": made["Role"]["RoleName"]})

    async def update(self, work: Work) -> Made:
        """Its description."""
        if not work.changed("Description"):
            raise NeedsReplacement
        await work.aws.iam.update_role_description(
            RoleName=work.physical_id, Description=work.properties.get("Description", "")
        )  # the one thing that may be changed of it
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """Delete it."""
        await work.aws.iam.delete_service_linked_role(RoleName=work.physical_id)


TYPES = (
    Role(),
    User(),
    Group(),
    ManagedPolicy(),
    Policy(),
    _InlinePolicy("Role"),
    _InlinePolicy("User"),
    _InlinePolicy("Group"),
    UserToGroupAddition(),
    AccessKey(),
    InstanceProfile(),
    ServiceLinkedRole(),
)


# --- what roles, users and groups have in common: the operations' names differ in one word ---


async def _call(work: Work, operation: str, kind: str, owner: str, **parameters: Any) -> dict[str, Any]:
    """`put_{}_policy` for a role, a user or a group."""
    call = getattr(work.aws.iam, operation.format(kind))
    answer: dict[str, Any] = await call(**{f"{kind.capitalize()}Name": owner}, **parameters)
    return answer


def _owners(properties: dict[str, Any]) -> _Pairs:
    """What a policy names: (kind, name)."""
    return [(kind, name) for kind in ("role", "user", "group") for name in properties.get(f"{kind.capitalize()}s", ())]


async def _policies(work: Work, kind: str, name: str) -> None:
    """Make inline and managed policies those that are wanted."""
    wanted = {one["PolicyName"]: one["PolicyDocument"] for one in work.properties.get("Policies", ())}
    before = {one["PolicyName"]: one["PolicyDocument"] for one in work.before.get("Policies", ())}
    for policy in before.keys() - wanted.keys():
        await unless_gone(_call(work, "delete_{}_policy", kind, name, PolicyName=policy))
    for policy, body in wanted.items():
        if before.get(policy) != body:
            await _call(work, "put_{}_policy", kind, name, PolicyName=policy, PolicyDocument=document(body))
    arns, old = work.properties.get("ManagedPolicyArns", []), work.before.get("ManagedPolicyArns", [])
    for arn in old:
        if arn not in arns:
            await unless_gone(_call(work, "detach_{}_policy", kind, name, PolicyArn=arn))
    for arn in arns:
        if arn not in old:
            await _call(work, "attach_{}_policy", kind, name, PolicyArn=arn)


async def _boundary(work: Work, kind: str, name: str) -> None:
    if not work.changed("PermissionsBoundary"):
        return
    if boundary := work.properties.get("PermissionsBoundary"):
        await _call(work, "put_{}_permissions_boundary", kind, name, PermissionsBoundary=boundary)
    else:
        await _call(work, "delete_{}_permissions_boundary", kind, name)


async def _tags(work: Work, kind: str, name: str) -> None:
    if stale := work.stale_tags():
        await _call(work, "untag_{}", kind, name, TagKeys=stale)
    if work.tags() and work.tags() != work.old_tags():
        await _call(work, "tag_{}", kind, name, Tags=work.tag_list())


async def _empty(work: Work, kind: str, name: str) -> None:
    """Take everything out that keeps a role, user or group from being deleted and that the template put there."""
    for one in work.properties.get("Policies", ()):
        await unless_gone(_call(work, "delete_{}_policy", kind, name, PolicyName=one["PolicyName"]))
    for arn in work.properties.get("ManagedPolicyArns", ()):
        await unless_gone(_call(work, "detach_{}_policy", kind, name, PolicyArn=arn))
