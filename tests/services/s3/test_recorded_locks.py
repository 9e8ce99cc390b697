"""What AWS answered about Object Lock."""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from tests.recorded import recorded
from tests.services.s3.answers import attempt

HOLD, RETENTION = "s3::TestS3ObjectLockLegalHold", "s3::TestS3ObjectLockRetention"
API = "s3_api::TestS3ObjectLock"


@pytest.fixture
def later(undercast):
    """Times from the platform's present on; other tests may have moved its clock."""
    with urllib.request.urlopen(f"{undercast.url}/_undercast/clock") as answer:
        now = datetime.fromtimestamp(json.load(answer)["now"] / 1000, UTC)
    return lambda **units: now + timedelta(**units)


@pytest.fixture
def locked(make_bucket):
    return make_bucket(ObjectLockEnabledForBucket=True)


def test_configuration(s3, locked):
    case = recorded(f"{API}::test_get_put_object_lock_configuration", "s3")
    case.check("get-lock-config-start", s3.get_object_lock_configuration(Bucket=locked))
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    wanted = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    put = s3.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration=wanted)
    case.check("put-lock-config", put)
    case.check("get-lock-config", s3.get_object_lock_configuration(Bucket=locked))
    put = s3.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
    case.check("put-lock-config-enabled", put)
    case.check("get-lock-config-only-enabled", s3.get_object_lock_configuration(Bucket=locked))


def test_no_configuration(s3, bucket):
    case = recorded(f"{API}::test_get_object_lock_configuration_exc", "s3")
    case.check("get-lock-config-no-enabled", attempt(s3.get_object_lock_configuration, Bucket=bucket))
    answer = attempt(s3.get_object_lock_configuration, Bucket=f"{bucket}-none")
    case.check("get-lock-config-bucket-not-exists", answer)


def test_versioning_cannot_be_suspended(s3, locked):
    case = recorded(f"{API}::test_disable_versioning_on_locked_bucket", "s3")
    states = (
        ("disable-versioning-on-locked-bucket", "Suspended"),
        ("enable-versioning-again-on-locked-bucket", "Enabled"),
    )
    for step, status in states:
        answer = attempt(s3.put_bucket_versioning, Bucket=locked, VersioningConfiguration={"Status": status})
        case.check(step, answer)


def test_legal_hold(s3, locked):
    case = recorded(f"{HOLD}::test_put_get_object_legal_hold")
    at = {"Bucket": locked, "Key": "key"}
    case.check("put-obj", s3.put_object(**at, Body=b"test"))
    case.check("get-legal-hold-unset", attempt(s3.get_object_legal_hold, **at))
    case.check("put-object-legal-hold", s3.put_object_legal_hold(**at, LegalHold={"Status": "ON"}))
    case.check("head-object-with-legal-hold", s3.head_object(**at))
    case.check("get-legal-hold-set", s3.get_object_legal_hold(**at))
    case.check("put-object-legal-hold-off", s3.put_object_legal_hold(**at, LegalHold={"Status": "OFF"}))


def test_put_with_legal_hold(s3, locked):
    case = recorded(f"{HOLD}::test_put_object_with_legal_hold")
    at = {"Bucket": locked, "Key": "key"}
    case.check("put-obj", s3.put_object(**at, Body=b"test", ObjectLockLegalHoldStatus="ON"))
    case.check("head-object-with-legal-hold", s3.head_object(**at))
    case.check("put-object-legal-hold-off", s3.put_object_legal_hold(**at, LegalHold={"Status": "OFF"}))


def test_refused_legal_holds(s3, bucket, locked):
    case = recorded(f"{HOLD}::test_put_object_legal_hold_exc")
    on, key = {"LegalHold": {"Status": "ON"}}, "test-locked-object"
    case.check(
        "put-object-legal-hold-no-bucket", attempt(s3.put_object_legal_hold, Bucket=f"{bucket}-none", Key=key, **on)
    )
    no_key = attempt(s3.put_object_legal_hold, Bucket=bucket, Key="non-existing-key", **on)
    case.check("put-object-legal-hold-no-key", no_key)
    s3.put_object(Bucket=bucket, Key=key, Body=b"test")
    case.check("put-object-retention-regular-bucket", attempt(s3.put_object_legal_hold, Bucket=bucket, Key=key, **on))
    case.check("get-object-retention-regular-bucket", attempt(s3.get_object_legal_hold, Bucket=bucket, Key=key))
    s3.put_object(Bucket=locked, Key=key, Body=b"test")
    empty = attempt(s3.put_object_legal_hold, Bucket=locked, Key=key, LegalHold={})
    case.check("put-object-retention-empty", empty)


