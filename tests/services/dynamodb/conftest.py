"""Fixtures for DynamoDB: clients, tables of the usual kinds."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def dynamodb(aws: Any) -> Any:
    return aws("dynamodb")


@pytest.fixture
def make(dynamodb: Any) -> Any:
    """`make("name", "id", "n:N", GlobalSecondaryIndexes=[…])` creates a table on demand: keys, then other options.

    An attribute is a string unless it says otherwise (`n:N`); `also=("x", "y:N")` defines those of indexes.
    """

    def make(name: str = "table", *keys: str, also: tuple[str, ...] = (), **options: Any) -> str:
        named = [key.partition(":")[::2] for key in keys or ("id",)]
        schema = [{"AttributeName": n, "KeyType": kind} for (n, _), kind in zip(named, ("HASH", "RANGE"), strict=False)]
        named += [key.partition(":")[::2] for key in also]
        dynamodb.create_table(
            TableName=name,
            KeySchema=schema,
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": kind or "S"} for n, kind in named],
            **({"BillingMode": "PAY_PER_REQUEST"} if "ProvisionedThroughput" not in options else {}),
            **options,
        )
        return name

    return make


@pytest.fixture
def table(make: Any) -> str:
    """A table with the partition key `id`."""
    return make("table")


@pytest.fixture
def sorted_table(make: Any) -> str:
    """A table with the partition key `id` and the numeric sort key `n`."""
    return make("sorted", "id", "n:N")


@pytest.fixture
def settle(undercast: Any) -> Any:
    """`settle()` waits until every job that is due has run."""
    return lambda: undercast.run(undercast.platform.jobs.idle())


@pytest.fixture
def error_of() -> Any:
    """`error_of(function, **arguments)` answers the error that must come."""

    def call(function: Any, **arguments: Any) -> ClientError:
        with pytest.raises(ClientError) as error:
            function(**arguments)
        return error.value

    return call


@pytest.fixture
def refused(error_of: Any) -> Any:
    """`refused(function, **arguments)` answers the code and message of the error that must come."""

    def call(function: Any, **arguments: Any) -> tuple[str, str]:
        error = error_of(function, **arguments).response["Error"]
        return error["Code"], error["Message"]

    return call


@pytest.fixture
def invalid(refused: Any) -> Any:
    """`invalid(function, **arguments)` answers the message of the ValidationException that must come."""

    def call(function: Any, **arguments: Any) -> str:
        code, message = refused(function, **arguments)
        assert code == "ValidationException"
        return message

    return call


@pytest.fixture
def streams(aws: Any) -> Any:
    return aws("dynamodbstreams")


@pytest.fixture
def put(dynamodb: Any) -> Any:
    """`put("a", value={"N": "1"})` puts an item into the table `table`, or another: `put("a", table="other")`."""

    def put(id: str, *, table: str = "table", **attributes: Any) -> None:
        dynamodb.put_item(TableName=table, Item={"id": {"S": id}, **attributes})

    return put


@pytest.fixture
def ids(dynamodb: Any) -> Any:
    """`ids("table")`: the sorted ids of all its items."""
    return lambda table="table": sorted(item["id"]["S"] for item in dynamodb.scan(TableName=table)["Items"])


@pytest.fixture
def describe(dynamodb: Any) -> Any:
    """`describe("table")`: its description."""
    return lambda table="table": dynamodb.describe_table(TableName=table)["Table"]


@pytest.fixture
def settle_retries(clock: Any, settle: Any) -> Any:
    """`settle_retries()`: as `settle`, for jobs that may have lost races with writes and try again a second later."""

    def run() -> None:
        for seconds in (0, 2, 4, 8):
            clock.advance(seconds=seconds)
            settle()

    return run
