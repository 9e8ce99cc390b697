"""Filter patterns of CloudWatch Logs: the user guide's examples, extraction, errors."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines import log_filters

CLOUDTRAIL = json.dumps(
    {
        "eventType": "UpdateTrail",
        "sourceIPAddress": "111.111.111.111",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
        "SomeObject": None,
        "flag": True,
        "level": 1.5e3,
        "user": {"id": 1, "full.name": "Ann"},
    }
)
ACCESS = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'


@pytest.mark.parametrize(
    ("pattern", "message", "matches"),
    [
        ("", "anything", True),
        (" ", "anything", True),
        ('""', "anything", True),
        ("ERROR", "[ERROR 400] BAD REQUEST", True),
        ("ERROR", "error", False),
        ("ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", True),
        ("ERROR ARGUMENTS", "[ERROR 400] BAD REQUEST", False),
        ("?ERROR ?ARGUMENTS", "INVALID ARGUMENTS", True),
        ("?ERROR ?ARGUMENTS", "fine", False),
        ("?REQUEST ERROR", "ERROR only", True),  # beside other terms the optional ones are ignored
        ('"INTERNAL SERVER ERROR"', "[ERROR 500] INTERNAL SERVER ERROR", True),
        ('"INTERNAL SERVER ERROR"', "INTERNAL ERROR SERVER", False),
        ('ERROR -"DEBUG x"', "ERROR DEBUG x", False),
        ("ERROR -DEBUG", "ERROR", True),
        ("-DEBUG", "x", True),
        ('"say \\"hi\\""', 'they say "hi"', True),
        ("%AUTHORIZED%", "[ERROR 401] UNAUTHORIZED REQUEST", True),
        ("%ERROR [45][0-9]{2}%", "ERROR 503", True),
        ("%ERROR [45][0-9]{2}%", "ERROR 200", False),
        ("?%^a% ?b", "cab", True),
    ],
)
def test_terms(pattern: str, message: str, matches: bool) -> None:
    assert log_filters.compile(pattern).matches(message) is matches


@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        ('$.eventType = "UpdateTrail"', True),
        ('$.eventType = "Update*"', True),
        ('$.eventType = "*Trail" && $.nope NOT EXISTS', True),
        ("$.eventType = UpdateTrail", True),
        ('$.eventType != "UpdateTrail"', False),
        ("$.sourceIPAddress != 123.123.*", True),
        ("$.sourceIPAddress = 111.111.*", True),
        ('$.arrayKey[0] = "value"', True),
        ('$.arrayKey[1] = "value"', False),
        ('$.arrayKey[*] = "another*"', True),
        ("$.objectList[1].id = 2", True),
        ("$.objectList[*].id = 3", False),
        ("$.eventType = %Trail%", True),
        ("$.eventType = %^Trail%", False),
        ("$.SomeObject IS NULL", True),
        ("$.eventType IS NULL", False),
        ("$.nope IS NULL", False),
        ("$.nope NOT EXISTS", True),
        ("$.flag IS TRUE", True),
        ("$.flag IS FALSE", False),
        ("$.level >= 1500", True),
        ("$.level < 1.5e3", False),
        ("$.level = 1500", True),
        ('$.nope != "x"', False),
        ("$.user.id = 1 && ($.flag IS FALSE || $.objectList[0].name = a)", True),
        ("$.nope = 1 && $.flag IS TRUE || $.user.id = 1", True),
        ("$.nope = 1 && ($.flag IS TRUE || $.user.id = 1)", False),
        ("$.user['full.name'] = Ann", True),
        ("$['user']['id'] = 1", True),
    ],
)
def test_json(condition: str, matches: bool) -> None:
    assert log_filters.compile("{" + condition + " }").matches(CLOUDTRAIL) is matches


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("[ip, user, username, timestamp, request, status, bytes]", True),
        ("[ip, user, username, timestamp, request, status]", False),
        ("[ip, user, username, timestamp, request, status = 404, bytes > 1000]", True),
        ("[ip, user, username, timestamp, request = *.html*, status = 4*, bytes]", True),
        ("[..., status = 4*, bytes > 2000]", False),
        ("[..., status = 4*, bytes]", True),
        ("[ip = 127.*, ...]", True),
        ("[ip = %127\\.0\\.[0-9]\\.1%, ...]", True),
        ('[..., request = "*index*", status, bytes]', True),
        ("[..., status = 404 || status = 410, bytes]", True),
        ("[..., (status != 404 && status != 410), bytes]", False),
        ("[, , frank = frank, ...]", True),
        ("[w1, ..., w2, w3, w4, w5, w6, w7, w8]", False),
        ("[]", True),
    ],
)
def test_fields(pattern: str, matches: bool) -> None:
    assert log_filters.compile(pattern).matches(ACCESS) is matches


def test_extraction() -> None:
    fields = log_filters.compile("[..., request, status = 404, bytes]")
    assert fields.extract(ACCESS) == {
        "$1": "127.0.0.1", "$2": "Prod", "$3": "frank", "$4": "10/Oct/2000:13:25:15 -0700",
        "$request": "GET /index.html HTTP/1.0", "$status": "404", "$bytes": "1534",
    }  # fmt: skip
    assert fields.select(ACCESS, "$bytes") == "1534"
    assert fields.extract("too short") is None
    found = log_filters.compile("{ $.user.id = 1 || $.nope = 2 || $.flag IS TRUE }")
    assert found.extract(CLOUDTRAIL) == {"$.user.id": "1", "$.flag": "true"}
    assert found.select(CLOUDTRAIL, "$.level") == "1500.0"
    assert found.select(CLOUDTRAIL, "$.objectList[0]") == '{"name": "a", "id": 1}'
    assert found.extract("no json") is None
    terms = log_filters.compile("ERROR")
    assert (terms.extract("ERROR"), terms.extract("fine"), terms.names_values) == ({}, None, False)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ('{ $.a = "b" && ', "If a filter pattern starts with '{' it must end with '}'"),
        ("{ $.a }", "Invalid filter pattern"),
        ("{ a = 1 }", "Invalid filter pattern"),
        ('{ $.a > "x" }', "Invalid filter pattern"),
        ("{ $.a = 1 $.b = 2 }", "Invalid filter pattern"),
        ("{ ($.a = 1 }", "Invalid filter pattern"),
        ("{" + "(" * 500 + "}", "Invalid filter pattern"),
        ("{ $.a = %x(y)% }", "Invalid filter pattern"),
        ("{ $.a = %x% && $.b = %y% && $.c = %z% }", "Invalid filter pattern"),
        # Seen in a public issue: a field's conditions are on that field only.
        ("[ip, user, username, timestamp, request, status_code = 4* && bytes > 1000]", "Invalid filter pattern"),
        ("[a, ..., b, ...]", "Invalid filter pattern"),
        ("status=401", "Invalid character(s) in term 'status=401'"),
        ('"open', "Invalid filter pattern"),
        ("ERROR -", "Invalid filter pattern"),
        ("%(a)%", "Invalid filter pattern"),
        ("x" * 1025, "Invalid filter pattern"),
    ],
)
def test_errors(pattern: str, message: str) -> None:
    with pytest.raises(log_filters.InvalidLogFilter) as caught:
        log_filters.compile(pattern)
    assert str(caught.value) == message
    assert caught.value.detail


PIECES = st.sampled_from(
    ["{", "}", "[", "]", "$.a", "$", "=", "!=", ">", "1", '"x*"', "&&", "||", "(", ")", "IS NULL", "NOT EXISTS", "...", ",", "w",
     "%a+%", "%", '"', "\\", "?", "-", " ", "[*]", "[0]", "*"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=15).map(" ".join) | st.text(max_size=30), st.text() | st.just(CLOUDTRAIL))
def test_any_text_compiles_or_is_invalid(pattern: str, message: str) -> None:
    with contextlib.suppress(log_filters.InvalidLogFilter):
        compiled = log_filters.compile(pattern)
        assert (compiled.extract(message) is not None) is compiled.matches(message)
        compiled.select(message, pattern)


@given(st.lists(st.from_regex(r"\w+", fullmatch=True), min_size=1, max_size=4))
def test_terms_are_found_in_any_order(words: list[str]) -> None:
    assert log_filters.compile(" ".join(words)).matches(" ".join(reversed(words)))
