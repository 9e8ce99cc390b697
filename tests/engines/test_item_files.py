"""Items as lines of files: what was written is read again, and what cannot be read is said."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines.item_files import csv_lines, ion, json_lines
from undercast.engines.item_files.errors import Unreadable

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
NUMBERS = st.one_of(st.integers().map(str), st.sampled_from(["1.5", "-0.001", "12345678901234567890.123"]))
SCALARS = st.one_of(
    TEXTS.map(lambda text: {"S": text}),
    NUMBERS.map(lambda number: {"N": number}),
    st.binary(max_size=5).map(lambda data: {"B": data}),
    st.booleans().map(lambda truth: {"BOOL": truth}),
    st.just({"NULL": True}),
    st.lists(TEXTS, min_size=1, max_size=3, unique=True).map(lambda members: {"SS": members}),
    st.lists(NUMBERS, min_size=1, max_size=3, unique=True).map(lambda members: {"NS": members}),
    st.lists(st.binary(max_size=3), min_size=1, max_size=3, unique=True).map(lambda members: {"BS": members}),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda members: {"L": members}),
        st.dictionaries(TEXTS, inner, max_size=3).map(lambda members: {"M": members}),
    ),
    max_leaves=6,
)
ITEMS = st.dictionaries(TEXTS, VALUES, max_size=4)


@pytest.mark.parametrize("form", [json_lines, ion])
@given(item=ITEMS)
def test_what_was_written_is_read(form, item):
    line = form.write({"Item": item})
    assert b"\n" not in line
    assert form.read(line.decode()) == item


def test_ion_as_the_developer_guide_shows_it():
    item = {"Authors": {"SS": ["Author1", "Author2"]}, "Dimensions": {"S": "8.5 x 11.0 x 1.5"}, "Id": {"N": "103"},
            "Price": {"N": "2000"}, "InPublication": {"BOOL": False}}  # fmt: skip
    assert ion.write({"Item": item}).decode() == (
        '$ion_1_0 {Item:{Authors:$dynamodb_SS::["Author1","Author2"],Dimensions:"8.5 x 11.0 x 1.5",Id:103.,'
        "Price:2000.,InPublication:false}}"
    )


def test_ion_that_others_write():
    line = (
        "{ 'Item' : { a: '''x''' '''y\\u00e9''', b: 1d2, c: {{ AAE= }}, d: null, /* e */ e: [1, sym], f: +5 } } // end"
    )
    assert ion.read(line) == {
        "a": {"S": "xyé"}, "b": {"N": "1e2"}, "c": {"B": b"\x00\x01"}, "d": {"NULL": True},
        "e": {"L": [{"N": "1"}, {"S": "sym"}]}, "f": {"N": "+5"},
    }  # fmt: skip


@pytest.mark.parametrize(
    "line",
    ["", "{", "{Item:", "{Item:{a:1}} {}", "{Item:{a}}", "{Item:{a:1 b:2}}", "{Other:{}}", "{Item:{a:$dynamodb_NS::[a]}}",
     "{Item:{a:{{A}}}}", "{Item:{a:\"\\U99999999\"}}", "[" * 500, "{Item:#}"],
)  # fmt: skip
def test_lines_that_are_no_ion(line):
    with pytest.raises(Unreadable):
        ion.read(line)


@pytest.mark.parametrize(
    "line", ["", "[]", "{}", '{"Item":1}', '{"Item":{"a":1}}', '{"Item":{"a":{"S":1}}}', '{"Item":{"a":{"X":"1"}}}',
             '{"Item":{"a":{"B":"#"}}}', '{"Item":{"a":{"SS":[1]}}}', '{"Item":{"a":{"L":[1]}}}'],
)  # fmt: skip
def test_lines_that_are_no_dynamodb_json(line):
    with pytest.raises(Unreadable):
        json_lines.read(line)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    for read in (ion.read, json_lines.read):
        with contextlib.suppress(Unreadable):
            read(text)


def test_csv():
    header, types = ["id", "n", "text"], {"id": "S", "n": "N"}
    assert csv_lines.read('a,1,"x, ""y"""', header, ",", types) == {
        "id": {"S": "a"}, "n": {"N": "1"}, "text": {"S": 'x, "y"'},
    }  # fmt: skip
    assert csv_lines.read("a;2;", header, ";", types) == {"id": {"S": "a"}, "n": {"N": "2"}}
    assert not csv_lines.is_whole('a,"b')
    for line in ("a,b", 'a,1,"b"c', "a\nb"):
        with pytest.raises(Unreadable):
            csv_lines.read(line, header, ",", types)
