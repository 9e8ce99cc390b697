"""Conditional requests and ranges: when S3 answers, when it says 304, 412 or 416, and which bytes it sends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from undercast.services.s3 import errors
from undercast.services.s3.errors import invalid_argument
from undercast.services.s3.model import Version

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_COPY_RANGE = re.compile(r"bytes=(\d+)-(\d+)")
_COPY_RANGE_FORM = (
    "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based "
    "offsets of the first and last bytes to copy"
)


def check_read(request: Mapping[str, Any], version: Version) -> None:
    """GetObject's and HeadObject's conditions. PreconditionFailed, NotModified."""
    match, none_match = request.get("IfMatch"), request.get("IfNoneMatch")
    modified, unmodified = request.get("IfModifiedSince"), request.get("IfUnmodifiedSince")
    if match is not None:
        if not _matches(match, version.etag):
            raise errors.PreconditionFailed(Condition="If-Match")
    elif unmodified is not None and _seconds(version) > unmodified // 1000:
        raise errors.PreconditionFailed(Condition="If-Unmodified-Since")
    if none_match is not None:
        if _matches(none_match, version.etag):
            raise errors.NotModified()
    elif modified is not None and _seconds(version) <= modified // 1000:
        raise errors.NotModified()


def check_source(request: Mapping[str, Any], source: Version, now: int) -> None:
    """A copy's conditions on its source. A time that is yet to come does not count. PreconditionFailed."""
    match, none_match = request.get("CopySourceIfMatch"), request.get("CopySourceIfNoneMatch")
    modified, unmodified = request.get("CopySourceIfModifiedSince"), request.get("CopySourceIfUnmodifiedSince")
    if match is not None:
        if not _matches(match, source.etag):
            raise errors.PreconditionFailed(Condition="x-amz-copy-source-If-Match")
    elif unmodified is not None and _seconds(source) > unmodified // 1000:
        raise errors.PreconditionFailed(Condition="x-amz-copy-source-If-Unmodified-Since")
    if none_match is not None and _matches(none_match, source.etag):
        raise errors.PreconditionFailed(Condition="x-amz-copy-source-If-None-Match")
    if modified is not None and modified <= now and _seconds(source) <= modified // 1000:
        raise errors.PreconditionFailed(Condition="x-amz-copy-source-If-Modified-Since")


def check_write_headers(request: Mapping[str, Any]) -> None:
    """Which conditions a write may carry at all. NotImplemented."""
    match, none_match = request.get("IfMatch"), request.get("IfNoneMatch")
    if match is not None and none_match is not None:
        raise _unsupported("If-Match,If-None-Match", "Multiple conditional request headers present in the request")
    if match == "*":
        raise _unsupported("If-Match", "We don't accept the provided value of If-Match header for this API")
    if none_match not in (None, "*"):
        raise _unsupported("If-None-Match", "We don't accept the provided value of If-None-Match header for this API")


def check_write(request: Mapping[str, Any], current: Version | None) -> None:
    """A write's conditions on what is there. PreconditionFailed, NoSuchKey."""
    match, none_match = request.get("IfMatch"), request.get("IfNoneMatch")
    if none_match is not None and current is not None:
        raise errors.PreconditionFailed(Condition="If-None-Match")
    if match is not None:
        if current is None:
            raise errors.NoSuchKey(Key=request["Key"])
        if not _matches(match, current.etag):
            raise errors.PreconditionFailed(Condition="If-Match")


def check_part(request: Mapping[str, Any]) -> None:
    """Whether a part may be asked for. InvalidArgument, InvalidRequest."""
    number = request["PartNumber"]
    if not 1 <= number <= 10_000:
        raise invalid_argument("Part number must be an integer between 1 and 10000, inclusive", "partNumber", number)
    if request.get("Range") is not None:
        raise errors.InvalidRequest("Cannot specify both Range header and partNumber query parameter")


def override(parameter: str, value: Any) -> Any:
    """A header that the client wants in the answer. InvalidArgument for what no header can hold."""
    if isinstance(value, str):
        try:
            value.encode("latin-1")
        except UnicodeEncodeError:
            name = re.sub(r"(?<!^)(?=[A-Z])", "-", parameter).lower()
            text = "Header value cannot be represented using ISO-8859-1."
            raise invalid_argument(text, name, value) from None
    return value


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and number of bytes of a Range header; None to send everything. InvalidRange."""
    found = _RANGE.fullmatch(header) if header else None
    if found is None or found.group() == "bytes=-":
        return None
    first, last = found.groups()
    if not first:
        start, end = max(0, size - int(last)), size - 1
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
        if last and int(last) < start:
            return None
    if start >= size or (not first and int(last) == 0):
        raise errors.InvalidRange(RangeRequested=header, ActualObjectSize=size)
    return start, end - start + 1


def copy_range(header: str | None, size: int) -> tuple[int, int]:
    """First byte and number of bytes of a part's source. InvalidArgument, InvalidRequest."""
    if header is None:
        return 0, size
    found = _COPY_RANGE.fullmatch(header)
    if found is None or int(found[1]) > int(found[2]):
        raise invalid_argument(_COPY_RANGE_FORM, "x-amz-copy-source-range", header)
    first, last = int(found[1]), int(found[2])
    if first >= size:
        raise errors.InvalidRequest("The specified copy range is invalid for the source object size")
    if last >= size:
        text = f"Range specified is not valid for source object of size: {size}"
        raise invalid_argument(text, "x-amz-copy-source-range", header)
    return first, last - first + 1


def _matches(header: str, etag: str) -> bool:
    return any(entry.strip().strip('"') in ("*", etag) for entry in header.split(","))


def _seconds(version: Version) -> int:
    """HTTP's times have no fractions."""
    return version.modified_at // 1000


def _unsupported(header: str, why: str) -> errors.NotImplemented:
    return errors.NotImplemented(Header=header, additionalMessage=why)
