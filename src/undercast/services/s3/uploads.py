"""Multipart uploads: start, upload parts, complete or abort, list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import md5
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.service import waits
from undercast.services.s3 import (
    changes,
    checksums,
    conditions,
    contents,
    encryption,
    errors,
    finding,
    lifecycle_rules,
    storage,
    tags,
    upload_storage,
)
from undercast.services.s3.checksums import COMPOSITE, FULL_OBJECT
from undercast.services.s3.contents import Content, Promise
from undercast.services.s3.errors import invalid_argument
from undercast.services.s3.model import (
    SMALLEST_PART,
    About,
    Bucket,
    Part,
    check_settings,
    headers_of,
    key_bytes,
    url_encoded,
)
from undercast.services.s3.upload_storage import Upload
from undercast.services.s3.walking import Walk

_MOST_PARTS = 10_000
_MOST = 1000
_LAST = "\U0010ffff"  # after every upload id


async def create_multipart_upload(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Begin an upload in parts."""
    check_settings(request)
    encryption.check_headers(request)
    bucket = await storage.find_bucket(call, request)
    algorithm, kind = _wanted_checksum(request)
    about = finding.settle(call, bucket, request, About(headers_of(request), algorithm, kind), begun=True)
    lock = await encryption.choose(call, bucket, request)
    if lock:
        about = lock.put_on(about)
    upload = Upload(
        key=key_bytes(request["Key"]),
        id=upload_storage.new_id(call),
        started_at=call.now - call.now % 1000,
        initiator=orjson.dumps(_initiator(call, bucket)).decode(),
        about=about.write(),
        tags=tags.parse_header(request.get("Tagging")),
    )
    await upload_storage.add_upload(call, bucket, upload)
    return {
        "Bucket": bucket.name,
        "Key": request["Key"],
        "UploadId": upload.id,
        **lifecycle_rules.abortion(bucket, upload.key, upload.started_at),
        "ChecksumAlgorithm": algorithm or None,
        "ChecksumType": kind or None,
        **about.encryption,
        "SSEKMSEncryptionContext": request.get("SSEKMSEncryptionContext"),
    }


