"""Notifications: configurations, and the records that queues and topics got, as AWS answered."""

from __future__ import annotations

import json
import urllib.request

import pytest

from tests.recorded import recorded

from .answers import attempt

_IDS = ("sequencer", "x-amz-id-2", "x-amz-request-id")  # recorded as words of their own
_NOTIFICATIONS = "s3_notifications_sqs::TestS3NotificationsToSQS"


def case(name):
    return recorded(name, "s3")


def put(s3, bucket, **configuration):
    return attempt(
        s3.put_bucket_notification_configuration,
        Bucket=bucket,
        NotificationConfiguration={
            "QueueConfigurations": [{"Events": ["s3:ObjectCreated:*"], **one} for one in configuration.pop("queues")]
        },
        **configuration,
    )


def test_key_encoding(s3, bucket, notify, records):
    notify(bucket, "s3:ObjectCreated:*")
    s3.put_object(Bucket=bucket, Key="a@b", Body=b"something")
    case(f"{_NOTIFICATIONS}::test_key_encoding").check("receive_messages", {"messages": records()}, _IDS)


def test_copy(s3, bucket, notify, records):
    notify(bucket, "s3:ObjectCreated:Copy")
    s3.put_object(Bucket=bucket, Key="source", Body=b"something")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/source")
    case(f"{_NOTIFICATIONS}::test_object_created_copy").check("receive_messages", {"messages": records()}, _IDS)


def test_presigned_upload_in_two_regions(aws, s3, make_bucket, sqs, queue, notify, records):
    found = case(f"{_NOTIFICATIONS}::test_object_created_put_with_presigned_url_upload")
    first = make_bucket()
    notify(first, "s3:ObjectCreated:*")
    url = s3.generate_presigned_url("put_object", Params={"Bucket": first, "Key": "key-by-hostname"})
    with urllib.request.urlopen(urllib.request.Request(url, b"something", method="PUT")) as answer:
        assert answer.status == 200
    found.check("receive_messages", {"messages": records()}, _IDS)
    s3_west, sqs_west = aws("s3", region_name="us-west-2"), aws("sqs", region_name="us-west-2")
    second = f"{first}-west"
    s3_west.create_bucket(Bucket=second, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    url = sqs_west.create_queue(QueueName="west")["QueueUrl"]
    arn = sqs_west.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    s3_west.put_bucket_notification_configuration(
        Bucket=second,
        NotificationConfiguration={"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]},
    )
    s3_west.put_object(Bucket=second, Key="key-by-hostname", Body=b"something")
    bodies = [json.loads(m["Body"]) for m in sqs_west.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]]
    found.check("receive_messages_region_2", {"messages": [r for b in bodies for r in b.get("Records", ())]}, _IDS)


def test_tagging(s3, bucket, notify, records):
    notify(bucket, "s3:ObjectTagging:*")
    s3.put_object(Bucket=bucket, Key="key", Body=b"FooBarBlitz")
    s3.put_object_tagging(Bucket=bucket, Key="key", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    case(f"{_NOTIFICATIONS}::test_object_tagging_put_event").check(
        "receive_messages", {"messages": records()}, (*_IDS, "eTag")
    )


def test_restore(s3, bucket, notify, records, clock):
    notify(bucket, "s3:ObjectRestore:*")
    s3.put_object(Bucket=bucket, Key="my_key_restore", Body=b"something", StorageClass="GLACIER")
    s3.restore_object(
        Bucket=bucket, Key="my_key_restore", RestoreRequest={"Days": 1, "GlacierJobParameters": {"Tier": "Standard"}}
    )
    clock.advance(hours=5)
    found = records()
    while len(found) < 2:
        found += records()
    case(f"{_NOTIFICATIONS}::test_restore_object").check("receive_messages", {"messages": found}, _IDS)


def test_topic_with_filter(aws, s3, sqs, queue, destination, bucket):
    sns = aws("sns")
    topic = sns.create_topic(Name="topic")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=destination)
    one = {
        "TopicArn": topic,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "testupload/"}, {"Name": "suffix", "Value": "testfile.txt"}]}},
    }  # fmt: skip
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"TopicConfigurations": [one]})
    s3.put_object(Bucket=bucket, Key="testupload/dir1/testfile.txt", Body=b"x" * 35)
    s3.put_object(Bucket=bucket, Key="testupload/dir1/otherfile.txt", Body=b"x")
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    bodies = [json.loads(message["Body"]) for message in messages]
    assert [json.loads(body["Message"]).get("Event") for body in bodies] == ["s3:TestEvent", None]
    case("s3_notifications_sns::TestS3NotificationsToSns::test_bucket_notifications_with_filter").check(
        "message", bodies[1], (*_IDS, "eTag", "Signature", "SigningCertURL", "UnsubscribeURL")
    )


