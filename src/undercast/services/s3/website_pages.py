"""A bucket as a website: `{bucket}.s3-website.{region}.…`, index and error documents, redirects, errors as HTML."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.http import Request, Response
from undercast.services.s3 import errors, events, objects, storage
from undercast.services.s3.lifecycle_rules import http_date

_HOST = ".s3-website"
_HEADERS = {
    "ContentType": "Content-Type", "ContentEncoding": "Content-Encoding", "ContentLanguage": "Content-Language",
    "ContentDisposition": "Content-Disposition", "CacheControl": "Cache-Control", "ETag": "ETag",
    "ContentRange": "Content-Range", "AcceptRanges": "Accept-Ranges",
}  # fmt: skip
_CONDITIONS = {"if-match": "IfMatch", "if-none-match": "IfNoneMatch", "range": "Range"}
_WITHOUT_HTML = (304,)


def is_website(host: str) -> bool:
    """Whether a host is a bucket's website."""
    return _HOST in host


async def serve(call: Call, request: Request) -> Response:
    """One page, a redirect, or an error as a page."""
    name, key = request.host.partition(_HOST)[0], unquote(request.path[1:])
    site: Mapping[str, Any] = {}
    try:
        site = await _site(call, name)
        if request.method not in ("GET", "HEAD"):
            raise errors.MethodNotAllowed(Method=request.method, ResourceType="OBJECT")
        everything = site.get("RedirectAllRequestsTo")
        if everything:
            return _redirect(request, everything, key, "", 301)
        rule = _rule(site, key, None)
        return _follow(request, rule, key) if rule else await _page(call, request, name, site, key)
    except ServiceError as error:
        return await _failed(call, request, name, site, key, error)


async def _site(call: Call, name: str) -> Mapping[str, Any]:
    bucket = await call.transact(storage.bucket_named, name)
    if bucket is None:
        raise errors.NoSuchBucket(BucketName=name)
    if not bucket.settings.get("website"):
        raise errors.NoSuchWebsiteConfiguration(BucketName=name)
    found: Mapping[str, Any] = bucket.settings["website"]
    return found


async def _page(call: Call, request: Request, name: str, site: Mapping[str, Any], key: str) -> Response:
    index = site["IndexDocument"]["Suffix"]
    if not key or key.endswith("/"):
        return await _object(call, request, name, f"{key}{index}")
    try:
        return await _object(call, request, name, key)
    except errors.NoSuchKey:
        if await _is_there(call, name, f"{key}/{index}"):
            return Response(302, [("Location", f"/{quote(key)}/")])
        raise


async def _object(call: Call, request: Request, name: str, key: str, status: int = 200) -> Response:
    """An object as a page, or where its `x-amz-website-redirect-location` leads."""
    wanted = {member: request.headers[header] for header, member in _CONDITIONS.items() if header in request.headers}
    found = await _get(call, name, key, wanted if status == 200 else {})
    if status == 200 and found.get("WebsiteRedirectLocation"):
        return Response(301, [("Location", found["WebsiteRedirectLocation"])])
    headers = [(header, str(found[member])) for member, header in _HEADERS.items() if found.get(member) is not None]
    headers.append(("Last-Modified", http_date(found["LastModified"])))
    headers += [(f"x-amz-meta-{name}", value) for name, value in (found.get("Metadata") or {}).items()]
    headers.append(("Content-Length", str(found["ContentLength"])))
    return Response(found.get("_status", status), headers, b"" if request.method == "HEAD" else found["Body"])


async def _get(call: Call, name: str, key: str, wanted: Mapping[str, str]) -> dict[str, Any]:
    """GetObject in the name of who asks."""
    call.operation = "GetObject"
    return await call.transact(objects.get_object, {"Bucket": name, "Key": key, **wanted})


async def _is_there(call: Call, name: str, key: str) -> bool:
    try:
        call.operation = "HeadObject"
        await call.transact(objects.head_object, {"Bucket": name, "Key": key})
    except ServiceError:
        return False
    return True


async def _failed(
    call: Call, request: Request, name: str, site: Mapping[str, Any], key: str, error: ServiceError
) -> Response:
    """A redirect for the error, the site's own error page, or S3's."""
    status = error.status or 400
    rule = _rule(site, key, status)
    if rule:
        return _follow(request, rule, key)
    own = (site.get("ErrorDocument") or {}).get("Key")
    if own and 400 <= status < 500 and request.method in ("GET", "HEAD"):
        try:
            return await _object(call, request, name, own, status)
        except ServiceError:
            pass  # S3 tells the first error when the error document has one of its own
    if status in _WITHOUT_HTML:
        return Response(status)
    body = _html(status, error, call.request_id).encode()
    headers = [
        ("x-amz-error-code", error.code),
        ("x-amz-error-message", error.message),
        ("x-amz-request-id", call.request_id),
        ("x-amz-id-2", events.host_id(call.request_id)),
        ("Content-Type", "text/html; charset=utf-8"),
    ]
    return Response(status, headers, b"" if request.method == "HEAD" else body)


def _rule(site: Mapping[str, Any], key: str, status: int | None) -> Mapping[str, Any] | None:
    """The first routing rule for a key, or for an error with it."""
    for rule in site.get("RoutingRules") or ():
        condition = rule.get("Condition") or {}
        code = condition.get("HttpErrorCodeReturnedEquals")
        if key.startswith(condition.get("KeyPrefixEquals") or "") and (
            code is None if status is None else code == str(status)
        ):
            found: Mapping[str, Any] = rule
            return found
    return None


def _follow(request: Request, rule: Mapping[str, Any], key: str) -> Response:
    redirect, prefix = rule["Redirect"], (rule.get("Condition") or {}).get("KeyPrefixEquals") or ""
    if redirect.get("ReplaceKeyWith") is not None:
        key = redirect["ReplaceKeyWith"]
    elif redirect.get("ReplaceKeyPrefixWith") is not None:
        key = redirect["ReplaceKeyPrefixWith"] + key[len(prefix) :]
    return _redirect(request, redirect, key, request.host, int(redirect.get("HttpRedirectCode") or 301))


def _redirect(request: Request, redirect: Mapping[str, Any], key: str, host: str, status: int) -> Response:
    protocol, host = redirect.get("Protocol") or request.scheme, redirect.get("HostName") or host
    return Response(status, [("Location", f"{protocol}://{host}/{quote(key, safe='/#?=&')}")])


def _html(status: int, error: ServiceError, request_id: str) -> str:
    title = f"{status} {HTTPStatus(status).phrase}"
    facts = {"Code": error.code, "Message": error.message, **error.members}
    facts |= {"RequestId": request_id, "HostId": events.host_id(request_id)}
    items = "".join(f"<li>{name}: {escape(str(value), quote=False)}</li>\n" for name, value in facts.items())
    return (
        f"<html>\n<head><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n<ul>\n{items}</ul>\n<hr/>\n"
        "</body>\n</html>\n"
    )
