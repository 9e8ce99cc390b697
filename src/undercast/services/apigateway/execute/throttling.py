"""Token buckets: how many requests a second a stage, method or key may send."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

_MOST = 100_000


class Limits(NamedTuple):
    """Requests per second, and how many at once."""

    rate: float
    burst: int


def settings_of(settings: Mapping[str, Any], resource_path: str, http_method: str) -> Mapping[str, Any]:
    """What a stage's method settings say of a method: its own, else those of all methods."""
    path = resource_path.lstrip("/")
    for key, found in settings.items():
        name = key.replace("~1", "/").lstrip("/")
        if name in (f"{path}/{http_method}", f"{path}/*"):
            return found  # type: ignore[no-any-return]
    return settings.get("*/*") or {}


def limits_of(settings: Mapping[str, Any]) -> Limits | None:
    """The throttling that a method's settings say."""
    rate, burst = settings.get("throttlingRateLimit"), settings.get("throttlingBurstLimit")
    if rate is None or burst is None or rate < 0 or burst < 0:
        return None
    return Limits(rate, burst)


class Buckets:
    """Buckets by key, each full at first. They live in one process: AWS too calls its throttling best effort."""

    def __init__(self) -> None:
        self._buckets: dict[Hashable, tuple[float, int]] = {}

    def take(self, key: Hashable, limits: Limits, now: int) -> bool:
        """Take one token at `now` (milliseconds); False when there is none."""
        tokens, since = self._buckets.get(key, (float(limits.burst), now))
        tokens = min(float(limits.burst), tokens + (now - since) / 1000 * limits.rate)
        if len(self._buckets) >= _MOST:
            self._buckets.clear()
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        return allowed
