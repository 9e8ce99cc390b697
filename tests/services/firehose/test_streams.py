"""Delivery streams: made, described, changed, listed, deleted."""

from __future__ import annotations

import json

import pytest

from tests.services.firehose.conftest import ROLE


def test_what_describe_tells(firehose, stream, bucket, account):
    stream("one", Prefix="logs/")
    shown = firehose.describe_delivery_stream(DeliveryStreamName="one")["DeliveryStreamDescription"]
    assert shown["DeliveryStreamARN"] == f"arn:aws:firehose:us-east-1:{account}:deliverystream/one"
    assert (shown["DeliveryStreamStatus"], shown["DeliveryStreamType"], shown["VersionId"]) == ("ACTIVE", "DirectPut", "1")  # fmt: skip
    assert shown["DeliveryStreamEncryptionConfiguration"] == {"Status": "DISABLED"}
    assert shown["HasMoreDestinations"] is False
    (destination,) = shown["Destinations"]
    assert destination["DestinationId"] == "destinationId-000000000001"
    plain = {
        "RoleARN": ROLE,
        "BucketARN": bucket,
        "Prefix": "logs/",
        "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 300},
        "CompressionFormat": "UNCOMPRESSED",
        "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
        "CloudWatchLoggingOptions": {"Enabled": False},
    }
    assert destination["S3DestinationDescription"] == plain
    assert destination["ExtendedS3DestinationDescription"] == {**plain, "S3BackupMode": "Disabled"}


def test_plain_s3_is_shown_both_ways(firehose, bucket):
    firehose.create_delivery_stream(
        DeliveryStreamName="plain", S3DestinationConfiguration={"RoleARN": ROLE, "BucketARN": bucket}
    )
    shown = firehose.describe_delivery_stream(DeliveryStreamName="plain")["DeliveryStreamDescription"]
    assert {"S3DestinationDescription", "ExtendedS3DestinationDescription"} < shown["Destinations"][0].keys()


def test_names_are_unique_until_deleted(firehose, stream, refused, bucket, account):
    stream("one")
    settings = {"RoleARN": ROLE, "BucketARN": bucket}
    again = {"DeliveryStreamName": "one", "ExtendedS3DestinationConfiguration": settings}
    error = ("ResourceInUseException", f"Firehose one under accountId {account} already exists")
    assert refused(firehose.create_delivery_stream, **again) == error
    firehose.delete_delivery_stream(DeliveryStreamName="one")
    gone = ("ResourceNotFoundException", f"Firehose one under account {account} not found.")
    assert refused(firehose.describe_delivery_stream, DeliveryStreamName="one") == gone
    assert refused(firehose.delete_delivery_stream, DeliveryStreamName="one") == gone
    firehose.create_delivery_stream(**again)


def test_list_goes_on_after_a_name(firehose, stream):
    for number in range(12):
        stream(f"stream-{number:02d}")
    first = firehose.list_delivery_streams()
    assert (len(first["DeliveryStreamNames"]), first["HasMoreDeliveryStreams"]) == (10, True)
    rest = firehose.list_delivery_streams(ExclusiveStartDeliveryStreamName=first["DeliveryStreamNames"][-1])
    assert rest["DeliveryStreamNames"] == ["stream-10", "stream-11"]
    assert rest["HasMoreDeliveryStreams"] is False
    assert firehose.list_delivery_streams(DeliveryStreamType="KinesisStreamAsSource")["DeliveryStreamNames"] == []


def test_update_merges_and_makes_a_version(firehose, stream, refused):
    stream("one", Prefix="before/", CompressionFormat="GZIP")
    update = {
        "DeliveryStreamName": "one",
        "CurrentDeliveryStreamVersionId": "1",
        "DestinationId": "destinationId-000000000001",
        "ExtendedS3DestinationUpdate": {"Prefix": "after/"},
    }
    firehose.update_destination(**update)
    shown = firehose.describe_delivery_stream(DeliveryStreamName="one")["DeliveryStreamDescription"]
    settings = shown["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert (shown["VersionId"], settings["Prefix"], settings["CompressionFormat"]) == ("2", "after/", "GZIP")
    code, message = refused(firehose.update_destination, **update)
    assert code == "ConcurrentModificationException"
    assert "current version id: 2 and specified version id: 1 do not match" in message
    wrong = {**update, "CurrentDeliveryStreamVersionId": "2", "DestinationId": "other"}
    assert refused(firehose.update_destination, **wrong)[0] == "InvalidArgumentException"


def test_exactly_one_destination(firehose, refused, bucket):
    settings = {"RoleARN": ROLE, "BucketARN": bucket}
    text = "Exactly one destination configuration is supported for a Firehose"
    assert refused(firehose.create_delivery_stream, DeliveryStreamName="none") == ("InvalidArgumentException", text)
    both = {"S3DestinationConfiguration": settings, "ExtendedS3DestinationConfiguration": settings}
    assert refused(firehose.create_delivery_stream, DeliveryStreamName="two", **both)[1] == text


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"Prefix": "!{timestamp:yyyy}/"}, "ErrorOutputPrefix must be specified"),
        ({"Prefix": "!{firehose:error-output-type}/", "ErrorOutputPrefix": "e/"}, "invalid expression"),
        ({"Prefix": "!{timestamp:bb}/", "ErrorOutputPrefix": "e/"}, "invalid timestamp expression"),
        ({"ErrorOutputPrefix": "!{firehose:error-output-type}/"}, "when Prefix is null"),
        ({"Prefix": "a/", "ErrorOutputPrefix": "!{timestamp:yyyy}/"}, "error-output-type"),
        ({"Prefix": "!{partitionKeyFromQuery:a}/", "ErrorOutputPrefix": "e/"}, "Dynamic Partitioning is enabled"),
        ({"CustomTimeZone": "Middle/Earth"}, "time zone"),
        ({"S3BackupMode": "Enabled"}, "S3BackupConfiguration"),
        ({"DynamicPartitioningConfiguration": {"Enabled": True}, "BufferingHints": {"SizeInMBs": 5}}, "at least 64"),
    ],
)
def test_settings_that_cannot_be(stream, refused, settings, words):
    code, message = refused(stream, **settings)
    assert code == "InvalidArgumentException"
    assert words in message


