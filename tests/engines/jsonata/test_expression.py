"""Expressions as a state has them: variables, AWS's functions, what is undefined, and what is too much."""

import copy
import hashlib
import math
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undercast.engines.jsonata import UNDEFINED, JsonataError, compile, evaluate

from .moment import MOMENT


def value(text, input=None, **variables):
    return evaluate(compile(text), None, {**variables, "states": {"input": input}}, MOMENT)


def refusal(text, input=None):
    with pytest.raises(JsonataError) as refused:
        value(text, input)
    return refused.value


@pytest.fixture
def impatient(monkeypatch):
    """A third of the steps: what has no end is refused three times as soon."""
    monkeypatch.setattr("undercast.engines.jsonata.limits.MAX_STEPS", 166_000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$states.input.order.id", 7),
        ("$states.input.order.nothing", UNDEFINED),
        ("$states.input.order.id.deeper", UNDEFINED),
        ("$states.nothing.at.all", UNDEFINED),
        ("$unknown", UNDEFINED),
        ("order.id", UNDEFINED),  # a state has no document to be relative to
        ("$", UNDEFINED),
        ("$$", UNDEFINED),
        ("$states.input.order.items.price", [1, 2.5]),
        ("$sum($states.input.order.items.price)", 3.5),
        ("$states.input.empty", []),
        ("$states.input.nothing", None),
        ("[$states.input.nothing, 1]", [None, 1]),
        ("$states.input.holes", [1, None, 2]),
        ("$states.input.holes[$ = null]", None),
        ("$count($states.input.holes)", 3),
        ("$map($states.input.holes, $type)", ["number", "null", "number"]),
        ("$exists($states.input.nothing)", True),
        ("{'a': $states.input.nothing}.a", None),
        ("$states.input.empty{$string($): $}", {}),
        ("$sum", UNDEFINED),
        ("function($x) { $x }", UNDEFINED),
    ],
)
def test_value(text, expected):
    order = {"id": 7, "items": [{"price": 1}, {"price": 2.5}]}
    document = {"order": order, "empty": [], "nothing": None, "holes": [1, None, 2]}
    before = copy.deepcopy(document)
    assert value(text, document) == expected if expected is not UNDEFINED else value(text, document) is UNDEFINED
    assert document == before


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10 / 4", 2.5),
        ("10 / 5", 2),
        ("5.5 % 2", 1.5),
        ("-7 % 3", -1),
        ("0.1 + 0.2", 0.1 + 0.2),
        ("$string(0.1 + 0.2)", "0.3"),
        ("$string({'a': [0.1 + 0.2, null, 'é', true]})", '{"a":[0.3,null,"é",true]}'),
        ("$string({'a': [1]}, true)", '{\n  "a": [\n    1\n  ]\n}'),
        ("$string(1e21)", "1e+21"),
        ("$string(0.0000001)", "1e-7"),
        ("$string(123456789012)", "123456789012"),
        ("9007199254740991", 9007199254740991),
        ("1 in [true]", False),
        ("'\\uD834\\uDD1E'", "\U0001d11e"),
        ("'\\uD834'", "?"),
        ("$distinct([1, 1.0, true, '1', {'a': 1}, {'a': 1}])", [1, True, "1", {"a": 1}]),
        ("$replace('ab12', /([a-z])([0-9])/, '$2$1$$$3')", "a1b$2"),
    ],
)
def test_values_are_those_of_json(text, expected):
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [  # https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
        ("$partition([1,2,3,4,5], 2)", [[1, 2], [3, 4], [5]]),
        ("$partition([], 2)", []),
        ("$range(0, 10, 2)", [0, 2, 4, 6, 8, 10]),
        ("$range(10, 0, -4)", [10, 6, 2]),
        ("$range(1, 0, 1)", []),
        ("$hash('input data', 'SHA-1')", hashlib.sha1(b"input data").hexdigest()),
        ("$hash('é', 'MD5')", hashlib.md5("é".encode()).hexdigest()),
        ("$parse('{\"a\": [null, 1.5]}')", {"a": [None, 1.5]}),
        ("$random()", 0.25),
        ("$random(7) = $random(7)", True),
        ("$uuid()", "5cb4f4bb-0b9b-4a5f-8f4e-3f1f5ed1c0a9"),
        ("$millis()", 1509380732935),
        ("$now()", "2017-10-30T16:25:32.935Z"),
    ],
)
def test_functions_of_step_functions(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize("text", ["$eval('1')", "$randomSeeded(1)", "$nothing()"])
def test_unknown_function(text):
    # recorded: math_operations_jsonata::TestMathOperationsJSONata::test_math_random_seeded
    assert str(refusal(text)) == "T1006: Attempted to invoke a non-function"


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("1 +", "S0207", 3),
        ("$states.input.(a", "S0203", 16),
        ("/* ", "S0106", 3),
        ("[1!2]", "S0204", 2),
        ("/a{2,1}/", "", None),
        ("", "S0207", 0),
        ("(" * 20_000 + ")" * 20_000, "D1011", None),
        ("$a" + ".b[0]" * 5_000, "D1011", None),  # the library goes over all steps at each: seconds
        ("$a" + "#$b.c" * 5_000, "D1011", None),
        ("1" * 200_000, "", None),
    ],
)
def test_text_that_is_no_expression(text, code, position):
    with pytest.raises(JsonataError) as refused:
        compile(text)
    assert refused.value.code == code
    assert refused.value.position == position


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1 / 0", "D1001"),
        ("'a' + 1", "T2001"),
        ("$number('x')", "D3030"),
        ("$uppercase(1)", "T0410"),
        ("$toMillis('yesterday')", "D3110"),
        ("$partition([1], 0)", "D3137"),
        ("$range(1, 2, 0)", "D3137"),
        ("$range(1, 1e9, 1)", "D2014"),
        ("$hash('x', 'CRC')", "D3137"),
        ("$parse('{')", "D3137"),
        ("$error('mine')", "D3137"),
        ("$formatBase(1e300, 2)", ""),
        ("$fromMillis(1e300)", ""),
    ],
)
def test_refusal(text, code):
    assert refusal(text).code == code


