"""Objects in the archive (GLACIER, DEEP_ARCHIVE): they are read only while a restored copy is there. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from undercast.services.s3 import errors
from undercast.services.s3.errors import invalid_argument
from undercast.services.s3.lifecycle_rules import http_date
from undercast.services.s3.model import About

_MINUTE_MS, _HOUR_MS = 60_000, 3_600_000
# How long a restore takes, by storage class and tier: the shortest time that AWS names.
WAITS_MS = {
    "GLACIER": {"Expedited": _MINUTE_MS, "Standard": 3 * _HOUR_MS, "Bulk": 5 * _HOUR_MS},
    "DEEP_ARCHIVE": {"Standard": 12 * _HOUR_MS, "Bulk": 48 * _HOUR_MS},
}
ONGOING = 'ongoing-request="true"'
_RESTORED = 'ongoing-request="false"'


def check_readable(about: About) -> None:
    """InvalidObjectState for what is in the archive and not restored."""
    if not is_readable(about):
        raise errors.InvalidObjectState(StorageClass=about.storage_class)


def is_readable(about: About) -> bool:
    """Whether the content can be read now."""
    return about.storage_class not in WAITS_MS or about.headers.get("Restore", "").startswith(_RESTORED)


def without_restore(headers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in headers.items() if name != "Restore"}


def with_restore(about: About, restore: str) -> About:
    return about._replace(headers={**about.headers, "Restore": restore})


def until(at: int) -> str:
    return f'{_RESTORED}, expiry-date="{http_date(at)}"'


def restore_status(about: About) -> dict[str, Any] | None:
    """What listings tell of a restore: that it is under way, or until when the copy is there."""
    restore = about.headers.get("Restore")
    if not restore:
        return None
    if restore == ONGOING:
        return {"IsRestoreInProgress": True}
    expiry = parsedate_to_datetime(restore.split('"')[3])
    return {"IsRestoreInProgress": False, "RestoreExpiryDate": int(expiry.timestamp() * 1000)}


def read_request(wanted: Mapping[str, Any], about: About) -> tuple[int, str]:
    """Days and tier. MalformedXML, InvalidArgument, NotImplemented."""
    for name in ("Type", "SelectParameters", "OutputLocation"):
        if wanted.get(name) is not None:
            raise errors.NotImplemented(f"Undercast's S3 does not have {name} of a restore.")
    days = wanted.get("Days")
    tier = (wanted.get("GlacierJobParameters") or {}).get("Tier") or wanted.get("Tier") or "Standard"
    if days is None or tier not in WAITS_MS["GLACIER"]:
        raise errors.MalformedXML()
    if days < 1:
        raise invalid_argument("restoration days should be at least 1", "Days", days)
    if tier not in WAITS_MS[about.storage_class]:
        raise invalid_argument("Retrieval option is not supported by this storage class", "Tier", tier)
    return days, tier
