"""Fixtures for Firehose: streams, buckets, functions, an HTTP endpoint; `flushed()` lets every buffer's time come."""

from __future__ import annotations

import gzip
import http.server
import io
import json
import queue
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::111111111111:role/firehose"
RUNTIME = f"python3.{sys.version_info[1]}"


@pytest.fixture
def firehose(aws: Any) -> Any:
    return aws("firehose")


@pytest.fixture
def s3(aws: Any) -> Any:
    return aws("s3")


@pytest.fixture
def bucket(s3: Any, account: str) -> str:
    """The ARN of a fresh bucket."""
    s3.create_bucket(Bucket=f"bucket-{account}")
    return f"arn:aws:s3:::bucket-{account}"


@pytest.fixture
def settle(undercast: Any) -> Callable[[], None]:
    """Waits until every job that is due has run."""
    return lambda: undercast.run(undercast.platform.jobs.idle())


@pytest.fixture
def flushed(clock: Any, settle: Any) -> Callable[[], None]:
    """Lets every buffer's time come, and what follows happen."""

    def flush() -> None:
        clock.advance(seconds=900)
        settle()

    return flush


@pytest.fixture
def stream(firehose: Any, bucket: str) -> Callable[..., str]:
    """`stream("name", Prefix=…)`: a stream to the bucket, with settings of ExtendedS3; its name."""

    def make(name: str = "stream", **settings: Any) -> str:
        wanted = {"RoleARN": ROLE, "BucketARN": bucket, **settings}
        firehose.create_delivery_stream(DeliveryStreamName=name, ExtendedS3DestinationConfiguration=wanted)
        return name

    return make


@pytest.fixture
def objects(s3: Any, bucket: str) -> Callable[[], dict[str, bytes]]:
    """What is in the bucket, by key."""

    def read(arn: str = bucket) -> dict[str, bytes]:
        name = arn.rpartition(":")[2]
        listed = s3.list_objects_v2(Bucket=name).get("Contents", ())
        return {one["Key"]: s3.get_object(Bucket=name, Key=one["Key"])["Body"].read() for one in listed}

    return read


@pytest.fixture
def put(firehose: Any) -> Callable[..., Any]:
    """`put("stream", b"one", b"two")`"""

    def send(name: str, *data: bytes) -> Any:
        return firehose.put_record_batch(DeliveryStreamName=name, Records=[{"Data": one} for one in data])

    return send


@pytest.fixture
def function(aws: Any) -> Callable[[str], str]:
    """`function(code)`: the ARN of a function."""

    def make(code: str) -> str:
        client, package = aws("lambda"), io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("handler.py", code)
        made = client.create_function(
            FunctionName="transform", Runtime=RUNTIME, Handler="handler.handler", Code={"ZipFile": package.getvalue()},
            Role="arn:aws:iam::000000000000:role/x",
        )  # fmt: skip
        client.get_waiter("function_active_v2").wait(FunctionName="transform", WaiterConfig={"Delay": 0.01})
        return made["FunctionArn"]

    return make


@pytest.fixture
def refused() -> Any:
    """`refused(function, **arguments)` answers the code and message of the error that must come."""

    def call(function: Any, **arguments: Any) -> tuple[str, str]:
        with pytest.raises(ClientError) as error:
            function(**arguments)
        return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]

    return call


def processor(type: str, **parameters: str) -> dict[str, Any]:
    """A processor as the API has it."""
    given = [{"ParameterName": name, "ParameterValue": value} for name, value in parameters.items()]
    return {"Type": type, "Parameters": given}


def processing(*processors: dict[str, Any]) -> dict[str, Any]:
    return {"Enabled": True, "Processors": list(processors)}


class Endpoint:
    """An HTTP server that keeps what it is sent and answers with the next of `answers`, or as Firehose wants it."""

    def __init__(self) -> None:
        self.requests: queue.Queue[tuple[str, dict[str, str], bytes]] = queue.Queue()
        self.answers: list[tuple[int, Any]] = []
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                endpoint.requests.put((self.path, dict(self.headers.items()), body))
                right = {"requestId": self.headers.get("X-Amz-Firehose-Request-Id"), "timestamp": 1}
                status, answer = endpoint.answers.pop(0) if endpoint.answers else (200, right)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(answer if isinstance(answer, bytes) else json.dumps(answer).encode())

            def log_message(self, *_args: Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def next(self) -> tuple[dict[str, str], bytes]:
        """Headers and body of the next request."""
        _, headers, body = self.requests.get(timeout=10)
        return headers, body

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    yield made
    made.close()
