"""Conditions against a plain Python model, and AWS's words for wrong ones."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines.dynamodb import reserved
from undercast.engines.dynamodb.errors import Invalid
from undercast.engines.dynamodb.expressions import Expressions, parse_condition

NAMES = ("aa", "bb", "cc")
plain = st.one_of(
    st.integers(-3, 3).map(lambda n: {"N": str(n)}),
    st.sampled_from(["", "a", "ab", "b"]).map(lambda s: {"S": s}),
    st.sampled_from([b"", b"a", b"ab"]).map(lambda b: {"B": b}),
    st.booleans().map(lambda b: {"BOOL": b}),
    st.lists(st.sampled_from([{"S": "a"}, {"N": "1"}]), max_size=2).map(lambda some: {"L": some}),
    st.sets(st.sampled_from(["a", "b"]), min_size=1).map(lambda some: {"SS": list(some)}),
)
scalar = plain.filter(lambda value: next(iter(value)) in "SNB")
items = st.dictionaries(st.sampled_from(NAMES), plain)


@st.composite
def conditions(draw, depth=3):
    """An expression with values, and the function that says what it means."""
    if depth and draw(st.booleans()):
        kind = draw(st.sampled_from(["AND", "OR", "NOT"]))
        left, values, test = draw(conditions(depth=depth - 1))
        if kind == "NOT":
            return f"NOT ({left})" if left[0] != "(" else f"NOT {left}", values, lambda item: not test(item)
        right, more, other = draw(conditions(depth=depth - 1))
        names = {key: f":r{depth}{key[1:]}" for key in more}
        for key, name in names.items():
            right = " ".join(
                name if word == key else word for word in right.replace("(", "( ").replace(")", " )").split(" ")
            )
        merged = {**values, **{names[key]: value for key, value in more.items()}}
        both = kind == "AND"
        return (
            f"({left} {kind} {right})", merged,
            lambda item: (test(item) and other(item)) if both else (test(item) or other(item)),
        )  # fmt: skip
    return draw(leaves())


@st.composite
def leaves(draw):
    name = draw(st.sampled_from(NAMES))
    kind = draw(st.sampled_from(["exists", "absent", "=", "<>", "<", ">=", "begins", "size"]))
    if kind == "exists":
        return f"attribute_exists ( {name} )", {}, lambda item: name in item
    if kind == "absent":
        return f"attribute_not_exists ( {name} )", {}, lambda item: name not in item
    if kind in ("=", "<>"):
        value = draw(plain)
        return f"{name} {kind} :v", {":v": value}, lambda item: same(item.get(name), value) == (kind == "=")
    if kind in ("<", ">="):
        value = draw(scalar)
        return f"{name} {kind} :v", {":v": value}, lambda item: ordered(item.get(name), value, kind)
    if kind == "begins":
        value = draw(scalar.filter(lambda one: "N" not in one))
        return f"begins_with ( {name} , :v )", {":v": value}, lambda item: begins(item.get(name), value)
    number = draw(st.integers(0, 2))
    return f"size ( {name} ) = :v", {":v": {"N": str(number)}}, lambda item: length(item.get(name)) == number


def same(one, other):
    if one is None or one.keys() != other.keys():
        return False
    return set(one["SS"]) == set(other["SS"]) if "SS" in one else one == other


def ordered(one, other, sign):
    if one is None or one.keys() != other.keys():
        return False
    ((kind, mine),), its = one.items(), next(iter(other.values()))
    mine, its = (Decimal(mine), Decimal(its)) if kind == "N" else (mine, its)
    return mine < its if sign == "<" else mine >= its


def begins(one, other):
    return (
        one is not None
        and one.keys() == other.keys()
        and next(iter(one.values())).startswith(next(iter(other.values())))
    )


def length(one):
    return len(next(iter(one.values()))) if one and next(iter(one)) not in ("N", "BOOL") else None


@given(conditions(), items)
def test_conditions_mean_what_the_model_says(condition, item):
    text, values, meaning = condition
    request = {"ExpressionAttributeValues": values} if values else {}
    expressions = Expressions(request)
    compiled = expressions.condition("ConditionExpression", text)
    expressions.check_used()
    assert compiled.test(item, expressions.values) == meaning(item)


ITEM = {
    "num": {"N": "5"},
    "txt": {"S": "hello"},
    "tags": {"SS": ["a", "b"]},
    "deep": {"M": {"leaves": {"L": [{"N": "1"}, {"M": {"x": {"S": "y"}}}]}}},
}


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("num BETWEEN :one AND :ten", True),
        ("num IN (:one, :ten)", False),
        ("num in (:one, num2, :five)", True),
        ("contains(txt, :ell)", True),
        ("contains(tags, :a)", True),
        ("contains(deep.leaves, :one)", True),
        ("attribute_type(tags, :SS)", True),
        ("attribute_type(tags, :S)", False),
        ("deep.leaves[1].x = :y", True),
        ("deep.leaves[7].x = :y", False),
        ("size(deep.leaves) = :two", True),
        ("size(num) = :one", False),
        ("NOT num = :one AND txt = :hello OR num = :one", True),
        ("not (num = :one or txt = :hello)", False),
        ("nothing <> :one", True),
        ("num < txt", False),
        (":five = num", True),
    ],
)
def test_operators(text, truth):
    given_values = {
        ":one": {"N": "1"}, ":two": {"N": "2"}, ":five": {"N": "5.0"}, ":ten": {"N": "10"}, ":ell": {"S": "ell"},
        ":a": {"S": "a"}, ":SS": {"S": "SS"}, ":S": {"S": "S"}, ":y": {"S": "y"}, ":hello": {"S": "hello"},
    }  # fmt: skip
    expressions = Expressions({"ExpressionAttributeValues": given_values})
    assert expressions.condition("ConditionExpression", text).test(ITEM, expressions.values) is truth


VALUES = {":s": {"S": "s"}, ":n": {"N": "1"}, ":m": {"N": "0"}, ":ss": {"SS": ["a"]}, ":t": {"BOOL": True}}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "The expression can not be empty;"),
        ("a = ", 'Syntax error; token: "<EOF>", near: "="'),
        ("a = :s b", 'Syntax error; token: "b", near: ":s b"'),
        ("a @ :s", 'Syntax error; token: "@", near: "a @"'),
        ("status = :s", "Attribute name is a reserved keyword; reserved keyword: status"),
        ("a = :none", "An expression attribute value used in expression is not defined; attribute value: :none"),
        ("#x = :s", "An expression attribute name used in the document path is not defined; attribute name: #x"),
        ("nope(a)", "Invalid function name; function: nope"),
        ("if_not_exists(a, :s)", "The function is not allowed in a condition expression; function: if_not_exists"),
        ("size(a)", "The function is not allowed to be used this way in an expression; function: size"),
        ("a = attribute_exists(b)",
         "The function is not allowed to be used this way in an expression; function: attribute_exists"),
        ("attribute_exists(a, b)", "Incorrect number of operands for operator or function; "
                                   "operator or function: attribute_exists, number of operands: 2"),
        ("attribute_exists(:s)",
         "Operator or function requires a document path; operator or function: attribute_exists"),
        ("begins_with(a, :n)", "Incorrect operand type for operator or function; "
                               "operator or function: begins_with, operand type: N"),
        ("a < :t", "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL"),
        ("attribute_type(a, :s)", "Invalid attribute type name found; type: s, "
                                  "valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"),
        ("a = a", "The first operand must be distinct from the remaining operands for this operator or function; "
                  "operator: =, first operand: [a]"),
        ("a BETWEEN :n AND :m",
         "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: "
         "AttributeValue: {N:1}, upper bound operand: AttributeValue: {N:0}"),
        ("a BETWEEN :n AND :s",
         "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: "
         "AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:s}"),
        ("((a = :s))", "The expression has redundant parentheses;"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_awss_words(text, reason):
    with pytest.raises(Invalid) as error:
        Expressions({"ExpressionAttributeValues": VALUES}).condition("ConditionExpression", text)
    assert str(error.value) == f"Invalid ConditionExpression: {reason}"


def test_parentheses_side_by_side_are_not_redundant():
    parse_condition("FilterExpression", "((a = :v) AND (b = :v)) OR (c = :v)")


def test_reserved_words():
    assert len(reserved.WORDS) == 573
    assert reserved.is_reserved("Name")
    assert not reserved.is_reserved("metadata")


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"ExpressionAttributeValues": {}}, "ExpressionAttributeValues must not be empty"),
        ({"ExpressionAttributeNames": {"a": "b"}},
         'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"'),
        ({"ExpressionAttributeValues": {":v": {"N": "x"}}},
         "ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: x "
         "for key :v"),
    ],
)  # fmt: skip
def test_bad_names_and_values(request_, message):
    with pytest.raises(Invalid) as error:
        Expressions(request_)
    assert str(error.value) == message


def test_unused_names_and_values():
    expressions = Expressions({"ExpressionAttributeNames": {"#a": "a"}, "ExpressionAttributeValues": {":v": {"S": ""}}})
    with pytest.raises(Invalid, match=r"unused in expressions: keys: \{#a\}"):
        expressions.check_used()
    expressions.projection("#a")
    with pytest.raises(Invalid, match=r"ExpressionAttributeValues unused in expressions: keys: \{:v\}"):
        expressions.check_used()
