"""What a log group, a stream and an event are, and the rules for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from undercast.kit.arn import Arn
from undercast.services.logs import errors
from undercast.services.logs.errors import InvalidParameterException

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
RETENTIONS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
LARGEST_PAGE_BYTES = 1_048_576
MOST_EVENTS = 10_000

_LARGEST_BATCH_BYTES = 1_048_576
_LARGEST_EVENT_BYTES = 1_048_576  # 256 KB until April 2025
_EVENT_OVERHEAD = 26  # "the sum of all event messages in UTF-8, plus 26 bytes for each log event"


class Position(NamedTuple):
    """Where an event stands in the order of its group."""

    at: int
    seq: int

    @property
    def event_id(self) -> str:
        """56 digits, as AWS's ids have."""
        return f"3{self.at:015d}{self.seq:040d}"

    @classmethod
    def parse(cls, event_id: str) -> Position:
        """ValueError when it is no event id."""
        if len(event_id) != 56 or not event_id.isdigit():
            raise ValueError(event_id)
        return cls(int(event_id[1:16]), int(event_id[16:]))


FIRST = Position(0, 0)
LAST = Position(2**53, 0)


@dataclass(frozen=True, slots=True)
class Group:
    """One log group."""

    account: str
    region: str
    name: str
    id: int
    created_at: int
    log_class: str
    kms_key: str
    retention_days: int
    protected: bool
    tags: Mapping[str, str]
    subscriptions: int = 0
    metric_filters: int = 0
    expiry_job: int = 0

    @property
    def arn(self) -> str:
        return group_arn(self.account, self.region, self.name)

    def expired_before(self, now: int) -> int:
        """Events before this time are no longer kept; 0 when all are."""
        return now - self.retention_days * DAY_MS if self.retention_days else 0


@dataclass(frozen=True, slots=True)
class Stream:
    """One log stream. `first_at` and `last_at` are 0 while it has had no event."""

    name: str
    id: int
    created_at: int
    first_at: int
    last_at: int
    ingested_at: int
    bytes: int


class Event(NamedTuple):
    """One log event."""

    at: int
    seq: int
    stream: str
    ingested_at: int
    message: str
    lock: str = ""  # as stored: '' or what opens it

    @property
    def position(self) -> Position:
        return Position(self.at, self.seq)


class Accepted(NamedTuple):
    """Which events of a batch are taken: those from `start` to before `end`; `rejected` says why the others are not."""

    start: int
    end: int
    rejected: dict[str, int] | None


def group_arn(account: str, region: str, name: str) -> str:
    return f"arn:aws:logs:{region}:{account}:log-group:{name}"


def group_name(identifier: str, account: str, region: str) -> str:
    """The name in a log group's identifier, a name or an ARN. ResourceNotFoundException for another account's."""
    if not identifier.startswith("arn:"):
        return identifier
    try:
        arn = Arn.parse(identifier)
    except ValueError:
        raise InvalidParameterException("The specified log group identifier is invalid.") from None
    kind, _, name = arn.resource.partition(":")
    if arn.service != "logs" or kind != "log-group":
        raise InvalidParameterException("The specified log group identifier is invalid.")
    if (arn.account, arn.region) != (account, region):
        raise errors.no_group()
    return name.removesuffix(":*")


def check_batch(events: Sequence[Mapping[str, Any]]) -> int:
    """The bytes of a batch. InvalidParameterException when it is too large, unordered or spans more than a day."""
    total = 0
    before = 0
    for event in events:
        message, at = event["message"], event["timestamp"]
        size = (len(message) if message.isascii() else len(message.encode())) + _EVENT_OVERHEAD
        if size > _LARGEST_EVENT_BYTES:
            raise InvalidParameterException(
                f"Log event too large: {size} bytes exceeds limit of {_LARGEST_EVENT_BYTES}"
            )
        if at < before:
            raise InvalidParameterException(
                "Log events in a single PutLogEvents request must be in chronological order."
            )
        total += size
        before = at
    if total > _LARGEST_BATCH_BYTES:
        raise InvalidParameterException(f"Upload too large: {total} bytes exceeds limit of {_LARGEST_BATCH_BYTES}")
    if before - events[0]["timestamp"] > DAY_MS:
        raise InvalidParameterException(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
        )
    return total


def accept(events: Sequence[Mapping[str, Any]], group: Group, now: int) -> Accepted:
    """Leave out what is older than 14 days or than the group keeps, or more than two hours in the future.

    `events` are in order. In the answer "too old" and "expired" indexes are exclusive ends, "too new" a start.
    """
    oldest, expired, newest = now - 14 * DAY_MS, group.expired_before(now), now + 2 * HOUR_MS
    if events[0]["timestamp"] >= max(oldest, expired) and events[-1]["timestamp"] <= newest:
        return Accepted(0, len(events), None)
    too_old = sum(1 for event in events if event["timestamp"] < oldest)
    gone = sum(1 for event in events if event["timestamp"] < expired)
    end = sum(1 for event in events if event["timestamp"] <= newest)
    rejected: dict[str, int] = {}
    if too_old:
        rejected["tooOldLogEventEndIndex"] = too_old
    if gone > too_old:
        rejected["expiredLogEventEndIndex"] = gone
    if end < len(events):
        rejected["tooNewLogEventStartIndex"] = end
    return Accepted(max(too_old, gone), end, rejected)


def fitting(events: Sequence[Event]) -> int:
    """How many of the events, from the first on, one page of an answer holds: at least one."""
    size = 0
    for count, event in enumerate(events):
        size += len(event.message.encode()) + _EVENT_OVERHEAD
        if size > LARGEST_PAGE_BYTES and count:
            return count
    return len(events)
