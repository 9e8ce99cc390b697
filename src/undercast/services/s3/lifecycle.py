"""Operations on the lifecycle configuration of a bucket, and what it may not say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.s3 import errors, lifecycle_runs, storage
from undercast.services.s3.errors import invalid_argument
from undercast.services.s3.events import iso_ms
from undercast.services.s3.lifecycle_rules import ALL_128K, CLASSES, DAY_MS, VARIES, filter_of

_MOST_RULES = 1000
_ACTIONS = (
    "Expiration", "Transitions", "NoncurrentVersionExpiration", "NoncurrentVersionTransitions",
    "AbortIncompleteMultipartUpload",
)  # fmt: skip
_INFREQUENT = ("STANDARD_IA", "ONEZONE_IA")
_FIRST_INFREQUENT_DAY = 30


async def put_bucket_lifecycle_configuration(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Set the rules that the objects of a bucket live and go by; they act at every midnight (UTC)."""
    bucket = await storage.find_bucket(call, request)
    minimum = request.get("TransitionDefaultMinimumObjectSize") or ALL_128K
    if minimum not in (ALL_128K, VARIES):
        raise errors.InvalidRequest(f"Invalid TransitionDefaultMinimumObjectSize found: {minimum}")
    rules = (request.get("LifecycleConfiguration") or {}).get("Rules") or []
    if not 0 < len(rules) <= _MOST_RULES:
        raise errors.MalformedXML()
    kept = [{**rule, "ID": rule.get("ID") or call.ids.uuid()} for rule in rules]
    for rule in kept:
        _check(rule)
    if len({rule["ID"] for rule in kept}) != len(kept):
        raise invalid_argument("Rule ID must be unique. Found same ID for more than one rule", "ID", None)
    run = call.ids.hex(16)
    text = orjson.dumps({"Rules": kept, "Minimum": minimum, "Run": run}).decode()
    await storage.set_setting(call, bucket, "lifecycle", text)
    await lifecycle_runs.begin(call, bucket, run)
    return {"TransitionDefaultMinimumObjectSize": minimum}


async def get_bucket_lifecycle_configuration(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The rules of a bucket."""
    kept = orjson.loads(await storage.get_setting(call, request, "lifecycle", errors.NoSuchLifecycleConfiguration))
    return {"Rules": kept["Rules"], "TransitionDefaultMinimumObjectSize": kept["Minimum"]}


async def delete_bucket_lifecycle(call: Call, request: dict[str, Any]) -> None:
    """Let objects live on."""
    await storage.set_setting(call, await storage.find_bucket(call, request), "lifecycle", None)


def _check(rule: Mapping[str, Any]) -> None:
    """InvalidArgument, InvalidRequest, MalformedXML."""
    if len(rule["ID"]) > 255:
        raise invalid_argument("ID length should not exceed allowed limit of 255", "ID", rule["ID"])
    if rule.get("Status") not in ("Enabled", "Disabled"):
        raise errors.MalformedXML()
    _check_filter(rule)
    if not any(rule.get(action) is not None for action in _ACTIONS):
        raise errors.InvalidRequest("At least one action needs to be specified in a rule")
    if rule.get("Expiration") is not None:
        _check_expiration(rule)
    for move in rule.get("Transitions") or ():
        _check_move(move, "Days", "Transition")
    for move in rule.get("NoncurrentVersionTransitions") or ():
        _check_move(move, "NoncurrentDays", "NoncurrentVersionTransition")
    noncurrent = rule.get("NoncurrentVersionExpiration")
    if noncurrent is not None:
        if noncurrent.get("NoncurrentDays") is None:
            raise errors.MalformedXML()
        _check_positive(noncurrent, "NoncurrentDays", "NoncurrentVersionExpiration")
        _check_positive(noncurrent, "NewerNoncurrentVersions", "NoncurrentVersionExpiration")
    abort = rule.get("AbortIncompleteMultipartUpload")
    if abort is not None:
        if filter_of(rule)["tags"]:
            raise errors.InvalidRequest("AbortIncompleteMultipartUpload cannot be specified with Tags.")
        if abort.get("DaysAfterInitiation") is None:
            raise errors.MalformedXML()
        _check_positive(abort, "DaysAfterInitiation", "AbortIncompleteMultipartUpload")


def _check_filter(rule: Mapping[str, Any]) -> None:
    said, prefix = rule.get("Filter"), rule.get("Prefix")
    if (said is None) == (prefix is None):
        raise errors.MalformedXML()
    said = said or {}
    if sum(value is not None for value in said.values()) > 1:
        raise errors.MalformedXML()
    both = said.get("And")
    if both is not None:
        tags = both.get("Tags") or ()
        if len(tags) + sum(both.get(name) is not None for name in both if name != "Tags") < 2:
            raise errors.MalformedXML()
        if len({tag["Key"] for tag in tags}) != len(tags):
            raise errors.InvalidRequest("Duplicate Tag Keys are not allowed.")
    sizes = filter_of(rule)
    if None not in (sizes["larger"], sizes["smaller"]) and sizes["larger"] >= sizes["smaller"]:
        raise errors.InvalidRequest("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.")


def _check_expiration(rule: Mapping[str, Any]) -> None:
    said = rule["Expiration"]
    if sum(said.get(name) is not None for name in ("Days", "Date", "ExpiredObjectDeleteMarker")) != 1:
        raise errors.MalformedXML()
    if said.get("ExpiredObjectDeleteMarker") and filter_of(rule)["tags"]:
        raise errors.InvalidRequest("ExpiredObjectDeleteMarker cannot be specified with Tags.")
    _check_positive(said, "Days", "Expiration")
    _check_date(said)
    for move in rule.get("Transitions") or ():
        if said.get("Days") is not None and move.get("Days") is not None and said["Days"] <= move["Days"]:
            raise invalid_argument(
                f"'Days' in the Expiration action for filter '(prefix={filter_of(rule)['prefix']})' must be greater "
                "than 'Days' in the Transition action", "Days", said["Days"],
            )  # fmt: skip


def _check_move(move: Mapping[str, Any], days: str, action: str) -> None:
    storage_class = move.get("StorageClass")
    if storage_class not in CLASSES or (move.get(days) is None) == (move.get("Date") is None):
        raise errors.MalformedXML()
    if move.get(days) is not None:
        if move[days] < 0:
            raise invalid_argument(f"'{days}' in {action} action must be nonnegative", days, move[days])
        if storage_class in _INFREQUENT and move[days] < _FIRST_INFREQUENT_DAY:
            raise invalid_argument(
                f"'{days}' in {action} action must be greater than or equal to {_FIRST_INFREQUENT_DAY} for "
                f"storageClass '{storage_class}'", days, move[days],
            )  # fmt: skip
    _check_positive(move, "NewerNoncurrentVersions", action)
    _check_date(move)


def _check_positive(said: Mapping[str, Any], name: str, action: str) -> None:
    if said.get(name) is not None and said[name] < 1:
        raise invalid_argument(f"'{name}' for {action} action must be a positive integer", name, said[name])


def _check_date(said: Mapping[str, Any]) -> None:
    if said.get("Date") is not None and said["Date"] % DAY_MS:
        raise invalid_argument("'Date' must be at midnight GMT", "Date", iso_ms(said["Date"]))
