"""The rules of a lifecycle configuration: what they say of an object, and when. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import orjson

from undercast.kit.tags import as_map
from undercast.services.s3.model import About, Bucket, Version

DAY_MS = 86_400_000
VARIES = "varies_by_storage_class"
ALL_128K = "all_storage_classes_128K"

_SMALLEST_MOVED = 128 * 1024  # bytes, unless the rule's filter speaks of sizes
_COLDNESS = {  # objects move in this order only
    "STANDARD": 0, "REDUCED_REDUNDANCY": 0, "STANDARD_IA": 1, "INTELLIGENT_TIERING": 2, "ONEZONE_IA": 3,
    "GLACIER_IR": 4, "GLACIER": 5, "DEEP_ARCHIVE": 6,
}  # fmt: skip
CLASSES = tuple(_COLDNESS)[2:]

EXPIRE, DELETE = "expire", "delete"


@dataclass(frozen=True, slots=True)
class Move:
    """A transition to a colder storage class, after days or from a date on; `newer` as in `Rule.noncurrent_newer`."""

    storage_class: str
    days: int
    date: int | None = None
    newer: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that is enabled. Times are milliseconds; None is for what it does not say."""

    id: str
    prefix: bytes
    tags: Mapping[str, str]
    larger: int | None
    smaller: int | None
    days: int | None
    date: int | None
    markers: bool
    moves: tuple[Move, ...]
    noncurrent_days: int | None
    noncurrent_newer: int
    noncurrent_moves: tuple[Move, ...]
    abort_days: int | None

    def covers(self, version: Version) -> bool:
        """Whether the filter lets a version through; a delete marker has no tags and no size."""
        if not version.key.startswith(self.prefix):
            return False
        if self.tags:
            have = orjson.loads(version.tags) if version.tags else {}
            if any(have.get(name) != value for name, value in self.tags.items()):
                return False
        if version.marker:
            return True
        return not (
            (self.larger is not None and version.size <= self.larger)
            or (self.smaller is not None and version.size >= self.smaller)
        )

    def expires_at(self, version: Version) -> int | None:
        """When the current version goes."""
        return self.date if self.date is not None else _after(version.modified_at, self.days)

    def moves_small(self, minimum: str, storage_class: str) -> bool:
        """Whether objects below 128 KB are moved, too."""
        if self.larger is not None or self.smaller is not None:
            return True
        return minimum == VARIES and storage_class in ("GLACIER", "DEEP_ARCHIVE")


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of a bucket that are enabled. `run` is the configuration's own id."""

    rules: tuple[Rule, ...]
    minimum: str
    run: str

    @property
    def prefix(self) -> bytes:
        """What all keys begin with that a rule speaks of."""
        low, high = min(rule.prefix for rule in self.rules), max(rule.prefix for rule in self.rules)
        shared = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(low, high, strict=False))
        return bytes(byte for byte, _ in shared)

    def expiration(self, version: Version) -> tuple[int, str] | None:
        """When the current version goes, and by which rule; the earliest."""
        found = [(rule.expires_at(version), rule.id) for rule in self.rules if rule.covers(version)]
        return min(((at, id) for at, id in found if at is not None), default=None)

    def abort(self, key: bytes, started_at: int) -> tuple[int, str] | None:
        """When an upload that began then is aborted, and by which rule."""
        found = [
            (at, rule.id)
            for rule in self.rules
            if not rule.tags and key.startswith(rule.prefix) and (at := _after(started_at, rule.abort_days)) is not None
        ]
        return min(found, default=None)

    def for_current(self, version: Version, alone: bool, now: int) -> str | None:
        """What becomes of the newest version of a key: EXPIRE, DELETE (a marker that covers nothing), a storage class."""
        covering = [rule for rule in self.rules if rule.covers(version)]
        if version.marker:
            if not alone:
                return None
            gone = any(
                rule.markers or (rule.days is not None and _due(_after(version.modified_at, rule.days), now))
                for rule in covering
            )
            return DELETE if gone else None
        if any(_due(rule.expires_at(version), now) for rule in covering):
            return EXPIRE
        due = [
            (rule, move)
            for rule in covering
            for move in rule.moves
            if _due(move.date if move.date is not None else _after(version.modified_at, move.days), now)
        ]
        return self._coldest(version, due)

    def for_noncurrent(self, version: Version, since: int, newer: int, now: int) -> str | None:
        """What becomes of a version that was covered at `since`, with `newer` covered ones above it."""
        covering = [rule for rule in self.rules if rule.covers(version)]
        for rule in covering:
            if _due(_after(since, rule.noncurrent_days), now) and newer >= rule.noncurrent_newer:
                return DELETE
        due = [
            (rule, move)
            for rule in covering
            for move in rule.noncurrent_moves
            if _due(_after(since, move.days), now) and newer >= move.newer
        ]
        return None if version.marker else self._coldest(version, due)

    def _coldest(self, version: Version, due: Sequence[tuple[Rule, Move]]) -> str | None:
        if not due:
            return None
        has = _COLDNESS.get(About.read(version.about).storage_class, 0)
        wanted = [
            move.storage_class
            for rule, move in due
            if _COLDNESS[move.storage_class] > has
            and (version.size >= _SMALLEST_MOVED or rule.moves_small(self.minimum, move.storage_class))
        ]
        return max(wanted, key=_COLDNESS.__getitem__, default=None)


