"""Rules on entities, tags and pages that need no platform."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.kit.tags import as_list
from undercast.services.iam import errors, pages
from undercast.services.iam.model import (
    GROUP,
    ROLE,
    Entity,
    merge_tags,
    size_of,
    tags_from,
    without_tags,
)

_KEYS = st.text("abAB", min_size=1, max_size=2)
_TAGS = st.dictionaries(_KEYS, st.text(max_size=3), max_size=6).filter(
    lambda tags: len({key.lower() for key in tags}) == len(tags)
)


@given(_TAGS, _TAGS)
def test_merged_tags_hold_what_was_wanted_and_never_a_key_twice(have, wanted):
    merged = merge_tags(have, wanted)
    assert merged.items() >= wanted.items()
    assert {key.lower() for key in merged} == {key.lower() for key in [*have, *wanted]}
    assert len({key.lower() for key in merged}) == len(merged)


@given(_TAGS, st.lists(_KEYS))
def test_removed_tags_are_gone_in_whatever_case(have, keys):
    left = without_tags(have, keys)
    assert left.items() <= have.items()
    assert not {key.lower() for key in left} & {key.lower() for key in keys}


@given(_TAGS)
def test_tags_are_read_as_they_are_written(tags):
    assert tags_from(as_list(tags)) == tags


@given(st.lists(st.integers(), unique=True).map(sorted), st.integers(1, 5))
def test_pages_give_every_row_once(rows, size):
    seen, request = [], {"MaxItems": size}
    while True:
        after = pages.position(request, "")
        left = [row for row in rows if not after or row > int(after)]
        page = pages.answer("Rows", left[: size + 1], request, int, str)
        seen += page["Rows"]
        if not page["IsTruncated"]:
            break
        request["Marker"] = page["Marker"]
    assert seen == rows


@pytest.mark.parametrize("marker", ["?", "bm90", "NQ"])
def test_foreign_markers_are_refused(marker):
    with pytest.raises(errors.ValidationError):
        pages.position({"Marker": marker}, "")


def test_arn_and_size():
    assert Entity("111111111111", ROLE, "worker", "/a/", "AROA1", 0).arn == "arn:aws:iam::111111111111:role/a/worker"
    assert Entity("111111111111", GROUP, "Team", "/", "AGPA1", 0).key == "team"
    assert size_of('{ "a":\n\t1 }') == 7
