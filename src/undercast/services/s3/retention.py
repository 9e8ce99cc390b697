"""The rules of Object Lock: what keeps a version from being deleted, and who may loosen it. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.services.s3 import errors
from undercast.services.s3.errors import invalid_argument
from undercast.services.s3.model import About, Bucket

MODES = ("GOVERNANCE", "COMPLIANCE")
MODE, UNTIL, HOLD = "ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus"
MEMBERS = (MODE, UNTIL, HOLD)
_MODE_HEADER, _UNTIL_HEADER = "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date"
_PROTECTED = "Access Denied because object protected by object lock."
_PAST = "The retain until date must be in the future!"
_DAY_MS = 86_400_000
_MOST = {"Days": 36_500, "Years": 100}
_DAYS = {"Days": 1, "Years": 365}


def asked(request: Mapping[str, Any], now: int) -> dict[str, Any]:
    """What a new object's headers ask for: the members that its version keeps. InvalidArgument."""
    mode, until, hold = (request.get(name) for name in MEMBERS)
    if mode is not None and mode not in MODES:
        raise invalid_argument("Unknown wormMode directive.", _MODE_HEADER, mode)
    if (mode is None) != (until is None):
        raise errors.InvalidArgument(
            f"{_UNTIL_HEADER} and {_MODE_HEADER} must both be supplied",
            ArgumentName=_MODE_HEADER if mode is None else _UNTIL_HEADER,
        )
    if until is not None and until <= now:
        raise invalid_argument(_PAST, _UNTIL_HEADER, until)
    if hold not in (None, "ON", "OFF"):
        raise invalid_argument(
            "Legal Hold must be either of 'ON' or 'OFF'", "x-amz-object-lock-legal-hold", hold
        )  # fmt: skip
    return {name: request[name] for name in MEMBERS if request.get(name) is not None}


def check_promise(request: Mapping[str, Any], *, promised: bool) -> None:
    """What is locked must be known to be whole. InvalidRequest."""
    if not promised and not request.keys().isdisjoint(MEMBERS):
        raise errors.InvalidRequest(
            "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters"
        )


def of_new_object(bucket: Bucket, wanted: Mapping[str, Any], now: int) -> dict[str, Any]:
    """What a new object keeps: what it was asked to, else the bucket's default. InvalidRequest."""
    configuration = bucket.settings.get("object_lock")
    if configuration is None:
        if wanted:
            raise errors.InvalidRequest("Bucket is missing Object Lock Configuration")
        return {}
    default = (configuration.get("Rule") or {}).get("DefaultRetention")
    if default is None or MODE in wanted:
        return dict(wanted)
    days = sum(default[unit] * _DAYS[unit] for unit in _DAYS if unit in default)
    return {MODE: default["Mode"], UNTIL: now + days * _DAY_MS, **wanted}


def is_protected(about: About, now: int, *, bypass: bool = False) -> bool:
    """Whether a version must not be deleted yet. `bypass`: the caller may and wants to ignore GOVERNANCE."""
    if about.headers.get(HOLD) == "ON":
        return True
    return _is_retained(about, now) and not (bypass and about.headers[MODE] == "GOVERNANCE")


def check_delete(about: About, now: int, bypass: bool) -> None:
    """AccessDenied."""
    if is_protected(about, now, bypass=bypass):
        raise errors.AccessDenied(_PROTECTED)


def check_change(about: About, wanted: Mapping[str, Any], now: int, bypass: bool) -> dict[str, Any]:
    """The members for a version of PutObjectRetention; none to take the retention away. MalformedXML, AccessDenied, …"""
    mode, until = wanted.get("Mode"), wanted.get("RetainUntilDate")
    if (mode is None) != (until is None) or mode not in (None, *MODES):
        raise errors.MalformedXML()
    if until is not None and until <= now:
        raise invalid_argument(_PAST, "RetainUntilDate", until)
    if _is_retained(about, now):
        looser = until is None or until < about.headers[UNTIL]
        compliance = about.headers[MODE] == "COMPLIANCE"
        looser = looser or (compliance and mode != "COMPLIANCE")
        if looser and (compliance or not bypass):
            raise errors.AccessDenied(_PROTECTED)
    return {} if mode is None else {MODE: mode, UNTIL: until}


def check_configuration(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """What a bucket keeps of PutObjectLockConfiguration. MalformedXML, InvalidArgument."""
    if configuration.get("ObjectLockEnabled") != "Enabled":
        raise errors.MalformedXML()
    if configuration.get("Rule") is None:
        return {}
    default = configuration["Rule"].get("DefaultRetention") or {}
    units = [unit for unit in _MOST if default.get(unit) is not None]
    if default.get("Mode") not in MODES or len(units) != 1:
        raise errors.MalformedXML()
    number = default[units[0]]
    if number <= 0:
        raise errors.InvalidArgument("Default retention period must be a positive integer value.")
    if number > _MOST[units[0]]:
        raise errors.InvalidArgument("Default retention period too large")
    return {"Rule": {"DefaultRetention": {"Mode": default["Mode"], units[0]: number}}}


def _is_retained(about: About, now: int) -> bool:
    return MODE in about.headers and int(about.headers[UNTIL]) > now
