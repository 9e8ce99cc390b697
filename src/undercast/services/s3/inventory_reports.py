"""Inventories at work: a job lists a bucket into compressed CSV files, a manifest and its checksum.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import hashlib
import io
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.service import waits
from undercast.services.s3 import lifecycle_rules, retention, storage
from undercast.services.s3.events import iso_ms
from undercast.services.s3.lifecycle_rules import DAY_MS, midnight_after
from undercast.services.s3.model import About, Bucket, Version, after_prefix, key_bytes, url_encoded

log = logging.getLogger("undercast.s3")

_ARN = "arn:aws:s3:::"
_PAGE = 1000  # rows that one transaction reads
_ROWS = 100_000  # of one file, so that little of it is in memory at once
_FIRST = -(2**63)
_SUNDAY = 3 * DAY_MS  # the first one was three days after the epoch's beginning

Field = Callable[[Bucket, Version, About], Any]


def _encryption(_bucket: Bucket, _version: Version, about: About) -> str:
    if "SSECustomerAlgorithm" in about.headers:
        return "SSE-C"
    return "SSE-KMS" if about.lock else "SSE-S3"


def _expiry(bucket: Bucket, version: Version, _about: About) -> str:
    rules = lifecycle_rules.rules_of(bucket)
    found = rules.expiration(version) if rules else None
    return iso_ms(found[0]) if found else ""


# The optional fields, in their order in a file.
FIELDS: dict[str, Field] = {
    "Size": lambda bucket, version, about: version.size,
    "LastModifiedDate": lambda bucket, version, about: iso_ms(version.modified_at),
    "ETag": lambda bucket, version, about: version.etag,
    "StorageClass": lambda bucket, version, about: about.storage_class,
    "IsMultipartUploaded": lambda bucket, version, about: _word(version.upload),
    "ReplicationStatus": lambda bucket, version, about: about.headers.get("ReplicationStatus", ""),
    "EncryptionStatus": _encryption,
    "ObjectLockRetainUntilDate": lambda bucket, version, about: (
        iso_ms(about.headers[retention.UNTIL]) if retention.UNTIL in about.headers else ""
    ),
    "ObjectLockMode": lambda bucket, version, about: about.headers.get(retention.MODE, ""),
    "ObjectLockLegalHoldStatus": lambda bucket, version, about: about.headers.get(retention.HOLD, ""),
    "BucketKeyStatus": lambda bucket, version, about: (
        "ENABLED" if about.headers.get("BucketKeyEnabled") else "DISABLED"
    ),
    "ChecksumAlgorithm": lambda bucket, version, about: about.algorithm,
    "LifecycleExpirationDate": _expiry,
}


async def begin(call: Call, bucket: Bucket, wanted: Mapping[str, Any], run: str) -> None:
    """Have the next list made: at midnight (UTC), or at Sunday's."""
    at = midnight_after(call.now)
    if wanted["Schedule"]["Frequency"] == "Weekly":
        at += (_SUNDAY - at) % (7 * DAY_MS)
    there = call.into(account=bucket.account, region=bucket.region)
    there.service = "s3"
    await there.later(at, "inventory", [bucket.name, wanted["Id"], run])


@waits
async def make(call: Call, payload: list[str]) -> None:
    """The job: one whole list, and the next one's job."""
    name, id, run = payload
    bucket = await call.transact(storage.bucket_named, name)
    wanted = bucket.settings.get("inventories", {}).get(id) if bucket else None
    if bucket is None or wanted is None or wanted["Run"] != run:
        return
    if wanted["IsEnabled"]:
        try:
            await _Report(call, bucket, wanted).write()
        except ServiceError as error:  # the destination refuses it or went away: the next one may do
            log.warning("the inventory %s of the bucket %s is not made: %s", id, name, error.message)
    await call.transact(_settle, bucket, wanted)


