"""Media types, and what becomes of binary and text bodies.

Source: "Content type conversions in API Gateway" in the developer guide, and recorded: TestApiGatewayS3BinarySupport.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Sequence


class NotBase64(ValueError):
    """A text that should become binary is not base64."""


def media_type(header: str) -> str:
    """The media type in a Content-Type header, without parameters, in lower case."""
    return header.partition(";")[0].strip().lower()


def first_accepted(header: str) -> str:
    """The first media type of an Accept header; API Gateway looks at no other."""
    return media_type(header.partition(",")[0])


class BinaryTypes:
    """The binary media types of an API; `*/*` is all of them, `image/*` a family."""

    def __init__(self, types: Sequence[str]) -> None:
        self._types = frozenset(kind.lower() for kind in types)
        self.everything = "*/*" in self._types

    def __contains__(self, media: str) -> bool:
        if not self._types:
            return False
        return self.everything or media in self._types or f"{media.partition('/')[0]}/*" in self._types


def request_body(body: bytes, handling: str | None, *, binary: bool) -> bytes:
    """The body for an integration. NotBase64."""
    if handling == "CONVERT_TO_BINARY":
        return body if binary else decoded(body)
    if handling == "CONVERT_TO_TEXT":
        return b64encode(body) if binary else as_text(body)
    return body if binary else as_text(body)


def response_body(body: bytes, handling: str | None, *, binary: bool, wanted: bool) -> bytes:
    """The body for the client, which accepts binary when `wanted`. NotBase64."""
    if handling == "CONVERT_TO_BINARY" or (handling is None and wanted):
        return body if binary else decoded(body)
    return b64encode(body) if binary else as_text(body)


def decoded(body: bytes) -> bytes:
    """Base64 as bytes. NotBase64."""
    try:
        return b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise NotBase64(body[:40]) from None


def as_text(body: bytes) -> bytes:
    """What is no UTF-8 is lost when a body is text."""
    return body if body.isascii() else body.decode(errors="replace").encode()
