"""Which web pages may call."""

from __future__ import annotations

import pytest


def preflight(raw, origin):
    raw.send(
        b"OPTIONS / HTTP/1.1\r\nHost: x\r\nOrigin: " + origin + b"\r\nAccess-Control-Request-Method: POST\r\n"
        b"Access-Control-Request-Headers: x-amz-target\r\n\r\n"
    )
    return raw.answer()


@pytest.mark.parametrize("origin", [b"http://localhost:3000", b"https://app.localhost.localstack.cloud:4566"])
def test_local_pages_may(raw, origin):
    status, headers, _ = preflight(raw, origin)
    assert (status, headers["access-control-allow-origin"]) == (204, origin.decode())
    assert headers["access-control-allow-headers"] == "x-amz-target"


def test_other_pages_may_not(raw):
    status, headers, _ = preflight(raw, b"https://example.com")
    assert status == 403
    assert "access-control-allow-origin" not in headers
