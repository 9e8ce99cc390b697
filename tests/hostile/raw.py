"""A connection that sends any bytes, and the valid requests of real clients to spoil."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse

ROLE = "arn:aws:iam::000000000000:role/r"
FORM = b"application/x-www-form-urlencoded"

# One operation of each service, as boto3 sends it.
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "apigateway": ("create_rest_api", {"name": "api", "tags": {"a": "b"}}),
    "cloudformation": ("list_stack_resources", {"StackName": "none"}),
    "iam": ("create_user", {"UserName": "u", "Tags": [{"Key": "a", "Value": "b"}]}),
    "kms": ("create_key", {"Description": "d", "Tags": [{"TagKey": "a", "TagValue": "b"}]}),
    "lambda": (
        "create_function",
        {"FunctionName": "f", "Role": ROLE, "Code": {"ZipFile": b"x"}, "Timeout": 3, "Environment": {"Variables": {}}},
    ),
    "logs": ("put_log_events", {"logGroupName": "g", "logStreamName": "s", "logEvents": [{"timestamp": 1, "message": "m"}]}),
    "s3": ("put_bucket_tagging", {"Bucket": "hostile-bucket", "Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}}),
    "secretsmanager": ("create_secret", {"Name": "s", "SecretBinary": b"\x00", "Tags": [{"Key": "a", "Value": "b"}]}),
    "sns": ("create_topic", {"Name": "t", "Attributes": {"DisplayName": "d"}, "Tags": [{"Key": "a", "Value": "b"}]}),
    "sqs": ("create_queue", {"QueueName": "q", "Attributes": {"DelaySeconds": "1"}, "tags": {"a": "b"}}),
    "ssm": ("put_parameter", {"Name": "/p", "Value": "v", "Type": "String", "Overwrite": True}),
    "sts": ("get_caller_identity", {}),
}  # fmt: skip


@dataclass
class Sent:
    """One request as bytes: its parts, to be changed."""

    method: bytes
    target: bytes
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""

    def bytes(self) -> bytes:
        lines = [b"%b %b HTTP/1.1" % (self.method, self.target)]
        headers = {k: v for k, v in self.headers.items() if k.lower() != b"content-length"}
        lines += [b"%b: %b" % item for item in headers.items()]
        return b"\r\n".join([*lines, b"Content-Length: %d" % len(self.body)]) + b"\r\n\r\n" + self.body

    def but(self, **changes: Any) -> Sent:
        return Sent(
            **(
                {"method": self.method, "target": self.target, "headers": dict(self.headers), "body": self.body}
                | changes
            )
        )

    def header(self, name: bytes, value: bytes | None) -> Sent:
        """The same with a header set, or (None) left out."""
        headers = {k: v for k, v in self.headers.items() if k.lower() != name.lower()}
        return self.but(headers=headers | ({name: value} if value is not None else {}))


def sent_by(client: Any, method: str, params: dict[str, Any]) -> Sent:
    """The bytes of a boto3 call, which is not made."""
    caught = []

    def catch(request: Any, **_: Any) -> AWSResponse:
        caught.append(request)
        raise InterruptedError

    client.meta.events.register("before-send", catch)
    try:
        getattr(client, method)(**params)
    except InterruptedError:
        pass
    finally:
        client.meta.events.unregister("before-send", catch)
    request = caught[0]
    url = urlsplit(request.url)
    target = url.path + (f"?{url.query}" if url.query else "")
    headers = {_bytes(name): _bytes(value) for name, value in request.headers.items()} | {b"Host": url.netloc.encode()}
    headers.pop(b"Expect", None)
    body = request.body if request.body is not None else b""
    return Sent(
        request.method.encode(),
        target.encode(),
        headers,
        _bytes(body if isinstance(body, str | bytes) else body.read()),
    )


def query_request(host: str) -> Sent:
    """SQS as old clients speak it."""
    return Sent(b"POST", b"/", {b"Host": host.encode(), b"Content-Type": FORM}, b"Action=CreateQueue&QueueName=q&Version=2012-11-05&Tag.1.Key=a&Tag.1.Value=b")  # fmt: skip


class Raw:
    """Bytes in, bytes out."""

    def __init__(self, url: str, timeout_s: float = 10) -> None:
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=timeout_s)
        self.data = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """One response: status, headers, body."""
        while b"\r\n\r\n" not in self.data:
            self._more()
        head, _, self.data = self.data.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        if headers.get("transfer-encoding") == "chunked":
            return int(first.split()[1]), headers, self._chunks()
        length = int(headers.get("content-length", 0))
        while len(self.data) < length:
            self._more()
        body, self.data = self.data[:length], self.data[length:]
        return int(first.split()[1]), headers, body

    def rest(self) -> bytes:
        """All that comes until the other side closes."""
        try:
            while data := self.socket.recv(65536):
                self.data += data
        except ConnectionResetError:
            pass
        return self.data

    def close(self) -> None:
        self.socket.close()

    def _chunks(self) -> bytes:
        body = b""
        while True:
            while b"\r\n" not in self.data:
                self._more()
            size, _, self.data = self.data.partition(b"\r\n")
            while len(self.data) < int(size, 16) + 2:
                self._more()
            body, self.data = body + self.data[: int(size, 16)], self.data[int(size, 16) + 2 :]
            if not int(size, 16):
                return body

    def _more(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise EOFError(f"closed after {self.data!r}")
        self.data += data


Connect = Callable[[], Raw]


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