async def _settle(call: Call, bucket: Bucket, wanted: Mapping[str, Any]) -> None:
    await call.finish_job()
    await begin(call, bucket, wanted, wanted["Run"])


class _Report:
    """One list of a bucket on its way into the destination."""

    def __init__(self, call: Call, bucket: Bucket, wanted: Mapping[str, Any]) -> None:
        self._call, self._bucket, self._at = call, bucket, call.clock.now()
        self._destination = wanted["Destination"]["S3BucketDestination"]
        self._all = wanted["IncludedObjectVersions"] == "All"
        self._fields = [name for name in FIELDS if name in (wanted.get("OptionalFields") or ())]
        self._prefix = key_bytes((wanted.get("Filter") or {}).get("Prefix") or "")
        prefix = self._destination.get("Prefix")
        self._place = f"{prefix.rstrip('/') + '/' if prefix else ''}{bucket.name}/{wanted['Id']}"
        self._files: list[dict[str, Any]] = []

    async def write(self) -> None:
        """Files of data, then the manifest that names them, then its checksum."""
        text, rows, seen = io.StringIO(), 0, b""
        after, end = (self._prefix, _FIRST), after_prefix(self._prefix) if self._prefix else b""
        while True:
            page = await self._call.transact(storage.list_versions, self._bucket, after, end, _PAGE)
            lines = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
            for version in page:
                latest, seen = version.key != seen, version.key
                if self._all or (latest and not version.marker):
                    lines.writerow(self._row(version, latest))
                    rows += 1
            if rows and (rows >= _ROWS or len(page) < _PAGE):
                await self._add_file(text.getvalue())
                text, rows = io.StringIO(), 0
            if len(page) < _PAGE:
                break
            after = (page[-1].key, page[-1].rank)
        await self._add_manifest()

    def _row(self, version: Version, latest: bool) -> list[Any]:
        row: list[Any] = [self._bucket.name, url_encoded(version.key_text, "url")]
        if self._all:
            row += ["" if version.is_null else version.id, _word(latest), _word(version.marker)]
        if version.marker:
            told = {"LastModifiedDate": iso_ms(version.modified_at)}
            return row + [told.get(name, "") for name in self._fields]
        about = About.read(version.about)
        return row + [FIELDS[name](self._bucket, version, about) for name in self._fields]

    async def _add_file(self, text: str) -> None:
        data = await asyncio.to_thread(lambda: gzip.compress(text.encode(), mtime=0))
        key = f"{self._place}/data/{self._call.ids.uuid()}.csv.gz"
        await self._put(key, data)
        digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
        self._files.append({"key": key, "size": len(data), "MD5checksum": digest})

    async def _add_manifest(self) -> None:
        versions = ["VersionId", "IsLatest", "IsDeleteMarker"] if self._all else []
        manifest = {
            "sourceBucket": self._bucket.name,
            "destinationBucket": self._destination["Bucket"],
            "version": "2016-11-30",
            "creationTimestamp": str(self._at),
            "fileFormat": "CSV",
            "fileSchema": ", ".join(["Bucket", "Key", *versions, *self._fields]),
            "files": self._files,
        }
        data = orjson.dumps(manifest)
        folder = f"{self._place}/{datetime.fromtimestamp(self._at // 1000, UTC):%Y-%m-%dT%H-%MZ}"
        await self._put(f"{folder}/manifest.json", data)
        digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
        await self._put(f"{folder}/manifest.checksum", digest.encode())

    async def _put(self, key: str, data: bytes) -> None:
        sealed = self._destination.get("Encryption") or {}
        how = {}
        if sealed.get("SSEKMS"):
            how = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": sealed["SSEKMS"]["KeyId"]}
        target = self._destination["Bucket"].removeprefix(_ARN)
        await self._call.aws.s3.put_object(Bucket=target, Key=key, Body=data, **how)


def _word(true: object) -> str:
    return "true" if true else "false"
