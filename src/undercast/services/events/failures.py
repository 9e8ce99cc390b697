"""What becomes of an event that a target did not take: another try, later and later, or the dead-letter queue.

Codes and attributes are those of "Using dead-letter queues to process undelivered events" in the user guide.
"""

from __future__ import annotations

import logging
from typing import Any

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.events.model import Delivery

PRINCIPAL = "events.amazonaws.com"

log = logging.getLogger("undercast.events")

_RETRIES = 185
_LONGEST_AGE_S = 86_400
_LONGEST_PAUSE_S = 600.0
_LONGEST_MESSAGE = 1_000  # characters of an error; believed
_CODES = (  # the first whose words are in an error's code, and whether a try later may succeed
    (("NotFound", "NonExistent", "DoesNotExist", "NoSuch"), "NO_RESOURCE", False),
    (("AccessDenied", "Authoriz", "Forbidden"), "NO_PERMISSIONS", False),
    (("Throttl", "TooManyRequests", "LimitExceeded", "SlowDown"), "THROTTLING", True),
    (("Validation", "Invalid", "MissingParameter", "Serialization"), "INVALID_PARAMETER", False),
    (("InternalFailure", "NotImplemented", "ServiceUnavailable"), "INTERNAL_ERROR", True),
)


class Undeliverable(ServiceError):
    """A target cannot be reached. `delivery_code` is what dead-letter queues show, `pause_s` what the target asks for."""

    status = 400
    modelled = False

    def __init__(self, delivery_code: str, message: str, *, again: bool = False, pause_s: float = 0) -> None:
        super().__init__(message)
        self.delivery_code, self.again, self.pause_s = delivery_code, again, pause_s


async def handle(call: Call, delivery: Delivery, error: ServiceError | KeyError, job: str) -> None:
    """Try again later by the job, or give the event up, as the target's retry policy says."""
    code, message, again, pause_s = _explain(error)
    if not again:
        await _give_up(call, delivery, code, message, "")
        return
    policy = delivery.target.get("RetryPolicy") or {}
    retries, age_s = policy.get("MaximumRetryAttempts"), policy.get("MaximumEventAgeInSeconds")
    if delivery.failures >= (_RETRIES if retries is None else retries):
        await _give_up(call, delivery, code, message, "MaximumRetryAttempts")
        return
    at = call.now + int(1000 * max(pause_s, _pause_s(call, delivery.failures)))
    if at - delivery.accepted_at > 1000 * (age_s or _LONGEST_AGE_S):
        await _give_up(call, delivery, code, message, "MaximumEventAgeInSeconds")
        return
    await call.later(at, job, delivery._replace(failures=delivery.failures + 1, paced=False)._asdict())


def _pause_s(call: Call, failures: int) -> float:
    """Twice as long each time, and a little by chance."""
    longest = min(_LONGEST_PAUSE_S, 2.0 ** min(failures, 20))
    return longest * (0.5 + 0.5 * call.ids.fraction())


def _explain(error: ServiceError | KeyError) -> tuple[str, str, bool, float]:
    if isinstance(error, Undeliverable):
        return error.delivery_code, error.message, error.again, error.pause_s
    if isinstance(error, KeyError):
        return "SDK_CLIENT_ERROR", f"Undercast does not have {error} yet.", True, 0
    for words, code, again in _CODES:
        if any(word in error.code for word in words):
            return code, error.message, again, 0
    return "ERROR_FROM_TARGET", error.message, True, 0


async def _give_up(call: Call, delivery: Delivery, code: str, message: str, condition: str) -> None:
    queue = (delivery.target.get("DeadLetterConfig") or {}).get("Arn")
    if not queue:
        log.warning("an event for %s of %s is dropped: %s %s", delivery.arn, delivery.rule_arn, code, message)
        return
    attributes = {
        "RULE_ARN": delivery.rule_arn,
        "TARGET_ARN": delivery.arn,
        "ERROR_CODE": code,
        "ERROR_MESSAGE": _printable(message[:_LONGEST_MESSAGE]) or code,
    }
    if condition:
        attributes |= {"EXHAUSTED_RETRY_CONDITION": condition, "RETRY_ATTEMPTS": str(delivery.failures)}
    try:
        await _send_letter(call, queue, delivery.event, attributes)
    except ServiceError as error:  # AWS drops it too
        log.warning("the dead-letter queue %s did not take an event of %s: %s", queue, delivery.rule_arn, error)


def _printable(text: str) -> str:
    """A server may answer with characters that a queue does not take."""
    return "".join(char if char.isprintable() else " " for char in text)


async def _send_letter(call: Call, arn: str, body: str, attributes: dict[str, str]) -> None:
    parsed = Arn.parse(arn)
    shown: dict[str, Any] = {
        name: {"DataType": "Number" if name == "RETRY_ATTEMPTS" else "String", "StringValue": value}
        for name, value in attributes.items()
    }
    url = f"{call.platform.endpoint_url}/{parsed.account}/{parsed.resource}"
    there = call.at(arn).as_service(PRINCIPAL)
    await there.aws.sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=shown)
