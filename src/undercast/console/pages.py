"""The console's files: one page for all its URLs, and what that page is made of."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from undercast.kit.http import Request, Response

ROOT = "/_undercast"
STATIC = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_INLINE = re.compile(r"<script type=\"importmap\">(.*?)</script>", re.DOTALL)


@dataclass(frozen=True)
class _File:
    body: bytes
    type: str
    tag: str


def answer(request: Request) -> Response | None:
    """The page or the file that a browser asks for; None when there is no such file and no page is wanted."""
    path = unquote(request.path)
    if path == ROOT:
        query = f"?{request.query_string}" if request.query_string else ""
        return Response(308, [("Location", f"{ROOT}/{query}")])
    if path.startswith(f"{ROOT}/static/"):
        file = _files().get(path.removeprefix(f"{ROOT}/static/"))
        return _serve(request, file) if file else None
    if path == f"{ROOT}/" or "text/html" in request.headers.get("accept", ""):
        return _serve(request, _files()["index.html"])
    return None


def _serve(request: Request, file: _File) -> Response:
    headers = [
        ("Content-Type", file.type),
        ("ETag", file.tag),
        ("Cache-Control", "no-cache"),  # asked again each time, answered 304: an upgrade shows at once
        ("Content-Security-Policy", policy()),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
    ]
    if request.headers.get("if-none-match") == file.tag:
        return Response(304, headers)
    return Response(200, headers, file.body)


@cache
def _files() -> dict[str, _File]:
    """Every file by its path; a fixed set, so that no request can name another. A third of a megabyte, read once."""
    found = {}
    for path in sorted(STATIC.rglob("*")):
        if path.is_file() and path.suffix in _TYPES:
            body = path.read_bytes()
            if path.name == "index.html":
                body = body.replace(b"<!-- modules -->", _preloads().encode())
            tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
            found[path.relative_to(STATIC).as_posix()] = _File(body, _TYPES[path.suffix], tag)
    return found


def _preloads() -> str:
    """All modules named up front: the browser fetches them at once and not one level of imports after the other."""
    names = sorted(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.*js"))
    return "\n".join(f'<link rel="modulepreload" href="{ROOT}/static/{name}">' for name in names if "dagre" not in name)


@cache
def policy() -> str:
    """Nothing but what this machine serves; the one inline script is the map of imports, named by its hash."""
    maps = _INLINE.findall((STATIC / "index.html").read_text())
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(m.encode()).digest()).decode()}'" for m in maps)
    return (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
