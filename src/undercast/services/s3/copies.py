"""Copying an object within S3; what need not be read is shared, not copied."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.service import waits
from undercast.services.s3 import (
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
)
from undercast.services.s3.contents import Content
from undercast.services.s3.encryption import Lock
from undercast.services.s3.errors import invalid_argument
from undercast.services.s3.model import (
    ENCRYPTION,
    LARGEST_PUT,
    About,
    Bucket,
    Version,
    check_settings,
    headers_of,
    key_bytes,
)

_SELF = (
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's "
    "metadata, storage class, website redirect location or encryption attributes."
)
_CHANGES = ("StorageClass", "WebsiteRedirectLocation", "ServerSideEncryption", "SSECustomerAlgorithm")
_ALWAYS_ASKED = ("StorageClass", "WebsiteRedirectLocation", *ENCRYPTION)
_NEVER_COPIED = (*_ALWAYS_ASKED, *retention.MEMBERS, "Restore", "ReplicationStatus")

Source = tuple[Bucket, Version]


@waits
async def copy_object(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make an object of another, or change what an object says of itself."""
    check_settings(request)
    encryption.check_headers(request)
    conditions.check_write_headers(request)
    for name, directive in (("MetadataDirective", "metadata"), ("TaggingDirective", "tagging")):
        if request.get(name) not in (None, "COPY", "REPLACE"):
            raise invalid_argument(f"Unknown {directive} directive.", f"x-amz-{directive}-directive", request[name])
    shared = await call.transact(_share, request)
    if isinstance(shared, dict):
        return shared
    body, source, algorithm, lock = shared
    content = await contents.keep(call, body, [algorithm], lock.secret if lock else None)
    try:
        return await call.transact(_save, request, content, source, algorithm, lock)
    except ServiceError:  # anything else may have been committed
        contents.discard(call, content)
        raise


async def _share(
    call: Call, request: dict[str, Any]
) -> dict[str, Any] | tuple[bytes | AsyncIterator[bytes], Source, str, Lock | None]:
    """Copy at once by naming the same content; or else the bytes to read, and of what, which checksum to compute, how
    to encrypt."""
    source_bucket, source = await finding.read_source(call, request)
    bucket = await storage.find_bucket(call, request)
    _check_copy(request, bucket, source_bucket, source)
    about = About.read(source.about)
    customer_keys.unlock(request, about, "CopySource")
    algorithm = request.get("ChecksumAlgorithm") or about.algorithm or checksums.DEFAULT
    if algorithm not in checksums.ALGORITHMS:
        raise errors.InvalidRequest("Value for x-amz-checksum-algorithm header is invalid.")
    lock = await encryption.choose(call, bucket, request)
    same = algorithm == about.algorithm and about.kind == checksums.FULL_OBJECT and not source.upload
    if not same or source_bucket.account != bucket.account or lock or about.lock is not None:
        secret = await encryption.unlock(call, source_bucket, about, request, "CopySource")
        body = await contents.send(call, source_bucket, source, 0, source.size, secret)
        return body, (source_bucket, source), algorithm, lock
    content = Content(source.size, bytes.fromhex(source.etag), {algorithm: about.checksum}, source.blob, source.data)
    return await _save(call, request, content, (source_bucket, source), algorithm, None)


async def _save(
    call: Call, request: dict[str, Any], content: Content, of: Source, algorithm: str, lock: Lock | None
) -> dict[str, Any]:
    """The copy is of the source as it was when it was read, whatever has become of that since."""
    source_bucket, source = of
    bucket = await storage.find_bucket(call, request)
    key = key_bytes(request["Key"])
    current = await storage.find_current_facts(call, bucket, key)
    conditions.check_write(request, current)
    headers = _headers(request, About.read(source.about))
    about = About(headers, algorithm, checksums.FULL_OBJECT, content.checksums[algorithm])
    about = finding.settle(call, bucket, request, about)
    if lock:
        content, about = contents.seal(call, content, lock.secret), lock.put_on(about)
    replaced = request.get("TaggingDirective") == "REPLACE"
    tagged = tags.parse_header(request.get("Tagging")) if replaced else source.tags
    version = finding.new_version(call, bucket, key, content.size, content.md5.hex(), about, tagged, content)
    await storage.use_blob(call, bucket.account, content.blob)
    await storage.put_version(call, bucket, version, current)
    await changes.happened(call, bucket, "ObjectCreated:Copy", version)
    told = source_bucket.versioning and not source.is_null
    return {
        "CopyObjectResult": {"ETag": version.quoted_etag, "LastModified": version.modified_at, **about.checksums},
        "CopySourceVersionId": source.id if told else None,
        "VersionId": finding.told_id(bucket, version),
        "Expiration": lifecycle_rules.expiration_header(bucket, version),
        **about.encryption,
        "SSEKMSEncryptionContext": request.get("SSEKMSEncryptionContext"),
    }


def _check_copy(request: dict[str, Any], bucket: Bucket, source_bucket: Bucket, source: Version) -> None:
    if source.size > LARGEST_PUT:
        raise errors.InvalidRequest(
            f"The specified copy source is larger than the maximum allowable size for a copy source: {LARGEST_PUT}"
        )
    same = source_bucket.name == bucket.name and source.key_text == request["Key"]
    changes = request.get("MetadataDirective") == "REPLACE" or any(request.get(name) is not None for name in _CHANGES)
    older = "?versionId=" in request["CopySource"] and bool(bucket.versioning)
    # What a KMS key encrypts is encrypted anew; recorded: test_s3_copy_object_in_place_with_encryption
    if same and not changes and not older and About.read(source.about).lock is None:
        raise errors.InvalidRequest(_SELF)


def _headers(request: dict[str, Any], about: About) -> dict[str, Any]:
    """What the copy says of itself: the source's word or the request's; some are always the request's."""
    asked = headers_of(request)
    if request.get("MetadataDirective") == "REPLACE":
        return asked
    kept = {name: value for name, value in about.headers.items() if name not in _NEVER_COPIED}
    return kept | {name: asked[name] for name in _ALWAYS_ASKED if name in asked}
