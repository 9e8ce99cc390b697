"""Updates against a plain Python model, and AWS's words for wrong ones."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines.dynamodb.errors import Invalid
from undercast.engines.dynamodb.expressions import Expressions

numbers = st.integers(-1000, 1000)


def apply(text, item, **values):
    expressions = Expressions(
        {"ExpressionAttributeValues": {f":{name}": value for name, value in values.items()}} if values else {}
    )
    update = expressions.update(text)
    expressions.check_used()
    return update.apply(item, expressions.values)


@given(
    st.dictionaries(st.sampled_from("abcd"), numbers),
    st.lists(st.tuples(st.sampled_from(["set", "add", "remove", "plus"]), numbers), max_size=4),
)
def test_updates_do_what_the_model_does(model, steps):
    names = "abcd"
    item = {name: {"N": str(value)} for name, value in model.items()}
    sections: dict[str, list[str]] = {}
    values, expected = {}, dict(model)
    for name, (kind, number) in zip(names, steps, strict=False):
        if kind != "remove":
            values[f"v{name}"] = {"N": str(number)}
        if kind == "set":
            sections.setdefault("SET", []).append(f"{name} = :v{name}")
            expected[name] = number
        elif kind == "plus":
            sections.setdefault("SET", []).append(f"{name} = if_not_exists({name}, :v{name}) - :v{name}")
            expected[name] = model.get(name, number) - number
        elif kind == "add":
            sections.setdefault("ADD", []).append(f"{name} :v{name}")
            expected[name] = model.get(name, 0) + number
        else:
            sections.setdefault("REMOVE", []).append(name)
            expected.pop(name, None)
    if sections:
        text = " ".join(f"{section} {', '.join(parts)}" for section, parts in sections.items())
        found = apply(text, item, **values)
        assert {name: Decimal(value["N"]) for name, value in found.items()} == expected


LIST = {"l": {"L": [{"S": str(number)} for number in range(5)]}}


@given(st.sets(st.integers(0, 6)), st.sets(st.integers(0, 9), max_size=2))
def test_positions_in_lists_are_those_before_the_update(removed, put):
    put -= removed
    parts = []
    if put:
        parts.append("SET " + ", ".join(f"l[{at}] = :v" for at in sorted(put)))
    if removed:
        parts.append("REMOVE " + ", ".join(f"l[{at}]" for at in removed))
    if not parts:
        return
    model: list[str | None] = [str(number) for number in range(5)]
    for at in sorted(put):
        if at < 5:
            model[at] = "new"
    kept = [one for at, one in enumerate(model) if at not in removed]
    kept += ["new"] * len([at for at in put if at >= 5])
    found = apply(" ".join(parts), LIST, **({"v": {"S": "new"}} if put else {}))
    assert [one["S"] for one in found["l"]["L"]] == kept
    assert [one["S"] for one in LIST["l"]["L"]] == list("01234")  # the item itself stays


ITEM = {"n": {"N": "1"}, "s": {"SS": ["a", "b"]}, "m": {"M": {"x": {"N": "2"}}}, "l": {"L": [{"N": "1"}]}}


@pytest.mark.parametrize(
    ("text", "values", "changed"),
    [
        ("SET m.y = :v", {"v": {"S": "1"}}, {"m": {"M": {"x": {"N": "2"}, "y": {"S": "1"}}}}),
        ("set n = n + :v", {"v": {"N": "0.5"}}, {"n": {"N": "1.5"}}),
        ("SET n = (n - :v)", {"v": {"N": "3"}}, {"n": {"N": "-2"}}),
        ("SET l = list_append(:v, l)", {"v": {"L": [{"N": "0"}]}}, {"l": {"L": [{"N": "0"}, {"N": "1"}]}}),
        ("SET a = n, n = :v", {"v": {"N": "9"}}, {"a": {"N": "1"}, "n": {"N": "9"}}),
        ("ADD s :v", {"v": {"SS": ["c", "a"]}}, {"s": {"SS": ["a", "b", "c"]}}),
        ("ADD m.x :v", {"v": {"N": "1"}}, {"m": {"M": {"x": {"N": "3"}}}}),
        ("DELETE s :v", {"v": {"SS": ["a"]}}, {"s": {"SS": ["b"]}}),
        ("DELETE s :v", {"v": {"SS": ["a", "b"]}}, {"s": None}),
        ("REMOVE m.x, nothing", {}, {"m": {"M": {}}}),
    ],
)
def test_actions(text, values, changed):
    expected = {name: value for name, value in {**ITEM, **changed}.items() if value is not None}
    assert apply(text, ITEM, **values) == expected


@pytest.mark.parametrize(
    ("text", "values", "message"),
    [
        ("SET n = absent", {}, "The provided expression refers to an attribute that does not exist in the item"),
        ("SET n = n + absent", {}, "The provided expression refers to an attribute that does not exist in the item"),
        ("SET x.y = :v", {"v": {"S": ""}}, "The document path provided in the update expression is invalid for update"),
        ("REMOVE x.y", {}, "The document path provided in the update expression is invalid for update"),
        ("SET n = s + :v", {"v": {"N": "1"}}, "An operand in the update expression has an incorrect data type"),
        ("ADD s :v", {"v": {"N": "1"}}, "An operand in the update expression has an incorrect data type"),
        ("DELETE n :v", {"v": {"SS": ["a"]}}, "An operand in the update expression has an incorrect data type"),
        ("SET a = :v SET b = :v", {"v": {"S": ""}},
         'Invalid UpdateExpression: The "SET" section can only be used once in an update expression;'),
        ("SET a = :v, a.b = :v", {"v": {"S": ""}},
         "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these "
         "paths; path one: [a], path two: [a, b]"),
        ("SET a[1] = :v, a.b = :v", {"v": {"S": ""}},
         "Invalid UpdateExpression: Two document paths conflict with each other; must remove or rewrite one of these "
         "paths; path one: [a, [1]], path two: [a, b]"),
        ("ADD a :v", {"v": {"S": ""}},
         "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: "
         "STRING, typeSet: ALLOWED_FOR_ADD_OPERAND"),
        ("DELETE a :v", {"v": {"N": "1"}},
         "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: DELETE, operand type: "
         "NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND"),
        ("SET a = n + :v", {"v": {"S": ""}},
         "Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: +, "
         "operand type: S"),
        ("SET a = size(n)", {},
         "Invalid UpdateExpression: The function is not allowed in an update expression; function: size"),
        ("a = :v", {"v": {"S": ""}}, 'Invalid UpdateExpression: Syntax error; token: "a", near: "a ="'),
        ("SET name = :v", {"v": {"S": ""}},
         "Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_awss_words(text, values, message):
    with pytest.raises(Invalid) as error:
        apply(text, ITEM, **values)
    assert str(error.value) == message
