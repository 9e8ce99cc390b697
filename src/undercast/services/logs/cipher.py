"""Log groups with a key of KMS: what comes in is sealed with data keys of it, and opened when it is read.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence
from functools import partial

from undercast.kit.call import Call
from undercast.kit.envelopes import OVERHEAD, Envelopes
from undercast.kit.errors import ServiceError

from . import errors
from .model import Event, Group


async def check_key(call: Call, group: Group) -> None:
    """AccessDeniedException for a key that KMS does not give, InvalidParameterException for one that is disabled."""
    await _envelopes(call, group.arn, group.kms_key).try_key()


async def sealed(call: Call, group: Group, events: Sequence[Event]) -> Sequence[Event]:
    """Events as they are stored."""
    if not group.kms_key:
        return events
    seal = await _envelopes(call, group.arn, group.kms_key).sealer()
    return [_sealed(event, *seal(event.message.encode())) for event in events]


async def opened(call: Call, group_arn: str, events: list[Event]) -> list[Event]:
    """Events as they came in. Errors as of `check_key`, when the key they need is gone."""
    envelopes = _envelopes(call, group_arn)
    return [await _opened(envelopes, event) if event.lock else event for event in events]


def size(message: str, lock: str) -> int:
    """The bytes of a stored message as it came in."""
    return len(b64decode(message)) - OVERHEAD if lock else len(message.encode())


def _envelopes(call: Call, group_arn: str, key: str = "") -> Envelopes:
    return Envelopes(call, key, {"aws:logs:arn": group_arn}, partial(_told, group_arn))


def _told(group_arn: str, error: ServiceError) -> ServiceError:
    if error.code == "DisabledException":  # API_AssociateKmsKey; the text is KMS's own
        return errors.InvalidParameterException(error.message)
    # The text as users of Terraform quote it (hashicorp/terraform-provider-aws#29282).
    return errors.AccessDeniedException(
        f"The specified KMS key does not exist or is not allowed to be used with Arn '{group_arn}'"
    )


def _sealed(event: Event, lock: str, data: bytes) -> Event:
    return event._replace(message=b64encode(data).decode(), lock=lock)


async def _opened(envelopes: Envelopes, event: Event) -> Event:
    data = await envelopes.open(event.lock, b64decode(event.message))
    return event._replace(message=data.decode(), lock="")
