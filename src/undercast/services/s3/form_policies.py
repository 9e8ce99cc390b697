"""The policy of a browser's upload form: read, and held against the form's fields. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from undercast.services.s3 import errors

# Fields that no condition need name.
_FREE = frozenset({"x-amz-signature", "signature", "awsaccesskeyid", "file", "policy"})


def check(text: str, fields: Mapping[str, str], size: int, now: int) -> None:
    """Hold a form against its policy. `fields` by lower-case name, among them the bucket; `size` of the file in bytes.

    InvalidPolicyDocument, AccessDenied, EntityTooLarge, EntityTooSmall.
    """
    expires_at, conditions = _read(text)
    if now > expires_at:
        raise _denied("Policy expired.")
    named = set()
    for condition in conditions:
        named.add(_check_condition(condition, fields, size))
    for name in fields:
        if name not in named and name not in _FREE and not name.startswith("x-ignore-"):
            raise _denied(f"Extra input fields: {name}")


def _read(text: str) -> tuple[int, list[Any]]:
    """When a policy expires (milliseconds), and its conditions as lists of three."""
    try:
        document = orjson.loads(b64decode(text))
    except (binascii.Error, ValueError):
        document = None
    if not isinstance(document, dict):
        raise errors.InvalidPolicyDocument("Invalid Policy: Invalid JSON.")
    for member in ("expiration", "conditions"):
        if member not in document:
            raise errors.InvalidPolicyDocument(f"Invalid Policy: Policy missing {member}.")
    try:
        expires_at = datetime.fromisoformat(document["expiration"])
    except (TypeError, ValueError):
        raise errors.InvalidPolicyDocument(
            f"Invalid Policy: Invalid 'expiration' value: '{document['expiration']}'"
        ) from None
    if expires_at.tzinfo is None or not isinstance(document["conditions"], list):
        raise errors.InvalidPolicyDocument("Invalid Policy: Invalid JSON.")
    return int(expires_at.timestamp() * 1000), [one for item in document["conditions"] for one in _conditions(item)]


def _conditions(item: Any) -> list[list[str]]:
    """A condition in its long form, with all its values as text: {"acl": "private"} is ["eq", "$acl", "private"]."""
    if isinstance(item, dict) and item:
        return [["eq", f"${name}", str(value)] for name, value in item.items()]
    if isinstance(item, list) and len(item) == 3 and isinstance(item[0], str):
        return [[str(part) for part in item]]
    raise errors.InvalidPolicyDocument("Invalid Policy: Invalid Condition.")


def _check_condition(condition: list[str], fields: Mapping[str, str], size: int) -> str:
    """The field that a condition is about, which it lets pass."""
    kind, name, wanted = condition
    if kind.lower() == "content-length-range":
        _check_size(condition, size)
        return ""
    if not name.startswith("$"):
        raise errors.InvalidPolicyDocument("Invalid Policy: Invalid Condition.")
    field = name[1:].lower()
    value = fields.get(field, "")
    if kind.lower() not in ("eq", "starts-with"):
        raise errors.InvalidPolicyDocument(f"Invalid Policy: Invalid Condition: unknown operation '{kind}'.")
    fits = value == wanted if kind.lower() == "eq" else value.startswith(wanted)
    if not fits or (field not in fields and wanted):
        raise _failed(condition)
    return field


def _check_size(condition: list[str], size: int) -> None:
    if not (condition[1].isdigit() and condition[2].isdigit()):
        raise _failed(condition)
    least, most = int(condition[1]), int(condition[2])
    if size > most:
        raise errors.EntityTooLarge(ProposedSize=size, MaxSizeAllowed=most)
    if size < least:
        raise errors.EntityTooSmall(ProposedSize=size, MinSizeAllowed=least)


def _failed(condition: list[str]) -> errors.AccessDenied:
    shown = ", ".join(orjson.dumps(part).decode() for part in condition)
    return _denied(f"Policy Condition failed: [{shown}]")


def _denied(why: str) -> errors.AccessDenied:
    return errors.AccessDenied(f"Invalid according to Policy: {why}")
