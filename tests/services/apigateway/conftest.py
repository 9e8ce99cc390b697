"""An API that a test can build in a few words, deploy and ask."""

from __future__ import annotations

import contextlib
import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest


@pytest.fixture
def apigateway(aws: Any) -> Any:
    return aws("apigateway")


@dataclass
class Reply:
    """What a stage answered."""

    status: int
    headers: dict[str, str]
    body: bytes
    raw_headers: list[tuple[str, str]] = field(default_factory=list)

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class Api:
    """A REST API under construction."""

    def __init__(self, client: Any, url: str, **settings: Any) -> None:
        self.client, self.url = client, url
        made = client.create_rest_api(name="test", **settings)
        self.id, self.root = made["id"], made["rootResourceId"]

    def resource(self, path: str) -> str:
        """The id of a resource, made with all above it when it is missing."""
        found = {r["path"]: r["id"] for r in self.client.get_resources(restApiId=self.id, limit=500)["items"]}
        parent, so_far = self.root, ""
        for part in filter(None, path.split("/")):
            so_far += f"/{part}"
            if so_far not in found:
                made = self.client.create_resource(restApiId=self.id, parentId=parent, pathPart=part)
                found[so_far] = made["id"]
            parent = found[so_far]
        return parent

    def method(self, method: str, path: str, **settings: Any) -> dict[str, str]:
        """Put a method; the answer names it for further calls."""
        where = {"restApiId": self.id, "resourceId": self.resource(path), "httpMethod": method}
        self.client.put_method(**where, **{"authorizationType": "NONE", **settings})
        return where

    def mock(self, method: str, path: str, response: str = "{}", **settings: Any) -> dict[str, str]:
        """A method that answers `response`, a template."""
        where = self.method(method, path, **settings)
        template = {"application/json": '{"statusCode": 200}'}
        self.client.put_integration(**where, type="MOCK", requestTemplates=template)
        self.respond(where, responseTemplates={"application/json": response})
        return where

    def respond(self, where: dict[str, str], status: str = "200", **settings: Any) -> None:
        """Put an integration response and the method response for it."""
        declared = dict.fromkeys(settings.get("responseParameters", {}), False)
        self.client.put_method_response(**where, statusCode=status, responseParameters=declared)
        self.client.put_integration_response(**where, statusCode=status, **settings)

    def deploy(self, stage: str = "test", **settings: Any) -> str:
        return self.client.create_deployment(restApiId=self.id, stageName=stage, **settings)["id"]

    def ask(self, method: str, path: str, body: bytes | str = b"", headers: Any = (), *, stage: str = "test") -> Reply:
        """Send a request to a stage as it is written here."""
        content = body.encode() if isinstance(body, str) else body
        with contextlib.closing(http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=20)) as connection:
            connection.putrequest(
                method, f"/restapis/{self.id}/{stage}/_user_request_{path}", skip_accept_encoding=True
            )
            for name, value in headers.items() if isinstance(headers, dict) else headers:
                connection.putheader(name, value)
            if content or method in ("POST", "PUT", "PATCH"):
                connection.putheader("Content-Length", str(len(content)))
            connection.endheaders(content or None)
            answer = connection.getresponse()
            found = answer.getheaders()
            return Reply(answer.status, {name.lower(): value for name, value in found}, answer.read(), found)


@pytest.fixture
def new_api(apigateway: Any, undercast: Any) -> Iterator[Callable[..., Api]]:
    yield lambda **settings: Api(apigateway, undercast.url, **settings)


@pytest.fixture
def api(new_api: Callable[..., Api]) -> Api:
    """An empty API."""
    return new_api()
