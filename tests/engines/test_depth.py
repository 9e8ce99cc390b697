"""How deep a document nests, beside a plain recursive count."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from undercast.engines.depth import is_deeper

DOCUMENTS = st.recursive(st.integers(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner))


def depth(document):
    children = document.values() if isinstance(document, dict) else document if isinstance(document, list) else None
    return 0 if children is None else 1 + max(map(depth, children), default=0)


@given(DOCUMENTS, st.integers(0, 6))
def test_deeper_than(document, levels):
    assert is_deeper(document, levels) == (depth(document) > levels)


def test_no_depth_is_too_much():
    document = []
    for _ in range(100_000):
        document = [document]
    assert is_deeper(document, 99_999)
