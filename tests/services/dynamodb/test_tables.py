"""Tables: creating, describing, changing and deleting them, and what is refused in AWS's order."""

from __future__ import annotations

import pytest

UNITS = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}


def index(name="by-city", keys=("city",), projection="ALL", **options):
    schema = [{"AttributeName": n, "KeyType": kind} for n, kind in zip(keys, ("HASH", "RANGE"), strict=False)]
    return {"IndexName": name, "KeySchema": schema, "Projection": {"ProjectionType": projection}, **options}


def definition(*names):
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


def describe(dynamodb, name="table"):
    return dynamodb.describe_table(TableName=name)["Table"]


def test_a_table_and_its_description(dynamodb, make, account):
    make("table", "id", "n:N", also=("city",), GlobalSecondaryIndexes=[index()])
    table = describe(dynamodb)
    assert table["TableStatus"] == "ACTIVE"
    assert table["TableArn"] == f"arn:aws:dynamodb:us-east-1:{account}:table/table"
    assert table["KeySchema"] == [
        {"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"},
    ]  # fmt: skip
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["GlobalSecondaryIndexes"][0]["IndexStatus"] == "ACTIVE"
    assert table["GlobalSecondaryIndexes"][0]["IndexArn"] == f"{table['TableArn']}/index/by-city"


def test_items_are_counted(dynamodb, make):
    make("table", also=("city",), GlobalSecondaryIndexes=[index()])
    dynamodb.put_item(TableName="table", Item={"id": {"S": "a"}, "city": {"S": "Bern"}})
    dynamodb.put_item(TableName="table", Item={"id": {"S": "b"}})
    table = describe(dynamodb)
    assert (table["ItemCount"], table["TableSizeBytes"]) == (2, 14)
    assert (table["GlobalSecondaryIndexes"][0]["ItemCount"], table["GlobalSecondaryIndexes"][0]["IndexSizeBytes"]) == (
        1,
        11,
    )


def test_list_in_pages(dynamodb, make):
    for name in ("tab-c", "tab-a", "tab-b"):
        make(name)
    first = dynamodb.list_tables(Limit=2)
    assert (first["TableNames"], first["LastEvaluatedTableName"]) == (["tab-a", "tab-b"], "tab-b")
    rest = dynamodb.list_tables(ExclusiveStartTableName="tab-b")
    assert rest["TableNames"] == ["tab-c"]
    assert "LastEvaluatedTableName" not in rest


def test_delete(dynamodb, table, refused, settle):
    dynamodb.put_item(TableName=table, Item={"id": {"S": "a"}})
    assert dynamodb.delete_table(TableName=table)["TableDescription"]["TableStatus"] == "DELETING"
    assert refused(dynamodb.describe_table, TableName=table) == (
        "ResourceNotFoundException", "Requested resource not found: Table: table not found",
    )  # fmt: skip
    settle()


def test_a_name_can_be_used_again_and_begins_empty(dynamodb, make):
    make("table")
    dynamodb.put_item(TableName="table", Item={"id": {"S": "a"}})
    dynamodb.delete_table(TableName="table")
    make("table")
    assert dynamodb.scan(TableName="table")["Count"] == 0


def test_deletion_protection(dynamodb, make, invalid):
    make("table", DeletionProtectionEnabled=True)
    assert invalid(dynamodb.delete_table, TableName="table").startswith(
        "Resource cannot be deleted as it is currently "
    )
    dynamodb.update_table(TableName="table", DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName="table")


def test_limits_and_endpoints(dynamodb, undercast):
    assert dynamodb.describe_limits()["TableMaxReadCapacityUnits"] == 40_000
    assert dynamodb.describe_endpoints()["Endpoints"][0]["Address"] == undercast.url.partition("//")[2]


# --- update ---


