"""What a bucket, a version of an object and a part are, and the rules for them."""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import quote_plus

import orjson

from undercast.services.s3 import errors, words
from undercast.services.s3.errors import invalid_argument

NULL = "null"
LARGEST_PUT = 5 * 1024**3
SMALLEST_PART = 5 * 1024**2
LONGEST_KEY = 1024
INLINE = 16 * 1024  # bytes of content that stand in the database rather than in a file of their own

STORAGE_CLASSES = (
    "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER",
    "DEEP_ARCHIVE",
)  # fmt: skip
_HEADERS = (
    "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType", "Expires",
    "WebsiteRedirectLocation",
)  # fmt: skip
ENCRYPTION = (
    "ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled", "SSECustomerAlgorithm", "SSECustomerKeyMD5",
)  # fmt: skip
PUBLIC_ACCESS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_BLOCKS_ALL = dict.fromkeys(PUBLIC_ACCESS, True)
_BUCKET_NAME = re.compile(
    r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9](?!.*\.\.)[a-z0-9.\-]{1,61}[a-z0-9](?<!-s3alias)(?<!--ol-s3)"
)
_IP_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket. `settings` is what was put on it, by name; `versioning` is '', 'Enabled' or 'Suspended'."""

    account: str
    name: str
    region: str
    created_at: int
    versioning: str
    settings: Mapping[str, Any]

    @property
    def arn(self) -> str:
        return f"arn:aws:s3:::{self.name}"

    @property
    def owner(self) -> dict[str, str]:
        return {"ID": owner_id(self.account)}

    @property
    def object_ownership(self) -> str:
        """Who owns what others put into it; without ownership controls that is whoever wrote it."""
        return str(self.settings.get("ownership", "BucketOwnerEnforced") or "ObjectWriter")

    def blocks(self, public: str) -> bool:
        """Whether its public access block says so; a new bucket blocks all public access."""
        return bool((self.settings.get("public_access_block", _BLOCKS_ALL) or {}).get(public, False))


class Version(NamedTuple):
    """One version of an object, or a delete marker. `rank` is minus its sequence number: the newest is the smallest.

    The content is `data`, or the file `blob`, or the parts of `upload`. `about` and `tags` are JSON.
    """

    key: bytes
    rank: int
    is_null: int
    marker: int
    modified_at: int
    size: int
    etag: str
    upload: str
    blob: str
    about: str
    tags: str
    data: bytes | None = None

    @property
    def id(self) -> str:
        return NULL if self.is_null else version_id(self.rank)

    @property
    def quoted_etag(self) -> str:
        return f'"{self.etag}"'

    @property
    def key_text(self) -> str:
        return self.key.decode("utf-8", "surrogateescape")


class About(NamedTuple):
    """What a version says of itself: `headers` by member name, its checksum, what encrypts it, and who may use it."""

    headers: dict[str, Any]
    algorithm: str = ""
    kind: str = ""  # FULL_OBJECT or COMPOSITE
    checksum: str = ""
    lock: dict[str, Any] | None = None  # KMS: the encrypted data key in base64 and its context; {} for a customer's key
    acl: dict[str, Any] | None = None  # owner and grants; None: the bucket's owner has everything

    @classmethod
    def read(cls, text: str) -> About:
        return cls(*orjson.loads(text))

    def write(self) -> str:
        last = 6 if self.acl is not None else 5 if self.lock is not None else 4
        return orjson.dumps(self[:last]).decode()

    @property
    def encryption(self) -> dict[str, Any]:
        """The members that tell the encryption."""
        if self.lock is None:
            return {"ServerSideEncryption": "AES256"}
        return {name: self.headers[name] for name in ENCRYPTION if name in self.headers}

    @property
    def has_customer_key(self) -> bool:
        return self.lock == {}

    @property
    def checksums(self) -> dict[str, str]:
        """The members that tell the checksum."""
        return {f"Checksum{self.algorithm}": self.checksum, "ChecksumType": self.kind} if self.checksum else {}

    @property
    def storage_class(self) -> str:
        return str(self.headers.get("StorageClass", "STANDARD"))


class Part(NamedTuple):
    """One part of an upload. `start` is where it begins in the finished object, in bytes."""

    upload: str
    number: int
    start: int
    modified_at: int
    size: int
    etag: str
    checksum: str
    blob: str
    data: bytes | None = None


@lru_cache(maxsize=1024)
def owner_id(account: str) -> str:
    """The canonical user id of an account: 64 hexadecimal digits."""
    return sha256(f"canonical user {account}".encode()).hexdigest()


def version_id(rank: int) -> str:
    """The opaque id of a version: its rank with a seal, 32 characters."""
    number = rank.to_bytes(8, "big", signed=True)
    seal = sha256(b"version" + number).digest()[:16]
    masked = bytes(a ^ b for a, b in zip(number, seal, strict=False))
    return urlsafe_b64encode(seal + masked).decode().replace("-", ".")


def read_version_id(text: str) -> int | None:
    """The rank in a version id; None for "null". InvalidArgument for what is no id of ours."""
    if text == NULL:
        return None
    try:
        raw = urlsafe_b64decode(text.replace(".", "-"))
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) == 24 and len(text) == 32:
        number = bytes(a ^ b for a, b in zip(raw[16:], raw, strict=False))
        if sha256(b"version" + number).digest()[:16] == raw[:16]:
            return int.from_bytes(number, "big", signed=True)
    raise invalid_argument("Invalid version id specified", "versionId", text)


def key_bytes(key: str) -> bytes:
    """A key as the database holds it. KeyTooLongError."""
    encoded = key.encode("utf-8", "surrogateescape")
    if len(encoded) > LONGEST_KEY:
        raise errors.KeyTooLongError(MaxSizeAllowed=LONGEST_KEY, Size=len(encoded))
    return encoded


def after_prefix(prefix: bytes) -> bytes:
    """The first key after all that begin with a prefix (UTF-8 never has the byte 0xff)."""
    return prefix[:-1] + bytes([prefix[-1] + 1])


def check_bucket_name(name: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html InvalidBucketName."""
    if not _BUCKET_NAME.fullmatch(name) or _IP_ADDRESS.fullmatch(name):
        raise errors.InvalidBucketName(BucketName=name)


