"""What arrives at each kind of target; HTTP endpoints as targets and enrichments."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from queue import Queue
from typing import Any

import pytest

from tests.services.pipes.conftest import eventually


class Endpoint:
    """An HTTP server that keeps what it is sent and answers with `answer`."""

    def __init__(self) -> None:
        self.requests: Queue[tuple[str, str, dict[str, str], str]] = Queue()
        self.status, self.answer = 200, b""
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                endpoint.requests.put((self.command, self.path, dict(self.headers), body))
                self.send_response(endpoint.status)
                self.send_header("Content-Length", str(len(endpoint.answer)))
                self.end_headers()
                self.wfile.write(endpoint.answer)

            do_PUT = do_POST

            def log_message(self, *args: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    found = Endpoint()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def destination(aws: Any, endpoint: Endpoint) -> Any:
    """`destination("/path/*", "POST")` answers the ARN of an API destination at the endpoint, with an API key."""

    def create(path: str, method: str = "POST") -> str:
        events = aws("events")
        key = {"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "secret"}}
        connection = events.create_connection(Name="there", AuthorizationType="API_KEY", AuthParameters=key)
        eventually(lambda: events.describe_connection(Name="there")["ConnectionState"] == "AUTHORIZED")
        return events.create_api_destination(
            Name="there", ConnectionArn=connection["ConnectionArn"], InvocationEndpoint=endpoint.url + path,
            HttpMethod=method,
        )["ApiDestinationArn"]  # fmt: skip

    return create


def test_a_topic(pipes: Any, aws: Any, source: Any, sink: Any) -> None:
    sns = aws("sns")
    topic = sns.create_topic(Name="topic")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=sink.arn, Attributes={"RawMessageDelivery": "true"})
    pipes.create(source.arn, topic, TargetParameters={"InputTemplate": "Hello, <$.body>"})
    source.send("sender")
    assert sink.bodies() == ['Hello, "sender"']


def test_a_bus(pipes: Any, aws: Any, source: Any, sink: Any, account: str, region: str) -> None:
    events = aws("events")
    bus = events.create_event_bus(Name="bus")["EventBusArn"]
    events.put_rule(Name="rule", EventBusName="bus", EventPattern=json.dumps({"source": ["shop"]}))
    events.put_targets(Rule="rule", EventBusName="bus", Targets=[{"Id": "1", "Arn": sink.arn}])
    parameters = {
        "InputTemplate": "<$.body>",
        "EventBridgeEventBusParameters": {"Source": "shop", "DetailType": "$.body.kind", "Resources": ["$.body.id"]},
    }
    pipes.create(source.arn, bus, TargetParameters=parameters)
    source.send('{"kind": "order", "id": "7"}')
    (event,) = sink.documents()
    assert (event["detail-type"], event["source"], event["resources"]) == ("order", "shop", ["7"])
    assert event["detail"] == {"kind": "order", "id": "7"}


def test_a_stream(pipes: Any, aws: Any, source: Any) -> None:
    kinesis = aws("kinesis")
    kinesis.create_stream(StreamName="stream", ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName="stream", WaiterConfig={"Delay": 0, "MaxAttempts": 500})
    arn = kinesis.describe_stream_summary(StreamName="stream")["StreamDescriptionSummary"]["StreamARN"]
    parameters = {"InputTemplate": "<$.body.n>", "KinesisStreamParameters": {"PartitionKey": "$.body.key"}}
    pipes.create(source.arn, arn, TargetParameters=parameters)
    source.send('{"n": 1, "key": "k"}')
    where = {"StreamARN": arn, "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
    iterator = kinesis.get_shard_iterator(**where)["ShardIterator"]
    records = eventually(lambda: kinesis.get_records(ShardIterator=iterator)["Records"])
    assert [(one["Data"], one["PartitionKey"]) for one in records] == [(b"1", "k")]


def test_parameters_go_with_their_target(pipes: Any, aws: Any, source: Any, sink: Any) -> None:
    aws("kinesis").create_stream(StreamName="stream", ShardCount=1)
    arn = sink.arn.replace(":sqs:", ":kinesis:").replace(":sink", ":stream/stream")
    parameters = {"InputTemplate": "<$.body>", "KinesisStreamParameters": {"PartitionKey": "k"}}
    pipes.create(source.arn, arn, TargetParameters=parameters)
    pipes.client.update_pipe(Name="pipe", RoleArn=pipes.role, Target=sink.arn)
    assert pipes.until("RUNNING")["TargetParameters"] == {"InputTemplate": "<$.body>"}
    source.send("x")
    assert sink.bodies() == ['"x"']


def test_a_delivery_stream(pipes: Any, aws: Any, source: Any, clock: Any) -> None:
    aws("s3").create_bucket(Bucket="pipes-delivery")
    aws("firehose").create_delivery_stream(
        DeliveryStreamName="delivery",
        S3DestinationConfiguration={
            "BucketARN": "arn:aws:s3:::pipes-delivery", "RoleARN": pipes.role,
            "BufferingHints": {"IntervalInSeconds": 60, "SizeInMBs": 1},
        },
    )  # fmt: skip
    described = aws("firehose").describe_delivery_stream(DeliveryStreamName="delivery")
    arn = described["DeliveryStreamDescription"]["DeliveryStreamARN"]
    pipes.create(source.arn, arn, TargetParameters={"InputTemplate": "<$.body>"})
    source.send("a", "b")
    eventually(lambda: source.size() == (0, 0))
    clock.advance(seconds=61)
    s3 = aws("s3")
    (found,) = eventually(lambda: s3.list_objects_v2(Bucket="pipes-delivery").get("Contents"))
    assert s3.get_object(Bucket="pipes-delivery", Key=found["Key"])["Body"].read() in (b'"a""b"', b'"b""a"')
    s3.delete_object(Bucket="pipes-delivery", Key=found["Key"])
    s3.delete_bucket(Bucket="pipes-delivery")


def test_a_log_group(pipes: Any, aws: Any, source: Any, account: str, region: str, undercast: Any) -> None:
    logs = aws("logs")
    logs.create_log_group(logGroupName="group")
    logs.create_log_stream(logGroupName="group", logStreamName="stream-a")
    now = undercast.platform.clock.now()
    parameters = {
        "InputTemplate": "<$.body.text>",
        "CloudWatchLogsParameters": {"LogStreamName": "$.body.stream", "Timestamp": "$.body.at"},
    }
    pipes.create(source.arn, f"arn:aws:logs:{region}:{account}:log-group:group", TargetParameters=parameters)
    source.send(json.dumps({"text": "hello", "stream": "stream-a", "at": now - 1000}))
    (event,) = eventually(lambda: logs.get_log_events(logGroupName="group", logStreamName="stream-a")["events"])
    assert (event["message"], event["timestamp"]) == ('"hello"', now - 1000)


def test_an_api_destination(pipes: Any, source: Any, destination: Any, endpoint: Endpoint) -> None:
    parameters = {
        "InputTemplate": '{"n": <$.body.n>}',
        "HttpParameters": {
            "PathParameterValues": ["$.body.id"], "HeaderParameters": {"x-kind": "$.body.kind"},
            "QueryStringParameters": {"q": "fixed"},
        },
    }  # fmt: skip
    pipes.create(source.arn, destination("/orders/*/lines", "PUT"), TargetParameters=parameters)
    source.send('{"n": 1, "id": "a/b", "kind": "new"}')
    method, path, headers, body = endpoint.requests.get(timeout=20)
    assert (method, path, body) == ("PUT", "/orders/a%2Fb/lines?q=fixed", '{"n": 1}')
    assert (headers["x-kind"], headers["x-key"]) == ("new", "secret")


def test_an_api_destination_that_refuses(
    pipes: Any, source: Any, destination: Any, endpoint: Endpoint, clock: Any
) -> None:
    endpoint.status = 500
    pipes.create(source.arn, destination("/"))
    source.send("x")
    endpoint.requests.get(timeout=20)
    endpoint.status = 200
    eventually(lambda: source.size() == (0, 1))
    clock.advance(seconds=31)
    endpoint.requests.get(timeout=20)
    eventually(lambda: source.size() == (0, 0))


def test_an_api_destination_as_enrichment(
    pipes: Any, source: Any, sink: Any, destination: Any, endpoint: Endpoint
) -> None:
    endpoint.answer = b'{"rich": true}'
    pipes.create(
        source.arn, sink.arn, Enrichment=destination("/enrich"), EnrichmentParameters={"InputTemplate": "<$.body>"}
    )
    source.send("poor")
    assert sink.documents() == [{"rich": True}]
    assert endpoint.requests.get(timeout=20)[3] == '"poor"'


@pytest.mark.parametrize("guard", ["NONE", "AWS_IAM"])
def test_a_stage_of_an_api(pipes: Any, aws: Any, source: Any, sink: Any, account: str, region: str, guard: str) -> None:
    gateway = aws("apigateway")
    api = gateway.create_rest_api(name="api")["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    where = {"restApiId": api, "resourceId": root, "httpMethod": "POST"}
    gateway.put_method(**where, authorizationType=guard)
    gateway.put_integration(**where, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    gateway.put_method_response(**where, statusCode="200")
    gateway.put_integration_response(
        **where, statusCode="200", responseTemplates={"application/json": '{"from": "api"}'}
    )
    gateway.create_deployment(restApiId=api, stageName="stage")
    arn = f"arn:aws:execute-api:{region}:{account}:{api}/stage/POST/"
    pipes.create(source.arn, sink.arn, Enrichment=arn)
    source.send("x")
    assert sink.documents() == [{"from": "api"}]
