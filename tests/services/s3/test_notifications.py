"""Notifications: who is told of what, and when; what a configuration may not say."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from undercast.services.s3.events import Target, targets_overlap


def names(found):
    return [record["eventName"] for record in found]


def all_records(records):
    found = []
    while some := records():
        found += some
    return found


def test_all_that_happens_to_an_object(s3, versioned, notify, records):
    notify(versioned, "s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*", "s3:ObjectAcl:Put")
    first = s3.put_object(Bucket=versioned, Key="k", Body=b"1", Tagging="a=b")["VersionId"]
    s3.delete_object_tagging(Bucket=versioned, Key="k")
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    s3.delete_object(Bucket=versioned, Key="k", VersionId=marker)
    s3.delete_objects(Bucket=versioned, Delete={"Objects": [{"Key": "k", "VersionId": first}]})
    upload = s3.create_multipart_upload(Bucket=versioned, Key="big")["UploadId"]
    etag = s3.upload_part(Bucket=versioned, Key="big", UploadId=upload, PartNumber=1, Body=b"x")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    s3.complete_multipart_upload(Bucket=versioned, Key="big", UploadId=upload, MultipartUpload=parts)
    found = all_records(records)
    assert names(found) == [
        "ObjectCreated:Put",
        "ObjectTagging:Delete",
        "ObjectRemoved:DeleteMarkerCreated",
        "ObjectRemoved:Delete",
        "ObjectRemoved:Delete",
        "ObjectCreated:CompleteMultipartUpload",
    ]
    told = [record["s3"]["object"] for record in found]
    assert [one.get("versionId") for one in told[:5]] == [first, first, marker, marker, first]
    assert told[2]["eTag"] == "d41d8cd98f00b204e9800998ecf8427e"
    assert set(told[4]) == {"key", "versionId", "sequencer"}
    sequencers = [one["sequencer"] for one in told if "sequencer" in one]
    assert sequencers == sorted(sequencers)


def test_nobody_is_told_of_what_did_not_happen(s3, bucket, notify, records):
    notify(bucket, "s3:ObjectCreated:*", "s3:ObjectRemoved:*")
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    with pytest.raises(ClientError):
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*")
    s3.delete_object(Bucket=bucket, Key="not there")
    assert names(all_records(records)) == ["ObjectCreated:Put"]


def test_event_is_there_when_the_upload_is_answered(s3, bucket, notify, sqs, queue):
    notify(bucket, "s3:ObjectCreated:*")
    sqs.purge_queue(QueueUrl=queue)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x" * 100_000)
    assert len(sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=0)["Messages"]) == 1


def test_queue_is_tried_when_it_becomes_a_destination(s3, bucket, notify, sqs, queue):
    notify(bucket, "s3:ObjectCreated:*")
    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    body = json.loads(message["Body"])
    assert (body["Service"], body["Event"], body["Bucket"]) == ("Amazon S3", "s3:TestEvent", bucket)
    assert set(body) == {"Service", "Event", "Time", "Bucket", "RequestId", "HostId"}


def test_only_keys_of_the_filter(s3, bucket, notify, records):
    rules = [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".jpg"}]
    notify(bucket, "s3:ObjectCreated:Put", Filter={"Key": {"FilterRules": rules}})
    for key in ("in/a.jpg", "in/a.png", "out/a.jpg"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    assert [record["s3"]["object"]["key"] for record in all_records(records)] == ["in/a.jpg"]


def test_destination_that_is_gone_does_not_hinder_an_upload(s3, bucket, notify, sqs, queue):
    notify(bucket, "s3:ObjectCreated:*")
    sqs.delete_queue(QueueUrl=queue)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_empty_configuration_ends_it(s3, bucket, notify, records):
    notify(bucket, "s3:ObjectCreated:*")
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert all_records(records) == []
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)


def test_call_of_the_first_days(s3, bucket, destination):
    one = {"Queue": destination, "Event": "s3:ObjectCreated:*"}
    s3.put_bucket_notification(Bucket=bucket, NotificationConfiguration={"QueueConfiguration": one})
    [kept] = s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]
    assert (kept["QueueArn"], kept["Events"]) == (destination, ["s3:ObjectCreated:*"])


CREATED, PUT, REMOVED = ["s3:ObjectCreated:*"], ["s3:ObjectCreated:Put"], ["s3:ObjectRemoved:*"]


def rules(**said):
    return {"Filter": {"Key": {"FilterRules": [{"Name": name, "Value": value} for name, value in said.items()]}}}


@pytest.mark.parametrize(
    ("one", "other", "text"),
    [
        ({"Events": CREATED}, {"Events": PUT}, "Configurations overlap."),
        ({"Events": CREATED, **rules(prefix="a")}, {"Events": PUT, **rules(prefix="ab")}, "ambiguously defined"),
        ({"Events": CREATED, **rules(suffix=".gz")}, {"Events": PUT, **rules(prefix="a")}, "ambiguously defined"),
    ],
)
def test_what_two_would_be_told_is_refused(s3, bucket, destination, one, other, text):
    queues = [{"QueueArn": destination, **one}, {"QueueArn": destination, **other}]
    with pytest.raises(ClientError, match=text) as error:
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"QueueConfigurations": queues}
        )
    assert error.value.response["Error"]["Code"] == "InvalidArgument"


@pytest.mark.parametrize(
    "other",
    [{"Events": REMOVED, **rules(prefix="a")}, {"Events": CREATED, **rules(prefix="b")}, {"Events": CREATED, **rules(prefix="a", suffix=".x")}],
)  # fmt: skip
def test_what_only_one_is_told_is_allowed(s3, bucket, destination, other):
    queues = [
        {"QueueArn": destination, "Events": CREATED, **rules(prefix="a", suffix=".gz")},
        {"QueueArn": destination, **other},
    ]
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"QueueConfigurations": queues})


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"Events": ["s3:Nothing"]}, "The event is not supported for notifications"),
        (rules(middle="x"), "filter rule name must be either prefix or suffix"),
        (rules(prefix="x" * 1025), "Size of filter rule value cannot exceed 1024 bytes"),
        ({"Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "a"}] * 2}}}, "more than one prefix rule"),
        ({"QueueArn": "arn:aws:sns:us-east-1:111111111111:topic"}, "The ARN is not well formed"),
        ({"QueueArn": "arn:aws:sqs:us-east-1:111111111111:queue.fifo"}, "FIFO SQS queues are not supported."),
        ({"QueueArn": "arn:aws:sqs:eu-west-1:111111111111:queue"}, "Unable to validate the following destination"),
    ],
)
def test_configuration_that_is_refused(s3, bucket, destination, change, text):
    one = {"QueueArn": destination, "Events": CREATED, **change}
    with pytest.raises(ClientError, match=text):
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [one]}
        )
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)


some_text = st.text("ab", max_size=3)
some_target = st.builds(
    Target,
    arn=st.just(""),
    id=st.just(""),
    events=st.tuples(st.sampled_from([*CREATED, *PUT, *REMOVED, "s3:ObjectCreated:Copy"])),
    prefix=some_text,
    suffix=some_text,
)
some_name = st.sampled_from(["ObjectCreated:Put", "ObjectCreated:Copy", "ObjectRemoved:Delete"])


@given(some_target, some_target, some_name, st.text("ab", max_size=6))
def test_a_change_that_two_want_is_an_overlap(one, other, name, key):
    if one.wants(name, key) and other.wants(name, key):
        assert targets_overlap(one, other)


@pytest.fixture
def bus(aws, s3, bucket):
    """What EventBridge is told of the bucket."""
    events, sqs = aws("events"), aws("sqs")
    url = sqs.create_queue(QueueName="bus")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="rule", EventPattern=json.dumps({"source": ["aws.s3"]}))
    events.put_targets(Rule="rule", Targets=[{"Id": "queue", "Arn": arn}])
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})

    def receive(count):
        found = []
        while len(found) < count:
            answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=10)
            found += [json.loads(message["Body"]) for message in answer["Messages"]]
        return {event["detail-type"]: event["detail"] for event in found}

    return receive


def test_eventbridge_has_words_of_its_own(s3, bucket, bus, account):
    s3.put_object(Bucket=bucket, Key="a b", Body=b"1", StorageClass="GLACIER")
    s3.put_object_tagging(Bucket=bucket, Key="a b", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.restore_object(Bucket=bucket, Key="a b", RestoreRequest={"Days": 1})
    s3.delete_object(Bucket=bucket, Key="a b")
    told = bus(4)
    assert set(told) == {"Object Created", "Object Tags Added", "Object Restore Initiated", "Object Deleted"}
    assert {detail["object"]["key"] for detail in told.values()} == {"a b"}
    assert told["Object Created"]["requester"] == account
    assert told["Object Restore Initiated"]["source-storage-class"] == "GLACIER"
    assert told["Object Deleted"]["deletion-type"] == "Permanently Deleted"
    assert told["Object Deleted"]["reason"] == "DeleteObject"
