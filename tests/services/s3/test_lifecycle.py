"""Lifecycle rules at work: a job at every midnight."""

from __future__ import annotations

import time

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from undercast.services.s3.lifecycle_rules import DAY_MS, midnight_after

LARGE = b"x" * 131_072


@pytest.fixture
def live_by(s3):
    """Sets the rules of a bucket: each with a filter of its own or for all keys."""

    def put(bucket, *rules, **options):
        kept = [
            {"ID": f"r{at}", "Status": "Enabled", "Filter": {"Prefix": ""}, **rule} for at, rule in enumerate(rules)
        ]
        return s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": kept}, **options)

    return put


def keys(s3, bucket):
    return [one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]


def eventually(check, wanted, within_s=10):
    """Jobs run after the clock was moved: ask until it is so."""
    end = time.monotonic() + within_s
    while (found := check()) != wanted:
        assert time.monotonic() < end, found
    return True


def test_objects_expire_at_the_midnight_after_their_days(s3, bucket, live_by, clock):
    live_by(bucket, {"Expiration": {"Days": 2}, "Filter": {"Prefix": "logs/"}})
    put = s3.put_object(Bucket=bucket, Key="logs/a", Body=b"1")
    s3.put_object(Bucket=bucket, Key="kept", Body=b"1")
    assert 'rule-id="r0"' in put["Expiration"]
    assert s3.head_object(Bucket=bucket, Key="logs/a")["Expiration"] == put["Expiration"]
    assert "Expiration" not in s3.head_object(Bucket=bucket, Key="kept")
    clock.advance(days=1)
    s3.put_object(Bucket=bucket, Key="logs/b", Body=b"1")
    clock.advance(days=2)
    eventually(lambda: keys(s3, bucket), ["kept", "logs/b"])
    clock.advance(days=1)
    eventually(lambda: keys(s3, bucket), ["kept"])


def test_expiry_is_told(s3, bucket, live_by, clock, notify, records):
    notify(bucket, "s3:LifecycleExpiration:*", "s3:ObjectRemoved:*")
    live_by(bucket, {"Expiration": {"Days": 1}})
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    clock.advance(days=3)
    eventually(lambda: keys(s3, bucket), [])
    [record] = [record for _ in range(2) for record in records()]
    assert (record["eventName"], record["eventVersion"]) == ("LifecycleExpiration:Delete", "2.3")
    assert record["requestParameters"]["sourceIPAddress"] == "s3.amazonaws.com"


def test_expiry_among_versions_is_a_marker(s3, versioned, live_by, clock, notify, records):
    notify(versioned, "s3:LifecycleExpiration:*")
    live_by(versioned, {"Expiration": {"Days": 1}})
    s3.put_object(Bucket=versioned, Key="k", Body=b"1")
    clock.advance(days=3)
    eventually(lambda: keys(s3, versioned), [])
    listed = s3.list_object_versions(Bucket=versioned)
    assert (len(listed["Versions"]), len(listed["DeleteMarkers"])) == (1, 1)
    assert [r["eventName"] for _ in range(2) for r in records()] == ["LifecycleExpiration:DeleteMarkerCreated"]


