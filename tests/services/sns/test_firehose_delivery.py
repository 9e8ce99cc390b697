"""Topics that deliver to Firehose."""

from __future__ import annotations

import json

import pytest

ROLE = "arn:aws:iam::111111111111:role/sns"


@pytest.fixture
def stream(aws, account):
    """The ARN of a delivery stream that delivers to the bucket `archive-…` at once."""
    aws("s3").create_bucket(Bucket=f"archive-{account}")
    made = aws("firehose").create_delivery_stream(
        DeliveryStreamName="archive",
        ExtendedS3DestinationConfiguration={
            "RoleARN": "arn:aws:iam::111111111111:role/firehose",
            "BucketARN": f"arn:aws:s3:::archive-{account}",
        },
    )
    return made["DeliveryStreamARN"]


@pytest.fixture
def archived(aws, account, clock, settle):
    """The lines that were archived."""

    def read():
        clock.advance(minutes=15)
        settle()
        s3, bucket = aws("s3"), f"archive-{account}"
        keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]
        return b"".join(s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys).splitlines()

    return read


def test_notifications_are_archived(sns, topic, stream, subscribe, archived):
    arn = subscribe(topic, stream, "firehose", SubscriptionRoleArn=ROLE)
    shown = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert (shown["SubscriptionRoleArn"], shown["PendingConfirmation"]) == (ROLE, "false")
    attribute = {"k": {"DataType": "String", "StringValue": "v"}}
    first = sns.publish(TopicArn=topic, Message="one", Subject="hello", MessageAttributes=attribute)["MessageId"]
    sns.publish(TopicArn=topic, Message="two")
    one, two = map(json.loads, archived())
    timestamp, url = one.pop("Timestamp"), one.pop("UnsubscribeURL")
    assert one == {
        "Type": "Notification",
        "MessageId": first,
        "TopicArn": topic,
        "Subject": "hello",
        "Message": "one",
        "MessageAttributes": {"k": {"Type": "String", "Value": "v"}},
    }
    assert timestamp.endswith("Z") and url.endswith(arn)
    assert two["Message"] == "two" and "Subject" not in two


def test_raw_messages(sns, topic, stream, subscribe, archived):
    subscribe(topic, stream, "firehose", SubscriptionRoleArn=ROLE, RawMessageDelivery="true")
    sns.publish(TopicArn=topic, Message="one")
    sns.publish(TopicArn=topic, Message="two")
    assert archived() == [b"one", b"two"]


def test_what_a_stream_does_not_take_is_a_dead_letter(aws, sns, topic, stream, subscribe, listener):
    policy = json.dumps({"deadLetterTargetArn": listener.arn})
    subscribe(topic, stream, "firehose", SubscriptionRoleArn=ROLE, RedrivePolicy=policy, RawMessageDelivery="true")
    aws("firehose").delete_delivery_stream(DeliveryStreamName="archive")
    sns.publish(TopicArn=topic, Message="lost")
    assert listener.bodies() == ["lost"]


def test_what_is_needed_to_subscribe(sns, topic, stream, refused, listener):
    wanted = {"TopicArn": topic, "Protocol": "firehose", "Endpoint": stream}
    code, message = refused(sns.subscribe, **wanted)
    assert code == "InvalidParameter" and "SubscriptionRoleArn" in message
    wanted["Attributes"] = {"SubscriptionRoleArn": "no role"}
    assert "SubscriptionRoleArn" in refused(sns.subscribe, **wanted)[1]
    wanted["Attributes"] = {"SubscriptionRoleArn": ROLE}
    assert (
        refused(sns.subscribe, **{**wanted, "Endpoint": listener.arn})[1] == "Invalid parameter: Firehose endpoint ARN"
    )
    other = {
        "TopicArn": topic,
        "Protocol": "sqs",
        "Endpoint": listener.arn,
        "Attributes": {"SubscriptionRoleArn": ROLE},
    }
    assert refused(sns.subscribe, **other)[0] == "InvalidParameter"
