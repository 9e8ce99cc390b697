"""Operations on objects: put, get, head, delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.service import waits
from undercast.services.s3 import (
    archive,
    authorization,
    changes,
    checksums,
    conditions,
    contents,
    customer_keys,
    encryption,
    errors,
    finding,
    lifecycle_rules,
    retention,
    storage,
    tags,
    upload_storage,
)
from undercast.services.s3.contents import Content, Promise
from undercast.services.s3.encryption import Lock
from undercast.services.s3.model import (
    About,
    Bucket,
    Version,
    check_settings,
    headers_of,
    key_bytes,
    read_version_id,
)

_OVERRIDES = {
    "ResponseCacheControl": "CacheControl",
    "ResponseContentDisposition": "ContentDisposition",
    "ResponseContentEncoding": "ContentEncoding",
    "ResponseContentLanguage": "ContentLanguage",
    "ResponseContentType": "ContentType",
    "ResponseExpires": "Expires",
}


@waits
async def put_object(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Store an object."""
    try:
        promise = Promise.read(call, request)
        check_settings(request)
        encryption.check_headers(request)
        retention.check_promise(request, promised=not call.from_client or bool(promise.md5 or promise.algorithm))
        conditions.check_write_headers(request)
        key, headers, tagged = key_bytes(request["Key"]), headers_of(request), tags.parse_header(request.get("Tagging"))
    except ServiceError:
        await contents.drain(request)
        raise
    lock = await contents.check_bucket(call, request, promise)
    algorithm = promise.algorithm or checksums.DEFAULT
    content = await contents.receive(call, request, promise, [algorithm], lock.secret if lock else None)
    about = About(headers, algorithm, checksums.FULL_OBJECT, content.checksums[algorithm])
    try:
        version, about, expiration = await call.transact(_put, request, key, about, tagged, content, lock)
    except ServiceError:  # anything else may have been committed
        contents.discard(call, content)
        raise
    # A null version's id is not told here; recorded: test_s3_put_object_versioned
    return {
        "ETag": version.quoted_etag,
        **about.checksums,
        **about.encryption,
        "SSEKMSEncryptionContext": request.get("SSEKMSEncryptionContext"),
        "Expiration": expiration,
        "VersionId": None if version.is_null else version.id,
    }


async def _put(
    call: Call, request: dict[str, Any], key: bytes, about: About, tagged: str, content: Content, lock: Lock | None
) -> tuple[Version, About, str | None]:
    bucket = await storage.find_bucket(call, request)
    if content.data is not None:
        lock = await encryption.choose(call, bucket, request)
    about = finding.settle(call, bucket, request, about)
    current = await storage.find_current_facts(call, bucket, key)
    conditions.check_write(request, current)
    if lock:
        content, about = contents.seal(call, content, lock.secret), lock.put_on(about)
    version = finding.new_version(call, bucket, key, content.size, content.md5.hex(), about, tagged, content)
    await storage.use_blob(call, bucket.account, content.blob)
    await storage.put_version(call, bucket, version, current)
    how = "Post" if call.operation == "PostObject" else "Put"
    await changes.happened(call, bucket, f"ObjectCreated:{how}", version)
    return version, about, lifecycle_rules.expiration_header(bucket, version)


