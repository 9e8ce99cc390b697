"""UpdateObjectEncryption: what is there is encrypted with another KMS key; nothing else about it changes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.service import waits
from undercast.services.s3 import contents, encryption, errors, finding, storage
from undercast.services.s3.contents import Content
from undercast.services.s3.encryption import KMS, TWO_LAYERS, Lock
from undercast.services.s3.model import About, Version

_KEY_ARN = re.compile(r"arn:aws[-a-z0-9]*:kms:[-a-z0-9]*:\d{12}:key/.+")


@waits
async def update_object_encryption(call: Call, request: dict[str, Any]) -> None:
    """Encrypt an object, or the data key it has, with a KMS key."""
    wanted = (request.get("ObjectEncryption") or {}).get("SSEKMS") or {}
    if not _KEY_ARN.fullmatch(wanted.get("KMSKeyArn", "")):
        raise errors.MalformedXML()
    plain = await call.transact(_rewrap, request, wanted)
    if plain is not None:
        version, body, lock = plain
        content = contents.seal(call, await contents.keep(call, body, [], lock.secret), lock.secret)
        try:
            await call.transact(_replace, request, version, content, lock)
        except ServiceError:  # anything else may have been committed
            contents.discard(call, content)
            raise


async def _rewrap(
    call: Call, request: dict[str, Any], wanted: dict[str, Any]
) -> tuple[Version, bytes | AsyncIterator[bytes], Lock] | None:
    """Wrap the data key anew; or else the bytes that have none yet, with a lock for them."""
    bucket, version = await finding.find(call, request)
    about, bucket_key = About.read(version.about), bool(wanted.get("BucketKeyEnabled"))
    if about.has_customer_key or about.encryption["ServerSideEncryption"] == TWO_LAYERS:
        raise errors.InvalidRequest("The encryption type of the source object is not supported by this operation.")
    if about.lock is not None:
        about = await encryption.rewrap(call, bucket, request["Key"], about, wanted["KMSKeyArn"], bucket_key)
        await storage.set_about(call, bucket, version, about)
        return None
    if version.upload:
        raise errors.NotImplemented(
            "Undercast's S3 does not encrypt an object that was uploaded in parts later on yet."
        )
    asked = {"Key": request["Key"], "ServerSideEncryption": KMS, "SSEKMSKeyId": wanted["KMSKeyArn"]}
    lock = await encryption.choose(call, bucket, {**asked, "BucketKeyEnabled": bucket_key})
    assert lock is not None
    return version, await contents.send(call, bucket, version, 0, version.size), lock


async def _replace(call: Call, request: dict[str, Any], version: Version, content: Content, lock: Lock) -> None:
    bucket, current = await finding.find(call, request)
    if (current.rank, current.blob) != (version.rank, version.blob):  # it was replaced while it was read
        raise errors.OperationAborted()
    about = lock.put_on(About.read(current.about))
    new = current._replace(about=about.write(), blob=content.blob, data=content.data)
    await storage.replace_content(call, bucket, current, new)
