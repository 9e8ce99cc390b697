"""The rules for events and positions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from undercast.services.logs.model import DAY_MS, HOUR_MS, Event, Group, Position, accept, fitting

NOW = 1_800_000_000_000
TIMES = st.integers(NOW - 20 * DAY_MS, NOW + 4 * HOUR_MS)


@given(st.integers(0, 10**15 - 1), st.integers(0, 2**63 - 2))
def test_event_ids_name_positions_in_order(at, seq):
    position = Position(at, seq)
    assert Position.parse(position.event_id) == position
    assert len(position.event_id) == 56
    assert Position(at, seq + 1).event_id > position.event_id


@given(st.lists(TIMES, min_size=1, max_size=20), st.sampled_from([0, 1, 14, 30]))
def test_accepted_events_are_those_inside_the_window(times, retention_days):
    group = Group("1" * 12, "us-east-1", "g", 1, 0, "STANDARD", "", retention_days, False, {})
    events = [{"timestamp": at, "message": "m"} for at in sorted(times)]
    start, end, rejected = accept(events, group, NOW)
    oldest = max(NOW - 14 * DAY_MS, group.expired_before(NOW))
    inside = [event for event in events if oldest <= event["timestamp"] <= NOW + 2 * HOUR_MS]
    assert events[start:end] == inside
    assert (rejected is None) == (len(inside) == len(events))


@given(st.lists(st.integers(1, 500_000), max_size=8))
def test_a_page_holds_a_megabyte_and_never_nothing(sizes):
    events = [Event(1, n, "s", 1, "x" * size) for n, size in enumerate(sizes)]
    count = fitting(events)
    assert count >= min(1, len(events))
    assert count == 1 or sum(size + 26 for size in sizes[:count]) <= 1_048_576
    assert count == len(events) or sum(size + 26 for size in sizes[: count + 1]) > 1_048_576
