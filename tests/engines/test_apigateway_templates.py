"""API Gateway's variables in templates."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines import vtl
from undercast.engines.vtl import apigateway


def render(text: str, **request: Any) -> str:
    return apigateway.render(vtl.compile(text), **request).text


@pytest.mark.parametrize(
    ("template", "body", "expected"),
    [  # recorded from AWS: an empty body counts as {}, a string has no properties
        ("$input.body", "", "{}"),
        ("$input.body", "some raw data", "some raw data"),
        ("Action=SendMessage&MessageBody=$input.body", '{"some": "value"}', 'Action=SendMessage&MessageBody={"some": "value"}'),
        ("$input.body.some", '{"some": "value"}', ""),
        ("EncodedBody=$util.urlEncode($input.body)&EncodedBodyAccess=$util.urlEncode($input.body.some)", '{"some": "value"}',
         "EncodedBody=%7B%22some%22%3A+%22value%22%7D&EncodedBodyAccess="),
        ("EncodedBody=$util.urlEncode($input.body)", "some raw data", "EncodedBody=some+raw+data"),
    ],
)  # fmt: skip
def test_recorded_bodies(template: str, body: str, expected: str) -> None:
    assert render(template, body=body) == expected


def test_json_and_path() -> None:
    body = '{"a": {"b": [1, 2, {"c": "ü"}]}, "n": null, "s": "x"}'
    assert render("$input.json('$')", body=body) == '{"a":{"b":[1,2,{"c":"ü"}]},"n":null,"s":"x"}'
    assert render("$input.json('$.a.b[2]') $input.json('$.s') $input.json('$.n')", body=body) == '{"c":"ü"} "x" null'
    assert render("$input.json('$.nope')|$input.path('$.nope')|$input.path('$.s')", body=body) == '""||x'
    assert render("$input.path('$.a')", body=body) == "{b=[1, 2, {c=ü}]}"
    assert render("$input.path('$.a.b').size()$input.json('$..c')", body=body) == '3["ü"]'


def test_documented_example() -> None:
    body = '[{"id": 1, "type": "dog", "price": 249.99}, {"id": 2, "type": "cat", "price": 124.99}]'
    template = """#set($inputRoot = $input.path('$'))
[
#foreach($elem in $inputRoot)
  {"description": "Item $elem.id is a $elem.type.", "askingPrice": $elem.price}#if($foreach.hasNext),#end
#end
]"""
    assert json.loads(render(template, body=body)) == [
        {"description": "Item 1 is a dog.", "askingPrice": 249.99},
        {"description": "Item 2 is a cat.", "askingPrice": 124.99},
    ]


def test_params() -> None:
    request: dict[str, Any] = {"path": {"id": "p"}, "query": {"id": "q", "page": "2"}, "headers": {"X-Key": "k"}}
    text = "$input.params('id') $input.params('page') $input.params('x-key') [$input.params('nope')]"
    assert render(text, **request) == "p 2 k []"
    text = """#set($all = $input.params())
#foreach($type in $all.keySet())#set($params = $all.get($type))
#foreach($name in $params.keySet())$type.$name=$util.escapeJavaScript($params.get($name));#end#end"""
    assert render(text, **request) == "path.id=p;querystring.id=q;querystring.page=2;header.X-Key=k;"


def test_util() -> None:
    assert render("$util.escapeJavaScript($input.body)", body='it\'s "a/b"\\\n\u0001é\U0001f680') == (
        'it\\\'s \\"a\\/b\\"\\\\\\n\\u0001\\u00E9\\uD83D\\uDE80'
    )
    assert render("$util.base64Encode($input.body) $util.base64Decode('aMOp')", body="hé") == "aMOp hé"
    assert render("$util.urlDecode('a+b%20c') $util.urlEncode('a b&c~*')") == "a b c a+b%26c%7E*"
    assert render("#set($o = $util.parseJson($input.path('$.text')))$o.x[0]", body='{"text": "{\\"x\\": [5]}"}') == "5"


def test_context_and_overrides() -> None:
    context = {"stage": "dev", "identity": {"sourceIp": "127.0.0.1"}, "authorizer": {"claims": {"sub": "u"}}}
    template = vtl.compile(
        """#set($context.responseOverride.status = 401)
#set($context.responseOverride.header.hello = "world")
#set($context.responseOverride.header['X-A'] = $context.stage)
#set($context.requestOverride.path.id = 7)
$context.identity.sourceIp $context.authorizer.claims.sub $stageVariables.table$context.nope"""
    )
    rendered = apigateway.render(template, context=context, stage_variables={"table": "t"})
    assert rendered.text == "127.0.0.1 u t"
    assert rendered.status == 401
    assert rendered.response_headers == {"hello": "world", "X-A": "dev"}
    assert rendered.request_path == {"id": "7"}
    assert "responseOverride" not in context


def test_body_that_is_no_json() -> None:
    with pytest.raises(
        apigateway.BodyNotJson, match="Could not parse request body into json: Unrecognized token 'some'"
    ):
        render("$input.json('$')", body="some raw data")


@given(st.text(), st.text(max_size=20))
def test_any_body_and_path_render_or_fail_with_the_engine_s_error(body: str, path: str) -> None:
    context = {"path": path}
    try:
        render("$util.escapeJavaScript($input.body)$util.urlDecode($input.body)$util.urlEncode($input.body)", body=body)
        render("$input.path($context.path)$input.json($context.path)", body=body, context=context)
        render("$util.base64Decode($input.body)$util.parseJson($input.body)", body=body)
    except vtl.VtlError:
        pass


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_json_of_the_root_is_the_body(value: object) -> None:
    assert json.loads(render("$input.json('$')", body=json.dumps(value))) == value
