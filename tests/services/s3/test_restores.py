"""Objects in the archive: they are read only while a restored copy is there."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from .test_lifecycle import eventually


@pytest.fixture
def archived(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"something", StorageClass="GLACIER")
    return {"Bucket": bucket, "Key": "k"}


def restore(s3, at, days=2, tier="Standard"):
    answer = s3.restore_object(**at, RestoreRequest={"Days": days, "GlacierJobParameters": {"Tier": tier}})
    return answer["ResponseMetadata"]["HTTPStatusCode"]


def state(s3, at):
    return s3.head_object(**at).get("Restore", "")


def listed(s3, at):
    page = s3.list_objects_v2(Bucket=at["Bucket"], OptionalObjectAttributes=["RestoreStatus"])
    return next(one for one in page["Contents"] if one["Key"] == at["Key"])["RestoreStatus"]


def test_archived_object_is_restored_for_some_days(s3, archived, clock):
    with pytest.raises(ClientError, match="not valid for the object's storage class") as error:
        s3.get_object(**archived)
    assert error.value.response["Error"]["StorageClass"] == "GLACIER"
    with pytest.raises(ClientError) as error:
        s3.copy_object(Bucket=archived["Bucket"], Key="copy", CopySource=archived)
    assert error.value.response["Error"]["Code"] == "ObjectNotInActiveTierError"
    assert restore(s3, archived) == 202
    assert listed(s3, archived) == {"IsRestoreInProgress": True}
    assert state(s3, archived) == 'ongoing-request="true"'
    with pytest.raises(ClientError) as error:
        restore(s3, archived)
    assert error.value.response["Error"]["Code"] == "RestoreAlreadyInProgress"
    clock.advance(hours=4)
    eventually(lambda: state(s3, archived)[:23], 'ongoing-request="false"')
    assert s3.get_object(**archived)["Body"].read() == b"something"
    assert listed(s3, archived)["RestoreExpiryDate"].hour == 0
    s3.copy_object(Bucket=archived["Bucket"], Key="copy", CopySource=archived)
    assert "Restore" not in s3.head_object(Bucket=archived["Bucket"], Key="copy")
    clock.advance(days=4)
    eventually(lambda: state(s3, archived), "")
    with pytest.raises(ClientError):
        s3.get_object(**archived)


def test_restored_copy_is_kept_for_longer(s3, archived, clock):
    restore(s3, archived, days=1)
    clock.advance(hours=4)
    eventually(lambda: state(s3, archived)[:23], 'ongoing-request="false"')
    first = state(s3, archived)
    assert restore(s3, archived, days=10) == 200
    assert state(s3, archived) != first
    clock.advance(days=5)
    assert s3.get_object(**archived)["Body"].read() == b"something"


@pytest.mark.parametrize(
    ("storage_class", "request_", "text"),
    [
        ("STANDARD", {"Days": 1}, "Restore is not allowed for the object's current storage class"),
        ("GLACIER", {"Days": 0}, "at least 1"),
        ("GLACIER", {}, "not well-formed"),
        ("GLACIER", {"Days": 1, "Tier": "Fast"}, "not well-formed"),
        ("DEEP_ARCHIVE", {"Days": 1, "Tier": "Expedited"}, "not supported by this storage class"),
        ("GLACIER", {"Type": "SELECT"}, "does not have Type of a restore"),
    ],
)
def test_restore_that_is_refused(s3, bucket, storage_class, request_, text):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", StorageClass=storage_class)
    with pytest.raises(ClientError, match=text):
        s3.restore_object(Bucket=bucket, Key="k", RestoreRequest=request_)