@waits
async def upload_part(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Take in one part."""
    try:
        promise = Promise.read(call, request)
        _check_number(request["PartNumber"])
        about, secret = await call.transact(_open, request)
        if about.algorithm and promise.algorithm not in ("", about.algorithm):
            raise errors.InvalidRequest(
                f"Checksum Type mismatch occurred, expected checksum Type: {about.algorithm.lower()}, "
                f"actual checksum Type: {promise.algorithm.lower()}"
            )
    except ServiceError:
        await contents.drain(request)
        raise
    own = about.algorithm or checksums.DEFAULT
    content = await contents.receive(call, request, promise, list({own, promise.algorithm or own}), secret)
    part = await _save(call, request, content, own, secret)
    told = promise.algorithm or about.algorithm
    return {
        "ETag": f'"{part.etag}"',
        **({f"Checksum{told}": content.checksums[told]} if told else {}),
        **about.encryption,
    }


@waits
async def upload_part_copy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make one part of an object, or of a range of one."""
    _check_number(request["PartNumber"])
    body, about, secret, source_id = await call.transact(_open_source, request)
    own = about.algorithm or checksums.DEFAULT
    part = await _save(call, request, await contents.keep(call, body, [own], secret), own, secret)
    result = {"ETag": f'"{part.etag}"', "LastModified": part.modified_at}
    if about.algorithm:
        result[f"Checksum{own}"] = part.checksum
    return {"CopyPartResult": result, "CopySourceVersionId": source_id, **about.encryption}


async def complete_multipart_upload(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make an object of the parts."""
    conditions.check_write_headers(request)
    bucket, upload = await _find(call, request)
    current = await storage.find_current_facts(call, bucket, upload.key)
    _check_conditions(request, upload, current)
    asked = About.read(upload.about)
    if asked.lock:
        await encryption.unlock(call, bucket, asked, request)  # as S3 does: what could not be read is not completed
    parts = await _chosen_parts(call, request, bucket, upload, asked)
    size = sum(part.size for part in parts)
    if request.get("MpuObjectSize") not in (None, size):
        raise errors.InvalidRequest(
            f"The provided 'x-amz-mp-object-size' header value {request['MpuObjectSize']} does not match what was "
            f"computed: {size}"
        )
    about = finding.lock_by_default(call, bucket, _whole(request, asked, parts))
    digest = md5(b"".join(bytes.fromhex(part.etag) for part in parts), usedforsecurity=False).hexdigest()
    version = finding.new_version(
        call, bucket, upload.key, size, f"{digest}-{len(parts)}", about, upload.tags, None, upload=upload.id
    )
    starts, start = {}, 0
    for part in parts:
        starts[part.number], start = start, start + part.size
    await upload_storage.settle_parts(call, bucket.account, upload.id, starts)
    await upload_storage.delete_upload(call, bucket, upload)
    await storage.put_version(call, bucket, version, current)
    await changes.happened(call, bucket, "ObjectCreated:CompleteMultipartUpload", version)
    return {
        "Bucket": bucket.name,
        "Key": request["Key"],
        "Location": f"{call.platform.endpoint_url}/{bucket.name}/{quote(request['Key'], safe='/')}",
        "ETag": version.quoted_etag,
        **about.checksums,
        **({} if about.has_customer_key else about.encryption),
        "Expiration": lifecycle_rules.expiration_header(bucket, version),
        "VersionId": None if version.is_null else version.id,
    }


async def abort_multipart_upload(call: Call, request: dict[str, Any]) -> None:
    """Forget an upload and its parts."""
    bucket, upload = await _find(call, request)
    await upload_storage.delete_upload(call, bucket, upload)
    await upload_storage.forget_parts(call, bucket.account, upload.id)


async def list_parts(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The parts of an upload that have arrived."""
    bucket, upload = await _find(call, request)
    about = About.read(upload.about)
    after, limit = int(request.get("PartNumberMarker") or 0), min(request.get("MaxParts") or _MOST, _MOST)
    parts = await upload_storage.list_parts(call, bucket.account, upload.id, after, limit + 1)
    shown = parts[:limit]
    return {
        "Bucket": bucket.name,
        "Key": request["Key"],
        "UploadId": upload.id,
        **lifecycle_rules.abortion(bucket, upload.key, upload.started_at),
        "PartNumberMarker": after,
        "NextPartNumberMarker": shown[-1].number if shown else 0,
        "MaxParts": limit,
        "IsTruncated": len(parts) > limit,
        "Parts": [_part_entry(part, about) for part in shown],
        "Initiator": orjson.loads(upload.initiator),
        "Owner": bucket.owner,
        "StorageClass": about.storage_class,
        "ChecksumAlgorithm": about.algorithm or None,
        "ChecksumType": about.kind or None,
    }


async def list_multipart_uploads(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """One page of the uploads that are under way in a bucket."""
    bucket = await storage.find_bucket(call, request)
    limit = request.get("MaxUploads")
    limit = _MOST if limit is None else min(limit, _MOST)
    key_marker = request.get("KeyMarker") or ""
    id_marker = (request.get("UploadIdMarker") or "") if key_marker else ""
    if id_marker and not await upload_storage.find_upload(call, bucket, key_bytes(key_marker), id_marker):
        raise invalid_argument("Invalid uploadId marker", "upload-id-marker", id_marker)
    walk = Walk.over(request, limit, first="")
    page = await walk.run(
        lambda after, most: upload_storage.list_uploads(call, bucket, after, walk.end, most),
        lambda upload: (upload.key, upload.id),
        walk.after(key_marker, id_marker or _LAST),
    )
    encoding = request.get("EncodingType")
    last = page.items[-1] if page.items else None
    return {
        "Bucket": bucket.name,
        "KeyMarker": url_encoded(key_marker, encoding),
        "UploadIdMarker": id_marker,
        "NextKeyMarker": url_encoded(page.last, encoding),
        "NextUploadIdMarker": last.id if last else "",
        "Prefix": url_encoded(request["Prefix"], encoding) if request.get("Prefix") else None,
        "Delimiter": url_encoded(request["Delimiter"], encoding) if request.get("Delimiter") else None,
        "EncodingType": encoding,
        "MaxUploads": limit,
        "IsTruncated": page.truncated,
        "Uploads": [_upload_entry(upload, bucket, encoding) for upload in page.items],
        "CommonPrefixes": [{"Prefix": url_encoded(prefix, encoding)} for prefix in page.prefixes],
    }


async def _find(call: Call, request: dict[str, Any]) -> tuple[Bucket, Upload]:
    bucket = await storage.find_bucket(call, request)
    upload = await upload_storage.find_upload(call, bucket, key_bytes(request["Key"]), request["UploadId"])
    if upload is None:
        raise errors.NoSuchUpload(UploadId=request["UploadId"])
    return bucket, upload


async def _open(call: Call, request: dict[str, Any]) -> tuple[About, bytes | None]:
    """What is known of an upload, and the data key of its parts if they have one."""
    bucket, upload = await _find(call, request)
    about = About.read(upload.about)
    return about, await encryption.unlock(call, bucket, about, request)


async def _open_source(call: Call, request: dict[str, Any]) -> tuple[Any, About, bytes | None, str | None]:
    """The bytes of a part's source, what is known of the upload, its data key, and the source's version id."""
    about, secret = await _open(call, request)
    source_bucket, source = await finding.read_source(call, request)
    start, length = conditions.copy_range(request.get("CopySourceRange"), source.size)
    source_secret = await encryption.unlock(call, source_bucket, About.read(source.about), request, "CopySource")
    body = await contents.send(call, source_bucket, source, start, length, source_secret)
    told = source.id if source_bucket.versioning and not source.is_null else None
    return body, about, secret, told


async def _save(call: Call, request: dict[str, Any], content: Content, algorithm: str, secret: bytes | None) -> Part:
    if secret is not None:
        content = contents.seal(call, content, secret)

    async def save(call: Call) -> Part:
        bucket, upload = await _find(call, request)
        part = Part(
            upload.id, request["PartNumber"], -1, call.now - call.now % 1000, content.size, content.md5.hex(),
            content.checksums[algorithm], content.blob, content.data,
        )  # fmt: skip
        await upload_storage.put_part(call, bucket.account, part)
        return part

    try:
        return await call.transact(save)
    except ServiceError:  # anything else may have been committed
        contents.discard(call, content)
        raise


def _check_number(number: int) -> None:
    if not 1 <= number <= _MOST_PARTS:
        raise invalid_argument("Part number must be an integer between 1 and 10000, inclusive", "partNumber", number)


def _wanted_checksum(request: Mapping[str, Any]) -> tuple[str, str]:
    algorithm, kind = request.get("ChecksumAlgorithm") or "", request.get("ChecksumType") or ""
    if kind and not algorithm:
        raise errors.InvalidRequest(
            "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
        )
    if not algorithm:
        return "", ""
    algorithm = algorithm.upper()
    if algorithm not in checksums.ALGORITHMS:
        raise errors.InvalidRequest(
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
            "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"
        )
    kind = kind or checksums.default_type(algorithm)
    if kind not in (FULL_OBJECT, COMPOSITE):
        raise errors.InvalidRequest("Value for x-amz-checksum-type header is invalid.")
    if not checksums.supports(algorithm, kind):
        raise errors.InvalidRequest(
            f"The {kind} checksum type cannot be used with the {algorithm.lower()} checksum algorithm."
        )
    return algorithm, kind


def _check_conditions(request: Mapping[str, Any], upload: Upload, current: Any) -> None:
    """As for any write; and the key must not have been deleted since the upload began."""
    conditions.check_write(request, current)
    for member, header in (("IfMatch", "If-Match"), ("IfNoneMatch", "If-None-Match")):
        if upload.disturbed and request.get(member) is not None:
            raise errors.ConditionalRequestConflict(Condition=header, Key=request["Key"])


async def _chosen_parts(
    call: Call, request: Mapping[str, Any], bucket: Bucket, upload: Upload, asked: About
) -> list[Part]:
    """The parts that the client lists, checked. InvalidRequest, InvalidPartOrder, InvalidPart, EntityTooSmall."""
    listed: Sequence[Mapping[str, Any]] = (request.get("MultipartUpload") or {}).get("Parts") or ()
    if not listed:
        raise errors.InvalidRequest("You must specify at least one part")
    numbers = [entry.get("PartNumber") or 0 for entry in listed]
    if any(one >= other for one, other in pairwise(numbers)):
        raise errors.InvalidPartOrder(UploadId=upload.id)
    if request.get("ChecksumType") is not None and asked.kind and request["ChecksumType"] != asked.kind:
        raise errors.InvalidRequest(
            f"The upload was created using the {asked.kind} checksum mode. The complete request must use the same "
            "checksum mode."
        )
    there = {part.number: part for part in await upload_storage.list_parts(
        call, bucket.account, upload.id, 0, _MOST_PARTS
    )}  # fmt: skip
    chosen = [_check_part(entry, there.get(entry.get("PartNumber") or 0), upload, asked) for entry in listed]
    for part in chosen[:-1]:
        if part.size < SMALLEST_PART:
            raise errors.EntityTooSmall(
                ETag=part.etag, PartNumber=part.number, ProposedSize=part.size, MinSizeAllowed=SMALLEST_PART
            )
    return chosen


def _check_part(entry: Mapping[str, Any], part: Part | None, upload: Upload, asked: About) -> Part:
    number, etag = entry.get("PartNumber"), (entry.get("ETag") or "").strip('"')
    given = {name[len("Checksum") :]: value for name, value in entry.items() if name.startswith("Checksum")}
    if asked.kind == COMPOSITE and not given:
        raise errors.InvalidRequest(
            f"The upload was created using a {asked.algorithm.lower()} checksum. The complete request must include the "
            f"checksum for each part. It was missing for part {number} in the request."
        )
    own = asked.algorithm or checksums.DEFAULT
    if part is None or part.etag != etag or given.get(own, part.checksum) != part.checksum:
        raise errors.InvalidPart(ETag=etag, PartNumber=number, UploadId=upload.id)
    if asked.algorithm:
        for algorithm in given:
            if algorithm != own:
                raise errors.BadDigest(
                    f"The {algorithm.lower()} you specified for part {number} did not match what we received."
                )
    return part


def _whole(request: Mapping[str, Any], asked: About, parts: Sequence[Part]) -> About:
    """What the finished object says of itself. BadDigest when the client expects another checksum."""
    algorithm, kind = asked.algorithm or checksums.DEFAULT, asked.kind or FULL_OBJECT
    if kind == FULL_OBJECT:
        checksum = checksums.combine(algorithm, [(part.checksum, part.size) for part in parts])
    else:
        checksum = checksums.composite(algorithm, [part.checksum for part in parts])
    expected = request.get(f"Checksum{algorithm}")
    if expected is not None and expected.partition("-")[0] != checksum.partition("-")[0]:
        raise errors.BadDigest(f"The {algorithm.lower()} you specified did not match the calculated checksum.")
    return asked._replace(algorithm=algorithm, kind=kind, checksum=checksum)


def _part_entry(part: Part, about: About) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "PartNumber": part.number, "Size": part.size, "ETag": f'"{part.etag}"', "LastModified": part.modified_at,
    }  # fmt: skip
    return {**entry, f"Checksum{about.algorithm}": part.checksum} if about.algorithm else entry


def _upload_entry(upload: Upload, bucket: Bucket, encoding: str | None) -> dict[str, Any]:
    about = About.read(upload.about)
    return {
        "Key": url_encoded(upload.key.decode("utf-8", "surrogateescape"), encoding),
        "UploadId": upload.id,
        "Initiated": upload.started_at,
        "Initiator": orjson.loads(upload.initiator),
        "Owner": bucket.owner,
        "StorageClass": about.storage_class,
        "ChecksumAlgorithm": about.algorithm or None,
        "ChecksumType": about.kind or None,
    }


def _initiator(call: Call, bucket: Bucket) -> dict[str, str]:
    """The account itself by its canonical id, anyone else by ARN."""
    arn = call.identity.arn
    root = arn.endswith(":root")
    return {"ID": bucket.owner["ID"] if root else arn, "DisplayName": arn.rpartition("/" if "/" in arn else ":")[2]}
