"""Function URLs over HTTP."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request

import pytest

from .answers import recorded
from .conftest import ROLE, RUNTIME, zipped


@pytest.fixture
def url(function, client):
    def make(code, auth="NONE", runtime=None, **settings):
        function("f", code, **({"Runtime": runtime} if runtime else {}), Timeout=30)
        return client.create_function_url_config(FunctionName="f", AuthType=auth, **settings)["FunctionUrl"]

    return make


def fetch(url, data=None, method=None, **headers):
    request = urllib.request.Request(url, data, {k.replace("_", "-"): v for k, v in headers.items()}, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def test_the_event(url):
    address = url("def handler(e, c): return e")
    status, headers, body = fetch(
        address + "path/1?q=a&q=b&x=%20", b'{"foo": "bar"}', content_type="application/json", cookie="a=1; b=2"
    )
    event = json.loads(body)
    assert status == 200 and headers["content-type"] == "application/json"
    assert event["version"] == "2.0" and event["routeKey"] == "$default"
    assert event["rawPath"] == "/path/1" and event["rawQueryString"] == "q=a&q=b&x=%20"
    assert event["queryStringParameters"] == {"q": "a,b", "x": " "}
    assert event["cookies"] == ["a=1", "b=2"]
    assert event["body"] == '{"foo": "bar"}' and event["isBase64Encoded"] is False
    assert event["requestContext"]["http"]["method"] == "POST"
    assert event["requestContext"]["accountId"] == "anonymous"


def test_bytes_are_encoded(url):
    _, _, body = fetch(url("def handler(e, c): return e"), b"\xff\x00", content_type="application/octet-stream")
    event = json.loads(body)
    assert (event["body"], event["isBase64Encoded"]) == ("/wA=", True)


def test_the_response(url):
    code = """
def handler(event, context):
    return {"statusCode": 201, "headers": {"X-Custom": "1"}, "cookies": ["a=1", "b=2"], "body": "aGk=",
            "isBase64Encoded": True}
"""
    status, headers, body = fetch(url(code))
    assert (status, body, headers["x-custom"]) == (201, b"hi", "1")
    assert headers.get_all("set-cookie") == ["a=1", "b=2"]


def test_errors(url, client):
    status, _, body = fetch(url("def handler(e, c): raise ValueError"))
    assert (status, json.loads(body)) == (502, {"Message": "Internal Server Error"})
    client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    assert fetch(client.get_function_url_config(FunctionName="f")["FunctionUrl"])[0] == 429


def test_an_unsigned_request_to_an_iam_url(url):
    address = url("def handler(e, c): return e", auth="AWS_IAM")
    assert fetch(address)[0] == 403
    credential = "Credential=000000000000/20260101/us-east-1/lambda/aws4_request"
    signature = f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=x"
    status, _, body = fetch(address, authorization=signature)
    assert status == 200
    assert json.loads(body)["requestContext"]["authorizer"]["iam"]["accountId"] == "000000000000"


def test_a_url_that_is_gone(url, client):
    address = url("def handler(e, c): return e")
    client.delete_function_url_config(FunctionName="f")
    assert fetch(address)[0] == 404


def test_a_host_of_its_own(url, undercast):
    address = url("def handler(e, c): return e['rawPath']")
    id = address.rstrip("/").rpartition("/")[2]
    _, _, body = fetch(f"{undercast.url}/a/b", host=f"{id}.lambda-url.us-east-1.localhost")
    assert body == b"/a/b"


def test_another_region(aws):
    client = aws("lambda", region_name="eu-west-1")
    client.create_function(
        FunctionName="f", Runtime=RUNTIME, Role=ROLE, Handler="handler.handler",
        Code={"ZipFile": zipped("import os\ndef handler(e, c): return os.environ['AWS_REGION']")},
    )  # fmt: skip
    address = client.create_function_url_config(FunctionName="f", AuthType="NONE")["FunctionUrl"]
    assert fetch(address)[2] == b"eu-west-1"


def test_browsers_of_other_sites(url):
    cors = {"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"], "MaxAge": 60}
    address = url("def handler(e, c): return 1", Cors=cors)
    asked = {"origin": "https://a.example", "access_control_request_method": "GET"}
    status, headers, _ = fetch(address, method="OPTIONS", **asked)
    assert (status, headers["access-control-allow-methods"]) == (200, "GET")
    _, headers, _ = fetch(address, origin="https://a.example")
    assert headers["access-control-allow-origin"] == "https://a.example"
    _, headers, _ = fetch(address, origin="https://b.example")
    assert headers["access-control-allow-origin"] is None


STREAM = """
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
    stream = awslambda.HttpResponseStream.from(stream, {statusCode: 418, headers: {"X-Custom": "1"}});
    stream.write("one,");
    stream.write("two");
    stream.end();
});
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_a_stream(url):
    address = url({"handler.js": STREAM}, runtime="nodejs20.x", InvokeMode="RESPONSE_STREAM")
    status, headers, body = fetch(address)
    assert (status, headers["x-custom"], body) == (418, "1", b"one,two")


def test_the_request_id(url, client, aws):
    case = recorded("lambda::TestRequestIdHandling::test_request_id_invoke_url")
    address = url("def handler(e, c): return 'hi'")
    answer = client.add_permission(
        FunctionName="f", StatementId="urlPermission", Action="lambda:InvokeFunctionUrl", Principal="*",
        FunctionUrlAuthType="NONE",
    )  # fmt: skip
    case.check("add_permission", answer)
    status, headers, body = fetch(address)
    found = {
        "content": body.decode(),
        "headers": {"x-amzn-RequestId": headers["x-amzn-RequestId"]},
        "statuscode": status,
    }
    case.check("lambda_url_invocation", found)
    logs = aws("logs")
    while True:
        try:
            events = logs.filter_log_events(logGroupName="/aws/lambda/f", filterPattern="END")["events"]
        except logs.exceptions.ResourceNotFoundException:
            continue
        if events:
            break
    case.check("end_log_entries", [event["message"].rstrip() for event in events])


def test_what_comes_in(url):
    """Recorded: its function shows what a request looks like to it."""
    case = recorded("lambda::TestLambdaURL::test_lambda_url_echo_http_fixture_trim_x_headers")
    code = """
import json
def handler(event, context):
    http = event["requestContext"]
    headers = {name: value for name, value in event["headers"].items() if not name.startswith("x-")}
    return {"statusCode": 200, "body": json.dumps({
        "args": event["queryStringParameters"], "data": json.loads(event["body"]), "headers": headers,
        "method": http["http"]["method"], "path": event["rawPath"], "domain": http["domainName"],
        "origin": http["http"]["sourceIp"]})}
"""
    sent = {"accept": "*/*", "accept_encoding": "gzip, deflate", "content_type": "application/json"}
    sent |= {"extra_headers": "With WeiRd CapS", "user_agent": "test/echo"}
    _, _, body = fetch(url(code) + "path/1?q=query", b'{"foo": "bar"}', **sent)
    case.check("url_response", json.loads(body), ignore=("connection",))
