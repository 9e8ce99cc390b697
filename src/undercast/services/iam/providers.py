"""Operations on identity providers: OpenID Connect and SAML 2.0."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.kit.tags import as_list
from undercast.services.iam import errors, storage, trust
from undercast.services.iam.model import OIDC, SAML, tags_from

_YEAR_MS = 365 * 24 * 3600 * 1000
_LARGEST_URL = 255
_THUMBPRINTS, _CLIENT_IDS = 5, 100


async def create_open_id_connect_provider(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Trust the tokens of an OpenID Connect provider. Its certificate is not fetched to find a thumbprint."""
    url = request["Url"]
    if not url.startswith("https://") or len(url) > _LARGEST_URL:
        raise errors.ValidationError("Invalid Open ID Connect Provider URL")
    tags = tags_from(request.get("Tags"))
    clients, thumbprints = request.get("ClientIDList") or [], request.get("ThumbprintList") or []
    _check_lists(clients, thumbprints)
    name = url.removeprefix("https://").rstrip("/")
    provider = await storage.add(call, OIDC, name, "/", clients=clients, thumbprints=thumbprints, tags=tags)
    return {"OpenIDConnectProviderArn": provider.arn, "Tags": as_list(tags) or None}


async def get_open_id_connect_provider(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """An OpenID Connect provider; its URL without the scheme, as AWS shows it."""
    provider = await trust.find(call, OIDC, request["OpenIDConnectProviderArn"])
    return {
        "Url": provider.name,
        "ClientIDList": provider.details["clients"],
        "ThumbprintList": provider.details["thumbprints"],
        "CreateDate": provider.created_at,
        "Tags": as_list(provider.tags),
    }


async def list_open_id_connect_providers(call: Call, _request: dict[str, Any]) -> dict[str, Any]:
    """All OpenID Connect providers."""
    found = await storage.list_entities(call, OIDC)
    return {"OpenIDConnectProviderList": [{"Arn": provider.arn} for provider in found]}


async def delete_open_id_connect_provider(call: Call, request: dict[str, Any]) -> None:
    """Trust a provider no more; no error when it is not there, as AWS documents."""
    provider = await trust.seek(call, OIDC, request["OpenIDConnectProviderArn"])
    if provider:
        await storage.delete(call, provider)


async def add_client_id_to_open_id_connect_provider(call: Call, request: dict[str, Any]) -> None:
    """Accept one more audience."""
    provider = await trust.find(call, OIDC, request["OpenIDConnectProviderArn"])
    clients = list(dict.fromkeys([*provider.details["clients"], request["ClientID"]]))
    _check_lists(clients, [])
    await storage.save(call, provider.with_details(clients=clients))


async def remove_client_id_from_open_id_connect_provider(call: Call, request: dict[str, Any]) -> None:
    """Accept an audience no more; no error when it was not accepted."""
    provider = await trust.find(call, OIDC, request["OpenIDConnectProviderArn"])
    clients = [client for client in provider.details["clients"] if client != request["ClientID"]]
    await storage.save(call, provider.with_details(clients=clients))


async def update_open_id_connect_provider_thumbprint(call: Call, request: dict[str, Any]) -> None:
    """Replace the thumbprints."""
    provider = await trust.find(call, OIDC, request["OpenIDConnectProviderArn"])
    _check_lists([], request["ThumbprintList"])
    await storage.save(call, provider.with_details(thumbprints=request["ThumbprintList"]))


async def create_saml_provider(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Trust the assertions of a SAML 2.0 provider."""
    _refuse_encryption(request)
    _check_metadata(request["SAMLMetadataDocument"])
    tags = tags_from(request.get("Tags"))
    provider = await storage.add(
        call, SAML, request["Name"], "/", metadata=request["SAMLMetadataDocument"], uuid=call.ids.upper(20),
        valid_until=call.now + 100 * _YEAR_MS, tags=tags,
    )  # fmt: skip
    return {"SAMLProviderArn": provider.arn, "Tags": as_list(tags) or None}


async def get_saml_provider(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A SAML provider with its metadata."""
    provider = await trust.find(call, SAML, request["SAMLProviderArn"])
    return {
        "SAMLProviderUUID": provider.details["uuid"],
        "SAMLMetadataDocument": provider.details["metadata"],
        "CreateDate": provider.created_at,
        "ValidUntil": provider.details["valid_until"],
        "Tags": as_list(provider.tags),
    }


async def list_saml_providers(call: Call, _request: dict[str, Any]) -> dict[str, Any]:
    """All SAML providers."""
    found = await storage.list_entities(call, SAML)
    return {
        "SAMLProviderList": [
            {"Arn": one.arn, "CreateDate": one.created_at, "ValidUntil": one.details["valid_until"]} for one in found
        ]
    }


async def update_saml_provider(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Replace the metadata."""
    _refuse_encryption(request)
    provider = await trust.find(call, SAML, request["SAMLProviderArn"])
    if metadata := request.get("SAMLMetadataDocument"):
        _check_metadata(metadata)
        await storage.save(call, provider.with_details(metadata=metadata))
    return {"SAMLProviderArn": provider.arn}


async def delete_saml_provider(call: Call, request: dict[str, Any]) -> None:
    """Trust a provider no more."""
    await storage.delete(call, await trust.find(call, SAML, request["SAMLProviderArn"]))


def _check_lists(clients: list[str], thumbprints: list[str]) -> None:
    if len(clients) > _CLIENT_IDS:
        raise errors.LimitExceeded(f"Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {_CLIENT_IDS}")
    if len(thumbprints) > _THUMBPRINTS:
        raise errors.InvalidInput("Thumbprint list must contain fewer than 5 entries.")


def _check_metadata(text: str) -> None:
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        raise errors.InvalidInput("Could not parse metadata") from None
    if root.tag.rpartition("}")[2] not in ("EntityDescriptor", "EntitiesDescriptor"):
        raise errors.InvalidInput("Could not parse metadata")


def _refuse_encryption(request: dict[str, Any]) -> None:
    for name in ("AssertionEncryptionMode", "AddPrivateKey", "RemovePrivateKey"):
        if request.get(name):
            raise NotImplementedYet(f"Undercast does not have encrypted SAML assertions ({name}) yet.")
