"""Whatever a WHERE clause says, and however it is planned, it finds what a plain filter of all items finds."""

from __future__ import annotations

import operator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ITEMS = [
    {"pk": pk, "sk": sk, **({"x": (sk * 7) % 3} if sk != 2 else {})} for pk in "abc" for sk in range(5)
]  # fmt: skip
OPERATORS = {"=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def literal(value):
    return f"'{value}'" if isinstance(value, str) else str(value)


def compared(name, sign, value):
    return f"{name} {sign} {literal(value)}", lambda item: name in item and OPERATORS[sign](item[name], value)


def turned(name, sign, value):
    turned_sign = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}[sign]
    return f"{literal(value)} {turned_sign} {name}", lambda item: name in item and OPERATORS[sign](item[name], value)


def among(name, values):
    return f"{name} IN [{', '.join(map(literal, values))}]", lambda item: item.get(name) in values


def between(name, low, high):
    return f"{name} BETWEEN {low} AND {high}", lambda item: name in item and low <= item[name] <= high


def both(one, other):
    return f"({one[0]}) AND ({other[0]})", lambda item: one[1](item) and other[1](item)


def either(one, other):
    return f"({one[0]}) OR ({other[0]})", lambda item: one[1](item) or other[1](item)


def unless(one):
    return f"NOT ({one[0]})", lambda item: not one[1](item)


NUMBERS, LETTERS, SIGNS = st.integers(0, 4), st.sampled_from("abcz"), st.sampled_from(list(OPERATORS))
ATOMS = st.one_of(
    st.builds(compared, st.just("pk"), st.just("="), LETTERS),
    st.builds(compared, st.just("pk"), SIGNS, LETTERS),
    st.builds(among, st.just("pk"), st.lists(LETTERS, min_size=1, max_size=3, unique=True)),
    st.builds(compared, st.sampled_from(["sk", "x"]), SIGNS, NUMBERS),
    st.builds(turned, st.sampled_from(["sk", "x"]), SIGNS, NUMBERS),
    st.builds(between, st.just("sk"), st.integers(0, 2), st.integers(2, 4)),
    st.just(("x IS MISSING", lambda item: "x" not in item)),
    st.just(("x IS NOT MISSING", lambda item: "x" in item)),
)
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(st.builds(both, inner, inner), st.builds(either, inner, inner), st.builds(unless, inner)),
    max_leaves=5,
)


@pytest.fixture
def filled(dynamodb, make):
    make("table", "pk", "sk:N")
    for start in range(0, len(ITEMS), 25):
        puts = [{"PutRequest": {"Item": stored(item)}} for item in ITEMS[start : start + 25]]
        dynamodb.batch_write_item(RequestItems={"table": puts})


def stored(item):
    return {name: {"S": value} if isinstance(value, str) else {"N": str(value)} for name, value in item.items()}


def key(item):
    return item["pk"]["S"], int(item["sk"]["N"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(condition=CONDITIONS, limit=st.sampled_from([None, 1, 3]))
def test_a_select_finds_what_a_filter_finds(dynamodb, filled, condition, limit):
    text, holds = condition
    statement, found, token = f'SELECT * FROM "table" WHERE {text}', [], {}
    while True:
        page = dynamodb.execute_statement(Statement=statement, **({"Limit": limit} if limit else {}), **token)
        found += page["Items"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert sorted(found, key=key) == [stored(item) for item in ITEMS if holds(item)]
