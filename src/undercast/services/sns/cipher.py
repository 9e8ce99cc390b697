"""Server-side encryption: what SNS keeps of a message until it is delivered is sealed under the topic's key of KMS.

That is what waits for an HTTP/S endpoint. Queues, functions and delivery streams take a message in the transaction of
the publish and SNS keeps nothing of it: for them there is but the data key to be asked for, which refuses the publish
when KMS does. What was captured for phones, mailboxes and apps has left SNS, and is shown as they would get it.

https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from functools import partial
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.envelopes import Envelopes
from undercast.kit.errors import ServiceError
from undercast.services.sns import errors
from undercast.services.sns.model import Topic

Seal = Callable[[dict[str, Any]], dict[str, Any]]

_CODES = {
    "NotFoundException": errors.KMSNotFound,
    "DisabledException": errors.KMSDisabled,
    "KMSInvalidStateException": errors.KMSInvalidState,
    "AccessDeniedException": errors.KMSAccessDenied,
}


async def sealer(call: Call, topic: Topic) -> Seal:
    """What makes a job's members those that are kept; asks KMS for the data key of now. KMSNotFound and its like."""
    seal = await _envelopes(call, topic.arn, topic.key_id).sealer()

    def sealed(content: dict[str, Any]) -> dict[str, Any]:
        lock, data = seal(orjson.dumps(content))
        return {"lock": lock, "sealed": b64encode(data).decode()}

    return sealed


async def opened(call: Call, topic_arn: str, payload: dict[str, Any]) -> dict[str, Any]:
    """The members of a job that were sealed. KMSNotFound and its like."""
    data = await _envelopes(call, topic_arn).open(payload["lock"], b64decode(payload["sealed"]))
    content: dict[str, Any] = orjson.loads(data)
    return content


def _envelopes(call: Call, topic_arn: str, key_id: str = "") -> Envelopes:
    return Envelopes(call.at(topic_arn), key_id, {"aws:sns:topicArn": topic_arn}, partial(_told, call))


def _told(call: Call, error: ServiceError) -> ServiceError:
    """As SNS repeats KMS's words: https://github.com/aws/aws-cdk/issues/24337."""
    kind = _CODES.get(error.code)
    if kind is None:
        return error
    return kind(
        f"{error.message} (Service: AWSKMS; Status Code: 400; Error Code: {error.code}; "
        f"Request ID: {call.ids.uuid()}; Proxy: null)"
    )
