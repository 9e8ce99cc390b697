"""Server-side encryption with a key of KMS: a data key for five minutes of records, kept encrypted beside each.

https://docs.aws.amazon.com/streams/latest/dev/what-is-sse.html
"""

from __future__ import annotations

from functools import partial
from typing import Any

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
    return Envelopes(call, key_id, {"aws:kinesis:arn": stream.arn}, partial(_ask, call, stream))


async def _ask(call: Call, stream: Stream, method: str, **params: Any) -> dict[str, Any]:
    there = call.into(account=stream.account, region=stream.region)
    try:
        answer: dict[str, Any] = await getattr(there.aws.kms, method)(**params)
    except ServiceError as error:
        if error.code not in _CODES:
            raise
        raise _CODES[error.code](error.message) from None
    return answer
