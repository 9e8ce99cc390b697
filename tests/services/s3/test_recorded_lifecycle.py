"""Lifecycle: configurations that are refused, and what objects say of their expiry, as AWS answered."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from tests.recorded import recorded

from .answers import attempt, whole

RULE = {"ID": "rule", "Status": "Enabled", "Filter": {"Prefix": ""}}
TAG, OTHER = {"Key": "testlifecycle", "Value": "positive"}, {"Key": "testlifecycletwo", "Value": "positive-two"}


def put_rules(s3, bucket, *rules):
    return attempt(s3.put_bucket_lifecycle_configuration, Bucket=bucket, LifecycleConfiguration={"Rules": list(rules)})


def shown(answer):
    """Without the days, which were recorded as a word."""
    for rule in answer["Rules"]:
        assert rule["Expiration"].pop("Days")
        rule["Expiration"] = "<expiration>"
    return answer


@pytest.mark.parametrize(
    ("step", "rule"),
    [
        ("missing-filter", {"ID": "rule", "Status": "Enabled", "Expiration": {"Days": 1}}),
        ("missing-noncurrent-version-expiration-data", {**RULE, "NoncurrentVersionExpiration": {}}),
        (
            "wrong-filter-and-plus-prefix",
            {
                **RULE,
                "Expiration": {"Days": 1},
                "Filter": {"And": {"Prefix": "a", "Tags": [TAG]}, "Prefix": "b"},
            },
        ),
        (
            "wrong-filter-and-and-object-size",
            {
                **RULE,
                "Expiration": {"Days": 1},
                "Filter": {"And": {"Prefix": "a", "Tags": [TAG]}, "ObjectSizeGreaterThan": 500},
            },
        ),
        ("wrong-data-no-midnight", {**RULE, "Expiration": {"Date": datetime(2023, 1, 1, 2, 2, 2, tzinfo=UTC)}}),
        (
            "duplicate-tag-keys",
            {**RULE, "Expiration": {"Days": 1}, "Filter": {"And": {"Tags": [TAG, {**TAG, "Value": "other"}]}}},
        ),
        ("expired-delete-marker-and-days", {**RULE, "Expiration": {"Days": 1, "ExpiredObjectDeleteMarker": True}}),
    ],
)
def test_refused(s3, bucket, step, rule):
    recorded("s3::TestS3BucketLifecycle::test_put_bucket_lifecycle_conf_exc", "s3").check(
        step, put_rules(s3, bucket, rule)
    )


def test_sizes(s3, bucket):
    case = recorded("s3::TestS3BucketLifecycle::test_bucket_lifecycle_object_size_rules", "s3")
    rules = [
        {"ID": "rule_one", "Status": "Enabled", "Expiration": {"Days": 7}, "Filter": {"ObjectSizeGreaterThan": 20}},
        {"ID": "rule_two", "Status": "Enabled", "Expiration": {"Days": 8}, "Filter": {"ObjectSizeLessThan": 10}},
    ]
    put_rules(s3, bucket, *rules)
    case.check("get-bucket-lifecycle-conf", shown(s3.get_bucket_lifecycle_configuration(Bucket=bucket)))
    for step, size in (("match-rule-1", 22), ("match-rule-2", 9), ("no-match", 15)):
        answer = s3.put_object(Bucket=bucket, Key=step, Body=b"a" * size)
        case.check(f"put-object-{step}", answer, ("ETag", "ChecksumCRC32", "Expiration"))
        assert ("Expiration" in answer) == ("Expiration" in case.answers[f"put-object-{step}"])


def test_tags(s3, bucket):
    case = recorded("s3::TestS3BucketLifecycle::test_bucket_lifecycle_tag_rules", "s3")
    one = {"ID": "rule_one", "Status": "Enabled", "Expiration": {"Days": 7}, "Filter": {"Tag": TAG}}
    both = {"ID": "rule_two", "Status": "Enabled", "Expiration": {"Days": 5}, "Filter": {"And": {"Tags": [TAG, OTHER]}}}
    put_rules(s3, bucket, one, both)
    case.check("get-bucket-lifecycle-conf", shown(s3.get_bucket_lifecycle_configuration(Bucket=bucket)))
    tagged = "testlifecycle=positive"
    for step, tagging in (
        ("match-both-rules", f"{tagged}&testlifecycletwo=positive-two"),
        ("match-rule-1", tagged),
        ("no-match", "testlifecycle=negative"),
        ("no-tags", None),
    ):
        more = {"Tagging": tagging} if tagging else {}
        answer = s3.put_object(Bucket=bucket, Key=step, Body=b"test", **more)
        case.check(f"put-object-{step}", answer, ("Expiration",))
        read = whole(s3.get_object(Bucket=bucket, Key=step, ChecksumMode="ENABLED"))
        case.check(f"get-object-{step}", read, ("Expiration",))
        id = {"match-both-rules": "rule_two", "match-rule-1": "rule_one"}.get(step)
        assert answer.get("Expiration") == read.get("Expiration")
        assert bool(answer.get("Expiration")) == bool(id)
        if id:
            assert re.fullmatch(f'expiry-date="[A-Z].* 00:00:00 GMT", rule-id="{id}"', answer["Expiration"])
