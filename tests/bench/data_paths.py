"""The paths of tables, streams, events and large listings."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from typing import Any

import orjson

from tests.bench.load import always, in_turn, json_request, request
from tests.bench.paths import make_function
from undercast.engines import patterns

TABLE, STREAM, LISTED = "table", "stream", "listed"
LATENCY = """
import base64, json, time
def handler(event, context):
    for record in event["Records"]:
        sent = float(base64.b64decode(record["kinesis"]["data"]))
        print(json.dumps({"latency_ms": 1000 * (time.time() - sent)}))
"""


def put_item(table: str = TABLE) -> Any:
    """New items, one after the other."""
    numbers = iter(range(10**9))

    def talk(_: bytes) -> bytes:
        return _dynamodb("PutItem", {"TableName": table, "Item": _item(f"new-{next(numbers)}", 0)})

    return in_turn(talk)


def get_item(table: str = TABLE) -> Any:
    return always(_dynamodb("GetItem", {"TableName": table, "Key": {"pk": {"S": "hundred"}, "sk": {"N": "50"}}}))


def query(table: str = TABLE) -> Any:
    """A partition of 100 items."""
    values = {":pk": {"S": "hundred"}}
    return always(
        _dynamodb(
            "Query",
            {"TableName": table, "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": values},
        )
    )


def transact_write(table: str = TABLE) -> Any:
    """Ten new items at once."""
    numbers = iter(range(10**9))

    def talk(_: bytes) -> bytes:
        name = f"transaction-{next(numbers)}"
        puts = [{"Put": {"TableName": table, "Item": _item(name, n)}} for n in range(10)]
        return _dynamodb("TransactWriteItems", {"TransactItems": puts})

    return in_turn(talk)


def put_records() -> Any:
    """A hundred records of 100 bytes."""
    data = b64encode(b"x" * 100).decode()
    records = [{"Data": data, "PartitionKey": f"key-{n}"} for n in range(100)]
    body = orjson.dumps({"StreamName": STREAM, "Records": records})
    return always(json_request("kinesis", "Kinesis_20131202.PutRecords", body, "1.1"))


def put_events(bus: str) -> Any:
    """One event, which one rule sends to a queue."""
    entry = {"EventBusName": bus, "Source": "bench", "DetailType": "type-0", "Detail": '{"amount": 5}'}
    return always(json_request("events", "AWSEvents.PutEvents", orjson.dumps({"Entries": [entry]}), "1.1"))


def list_objects() -> Any:
    """A page from the middle of 2,000 keys."""
    return always(request("GET", f"/{LISTED}?list-type=2&start-after=key-0000500", service="s3"))


def prepare(clients: Any) -> None:
    """Make what these paths need."""
    make_table(clients, TABLE)
    clients("kinesis").create_stream(StreamName=STREAM, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    clients("kinesis").get_waiter("stream_exists").wait(StreamName=STREAM, WaiterConfig={"Delay": 1})
    for rules in (1, 1000):
        _make_bus(clients, f"bus-{rules}", rules)


def prepare_list(clients: Any) -> None:
    """A bucket with one object, to be copied."""
    clients("s3").create_bucket(Bucket=LISTED)
    clients("s3").put_object(Bucket=LISTED, Key="first", Body=b"x")


def make_table(clients: Any, name: str) -> None:
    """A table with a partition of 100 items."""
    dynamodb = clients("dynamodb")
    dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )  # fmt: skip
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    for n in range(100):
        dynamodb.put_item(TableName=name, Item=_item("hundred", n))


def stream_latencies(clients: Any, count: int = 100) -> list[float]:
    """Milliseconds from before PutRecord until the function has the record, sorted."""
    kinesis, aws_lambda, logs = clients("kinesis"), clients("lambda"), clients("logs")
    kinesis.create_stream(StreamName="latency", ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName="latency", WaiterConfig={"Delay": 1})
    arn = kinesis.describe_stream_summary(StreamName="latency")["StreamDescriptionSummary"]["StreamARN"]
    make_function(clients, "latency", LATENCY)
    mapping = aws_lambda.create_event_source_mapping(
        FunctionName="latency", EventSourceArn=arn, StartingPosition="TRIM_HORIZON", BatchSize=1
    )
    while aws_lambda.get_event_source_mapping(UUID=mapping["UUID"])["State"] != "Enabled":
        time.sleep(0.05)
    for _ in range(count):
        kinesis.put_record(StreamName="latency", PartitionKey="k", Data=str(time.time()).encode())
        time.sleep(0.02)
    while len(found := _latencies(logs)) < count:
        time.sleep(0.1)
    return sorted(found)


def match_us(rules: int = 10_000) -> float:
    """Microseconds in which an event finds the one of many rules that wants it."""
    entries = [({"source": ["bench"], "detail": {"id": [{"prefix": f"{n:05d}-"}]}}, n) for n in range(rules)]
    index = patterns.Index([(patterns.compile(pattern), number) for pattern, number in entries])
    event = {"source": "bench", "detail-type": "order", "detail": {"id": "00042-x", "total": 7.5, "key": 42}}
    times = []
    for _ in range(1_000):
        began = time.perf_counter()
        found = index.matching(event)
        times.append(1e6 * (time.perf_counter() - began))
        assert found == [42]
    return sorted(times)[500]


def _latencies(logs: Any) -> list[float]:
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName="/aws/lambda/latency", filterPattern="latency_ms"
    )
    return [json.loads(event["message"])["latency_ms"] for page in pages for event in page["events"]]


def _make_bus(clients: Any, name: str, rules: int) -> None:
    events, sqs = clients("events"), clients("sqs")
    sqs.create_queue(QueueName=name)
    events.create_event_bus(Name=name)
    for n in range(rules):
        pattern = json.dumps(
            {"source": ["bench"], "detail-type": [f"type-{n}"], "detail": {"amount": [{"numeric": [">", 0]}]}}
        )
        events.put_rule(Name=f"rule-{n}", EventBusName=name, EventPattern=pattern)
    target = {"Id": "queue", "Arn": f"arn:aws:sqs:us-east-1:000000000000:{name}"}
    events.put_targets(Rule="rule-0", EventBusName=name, Targets=[target])


def _item(pk: str, sk: int) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"N": str(sk)}, "name": {"S": "x" * 80}, "amount": {"N": "12.50"}}


def _dynamodb(operation: str, body: dict[str, Any]) -> bytes:
    return json_request("dynamodb", f"DynamoDB_20120810.{operation}", orjson.dumps(body))
