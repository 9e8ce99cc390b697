"""Delivery policies: how often, when and how a message is sent to an HTTP/S endpoint.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html; what is filled in is as recorded in
test_subscribe_external_http_endpoint_content_type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

RETRIES: Mapping[str, Any] = {
    "minDelayTarget": 20,
    "maxDelayTarget": 20,
    "numRetries": 3,
    "numMaxDelayRetries": 0,
    "numNoDelayRetries": 0,
    "numMinDelayRetries": 0,
    "backoffFunction": "linear",
}
CONTENT_TYPE = "text/plain; charset=UTF-8"

_FUNCTIONS = ("linear", "arithmetic", "geometric", "exponential")
_LONGEST_S = 3600
_CONTENT_TYPES = {
    "application/atom+xml", "application/json", "application/octet-stream", "application/soap+xml",
    "application/x-www-form-urlencoded", "application/xhtml+xml", "application/xml", "text/css", "text/csv",
    "text/html", "text/plain", "text/xml",
}  # fmt: skip


class InvalidPolicy(ValueError):
    """Not a delivery policy; the message says why."""


def read_topic_policy(text: str) -> dict[str, Any]:
    """A topic's DeliveryPolicy, checked. InvalidPolicy."""
    http = _object(_parse(text).get("http", {}), "http")
    _known(http, "http", {"defaultHealthyRetryPolicy", "disableSubscriptionOverrides", "defaultThrottlePolicy",
                          "defaultRequestPolicy", "defaultSicklyRetryPolicy"})  # fmt: skip
    read: dict[str, Any] = {}
    if http.get("defaultHealthyRetryPolicy") is not None:
        read["defaultHealthyRetryPolicy"] = _retries(http["defaultHealthyRetryPolicy"])
    if http.get("defaultThrottlePolicy") is not None:
        read["defaultThrottlePolicy"] = _throttle(http["defaultThrottlePolicy"])
    if http.get("defaultRequestPolicy") is not None:
        read["defaultRequestPolicy"] = _request(http["defaultRequestPolicy"])
    read["disableSubscriptionOverrides"] = http.get("disableSubscriptionOverrides") in (True, "true")
    return {"http": read}


def effective_topic_policy(policy: Mapping[str, Any] | None) -> dict[str, Any]:
    """A topic's policy with SNS's own defaults."""
    return {
        "http": {
            "defaultHealthyRetryPolicy": dict(RETRIES),
            "disableSubscriptionOverrides": False,
            "defaultRequestPolicy": {"headerContentType": CONTENT_TYPE},
            **(policy["http"] if policy else {}),
        }
    }


def read_subscription_policy(text: str) -> dict[str, Any]:
    """A subscription's DeliveryPolicy, checked. InvalidPolicy."""
    policy = _parse(text)
    _known(policy, "DeliveryPolicy", {"healthyRetryPolicy", "sicklyRetryPolicy", "throttlePolicy", "requestPolicy",
                                      "guaranteed"})  # fmt: skip
    if policy.get("sicklyRetryPolicy") is not None or policy.get("guaranteed") not in (None, False):
        raise InvalidPolicy("sicklyRetryPolicy and guaranteed are not supported.")
    retries, throttle, request = (policy.get(f"{kind}Policy") for kind in ("healthyRetry", "throttle", "request"))
    return {
        "guaranteed": False,
        "healthyRetryPolicy": None if retries is None else _retries(retries),
        "sicklyRetryPolicy": None,
        "throttlePolicy": None if throttle is None else _throttle(throttle),
        "requestPolicy": None if request is None else _request(request),
    }


def effective_policy(topic: Mapping[str, Any] | None, subscription: Mapping[str, Any] | None) -> dict[str, Any]:
    """What holds for a subscription: its own policy unless the topic forbids that, then the topic's, then SNS's."""
    http = effective_topic_policy(topic)["http"]
    own = {} if subscription is None or http["disableSubscriptionOverrides"] else subscription
    return {
        "guaranteed": False,
        "healthyRetryPolicy": own.get("healthyRetryPolicy") or http["defaultHealthyRetryPolicy"],
        "sicklyRetryPolicy": None,
        "throttlePolicy": own.get("throttlePolicy") or http.get("defaultThrottlePolicy"),
        "requestPolicy": own.get("requestPolicy") or http["defaultRequestPolicy"],
    }


