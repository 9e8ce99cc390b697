"""Server-side encryption with a key of KMS: a data key for five minutes of records, kept encrypted beside each.

https://docs.aws.amazon.com/streams/latest/dev/what-is-sse.html
"""

from __future__ import annotations

from undercast.kit.call import Call
from undercast.kit.envelopes import Envelopes
from undercast.kit.errors import ServiceError

from . import errors
from .model import Stream

_CODES = {
    "NotFoundException": errors.KMSNotFoundException,
    "DisabledException": errors.KMSDisabledException,
    "KMSInvalidStateException": errors.KMSInvalidStateException,
    "AccessDeniedException": errors.KMSAccessDeniedException,
}


def envelopes(call: Call, stream: Stream, key_id: str | None = None) -> Envelopes:
    """Those of a stream, under its key or another."""
    key_id = stream.key_id if key_id is None else key_id
    there = call.into(account=stream.account, region=stream.region)
    return Envelopes(there, key_id, {"aws:kinesis:arn": stream.arn}, _told)


def _told(error: ServiceError) -> ServiceError:
    kind = _CODES.get(error.code)
    return kind(error.message) if kind else error
