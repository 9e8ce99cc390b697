"""Velocity templates: references, directives, operators, Java's methods, limits, and that nothing else ever comes out."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undercast.engines import vtl

VARIABLES: dict[str, Any] = {
    "s": "hello",
    "n": 7,
    "f": 2.5,
    "yes": True,
    "no": False,
    "list": ["a", "b", "c"],
    "map": {"k": "v", "deep": {"x": [1, 2]}, "a-b": "dash"},
    "null": None,
}


def render(text: str, *, quiet: bool = False, **variables: Any) -> str:
    fresh = {**VARIABLES, "list": ["a", "b", "c"], "map": {"k": "v", "deep": {"x": [1, 2]}, "a-b": "dash"}}
    return vtl.compile(text).render({**fresh, **variables}, quiet=quiet)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$s ${s}s $!s $!{s}", "hello hellos hello hello"),
        ("$map.k $map.deep.x[1] $map['k'] $map.get(\"k\") $map.a-b", "v 2 v v dash"),
        ("$list[0]$list.get(1)$list[-1]", "abc"),
        ("$s. $s.5 $s[x] ${s}[0]", "hello. hello.5 hello[x] hello[0]"),
        ("$ $5 $! ${ $$s # #1 a#b", "$ $5 $! ${ $hello # #1 a#b"),
        ("$nope $!nope ${nope.x} $!{nope.x} $s.nope $s.nope()", "$nope  ${nope.x}  $s.nope $s.nope()"),
        ("$list $map.deep $yes $f $null", "[a, b, c] {x=[1, 2]} true 2.5 $null"),
        ("\\$s \\\\$s \\$nope \\#if \\\\#set($z = 1)$z", "$s \\hello \\$nope #if \\1"),
        ("a ## gone\nb#* gone\n *#c #[[ $s #if ]]#", "a bc  $s #if "),
    ],
)
def test_references_and_text(text: str, expected: str) -> None:
    assert render(text) == expected


def test_quiet_renders_nothing_for_what_leads_nowhere() -> None:
    assert render("[$nope][${map.nope}][$s.nope()][$null]", quiet=True) == "[][][][]"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3 - 4 / 2", "5"),
        ("(1 + 2) * 3 % 4", "1"),
        ("7 / 2", "3"),
        ("-7 / 2", "-3"),
        ("-7 % 3", "-1"),
        ("7 / 2.0", "3.5"),
        ("'a' + 1 + 'b'", "a1b"),
        ("'it''s'", "it's"),
        ('"say ""$s"" $map.k #if($yes)y#end"', 'say "hello" v y'),
        ("'$s'", "$s"),
        ('"\\u0041\\n"', "A\\n"),
        ("[1, 'x', [$n]]", "[1, x, [7]]"),
        ("{'a': 1, \"b\": $s}", "{a=1, b=hello}"),
        ("[1..4]", "[1, 2, 3, 4]"),
        ("[3..$f.intValue()]", "[3, 2]"),
        ("{}", "{}"),
        ("1 == 1.0 && 'a' == 'a'", "true"),
        ("'5' == 5", "true"),
        ("$nope == $null", "true"),
        ("1 lt 2 and 2 le 2 and 3 gt 2 and 3 ge 3 and 1 ne 2 and 1 eq 1", "true"),
        ("not (1 < 2) or !$no", "true"),
        ("'a' < 'b'", "false"),
        ("1e3", "1000.0"),
        ("12345678901234567890 * 10", "123456789012345678900"),
        ("100000000.0 * 10", "1.0E9"),
        ("0.0001 * 1", "1.0E-4"),
    ],
)
def test_expressions(expression: str, expected: str) -> None:
    assert render(f"#set($x = {expression})$x") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#if($yes)a#elseif($yes)b#{else}c#end", "a"),
        ("#if($no)a#elseif($n > 5)b#{else}c#end", "b"),
        ("#if($nope)a#{else}c#end", "c"),
        ("#if('')empty#end#if(0)zero#end", "emptyzero"),
        ("#foreach($x in $list)$foreach.index$x#if($foreach.hasNext), #end#end", "0a, 1b, 2c"),
        ("#foreach($x in [1..3])$foreach.count$foreach.first$foreach.last $velocityCount;#end",
         "1truefalse 1;2falsefalse 2;3falsetrue 3;"),
        ("#foreach($x in {'a': 1, 'b': 2})$x#end", "12"),
        ("#foreach($e in $map.deep.entrySet())$e.key=$e.value$e.getKey()#end", "x=[1, 2]x"),
        ("#foreach($x in $list)#foreach($y in $list)$foreach.parent.index#break#end#end$!x$!foreach", "012"),
        ("#foreach($x in $list)#if($x == 'b')#break#end$x#end!", "a!"),
        ("#foreach($x in $nope)$x#end#foreach($x in 'text')$x#end", ""),
        ("a#stop b", "a"),
        ("#set($map.new = 1)#set($map['q'] = 2)#set($list[0] = 'z')$map.new$map.q$list[0]", "12z"),
        ("#set($s = $nope)$s", "hello"),
        ("#macro(hi $who $b)Hi $who$!b!#end#hi('Ann' 2)#hi($s, 1)#hi('x')", "Hi Ann2!Hi hello1!Hi x!"),
        ("#later(1)#macro(later $x)<$x>#end", "<1>"),
        ("#macro(box)[$bodyContent]#end#@box()in#end", "[in]"),
        ("#define($d)($s)#end$d#set($s = 'x')$d", "(hello)(x)"),
        ("#evaluate('#set($q = 3)$q$s')", "3hello"),
        ("#unknown #fff #note(see above) #nomacro($s)", "#unknown #fff #note(see above) #nomacro($s)"),
    ],
)  # fmt: skip
def test_directives(text: str, expected: str) -> None:
    assert render(text) == expected


def test_whitespace_is_that_of_velocity_1_7() -> None:
    assert render('{\n  #set($x = 1)\n  #if($yes)\n  "a": $x\n  #end\n}\n') == '{\n    "a": 1\n  }\n'


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("'hello'.length()", None),  # methods are for references only
        ("$s.length()", "5"),
        ("$s.substring(1) $s.substring(1, 3)", "ello el"),
        ("$s.replace('l', 'L') $s.replaceAll('l+', '<$0>') $s.replaceFirst('(l)', '[$1]')", "heLLo he<ll>o he[l]lo"),
        ("$s.split('l') $s.toUpperCase().toLowerCase() $s.contains('ell')", "[he, , o] hello true"),
        ("$s.startsWith('he')$s.endsWith('x')$s.indexOf('l')$s.lastIndexOf('l')$s.charAt(0)", "truefalse23h"),
        ("$s.equals('hello')$s.equalsIgnoreCase('HELLO')$s.matches('h.*o')$s.isEmpty()", "truetruetruefalse"),
        (
            "$list.size() $list.contains('b') $list.isEmpty() $list.indexOf('c') $list.subList(0, 2)",
            "3 true false 2 [a, b]",
        ),
        ("$list.add('d')$list.remove(0)$list.remove('b')$list", "trueatrue[c, d]"),
        ("$map.keySet() $map.containsKey('k') $map.size() $map.getOrDefault('z', 9)", "[k, deep, a-b] true 3 9"),
        ("$!map.put('z', 1)$map.z$map.remove('z')$!map.z $map.deep.values()", "11 [[1, 2]]"),
        ("$n.toString().length() $n.parseInt('42') $f.intValue() $n.equals('7')", "1 42 2 false"),
        ("$s.format('%05d|%-4s|%.2f%%', [7, 'a', 1.5])", "00007|a   |1.50%"),
        ("$s.hashCode()", "99162322"),
    ],
)
def test_java_methods(call: str, expected: str | None) -> None:
    assert render(call) == (call if expected is None else expected)


def test_aws_documented_use_of_replace_all() -> None:
    # "$util.escapeJavaScript($data).replaceAll("\\'","'")": the backslashes reach the expression as they are written.
    assert render("""$x.replaceAll("\\\\'","'")""", x="it\\'s") == "it's"


def test_objects_show_only_their_methods() -> None:
    class Secret(vtl.Exposed):
        hidden = "secret"
        velocity_methods = {("getOpen", 0): lambda: "open", ("twice", 1): lambda n: n * 2}

    text = "$o.open $o.twice(4) $o.hidden $o.__class__ $o.velocity_methods $s.__class__ $s.getClass() $map.items()"
    assert render(text, o=Secret()) == (
        "open 8 $o.hidden $o.__class__ $o.velocity_methods $s.__class__ $s.getClass() $map.items()"
    )


@pytest.mark.parametrize(
    "text",
    [
        "#if($yes)", "#foreach($x in $list)", "#end", "#else", "#if()#end", "#set($x)", "#set(x = 1)", "#set($x = )",
        "#foreach($x of $list)#end", "$s.length(", "#set($x = [1, )", "#set($x = {1})", "#parse('x')", "#macro()#end",
        '#set($x = "#if(1)")', "#set($x = (1)", "$list[0", "(" * 500, "#set($x = " + "(" * 500, "#if(true)" * 500,
        "$s.charAt(99)", "$list[9]", "$n.parseInt('x')", "$s.matches('(')", "$s.replaceAll('l', '$9')",
        "#macro(m)#m()#end#m()", "#define($d)$d#end$d", "#set($e = '#evaluate($e)')#evaluate($e)",
        "#set($l = [1])$list.add($list)$list", "#set($x = [1..99999999])",
        "#set($x = 'aaaaaaaaaa')" + '#set($x = "$x$x")' * 40,
        "#set($x = 'a')#set($r = '$0$0')" + '#set($x = "$x$x")#set($r = "$r$r")' * 19 + "$x.replaceFirst('a+', $r)",
        "#set($x = 'a')" + '#set($x = "$x$x")' * 22 + "$x.split('')",
        "#set($x = 'a')" + '#set($x = "$x$x")' * 20 + "$x.join($x, [$x, $x, $x, $x, $x, $x, $x])",
        "#set($x = '%1s')" + '#set($x = "$x$x")' * 18 + "$x.format($x, $x)",
        "#set($x = 'a')#set($l = [])" + '#set($x = "$x$x")' * 22 + '#foreach($i in [1..1000])$!l.add("$x$i")#end',
        "#set($x = 9)" + "#set($x = $x * $x)" * 40,
        "#set($x = [1])" + "#set($x = [$x, $x])" * 40 + "$x",
        "#set($x = [1])#set($y = [1])" + "#set($x = [$x, $x])#set($y = [$y, $y])" * 40 + "#if($x == $y)1#end",
        "#foreach($a in [1..999])#foreach($b in [1..999])#foreach($c in [1..999])$c#end#end#end",
        "#set($x = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')$x.matches('(a|aa)+')",
    ],
)  # fmt: skip
def test_errors_and_limits(text: str) -> None:
    if text == "(" * 500:
        assert render(text) == text
        return
    with pytest.raises(vtl.VtlError):
        render(text)


def test_foreach_ends_after_1000_items() -> None:
    assert render("#foreach($x in [1..5000])#end#foreach($x in [1..5000])#if(!$foreach.hasNext)$x#end#end") == "1000"


def test_a_template_keeps_nothing_between_renderings() -> None:
    template = vtl.compile("$!x#set($x = 1)#evaluate('#macro(m)macro#end')#m()")
    assert template.render({}) == template.render({}) == "macro"


def test_errors_name_the_place() -> None:
    with pytest.raises(vtl.VtlError, match="line 2, column 3"):
        vtl.compile("a\n  #end")


PIECES = st.sampled_from(
    ["$s", "$!{map.k}", "${", "$list[", "]", "#if(", "#if($yes)", "#else", "#elseif($n)", "#end", "#set($x = ", ")", "(",
     "#foreach($i in $list)", "#break", "#stop", "#macro(m $a)", "#m(1)", "#define($d)", "$d", "#evaluate(", '"', "'", "\\",
     "##", "#*", "*#", "\n", " ", "1", "..", ",", "{", "}", ":", "+", "-", "==", "!", ".size()", ".add($list)", "$list", "$foreach"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join) | st.text(alphabet="$#{}()[]\\\"'.!sx1 \n=@", max_size=30))
def test_any_text_renders_or_fails_with_its_own_error(text: str) -> None:
    with contextlib.suppress(vtl.VtlError):
        assert isinstance(render(text), str)


@given(st.text())
def test_text_without_signs_is_itself(text: str) -> None:
    plain = text.replace("$", "").replace("#", "")
    assert render(plain) == plain


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6).filter(bool))
def test_division_is_java_s(a: int, b: int) -> None:
    assert render(f"#set($q = {a} / {b})#set($r = {a} % {b})#set($back = $q * {b} + $r)$back") == str(a)