def delays_s(retries: Mapping[str, Any]) -> list[float]:
    """Seconds to wait before each retry: at once, at the least delay, backing off, at the most delay."""
    low, high = retries["minDelayTarget"], retries["maxDelayTarget"]
    at_once, least, most = (retries[f"num{kind}DelayRetries"] for kind in ("No", "Min", "Max"))
    backing_off = retries["numRetries"] - at_once - least - most
    curve = [
        low + (high - low) * _rise(retries["backoffFunction"], low, high, i, backing_off) for i in range(backing_off)
    ]
    return [0.0] * at_once + [float(low)] * least + curve + [float(high)] * most


def _rise(function: str, low: float, high: float, step: int, steps: int) -> float:
    """How far a backoff is from the least (0) to the most delay (1) at a step. AWS shows the curves, no formulas."""
    if steps < 2 or low == high:
        return 0.0
    last = steps - 1
    if function == "arithmetic":  # the pauses grow by ever more
        return step * (step + 1) / (last * (last + 1))
    if function == "geometric":  # each pause is the last one times a constant
        return float(((high / low) ** (step / last) - 1) / (high / low - 1))
    if function == "exponential":
        return float((2**step - 1) / (2**last - 1))
    return step / last


def _retries(given: Any) -> dict[str, Any]:
    _known(_object(given, "healthyRetryPolicy"), "healthyRetryPolicy", set(RETRIES))
    policy = {**RETRIES, **{key: value for key, value in given.items() if value is not None}}
    if "maxDelayTarget" not in given:
        policy["maxDelayTarget"] = max(policy["maxDelayTarget"], _whole(policy, "minDelayTarget", 1, _LONGEST_S))
    _whole(policy, "minDelayTarget", 1, _LONGEST_S)
    _whole(policy, "maxDelayTarget", policy["minDelayTarget"], _LONGEST_S)
    total = _whole(policy, "numRetries", 0, 100)
    phases = sum(_whole(policy, f"num{kind}DelayRetries", 0, 100) for kind in ("No", "Min", "Max"))
    if phases > total:
        raise InvalidPolicy(
            "numRetries must be at least the sum of numNoDelayRetries, numMinDelayRetries and numMaxDelayRetries."
        )
    if policy["backoffFunction"] not in _FUNCTIONS:
        raise InvalidPolicy(f"backoffFunction must be one of {', '.join(_FUNCTIONS)}.")
    if sum(delays_s(policy)) > _LONGEST_S:
        raise InvalidPolicy(f"The total retry time must not exceed {_LONGEST_S} seconds.")
    return policy


def _throttle(given: Any) -> dict[str, Any]:
    policy = _object(given, "throttlePolicy")
    _known(policy, "throttlePolicy", {"maxReceivesPerSecond"})
    if policy.get("maxReceivesPerSecond") is not None:
        _whole(policy, "maxReceivesPerSecond", 1, 2**31)
    return policy


def _request(given: Any) -> dict[str, Any]:
    policy = _object(given, "requestPolicy")
    _known(policy, "requestPolicy", {"headerContentType"})
    kind = policy.get("headerContentType")
    if not isinstance(kind, str) or kind.split(";")[0].strip().lower() not in _CONTENT_TYPES:
        raise InvalidPolicy(f"headerContentType {kind} is not supported.")
    return policy


def _parse(text: str) -> dict[str, Any]:
    try:
        return _object(orjson.loads(text), "DeliveryPolicy")
    except orjson.JSONDecodeError:
        raise InvalidPolicy("failed to parse JSON.") from None


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidPolicy(f"{name} must be a JSON object.")
    return value


def _known(value: dict[str, Any], name: str, members: set[str]) -> None:
    for key in value:
        if key not in members:
            raise InvalidPolicy(f"{name} has the unknown attribute {key}.")


def _whole(policy: dict[str, Any], name: str, low: int, high: int) -> int:
    value = policy[name]
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InvalidPolicy(f"{name} must be a whole number from {low} to {high}.")
    return value
