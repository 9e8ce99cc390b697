"""UpdateObjectEncryption: what is there is encrypted with another KMS key; nothing else about it changes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.service import waits
from undercast.services.s3 import contents, encryption, errors, finding, storage, upload_storage
from undercast.services.s3.contents import Content
from undercast.services.s3.encryption import KMS, TWO_LAYERS, Lock
from undercast.services.s3.model import About, Part, Version

_KEY_ARN = re.compile(r"arn:aws[-a-z0-9]*:kms:[-a-z0-9]*:\d{12}:key/.+")


class _Plain(NamedTuple):
    """An object that is not encrypted yet: its bytes, or those of each of its `parts`, and a lock for them."""

    version: Version
    parts: list[Part]
    bodies: list[bytes | AsyncIterator[bytes]]
    lock: Lock


@waits
async def update_object_encryption(call: Call, request: dict[str, Any]) -> None:
    """Encrypt an object, or the data key it has, with a KMS key."""
    wanted = (request.get("ObjectEncryption") or {}).get("SSEKMS") or {}
    if not _KEY_ARN.fullmatch(wanted.get("KMSKeyArn", "")):
        raise errors.MalformedXML()
    plain = await call.transact(_rewrap, request, wanted)
    if plain is None:
        return
    secret = plain.lock.secret
    sealed = [contents.seal(call, await contents.keep(call, body, [], secret), secret) for body in plain.bodies]
    try:
        await call.transact(_replace, request, plain, sealed)
    except ServiceError:  # anything else may have been committed
        for content in sealed:
            contents.discard(call, content)
        raise


async def _rewrap(call: Call, request: dict[str, Any], wanted: dict[str, Any]) -> _Plain | None:
    """Wrap the data key anew; or else tell what has none yet."""
    bucket, version = await finding.find(call, request)
    about, bucket_key = About.read(version.about), bool(wanted.get("BucketKeyEnabled"))
    if about.has_customer_key or about.encryption["ServerSideEncryption"] == TWO_LAYERS:
        raise errors.InvalidRequest("The encryption type of the source object is not supported by this operation.")
    if about.lock is not None:
        about = await encryption.rewrap(call, bucket, request["Key"], about, wanted["KMSKeyArn"], bucket_key)
        await storage.set_about(call, bucket, version, about)
        return None
    asked = {"Key": request["Key"], "ServerSideEncryption": KMS, "SSEKMSKeyId": wanted["KMSKeyArn"]}
    lock = await encryption.choose(call, bucket, {**asked, "BucketKeyEnabled": bucket_key})
    assert lock is not None
    if not version.upload:
        return _Plain(version, [], [await contents.send(call, bucket, version, 0, version.size)], lock)
    parts = await upload_storage.find_parts(call, bucket.account, version.upload)
    return _Plain(version, parts, [contents.send_part(call, part) for part in parts], lock)


async def _replace(call: Call, request: dict[str, Any], plain: _Plain, sealed: list[Content]) -> None:
    bucket, current = await finding.find(call, request)
    was = plain.version
    if (current.rank, current.upload, current.blob) != (was.rank, was.upload, was.blob):
        raise errors.OperationAborted()  # it was replaced while it was read
    new = current._replace(about=plain.lock.put_on(About.read(current.about)).write())
    if plain.parts:
        new = new._replace(upload=upload_storage.new_id(call))
        for part, content in zip(plain.parts, sealed, strict=True):
            part = part._replace(upload=new.upload, blob=content.blob, data=content.data)
            await upload_storage.put_part(call, bucket.account, part)
    else:
        new = new._replace(blob=sealed[0].blob, data=sealed[0].data)
    await storage.replace_content(call, bucket, current, new)
