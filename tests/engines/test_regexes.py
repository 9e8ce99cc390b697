"""Users' regular expressions: Java's replace and split, and that no expression takes long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines.regexes import Regex, RegexError


@pytest.mark.parametrize(
    ("expression", "replacement", "text", "expected"),
    [
        ("(a)(b)", "$2$1", "abab", "baba"),
        ("(?<first>a)b", "${first}!", "ab", "a!"),
        ("b", "\\$\\\\", "abc", "a$\\c"),
        ("x*", "-", "abc", "-a-b-c-"),
    ],
)
def test_replace(expression: str, replacement: str, text: str, expected: str) -> None:
    assert Regex(expression).replace(replacement, text) == expected


@pytest.mark.parametrize("replacement", ["$9", "$", "$x", "\\", "${nope}"])
def test_bad_replacements(replacement: str) -> None:
    with pytest.raises(RegexError):
        Regex("a").replace(replacement, "aaa")


@pytest.mark.parametrize(
    ("expression", "text", "limit", "expected"),
    [  # as java.lang.String.split documents them
        (":", "boo:and:foo", 2, ["boo", "and:foo"]),
        (":", "boo:and:foo", 5, ["boo", "and", "foo"]),
        (":", "boo:and:foo", -2, ["boo", "and", "foo"]),
        ("o", "boo:and:foo", 5, ["b", "", ":and:f", "", ""]),
        ("o", "boo:and:foo", -2, ["b", "", ":and:f", "", ""]),
        ("o", "boo:and:foo", 0, ["b", "", ":and:f"]),
        ("", "abc", 0, ["a", "b", "c"]),
        (",", "", 0, [""]),
        (",", ",a", 0, ["", "a"]),
    ],
)
def test_split(expression: str, text: str, limit: int, expected: list[str]) -> None:
    assert Regex(expression).split(text, limit) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "(",
        "[",
        "*",
        "a{99999}",
        "(a{999}){999}",
        "((((a{999}){999}){999}){999}){999}",
        "(?:[)(]{99}\\){9}){999}",
        "x" * 2000,
    ],
)
def test_refused(expression: str) -> None:
    with pytest.raises(RegexError):
        Regex(expression)


@pytest.mark.parametrize(
    "expression",
    [r"(\d{1,3}\.){3}\d{1,3}", "-".join(["[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"] * 3), "a{1000}", "[{]x{2}[}]{3}"],
)
def test_everyday_repeats_are_not_refused(expression: str) -> None:
    Regex(expression)


def test_an_expression_without_end_is_stopped() -> None:
    with pytest.raises(RegexError):
        Regex("(a|aa)+$").matches("a" * 200 + "b")


@given(
    st.text(alphabet="ab()[]{}*+?|\\^$.0,1-", max_size=15),
    st.text(alphabet="ab$\\{}1", max_size=6),
    st.text(max_size=20),
)
def test_any_text_works_or_is_refused(expression: str, replacement: str, text: str) -> None:
    try:
        compiled = Regex(expression)
        compiled.replace(replacement, text)
        compiled.split(text)
    except RegexError:
        pass