def test_held_object_cannot_be_deleted(s3, locked):
    case = recorded(f"{HOLD}::test_delete_locked_object")
    at = {"Bucket": locked, "Key": "test-delete-locked"}
    put = s3.put_object(**at, Body=b"test")
    case.check("put-obj", put)
    case.check("put-object-legal-hold", s3.put_object_legal_hold(**at, LegalHold={"Status": "ON"}))
    version = {"VersionId": put["VersionId"]}
    case.check("delete-object-locked", attempt(s3.delete_object, **at, **version))
    several = {"Objects": [{"Key": at["Key"], **version}]}
    case.check("delete-objects-locked", s3.delete_objects(Bucket=locked, Delete=several))
    off = s3.put_object_legal_hold(**at, LegalHold={"Status": "OFF"}, **version)
    case.check("put-object-legal-hold-off", off)
    s3.delete_object(**at, **version)


def test_hold_is_of_one_version(s3, locked):
    case = recorded(f"{HOLD}::test_s3_legal_hold_lock_versioned")
    at = {"Bucket": locked, "Key": "key"}
    versions = []
    for number, step in ((1, "put-object"), (2, "put-object-2")):
        put = s3.put_object(**at, Body=b"test")
        case.check(step, put)
        versions.append({"VersionId": put["VersionId"]})
        held = s3.put_object_legal_hold(**at, LegalHold={"Status": "ON"}, **versions[-1])
        case.check(f"put-object-legal-hold-ver{number}", held)
        case.check(f"head-object-ver{number}", s3.head_object(**at, **versions[-1]))
    off = s3.put_object_legal_hold(**at, LegalHold={"Status": "OFF"}, **versions[0])
    case.check("remove-object-legal-hold-ver1", off)
    case.check("head-object-ver1-no-lock", s3.head_object(**at, **versions[0]))
    case.check("delete-object-ver1", s3.delete_object(**at, **versions[0]))


@pytest.mark.parametrize("kind", ["hold", "retention"])
def test_copies_are_not_locked(s3, locked, later, kind):
    names = {
        "hold": (HOLD, "test_s3_copy_object_legal_hold"),
        "retention": (RETENTION, "test_s3_copy_object_retention_lock"),
    }
    steps = {
        "hold": ("put-object", "head-object", "copy-legal-hold"),
        "retention": ("put-source-object", "head-source-object", "copy-lock"),
    }[kind]
    options = {
        "hold": {"ObjectLockLegalHoldStatus": "ON"},
        "retention": {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": later(minutes=10)},
    }[kind]
    case = recorded("::".join(names[kind]))
    at = {"Bucket": locked, "Key": "source-object"}
    case.check(steps[0], s3.put_object(**at, Body='{"key": "value"}', **options))
    case.check(steps[1], s3.head_object(**at))
    copied = s3.copy_object(Bucket=locked, Key="copied-key", CopySource=f"{locked}/source-object")
    case.check(steps[2], copied)
    case.check("head-dest-key", s3.head_object(Bucket=locked, Key="copied-key"))


def test_modes_that_are_none(s3, locked, later):
    case = recorded(f"{RETENTION}::test_s3_object_lock_mode_validation")
    at, until = {"Bucket": locked, "Key": "key"}, {"ObjectLockRetainUntilDate": later(minutes=10)}
    bad = {"ObjectLockMode": "BAD-VALUE", **until}
    case.check("put-obj-locked-bad-value", attempt(s3.put_object, **at, **bad))
    case.check("create-mpu-locked-bad-value", attempt(s3.create_multipart_upload, **at, **bad))
    case.check("put-obj-locked-error-no-mode", attempt(s3.put_object, **at, **until))
    case.check("put-obj-locked-error-no-retain-date", attempt(s3.put_object, **at, ObjectLockMode="GOVERNANCE"))


def test_compliance(s3, locked, later, clock):
    case = recorded(f"{RETENTION}::test_s3_object_retention_compliance_mode")
    at = {"Bucket": locked, "Key": "test-compliance"}
    put = s3.put_object(**at, Body=b"test")
    case.check("put-obj-locked-1", put)
    version = {"VersionId": put["VersionId"]}

    def retain(mode, **units):
        return attempt(
            s3.put_object_retention, **at, **version, Retention={"Mode": mode, "RetainUntilDate": later(**units)}
        )

    case.check("add-compliance-retention", retain("COMPLIANCE", minutes=10))
    case.check("delete-locked-1", attempt(s3.delete_object, **at, **version))
    case.check("delete-locked-2", attempt(s3.delete_object, **at, **version, BypassGovernanceRetention=True))
    case.check("update-retention-shortened", retain("COMPLIANCE", minutes=5))
    case.check("update-retention-less-restrictive", retain("GOVERNANCE", minutes=10))
    case.check("put-delete-marker", s3.delete_object(**at))
    clock.advance(minutes=11)
    case.check("delete-obj-after-lock-expiration", s3.delete_object(**at, **version))
