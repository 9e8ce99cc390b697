"""Who takes an error: the retriers, then the catchers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from undercast.engines.states.paths import ReferencePath
from undercast.engines.states.scope import Field, Moment

_LONGEST_S = 31_622_400.0  # as MaxDelaySeconds may be at most: no delay outgrows it


@dataclass(frozen=True, slots=True)
class Retrier:
    errors: tuple[str, ...]
    interval_s: int = 1
    max_attempts: int = 3
    backoff_rate: float = 2.0
    max_delay_s: int | None = None
    jitter: bool = False

    def delay_s(self, attempt: int, moment: Moment) -> float:
        """Seconds before the retry number `attempt` (the first is 0)."""
        try:
            delay = self.interval_s * self.backoff_rate**attempt
        except OverflowError:
            delay = _LONGEST_S
        delay = min(delay, _LONGEST_S if self.max_delay_s is None else float(self.max_delay_s))
        return delay * moment.chance() if self.jitter else delay


@dataclass(frozen=True, slots=True)
class Catcher:
    errors: tuple[str, ...]
    next: str
    result_path: ReferencePath | None = None  # of JSONPath; None discards the error
    output: Field | None = None  # of JSONata; None is the error itself
    assign: Field | None = None


def matches(names: tuple[str, ...], error: str) -> bool:
    """Whether a retrier or catcher of these names takes the error.

    States.Runtime always fails the execution; States.TaskFailed is any error but States.Timeout
    (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html).
    """
    if error == "States.Runtime":
        return False
    if error in names or "States.ALL" in names:
        return True
    if error == "States.HeartbeatTimeout" and "States.Timeout" in names:
        return True
    return "States.TaskFailed" in names and error != "States.Timeout"


def retrier_for(retriers: tuple[Retrier, ...], error: str, attempts: Mapping[int, int]) -> int | None:
    """The first retrier that names the error decides; when its attempts are used up there is no retry."""
    for index, retrier in enumerate(retriers):
        if matches(retrier.errors, error):
            return index if attempts.get(index, 0) < retrier.max_attempts else None
    return None


def catcher_for(catchers: tuple[Catcher, ...], error: str) -> int | None:
    return next((index for index, catcher in enumerate(catchers) if matches(catcher.errors, error)), None)
