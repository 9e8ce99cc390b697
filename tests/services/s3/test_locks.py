"""Object Lock: what keeps versions, for how long, and who may let them go."""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from botocore.config import Config
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.services.s3.answers import attempt
from undercast.services.s3 import errors, retention
from undercast.services.s3.model import About

AT = {"Key": "key"}


def code(answer):
    return answer["Error"]["Code"] if "Error" in answer else "OK"


@pytest.fixture
def locked(make_bucket):
    return make_bucket(ObjectLockEnabledForBucket=True)


@pytest.fixture
def later(undercast):
    """Times from the platform's present on."""
    with urllib.request.urlopen(f"{undercast.url}/_undercast/clock") as answer:
        now = datetime.fromtimestamp(json.load(answer)["now"] / 1000, UTC)
    return lambda **units: now + timedelta(**units)


@pytest.mark.parametrize("mode", ["GOVERNANCE", "COMPLIANCE"])
def test_default_retention(s3, locked, clock, mode):
    rule = {"DefaultRetention": {"Mode": mode, "Days": 2}}
    s3.put_object_lock_configuration(
        Bucket=locked, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    at = {"Bucket": locked, **AT}
    put = {"VersionId": s3.put_object(**at, Body=b"x")["VersionId"]}
    upload = {**at, "UploadId": s3.create_multipart_upload(**at)["UploadId"]}
    clock.advance(hours=1)  # it counts from the completion
    part = {"PartNumber": 1, "ETag": s3.upload_part(**upload, PartNumber=1, Body=b"x")["ETag"]}
    done = {"VersionId": s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]})["VersionId"]}
    for version in (put, done):
        assert s3.head_object(**at, **version)["ObjectLockMode"] == mode
        assert s3.get_object_retention(**at, **version)["Retention"]["Mode"] == mode
        assert code(attempt(s3.delete_object, **at, **version)) == "AccessDenied"
    clock.advance(days=2, minutes=-30)
    assert code(attempt(s3.delete_object, **at, **put)) == "OK"
    assert code(attempt(s3.delete_object, **at, **done)) == "AccessDenied"
    clock.advance(minutes=31)
    assert code(attempt(s3.delete_object, **at, **done)) == "OK"


def test_governance_can_be_bypassed(s3, locked, later):
    at = {"Bucket": locked, **AT}
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": later(days=1)}
    version = {"VersionId": s3.put_object(**at, Body=b"x", **lock)["VersionId"]}
    shorter = {"Retention": {"Mode": "GOVERNANCE", "RetainUntilDate": later(hours=1)}}
    longer = {"Retention": {"Mode": "GOVERNANCE", "RetainUntilDate": later(days=3)}}
    assert code(attempt(s3.put_object_retention, **at, **shorter)) == "AccessDenied"
    assert code(attempt(s3.put_object_retention, **at, **longer)) == "OK"
    assert code(attempt(s3.put_object_retention, **at, Retention={})) == "AccessDenied"
    bypass = {"BypassGovernanceRetention": True}
    assert code(attempt(s3.put_object_retention, **at, **shorter, **bypass)) == "OK"
    several = {"Bucket": locked, "Delete": {"Objects": [{**AT, **version}]}}
    assert s3.delete_objects(**several)["Errors"][0]["Code"] == "AccessDenied"
    assert "Errors" not in s3.delete_objects(**several, **bypass)


def test_retention_can_be_taken_away(s3, locked, later):
    at = {"Bucket": locked, **AT}
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": later(days=1)}
    version = {"VersionId": s3.put_object(**at, Body=b"x", **lock)["VersionId"]}
    s3.put_object_retention(**at, Retention={}, BypassGovernanceRetention=True)
    assert code(attempt(s3.get_object_retention, **at)) == "NoSuchObjectLockConfiguration"
    assert code(attempt(s3.delete_object, **at, **version)) == "OK"


