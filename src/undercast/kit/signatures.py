"""AWS signatures, version 4 and version 2, computed from what was signed. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html and .../userguide/RESTAuthentication.html
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha1, sha256
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

# The parameters that name what a version 2 request is about, besides its path.
_SUBRESOURCES = frozenset(
    {
        "accelerate", "acl", "analytics", "cors", "defaultObjectAcl", "delete", "encryption", "inventory", "legal-hold",
        "lifecycle", "location", "logging", "metrics", "notification", "object-lock", "ownershipControls", "partNumber",
        "policy", "policyStatus", "publicAccessBlock", "replication", "requestPayment", "response-cache-control",
        "response-content-disposition", "response-content-encoding", "response-content-language",
        "response-content-type", "response-expires", "restore", "retention", "select", "select-type", "tagging",
        "torrent", "uploadId", "uploads", "versionId", "versioning", "versions", "website",
    }
)  # fmt: skip


class Scope(NamedTuple):
    """What a version 4 key is good for: `date` as 20260131, in a region, for a service."""

    date: str
    region: str
    service: str

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def canonical_request(
    method: str,
    path: str,
    query: Iterable[tuple[str, str]],
    headers: Mapping[str, str],
    signed: Sequence[str],
    payload: str,
    *,
    encode_twice: bool,
) -> str:
    """A request as version 4 signs it. `path` as sent; S3 encodes it once, other services twice."""
    uri = quote(path, safe="/~") if encode_twice else quote(unquote_to_bytes(path), safe="/~")
    pairs = sorted((_encoded(name), _encoded(value)) for name, value in query)
    lines = "".join(f"{name}:{' '.join(headers.get(name, '').split())}\n" for name in signed)
    text = "&".join(f"{name}={value}" for name, value in pairs)
    return "\n".join((method, uri, text, lines, ";".join(signed), payload))


def string_to_sign(request: str, date: str, scope: Scope) -> str:
    """What the version 4 signature of a canonical request is made of; `date` as 20260131T235959Z."""
    return "\n".join(
        ("AWS4-HMAC-SHA256", date, str(scope), sha256(request.encode("utf-8", "surrogateescape")).hexdigest())
    )


def sign(secret: str, scope: Scope, text: str) -> str:
    """The version 4 signature of a text."""
    key = f"AWS4{secret}".encode()
    for part in (*scope, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode("utf-8", "surrogateescape"), "sha256").hex()


def old_string_to_sign(
    method: str, resource: str, query: Iterable[tuple[str, str]], headers: Mapping[str, str], expires: str
) -> str:
    """What the version 2 signature of a URL is made of. `resource` is the path with the bucket; parameters that begin
    with x-amz- count as headers."""
    query = list(query)
    amz = {name.lower(): value for name, value in query if name.lower().startswith("x-amz-")}
    amz |= {name: value for name, value in headers.items() if name.startswith("x-amz-")}
    lines = "".join(f"{name}:{amz[name].strip()}\n" for name in sorted(amz))
    parts = [name if not value else f"{name}={value}" for name, value in sorted(query) if name in _SUBRESOURCES]
    about = "\n".join((method, headers.get("content-md5", ""), headers.get("content-type", ""), expires))
    return f"{about}\n{lines}{resource}{'?' if parts else ''}{'&'.join(parts)}"


def old_sign(secret: str, text: str) -> str:
    """The version 2 signature of a text."""
    return b64encode(hmac.new(secret.encode(), text.encode("utf-8", "surrogateescape"), sha1).digest()).decode()


def same(one: str, other: str) -> bool:
    """Whether two signatures are the same, told in constant time."""
    return hmac.compare_digest(one.encode("utf-8", "surrogateescape"), other.encode("utf-8", "surrogateescape"))


def in_hex(text: str) -> str:
    """The bytes of a text as S3's errors show them."""
    return text.encode("utf-8", "surrogateescape").hex(" ")


def _encoded(text: str) -> str:
    return quote(text, safe="~", errors="surrogateescape")
