"""Event source mappings: from the stream of a DynamoDB table to a function."""

from __future__ import annotations

import json

import pytest

from .answers import names, recorded, refusal
from .sources import receive, wait_for

SUITE = "lambda_integration_dynamodbstreams::TestDynamoDBEventSourceMapping"


@pytest.fixture
def dynamodb(aws):
    return aws("dynamodb")


@pytest.fixture
def table(dynamodb):
    """A table with a stream; the ARN of that."""

    def make(key="id", view="NEW_AND_OLD_IMAGES"):
        answer = dynamodb.create_table(
            TableName="table", BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": view},
        )  # fmt: skip
        dynamodb.get_waiter("table_exists").wait(TableName="table", WaiterConfig={"Delay": 0.01})
        return answer["TableDescription"]["LatestStreamArn"]

    return make


@pytest.fixture
def connect(client):
    """A mapping from a stream that is read."""

    def make(source, name="copy", **settings):
        settings = {"StartingPosition": "TRIM_HORIZON"} | settings
        answer = client.create_event_source_mapping(FunctionName=name, EventSourceArn=source, **settings)
        wait_for(client, answer["UUID"], "Enabled")
        return answer

    return make


def sent(sqs, url, count):
    """So many events, in the order of their first records."""
    found = []
    while len(found) < count:
        found += [one["event"] for one in receive(sqs, url)]
    return sorted(found, key=lambda event: int(event["Records"][0]["dynamodb"]["SequenceNumber"]))


def test_latest_is_where_the_mapping_began(copy, connect, dynamodb, table, sqs, out):
    copy()
    source = table()
    dynamodb.put_item(TableName="table", Item={"id": {"S": "before"}})
    connect(source, StartingPosition="LATEST")
    dynamodb.put_item(TableName="table", Item={"id": {"S": "after"}, "b": {"B": b"x"}, "bs": {"BS": [b"y"]}})
    (event,) = sent(sqs, out, 1)
    image = event["Records"][0]["dynamodb"]["NewImage"]
    assert image == {"id": {"S": "after"}, "b": {"B": "eA=="}, "bs": {"BS": ["eQ=="]}}


def test_changes_of_an_item_come_in_order(copy, connect, dynamodb, table, sqs, out):
    copy()
    connect(table(), BatchSize=4, ParallelizationFactor=3)
    for number in range(10):
        for key in "abc":
            dynamodb.put_item(TableName="table", Item={"id": {"S": key}, "n": {"N": str(number)}})
    records = []
    while len(records) < 30:
        records += [record for one in receive(sqs, out) for record in one["event"]["Records"]]
    records.sort(key=lambda record: int(record["dynamodb"]["SequenceNumber"]))
    for key in "abc":
        mine = [one["dynamodb"]["NewImage"]["n"]["N"] for one in records if one["dynamodb"]["Keys"]["id"]["S"] == key]
        assert mine == [str(number) for number in range(10)]


# --- recorded ---


def test_events(client, copy, connect, dynamodb, table, sqs, out):
    case = recorded(f"{SUITE}::test_dynamodb_event_source_mapping")
    wanted = case.answers["event_logs"][0]["Records"][0]["dynamodb"]
    (key,) = wanted["Keys"]
    copy()
    settings = {"BatchSize": 1, "MaximumBatchingWindowInSeconds": 1, "MaximumRetryAttempts": 1}
    answer = connect(table(key, wanted["StreamViewType"]), **settings)
    case.check("create_event_source_mapping_response", answer)
    item = {name: _value(value) for name, value in wanted["NewImage"].items()}
    dynamodb.put_item(TableName="table", Item=item)
    case.check("event_logs", sent(sqs, out, 1))


def test_a_mapping_of_a_table_that_is_gone_can_be_deleted(client, copy, connect, dynamodb, table, out):
    case = recorded(f"{SUITE}::test_deletion_event_source_mapping_with_dynamodb")
    copy()
    answer = connect(table())
    case.check("create_event_source_mapping_result", answer)
    dynamodb.delete_table(TableName="table")
    listed = client.list_event_source_mappings(EventSourceArn=answer["EventSourceArn"])
    case.check("list_event_source_mapping_result", listed)
    client.delete_event_source_mapping(UUID=answer["UUID"])


def test_lifecycle(client, create, sqs, table):
    case = recorded("lambda_api::TestLambdaEventSourceMappings::test_event_source_mapping_lifecycle")
    create("copy")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    answer = client.create_event_source_mapping(
        FunctionName="copy", EventSourceArn=table(), StartingPosition="TRIM_HORIZON", BatchSize=1,
        MaximumBatchingWindowInSeconds=1, MaximumRetryAttempts=1, DestinationConfig={"OnFailure": {"Destination": arn}},
    )  # fmt: skip
    case.check("create_response", answer)
    wait_for(client, answer["UUID"], "Enabled")
    case.check("get_response", client.get_event_source_mapping(UUID=answer["UUID"]))
    case.check("delete_response", client.delete_event_source_mapping(UUID=answer["UUID"]))


def test_duplicates(client, create, connect, table):
    case = recorded(f"{SUITE}::test_duplicate_event_source_mappings")
    create("copy")
    settings = {"BatchSize": 100, "MaximumBatchingWindowInSeconds": 1, "MaximumRetryAttempts": 1}
    source = table()
    case.check("create", connect(source, **settings))
    request = {"FunctionName": "copy", "EventSourceArn": source, "StartingPosition": "LATEST"}
    case.check("error", refusal(client.create_event_source_mapping, **request))