def test_capacity_changes(dynamodb, make, invalid):
    make("table", ProvisionedThroughput=UNITS)
    assert invalid(dynamodb.update_table, TableName="table", ProvisionedThroughput=UNITS).startswith(
        "The provisioned throughput for the table will not change."
    )
    dynamodb.update_table(TableName="table", ProvisionedThroughput={**UNITS, "ReadCapacityUnits": 7})
    assert describe(dynamodb)["ProvisionedThroughput"]["ReadCapacityUnits"] == 7
    assert "LastIncreaseDateTime" in describe(dynamodb)["ProvisionedThroughput"]
    dynamodb.update_table(TableName="table", BillingMode="PAY_PER_REQUEST")
    assert describe(dynamodb)["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert describe(dynamodb)["ProvisionedThroughput"]["ReadCapacityUnits"] == 0


def test_decreases_are_counted_and_limited(dynamodb, make, refused, clock):
    def decrease(units):
        dynamodb.update_table(TableName="table", ProvisionedThroughput={**UNITS, "ReadCapacityUnits": units})

    make("table", ProvisionedThroughput={**UNITS, "ReadCapacityUnits": 10})
    for units in (9, 8, 7, 6):
        decrease(units)
    assert describe(dynamodb)["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 4
    wanted = {"TableName": "table", "ProvisionedThroughput": UNITS}
    code, message = refused(dynamodb.update_table, **wanted)
    assert (code, message.endswith("Number of decreases today: 4.")) == ("LimitExceededException", True)
    clock.advance(days=1)
    assert describe(dynamodb)["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 0
    dynamodb.update_table(**wanted)


def test_an_index_that_is_added_is_filled(dynamodb, table, settle, invalid, refused):
    for number in range(1200):
        if number % 25 == 0:
            puts = [
                {"PutRequest": {"Item": {"id": {"S": str(n)}, "city": {"S": "Bern"}}}}
                for n in range(number, number + 25)
            ]
            dynamodb.batch_write_item(RequestItems={table: puts})
    dynamodb.put_item(TableName=table, Item={"id": {"S": "odd"}, "city": {"N": "1"}})  # no key of the index
    create = {"Create": index(projection="KEYS_ONLY")}
    changed = dynamodb.update_table(
        TableName=table, AttributeDefinitions=definition("id", "city"), GlobalSecondaryIndexUpdates=[create]
    )["TableDescription"]
    assert changed["GlobalSecondaryIndexes"][0]["IndexStatus"] == "CREATING"
    settle()
    found = describe(dynamodb)["GlobalSecondaryIndexes"][0]
    assert (found["IndexStatus"], found["ItemCount"]) == ("ACTIVE", 1200)
    assert dynamodb.scan(TableName=table, IndexName="by-city", Select="COUNT")["Count"] == 1200
    assert invalid(dynamodb.update_table, TableName=table, GlobalSecondaryIndexUpdates=[create]) == (
        "Attempting to create an index which already exists"
    )
    dynamodb.update_table(TableName=table, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-city"}}])
    assert "GlobalSecondaryIndexes" not in describe(dynamodb)
    assert describe(dynamodb)["AttributeDefinitions"] == definition("id")
    code, _ = refused(
        dynamodb.update_table, TableName=table, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "none"}}]
    )
    assert code == "ResourceNotFoundException"


def test_an_index_is_filled_while_items_change(dynamodb, table, settle):
    def put(name, city):
        return {"PutRequest": {"Item": {"id": {"S": name}, "city": {"S": city}}}}

    names = [f"{number:04d}" for number in range(600)]
    for first in range(0, 600, 25):
        dynamodb.batch_write_item(RequestItems={table: [put(name, "Bern") for name in names[first : first + 25]]})
    dynamodb.update_table(
        TableName=table,
        AttributeDefinitions=definition("id", "city"),
        GlobalSecondaryIndexUpdates=[{"Create": index()}],
    )
    for name in names[::10]:
        dynamodb.delete_item(TableName=table, Key={"id": {"S": name}})
    dynamodb.batch_write_item(RequestItems={table: [put(name, "Rome") for name in names[1:200:10]]})
    settle()
    items = dynamodb.scan(TableName=table, IndexName="by-city")["Items"]
    assert sorted(item["id"]["S"] for item in items) == sorted(set(names) - set(names[::10]))
    assert sum(item["city"] == {"S": "Rome"} for item in items) == 20


def test_one_index_at_a_time(dynamodb, table, refused):
    updates = [{"Create": index("one-index")}, {"Create": index("two-index")}]
    assert refused(
        dynamodb.update_table, TableName=table, AttributeDefinitions=definition("id", "city"),
        GlobalSecondaryIndexUpdates=updates,
    ) == (
        "LimitExceededException",
        "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
    )  # fmt: skip


def test_streams_are_switched_on_and_off(dynamodb, table, invalid):
    enabled = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    dynamodb.update_table(TableName=table, StreamSpecification=enabled)
    arn = describe(dynamodb)["LatestStreamArn"]
    assert describe(dynamodb)["StreamSpecification"] == enabled
    assert invalid(dynamodb.update_table, TableName=table, StreamSpecification=enabled) == (
        "Table already has an enabled stream: TableName: table"
    )
    dynamodb.update_table(TableName=table, StreamSpecification={"StreamEnabled": False})
    assert "StreamSpecification" not in describe(dynamodb)
    assert describe(dynamodb)["LatestStreamArn"] == arn


def test_table_class_and_warm_throughput(dynamodb, make, invalid):
    make("table", TableClass="STANDARD_INFREQUENT_ACCESS")
    assert describe(dynamodb)["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    dynamodb.update_table(TableName="table", TableClass="STANDARD")
    assert describe(dynamodb)["TableClassSummary"]["TableClass"] == "STANDARD"
    dynamodb.update_table(TableName="table", WarmThroughput={"ReadUnitsPerSecond": 13_000})
    assert describe(dynamodb)["WarmThroughput"]["ReadUnitsPerSecond"] == 13_000
    assert "lower than current value" in invalid(
        dynamodb.update_table, TableName="table", WarmThroughput={"ReadUnitsPerSecond": 1}
    )


def test_a_table_whose_key_is_disabled_is_out_of_reach(dynamodb, make, aws, refused):
    kms = aws("kms")
    key = kms.create_key()["KeyMetadata"]
    make("table", SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key["KeyId"]})
    assert describe(dynamodb)["SSEDescription"] == {
        "Status": "ENABLED",
        "SSEType": "KMS",
        "KMSMasterKeyArn": key["Arn"],
    }
    dynamodb.put_item(TableName="table", Item={"id": {"S": "a"}})
    kms.disable_key(KeyId=key["KeyId"])
    code, message = refused(dynamodb.get_item, TableName="table", Key={"id": {"S": "a"}})
    assert (code, "is disabled" in message) == ("AccessDeniedException", True)
    assert describe(dynamodb)["TableStatus"] == "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    kms.enable_key(KeyId=key["KeyId"])
    assert dynamodb.get_item(TableName="table", Key={"id": {"S": "a"}})["Item"] == {"id": {"S": "a"}}
    dynamodb.update_table(TableName="table", SSESpecification={"Enabled": False})
    kms.disable_key(KeyId=key["KeyId"])
    assert "SSEDescription" not in describe(dynamodb)
    dynamodb.put_item(TableName="table", Item={"id": {"S": "b"}})


def test_keys_that_cannot_protect_a_table(dynamodb, make, refused, invalid, aws):
    wanted = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "00000000-0000-0000-0000-000000000000"}
    code, message = refused(make, name="table", SSESpecification=wanted)
    assert (code, message.startswith("KMS key access denied error: ")) == ("AccessDeniedException", True)
    signing = aws("kms").create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    assert "cannot be used to encrypt" in invalid(
        make, name="table", SSESpecification={**wanted, "KMSMasterKeyId": signing}
    )
    assert "Only KMS is supported" in invalid(
        make, name="table", SSESpecification={"Enabled": True, "SSEType": "AES256"}
    )


