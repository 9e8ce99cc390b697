"""The rules of a replication configuration: which versions go where. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from undercast.services.s3.lifecycle_rules import filter_of
from undercast.services.s3.model import About, Version

STATUS = "ReplicationStatus"
PENDING, COMPLETED, FAILED, REPLICA = "PENDING", "COMPLETED", "FAILED", "REPLICA"


def chosen(rules: Sequence[Mapping[str, Any]], version: Version) -> list[Mapping[str, Any]]:
    """The rules by which a version goes elsewhere: the first, by priority, for each destination.

    What KMS encrypts stays where it is, and so does what came from elsewhere.
    """
    about = None if version.marker else About.read(version.about)
    if about and (about.lock or about.headers.get(STATUS) == REPLICA):
        return []
    found: dict[str, Mapping[str, Any]] = {}
    for rule in sorted(rules, key=lambda rule: -(rule.get("Priority") or 0)):
        if rule["Status"] == "Enabled" and _covers(rule, version):
            found.setdefault(rule["Destination"]["Bucket"], rule)
    return list(found.values())


def _covers(rule: Mapping[str, Any], version: Version) -> bool:
    said = filter_of(rule)
    if not version.key_text.startswith(said["prefix"]):
        return False
    if version.marker:
        return replicates_markers(rule) and not said["tags"]
    have = orjson.loads(version.tags) if version.tags else {}
    return all(have.get(name) == value for name, value in said["tags"].items())


def replicates_markers(rule: Mapping[str, Any]) -> bool:
    """Rules of the first days, without a filter, always do."""
    if rule.get("Filter") is None:
        return True
    return (rule.get("DeleteMarkerReplication") or {}).get("Status") == "Enabled"
