"""Fixtures for DynamoDB Streams: clients, tables with streams, readers."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

KEY = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.fixture
def dynamodb(aws: Any) -> Any:
    return aws("dynamodb")


@pytest.fixture
def streams(aws: Any) -> Any:
    return aws("dynamodbstreams")


@pytest.fixture
def make(dynamodb: Any) -> Any:
    """`make("name", view="NEW_IMAGE")` makes a table with the key `id` and answers its stream's ARN."""

    def make(name: str = "table", view: str = "NEW_AND_OLD_IMAGES", **options: Any) -> str:
        stream = {"StreamEnabled": True, "StreamViewType": view}
        made = dynamodb.create_table(TableName=name, StreamSpecification=stream, **{**KEY, **options})
        return made["TableDescription"]["LatestStreamArn"]

    return make


@pytest.fixture
def put(dynamodb: Any) -> Any:
    """`put("a", value={"N": "1"})` puts an item into the table `table`."""
    return lambda id, **attributes: dynamodb.put_item(TableName="table", Item={"id": {"S": id}, **attributes})


@pytest.fixture
def shards(streams: Any) -> Any:
    return lambda arn: streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]


@pytest.fixture
def iterator(streams: Any) -> Any:
    """`iterator(arn, shard_id, "LATEST")`"""

    def get(arn: str, shard: str, kind: str = "TRIM_HORIZON", **options: Any) -> str:
        answer = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType=kind, **options)
        return answer["ShardIterator"]

    return get


@pytest.fixture
def read(streams: Any, shards: Any, iterator: Any) -> Any:
    """`read(arn)`: all records of a stream, shard by shard."""

    def read(arn: str) -> list[dict[str, Any]]:
        records = []
        for shard in shards(arn):
            records += streams.get_records(ShardIterator=iterator(arn, shard["ShardId"]))["Records"]
        return records

    return read


@pytest.fixture
def refused() -> Any:
    """`refused(function, **arguments)` answers the code and message of the error that must come."""

    def call(function: Any, **arguments: Any) -> tuple[str, str]:
        with pytest.raises(ClientError) as error:
            function(**arguments)
        return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]

    return call


@pytest.fixture
def settle(undercast: Any) -> Any:
    """`settle()` waits until every job that is due has run."""
    return lambda: undercast.run(undercast.platform.jobs.idle())