async def get_object(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The content of an object, or a range of it, with what is known of it."""
    bucket, version = await finding.find(call, request)
    about = About.read(version.about)
    customer_keys.unlock(request, about)
    archive.check_readable(about)
    answer, start, length = await _describe(call, request, bucket, version, about)
    secret = await encryption.unlock(call, bucket, about, request) if about.lock is not None else None
    answer["Body"] = await contents.send(call, bucket, version, start, length, secret)
    return answer


async def head_object(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """What is known of an object."""
    bucket, version = await finding.find(call, request)
    about = About.read(version.about)
    customer_keys.unlock(request, about)
    answer, _, _ = await _describe(call, request, bucket, version, about)
    return answer


async def delete_object(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete an object: for good, or with a delete marker when the bucket keeps versions."""
    if request.get("IfMatchLastModifiedTime") is not None or request.get("IfMatchSize") is not None:
        raise errors.NotImplemented(Header="x-amz-if-match-last-modified-time")
    bucket = await storage.find_bucket(call, request)
    await _check_delete(call, bucket, request["Key"], request.get("IfMatch"))
    return await _delete(call, bucket, request, await authorization.may_bypass(call, bucket, request))


async def delete_objects(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete up to 1,000 objects or versions."""
    bucket = await storage.find_bucket(call, request)
    wanted = request["Delete"]["Objects"]
    if not 0 < len(wanted) <= 1000:
        raise errors.MalformedXML()
    bypass = await authorization.may_bypass(call, bucket, request)
    deleted: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for entry in wanted:
        try:
            if authorization.is_foreign(call, bucket):
                await authorization.check(call, bucket, entry)
            if entry.get("LastModifiedTime") is not None or entry.get("Size") is not None:
                raise errors.NotImplemented()
            await _check_delete(call, bucket, entry["Key"], entry.get("ETag"))
            done = await _delete(call, bucket, entry, bypass)
        except ServiceError as error:
            named = {name: entry.get(name) for name in ("Key", "VersionId")}
            failed.append({**named, "Code": error.code, "Message": error.message})
            continue
        if done.get("DeleteMarker"):
            done["DeleteMarkerVersionId"] = done.pop("VersionId")
        deleted.append({**done, "Key": entry["Key"], "VersionId": entry.get("VersionId")})
    return {"Deleted": [] if request["Delete"].get("Quiet") else deleted, "Errors": failed}


async def get_object_attributes(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """What a client asks to know of an object, and of the parts it was uploaded in."""
    wanted = {part.strip() for value in request["ObjectAttributes"] for part in value.split(",")}
    bucket, version = await finding.find(call, request)
    about = About.read(version.about)
    customer_keys.unlock(request, about)
    answer: dict[str, Any] = {"LastModified": version.modified_at, "VersionId": finding.told_id(bucket, version)}
    if "ETag" in wanted:
        answer["ETag"] = version.etag
    if "ObjectSize" in wanted:
        answer["ObjectSize"] = version.size
    if "StorageClass" in wanted:
        answer["StorageClass"] = about.storage_class
    if "Checksum" in wanted and about.checksum:
        answer["Checksum"] = {**about.checksums, f"Checksum{about.algorithm}": about.checksum.partition("-")[0]}
    if "ObjectParts" in wanted and version.upload:
        answer["ObjectParts"] = await _object_parts(call, request, bucket, version, about)
    return answer


async def _object_parts(
    call: Call, request: dict[str, Any], bucket: Bucket, version: Version, about: About
) -> dict[str, Any]:
    """The parts themselves are told only when each has a checksum of its own."""
    total = await upload_storage.count_parts(call, bucket.account, version.upload)
    if about.kind != checksums.COMPOSITE:
        return {"TotalPartsCount": total}
    after, limit = request.get("PartNumberMarker") or 0, request.get("MaxParts") or 1000
    parts = await upload_storage.list_parts(call, bucket.account, version.upload, int(after), limit + 1)
    shown = parts[:limit]
    return {
        "TotalPartsCount": total,
        "PartNumberMarker": int(after),
        "NextPartNumberMarker": shown[-1].number if shown else 0,
        "MaxParts": limit,
        "IsTruncated": len(parts) > limit,
        "Parts": [
            {"PartNumber": part.number, "Size": part.size, f"Checksum{about.algorithm}": part.checksum} for part in shown
        ] or None,
    }  # fmt: skip


async def _describe(
    call: Call, request: dict[str, Any], bucket: Bucket, version: Version, about: About
) -> tuple[dict[str, Any], int, int]:
    """The answer's headers, and which bytes belong to it: start and length."""
    conditions.check_read(request, version)
    answer = {
        "AcceptRanges": "bytes",
        "LastModified": version.modified_at,
        "ETag": version.quoted_etag,
        "VersionId": finding.told_id(bucket, version),
        **about.headers,
    }
    if "VersionId" not in request:
        answer["Expiration"] = lifecycle_rules.expiration_header(bucket, version)
    if version.tags:
        answer["TagCount"] = tags.count(version.tags)
    start, length, checksum = 0, version.size, about.checksum
    if request.get("PartNumber") is not None:
        conditions.check_part(request)
        start, length, checksum = await _part(call, request["PartNumber"], bucket, version, about, answer)
    elif request.get("Range") is not None and (found := conditions.byte_range(request["Range"], version.size)):
        start, length = found
        answer["ContentRange"] = f"bytes {start}-{start + length - 1}/{version.size}"
        if length != version.size:
            checksum = ""
    if checksum and request.get("ChecksumMode") == "ENABLED":
        answer[f"Checksum{about.algorithm}"], answer["ChecksumType"] = checksum, about.kind
    answer["ContentLength"] = length
    if "ContentRange" in answer:
        answer["_status"] = 206
    for parameter, header in _OVERRIDES.items():
        if parameter in request:
            answer[header] = conditions.override(parameter, request[parameter])
    return answer, start, length


async def _part(
    call: Call, number: int, bucket: Bucket, version: Version, about: About, answer: dict[str, Any]
) -> tuple[int, int, str]:
    """Start, length and checksum of one part; what was not uploaded in parts is its own part 1."""
    start, length, checksum = 0, version.size, about.checksum
    if version.upload:
        answer["PartsCount"] = await upload_storage.count_parts(call, bucket.account, version.upload)
        parts = await upload_storage.list_parts(call, bucket.account, version.upload, number - 1, 1)
        if not parts or parts[0].number != number:
            raise errors.InvalidPartNumber(PartNumberRequested=number, ActualPartCount=answer["PartsCount"])
        start, length = parts[0].start, parts[0].size
        if about.kind == checksums.COMPOSITE:
            checksum = parts[0].checksum
        elif length != version.size:
            checksum = ""
    elif number != 1:
        raise errors.InvalidPartNumber(PartNumberRequested=number, ActualPartCount=1)
    if length:
        answer["ContentRange"] = f"bytes {start}-{start + length - 1}/{version.size}"
    return start, length, checksum


async def _check_delete(call: Call, bucket: Bucket, key: str, etag: str | None) -> None:
    """PreconditionFailed unless the object that is to go has the ETag that the client knows; NoSuchKey."""
    if etag is not None:
        current = await storage.find_current_facts(call, bucket, key_bytes(key))
        conditions.check_write({"IfMatch": etag, "Key": key}, current)


async def _delete(call: Call, bucket: Bucket, request: Mapping[str, Any], bypass: bool) -> dict[str, Any]:
    key, version_id = key_bytes(request["Key"]), request.get("VersionId")
    await upload_storage.disturb_uploads(call, bucket, key)
    if version_id is not None:
        version = await storage.find_version(call, bucket, key, read_version_id(version_id))
        if version is not None:
            if not version.marker and bucket.settings.get("object_lock") is not None:
                retention.check_delete(About.read(version.about), call.now, bypass)
            await storage.delete_version(call, bucket, version)
            await changes.happened(call, bucket, "ObjectRemoved:Delete", version)
        return {"VersionId": version_id, "DeleteMarker": True if version and version.marker else None}
    if bucket.versioning:
        marker = finding.new_marker(call, bucket, key)
        await storage.put_marker(call, bucket, marker)
        await changes.happened(call, bucket, "ObjectRemoved:DeleteMarkerCreated", marker)
        return {"DeleteMarker": True, "VersionId": marker.id}
    current = await storage.find_current_facts(call, bucket, key)
    if current is not None:
        await storage.delete_version(call, bucket, current)
        await changes.happened(call, bucket, "ObjectRemoved:Delete", current)
    return {}
