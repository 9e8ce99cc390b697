"""Fixtures for SNS: clients, topics, queues that listen, an HTTP endpoint that records what it is sent."""

from __future__ import annotations

import http.server
import json
import queue
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def sns(aws: Any) -> Any:
    return aws("sns")


@pytest.fixture
def topic(sns: Any) -> str:
    """The ARN of a fresh standard topic."""
    return sns.create_topic(Name="topic")["TopicArn"]


@pytest.fixture
def fifo_topic(sns: Any) -> str:
    """The ARN of a fresh FIFO topic with content-based deduplication."""
    attributes = {"FifoTopic": "true", "ContentBasedDeduplication": "true"}
    return sns.create_topic(Name="topic.fifo", Attributes=attributes)["TopicArn"]


@dataclass
class Listener:
    """A queue that can be subscribed to topics."""

    sqs: Any
    url: str
    arn: str

    def receive(self, **options: Any) -> list[dict[str, Any]]:
        """All messages that wait, with all their attributes, in the order of arrival."""
        found: list[dict[str, Any]] = []
        asked = {"AttributeNames": ["All"], "MessageAttributeNames": ["All"], "MaxNumberOfMessages": 10, **options}
        while answer := self.sqs.receive_message(QueueUrl=self.url, **asked).get("Messages"):
            found += answer
        return found

    def bodies(self) -> list[str]:
        return [message["Body"] for message in self.receive()]

    def messages(self) -> list[str]:
        """The Message of every envelope."""
        return [json.loads(body)["Message"] for body in self.bodies()]


@pytest.fixture
def make_queue(aws: Any) -> Any:
    def make(name: str = "queue", **options: Any) -> Listener:
        sqs = aws("sqs", **options)
        attributes = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return Listener(sqs, url, arn)

    return make


@pytest.fixture
def listener(make_queue: Any) -> Listener:
    return make_queue()


@pytest.fixture
def subscribe(sns: Any) -> Any:
    """`subscribe(topic, endpoint, protocol="sqs", **attributes)` answers the subscription's ARN."""

    def subscribe(topic: str, endpoint: Any, protocol: str = "sqs", **attributes: str) -> str:
        endpoint = endpoint.arn if isinstance(endpoint, Listener) else endpoint
        return sns.subscribe(
            TopicArn=topic, Protocol=protocol, Endpoint=endpoint, Attributes=attributes, ReturnSubscriptionArn=True
        )["SubscriptionArn"]

    return subscribe


class Endpoint:
    """An HTTP server that keeps what it is sent and answers with the next of `statuses`, or 200."""

    def __init__(self) -> None:
        self.requests: queue.Queue[tuple[dict[str, str], str]] = queue.Queue()
        self.statuses: list[int] = []
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.send_response(endpoint.statuses.pop(0) if endpoint.statuses else 200)
                self.end_headers()
                endpoint.requests.put((dict(self.headers.items()), body))

            def log_message(self, *_args: Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/sns-endpoint"

    def next(self) -> tuple[dict[str, str], Any]:
        """Headers (in the usual case) and body of the next request; JSON bodies parsed."""
        headers, body = self.requests.get(timeout=10)
        titled = {name.title(): value for name, value in headers.items()}
        return titled, json.loads(body) if body.startswith("{") else body

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    yield made
    made.close()


@pytest.fixture
def http_subscription(sns: Any, topic: str, endpoint: Endpoint, subscribe: Any) -> Any:
    """`http_subscription(**attributes)`: the ARN of a confirmed subscription of the endpoint."""

    def make(**attributes: str) -> str:
        arn = subscribe(topic, endpoint.url, "http", **attributes)
        _, body = endpoint.next()
        sns.confirm_subscription(TopicArn=topic, Token=body["Token"])
        return arn

    return make


@pytest.fixture
def captured(undercast: Any, account: str) -> Any:
    """`captured(protocol="sms")`: what was captured for phones, mailboxes and apps."""

    def get(**query: str) -> list[dict[str, Any]]:
        text = "&".join(f"{name}={value}" for name, value in {"account": account, **query}.items())
        with urllib.request.urlopen(f"{undercast.url}/_aws/sns/messages?{text}") as answer:
            return json.load(answer)["messages"]

    return get


@pytest.fixture
def settle(undercast: Any) -> Any:
    """`settle()` waits until every job that is due has run."""
    return lambda: undercast.run(undercast.platform.jobs.idle())


@pytest.fixture
def refused() -> Any:
    """`refused(function, **arguments)` answers the code and message of the error that must come."""

    def call(function: Any, **arguments: Any) -> tuple[str, str]:
        with pytest.raises(ClientError) as error:
            function(**arguments)
        return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]

    return call
