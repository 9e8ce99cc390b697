"""Rules that need no platform: names, weights, reports of failures, filters."""

from __future__ import annotations

import importlib

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines import patterns

names = importlib.import_module("undercast.services.lambda.names")
model = importlib.import_module("undercast.services.lambda.model")
batches = importlib.import_module("undercast.services.lambda.batches")
urls = importlib.import_module("undercast.services.lambda.urls")
statements = importlib.import_module("undercast.services.lambda.statements")

NAME = st.from_regex(r"[a-zA-Z0-9-_]{1,64}", fullmatch=True).filter(lambda name: name != "function")
QUALIFIER = st.none() | st.just("$LATEST") | st.from_regex(r"[a-zA-Z0-9-_]{1,20}", fullmatch=True)


@given(NAME, QUALIFIER)
def test_every_form_of_a_name_is_the_same_function(name, qualifier):
    tail = f"{name}:{qualifier}" if qualifier else name
    for text in (tail, f"function:{tail}", f"000000000001:function:{tail}",
                 f"arn:aws:lambda:us-east-1:000000000001:function:{tail}"):  # fmt: skip
        assert names.split(text)[2:] == (name, qualifier)


@given(st.text(max_size=80))
def test_any_text_is_a_name_or_none(text):
    names.split(text)


@given(st.floats(0, 1, exclude_max=True), st.floats(0, 1))
def test_weights_choose_their_share(chance, weight):
    alias = model.Alias("1", "r", "f", "a", "1", "", {"2": weight}, "x")
    assert alias.pick(chance) == ("2" if chance < weight else "1")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(JSON | st.fixed_dictionaries({"batchItemFailures": JSON}))
def test_whatever_a_function_reports_some_or_all_return(report):
    assert batches.unprocessed(orjson.dumps(report), ["a", "b"]) <= {"a", "b"}


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (b"", set()), (b"null", set()), (b"{}", set()), (b'{"batchItemFailures": []}', set()), (b"no JSON", {"a", "b"}),
        (b'{"batchItemFailures": [{"itemIdentifier": "a"}]}', {"a"}),
        (b'{"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "x"}]}', {"a", "b"}),
        (b'{"batchItemFailures": [{"itemIdentifier": ""}]}', {"a", "b"}),
        (b'{"batchItemFailures": "a"}', {"a", "b"}), (b"[1]", {"a", "b"}),
    ],
)  # fmt: skip
def test_reports(answer, failed):
    assert batches.unprocessed(answer, ["a", "b"]) == failed


@pytest.mark.parametrize(
    ("pattern", "body", "wanted"),
    [
        ('{"body": {"a": [1]}}', '{"a": 1}', True), ('{"body": {"a": [1]}}', '{"a": 2}', False),
        ('{"body": {"a": [1]}}', "text", False), ('{"body": ["text"]}', "text", True),
        ('{"body": ["other"]}', "text", False), ('{"attributes": {"MessageGroupId": ["g"]}}', "x", True),
    ],
)  # fmt: skip
def test_filters(pattern, body, wanted):
    record = {"body": body, "attributes": {"MessageGroupId": "g"}}
    assert batches.wanted(record, [patterns.compile(pattern)]) is wanted


@given(st.integers(0, 10**12 - 1))
def test_a_url_says_whose_it_is(number):
    class Ids:
        def alnum(self, length):
            return "z" * length

        def number(self, below):
            return below - 1

    class Call:
        account = f"{number:012d}"
        ids = Ids()

    id = urls.new_id(Call())
    assert len(id) == 32 and id[0].isalpha()
    assert urls.account_of(id) == Call.account
