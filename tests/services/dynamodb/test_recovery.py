"""Point-in-time recovery: a table as it was at any second of its window."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.recorded import recorded


@pytest.fixture
def enable(dynamodb):
    def enable(enabled=True, table="table", **more):
        specification = {"PointInTimeRecoveryEnabled": enabled, **more}
        answer = dynamodb.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=specification)
        return answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]

    return enable


@pytest.fixture
def now(undercast):
    """The platform's second."""
    return lambda: datetime.fromtimestamp(undercast.platform.clock.now() // 1000, UTC)


@pytest.fixture
def restore(dynamodb, settle):
    def restore(at=None, target="restored"):
        when = {"UseLatestRestorableTime": True} if at is None else {"RestoreDateTime": at}
        made = dynamodb.restore_table_to_point_in_time(SourceTableName="table", TargetTableName=target, **when)
        settle()
        return made["TableDescription"]

    return restore


def test_recorded_update(dynamodb, make):
    make()
    case = recorded("dynamodb::TestDynamoDB::test_continuous_backup_update")
    specification = {"PointInTimeRecoveryEnabled": True}
    answer = dynamodb.update_continuous_backups(TableName="table", PointInTimeRecoverySpecification=specification)
    case.check("update-continuous-backup", answer)
    case.check("describe-continuous-backup", dynamodb.describe_continuous_backups(TableName="table"))


def test_it_is_off_at_first_and_can_be_switched_off(dynamodb, make, enable):
    make()
    off = {"PointInTimeRecoveryStatus": "DISABLED"}
    described = dynamodb.describe_continuous_backups(TableName="table")["ContinuousBackupsDescription"]
    assert described == {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": off}
    assert enable(RecoveryPeriodInDays=7)["RecoveryPeriodInDays"] == 7
    assert enable(enabled=False) == off


def test_a_table_is_restored_to_every_second(dynamodb, make, put, ids, enable, now, restore, clock):
    make()
    put("before")
    enable()
    clock.stop()
    clock.advance(seconds=10)
    states = []
    for number in range(4):
        put(str(number))
        put("before", value={"N": str(number)})
        if number:
            dynamodb.delete_item(TableName="table", Key={"id": {"S": str(number - 1)}})
        states.append((now(), dynamodb.scan(TableName="table")["Items"]))
        clock.advance(seconds=5)
    for number, (at, items) in enumerate(states):
        restore(at, f"at-{number}")
        restored = dynamodb.scan(TableName=f"at-{number}")["Items"]
        assert sorted(restored, key=str) == sorted(items, key=str)


def test_latest_and_the_description(dynamodb, make, put, ids, describe, enable, restore):
    make()
    arn = describe()["TableArn"]
    enable()
    put("a")
    made = restore()
    assert made["RestoreSummary"]["SourceTableArn"] == arn
    assert made["TableStatus"] == "CREATING"
    assert ids("restored") == ["a"]
    described = dynamodb.describe_continuous_backups(TableName="restored")["ContinuousBackupsDescription"]
    assert described["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"


def test_a_restored_table_takes_overrides(dynamodb, make, enable, settle):
    make()
    enable()
    dynamodb.restore_table_to_point_in_time(
        SourceTableName="table", TargetTableName="restored", UseLatestRestorableTime=True,
        BillingModeOverride="PROVISIONED",
        ProvisionedThroughputOverride={"ReadCapacityUnits": 3, "WriteCapacityUnits": 4},
    )  # fmt: skip
    settle()
    described = dynamodb.describe_table(TableName="restored")["Table"]
    assert described["ProvisionedThroughput"]["ReadCapacityUnits"] == 3


def test_the_window_moves_with_time(dynamodb, make, put, ids, enable, restore, refused, now, clock, settle):
    make()
    put("a")
    enable(RecoveryPeriodInDays=2)
    clock.advance(days=1)
    yesterday = now()
    put("b")
    clock.advance(days=1, hours=12)
    settle()
    restore(yesterday, "yesterday")
    assert ids("yesterday") in (["a"], ["a", "b"])  # b came within the second, or after it
    clock.advance(days=1)
    code, _ = refused(restore, at=yesterday, target="too-late")
    assert code == "InvalidRestoreTimeException"


def test_what_is_refused(dynamodb, make, enable, restore, refused, now):
    assert refused(dynamodb.describe_continuous_backups, TableName="ghost") == (
        "TableNotFoundException", "Table not found: ghost",
    )  # fmt: skip
    make()
    assert refused(restore) == (
        "PointInTimeRecoveryUnavailableException", "Point in time recovery is not enabled for table 'table'",
    )  # fmt: skip
    enable()
    assert refused(restore, at=now().replace(year=2001))[0] == "InvalidRestoreTimeException"
    assert refused(restore, target="table")[0] == "TableAlreadyExistsException"
    neither = {"SourceTableName": "table", "TargetTableName": "new"}
    assert refused(dynamodb.restore_table_to_point_in_time, **neither)[0] == "ValidationException"
    assert refused(enable, enabled=False, RecoveryPeriodInDays=3)[0] == "ValidationException"
