"""A plain HTTP client, as anyone has who signs nothing: a browser, curl."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any, NamedTuple
from xml.etree import ElementTree


def fetch(
    url: str, method: str = "GET", data: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, str]:
    """Status and text of an answer."""
    request = urllib.request.Request(url, data, headers or {}, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def error_of(text: str) -> dict[str, Any]:
    """An error in the form that it was recorded in."""
    return {"Error": {child.tag: child.text for child in ElementTree.fromstring(text)}}


def post_form(
    url: str, fields: dict[str, str], file: bytes = b"", filename: str | None = "file.txt", **options: Any
) -> Answer:
    """Post a form as a browser does; without a filename the file is a field like any other."""
    boundary = "----form"
    parts = [_part(boundary, f'name="{name}"', value.encode()) for name, value in fields.items()]
    named = 'name="file"' + ("" if filename is None else f'; filename="{filename}"\r\nContent-Type: text/x-any')
    body = b"".join((*parts, _part(boundary, named, file), f"--{boundary}--\r\n".encode()))
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", **options.get("headers", {})}
    opener = urllib.request.build_opener(_Stay)
    try:
        with opener.open(urllib.request.Request(url, body, headers)) as answer:
            return Answer(answer.status, answer.read().decode(), dict(answer.headers))
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read().decode(), dict(error.headers))


class Answer(NamedTuple):
    status: int
    text: str
    headers: dict[str, str]


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Redirects are what we want to see."""


def _part(boundary: str, named: str, content: bytes) -> bytes:
    return f"--{boundary}\r\nContent-Disposition: form-data; {named}\r\n\r\n".encode() + content + b"\r\n"
