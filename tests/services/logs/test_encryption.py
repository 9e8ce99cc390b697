"""Log groups with a key of KMS."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def stored(undercast, account):
    """The messages as the database has them."""

    def read():
        rows = undercast.run(
            undercast.platform.store.scan("SELECT message FROM logs_events WHERE account = ? ORDER BY at", account)
        )
        return [message for (message,) in rows]

    return read


def read(logs, group, stream="one"):
    answer = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)
    return [event["message"] for event in answer["events"]]


def test_what_comes_in_is_sealed_from_then_on_and_read_as_it_was(logs, group, stream, put, now, key, stored):
    put("before", at=now)
    logs.associate_kms_key(logGroupName=group, kmsKeyId=key)
    assert logs.describe_log_groups()["logGroups"][0]["kmsKeyId"] == key
    put("secret é", "secret 2", at=now + 10)
    logs.disassociate_kms_key(logGroupName=group)
    assert "kmsKeyId" not in logs.describe_log_groups()["logGroups"][0]
    put("after", at=now + 20)
    first, *sealed, last = stored()
    assert (first, last) == ("before", "after")
    assert len(set(sealed)) == 2 and not any("secret" in message for message in sealed)
    assert read(logs, group) == ["before", "secret é", "secret 2", "after"]
    found = logs.filter_log_events(logGroupName=group, filterPattern="secret")["events"]
    assert [event["message"] for event in found] == ["secret é", "secret 2"]


def test_a_group_that_is_made_with_a_key(logs, now, key, stored):
    logs.create_log_group(logGroupName="g", kmsKeyId=key)
    logs.create_log_stream(logGroupName="g", logStreamName="one")
    event = {"timestamp": now, "message": "secret"}
    logs.put_log_events(logGroupName="g", logStreamName="one", logEvents=[event])
    assert "secret" not in stored()[0]
    assert read(logs, "g") == ["secret"]


def test_bytes_are_counted_as_they_came_in(logs, group, stream, put, now, key, clock, undercast):
    logs.associate_kms_key(logGroupName=group, kmsKeyId=key)
    put("é" * 100, at=now)
    assert logs.describe_log_groups()["logGroups"][0]["storedBytes"] == 226
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    clock.advance(days=2)
    undercast.run(undercast.platform.jobs.idle())
    assert logs.describe_log_groups()["logGroups"][0]["storedBytes"] == 0


def test_keys_that_cannot_be_used(logs, kms, group, stream, put, key, account):
    """The code and text of an unknown key are as users report them; that of a disabled one is documented, its text KMS's."""
    unknown = f"arn:aws:kms:us-east-1:{account}:key/00000000-0000-0000-0000-000000000000"
    said = (
        "The specified KMS key does not exist or is not allowed to be used with Arn "
        f"'arn:aws:logs:us-east-1:{account}:log-group:{group}'"
    )
    with pytest.raises(ClientError, match="AccessDeniedException") as refused:
        logs.associate_kms_key(logGroupName=group, kmsKeyId=unknown)
    assert refused.value.response["Error"]["Message"] == said
    with pytest.raises(ClientError, match="AccessDeniedException"):
        logs.create_log_group(logGroupName="other", kmsKeyId=unknown)
    kms.disable_key(KeyId=key)
    with pytest.raises(ClientError, match="InvalidParameterException"):
        logs.associate_kms_key(logGroupName=group, kmsKeyId=key)
    assert [one["logGroupName"] for one in logs.describe_log_groups()["logGroups"]] == [group]
    assert "kmsKeyId" not in logs.describe_log_groups()["logGroups"][0]


def test_a_key_that_is_disabled_later(logs, kms, group, stream, put, key, clock):
    logs.associate_kms_key(logGroupName=group, kmsKeyId=key)
    put("secret")
    kms.disable_key(KeyId=key)
    clock.advance(minutes=6)  # data keys are used for five minutes
    for call in (lambda: put("more"), lambda: read(logs, group)):
        with pytest.raises(ClientError, match="InvalidParameterException"):
            call()
    kms.enable_key(KeyId=key)
    assert read(logs, group) == ["secret"]
