"""Records: taken, refused, buffered by size and time."""

from __future__ import annotations

import re
from datetime import timedelta

from undercast.pytest_plugin import InProcessPlatform

MB = 1024 * 1024


def test_records_of_a_buffer_become_one_object(firehose, stream, put, clock, settle, objects):
    stream("one")
    clock.stop()
    answer = firehose.put_record(DeliveryStreamName="one", Record={"Data": b"first,"})
    assert len(answer["RecordId"]) == 224
    assert answer["Encrypted"] is False
    batch = put("one", b"second,", b"third")
    assert (batch["FailedPutCount"], len(batch["RequestResponses"])) == (0, 2)
    clock.advance(seconds=299)
    settle()
    assert objects() == {}
    clock.advance(seconds=1)
    settle()
    ((key, data),) = objects().items()
    assert data == b"first,second,third"
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\d\d/one-1-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d-[0-9a-f-]{36}", key)


def test_a_full_buffer_does_not_wait(stream, put, settle, objects, flushed):
    stream("one", BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 900})
    put("one", b"x" * 600_000)
    put("one", b"y" * 600_000)
    put("one", b"z")
    settle()
    assert [len(data) for data in objects().values()] == [1_200_000]
    flushed()
    assert sorted(len(data) for data in objects().values()) == [1, 1_200_000]


def test_no_interval_means_at_once(stream, put, settle, objects):
    stream("one", BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 0})
    put("one", b"now")
    settle()
    assert list(objects().values()) == [b"now"]


def test_what_is_too_large(firehose, stream, refused, put):
    stream("one")
    code, message = refused(firehose.put_record, DeliveryStreamName="one", Record={"Data": b"x" * 1_024_001})
    assert code == "ValidationException"
    assert "Member must have length less than or equal to 1024000" in message
    assert refused(firehose.put_record_batch, DeliveryStreamName="one", Records=[{"Data": b""}] * 501)[0] == "ValidationException"  # fmt: skip
    too_much = [{"Data": b"x" * 1_000_000}] * 5
    error = refused(firehose.put_record_batch, DeliveryStreamName="one", Records=too_much)
    assert error == ("InvalidArgumentException", "Records size exceeds 4 MB limit")


def test_no_such_stream(firehose, refused, account):
    error = refused(firehose.put_record, DeliveryStreamName="none", Record={"Data": b""})
    assert error == ("ResourceNotFoundException", f"Firehose none under account {account} not found.")


def test_a_deleted_stream_delivers_nothing(firehose, stream, put, flushed, objects, undercast, account):
    stream("one")
    put("one", b"lost")
    firehose.delete_delivery_stream(DeliveryStreamName="one")
    stream("one")
    flushed()
    assert objects() == {}
    held = undercast.platform.store.scan("SELECT id FROM firehose_records WHERE account = ?", account)
    assert undercast.run(held) == []


def test_records_outlive_the_process(tmp_path, aws):
    before = InProcessPlatform(data=tmp_path)
    client = aws("firehose", endpoint_url=before.url)
    aws("s3", endpoint_url=before.url).create_bucket(Bucket="bucket")
    settings = {"RoleARN": "arn:aws:iam::111111111111:role/x", "BucketARN": "arn:aws:s3:::bucket"}
    client.create_delivery_stream(DeliveryStreamName="one", ExtendedS3DestinationConfiguration=settings)
    client.put_record(DeliveryStreamName="one", Record={"Data": b"kept"})
    before.close()
    after = InProcessPlatform(data=tmp_path)
    try:
        after.advance(timedelta(minutes=5))
        after.run(after.platform.jobs.idle())
        s3 = aws("s3", endpoint_url=after.url)
        (found,) = s3.list_objects_v2(Bucket="bucket")["Contents"]
        assert s3.get_object(Bucket="bucket", Key=found["Key"])["Body"].read() == b"kept"
    finally:
        after.close()