# What is put after the first item, which is that of the first event; `None`: nothing else is let through.
SECOND = {
    "insert_same_entry_twice": {"id": "id_value", "id2": "id2_value"},
    "content_or_filter": {"id": "id_value", "id2": "id2_new_value"},
    "content_multiple_filters": {"id": "id_value", "id2": "new"},
    "content_filter_type": {"id": "id_value_2", "presentKey": "other"},
    "exists_filter_type": {"id": "id_value_2", "other": "x"},
    "exists_false_filter": {"id": "id_value_2", "presentKey": "presentValue"},
    "numeric_filter": {"id": "id_value_2", "other": "x"},
    "prefix_filter": {"id": "id_value_2", "prefix": "other-suffix"},
    "date_time_conversion": {"id": "id_value_2"},
}
ANY_TIME = {"dynamodb": {"ApproximateCreationDateTime": [{"numeric": [">", 0]}]}}


@pytest.mark.parametrize("filter", names("test_dynamodb_event_filter["))
def test_filters(copy, connect, dynamodb, table, sqs, out, filter):
    case = recorded(f"{SUITE}::test_dynamodb_event_filter[{filter}]")
    copy()
    patterns = case.answers["create_event_source_mapping_response"]["FilterCriteria"]["Filters"]
    if filter == "date_time_conversion":  # the recording hides the time, and with it the pattern
        patterns[0]["Pattern"] = ANY_TIME
    criteria = {"Filters": [{"Pattern": json.dumps(one["Pattern"])} for one in patterns]}
    settings = {"BatchSize": 1, "MaximumBatchingWindowInSeconds": 1, "MaximumRetryAttempts": 1}
    answer = connect(table(), FilterCriteria=criteria, **settings)
    case.check("create_event_source_mapping_response", answer)
    first, *rest = case.answers["lambda-multiple-log-events"]
    dynamodb.put_item(TableName="table", Item=first["Records"][0]["dynamodb"]["NewImage"])
    found = sent(sqs, out, 1)
    case.check("lambda-log-events", found)
    second = {name: {"S": value} for name, value in SECOND[filter].items()}
    dynamodb.put_item(TableName="table", Item=second)
    if rest:
        case.check("lambda-multiple-log-events", found + sent(sqs, out, 1))
    else:  # only what comes after it is let through
        dynamodb.delete_item(TableName="table", Key={"id": second["id"]})
        assert not sqs.receive_message(QueueUrl=out).get("Messages")


FAILURES = {
    "empty_string_item_identifier_failure": {"batchItemFailures": [{"itemIdentifier": ""}]},
    "invalid_key_foo_failure": {"batchItemFailures": [{"foo": "abc"}]},
    "invalid_key_foo_null_value_failure": {"batchItemFailures": [{"foo": None}]},
    "item_identifier_not_present_failure": {"batchItemFailures": [{"itemIdentifier": "none"}]},
    "null_item_identifier_failure": {"batchItemFailures": [{"itemIdentifier": None}]},
    "unhandled_exception_in_function": None,
}


@pytest.mark.parametrize("answer", names("test_dynamodb_report_batch_item_failure_scenarios"))
def test_reports_of_failures(copy, connect, dynamodb, table, sqs, out, answer):
    case = recorded(f"{SUITE}::test_dynamodb_report_batch_item_failure_scenarios[{answer}]")
    copy(result=FAILURES[answer], fail=FAILURES[answer] is None)
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    connect(
        table("my_partition_key", "NEW_IMAGE"), BatchSize=1, MaximumBatchingWindowInSeconds=1, MaximumRetryAttempts=3,
        FunctionResponseTypes=["ReportBatchItemFailures"], DestinationConfig={"OnFailure": {"Destination": arn}},
    )  # fmt: skip
    item = {"my_partition_key": {"S": "hello world"}, "binary_key": {"B": b"foobar"}}
    dynamodb.put_item(TableName="table", Item=item)
    case.check("dynamodb_events", sent(sqs, out, 4))
    case.check("destination_queue_messages", sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=10))


def test_failures_go_to_a_bucket(aws, account, copy, connect, dynamodb, table, out):
    case = recorded(f"{SUITE}::test_dynamodb_event_source_mapping_with_s3_on_failure_destination")
    copy(fail=True)
    s3, bucket = aws("s3"), f"failures-{account}"
    s3.create_bucket(Bucket=bucket)
    answer = connect(
        table("my_partition_key", "NEW_IMAGE"), BatchSize=1, MaximumBatchingWindowInSeconds=1, MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": f"arn:aws:s3:::{bucket}"}},
    )  # fmt: skip
    case.check("create_event_source_mapping_response", answer)
    dynamodb.put_item(TableName="table", Item={"my_partition_key": {"S": "hello world"}})
    while not (found := s3.list_objects_v2(Bucket=bucket).get("Contents")):
        pass
    case.check("record_body", json.loads(s3.get_object(Bucket=bucket, Key=found[0]["Key"])["Body"].read()))


def _value(value):
    """An attribute value of a recorded event, as boto3 takes it."""
    return {kind: (b"foobar" if kind == "B" else content) for kind, content in value.items()}
