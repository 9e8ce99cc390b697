"""How content is encrypted: with data keys of KMS keys or with customers' keys, and the way back to them.

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
from undercast.services.s3 import customer_keys, errors
from undercast.services.s3.errors import invalid_argument
from undercast.services.s3.model import ENCRYPTION, About, Bucket

KMS, TWO_LAYERS = "aws:kms", "aws:kms:dsse"
_METHODS = ("AES256", KMS, TWO_LAYERS)
_OWN_KEY = "alias/aws/s3"
_ARN = "aws:s3:arn"
_CUSTOMERS = "SSE-C"  # as BlockedEncryptionTypes names them
_HEADER = "x-amz-server-side-encryption"


@dataclass(frozen=True, slots=True)
class Lock:
    """What locks one object, or the parts of one upload: the data key, plain, and what a version keeps of it."""

    secret: bytes
    headers: dict[str, Any]
    kept: dict[str, Any]
    context: str | None  # as the client gave it, for the answer

    def put_on(self, about: About) -> About:
        headers = {name: value for name, value in about.headers.items() if name != "ServerSideEncryption"}
        return about._replace(headers=headers | self.headers, lock=self.kept)


async def choose(call: Call, bucket: Bucket, request: Mapping[str, Any]) -> Lock | None:
    """A new lock for the object of a request, by its headers or else the bucket's default; None: AES256.

    AccessDenied where the bucket blocks customers' keys.
    """
    method, settings = request.get("ServerSideEncryption"), bucket.settings.get("encryption")
    customers = request.get(customer_keys.ALGORITHM) is not None
    if method is None and settings is None and not customers:
        return None
    rule = (settings or {"Rules": [{}]})["Rules"][0]
    if customers:
        return _customers_lock(rule, request)
    default = rule.get("ApplyServerSideEncryptionByDefault") or {}
    wanted = method or default.get("SSEAlgorithm")
    if wanted in (None, "AES256"):
        return None
    # A request that says aws:kms and no key has the key of AWS, whatever the default of the bucket is.
    key_id = (request.get("SSEKMSKeyId") if method else default.get("KMSMasterKeyID")) or _OWN_KEY
    bucket_key = request.get("BucketKeyEnabled")
    bucket_key = rule.get("BucketKeyEnabled", False) if bucket_key is None else bucket_key
    bucket_key = bucket_key and wanted == KMS
    context = _context(request.get("SSEKMSEncryptionContext")) | _about(bucket, request["Key"], bucket_key)
    size = 64 if wanted == TWO_LAYERS else 32
    made = await _ask(call, bucket, "generate_data_key", KeyId=key_id, NumberOfBytes=size, EncryptionContext=context)
    headers = _headers(wanted, made["KeyId"], bucket_key)
    kept = {"key": b64encode(made["CiphertextBlob"]).decode(), "context": context}
    return Lock(made["Plaintext"], headers, kept, request.get("SSEKMSEncryptionContext"))


async def rewrap(call: Call, bucket: Bucket, key: str, about: About, key_id: str, bucket_key: bool) -> About:
    """What an object says of itself once another KMS key encrypts its data key. KMS.DisabledException, …"""
    assert about.lock is not None
    context = about.lock["context"] | _about(bucket, key, bucket_key)
    made = await _ask(
        call, bucket, "re_encrypt", CiphertextBlob=b64decode(about.lock["key"]), DestinationKeyId=key_id,
        SourceEncryptionContext=about.lock["context"], DestinationEncryptionContext=context,
    )  # fmt: skip
    headers = {name: value for name, value in about.headers.items() if name not in ENCRYPTION}
    kept = {"key": b64encode(made["CiphertextBlob"]).decode(), "context": context}
    return about._replace(headers=headers | _headers(KMS, made["KeyId"], bucket_key), lock=kept)


async def unlock(
    call: Call, bucket: Bucket, about: About, request: Mapping[str, Any], prefix: str = ""
) -> bytes | None:
    """The key of what is there; None when it is not encrypted with one. KMS.DisabledException, AccessDenied, …

    A customer's key is in the request, under members that begin with `prefix`.
    """
    secret = customer_keys.unlock(request, about, prefix)
    if secret is not None or about.lock is None:
        return secret
    blob, context = b64decode(about.lock["key"]), about.lock["context"]
    opened = await _ask(call, bucket, "decrypt", CiphertextBlob=blob, EncryptionContext=context)
    return bytes(opened["Plaintext"])


def check_headers(request: Mapping[str, Any]) -> None:
    """InvalidArgument, InvalidEncryptionAlgorithmError."""
    method = request.get("ServerSideEncryption")
    customer_keys.check_headers(request)
    if method not in (None, *_METHODS):
        raise errors.InvalidEncryptionAlgorithmError(**{_HEADER: method})
    if method not in (KMS, TWO_LAYERS) and (request.get("SSEKMSKeyId") or request.get("SSEKMSEncryptionContext")):
        raise invalid_argument(
            f"Server Side Encryption with AWS KMS managed key requires HTTP header {_HEADER} : {KMS}",
            _HEADER, method or "null",
        )  # fmt: skip
    if method == TWO_LAYERS and request.get("BucketKeyEnabled"):
        raise invalid_argument(
            "S3 Bucket Keys are not supported for aws:kms:dsse", f"{_HEADER}-bucket-key-enabled", "true"
        )
    if method in (KMS, TWO_LAYERS):
        _context(request.get("SSEKMSEncryptionContext"))


def default_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule of a bucket's default encryption as S3 tells it again. MalformedXML, InvalidArgument."""
    wanted = dict(rule.get("ApplyServerSideEncryptionByDefault") or {"SSEAlgorithm": "AES256"})
    method = wanted.get("SSEAlgorithm")
    blocked = (rule.get("BlockedEncryptionTypes") or {}).get("EncryptionType") or []
    if method not in _METHODS or not set(blocked) <= {"NONE", _CUSTOMERS}:
        raise errors.MalformedXML()
    if method == "AES256" and wanted.get("KMSMasterKeyID"):
        raise invalid_argument(
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
            "ApplyServerSideEncryptionByDefault", None,
        )  # fmt: skip
    told = {"ApplyServerSideEncryptionByDefault": wanted, "BucketKeyEnabled": bool(rule.get("BucketKeyEnabled"))}
    return {**told, "BlockedEncryptionTypes": {"EncryptionType": blocked}} if blocked else told


