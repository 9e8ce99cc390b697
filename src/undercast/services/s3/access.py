"""Access control lists: what a request asks for, what it comes to, and what each list allows. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html and, for who owns what,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from undercast.services.s3 import errors
from undercast.services.s3.errors import invalid_argument
from undercast.services.s3.model import Bucket, owner_id

ENFORCED = "BucketOwnerEnforced"
FULL_CONTROL = "FULL_CONTROL"
PERMISSIONS = (FULL_CONTROL, "READ", "WRITE", "READ_ACP", "WRITE_ACP")
ANONYMOUS = "65a011a29cdf8ec533ec3d1ccaae921c"  # the canonical id of everybody who does not sign

_GROUPS = "http://acs.amazonaws.com/groups/"
ALL_USERS, AUTHENTICATED = f"{_GROUPS}global/AllUsers", f"{_GROUPS}global/AuthenticatedUsers"
_LOG_DELIVERY = f"{_GROUPS}s3/LogDelivery"
_PUBLIC = (ALL_USERS, AUTHENTICATED)
_EC2 = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c"  # whom aws-exec-read lets read
_OWNERS = ("private", "bucket-owner-read", "bucket-owner-full-control")

# What each canned list gives whom besides its owner.
_CANNED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "private": (),
    "public-read": (("URI", ALL_USERS, "READ"),),
    "public-read-write": (("URI", ALL_USERS, "READ"), ("URI", ALL_USERS, "WRITE")),
    "authenticated-read": (("URI", AUTHENTICATED, "READ"),),
    "aws-exec-read": (("ID", _EC2, "READ"),),
    "bucket-owner-read": (),
    "bucket-owner-full-control": (),
    "log-delivery-write": (("URI", _LOG_DELIVERY, "WRITE"), ("URI", _LOG_DELIVERY, "READ_ACP")),
}
_HEADERS = {
    "GrantFullControl": FULL_CONTROL, "GrantRead": "READ", "GrantReadACP": "READ_ACP", "GrantWrite": "WRITE",
    "GrantWriteACP": "WRITE_ACP",
}  # fmt: skip
MEMBERS = ("ACL", *_HEADERS)
_WIRE = {
    FULL_CONTROL: "x-amz-grant-full-control", "READ": "x-amz-grant-read", "READ_ACP": "x-amz-grant-read-acp",
    "WRITE": "x-amz-grant-write", "WRITE_ACP": "x-amz-grant-write-acp",
}  # fmt: skip
_GRANTEE = re.compile(r'\s*(\w+)\s*=\s*(?:"([^"]*)"|([^,"]*?))\s*')
_CANONICAL = re.compile(r"[0-9a-f]{64}")

Grants = list[dict[str, Any]]


def asked(request: Mapping[str, Any], owner: str, bucket_owner: str = "") -> Grants | None:
    """The grants that a request's headers ask for, of a thing of `owner` (for an object, in a bucket of another).

    None when it asks for none. InvalidArgument, InvalidRequest.
    """
    canned = request.get("ACL")
    headers = {name: request[name] for name in _HEADERS if request.get(name) is not None}
    if canned is not None and headers:
        raise errors.InvalidRequest("Specifying both Canned ACLs and Header Grants is not allowed")
    if canned is not None:
        return _canned(canned, owner, bucket_owner)
    if headers:
        return [grant for name, text in headers.items() for grant in _of_header(_HEADERS[name], text)]
    return None


def put(request: Mapping[str, Any], owner: str, bucket_owner: str = "") -> Grants:
    """The grants of PutBucketAcl and PutObjectAcl. MissingSecurityHeader, UnexpectedContent, MalformedACLError, …"""
    document = request.get("AccessControlPolicy")
    grants = asked(request, owner, bucket_owner)
    if document is None:
        if grants is None:
            raise errors.MissingSecurityHeader(MissingHeaderName="x-amz-acl")
        return grants
    if grants is not None:
        raise errors.UnexpectedContent()
    return _of_document(document, owner)


def of_bucket(bucket: Bucket) -> dict[str, Any]:
    """The list of a bucket, as GetBucketAcl tells it."""
    return {"Owner": bucket.owner, "Grants": bucket.settings.get("acl") or owners(bucket.owner["ID"])}


def of_object(bucket: Bucket, acl: Mapping[str, Any] | None) -> dict[str, Any]:
    """The list of an object, as GetObjectAcl tells it. `acl` is what its version keeps."""
    if acl is None or bucket.object_ownership == ENFORCED:
        return {"Owner": bucket.owner, "Grants": owners(bucket.owner["ID"])}
    return {"Owner": {"ID": acl["owner"]}, "Grants": acl["grants"]}


def of_new_object(request: Mapping[str, Any], bucket: Bucket, writer: str) -> dict[str, Any] | None:
    """The list that a new object keeps; None where the bucket's owner has everything. `writer` is a canonical id.

    AccessControlListNotSupported where lists are switched off, AccessDenied where public ones are blocked.
    """
    bucket_owner = bucket.owner["ID"]
    grants = asked(request, writer, bucket_owner)
    if bucket.object_ownership == ENFORCED:
        canned = request.get("ACL")
        if canned not in (None, "bucket-owner-full-control") or (
            canned is None and grants not in (None, owners(bucket_owner))
        ):
            raise errors.AccessControlListNotSupported()
        return None
    refuse_public(bucket, grants)
    if bucket.object_ownership == "BucketOwnerPreferred" and request.get("ACL") == "bucket-owner-full-control":
        return None
    if writer == bucket_owner and grants in (None, owners(writer)):
        return None
    return {"owner": writer, "grants": owners(writer) if grants is None else grants}


def refuse_public(bucket: Bucket, grants: Grants | None) -> None:
    """AccessDenied for a public list where the bucket blocks those."""
    if grants and bucket.blocks("BlockPublicAcls") and is_public(grants):
        raise errors.AccessDenied()


def is_public(grants: Iterable[Mapping[str, Any]]) -> bool:
    """Does a list give anything to everybody?"""
    return any(grant["Grantee"].get("URI") in _PUBLIC for grant in grants)


def allows(bucket: Bucket, acl: Mapping[str, Any], permission: str, who: str) -> bool:
    """Does a list, as it is told, give `who` (a canonical id) a permission?"""
    if bucket.object_ownership == ENFORCED:
        return False
    means = {("ID", who), ("URI", ALL_USERS)} | ({("URI", AUTHENTICATED)} if who != ANONYMOUS else set())
    if bucket.blocks("IgnorePublicAcls"):
        means = {("ID", who)}
    return any(
        grant["Permission"] in (permission, FULL_CONTROL) and not means.isdisjoint(grant["Grantee"].items())
        for grant in acl["Grants"]
    )


def owners(owner: str) -> Grants:
    """The list that gives everything to one and nothing to others."""
    return [_grant("ID", owner, FULL_CONTROL)]


def gives_others(grants: Iterable[Mapping[str, Any]], owner: str) -> bool:
    """Does a list give anything to anyone but the owner?"""
    return any(grant["Grantee"].get("ID") != owner for grant in grants)


def _canned(name: str, owner: str, bucket_owner: str) -> Grants:
    if name not in _CANNED or (name == "log-delivery-write" and bucket_owner):
        raise invalid_argument("", "x-amz-acl", name)
    grants = owners(owner) + [_grant(*one) for one in _CANNED[name]]
    if name in _OWNERS[1:] and bucket_owner not in ("", owner):
        grants.append(_grant("ID", bucket_owner, "READ" if name == "bucket-owner-read" else FULL_CONTROL))
    return grants


def _of_header(permission: str, text: str) -> Grants:
    grants = []
    for part in text.split(","):
        found = _GRANTEE.fullmatch(part)
        kind = found[1] if found else ""
        if found is None or kind not in ("id", "uri", "emailAddress"):
            raise invalid_argument("Argument format not recognized", _WIRE[permission], text)
        value = found[2] if found[2] is not None else found[3]
        grants.append(_checked(kind, value, permission, kind))
    return grants


def _of_document(document: Mapping[str, Any], owner: str) -> Grants:
    """The grants of an AccessControlPolicy. MalformedACLError, InvalidArgument."""
    given, grants = (document.get("Owner") or {}).get("ID"), document.get("Grants")
    if given is None or grants is None:
        raise errors.MalformedACLError()
    if given != owner:
        if _CANONICAL.fullmatch(given):
            raise errors.AccessDenied()
        raise invalid_argument("Invalid id", "CanonicalUser/ID", given)
    return [_of_entry(grant) for grant in grants]


def _of_entry(grant: Mapping[str, Any]) -> dict[str, Any]:
    grantee, permission = grant.get("Grantee") or {}, grant.get("Permission")
    kinds = {
        "CanonicalUser": ("ID", "id", "CanonicalUser/ID"),
        "Group": ("URI", "uri", "Group/URI"),
        "AmazonCustomerByEmail": ("EmailAddress", "emailAddress", "AmazonCustomerByEmail/EmailAddress"),
    }
    member, kind, argument = kinds.get(grantee.get("Type", ""), ("", "", ""))
    if permission not in PERMISSIONS or not grantee.get(member):
        raise errors.MalformedACLError()
    return _checked(kind, grantee[member], permission, argument)


def _checked(kind: str, value: str, permission: str, argument: str) -> dict[str, Any]:
    if kind == "id":
        if value not in (ANONYMOUS, _EC2) and not _CANONICAL.fullmatch(value):
            raise invalid_argument("Invalid id", argument, value)
        return _grant("ID", value, permission)
    if kind == "uri":
        if value not in (*_PUBLIC, _LOG_DELIVERY):
            raise invalid_argument("Invalid group uri", argument, value)
        return _grant("URI", value, permission)
    # AWS knows nobody by an address any more (since October 2025), nor do we.
    raise errors.UnresolvableGrantByEmailAddress()


def _grant(member: str, value: str, permission: str) -> dict[str, Any]:
    kind = "CanonicalUser" if member == "ID" else "Group"
    return {"Grantee": {member: value, "Type": kind}, "Permission": permission}


def check_new_bucket(request: Mapping[str, Any], account: str, ownership: str) -> Grants | None:
    """The list that CreateBucket asks for. InvalidBucketAclWithObjectOwnership, …WithBlockPublicAccessError."""
    owner = owner_id(account)
    grants = asked(request, owner)
    if grants is None or grants == owners(owner):
        return None
    if ownership == ENFORCED:
        raise errors.InvalidBucketAclWithObjectOwnership()
    if is_public(grants):  # a new bucket blocks those
        raise errors.InvalidBucketAclWithBlockPublicAccessError()
    return grants


def check_ownership(bucket: Bucket, ownership: str) -> None:
    """Lists can be switched off only when the bucket's own gives nobody else anything."""
    grants: Sequence[Mapping[str, Any]] = bucket.settings.get("acl") or ()
    if ownership == ENFORCED and gives_others(grants, bucket.owner["ID"]):
        raise errors.InvalidBucketAclWithObjectOwnership()
