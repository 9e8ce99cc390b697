"""Walking pages of keys shows the same as looking at all keys at once."""

from __future__ import annotations

import asyncio
import bisect

from hypothesis import given
from hypothesis import strategies as st

from undercast.services.s3.walking import Walk

keys = st.lists(st.text("ab/é", min_size=1, max_size=6), max_size=60, unique=True)


def expected(all_keys, prefix, delimiter):
    """Keys and groups in order, by the words of the documentation."""
    shown = []
    for key in sorted(all_keys, key=str.encode):
        if not key.startswith(prefix):
            continue
        rest = key[len(prefix) :]
        cut = rest.find(delimiter) if delimiter else -1
        entry = prefix + rest[: cut + len(delimiter)] if cut >= 0 else key
        if entry not in shown:
            shown.append(entry)
    return shown


@given(keys, st.sampled_from(["", "a", "a/", "é"]), st.sampled_from(["", "/", "b"]), st.integers(1, 5))
def test_pages_show_every_key_and_group_once(all_keys, prefix, delimiter, limit):
    ordered = sorted(key.encode() for key in all_keys)

    async def fetch(after, size):
        return [(key, 0) for key in ordered if (key, 0) > after][:size]

    shown, marker = [], ""
    while True:
        walk = Walk.over({"Prefix": prefix, "Delimiter": delimiter}, limit, first=-1)
        page = asyncio.run(walk.run(_within(fetch, walk), lambda row: row, walk.after(marker, 1)))
        shown += sorted([key.decode() for key, _ in page.items] + page.prefixes, key=str.encode)
        assert len(page.items) + len(page.prefixes) <= limit
        if not page.truncated:
            break
        marker = page.last
    assert shown == expected(all_keys, prefix, delimiter)


def _within(fetch, walk):
    async def bounded(after, size):
        rows = await fetch(after, 10_000)
        return [row for row in rows if not walk.end or row[0] < walk.end][:size]

    return bounded


def test_groups_are_skipped_not_read():
    """A listing by delimiter reads a few rows of each group, however many keys are in it."""
    ordered = [b"%03d/%04d" % (group, key) for group in range(50) for key in range(500)] + [
        b"plain%02d" % n for n in range(99)
    ]
    read = 0

    async def fetch(after, size):
        nonlocal read
        start = bisect.bisect_right(ordered, after, key=lambda key: (key, 0))
        rows = [(key, 0) for key in ordered[start : start + size]]
        read += len(rows)
        return rows

    walk = Walk.over({"Delimiter": "/"}, 1000, first=-1)
    page = asyncio.run(walk.run(fetch, lambda row: row, walk.after("", 1)))
    assert (len(page.prefixes), len(page.items)) == (50, 99)
    assert read < 300
