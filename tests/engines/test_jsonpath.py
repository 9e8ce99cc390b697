"""JSONPath as Jayway has it, on the bookstore of its documentation."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines import jsonpath

STORE: dict[str, Any] = {
    "store": {
        "book": [
            {"category": "reference", "author": "Nigel Rees", "title": "Sayings", "price": 8.95},
            {"category": "fiction", "author": "Evelyn Waugh", "title": "Sword", "price": 12.99},
            {"category": "fiction", "author": "Herman Melville", "title": "Moby Dick", "isbn": "0-553", "price": 8.99},
            {"category": "fiction", "author": "J. R. R. Tolkien", "title": "The Lord", "isbn": "0-395", "price": 22.99},
        ],
        "bicycle": {"color": "red", "price": 19.95},
    },
    "expensive": 10,
    "a b": {"c.d": [1, [2, 3]]},
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", STORE),
        ("$.expensive", 10),
        ("expensive", 10),
        ("$['a b']['c.d'][1][0]", 2),
        ("$.store.book[0].title", "Sayings"),
        ("$.store.book[-1].title", "The Lord"),
        ("$.store.book[*].author", ["Nigel Rees", "Evelyn Waugh", "Herman Melville", "J. R. R. Tolkien"]),
        ("$..author", ["Nigel Rees", "Evelyn Waugh", "Herman Melville", "J. R. R. Tolkien"]),
        ("$.store..price", [8.95, 12.99, 8.99, 22.99, 19.95]),
        ("$..book[2].title", ["Moby Dick"]),
        ("$.store.book[0,1].price", [8.95, 12.99]),
        ("$.store.book[:2].price", [8.95, 12.99]),
        ("$.store.book[1:3].price", [12.99, 8.99]),
        ("$.store.book[-2:].price", [8.99, 22.99]),
        ("$.store.bicycle.*", ["red", 19.95]),
        ("$.store.bicycle['color','price']", {"color": "red", "price": 19.95}),
        ("$..book[?(@.isbn)].title", ["Moby Dick", "The Lord"]),
        ("$..book[?(!(@.isbn))].title", ["Sayings", "Sword"]),
        ("$.store.book[?(@.price < 10)].title", ["Sayings", "Moby Dick"]),
        ("$.store.book[?(@.price <= $.expensive && @.category == 'fiction')].title", ["Moby Dick"]),
        ("$.store.book[?(@.price > 20 || @['category'] == \"reference\")].price", [8.95, 22.99]),
        ("$.store.book[?(@.author =~ /.*REES/i)].price", [8.95]),
        ("$.store.book[?(@.category in ['reference', 'x'])].price", [8.95]),
        ("$.store.book[?(@.category nin ['reference'])].price", [12.99, 8.99, 22.99]),
        ("$.store.book[?(@.author contains 'Tolkien')].price", [22.99]),
        ("$.store.book[?(@.price == '8.95')].price", [8.95]),
        ("$.store.book[?(@.isbn == null)].price", []),
        ("$.store.book.length()", 4),
        ("$..book.length()", 1),
        ("$.store.book[*].price.max()", 22.99),
        ("$.store.bicycle.keys()", ["color", "price"]),
        ("$.store.book[*].nope", []),
        ("$..nope", []),
    ],
)
def test_paths(path: str, expected: object) -> None:
    assert jsonpath.compile(path).find(STORE) == expected


def test_definite_paths() -> None:
    assert jsonpath.compile("$.a['b'][0].length()").definite
    assert not jsonpath.compile("$.a['b'][0].length()").is_reference
    assert jsonpath.compile("$.a['b'][0]").is_reference
    for path in ("$..a", "$.*", "$[*]", "$[0,1]", "$[0:1]", "$[?(@.a)]"):
        assert not jsonpath.compile(path).definite


@pytest.mark.parametrize("path", ["$.nope", "$.store.book[9]", "$.expensive.x", "$.store.nope.x", "$.store['nope']"])
def test_a_definite_path_to_nothing(path: str) -> None:
    with pytest.raises(jsonpath.PathNotFound):
        jsonpath.compile(path).find(STORE)


@pytest.mark.parametrize(
    "path", ["", "$.", "$..", "$[", "$[]", "$['a'", "$[a]", "$.a[?(]", "$[?(@.a ==)]", "$[?(@.a == 1]", "$ .a", "$.a()", "$[?(@ =~ /(/)]",
             "$[?(" + "(" * 500, "$[?(" + "@[?(" * 500, "$.a" * 9999, "$[?(@.a ~ 1)]"]
)  # fmt: skip
def test_invalid_paths(path: str) -> None:
    with pytest.raises(jsonpath.InvalidJsonPath):
        jsonpath.compile(path)


def nested(inner: object, depth: int) -> object:
    for _ in range(depth):
        inner = [inner]
    return inner


def test_too_many_results_end() -> None:
    document: object = [1]
    for _ in range(60):
        document = [document, document]
    with pytest.raises(jsonpath.JsonPathError):
        jsonpath.compile("$..*").find(document)


def test_paths_within_paths_end() -> None:
    document: object = {"y": 1}
    for _ in range(900):
        document = {"a": document, "b": {}}
    for path in ("$..*..*..x", "$..[?(@..[?(@..x)])]"):
        with pytest.raises(jsonpath.JsonPathError):
            jsonpath.compile(path).find(document)


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("$" + "[0,0,0,0]" * 1_000, nested([], 1_000)),  # a step multiplies what the one before found
        ("$[?(" + "||".join(["@.a==1"] * 1_000) + ")]", [{"a": 2}] * 3_000),
        ("$[?(" + "||".join(["@.b==1"] * 1_000) + ")]", [{"a": 2}] * 3_000),
        ("$.a[?(@ subsetof $.b)]", {"a": [list(range(3_000))], "b": list(range(3_000))}),
        ("$.l[?($.a == $.b)]", {"a": list(range(3_000)), "b": list(range(3_000)), "l": [{}] * 3_000}),
        ("$.l[?($.a contains 'y')]", {"a": "x" * 250_000, "l": [{}] * 3_000}),
        ("$.l[?($.n.sum() > 1)]", {"n": [1] * 3_000, "l": [{}] * 3_000}),
        ("$..[" + ",".join(f"'{n}'" for n in range(1_500)) + "]", [{}] * 3_000),
        ("$..[" + ",".join(["9"] * 4_000) + "]", [[]] * 3_000),
        ("$[?(@ =~ /(a|a)+b/)]", ["a" * 40] * 3_000),
        ("$[?(@ =~ /(a|a)+b/)]", ["a" * 16] * 3_000),  # each match ends in time, all of them do not
        ("$[?(@.a == @.b)]", [{"a": nested(1, 20_000), "b": nested(1, 20_000)}]),
    ],
    ids=range(12),
)
def test_work_is_bounded(path: str, document: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("undercast.engines.jsonpath.budget._MAX_STEPS", 200_000)  # a tenth: refused ten times as soon
    with pytest.raises(jsonpath.JsonPathError):
        jsonpath.compile(path).find(document)


def test_large_documents() -> None:
    assert jsonpath.compile("$..x").find([*range(1_000_000), {"x": 1}]) == [1]
    orders = [{"id": number, "tags": ["a", "b"]} for number in range(20_000)]
    found = jsonpath.compile("$[?(@.id > 9 && @.tags contains 'b')].id").find(orders)
    assert found == list(range(10, 20_000))


def test_deep_documents() -> None:
    document: object = {"x": 1}
    for _ in range(20000):
        document = [document]
    assert jsonpath.compile("$..x").find(document) == [1]


@given(st.text(alphabet="$@.[]()?*'\"ab01:,-=<>!&|~/ {}length", max_size=25))
def test_any_text_is_a_path_or_invalid(text: str) -> None:
    with contextlib.suppress(jsonpath.JsonPathError):
        jsonpath.compile(text).find(STORE)


@given(st.dictionaries(st.text(), st.integers()), st.data())
def test_a_quoted_name_finds_its_member(document: dict[str, int], data: st.DataObject) -> None:
    if document:
        name = data.draw(st.sampled_from(sorted(document)))
        escaped = name.replace("\\", "\\\\").replace("'", "\\'")
        assert jsonpath.compile(f"$['{escaped}']").find(document) == document[name]
