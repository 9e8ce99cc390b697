"""Backups: what they keep, and tables restored from them."""

from __future__ import annotations

import pytest

from undercast.kit.call import Call
from undercast.kit.credentials import root_identity
from undercast.kit.errors import ServiceError


@pytest.fixture
def back_up(dynamodb, settle):
    def back_up(name="backup", table="table"):
        arn = dynamodb.create_backup(TableName=table, BackupName=name)["BackupDetails"]["BackupArn"]
        settle()
        return arn

    return back_up


def test_a_backup_is_described(dynamodb, make, put, back_up, account):
    make()
    put("a")
    details = dynamodb.create_backup(TableName="table", BackupName="first")["BackupDetails"]
    assert (details["BackupStatus"], details["BackupType"]) == ("CREATING", "USER")
    arn = back_up()
    described = dynamodb.describe_backup(BackupArn=arn)["BackupDescription"]
    assert described["BackupDetails"]["BackupStatus"] == "AVAILABLE"
    assert described["BackupDetails"]["BackupArn"] == arn
    assert arn.startswith(f"arn:aws:dynamodb:us-east-1:{account}:table/table/backup/")
    source = described["SourceTableDetails"]
    assert (source["TableName"], source["ItemCount"], source["TableSizeBytes"]) == ("table", 1, 3)
    assert source["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]


def test_a_restored_table_has_the_items_of_the_backup(dynamodb, make, put, ids, back_up, settle):
    make()
    for number in range(3):
        put(f"{number:04d}")
    arn = back_up()
    put("later")
    dynamodb.delete_item(TableName="table", Key={"id": {"S": "0000"}})
    made = dynamodb.restore_table_from_backup(TargetTableName="restored", BackupArn=arn)["TableDescription"]
    assert made["TableStatus"] == "CREATING"
    assert made["RestoreSummary"]["RestoreInProgress"] is True
    settle()
    described = dynamodb.describe_table(TableName="restored")["Table"]
    assert described["TableStatus"] == "ACTIVE"
    assert described["RestoreSummary"]["SourceBackupArn"] == arn
    assert ids("restored") == ["0000", "0001", "0002"]


def test_what_changes_during_the_copy_is_not_in_it(dynamodb, make, settle, settle_retries, ids):
    """The copy goes by pages; the backup is of the moment it was asked for."""
    make()
    names = [f"{number:04d}" for number in range(600)]
    for start in range(0, 600, 25):
        requests = [{"PutRequest": {"Item": {"id": {"S": name}}}} for name in names[start : start + 25]]
        dynamodb.batch_write_item(RequestItems={"table": requests})
    arn = dynamodb.create_backup(TableName="table", BackupName="moving")["BackupDetails"]["BackupArn"]
    for name in names[::2]:
        dynamodb.delete_item(TableName="table", Key={"id": {"S": name}})
    dynamodb.put_item(TableName="table", Item={"id": {"S": "new"}})
    settle_retries()
    dynamodb.restore_table_from_backup(TargetTableName="restored", BackupArn=arn)
    settle()
    assert ids("restored") == names


def test_indexes_are_restored_with_their_rows(dynamodb, make, put, back_up, settle):
    index = {
        "IndexName": "by-kind",
        "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    make("table", also=("kind",), GlobalSecondaryIndexes=[index])
    put("a", kind={"S": "x"})
    arn = back_up()
    dynamodb.restore_table_from_backup(TargetTableName="with", BackupArn=arn)
    dynamodb.restore_table_from_backup(TargetTableName="without", BackupArn=arn, GlobalSecondaryIndexOverride=[])
    settle()
    found = dynamodb.query(
        TableName="with", IndexName="by-kind", KeyConditionExpression="kind = :k",
        ExpressionAttributeValues={":k": {"S": "x"}},
    )  # fmt: skip
    assert [item["id"]["S"] for item in found["Items"]] == ["a"]
    assert "GlobalSecondaryIndexes" not in dynamodb.describe_table(TableName="without")["Table"]


def test_backups_are_listed_in_pages(dynamodb, make, back_up):
    make()
    make("other")
    arns = [back_up("one"), back_up("two"), back_up("three", "other")]
    listed = dynamodb.list_backups()["BackupSummaries"]
    assert {one["BackupArn"] for one in listed} == set(arns)
    assert [one["BackupName"] for one in dynamodb.list_backups(TableName="other")["BackupSummaries"]] == ["three"]
    page = dynamodb.list_backups(Limit=2)
    rest = dynamodb.list_backups(ExclusiveStartBackupArn=page["LastEvaluatedBackupArn"])
    assert {one["BackupArn"] for one in page["BackupSummaries"] + rest["BackupSummaries"]} == set(arns)
    assert dynamodb.list_backups(BackupType="SYSTEM")["BackupSummaries"] == []


def test_a_deleted_backup_is_gone(dynamodb, make, back_up, refused):
    make()
    arn = back_up()
    deleted = dynamodb.delete_backup(BackupArn=arn)["BackupDescription"]
    assert deleted["BackupDetails"]["BackupStatus"] == "DELETED"
    assert refused(dynamodb.describe_backup, BackupArn=arn) == ("BackupNotFoundException", f"Backup not found: {arn}")


def test_a_table_deleted_with_recovery_leaves_a_backup(dynamodb, make, put, ids, settle, clock):
    make()
    dynamodb.update_continuous_backups(
        TableName="table", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    put("a")
    dynamodb.delete_table(TableName="table")
    settle()
    [backup] = dynamodb.list_backups(BackupType="SYSTEM")["BackupSummaries"]
    assert backup["BackupName"] == "table$DeletedTableBackup"
    dynamodb.restore_table_from_backup(TargetTableName="table", BackupArn=backup["BackupArn"])
    settle()
    assert ids() == ["a"]
    clock.advance(days=36)
    settle()
    assert dynamodb.list_backups(BackupType="ALL")["BackupSummaries"] == []


@pytest.fixture
def together(undercast, account, region):
    """`together(work)` runs `work(aws)` in one transaction: no job comes in between."""
    call = Call(
        undercast.platform, account=account, region=region, identity=root_identity(account), request_id="together"
    )

    def run(work):
        return undercast.run(call.transact(lambda call: work(call.aws.dynamodb)))

    return run


def test_a_table_that_is_copied_cannot_be_deleted(make, together):
    make()

    async def work(dynamodb):
        await dynamodb.create_backup(TableName="table", BackupName="backup")
        await dynamodb.delete_table(TableName="table")

    with pytest.raises(ServiceError) as error:
        together(work)
    assert (error.value.code, error.value.message.partition(": ")[2]) == (
        "ResourceInUseException", "Table is being backed up or restored: table",
    )  # fmt: skip


def test_a_table_that_is_filled_cannot_be_deleted(make, back_up, together):
    make()
    arn = back_up()

    async def work(dynamodb):
        await dynamodb.restore_table_from_backup(TargetTableName="restored", BackupArn=arn)
        await dynamodb.delete_table(TableName="restored")

    with pytest.raises(ServiceError) as error:
        together(work)
    assert (error.value.code, error.value.message.partition(": ")[2]) == (
        "ResourceInUseException", "Table is being created: restored",
    )  # fmt: skip


def test_a_backup_that_is_used_cannot_be_deleted(make, back_up, together):
    make()
    arn = back_up()

    async def work(dynamodb):
        await dynamodb.restore_table_from_backup(TargetTableName="restored", BackupArn=arn)
        await dynamodb.delete_backup(BackupArn=arn)

    with pytest.raises(ServiceError) as error:
        together(work)
    assert error.value.code == "BackupInUseException"


def test_what_is_refused(dynamodb, make, back_up, refused):
    assert refused(dynamodb.create_backup, TableName="ghost", BackupName="backup") == (
        "TableNotFoundException", "Table not found: ghost",
    )  # fmt: skip
    make()
    arn = back_up()
    restore = dynamodb.restore_table_from_backup
    assert refused(restore, TargetTableName="table", BackupArn=arn) == (
        "TableAlreadyExistsException", "Table already exists: table",
    )  # fmt: skip
    assert refused(dynamodb.delete_backup, BackupArn=arn[:-8] + "00000000")[0] == "BackupNotFoundException"
    assert refused(dynamodb.describe_backup, BackupArn="x" * 40)[0] == "ValidationException"
    override = [{"IndexName": "ghost", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                 "Projection": {"ProjectionType": "ALL"}}]  # fmt: skip
    code, _ = refused(restore, TargetTableName="new", BackupArn=arn, GlobalSecondaryIndexOverride=override)
    assert code == "ValidationException"
