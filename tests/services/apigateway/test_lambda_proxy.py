"""AWS_PROXY: what functions are told, and what becomes of their answers."""

from __future__ import annotations

import base64
import io
import json
import zipfile

import pytest

from tests.services.apigateway.cases import api_case

_ECHO = """
import json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event)}
"""
_ANSWER = """
import json
def handler(event, context):
    return json.loads(event["body"])
"""


def packed(code):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("main.py", code)
    return file.getvalue()


@pytest.fixture
def new_function(aws, region):
    """Makes a Python function; the answer is the URI for an integration with it."""
    client = aws("lambda")

    def make(code, name="function"):
        made = client.create_function(
            FunctionName=name, Runtime="python3.12", Handler="main.handler", Code={"ZipFile": packed(code)},
            Role="arn:aws:iam::000000000000:role/r",
        )  # fmt: skip
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.1})
        return f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{made['FunctionArn']}/invocations"

    return make


def proxied(api, method, path, uri, **settings):
    where = api.method(method, path, **settings)
    api.client.put_integration(**where, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    return where


def test_event(api, account, new_function):
    proxied(api, "ANY", "/a/{name}/{proxy+}", new_function(_ECHO))
    deployment = api.deploy(variables={"color": "red"})
    headers = [
        ("Host", "localhost"),
        ("X-Many", "1"),
        ("X-Many", "2"),
        ("User-Agent", "tester"),
        ("Content-Type", "text/plain"),
    ]
    reply = api.ask("POST", "/a/b%20c/d/e?q=1&q=2&empty=", "hällo".encode(), headers)
    event = reply.json()
    assert (event["resource"], event["path"], event["httpMethod"]) == ("/a/{name}/{proxy+}", "/a/b%20c/d/e", "POST")
    assert event["pathParameters"] == {"name": "b c", "proxy": "d/e"}
    assert event["queryStringParameters"] == {"q": "2", "empty": ""}
    assert event["multiValueQueryStringParameters"] == {"q": ["1", "2"], "empty": [""]}
    assert (event["headers"]["X-Many"], event["multiValueHeaders"]["X-Many"]) == ("2", ["1", "2"])
    assert event["headers"]["X-Forwarded-Proto"] == "http"
    assert event["headers"]["X-Amzn-Trace-Id"].startswith("Root=1-")
    assert (event["body"], event["isBase64Encoded"], event["stageVariables"]) == ("hällo", False, {"color": "red"})
    context = event["requestContext"]
    assert (context["accountId"], context["apiId"], context["stage"]) == (account, api.id, "test")
    assert (context["path"], context["resourcePath"], context["deploymentId"]) == (
        "/test/a/b%20c/d/e",
        "/a/{name}/{proxy+}",
        deployment,
    )
    assert (context["identity"]["sourceIp"], context["identity"]["userAgent"]) == ("127.0.0.1", "tester")
    assert context["requestId"] == reply.headers["x-amzn-requestid"]
    assert reply.headers["content-type"] == "application/json"
    assert "x-amzn-trace-id" in reply.headers


def test_what_is_not_there_is_null(api, new_function):
    proxied(api, "GET", "/", new_function(_ECHO))
    api.deploy()
    event = api.ask("GET", "/").json()
    for name in (
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "pathParameters",
        "stageVariables",
        "body",
    ):
        assert event[name] is None


def test_answers(new_api, new_function):
    api = new_api(binaryMediaTypes=["image/png"])
    proxied(api, "POST", "/", new_function(_ANSWER))
    api.deploy()

    def ask(answer, **headers):
        body = answer if isinstance(answer, str) else json.dumps(answer)
        return api.ask("POST", "/", body, {"Content-Type": "application/json", **headers})

    reply = ask(
        {
            "statusCode": "201",
            "headers": {"X-One": 1, "Date": "x"},
            "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]},
            "body": "hi",
        }
    )
    assert (reply.status, reply.text, reply.headers["x-one"]) == (201, "hi", "1")
    assert [value for name, value in reply.raw_headers if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert reply.headers["x-amzn-remapped-date"] == "x"
    assert (ask({}).status, ask({}).text) == (200, "")
    picture = {"statusCode": 200, "body": base64.b64encode(b"\x89PNG").decode(), "isBase64Encoded": True}
    assert ask(picture, Accept="image/png").body == b"\x89PNG"
    assert ask(picture).text == picture["body"]


@pytest.mark.parametrize(
    "answer", ['"text"', "[]", "null", '{"statusCode": "x"}', '{"body": {}}', '{"unknown": 1}', '{"headers": []}', '{"headers": {"a": {}}}']
)  # fmt: skip
def test_malformed_answers(api, new_function, answer):
    proxied(api, "POST", "/", new_function(_ANSWER))
    api.deploy()
    reply = api.ask("POST", "/", answer)
    assert (reply.status, reply.json()) == (502, {"message": "Internal server error"})
    assert reply.headers["x-amzn-errortype"] == "InternalServerErrorException"


def test_failing_and_missing_functions(api, new_function, region):
    uri = new_function("def handler(event, context): raise ValueError('no')")
    proxied(api, "GET", "/fails", uri)
    proxied(
        api,
        "GET",
        "/missing",
        uri.replace(":function:function", ":function:gone"),
    )
    api.deploy()
    assert (api.ask("GET", "/fails").status, api.ask("GET", "/missing").status) == (502, 500)


def test_function_named_by_a_stage_variable(api, new_function):
    uri = new_function(_ECHO, "first")
    new_function("def handler(event, context): return {'body': 'second'}", "second")
    proxied(api, "GET", "/", uri.replace("first", "${stageVariables.name}"))
    api.deploy("one", variables={"name": "first"})
    api.deploy("two", variables={"name": "second"})
    assert api.ask("GET", "/", stage="one").json()["stageVariables"] == {"name": "first"}
    assert api.ask("GET", "/", stage="two").text == "second"


def test_binary_bodies_come_in_base64(new_api, new_function):
    api = new_api(binaryMediaTypes=["image/*"])
    proxied(api, "POST", "/", new_function(_ECHO))
    api.deploy()
    event = api.ask("POST", "/", b"\xff\x00", {"Content-Type": "image/png"}).json()
    assert (event["body"], event["isBase64Encoded"]) == ("/wA=", True)


# Of a distribution that AWS puts before an API of type EDGE, and of the server before all.
_EDGE = {"via", "x-amz-cf-id", "x-amz-cf-pop", "x-cache", "date", "connection"}


def test_headers_of_answers(api, new_function):
    case = api_case("apigateway_common::TestApiGatewayCommon::test_invocation_trace_id")
    proxied(api, "GET", "/AWS_PROXY", new_function(_ECHO))
    api.mock("GET", "/MOCK")
    api.deploy()
    traces = {"normal": "", "trace-id": "Root=1-3152b799-8954dae64eda91bc9a23a7e8", "trace-id-small": "Root=trace"}
    for kind, trace in traces.items():
        for integration in ("MOCK", "AWS_PROXY"):
            reply = api.ask("GET", f"/{integration}", headers={"X-Amzn-Trace-Id": trace} if trace else {})
            wanted = case.answers.get(f"{kind}-req-headers-{integration}")
            assert wanted is None or reply.headers.keys() - _EDGE == wanted.keys() - _EDGE
            if trace and integration == "AWS_PROXY":
                assert reply.headers["x-amzn-trace-id"].startswith(trace)


def test_invoke_method(api, apigateway, new_function):
    """The recorded log is the console's; of ours the lines that say the same are compared."""
    case = api_case("apigateway_basic::TestAPIGateway::test_apigw_test_invoke_method_api")
    uri = new_function(
        "import json\n"
        "def handler(event, context):\n"
        "    text = 'response from localstack lambda: ' + json.dumps(event, separators=(',', ':'))\n"
        "    return {'statusCode': 200, 'body': json.dumps(text), 'isBase64Encoded': False, 'headers': {}}\n"
    )
    where = api.method("GET", "/foo", requestParameters={"method.request.querystring.queryTest": False})
    apigateway.put_integration(**where, type="AWS", integrationHttpMethod="POST", uri=uri)
    api.respond(where)
    same = {"HTTP Method", "Method request path", "Method request query string", "Method request headers",
            "Method request body before transformations", "Method response body after transformations",
            "Endpoint response body before transformations", "Successfully completed execution",
            "Method completed with status"}  # fmt: skip
    for step, given in (
        ("", {}),
        (
            "_with_body",
            {
                "pathWithQueryString": "/foo?queryTest=value",
                "body": '{"test": "val123"}',
                "headers": {"content-type": "application/json"},
            },
        ),
    ):
        tried = apigateway.test_invoke_method(**where, **given)
        log = tried.pop("log")
        case.check(f"test_invoke_method_response{step}", tried, ignore=("log",))
        for line in case.answers[f"test_invoke_method_response{step}"]["log"].values():
            text = line.partition(" : ")[2]
            if text.partition(":")[0] in same:
                assert f":{compact(text)}\n" in compact(log)


def compact(text):
    """JSON is recorded from Node.js, which writes no spaces."""
    return text.replace(": ", ":").replace(", ", ",")


# --- authorizers ---

_AUTHORIZER = """
import json
calls = 0
def handler(event, context):
    global calls
    calls += 1
    token = event.get("authorizationToken") or event["headers"]["token"]
    if token == "nobody":
        raise Exception("Unauthorized")
    if token == "broken":
        return {"principalId": "x"}
    resource = event["methodArn"] if token == "narrow" else "*"
    effect = "Deny" if token == "deny" else "Allow"
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    return {
        "principalId": token, "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"calls": calls, "flag": True}, "usageIdentifierKey": "k" * 20,
    }
"""


def authorized(api, uri, **settings):
    """Methods /one and /two behind an authorizer."""
    made = api.client.create_authorizer(
        restApiId=api.id, name="a", **{"type": "TOKEN", "identitySource": "method.request.header.token", **settings}, authorizerUri=uri
    )  # fmt: skip
    for path in ("/one", "/two"):
        api.mock("GET", path, '"$context.authorizer.principalId $context.authorizer.calls $context.authorizer.flag"',
                 authorizationType="CUSTOM", authorizerId=made["id"])  # fmt: skip
    return made["id"]


def test_token_authorizer(api, new_function):
    authorized(api, new_function(_AUTHORIZER), identityValidationExpression="[a-z]+")
    api.deploy()

    def ask(token, path="/one"):
        reply = api.ask("GET", path, headers={"token": token} if token else {})
        return reply.status, reply.json()

    assert ask("") == (401, {"message": "Unauthorized"})
    assert ask("NO") == (401, {"message": "Unauthorized"})
    assert ask("nobody") == (401, {"message": "Unauthorized"})
    assert ask("broken") == (500, {"message": None})
    assert ask("deny") == (403, {"message": "User is not authorized to access this resource with an explicit deny"})
    assert ask("narrow")[0] == 200
    assert ask("narrow", "/two") == (403, {"message": "User is not authorized to access this resource"})
    status, text = ask("anna")
    assert (status, text[:5], text[-5:]) == (200, "anna ", " true")


def test_what_authorizers_say_is_remembered(api, apigateway, clock, new_function):
    authorized(api, new_function(_AUTHORIZER), authorizerResultTtlInSeconds=60)
    api.deploy()

    def calls():
        return int(api.ask("GET", "/one", headers={"token": "anna"}).json().split()[1])

    first = calls()
    assert calls() == first
    clock.advance(seconds=61)
    assert calls() == first + 1
    apigateway.flush_stage_authorizers_cache(restApiId=api.id, stageName="test")
    assert calls() == first + 2


def test_request_authorizer_needs_all_its_sources(api, new_function):
    sources = "method.request.header.token,method.request.querystring.q,context.identity.sourceIp"
    authorized(api, new_function(_AUTHORIZER), type="REQUEST", identitySource=sources)
    api.deploy()
    assert api.ask("GET", "/one", headers={"token": "anna"}).status == 401
    assert api.ask("GET", "/one?q=", headers={"token": "anna"}).status == 401
    assert api.ask("GET", "/one?q=1", headers={"token": "anna"}).status == 200


def test_invoke_authorizer(api, apigateway, new_function):
    authorizer = authorized(api, new_function(_AUTHORIZER))
    tried = apigateway.test_invoke_authorizer(restApiId=api.id, authorizerId=authorizer, headers={"token": "anna"})
    assert (tried["clientStatus"], tried["principalId"]) == (200, "anna")
    assert json.loads(tried["policy"])["Statement"][0]["Effect"] == "Allow"
    tried = apigateway.test_invoke_authorizer(restApiId=api.id, authorizerId=authorizer, headers={"token": "nobody"})
    assert tried["clientStatus"] == 401


def test_authorizer_names_the_api_key(new_api, apigateway, new_function):
    api = new_api(apiKeySource="AUTHORIZER")
    authorized(api, new_function(_AUTHORIZER))
    where = {"restApiId": api.id, "resourceId": api.resource("/one"), "httpMethod": "GET"}
    apigateway.update_method(**where, patchOperations=[{"op": "replace", "path": "/apiKeyRequired", "value": "true"}])
    api.deploy()
    assert api.ask("GET", "/one", headers={"token": "anna"}).status == 403
    key = apigateway.create_api_key(value="k" * 20, enabled=True)["id"]
    plan = apigateway.create_usage_plan(name="p", apiStages=[{"apiId": api.id, "stage": "test"}])["id"]
    apigateway.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
    assert api.ask("GET", "/one", headers={"token": "anna"}).status == 200


def test_function_that_takes_too_long(api, apigateway, new_function):
    where = proxied(api, "GET", "/", new_function("import time\ndef handler(event, context): time.sleep(2)"))
    operations = [{"op": "replace", "path": "/timeoutInMillis", "value": "50"}]
    apigateway.update_integration(**where, patchOperations=operations)
    api.deploy()
    reply = api.ask("GET", "/")
    assert (reply.status, reply.json()) == (504, {"message": "Endpoint request timed out"})


def test_error_of_a_function_selects_a_response(api, apigateway, new_function):
    where = api.method("POST", "/")
    uri = new_function(
        "def handler(event, context):\n    if event['bad']: raise ValueError('no: ' + event['bad'])\n    return event"
    )
    apigateway.put_integration(**where, type="AWS", integrationHttpMethod="POST", uri=uri)
    api.respond(where)
    api.respond(
        where, "400", selectionPattern="no: .*", responseTemplates={"application/json": "$input.path('$.errorMessage')"}
    )
    api.deploy()
    assert api.ask("POST", "/", '{"bad": ""}').json() == {"bad": ""}
    reply = api.ask("POST", "/", '{"bad": "worse"}')
    assert (reply.status, reply.text) == (400, "no: worse")
