"""The index over many patterns finds what trying each of them finds, and tries few."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines import patterns

_TEXTS = st.sampled_from(["", "a", "ab", "AB", "abc", "xbc", "b", "10.0.0.1", "10.0.1.1", "::1", "İx", "ΑΣ", "ΑΣΑ"])
_NUMBERS = st.sampled_from([-5, 0, 1, 1.0, 2, 2.5, 3, 100])
_VALUES = st.none() | st.booleans() | _TEXTS | _NUMBERS


def _range(bounds: tuple[float, float]) -> dict[str, Any]:
    low, high = sorted(bounds)
    return {"numeric": [">=", low, "<", high]} if low < high else {"numeric": ["=", low]}


_LEAVES = st.one_of(
    _VALUES,
    st.builds(lambda text: {"prefix": text}, _TEXTS),
    st.builds(lambda text: {"suffix": text}, _TEXTS),
    st.builds(lambda text: {"prefix": {"equals-ignore-case": text}}, _TEXTS),
    st.builds(lambda text: {"equals-ignore-case": text}, _TEXTS),
    st.builds(lambda text: {"wildcard": f"{text}*"}, _TEXTS),
    st.builds(lambda text: {"wildcard": f"a*{text}"}, _TEXTS),
    st.builds(lambda number: {"numeric": [">", number]}, _NUMBERS),
    st.builds(lambda number: {"numeric": ["<=", number]}, _NUMBERS),
    st.builds(_range, st.tuples(_NUMBERS, _NUMBERS)),
    st.builds(lambda bits: {"cidr": f"10.0.0.0/{bits}"}, st.sampled_from([8, 24, 32])),
    st.builds(lambda there: {"exists": there}, st.booleans()),
    st.builds(lambda text: {"anything-but": text}, st.sampled_from(["a", "ab", 1])),
)
_FIELD = st.lists(_LEAVES, min_size=1, max_size=3)
_PATTERNS = st.recursive(
    st.dictionaries(st.sampled_from("xyz"), _FIELD, min_size=1, max_size=3),
    lambda inner: st.one_of(
        st.builds(lambda one: {"in": one}, inner),
        st.builds(lambda one, other: {"$or": [one, other]}, inner, inner),
    ),
    max_leaves=4,
)
_EVENTS = st.recursive(
    st.dictionaries(st.sampled_from("xyz"), _VALUES | st.lists(_VALUES, max_size=3), max_size=3),
    lambda inner: st.builds(lambda one: {"in": one, "x": "a"}, inner | st.lists(inner, max_size=2)),
    max_leaves=4,
)


@given(st.lists(_PATTERNS, max_size=12), st.lists(_EVENTS, max_size=4))
def test_the_index_finds_what_trying_all_finds(texts: list[dict[str, Any]], events: list[Any]) -> None:
    compiled = [patterns.compile(text) for text in texts]
    index = patterns.Index([(pattern, number) for number, pattern in enumerate(compiled)])
    for event in events:
        assert index.matching(event) == [number for number, one in enumerate(compiled) if one.matches(event)]


def test_an_empty_index_finds_nothing() -> None:
    assert patterns.Index([]).matching({"a": 1}) == []


@pytest.mark.parametrize(
    "filters",
    [
        lambda number: {"source": ["shop"], "detail": {"id": [f"{number:05d}-x.{number}"]}},
        lambda number: {"source": ["shop"], "detail": {"id": [{"prefix": f"{number:05d}-"}]}},
        lambda number: {"source": ["shop"], "detail": {"total": [{"numeric": [">=", number, "<", number + 1]}]}},
        lambda number: {"$or": [{"detail": {"id": [{"wildcard": f"*.{number}"}]}}, {"detail": {"key": [number]}}]},
    ],
)
def test_hardly_any_of_many_rules_is_tried(filters: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    index = patterns.Index([(patterns.compile(filters(number)), number) for number in range(2_000)])
    tried: list[Any] = []
    monkeypatch.setattr("undercast.engines.patterns.index.satisfies", lambda _, one: tried.append(one))
    index.matching({"source": "shop", "detail-type": "order", "detail": {"id": "00042-x.42", "total": 42.5, "key": 42}})
    assert 1 <= len(tried) <= 3
