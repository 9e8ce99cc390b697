"""Items and tables, as recorded from AWS."""

from __future__ import annotations

import pytest

from tests.recorded import recorded

CASES = "dynamodb::TestDynamoDB::"


def said(error):
    """The whole text of an error, without what our clients add for not trying again."""
    return str(error).replace(" (reached max retries: 0)", "")


@pytest.fixture
def case():
    return lambda name: recorded(CASES + name)


def test_batch_write_binary(dynamodb, table, case):
    item = {"id": {"S": "foo"}, "data": {"B": b"foobar"}}
    answer = dynamodb.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item}}]})
    case("test_batch_write_binary").check("Response", answer)


def test_batch_write_not_matching_schema(dynamodb, make, case, error_of):
    make("faulty", "id", "range")
    item = {"nonKey": {"S": "nonValue"}}
    error = error_of(dynamodb.batch_write_item, RequestItems={"faulty": [{"PutRequest": {"Item": item}}]})
    case("test_batch_write_not_matching_schema").check("ValidationException", said(error))


def test_dynamodb_get_batch_items(dynamodb, table, case):
    answer = dynamodb.batch_get_item(RequestItems={table: {"Keys": [{"id": {"S": "test"}}]}})
    case("test_dynamodb_get_batch_items").check("Response", answer)


def test_empty_and_binary_values(dynamodb, table, case):
    case = case("test_empty_and_binary_values")
    first = dynamodb.put_item(TableName=table, Item={"id": {"S": "id1"}, "data": {"S": ""}})
    case.check("PutFirstItem", first)
    second = dynamodb.put_item(TableName=table, Item={"id": {"S": "id2"}, "data": {"B": b"\x90"}})
    case.check("PutSecondItem", second)


def test_data_encoding_consistency(dynamodb, table, case):
    """The records of the stream are tested with dynamodbstreams."""
    case = case("test_data_encoding_consistency")

    def item():
        found = dynamodb.get_item(TableName=table, Key={"id": {"S": "id1"}})["Item"]
        return {**found, "data": {"B": str(found["data"]["B"])}}

    dynamodb.put_item(TableName=table, Item={"id": {"S": "id1"}, "version": {"N": "1"}, "data": {"B": b"\x90"}})
    case.check("GetItem", item())
    dynamodb.update_item(
        TableName=table, Key={"id": {"S": "id1"}}, UpdateExpression="SET version=:v",
        ExpressionAttributeValues={":v": {"N": "2"}},
    )  # fmt: skip
    case.check("GetItemAfterUpdate", item())


def test_transaction_write_binary_data(dynamodb, table, case):
    case = case("test_transaction_write_binary_data")
    item = {"id": {"S": "someUser"}, "binaryData": {"B": b"foobar"}}
    case.check(
        "WriteResponse", dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": table, "Item": item}}])
    )
    found = dynamodb.get_item(TableName=table, Key={"id": {"S": "someUser"}})["Item"]
    case.check("GetItem", {**found, "binaryData": {"B": str(found["binaryData"]["B"])}})


def test_transaction_write_canceled(dynamodb, table, case, error_of):
    dynamodb.put_item(TableName=table, Item={"id": {"S": "test"}})
    failing = {
        "Put": {"TableName": table, "Item": {"id": {"S": "test"}}, "ConditionExpression": "attribute_not_exists(id)"}
    }
    other = {"Put": {"TableName": table, "Item": {"id": {"S": "other"}}}}
    error = error_of(dynamodb.transact_write_items, TransactItems=[failing, other])
    case("test_transaction_write_canceled").check("Error", said(error))


def test_transaction_write_items(dynamodb, table, case):
    case = case("test_transaction_write_items")
    arn = dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
    for step, name in (("Response", table), ("Response_using_table_arn", arn)):
        put = {"Put": {"TableName": name, "Item": {"id": {"S": step}}}}
        case.check(step, dynamodb.transact_write_items(TransactItems=[put]))


def test_dynamodb_update_table_without_sse_specification_change(dynamodb, make, aws, case):
    case = case("test_dynamodb_update_table_without_sse_specification_change")
    make("encrypted", SSESpecification={"Enabled": True})
    made = dynamodb.describe_table(TableName="encrypted")["Table"]["SSEDescription"]
    case.check("create_table_sse_description", made)
    key = aws("kms").describe_key(KeyId=made["KMSMasterKeyArn"])
    # SDKs older than this one did not know the member that says it once more
    case.check("describe_kms_key", key, ignore=("CustomerMasterKeySpec",))
    dynamodb.update_table(TableName="encrypted", BillingMode="PAY_PER_REQUEST")
    after = dynamodb.describe_table(TableName="encrypted")["Table"]["SSEDescription"]
    case.check("update_table_sse_description", after)


@pytest.mark.parametrize(
    ("name", "step", "stream"),
    [
        ("test_transact_write_items_streaming_for_different_tables", "create-table-no-stream", None),
        ("test_transact_write_items_streaming_for_different_tables", "create-table-stream", "NEW_AND_OLD_IMAGES"),
        ("test_dynamodb_stream_records_with_update_item", "create-table", "NEW_AND_OLD_IMAGES"),
        ("test_dynamodb_stream_stream_view_type", "create-table", "KEYS_ONLY"),
    ],
)
def test_create_table(dynamodb, case, name, step, stream):
    key = "Username" if stream == "KEYS_ONLY" else "id"
    specification = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": stream}} if stream else {}
    made = dynamodb.create_table(
        TableName="recorded",
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        **specification,
    )
    case(name).check(step, made)