def check_settings(request: Mapping[str, Any]) -> None:
    """Refuse what an object cannot have here."""
    if request.get("StorageClass", "STANDARD") not in STORAGE_CLASSES:
        raise errors.InvalidStorageClass(StorageClassRequested=request["StorageClass"])


def headers_of(request: Mapping[str, Any]) -> dict[str, Any]:
    """What a client says of an object, as GetObject will answer it. MetadataTooLarge."""
    headers = {name: request[name] for name in _HEADERS if request.get(name) is not None}
    headers.setdefault("ContentType", "binary/octet-stream")
    if "ContentEncoding" in headers:
        rest = ",".join(p for p in headers["ContentEncoding"].split(",") if p.strip() != "aws-chunked")
        headers["ContentEncoding"] = rest
        if not rest:
            del headers["ContentEncoding"]
    if metadata := request.get("Metadata"):
        size = sum(
            len(name.encode()) + len(value.encode("utf-8", "surrogateescape")) for name, value in metadata.items()
        )
        if size > 2048:
            raise errors.MetadataTooLarge(Size=size, MaxSizeAllowed=2048)
        headers["Metadata"] = {name: words.told(value) for name, value in metadata.items()}
    if request.get("StorageClass", "STANDARD") != "STANDARD":
        headers["StorageClass"] = request["StorageClass"]
    headers["ServerSideEncryption"] = "AES256"
    return headers


def url_encoded(text: str, encoding: str | None) -> str:
    """A key or prefix in a listing, in the encoding that the client asked for."""
    if encoding != "url":
        return text
    return quote_plus(text, safe="/*", errors="surrogateescape")
