"""RFC 3339 timestamps."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_TIMESTAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


def timestamp_ms(text: object) -> int | None:
    """An RFC 3339 timestamp with T and an offset, as milliseconds since the epoch; None for anything else."""
    nanoseconds = timestamp_ns(text)
    return None if nanoseconds is None else nanoseconds // 1_000_000


def timestamp_ns(text: object) -> int | None:
    """The same in nanoseconds."""
    found = _TIMESTAMP.fullmatch(text) if isinstance(text, str) and text.isascii() else None
    if found is None:
        return None
    try:
        moment = datetime.fromisoformat(found.expand(r"\1-\2-\3T\4:\5:\6") + found[8].replace("Z", "+00:00"))
        seconds = round(moment.astimezone(UTC).timestamp())
    except (ValueError, OverflowError):
        return None
    return seconds * 1_000_000_000 + int((found[7] or ".")[1:].ljust(9, "0"))
