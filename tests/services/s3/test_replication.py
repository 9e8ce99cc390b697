"""Replication: new versions, delete markers and tags in another bucket, under the same version ids."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from .answers import attempt
from .test_lifecycle import eventually

ROLE = "arn:aws:iam::111111111111:role/replication"


def rule(target, **more):
    return {
        "ID": "rule",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{target}"},
        **more,
    }


def replicate(s3, bucket, *rules):
    return s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration={"Role": ROLE, "Rules": list(rules)})


@pytest.fixture
def pair(s3, make_bucket):
    source, target = make_bucket(versioned=True), make_bucket(versioned=True)
    replicate(s3, source, rule(target))
    return source, target


def versions(s3, bucket):
    listed = s3.list_object_versions(Bucket=bucket)
    both = [*listed.get("Versions", ()), *listed.get("DeleteMarkers", ())]
    return sorted((one["Key"], one["VersionId"], one["IsLatest"], "ETag" in one) for one in both)


def test_what_happens_in_one_bucket_happens_in_the_other(s3, pair):
    source, target = pair
    s3.put_object(Bucket=source, Key="small", Body=b"1", Tagging="a=b", Metadata={"m": "v"})
    large = s3.put_object(Bucket=source, Key="large", Body=b"x" * 100_000)["VersionId"]
    s3.put_object(Bucket=source, Key="small", Body=b"2")
    s3.delete_object(Bucket=source, Key="gone")
    upload = s3.create_multipart_upload(Bucket=source, Key="parts")["UploadId"]
    etag = s3.upload_part(Bucket=source, Key="parts", UploadId=upload, PartNumber=1, Body=b"y" * 50_000)["ETag"]
    s3.complete_multipart_upload(
        Bucket=source, Key="parts", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]}
    )
    eventually(lambda: versions(s3, target), versions(s3, source))
    assert s3.get_object(Bucket=target, Key="small")["Body"].read() == b"2"
    s3.delete_object(Bucket=source, Key="large", VersionId=large)  # what is deleted for good stays in the other
    s3.delete_object(Bucket=source, Key="parts", VersionId=s3.head_object(Bucket=source, Key="parts")["VersionId"])
    assert s3.get_object(Bucket=target, Key="large")["Body"].read() == b"x" * 100_000
    assert s3.get_object(Bucket=target, Key="parts")["Body"].read() == b"y" * 50_000


def test_state_is_told(s3, pair):
    source, target = pair
    s3.put_object(Bucket=source, Key="k", Body=b"1", Metadata={"m": "v"})
    eventually(lambda: s3.head_object(Bucket=source, Key="k").get("ReplicationStatus"), "COMPLETED")
    replica = s3.head_object(Bucket=target, Key="k")
    assert (replica["ReplicationStatus"], replica["Metadata"]) == ("REPLICA", {"m": "v"})
    s3.delete_bucket_replication(Bucket=source)
    s3.put_object(Bucket=source, Key="later", Body=b"1")
    assert "ReplicationStatus" not in s3.head_object(Bucket=source, Key="later")


def test_tags_follow(s3, pair):
    source, target = pair
    s3.put_object(Bucket=source, Key="k", Body=b"1")
    tags = [{"Key": "a", "Value": "b"}]
    s3.put_object_tagging(Bucket=source, Key="k", Tagging={"TagSet": tags})
    eventually(lambda: attempt(s3.get_object_tagging, Bucket=target, Key="k").get("TagSet"), tags)


def test_both_ways_without_end(s3, pair):
    source, target = pair
    replicate(s3, target, rule(source))
    s3.put_object(Bucket=source, Key="one", Body=b"1")
    s3.put_object(Bucket=target, Key="two", Body=b"2")
    eventually(lambda: len(versions(s3, source)), 2)
    eventually(lambda: versions(s3, target), versions(s3, source))


def test_only_what_a_rule_covers(s3, make_bucket):
    source, target = make_bucket(versioned=True), make_bucket(versioned=True)
    off = {"DeleteMarkerReplication": {"Status": "Disabled"}}
    tagged = rule(target, Filter={"Tag": {"Key": "go", "Value": "yes"}}, ID="a", **off)
    cold = rule(target, Filter={"Prefix": "cold/"}, Priority=2, ID="b", **off)
    cold["Destination"] = {**cold["Destination"], "StorageClass": "STANDARD_IA"}
    replicate(s3, source, tagged, cold)
    s3.put_object(Bucket=source, Key="no", Body=b"")
    s3.put_object(Bucket=source, Key="cold/x", Body=b"", Tagging="go=yes")
    s3.delete_object(Bucket=source, Key="cold/x")
    s3.put_object(Bucket=source, Key="yes", Body=b"", Tagging="go=yes")
    eventually(lambda: [v[0] for v in versions(s3, target)], ["cold/x", "yes"])
    assert s3.head_object(Bucket=target, Key="cold/x")["StorageClass"] == "STANDARD_IA"


def test_target_in_another_region(aws, s3, make_bucket, account):
    source, target, west = make_bucket(versioned=True), f"west-{account}", aws("s3", region_name="us-west-2")
    west.create_bucket(Bucket=target, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    west.put_bucket_versioning(Bucket=target, VersioningConfiguration={"Status": "Enabled"})
    replicate(s3, source, rule(target))
    s3.put_object(Bucket=source, Key="k", Body=b"1")
    eventually(lambda: versions(west, target), versions(s3, source))


def test_target_that_went_away(s3, pair, notify, records):
    source, target = pair
    notify(source, "s3:Replication:*")
    s3.delete_bucket(Bucket=target)
    s3.put_object(Bucket=source, Key="k", Body=b"1")
    eventually(lambda: s3.head_object(Bucket=source, Key="k").get("ReplicationStatus"), "FAILED")
    [record] = [record for _ in range(2) for record in records()]
    assert (record["eventName"], record["eventVersion"]) == ("Replication:OperationFailedReplication", "2.2")
    assert record["replicationEventData"]["failureReason"] == "DstBucketNotFound"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"Priority": None}, "Priority must be specified"),
        ({"DeleteMarkerReplication": None}, "DeleteMarkerReplication must be specified"),
        ({"Status": "On"}, "not well-formed"),
        ({"Filter": None}, "not well-formed"),
        ({"Filter": {"Tag": {"Key": "a", "Value": "b"}}}, "not supported if any Tag filter is specified"),
        ({"Destination": {"Bucket": "arn:aws:s3:::nobody-has-this-bucket"}}, "Destination bucket must exist."),
        ({"SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}}}, "does not have"),
        ({"ExistingObjectReplication": {"Status": "Enabled"}}, "does not have"),
    ],
)
def test_rule_that_is_refused(s3, pair, change, text):
    source, target = pair
    changed = {name: value for name, value in rule(target, **change).items() if value is not None}
    with pytest.raises(ClientError, match=text):
        replicate(s3, source, changed)


def test_both_buckets_must_keep_versions(s3, make_bucket):
    plain, versioned = make_bucket(), make_bucket(versioned=True)
    with pytest.raises(ClientError, match="Versioning must be 'Enabled' on the bucket"):
        replicate(s3, plain, rule(versioned))
    with pytest.raises(ClientError, match="Destination bucket must have versioning enabled"):
        replicate(s3, versioned, rule(plain))
    replicate(s3, versioned, rule(make_bucket(versioned=True)))
    with pytest.raises(ClientError, match="versioning state cannot be changed"):
        s3.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Suspended"})
    with pytest.raises(ClientError, match="replication configuration was not found"):
        s3.get_bucket_replication(Bucket=plain)