def test_message_names_values():
    assert str(refusal("$number('x')")) == 'D3030: Unable to cast value to a number: "x"'
    assert refusal("$error('mine')").message == "mine"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("($f := function($n) { $f($n + 1) }; $f(0))", "D1012"),
        ("($f := function($n) { 1 + $f($n) }; $f(0))", "D1011"),
        ("$reduce([1..100], function($a, $b) { $a & $a }, 'x')", "D3137"),
        ("$reduce([1..100], function($a, $b) { $append($a, $a) }, [1])", "D1012"),
        ("$reduce([1..100], function($a, $b) {{'x': $a, 'y': $a}}, {})", "D1012"),
        ("$string($reduce([1..100], function($a, $b) {{'x': $a, 'y': $a}}, {}))", "D1012"),
        ("[1..1000].[1..1000].[1..1000]", "D1012"),
        ("[1..10000000000]", "D2014"),
        ("$pad('x', 10000000000)", "D1012"),
        ("$match($pad('', 5000, 'a') & '!', /(a|a)+(a|a)+(a|a)+$/)", "D1012"),
        ("$map([1..5000], function($i) { $match($pad('', 16, 'a'), /(a|a)+b/) })", "D1012"),
        ("$sum($map([1..900000], function($i) { $sum([1..900000]) }))", "D1012"),
    ],
)
def test_hostile_expression_ends(text, code, impatient):
    usual = sys.getrecursionlimit()
    assert refusal(text).code == code
    assert sys.getrecursionlimit() == usual


def test_a_parser_keeps_nothing_of_an_expression():
    """The library's would keep every `%`, and what it keeps grow with each expression."""
    from undercast.engines.jsonata import running  # noqa: PLC0415  the library waits until it is needed

    for _ in range(3):
        compile("$states.input.a.b.%.c")
        assert len(running._own.parser.ancestry) == 1


def test_library_waits_until_it_is_needed():
    """It takes a tenth of a second to import."""
    program = "import sys, undercast.engines.jsonata; sys.exit('jsonata' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_evaluations_have_limits_of_their_own():  # with all the steps that there are
    refusal("($f := function($n) { $f($n + 1) }; $f(0))")
    for _ in range(50):
        assert value("$map([1, 2], function($i) { [$i, $i + 1] })") == [[1, 2], [2, 3]]


_NAMES = st.sampled_from(["a", "b", "c_1"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("xé", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=12,
)


@given(document=st.dictionaries(_NAMES, _JSON), path=st.lists(_NAMES, min_size=1, max_size=4))
def test_short_way_is_the_long_way(document, path):
    """Plain paths do not go through the library; the parentheses make this one go."""
    text = ".".join(["$states.input", *path])
    assert compile(text).names
    assert not compile(f"({text})").names
    short, long = value(text, document), value(f"({text})", document)
    assert short is long if UNDEFINED in (short, long) else short == long


@given(document=_JSON)
def test_document_goes_through_unchanged(document):
    assert value("($states.input)", {"it": document}) == {"it": document}


_NUMBERS = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6, allow_nan=False).filter(
    lambda n: n == 0 or abs(n) > 1e-6
)


@settings(max_examples=200)
@given(left=_NUMBERS, right=_NUMBERS, sign=st.sampled_from("+-*/%"))
def test_arithmetic_is_that_of_doubles(left, right, sign):
    if sign in "/%" and right == 0:
        return
    compute = {"+": float.__add__, "-": float.__sub__, "*": float.__mul__, "/": float.__truediv__, "%": math.fmod}[sign]
    assert value(f"$l {sign} $r", l=left, r=right) == compute(float(left), float(right))


@given(numbers=st.lists(st.integers(-50, 50), min_size=2, max_size=8))
def test_sorting_and_choosing(numbers):
    found = evaluate(compile("$sort($n, function($a, $b) { $a < $b })"), None, {"n": numbers}, MOMENT)
    assert found == sorted(numbers, reverse=True)
    assert evaluate(compile("[$n[$ > 0]]"), None, {"n": numbers}, MOMENT) == [n for n in numbers if n > 0]