def test_covered_versions_go_but_for_the_newest(s3, versioned, live_by, clock):
    live_by(versioned, {"NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 2}})
    ids = [s3.put_object(Bucket=versioned, Key="k", Body=b"1")["VersionId"] for _ in range(5)]
    other = s3.put_object(Bucket=versioned, Key="l", Body=b"1")["VersionId"]
    clock.advance(days=3)

    def there():
        return {one["VersionId"] for one in s3.list_object_versions(Bucket=versioned)["Versions"]}

    eventually(there, {*ids[2:], other})


def test_days_of_a_covered_version_count_from_when_it_was_covered(s3, versioned, live_by, clock):
    live_by(
        versioned,
        {"NoncurrentVersionExpiration": {"NoncurrentDays": 5}},
        {"Filter": {"Prefix": "z"}, "Expiration": {"Days": 1}},
    )
    s3.put_object(Bucket=versioned, Key="k", Body=b"1")
    clock.advance(days=10)
    s3.put_object(Bucket=versioned, Key="k", Body=b"2")
    s3.put_object(Bucket=versioned, Key="z", Body=b"2")
    clock.advance(days=3)
    eventually(lambda: keys(s3, versioned), ["k"])  # the walk has been here
    assert len(s3.list_object_versions(Bucket=versioned, Prefix="k")["Versions"]) == 2
    clock.advance(days=4)
    eventually(lambda: len(s3.list_object_versions(Bucket=versioned, Prefix="k")["Versions"]), 1)


def test_marker_that_covers_nothing_goes(s3, versioned, live_by, clock):
    live_by(versioned, {"Expiration": {"ExpiredObjectDeleteMarker": True}})
    s3.put_object(Bucket=versioned, Key="covered", Body=b"1")
    for key in ("covered", "nothing"):
        s3.delete_object(Bucket=versioned, Key=key)
    clock.advance(days=2)
    eventually(
        lambda: [m["Key"] for m in s3.list_object_versions(Bucket=versioned).get("DeleteMarkers", ())], ["covered"]
    )


def test_uploads_that_are_not_completed_are_aborted(s3, bucket, live_by, clock):
    live_by(bucket, {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}, "Filter": {"Prefix": "a"}})
    begun = s3.create_multipart_upload(Bucket=bucket, Key="a")
    assert (begun["AbortRuleId"], begun["AbortDate"].hour) == ("r0", 0)
    assert s3.list_parts(Bucket=bucket, Key="a", UploadId=begun["UploadId"])["AbortRuleId"] == "r0"
    assert "AbortDate" not in s3.create_multipart_upload(Bucket=bucket, Key="b")
    clock.advance(days=3)
    eventually(lambda: [u["Key"] for u in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]], ["b"])


