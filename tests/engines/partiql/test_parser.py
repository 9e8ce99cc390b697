"""Statements are read, or refused in AWS's words."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines.partiql import (
    Column,
    Delete,
    Exists,
    Insert,
    NotWellFormed,
    PartiqlError,
    Select,
    Update,
    parse,
)
from undercast.engines.partiql.model import (
    And,
    Attribute,
    Between,
    Comparison,
    Function,
    Holds,
    In,
    Missing,
    Not,
    Null,
    Or,
    Sum,
    Value,
)


def where(condition, *parameters):
    return parse(f"SELECT * FROM t WHERE {condition}", list(parameters)).where


A = Attribute(("a",))
ONE, TWO = Value({"N": "1"}), Value({"N": "2"})


def test_a_select_with_everything():
    statement = parse('select a, b.c[0]."d e" FROM "my-table"."by-x" WHERE a = 1 ORDER BY x DESC, y ASC;')
    assert statement == Select(
        "my-table", "by-x", (Column(("a",)), Column(("b", "c", 0, "d e"))), Comparison("=", A, ONE),
        (("x", True), ("y", False)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("a = 1", Comparison("=", A, ONE)),
        ("1 != a", Comparison("<>", ONE, A)),
        ("a BETWEEN 1 AND 2", Between(A, ONE, TWO)),
        ("a NOT BETWEEN 1 AND 2", Not(Between(A, ONE, TWO))),
        ("a IN [1, 2]", In(A, (ONE, TWO))),
        ("a in (1)", In(A, (ONE,))),
        ("a IS MISSING", Missing(("a",))),
        ("a IS NOT MISSING", Not(Missing(("a",)))),
        ("a IS NULL", Null(("a",))),
        ("NOT a = 1", Not(Comparison("=", A, ONE))),
        ("begins_with(a, 'x')", Holds(Function("begins_with", (A, Value({"S": "x"}))))),
        ("size(a) > 1", Comparison(">", Function("size", (A,)), ONE)),
        ("a = 1 AND a = 2 OR a = 1", Or((And((Comparison("=", A, ONE), Comparison("=", A, TWO))), Comparison("=", A, ONE)))),
        ("a = 1 AND (a = 2 OR a = 1)", And((Comparison("=", A, ONE), Or((Comparison("=", A, TWO), Comparison("=", A, ONE)))))),
    ],
)  # fmt: skip
def test_conditions(text, condition):
    assert where(text) == condition


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'it''s'", {"S": "it's"}),
        ("-1.5e3", {"N": "-1.5e3"}),
        ("true", {"BOOL": True}),
        ("NULL", {"NULL": True}),
        ("[1, 'a']", {"L": [{"N": "1"}, {"S": "a"}]}),
        ("{'a': {'b': []}}", {"M": {"a": {"M": {"b": {"L": []}}}}}),
        ("<<'a', 'b'>>", {"SS": ["a", "b"]}),
        ("<<1>>", {"NS": ["1"]}),
    ],
)
def test_literals(text, value):
    assert where(f"a = {text}") == Comparison("=", A, Value(value))


def test_parameters_stand_anywhere_a_literal_does():
    statement = parse("INSERT INTO t VALUE {'a': ?, 'b': [?, {'c': ?}]}", [{"S": "x"}, {"N": "1"}, {"B": b"\x00"}])
    nested = {"L": [{"N": "1"}, {"M": {"c": {"B": b"\x00"}}}]}
    assert statement == Insert("t", {"a": {"S": "x"}, "b": nested})


def test_an_update():
    statement = parse(
        "UPDATE t SET a = a + 1, b = list_append(b, [1]) REMOVE c[0] SET d = 2 WHERE k = 1 RETURNING MODIFIED NEW *"
    )
    assert isinstance(statement, Update)
    assert [action.path for action in statement.actions] == [("a",), ("b",), ("c", 0), ("d",)]
    assert statement.actions[0].operand == Sum("+", A, ONE)
    assert statement.actions[2].operand is None
    assert statement.returning == "UPDATED_NEW"


def test_a_delete_and_exists():
    assert parse("DELETE FROM t WHERE k = 1 RETURNING ALL OLD *") == Delete(
        "t", Comparison("=", Attribute(("k",)), ONE), "ALL_OLD"
    )
    assert isinstance(parse("EXISTS(SELECT * FROM t WHERE k = 1)"), Exists)


@pytest.mark.parametrize("name", ["b[0]", "c"])
def test_a_column_is_called_by_its_last_name(name):
    assert Column(("a", "b", 0) if name == "b[0]" else ("a", "b", 0, "c")).name == name


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("CREATE TABLE t", "Expected data manipulation"),
        ("", "Expected data manipulation"),
        ("SELECT * FROM 'x'", "Unexpected from source"),
        ("SELECT * t", "Expected FROM clause"),
        ("SELECT * FROM t WHERE a", "Unexpected term in WHERE clause"),
        ("SELECT * FROM t nonsense", "Unexpected term: nonsense"),
        ("SELECT * FROM t WHERE a = #", "Unexpected character at position 26"),
        ("UPDATE t WHERE k = 1", "Expected SET or REMOVE clause"),
    ],
)
def test_what_is_not_well_formed(statement, message):
    with pytest.raises(NotWellFormed) as error:
        parse(statement)
    assert str(error.value) == f"Statement wasn't well formed, can't be processed: {message}"


@pytest.mark.parametrize("parameters", [[], [{"S": "a"}, {"S": "b"}]])
def test_parameters_must_be_as_many_as_asked_for(parameters):
    with pytest.raises(PartiqlError) as error:
        parse("SELECT * FROM t WHERE a = ?", parameters)
    assert str(error.value) == "Number of parameters in request and statement don't match."


@pytest.mark.parametrize("set_", ["<<>>", "<<1, 'a'>>", "<<1, 1>>", "<<true>>"])
def test_sets_that_cannot_be(set_):
    with pytest.raises(PartiqlError):
        where(f"a = {set_}")


def test_a_deep_nest_is_refused_not_recursed_into():
    with pytest.raises(NotWellFormed):
        where("(" * 4000 + "a = 1" + ")" * 4000)
    with pytest.raises(NotWellFormed):
        where("a = " + "[" * 4000)
    with pytest.raises(NotWellFormed):
        where("NOT " * 2000 + "a = 1")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    for statement in (text, f"SELECT * FROM t WHERE {text}"):
        with contextlib.suppress(PartiqlError):
            parse(statement)


_VALUES = st.recursive(
    st.one_of(
        st.text(max_size=5).map(lambda text: {"S": text}),
        st.integers().map(lambda number: {"N": str(number)}),
        st.booleans().map(lambda truth: {"BOOL": truth}),
        st.just({"NULL": True}),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda members: {"L": members}),
        st.dictionaries(st.text(max_size=3), inner, max_size=3).map(lambda members: {"M": members}),
    ),
    max_leaves=8,
)


@given(_VALUES)
def test_a_literal_is_what_was_written(value):
    assert where(f"a = {_written(value)}") == Comparison("=", A, Value(value))


def _written(value):
    ((kind, content),) = value.items()
    if kind == "S":
        return "'" + content.replace("'", "''") + "'"
    if kind == "L":
        return "[" + ", ".join(map(_written, content)) + "]"
    if kind == "M":
        return "{" + ", ".join(f"{_written({'S': name})}: {_written(one)}" for name, one in content.items()) + "}"
    return {"N": content, "BOOL": str(content).lower(), "NULL": "null"}[kind]
