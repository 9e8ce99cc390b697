"""Reads a SAML 2.0 assertion. Its signature is not verified."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha1
from typing import Any
from xml.etree import ElementTree

from undercast.services.sts import errors

_NS = {"saml": "urn:oasis:names:tc:SAML:2.0:assertion"}
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/"
_FORMAT = "urn:oasis:names:tc:SAML:2.0:nameid-format:"


@dataclass(frozen=True)
class Assertion:
    """What an assertion says that matters to STS. `roles` are pairs of role and provider."""

    issuer: str
    subject: str
    subject_type: str
    audience: str
    roles: frozenset[tuple[str, str]]
    session_name: str
    duration_s: int | None
    tags: dict[str, str]
    transitive: tuple[str, ...]
    source_identity: str | None


def read(encoded: str, now: int) -> Assertion:
    """What an assertion says. InvalidIdentityToken, ExpiredTokenException; `now` in milliseconds."""
    root = _parse(encoded)
    name_id = root.find(".//saml:Subject/saml:NameID", _NS)
    confirmation = root.find(".//saml:SubjectConfirmationData", _NS)
    attributes = _attributes(root)
    sessions = attributes.get("RoleSessionName") or []
    if name_id is None or confirmation is None or len(sessions) != 1:
        raise errors.InvalidIdentityToken("RoleSessionName is required in AuthnResponse")
    _check_time(confirmation.get("NotOnOrAfter", ""), now)
    durations, sources = attributes.get("SessionDuration"), attributes.get("SourceIdentity")
    return Assertion(
        issuer=root.findtext(".//saml:Issuer", "", _NS).strip(),
        subject=(name_id.text or "").strip(),
        subject_type=name_id.get("Format", "").removeprefix(_FORMAT),
        audience=confirmation.get("Recipient", ""),
        roles=frozenset(_pair(value) for value in attributes.get("Role") or []),
        session_name=sessions[0],
        duration_s=int(durations[0]) if durations and durations[0].isdigit() else None,
        tags={
            key.partition(":")[2]: values[0] for key, values in attributes.items() if key.startswith("PrincipalTag:")
        },
        transitive=tuple(attributes.get("TransitiveTagKeys") or ()),
        source_identity=sources[0] if sources else None,
    )


def facts(assertion: Assertion, account: str, principal: str) -> dict[str, Any]:
    """What the answer tells of an assertion; the qualifier as AWS documents it."""
    name = principal.rpartition("/")[2]
    qualifier = sha1(f"{assertion.issuer}{account}/{name}".encode(), usedforsecurity=False).digest()
    return {
        "Subject": assertion.subject,
        "SubjectType": assertion.subject_type,
        "Issuer": assertion.issuer,
        "Audience": assertion.audience,
        "NameQualifier": b64encode(qualifier).decode(),
    }


def _parse(encoded: str) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(b64decode(encoded))
    except (ElementTree.ParseError, binascii.Error, ValueError):
        raise errors.InvalidIdentityToken("Invalid base64 SAMLResponse") from None


def _attributes(root: ElementTree.Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for attribute in root.iterfind(".//saml:Attribute", _NS):
        name = attribute.get("Name", "")
        if name.startswith(_ATTRIBUTE):
            values = [(value.text or "").strip() for value in attribute.iterfind("saml:AttributeValue", _NS)]
            found[name.removeprefix(_ATTRIBUTE)] = [value for value in values if value]
    return found


def _pair(value: str) -> tuple[str, str]:
    """A role and its provider, which stand in either order."""
    first, _, second = (part.strip() for part in value.partition(","))
    return (second, first) if ":saml-provider/" in first else (first, second)


def _check_time(text: str, now: int) -> None:
    try:
        ends_at = datetime.fromisoformat(text).timestamp() * 1000
    except ValueError:
        raise errors.InvalidIdentityToken("NotOnOrAfter is required in SubjectConfirmationData") from None
    if now >= ends_at:
        raise errors.ExpiredTokenException("Token must be redeemed within 5 minutes of issuance")
