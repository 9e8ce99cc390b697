"""The parser takes any text: it is an expression or is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines.dynamodb.errors import Invalid
from undercast.engines.dynamodb.expressions import parse_condition, parse_projection, parse_update

words = st.sampled_from(
    [
        "a",
        "b",
        "#a",
        ":v",
        "(",
        ")",
        "[",
        "]",
        "0",
        "9",
        ".",
        ",",
        "=",
        "<>",
        "<",
        ">=",
        "+",
        "-",
        "AND",
        "OR",
        "NOT",
        "BETWEEN",
        "IN",
        "SET",
        "REMOVE",
        "ADD",
        "DELETE",
        "size",
        "contains",
        "if_not_exists",
        "attribute_exists",
        "list_append",
        "name",
        "é",
        "😀",
        "_",
    ]
)


@pytest.mark.parametrize(
    "parse", [lambda text: parse_condition("FilterExpression", text), parse_update, parse_projection]
)
@given(text=st.one_of(st.lists(words, max_size=12).map(" ".join), st.text(max_size=20)))
def test_any_text_is_an_expression_or_is_refused(parse, text):
    try:
        parse(text)
    except Invalid as error:
        assert str(error).startswith("Invalid ")


@pytest.mark.parametrize("text", ["(" * 2000 + "a = b" + ")" * 2000, "NOT " * 1000 + "a = b", "size(" * 800])
def test_deep_nesting_is_refused(text):
    with pytest.raises(Invalid):
        parse_condition("FilterExpression", text)


def test_long_expressions_are_refused():
    text = " OR ".join(["aa = bb"] * 400)
    with pytest.raises(Invalid) as error:
        parse_condition("FilterExpression", text)
    assert str(error.value) == (
        "Invalid FilterExpression: Expression size has exceeded the maximum allowed size; expression size: 4396"
    )


def test_keywords_in_any_case_and_functions_as_they_are():
    parse_condition("FilterExpression", "aa = bb and NoT (aa In (:v, :w) oR aa between :v anD :w)")
    with pytest.raises(Invalid, match="Invalid function name; function: SIZE"):
        parse_condition("FilterExpression", "SIZE(aa) = :v")


def test_a_path_is_at_most_32_parts_deep():
    parse_projection(".".join(["aa"] * 32))
    with pytest.raises(Invalid, match="The document path has too many nesting elements; nesting levels: 33"):
        parse_projection(".".join(["aa"] * 33))
