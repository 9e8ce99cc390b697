"""How API destinations are called: their URLs, and no more often than agreed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from undercast.kit.destinations import Parameters, next_slot


@pytest.mark.parametrize(
    ("url", "path", "query", "expected"),
    [
        ("http://h/*/x/*", ("a/b", "c d"), {}, "http://h/a%2Fb/x/c%20d"),
        ("http://h/*", (), {}, "http://h/*"),
        ("http://h/", ("a",), {"q": "1 2"}, "http://h/?q=1+2"),
        ("http://h/?a=b", (), {"q": "&"}, "http://h/?a=b&q=%26"),
    ],
)
def test_urls(url: str, path: tuple[str, ...], query: dict[str, str], expected: str) -> None:
    assert Parameters(path, {}, query).url(url) == expected


def test_values_of_the_event() -> None:
    given = {"PathParameterValues": ["p"], "HeaderParameters": {"H": "h"}, "QueryStringParameters": {"Q": "q"}}
    assert Parameters.of(given, str.upper) == Parameters(("P",), {"H": "H"}, {"Q": "Q"})
    assert Parameters.of({}, str.upper) == Parameters((), {}, {})


def test_slots_of_a_destination_are_handed_out_one_after_the_other() -> None:
    now = 10_000
    call: Any = SimpleNamespace(clock=SimpleNamespace(now=lambda: now), platform=SimpleNamespace(things={}))
    assert [next_slot(call, "one", 2) for _ in range(4)] == [None, 10_500, 11_000, 11_500]
    assert next_slot(call, "other", 2) is None
    now = 13_000
    assert [next_slot(call, "one", 2) for _ in range(2)] == [None, 13_500]