def rules_of(bucket: Bucket) -> Rules | None:
    """The rules of a bucket; None without a configuration."""
    text = bucket.settings.get("lifecycle")
    return read(text) if text else None


@lru_cache(maxsize=1024)
def read(text: str) -> Rules:
    """Rules as a bucket's settings keep them."""
    kept = orjson.loads(text)
    enabled = (_rule(rule) for rule in kept["Rules"] if rule["Status"] == "Enabled")
    return Rules(tuple(enabled), kept["Minimum"], kept["Run"])


def expiration_header(bucket: Bucket, version: Version) -> str | None:
    """`x-amz-expiration` for the current version of a key."""
    rules = rules_of(bucket)
    found = rules.expiration(version) if rules else None
    return f'expiry-date="{http_date(found[0])}", rule-id="{quote(found[1], safe="")}"' if found else None


def abortion(bucket: Bucket, key: bytes, started_at: int) -> dict[str, Any]:
    """What answers tell of the rule that will abort an upload."""
    rules = rules_of(bucket)
    found = rules.abort(key, started_at) if rules else None
    return {"AbortDate": found[0], "AbortRuleId": found[1]} if found else {}


def midnight_after(at: int, days: int = 0) -> int:
    """The midnight (UTC) that follows a time plus some days."""
    return (at // DAY_MS + days + 1) * DAY_MS


def http_date(at: int) -> str:
    """`Fri, 21 Dec 2012 00:00:00 GMT`"""
    return formatdate(at / 1000, usegmt=True)


def filter_of(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Prefix, tags and sizes of a rule, wherever it says them."""
    said = rule.get("Filter") or {}
    both = said.get("And") or {}
    tags = [*both.get("Tags", ()), *([said["Tag"]] if said.get("Tag") else [])]
    return {
        "prefix": rule.get("Prefix") or said.get("Prefix") or both.get("Prefix") or "",
        "tags": as_map(tags),
        "larger": said.get("ObjectSizeGreaterThan", both.get("ObjectSizeGreaterThan")),
        "smaller": said.get("ObjectSizeLessThan", both.get("ObjectSizeLessThan")),
    }


def _rule(rule: Mapping[str, Any]) -> Rule:
    expiration, noncurrent = rule.get("Expiration") or {}, rule.get("NoncurrentVersionExpiration") or {}
    said = filter_of(rule)
    said["prefix"] = said["prefix"].encode("utf-8", "surrogateescape")
    return Rule(
        id=rule["ID"],
        **said,
        days=expiration.get("Days"),
        date=expiration.get("Date"),
        markers=bool(expiration.get("ExpiredObjectDeleteMarker")),
        moves=tuple(
            Move(one["StorageClass"], one.get("Days") or 0, one.get("Date")) for one in rule.get("Transitions", ())
        ),
        noncurrent_days=noncurrent.get("NoncurrentDays"),
        noncurrent_newer=noncurrent.get("NewerNoncurrentVersions") or 0,
        noncurrent_moves=tuple(
            Move(one["StorageClass"], one.get("NoncurrentDays") or 0, newer=one.get("NewerNoncurrentVersions") or 0)
            for one in rule.get("NoncurrentVersionTransitions", ())
        ),
        abort_days=(rule.get("AbortIncompleteMultipartUpload") or {}).get("DaysAfterInitiation"),
    )


def _after(at: int, days: int | None) -> int | None:
    return None if days is None else midnight_after(at, days)


def _due(at: int | None, now: int) -> bool:
    return at is not None and at <= now