def test_transition(s3, bucket, live_by, clock, notify, records):
    notify(bucket, "s3:LifecycleTransition")
    live_by(
        bucket,
        {"Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 60, "StorageClass": "GLACIER"}]},
    )
    s3.put_object(Bucket=bucket, Key="large", Body=LARGE)
    s3.put_object(Bucket=bucket, Key="small", Body=b"x")

    def classes():
        return [one["StorageClass"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]]

    clock.advance(days=31)
    eventually(classes, ["STANDARD_IA", "STANDARD"])
    assert s3.get_object(Bucket=bucket, Key="large")["Body"].read() == LARGE
    clock.advance(days=31)
    eventually(classes, ["GLACIER", "STANDARD"])
    [moved] = [r["lifecycleEventData"]["transitionEventData"] for _ in range(3) for r in records()]
    assert moved == {"destinationStorageClass": "GLACIER"}  # the queue has forgotten the first


def test_small_objects_move_where_the_configuration_says_so(s3, make_bucket, live_by, clock):
    by_default, by_class, by_filter = (make_bucket() for _ in range(3))
    move = {"Transitions": [{"Days": 0, "StorageClass": "DEEP_ARCHIVE"}]}
    live_by(by_default, move, {"Expiration": {"Days": 1}, "Filter": {"Prefix": "gone"}})
    answer = live_by(by_class, move, TransitionDefaultMinimumObjectSize="varies_by_storage_class")
    assert answer["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"
    live_by(by_filter, {**move, "Filter": {"ObjectSizeLessThan": 1000}})
    for bucket in (by_default, by_class, by_filter):
        s3.put_object(Bucket=bucket, Key="small", Body=b"x")
    s3.put_object(Bucket=by_default, Key="gone", Body=b"x")
    clock.advance(days=3)

    def classes(bucket):
        return [one["StorageClass"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]]

    eventually(lambda: classes(by_class), ["DEEP_ARCHIVE"])
    eventually(lambda: classes(by_filter), ["DEEP_ARCHIVE"])
    eventually(lambda: classes(by_default), ["STANDARD"])


def test_locked_version_stays(s3, make_bucket, live_by, clock):
    bucket = make_bucket(ObjectLockEnabledForBucket=True)
    live_by(bucket, {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}})
    held = s3.put_object(Bucket=bucket, Key="k", Body=b"1", ObjectLockLegalHoldStatus="ON")["VersionId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"2")
    current = s3.put_object(Bucket=bucket, Key="k", Body=b"3")["VersionId"]
    clock.advance(days=3)
    eventually(lambda: {v["VersionId"] for v in s3.list_object_versions(Bucket=bucket)["Versions"]}, {held, current})


def test_many_objects_in_several_steps(s3, bucket, live_by, clock):
    live_by(bucket, {"Expiration": {"Days": 1}, "Filter": {"Tag": {"Key": "go", "Value": "yes"}}})
    for at in range(620):
        s3.put_object(Bucket=bucket, Key=f"{at:04d}", Body=b"", Tagging="" if at % 2 else "go=yes")
    for at in range(0, 620, 100):
        for key, value in ((at, "no"), (at + 1, "yes")):
            tags = [{"Key": "go", "Value": value}]
            s3.put_object_tagging(Bucket=bucket, Key=f"{key:04d}", Tagging={"TagSet": tags})
    clock.advance(days=3)
    eventually(lambda: len(keys(s3, bucket)), 310)
    assert {"0000", "0003"} <= set(keys(s3, bucket)) and "0001" not in keys(s3, bucket)


def test_rules_that_were_taken_away_do_nothing(s3, make_bucket, live_by, clock):
    bucket, other = make_bucket(), make_bucket()
    live_by(bucket, {"Expiration": {"Days": 1}})
    live_by(other, {"Expiration": {"Days": 1}})
    for name in (bucket, other):
        s3.put_object(Bucket=name, Key="k", Body=b"")
    s3.delete_bucket_lifecycle(Bucket=bucket)
    with pytest.raises(ClientError, match="The lifecycle configuration does not exist"):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    clock.advance(days=3)
    eventually(lambda: keys(s3, other), [])
    assert keys(s3, bucket) == ["k"]


GLACIER = {"Days": 5, "StorageClass": "GLACIER"}


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({}, "At least one action needs to be specified in a rule"),
        ({"Status": "On", "Expiration": {"Days": 1}}, "not well-formed"),
        ({"Expiration": {"Days": 0}}, "'Days' for Expiration action must be a positive integer"),
        ({"Expiration": {}}, "not well-formed"),
        ({"ID": "x" * 256, "Expiration": {"Days": 1}}, "ID length should not exceed allowed limit of 255"),
        ({"Expiration": {"Days": 5}, "Transitions": [GLACIER]}, "must be greater than 'Days' in the Transition action"),
        ({"Transitions": [{"Days": 29, "StorageClass": "STANDARD_IA"}]}, "greater than or equal to 30"),
        ({"Transitions": [{"Days": 29, "StorageClass": "STANDARD"}]}, "not well-formed"),
        ({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}, "Filter": {"Tag": {"Key": "a", "Value": "b"}}}, "cannot be specified with Tags"),
        ({"Filter": {"And": {"Prefix": "a"}}, "Expiration": {"Days": 1}}, "not well-formed"),
        ({"Filter": {"And": {"ObjectSizeGreaterThan": 5, "ObjectSizeLessThan": 5}}, "Expiration": {"Days": 1}}, "greater than 'ObjectSizeGreaterThan'"),
    ],
)  # fmt: skip
def test_rule_that_is_refused(bucket, live_by, rule, text):
    with pytest.raises(ClientError, match=text):
        live_by(bucket, rule)


def test_ids_are_given_and_must_differ(s3, bucket, live_by):
    with pytest.raises(ClientError, match="Rule ID must be unique"):
        live_by(bucket, {"ID": "a", "Expiration": {"Days": 1}}, {"ID": "a", "Expiration": {"Days": 1}})
    rule = {"Status": "Enabled", "Prefix": "a", "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]["ID"]


@given(st.integers(0, 10**14), st.integers(0, 5000))
def test_expiry_is_the_next_midnight(at, days):
    midnight = midnight_after(at, days)
    assert midnight % DAY_MS == 0
    assert 0 < midnight - (at + days * DAY_MS) <= DAY_MS
