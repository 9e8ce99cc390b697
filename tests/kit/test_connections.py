"""What a connection puts into a request."""

from __future__ import annotations

import orjson
import pytest

from undercast.kit.connections import basic, with_parameters
from undercast.kit.outgoing import Outgoing


def parameter(key: str, value: str) -> dict[str, object]:
    return {"key": key, "value": value, "is_value_secret": False}


REQUEST = Outgoing("POST", "http://host/path", {"X-One": "1", "x-two": "2"}, b'{"a": 1, "b": 2}')


def test_headers_win_whatever_their_case() -> None:
    made = with_parameters(REQUEST, {"header_parameters": [parameter("x-one", "new"), parameter("x-three", "3")]})
    assert made.headers == {"x-two": "2", "x-one": "new", "x-three": "3"}
    assert (made.url, made.body) == (REQUEST.url, REQUEST.body)


@pytest.mark.parametrize(
    ("url", "expected"), [("http://h/", "http://h/?q=a+b"), ("http://h/?x=1", "http://h/?x=1&q=a+b")]
)
def test_query_parameters_are_added(url: str, expected: str) -> None:
    made = with_parameters(Outgoing("GET", url), {"query_string_parameters": [parameter("q", "a b")]})
    assert made.url == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a": 1, "b": 2}', {"a": "new", "b": 2}),
        (b"", {"a": "new"}),
        (b"[1]", [1]),
        (b"no json", None),
    ],
)
def test_body_parameters_go_into_objects(body: bytes, expected: object) -> None:
    made = with_parameters(Outgoing("POST", "http://h/", {}, body), {"body_parameters": [parameter("a", "new")]})
    if expected is None:
        assert made.body == body
    else:
        assert orjson.loads(made.body) == expected


def test_no_parameters_change_nothing() -> None:
    assert with_parameters(REQUEST, {}) == REQUEST


def test_basic() -> None:
    assert basic("user", "päss") == "Basic dXNlcjpww6Rzcw=="