def test_destinations_that_are_not_here(firehose, refused, bucket):
    redshift = {
        "RoleARN": ROLE,
        "ClusterJDBCURL": "jdbc:redshift://cluster.x.us-east-1.redshift.amazonaws.com:5439/db",
        "CopyCommand": {"DataTableName": "t"},
        "S3Configuration": {"RoleARN": ROLE, "BucketARN": bucket},
    }
    error = refused(firehose.create_delivery_stream, DeliveryStreamName="x", RedshiftDestinationConfiguration=redshift)
    assert error == ("NotImplemented", "Undercast's Firehose does not deliver to Redshift yet.")


def test_tags(firehose, stream, refused):
    stream("one")
    tags = [{"Key": f"key-{number:02d}", "Value": str(number)} for number in range(50)]
    firehose.tag_delivery_stream(DeliveryStreamName="one", Tags=tags)
    shown = firehose.list_tags_for_delivery_stream(DeliveryStreamName="one", Limit=2, ExclusiveStartTagKey="key-03")
    assert shown["Tags"] == tags[4:6]
    assert shown["HasMoreTags"] is True
    over = [{"Key": "more", "Value": ""}]
    assert refused(firehose.tag_delivery_stream, DeliveryStreamName="one", Tags=over)[0] == "LimitExceededException"
    firehose.untag_delivery_stream(DeliveryStreamName="one", TagKeys=[tag["Key"] for tag in tags[1:]])
    assert firehose.list_tags_for_delivery_stream(DeliveryStreamName="one")["Tags"] == tags[:1]


def test_encryption_seals_what_waits(aws, firehose, stream, put, flushed, objects, undercast, refused, account):
    key = aws("kms").create_key()["KeyMetadata"]["Arn"]
    stream("one")
    firehose.start_delivery_stream_encryption(
        DeliveryStreamName="one",
        DeliveryStreamEncryptionConfigurationInput={"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": key},
    )
    shown = firehose.describe_delivery_stream(DeliveryStreamName="one")["DeliveryStreamDescription"]
    assert shown["DeliveryStreamEncryptionConfiguration"] == {
        "KeyARN": key, "KeyType": "CUSTOMER_MANAGED_CMK", "Status": "ENABLED",
    }  # fmt: skip
    assert put("one", b"a secret to keep")["Encrypted"] is True
    held = undercast.run(undercast.platform.store.scan("SELECT data FROM firehose_records WHERE account = ?", account))
    assert held and not any(b"secret" in bytes(row[0]) for row in held)
    aws("kms").disable_key(KeyId=key)
    code, _ = refused(firehose.put_record, DeliveryStreamName="one", Record={"Data": b"more"})
    assert code == "InvalidKMSResourceException"
    aws("kms").enable_key(KeyId=key)
    firehose.stop_delivery_stream_encryption(DeliveryStreamName="one")
    assert put("one", b", and one to tell")["Encrypted"] is False
    flushed()
    assert list(objects().values()) == [b"a secret to keep, and one to tell"]


def test_a_role_that_is_there_must_trust_firehose(aws, stream, refused, bucket):
    iam = aws("iam")

    def trust(service):
        return json.dumps({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
        })  # fmt: skip

    role = iam.create_role(RoleName="deliver", AssumeRolePolicyDocument=trust("lambda.amazonaws.com"))["Role"]["Arn"]
    text = f"Firehose is unable to assume role {role}. Please check the role provided."
    assert refused(stream, RoleARN=role) == ("InvalidArgumentException", text)
    iam.update_assume_role_policy(RoleName="deliver", PolicyDocument=trust("firehose.amazonaws.com"))
    stream(RoleARN=role)