def test_hold_outlives_retention(s3, locked, later, clock):
    at = {"Bucket": locked, **AT}
    lock = {
        "ObjectLockMode": "COMPLIANCE",
        "ObjectLockRetainUntilDate": later(hours=1),
        "ObjectLockLegalHoldStatus": "ON",
    }
    version = {"VersionId": s3.put_object(**at, Body=b"x", **lock)["VersionId"]}
    clock.advance(hours=2)
    assert code(attempt(s3.delete_object, **at, **version, BypassGovernanceRetention=True)) == "AccessDenied"
    s3.put_object_legal_hold(**at, **version, LegalHold={"Status": "OFF"})
    assert code(attempt(s3.delete_object, **at, **version)) == "OK"


def test_bucket_with_locked_versions_stays(s3, locked):
    s3.put_object(Bucket=locked, **AT, ObjectLockLegalHoldStatus="ON")
    s3.delete_object(Bucket=locked, **AT)
    assert code(attempt(s3.delete_bucket, Bucket=locked)) == "BucketNotEmpty"


@pytest.mark.parametrize(("configuration", "wanted"), [
    ({}, "MalformedXML"),
    ({"ObjectLockEnabled": "Enabled", "Rule": {}}, "MalformedXML"),
    ({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Days": 1}}}, "MalformedXML"),
    ({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1, "Years": 1}}}, "MalformedXML"),
    ({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 0}}}, "InvalidArgument"),
    ({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Years": 101}}}, "InvalidArgument"),
])  # fmt: skip
def test_configurations_that_are_refused(s3, locked, configuration, wanted):
    refused = attempt(s3.put_object_lock_configuration, Bucket=locked, ObjectLockConfiguration=configuration)
    assert code(refused) == wanted


def test_bucket_that_keeps_no_versions_cannot_lock(s3, bucket):
    enabled = {"Bucket": bucket, "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}
    assert code(attempt(s3.put_object_lock_configuration, **enabled)) == "InvalidBucketState"
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    assert code(attempt(s3.put_object_lock_configuration, **enabled)) == "OK"
    s3.put_object(Bucket=bucket, **AT, ObjectLockLegalHoldStatus="ON")


@pytest.mark.parametrize("options", [
    {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": datetime(2020, 1, 1, tzinfo=UTC)},
    {"ObjectLockLegalHoldStatus": "MAYBE"},
])  # fmt: skip
def test_locks_that_are_refused(s3, locked, options):
    assert code(attempt(s3.put_object, Bucket=locked, **AT, **options)) == "InvalidArgument"


def test_what_is_locked_must_be_promised(aws, locked):
    silent = aws("s3", config=Config(request_checksum_calculation="when_required"))
    refused = attempt(silent.put_object, Bucket=locked, **AT, Body=b"x", ObjectLockLegalHoldStatus="ON")
    assert (code(refused), "Content-MD5" in refused["Error"]["Message"]) == ("InvalidRequest", True)


# --- the rules alone ---

MODES = st.sampled_from([None, *retention.MODES])
TIMES = st.integers(1, 100)


def about(mode, until):
    return About({} if mode is None else {retention.MODE: mode, retention.UNTIL: until})


@given(MODES, TIMES, MODES, TIMES, TIMES, st.booleans())
def test_a_change_never_frees_what_is_protected(mode, until, new_mode, new_until, now, bypass):
    """Without the right to bypass, and in COMPLIANCE even with it, protection lasts at least as long, as firmly."""
    assume(not bypass or mode == "COMPLIANCE")
    before = about(mode, until)
    wanted = {} if new_mode is None else {"Mode": new_mode, "RetainUntilDate": new_until}
    try:
        after = About(retention.check_change(before, wanted, now, bypass))
    except (errors.AccessDenied, errors.InvalidArgument):
        return
    for at in range(now, 101):
        for may in (False, True):
            if retention.is_protected(before, at, bypass=may):
                assert retention.is_protected(after, at, bypass=may)
