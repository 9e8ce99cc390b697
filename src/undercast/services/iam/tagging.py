"""Operations on the tags of everything that can have them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from undercast.kit.call import Call
from undercast.kit.tags import as_list
from undercast.services.iam import managed, pages, storage, trust, vault
from undercast.services.iam.model import (
    CERTIFICATE,
    OIDC,
    PROFILE,
    ROLE,
    SAML,
    USER,
    Credential,
    Entity,
    Kind,
    Tags,
    merge_tags,
    tags_from,
    without_tags,
)  # fmt: skip

_Operation = Callable[[Call, dict[str, Any]], Awaitable[dict[str, Any] | None]]
_Find = Callable[[Call, dict[str, Any]], Awaitable[Entity | Credential]]


def _operations(find: _Find) -> tuple[_Operation, _Operation, _Operation]:
    """Tag, untag and list for what `find` finds."""

    async def tag(call: Call, request: dict[str, Any]) -> None:
        """Add tags or change them."""
        wanted = tags_from(request["Tags"])
        thing = await find(call, request)
        await _save(call, thing, merge_tags(_tags(thing), wanted))

    async def untag(call: Call, request: dict[str, Any]) -> None:
        """Remove tags."""
        thing = await find(call, request)
        await _save(call, thing, without_tags(_tags(thing), request["TagKeys"]))

    async def list_tags(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """The tags."""
        start = pages.position(request, 0)
        rows: Sequence[tuple[int, dict[str, str]]] = list(enumerate(as_list(_tags(await find(call, request))), 1))
        return pages.answer("Tags", rows[start:], request, lambda row: row[1], lambda row: row[0])

    return tag, untag, list_tags


def _named(kind: Kind, member: str) -> _Find:
    async def find(call: Call, request: dict[str, Any]) -> Entity:
        return await storage.find(call, kind, request[member])

    return find


async def _policy(call: Call, request: dict[str, Any]) -> Entity:
    return await managed.find_own(call, request["PolicyArn"])


async def _oidc(call: Call, request: dict[str, Any]) -> Entity:
    return await trust.find(call, OIDC, request["OpenIDConnectProviderArn"])


async def _saml(call: Call, request: dict[str, Any]) -> Entity:
    return await trust.find(call, SAML, request["SAMLProviderArn"])


async def _mfa(call: Call, request: dict[str, Any]) -> Credential:
    return await vault.find_mfa_device(call, request["SerialNumber"])


def _tags(thing: Entity | Credential) -> Tags:
    return dict(thing.details.get("tags") or {})


async def _save(call: Call, thing: Entity | Credential, tags: Tags) -> None:
    if isinstance(thing, Entity):
        await storage.save(call, thing.with_details(tags=tags))
    else:
        await vault.save_credential(call, thing.with_details(tags=tags))


tag_role, untag_role, list_role_tags = _operations(_named(ROLE, "RoleName"))
tag_user, untag_user, list_user_tags = _operations(_named(USER, "UserName"))
tag_policy, untag_policy, list_policy_tags = _operations(_policy)
tag_instance_profile, untag_instance_profile, list_instance_profile_tags = _operations(
    _named(PROFILE, "InstanceProfileName")
)
tag_server_certificate, untag_server_certificate, list_server_certificate_tags = _operations(
    _named(CERTIFICATE, "ServerCertificateName")
)
tag_open_id_connect_provider, untag_open_id_connect_provider, list_open_id_connect_provider_tags = _operations(_oidc)
tag_saml_provider, untag_saml_provider, list_saml_provider_tags = _operations(_saml)
tag_mfa_device, untag_mfa_device, list_mfa_device_tags = _operations(_mfa)
