"""How content is encrypted with KMS keys: which key, a data key of it for each object, and the way back to that.

S3's own encryption (AES256) is left to the disk. https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.s3 import errors
from undercast.services.s3.errors import invalid_argument
from undercast.services.s3.model import About, Bucket

KMS = "aws:kms"
_OWN_KEY = "alias/aws/s3"
_ARN = "aws:s3:arn"
_HEADER = "x-amz-server-side-encryption"


@dataclass(frozen=True, slots=True)
class Lock:
    """What locks one object, or the parts of one upload: the data key, plain, and what a version keeps of it."""

    secret: bytes
    headers: dict[str, Any]
    kept: dict[str, Any]
    context: str | None  # as the client gave it, for the answer

    def put_on(self, about: About) -> About:
        return About({**about.headers, **self.headers}, about.algorithm, about.kind, about.checksum, self.kept)


async def choose(call: Call, bucket: Bucket, request: Mapping[str, Any]) -> Lock | None:
    """A new lock for the object of a request, by its headers or else the bucket's default; None: AES256."""
    method = request.get("ServerSideEncryption")
    if method is None and bucket.settings.get("encryption") is None:
        return None
    rule = (bucket.settings.get("encryption") or {"Rules": [{}]})["Rules"][0]
    default = rule.get("ApplyServerSideEncryptionByDefault") or {}
    if (method or default.get("SSEAlgorithm")) != KMS:
        return None
    # A request that says aws:kms and no key has the key of AWS, whatever the default of the bucket is.
    key_id = (request.get("SSEKMSKeyId") if method else default.get("KMSMasterKeyID")) or _OWN_KEY
    bucket_key = request.get("BucketKeyEnabled")
    bucket_key = rule.get("BucketKeyEnabled", False) if bucket_key is None else bucket_key
    name = request["Key"].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    arn = bucket.arn if bucket_key else f"{bucket.arn}/{name}"
    context = {**_context(request.get("SSEKMSEncryptionContext")), _ARN: arn}
    made = await _ask(call, bucket, "generate_data_key", KeyId=key_id, KeySpec="AES_256", EncryptionContext=context)
    headers = {"ServerSideEncryption": KMS, "SSEKMSKeyId": made["KeyId"]}
    if bucket_key:
        headers["BucketKeyEnabled"] = True
    kept = {"key": b64encode(made["CiphertextBlob"]).decode(), "context": context}
    return Lock(made["Plaintext"], headers, kept, request.get("SSEKMSEncryptionContext"))


async def unlock(call: Call, bucket: Bucket, about: About) -> bytes | None:
    """The data key of what is there; None when it is not encrypted with one. KMS.DisabledException, AccessDenied, …"""
    if about.lock is None:
        return None
    blob, context = b64decode(about.lock["key"]), about.lock["context"]
    opened = await _ask(call, bucket, "decrypt", CiphertextBlob=blob, EncryptionContext=context)
    return bytes(opened["Plaintext"])


def check_headers(request: Mapping[str, Any]) -> None:
    """InvalidArgument, InvalidEncryptionAlgorithmError; NotImplemented for what is not here."""
    method = request.get("ServerSideEncryption")
    if method == "aws:kms:dsse":
        raise errors.NotImplemented("Undercast's S3 does not encrypt in two layers (aws:kms:dsse) yet.")
    if method not in (None, "AES256", KMS):
        raise errors.InvalidEncryptionAlgorithmError(**{_HEADER: method})
    if method != KMS and (request.get("SSEKMSKeyId") or request.get("SSEKMSEncryptionContext")):
        raise invalid_argument(
            f"Server Side Encryption with AWS KMS managed key requires HTTP header {_HEADER} : {KMS}",
            _HEADER, method or "null",
        )  # fmt: skip
    if method == KMS:
        _context(request.get("SSEKMSEncryptionContext"))


def default_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule of a bucket's default encryption as S3 tells it again. MalformedXML, InvalidArgument."""
    wanted = dict(rule.get("ApplyServerSideEncryptionByDefault") or {"SSEAlgorithm": "AES256"})
    method = wanted.get("SSEAlgorithm")
    if method == "aws:kms:dsse":
        raise errors.NotImplemented("Undercast's S3 does not encrypt in two layers (aws:kms:dsse) yet.")
    if method not in ("AES256", KMS):
        raise errors.MalformedXML()
    if rule.get("BlockedEncryptionTypes"):
        raise errors.NotImplemented("Undercast's S3 does not have BlockedEncryptionTypes yet.")
    if method != KMS and wanted.get("KMSMasterKeyID"):
        raise invalid_argument(
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
            "ApplyServerSideEncryptionByDefault", None,
        )  # fmt: skip
    return {"ApplyServerSideEncryptionByDefault": wanted, "BucketKeyEnabled": bool(rule.get("BucketKeyEnabled"))}


async def _ask(call: Call, bucket: Bucket, operation: str, **parameters: Any) -> dict[str, Any]:
    """Call KMS where the bucket is; its errors are told as S3 tells them."""
    try:
        answer: dict[str, Any] = await getattr(call.into(region=bucket.region).aws.kms, operation)(**parameters)
    except ServiceError as error:
        if error.code == "AccessDeniedException":
            raise errors.AccessDenied(error.message) from None
        raise errors.KMSError(f"KMS.{error.code}", error.message) from None
    return answer


def _context(text: str | None) -> dict[str, str]:
    if not text:
        return {}
    try:
        context = orjson.loads(b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        context = None
    if not isinstance(context, dict) or not all(isinstance(value, str) for value in context.values()):
        raise invalid_argument(
            f"The header '{_HEADER}-context' shall be Base64-encoded UTF-8 string holding JSON which represents a "
            "string-string map",
            f"{_HEADER}-context", text,
        )  # fmt: skip
    return context