# --- refusals ---


def test_a_table_is_there_already(dynamodb, make, refused):
    make("table")
    assert refused(make, name="table") == ("ResourceInUseException", "Table already exists: table")


def test_nothing_to_update(dynamodb, table, invalid):
    assert invalid(dynamodb.update_table, TableName=table) == (
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or "
        "SSESpecification or ReplicaUpdates is required"
    )


WRONG = "One or more parameter values were invalid: "


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"TableName": "ab"}, "TableName must be at least 3 characters long and at most 255 characters long"),
        ({"BillingMode": "PROVISIONED"}, WRONG + "ReadCapacityUnits and WriteCapacityUnits must both be specified when "
                                                 "BillingMode is PROVISIONED"),
        ({"ProvisionedThroughput": UNITS}, WRONG + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified "
                                                   "when BillingMode is PAY_PER_REQUEST"),
        ({"KeySchema": [{"AttributeName": "id", "KeyType": "RANGE"}]},
         "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
        ({"KeySchema": [{"AttributeName": "x", "KeyType": "HASH"}]},
         WRONG + "Some index key attributes are not defined in AttributeDefinitions. Keys: [x], "
                 "AttributeDefinitions: [id]"),
        ({"AttributeDefinitions": definition("id", "more")},
         WRONG + "Number of attributes in KeySchema does not exactly match number of attributes defined in "
                 "AttributeDefinitions"),
        ({"StreamSpecification": {"StreamEnabled": True}}, WRONG + "StreamViewType is required when StreamEnabled is true"),
        ({"StreamSpecification": {"StreamEnabled": False, "StreamViewType": "KEYS_ONLY"}},
         WRONG + "StreamViewType can only be specified when StreamEnabled is true"),
        ({"GlobalSecondaryIndexes": []}, WRONG + "List of GlobalSecondaryIndexes is empty"),
        ({"LocalSecondaryIndexes": [index()]},
         WRONG + "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex"),
        ({"GlobalSecondaryIndexes": [index(keys=("id",), ProvisionedThroughput=UNITS)]},
         WRONG + "ProvisionedThroughput should not be specified for index: by-city when BillingMode is PAY_PER_REQUEST"),
        ({"GlobalSecondaryIndexes": [index(keys=("id",)), index(keys=("id",))]}, WRONG + "Duplicate index name: by-city"),
        ({"GlobalSecondaryIndexes": [index(keys=("id",), projection="INCLUDE")]},
         WRONG + "ProjectionType is INCLUDE, but NonKeyAttributes is not specified"),
        ({"AttributeDefinitions": definition("id", "city", "spare"), "GlobalSecondaryIndexes": [index()]},
         WRONG + "Some AttributeDefinitions are not used. AttributeDefinitions: [id, city, spare], keys used: "
                 "[id, city]"),
    ],
)  # fmt: skip
def test_definitions_that_are_refused(dynamodb, invalid, options, message):
    wanted = {
        "TableName": "table", "AttributeDefinitions": definition("id"), "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], **options,
    }  # fmt: skip
    assert invalid(dynamodb.create_table, **wanted) == message


def test_a_provisioned_index_needs_capacity(dynamodb, make, invalid):
    # https://github.com/awsdocs/amazon-dynamodb-developer-guide/issues/246
    options = {"ProvisionedThroughput": UNITS, "GlobalSecondaryIndexes": [index()]}
    assert (
        invalid(make, name="table", also=("city",), **options)
        == WRONG + "ProvisionedThroughput is not specified for index: by-city"
    )