def _customers_lock(rule: Mapping[str, Any], request: Mapping[str, Any]) -> Lock:
    """A lock of the customer's own key, where the bucket does not block those."""
    if _CUSTOMERS in (rule.get("BlockedEncryptionTypes") or {}).get("EncryptionType", ()):
        raise errors.AccessDenied()
    given = customer_keys.read(request)
    assert given is not None
    return Lock(given[0], {customer_keys.ALGORITHM: "AES256", customer_keys.KEY_MD5: given[1]}, {}, None)


async def _ask(call: Call, bucket: Bucket, operation: str, **parameters: Any) -> dict[str, Any]:
    """Call KMS where the bucket is; its errors are told as S3 tells them."""
    try:
        answer: dict[str, Any] = await getattr(call.into(region=bucket.region).aws.kms, operation)(**parameters)
    except ServiceError as error:
        if error.code == "AccessDeniedException":
            raise errors.AccessDenied(error.message) from None
        raise errors.KMSError(f"KMS.{error.code}", error.message) from None
    return answer


def _about(bucket: Bucket, key: str, bucket_key: bool) -> dict[str, str]:
    """What S3 adds to the encryption context: the object, or the bucket when one key serves for many objects."""
    name = key.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return {_ARN: bucket.arn if bucket_key else f"{bucket.arn}/{name}"}


def _headers(method: str, key_arn: str, bucket_key: bool) -> dict[str, Any]:
    headers: dict[str, Any] = {"ServerSideEncryption": method, "SSEKMSKeyId": key_arn}
    return {**headers, "BucketKeyEnabled": True} if bucket_key else headers


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