def test_eventbridge_in_two_regions(aws, s3, bucket):
    """Events come to the default bus of the bucket's region, from wherever an object is put."""
    case_ = case(
        "s3_notifications_eventbridge::TestS3NotificationsToEventBridge::test_object_created_put_in_different_region"
    )
    events, sqs = aws("events"), aws("sqs")
    url = sqs.create_queue(QueueName="events")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(
        Name="rule", EventPattern=json.dumps({"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}})
    )
    events.put_targets(Rule="rule", Targets=[{"Id": "queue", "Arn": arn}])
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    assert s3.get_bucket_notification_configuration(Bucket=bucket)["EventBridgeConfiguration"] == {}
    s3.put_object(Bucket=bucket, Key="key", Body=b"data")
    aws("s3", region_name="us-west-1").put_object(Bucket=bucket, Key="key", Body=b"data")
    found = []
    while len(found) < 2:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=10)
        found += [json.loads(message["Body"]) for message in answer["Messages"]]
    case_.check("object-created-different-regions", {"messages": found}, ("sequencer", "request-id"))


def test_names_of_filter_rules_in_any_case(s3, bucket, destination):
    rules = [{"Name": "PREFIX", "Value": "notif-"}, {"Name": "suffix", "Value": ".txt"}]
    s3.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "QueueConfigurations": [
                {
                    "QueueArn": destination.replace(":queue", ":my-queue-1"),
                    "Events": ["s3:ObjectCreated:*"],
                    "Filter": {"Key": {"FilterRules": rules}},
                }
            ]
        },
        SkipDestinationValidation=True,
    )
    case(f"{_NOTIFICATIONS}::test_filter_rules_case_insensitive").check(
        "bucket_notification_configuration", s3.get_bucket_notification_configuration(Bucket=bucket)
    )


def test_one_wrong_destination(s3, bucket, account):
    found = case(f"{_NOTIFICATIONS}::test_invalid_sqs_arn")
    missing = {"QueueArn": f"arn:aws:sqs:us-east-1:{account}:my-queue", "Id": "id123"}
    wrong = {"QueueArn": "invalid-queue"}
    found.check("invalid_not_skip", put(s3, bucket, queues=[wrong], SkipDestinationValidation=False))
    found.check("invalid_skip", put(s3, bucket, queues=[wrong], SkipDestinationValidation=True))
    found.check("queue-does-not-exist", put(s3, bucket, queues=[missing], SkipDestinationValidation=False))
    put(s3, bucket, queues=[missing], SkipDestinationValidation=True)
    found.check("skip_destination_validation", s3.get_bucket_notification_configuration(Bucket=bucket))


def test_several_wrong_destinations(s3, bucket, account):
    found = case(f"{_NOTIFICATIONS}::test_multiple_invalid_sqs_arns")
    first, second = {"QueueArn": "invalid_arn"}, {"QueueArn": "invalid_arn_2", "Events": ["s3:ObjectRemoved:*"]}
    found.check("two-queue-arns-invalid", put(s3, bucket, queues=[first, second]))
    arn = f"arn:aws:sqs:us-east-1:{account}:my-queue"
    missing, other = {"QueueArn": arn}, {"QueueArn": f"{arn}-2", "Events": ["s3:ObjectRemoved:*"]}
    found.check("one-queue-invalid-one-not-existent", put(s3, bucket, queues=[missing, second]))
    found.check("multiple-queues-do-not-exist", put(s3, bucket, queues=[missing, other]))


@pytest.mark.parametrize(
    ("step", "rule"),
    [
        ("invalid-rule-no-name", {"Value": "x"}),
        ("invalid-rule-no-value", {"Name": "prefix"}),
        ("invalid-rule-no-values", {}),
    ],
)
def test_rule_that_lacks_something(s3, bucket, destination, step, rule):
    answer = put(s3, bucket, queues=[{"QueueArn": destination, "Filter": {"Key": {"FilterRules": [rule]}}}])
    name = "TestS3BucketNotificationConfiguration::test_bucket_notification_with_missing_values_in_rule"
    case(f"s3_api::{name}").check(step, answer)
