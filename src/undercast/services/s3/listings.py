"""Operations that list objects and versions. A page costs the same wherever it is and however many keys there are."""

from __future__ import annotations

from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.services.s3 import archive, errors, storage
from undercast.services.s3.errors import invalid_argument
from undercast.services.s3.model import About, Bucket, Version, key_bytes, read_version_id, url_encoded
from undercast.services.s3.walking import Page, Walk

_MOST = 1000
_FIRST, _LAST = -(2**63), 2**63 - 1  # before and after all ranks


async def list_objects(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """One page of the current objects of a bucket, as clients of the first days ask for it."""
    bucket = await storage.find_bucket(call, request)
    page = await _current(call, bucket, request, request.get("Marker") or "")
    encoding = request.get("EncodingType")
    return {
        **_frame(bucket, request, page),
        "Marker": url_encoded(request.get("Marker") or "", encoding),
        "NextMarker": url_encoded(page.last, encoding) if page.truncated and request.get("Delimiter") else None,
        "Contents": [_entry(version, encoding, bucket.owner, _tells_restores(request)) for version in page.items],
    }


async def list_objects_v2(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """One page of the current objects of a bucket."""
    bucket = await storage.find_bucket(call, request)
    token, start_after = request.get("ContinuationToken"), request.get("StartAfter")
    page = await _current(call, bucket, request, (start_after or "") if token is None else _read_token(token))
    encoding = request.get("EncodingType")
    owner = bucket.owner if request.get("FetchOwner") else None
    return {
        **_frame(bucket, request, page),
        "KeyCount": len(page.items) + len(page.prefixes),
        "ContinuationToken": token,
        "StartAfter": url_encoded(start_after, encoding) if start_after else None,
        "NextContinuationToken": paging.encode_token(page.last) if page.truncated else None,
        "Contents": [_entry(version, encoding, owner, _tells_restores(request)) for version in page.items],
    }


async def list_object_versions(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """One page of all versions and delete markers of a bucket, the newest of each key first."""
    bucket = await storage.find_bucket(call, request)
    marker, version_marker = request.get("KeyMarker") or "", request.get("VersionIdMarker") or ""
    rank = await _rank_of_marker(call, bucket, marker, version_marker)
    walk = Walk.over(request, _limit(request), first=_FIRST)
    page = await walk.run(
        lambda after, limit: storage.list_versions(call, bucket, after, walk.end, limit),
        lambda version: (version.key, version.rank),
        walk.after(marker, rank),
    )
    encoding = request.get("EncodingType")
    resumed = key_bytes(marker) if version_marker else b""
    entries = _version_entries(page, bucket, encoding, resumed, _tells_restores(request))
    last = page.items[-1] if page.items and page.items[-1].key_text == page.last else None
    return {
        **_frame(bucket, request, page),
        "KeyMarker": url_encoded(marker, encoding),
        "VersionIdMarker": version_marker,
        "NextKeyMarker": url_encoded(page.last, encoding) if page.truncated else None,
        "NextVersionIdMarker": last.id if page.truncated and last else None,
        "Versions": [entry for entry in entries if "ETag" in entry],
        "DeleteMarkers": [entry for entry in entries if "ETag" not in entry],
    }


async def _current(call: Call, bucket: Bucket, request: dict[str, Any], marker: str) -> Page[Version]:
    walk = Walk.over(request, _limit(request), first=_FIRST)
    return await walk.run(
        lambda after, limit: storage.list_current(call, bucket, _low(after), walk.end, limit),
        lambda version: (version.key, version.rank),
        walk.after(marker, _LAST),
    )


def _low(after: tuple[bytes, int]) -> bytes:
    """The first key that comes after a position among current versions, of which each key has one."""
    key, rank = after
    return key if rank == _FIRST else key + b"\0"


async def _rank_of_marker(call: Call, bucket: Bucket, key: str, version_id: str) -> int:
    if not version_id:
        return _LAST
    if not key:
        raise invalid_argument(
            "A version-id marker cannot be specified without a key marker.", "version-id-marker", version_id
        )
    rank = read_version_id(version_id)
    if rank is None:
        version = await storage.find_version(call, bucket, key_bytes(key), None)
        return version.rank if version else _LAST
    return rank


def _limit(request: dict[str, Any]) -> int:
    wanted = request.get("MaxKeys")
    if wanted is None:
        return _MOST
    if wanted < 0:
        raise invalid_argument("Argument maxKeys must be an integer between 0 and 2147483647", "maxKeys", wanted)
    return min(int(wanted), _MOST)


def _tells_restores(request: dict[str, Any]) -> bool:
    """Whether a listing is asked for the state of restores, the one thing that it tells only then."""
    wanted = request.get("OptionalObjectAttributes") or ()
    if set(wanted) - {"RestoreStatus"}:
        raise errors.InvalidArgument(
            "Invalid attribute name specified", ArgumentName="x-amz-optional-object-attributes"
        )
    return bool(wanted)


def _frame(bucket: Bucket, request: dict[str, Any], page: Page[Any]) -> dict[str, Any]:
    """What every listing tells of itself."""
    encoding = request.get("EncodingType")
    if encoding not in (None, "", "url"):
        raise invalid_argument("Invalid Encoding Method specified in Request", "encoding-type", encoding)
    delimiter = request.get("Delimiter")
    return {
        "Name": bucket.name,
        "Prefix": url_encoded(request.get("Prefix") or "", encoding),
        "Delimiter": url_encoded(delimiter, encoding) if delimiter else None,
        "EncodingType": encoding or None,
        "MaxKeys": _limit(request),
        "IsTruncated": page.truncated,
        "CommonPrefixes": [{"Prefix": url_encoded(prefix, encoding)} for prefix in page.prefixes],
    }


def _entry(version: Version, encoding: str | None, owner: dict[str, str] | None, restored: bool) -> dict[str, Any]:
    about = About.read(version.about)
    return {
        "Key": url_encoded(version.key_text, encoding),
        "LastModified": version.modified_at,
        "ETag": version.quoted_etag,
        "ChecksumAlgorithm": [about.algorithm] if about.algorithm else None,
        "ChecksumType": about.kind or None,
        "Size": version.size,
        "StorageClass": about.storage_class,
        "Owner": owner,
        "RestoreStatus": archive.restore_status(about) if restored else None,
    }


def _version_entries(
    page: Page[Version], bucket: Bucket, encoding: str | None, resumed: bytes, restored: bool
) -> list[dict[str, Any]]:
    """The first version of a key is its latest, unless the page begins in the middle of that key (`resumed`)."""
    entries, seen = [], resumed
    for version in page.items:
        entry = (
            {"Key": url_encoded(version.key_text, encoding), "LastModified": version.modified_at, "Owner": bucket.owner}
            if version.marker
            else _entry(version, encoding, bucket.owner, restored)
        )
        entries.append({**entry, "VersionId": version.id, "IsLatest": version.key != seen})
        seen = version.key
    return entries


def _read_token(token: str) -> str:
    try:
        return str(paging.decode_token(token))
    except paging.InvalidToken:
        raise invalid_argument("The continuation token provided is incorrect", "continuation-token", token) from None
