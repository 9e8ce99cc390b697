"""Fixtures for EventBridge: clients, rules, queues that are targets, a server for API destinations."""

from __future__ import annotations

import http.server
import json
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

PATTERN = {
    "source": ["core.update-account-command"],
    "detail-type": ["core.update-account-command"],
    "detail": {"command": ["update-account"]},
}
DETAIL = {"command": "update-account", "payload": {"acc_id": "0a787ecb-4015", "sf_id": "baz"}}
ENTRY = {
    "Source": PATTERN["source"][0],
    "DetailType": PATTERN["detail-type"][0],
    "Detail": json.dumps(DETAIL),
}


@pytest.fixture
def events(aws: Any) -> Any:
    return aws("events")


@dataclass
class Queue:
    """A queue that can be a target."""

    sqs: Any
    url: str
    arn: str

    def receive(self, **options: Any) -> list[dict[str, Any]]:
        """All messages that wait, in the order of arrival."""
        found: list[dict[str, Any]] = []
        asked = {"MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"], "AttributeNames": ["All"], **options}
        while answer := self.sqs.receive_message(QueueUrl=self.url, **asked).get("Messages"):
            found += answer
        return found

    def bodies(self) -> list[Any]:
        """The parsed bodies of all messages, which are deleted."""
        messages = self.receive()
        for message in messages:
            self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]


@pytest.fixture
def make_queue(aws: Any) -> Any:
    def make(name: str = "queue", attributes: Any = None, **options: Any) -> Queue:
        sqs = aws("sqs", **options)
        url = sqs.create_queue(QueueName=name, Attributes=attributes or {})["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return Queue(sqs, url, arn)

    return make


@pytest.fixture
def target(make_queue: Any) -> Queue:
    return make_queue()


@pytest.fixture
def make_rule(events: Any) -> Any:
    """`make_rule("name", *arns_or_targets, pattern=..., bus=...)` answers the rule's ARN."""

    def make(
        name: str, *targets: Any, pattern: Any = None, bus: str = "default", client: Any = None, **options: Any
    ) -> str:
        client = client or events
        if "ScheduleExpression" not in options:
            options["EventPattern"] = json.dumps(pattern or PATTERN)
        arn = client.put_rule(Name=name, EventBusName=bus, **options)["RuleArn"]
        shown = [
            {"Id": f"t{number}", **({"Arn": one} if isinstance(one, str) else one)}
            for number, one in enumerate(targets)
        ]
        if shown:
            client.put_targets(Rule=name, EventBusName=bus, Targets=shown)
        return arn

    return make


@pytest.fixture
def put(events: Any) -> Any:
    """`put(detail, bus=…, Source=…)` sends one event and answers its id."""

    def send(detail: Any = None, bus: str = "default", client: Any = None, **members: Any) -> str:
        entry = {**ENTRY, "EventBusName": bus, **members}
        if detail is not None:
            entry["Detail"] = json.dumps(detail)
        answer = (client or events).put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0, answer
        return answer["Entries"][0]["EventId"]

    return send


class Server:
    """An HTTP server that keeps what it is sent and answers with the next of `answers`, or 200."""

    def __init__(self) -> None:
        self.requests: queue.Queue[tuple[str, str, dict[str, str], str]] = queue.Queue()
        self.answers: list[tuple[int, dict[str, str], str]] = []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                status, headers, text = server.answers.pop(0) if server.answers else (200, {}, "{}")
                server.requests.put((self.command, self.path, dict(self.headers.items()), body))
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(text))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *_args: Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def next(self) -> tuple[str, str, dict[str, str], str]:
        """Method, path, headers (names in lower case) and body of the next request."""
        method, path, headers, body = self.requests.get(timeout=20)
        return method, path, {name.lower(): value for name, value in headers.items()}, body

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


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
