"""Server access logs, and who pays: what acts, and what is refused."""

from __future__ import annotations

import json
import re

import pytest
from botocore.exceptions import ClientError

from tests.recorded import recorded

from .answers import attempt
from .test_lifecycle import eventually


def log(s3, bucket, target, **more):
    wanted = {"TargetBucket": target, "TargetPrefix": "logs/", **more}
    return attempt(s3.put_bucket_logging, Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": wanted})


def logged(s3, target):
    """All lines that were delivered."""
    found = s3.list_objects_v2(Bucket=target).get("Contents", ())
    return "".join(s3.get_object(Bucket=target, Key=one["Key"])["Body"].read().decode() for one in found).splitlines()


def count_later(s3, target, clock):
    """How many lines are delivered: each is written after its request was answered, and delivered within five minutes."""
    clock.advance(minutes=6)
    return len(logged(s3, target))


FORM = re.compile(r'([0-9a-f]{64}) (\S+) \[(.*?)\] (\S+) (\S+) (\S+) (\S+) (\S+) "(.*?)" (\d+) (\S+) (\S+) (\S+) (\d+) (\d+) "(.*?)" "(.*?)" (\S+) (\S+) (\S+) (\S+) (\S+) (\S+) (\S+) (\S+) (\S+)')  # fmt: skip


def test_requests_are_logged_in_the_target_bucket(s3, make_bucket, clock):
    bucket, target = make_bucket(), make_bucket()
    log(s3, bucket, target)
    s3.put_object(Bucket=bucket, Key="a b", Body=b"12345")
    s3.get_object(Bucket=bucket, Key="a b", Range="bytes=1-2")["Body"].read()
    attempt(s3.get_object, Bucket=bucket, Key="nothing")
    attempt(s3.get_bucket_tagging, Bucket=bucket)
    s3.put_object(Bucket=target, Key="a-request-to-the-target", Body=b"")
    s3.delete_object(Bucket=target, Key="a-request-to-the-target")
    eventually(lambda: count_later(s3, target, clock), 4)
    found = [FORM.fullmatch(line) for line in logged(s3, target)]
    assert all(found)
    assert {f[2] for f in found} == {bucket}
    assert sorted((f[7], f[8], f[10], f[11]) for f in found) == [
        ("REST.GET.OBJECT", "a+b", "206", "-"),
        ("REST.GET.OBJECT", "nothing", "404", "NoSuchKey"),
        ("REST.GET.TAGGING", "-", "404", "NoSuchTagSet"),
        ("REST.PUT.OBJECT", "a+b", "200", "-"),
    ]
    sizes = {(f[7], f[8]): (f[12], f[13]) for f in found}
    assert sizes["REST.GET.OBJECT", "a+b"] == ("2", "5")
    assert sizes["REST.PUT.OBJECT", "a+b"] == ("-", "5")


def test_partitioned_names(s3, make_bucket, account, clock):
    bucket, target = make_bucket(), make_bucket()
    log(s3, bucket, target, TargetObjectKeyFormat={"PartitionedPrefix": {"PartitionDateSource": "DeliveryTime"}})
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    eventually(lambda: count_later(s3, target, clock), 1)
    [found] = s3.list_objects_v2(Bucket=target)["Contents"]
    assert re.fullmatch(
        rf"logs/{account}/us-east-1/{bucket}/\d{{4}}/\d\d/\d\d/[\d-]{{19}}-[0-9A-F]{{16}}", found["Key"]
    )


def test_logging_ends(s3, make_bucket, clock):
    bucket, target = make_bucket(), make_bucket()
    log(s3, bucket, target)
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]["TargetBucket"] == target
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)


def test_target_that_is_not_there(s3, bucket):
    answer = log(s3, bucket, "nobody-has-this-bucket")
    assert answer["Error"]["Code"] == "InvalidTargetBucketForLogging"
    assert log(s3, bucket, bucket, TargetGrants=[{"Permission": "READ"}])["Error"]["Code"] == "NotImplemented"


def test_target_in_another_region(aws, s3, make_bucket):
    """test_put_bucket_logging_cross_locations"""
    case = recorded("s3::TestS3BucketLogging::test_put_bucket_logging_cross_locations", "s3")
    home = make_bucket()
    buckets = {}
    for region in ("us-west-2", "eu-central-1"):
        buckets[region] = f"{home}-{region}"
        client = aws("s3", region_name=region)
        client.create_bucket(Bucket=buckets[region], CreateBucketConfiguration={"LocationConstraint": region})
    west = aws("s3", region_name="us-west-2")
    case.check("put-bucket-logging-different-regions", log(west, buckets["us-west-2"], buckets["eu-central-1"]))
    case.check("put-bucket-logging-cross-us-east-1", log(s3, home, buckets["eu-central-1"]))


def test_payer(aws, s3, bucket):
    """test_s3_request_payer"""
    case = recorded("s3::TestS3::test_s3_request_payer", "s3")
    wanted = {"Payer": "Requester"}
    answer = s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration=wanted)
    case.check("put-bucket-request-payment", answer)
    case.check("get-bucket-request-payment", s3.get_bucket_request_payment(Bucket=bucket))
    with pytest.raises(ClientError, match="not well-formed"):
        s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Nobody"})


def test_other_accounts_must_say_that_they_pay(aws, s3, bucket):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    other = aws("s3", account="999999999999")
    with pytest.raises(ClientError) as error:
        other.get_object(Bucket=bucket, Key="k")
    assert error.value.response["Error"]["Code"] == "AccessDenied"
    assert other.get_object(Bucket=bucket, Key="k", RequestPayer="requester")["Body"].read() == b"x"
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


@pytest.mark.parametrize(
    ("step", "status"),
    [("put-bucket-accelerate-config-lowercase", "enabled"), ("put-bucket-accelerate-config-random", "random")],
)
def test_acceleration_that_is_refused(s3, bucket, step, status):
    """test_bucket_acceleration_configuration_exc"""
    case = recorded("s3_api::TestS3BucketAccelerateConfiguration::test_bucket_acceleration_configuration_exc", "s3")
    wanted = {"Status": status}
    case.check(step, attempt(s3.put_bucket_accelerate_configuration, Bucket=bucket, AccelerateConfiguration=wanted))


def test_acceleration(s3, bucket):
    case = recorded("s3_api::TestS3BucketAccelerateConfiguration::test_bucket_acceleration_configuration_exc", "s3")
    dotted, wanted = f"{bucket}.dot", {"Status": "Enabled"}
    s3.create_bucket(Bucket=dotted)
    answer = attempt(s3.put_bucket_accelerate_configuration, Bucket=dotted, AccelerateConfiguration=wanted)
    case.check("put-bucket-accelerate-config-dot-bucket", answer)
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket)
    s3.put_bucket_accelerate_configuration(Bucket=bucket, AccelerateConfiguration=wanted)
    assert s3.get_bucket_accelerate_configuration(Bucket=bucket)["Status"] == "Enabled"
