"""Inventories: configurations as AWS answered, and the lists that jobs make."""

from __future__ import annotations

import csv
import gzip
import io
import json

import pytest
from botocore.exceptions import ClientError

from tests.recorded import recorded

from .answers import attempt
from .test_lifecycle import eventually


def configuration(target, **more):
    return {
        "Id": "test-inventory",
        "Destination": {"S3BucketDestination": {"Bucket": f"arn:aws:s3:::{target}", "Format": "CSV"}},
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "OptionalFields": ["Size", "ETag"],
        "Schedule": {"Frequency": "Daily"},
        **more,
    }


def put(s3, bucket, wanted):
    return attempt(
        s3.put_bucket_inventory_configuration, Bucket=bucket, Id="test-inventory", InventoryConfiguration=wanted
    )


def test_recorded(s3, make_bucket):
    """test_s3_inventory_report_crud"""
    case = recorded("s3::TestS3::test_s3_inventory_report_crud", "s3")
    bucket, target = make_bucket(), make_bucket()
    at = {"Bucket": bucket, "Id": "test-inventory"}
    case.check("put-inventory-config", put(s3, bucket, configuration(target)))
    case.check("list-inventory-config", s3.list_bucket_inventory_configurations(Bucket=bucket))
    case.check("get-inventory-config", s3.get_bucket_inventory_configuration(**at))
    case.check("del-inventory-config", s3.delete_bucket_inventory_configuration(**at))
    case.check("list-inventory-config-after-del", s3.list_bucket_inventory_configurations(Bucket=bucket))
    case.check("get-nonexistent-inv-config", attempt(s3.get_bucket_inventory_configuration, **at))


@pytest.mark.parametrize(
    ("step", "change"),
    [
        ("wrong-id", {"Id": "other"}),
        ("wrong-destination-arn", {"Destination": {"S3BucketDestination": {"Bucket": "target", "Format": "CSV"}}}),
        (
            "wrong-destination-format",
            {"Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::t", "Format": "W"}}},
        ),
        ("wrong-schedule-frequency", {"Schedule": {"Frequency": "Hourly"}}),
        ("wrong-object-versions", {"IncludedObjectVersions": "Wrong"}),
        ("wrong-optional-field", {"OptionalFields": ["Wrong"]}),
    ],
)
def test_recorded_refusals(s3, bucket, step, change):
    """test_s3_put_inventory_report_exceptions"""
    case = recorded("s3::TestS3::test_s3_put_inventory_report_exceptions", "s3")
    case.check(step, put(s3, bucket, configuration("target", **change)))


@pytest.mark.parametrize(
    "change",
    [
        {"OptionalFields": ["ObjectOwner"]},
        {"Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::t", "Format": "ORC"}}},
    ],
)
def test_what_is_not_here_is_refused(s3, bucket, change):
    with pytest.raises(ClientError, match="Undercast's S3"):
        s3.put_bucket_inventory_configuration(
            Bucket=bucket, Id="test-inventory", InventoryConfiguration=configuration("target", **change)
        )


def manifests(s3, target):
    found = [one["Key"] for one in s3.list_objects_v2(Bucket=target).get("Contents", ())]
    return [key for key in found if key.endswith("manifest.json")]


def rows(s3, target, key):
    """What a manifest's files say, as dicts."""
    manifest = json.loads(s3.get_object(Bucket=target, Key=key)["Body"].read())
    names = manifest["fileSchema"].split(", ")
    texts = [
        gzip.decompress(s3.get_object(Bucket=target, Key=f["key"])["Body"].read()).decode() for f in manifest["files"]
    ]
    return [dict(zip(names, row, strict=True)) for text in texts for row in csv.reader(io.StringIO(text))]


def test_versions_are_listed_every_day(s3, make_bucket, clock):
    bucket, target = make_bucket(versioned=True), make_bucket()
    put(s3, bucket, configuration(target, OptionalFields=["StorageClass", "Size"]))
    first = s3.put_object(Bucket=bucket, Key="a b", Body=b"1")["VersionId"]
    second = s3.put_object(Bucket=bucket, Key="a b", Body=b"22", StorageClass="STANDARD_IA")["VersionId"]
    s3.delete_object(Bucket=bucket, Key="gone")
    clock.advance(days=1)
    eventually(lambda: len(manifests(s3, target)), 1)
    [key] = manifests(s3, target)
    assert key.startswith(f"{bucket}/test-inventory/")
    told = rows(s3, target, key)
    assert [(row["Key"], row["VersionId"], row["IsLatest"], row["Size"], row["StorageClass"]) for row in told[:2]] == [
        ("a+b", second, "true", "2", "STANDARD_IA"),
        ("a+b", first, "false", "1", "STANDARD"),
    ]
    assert (told[2]["Key"], told[2]["IsDeleteMarker"], told[2]["Size"]) == ("gone", "true", "")
    clock.advance(days=1)
    eventually(lambda: len(manifests(s3, target)), 2)


def test_current_objects_of_a_prefix_by_week(s3, make_bucket, clock):
    bucket, target = make_bucket(versioned=True), make_bucket()
    destination = {"Bucket": f"arn:aws:s3:::{target}", "Format": "CSV", "Prefix": "lists"}
    put(
        s3,
        bucket,
        configuration(
            target,
            Filter={"Prefix": "in/"},
            IncludedObjectVersions="Current",
            Schedule={"Frequency": "Weekly"},
            Destination={"S3BucketDestination": destination},
        ),
    )
    for key in ("in/a", "in/b", "in/b", "in/c", "out"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"1")
    s3.delete_object(Bucket=bucket, Key="in/c")
    clock.advance(days=7)
    eventually(lambda: len(manifests(s3, target)), 1)
    [key] = manifests(s3, target)
    assert key.startswith("lists/")
    assert [row["Key"] for row in rows(s3, target, key)] == ["in/a", "in/b"]


def test_list_whose_destination_is_missing_does_not_hinder_the_next(s3, make_bucket, clock, account):
    bucket, target = make_bucket(), f"later-{account}"
    put(s3, bucket, configuration(target))
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    clock.advance(days=1)
    s3.create_bucket(Bucket=target)
    clock.advance(days=1)
    eventually(lambda: len(manifests(s3, target)) > 0, True)
