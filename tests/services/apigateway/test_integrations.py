"""Integrations with servers, services and mocks, and the mapping around them."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore.exceptions import ClientError

from tests.services.apigateway.cases import api_case, patch, refused


class _Echo(BaseHTTPRequestHandler):
    """Answers with what it was sent."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/slow"):
            self.server.released.wait(10)
            return
        url = urlsplit(self.path)
        args = {}
        for name, value in parse_qsl(url.query):
            args[name] = f"{args[name]},{value}" if name in args else value
        answer = {
            "args": args,
            "data": body.decode(),
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "method": self.command,
            "path": url.path,
            "domain": self.headers["Host"],
            "origin": "127.0.0.1",
        }
        content = body if url.path == "/raw" else json.dumps(answer).encode()
        self.send_response(404 if url.path == "/missing" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "keep-alive")
        self.send_header("X-Amzn-RequestId", "of-the-server")
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_PUT = do_GET

    def log_message(self, *_args):
        pass


@pytest.fixture(scope="module")
def server():
    """A local HTTP server: its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as running:
        running.released = threading.Event()
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.released.set()
        running.shutdown()


def integrate(api, method, path, uri, type="HTTP", verb="", declared=(), **settings):
    where = api.method(method, path, requestParameters={f"method.request.{name}": False for name in declared})
    api.client.put_integration(**where, type=type, integrationHttpMethod=verb or method, uri=uri, **settings)
    return where


# --- HTTP ---


def test_http_proxy_maps_on_top_of_what_it_passes(api, server):
    """The inputs are our own, chosen to lead to the recorded request."""
    case = api_case("apigateway_http::test_http_proxy_integration_request_data_mappings")
    case.check("api_id", {"rest_api_id": api.id})
    integrate(
        api, "POST", "/", server, "HTTP_PROXY",
        declared=("querystring.queryString", "querystring.testVar", "header.mapped"),
        requestParameters={
            "integration.request.querystring.testQueryString": "method.request.querystring.queryString",
            "integration.request.header.headerVar": "method.request.header.mapped",
            "integration.request.header.foobar": "'mapped-value'",
        },
    )  # fmt: skip
    api.deploy()
    headers = {
        "Accept": "application/json", "Accept-Encoding": "gzip, deflate", "Content-Type": "application/json",
        "User-Agent": "test/integration", "mapped": "mapped-value", "foobar": "overridden",
    }  # fmt: skip
    query = "queryString=foo&testQs=bar&testQs=foo&testVar=foobar&testVar=bar"
    reply = api.ask("POST", f"/?{query}", '{"message": "hello world"}', headers)
    wanted = case.answers["http-proxy-invocation"]
    sent = reply.json()
    assert reply.status == wanted["status_code"]
    assert sent["args"] == wanted["content"]["args"]
    assert json.loads(sent["data"]) == wanted["content"]["data"]
    for name in wanted["content"]["headers"].keys() - {"host"}:
        assert sent["headers"][name] == wanted["content"]["headers"][name]
    assert sent["headers"]["host"] in server
    # the server's date and connection are the recording's server's
    assert wanted["headers"].keys() - {"date", "connection"} <= reply.headers.keys()
    assert reply.headers["x-amzn-remapped-x-amzn-requestid"] == "of-the-server"


def test_import_with_stage_variables(apigateway, new_api, server):
    case = api_case("apigateway_import::TestApiGatewayImportRestApi::test_import_with_stage_variables")
    integration = {
        "type": "http_proxy", "httpMethod": "POST", "uri": "${stageVariables.url}/test-path",
        "requestParameters": {"integration.request.querystring.qs_key": "'qs_value'"},
    }  # fmt: skip
    document = {
        "openapi": "3.0.1", "info": {"title": "variables", "version": "1"},
        "paths": {"/": {"post": {"x-amazon-apigateway-integration": integration}}},
    }  # fmt: skip
    api = new_api()
    api.id = apigateway.import_rest_api(body=json.dumps(document).encode())["id"]
    api.deploy("with", variables={"url": server})
    api.deploy("without")
    sent = api.ask("POST", "/", stage="with").json()
    del sent["headers"]
    case.check("get-resp-from-http", sent)
    reply = api.ask("POST", "/", stage="without")
    answer = {"body": reply.json(), "errorType": reply.headers["x-amzn-errortype"]}
    case.check("get-error-resp-from-http", answer)


def test_http_sends_what_is_mapped_and_chooses_by_status(api, server):
    where = integrate(
        api, "GET", "/pets/{id}", server + "/{where}", declared=("path.id", "querystring.q"),
        requestParameters={
            "integration.request.path.where": "method.request.path.id",
            "integration.request.querystring.q": "method.request.querystring.q",
        },
    )  # fmt: skip
    api.respond(where, "200", responseTemplates={"application/json": "$input.json('$.args') $input.path('$.path')"})
    api.respond(
        where, "410", selectionPattern="4\\d\\d",
        responseParameters={"method.response.header.Via": "integration.response.header.Content-Type"},
        responseTemplates={"application/json": "gone"},
    )  # fmt: skip
    api.deploy()
    assert api.ask("GET", "/pets/found?q=1&other=2").text == '{"q":"1"} /found'
    reply = api.ask("GET", "/pets/missing")
    assert (reply.status, reply.text, reply.headers["via"]) == (410, "gone", "application/json")


def test_servers_that_do_not_answer(api, server):
    integrate(api, "GET", "/nobody", "http://127.0.0.1:9/", "HTTP_PROXY")
    integrate(api, "GET", "/slow", f"{server}/slow", "HTTP_PROXY", timeoutInMillis=50)
    api.deploy()
    reply = api.ask("GET", "/nobody")
    assert (reply.status, reply.json()) == (504, {"message": "Network error communicating with endpoint"})
    assert reply.headers["x-amzn-errortype"] == "InternalServerErrorException"
    reply = api.ask("GET", "/slow")
    assert (reply.status, reply.json()) == (504, {"message": "Endpoint request timed out"})


def test_servers_whose_name_is_none(api):
    integrate(api, "GET", "/", "http://${stageVariables.host}/", "HTTP_PROXY")
    for number, host in enumerate(("", "two words", "[no")):
        api.deploy(f"stage{number}", variables={"host": host} if host else {})
        reply = api.ask("GET", "/", stage=f"stage{number}")
        assert (reply.status, reply.json()) == (500, {"message": "Internal server error"})
        assert reply.headers["x-amzn-errortype"] == "InternalServerErrorException"


@pytest.mark.parametrize(
    ("step", "request_template", "response_template"),
    [
        ("raw-body", "$input.body", "$input.body"),
        ("body-attr-access", "$input.body.testAccess", "$input.body"),
        ("str-body-input", "Action=SendMessage&MessageBody=$input.body", "$input.body"),
        ("str-body-output", "$input.body", "Action=SendMessage&MessageBody=$input.body"),
        ("str-body-all", "Action=SendMessage&MessageBody=$input.body", "Action=SendMessage&MessageBody=$input.body"),
        (
            "url-encode",
            "EncodedBody=$util.urlEncode($input.body)&EncodedBodyAccess=$util.urlEncode($input.body.testAccess)",
            "$input.body",
        ),
    ],
)
def test_bodies_in_templates(api, server, step, request_template, response_template):
    case = api_case("apigateway_common::TestApiGatewayCommon::test_input_body_formatting")
    template = {"application/json": request_template}
    where = integrate(api, "POST", "/", f"{server}/raw", requestTemplates=template)
    api.respond(where, responseTemplates={"application/json": response_template})
    api.deploy()
    bodies = {"empty-body": "", "json-body": '{"some": "value"}', "str-body": "some raw data"}
    case.check(f"response-{step}", {name: str(api.ask("POST", "/", body).body) for name, body in bodies.items()})


# --- AWS ---


def queue_uri(queue, account):
    return f"arn:aws:apigateway:us-east-1:sqs:path/{account}/{queue.rpartition('/')[2]}"


def form(body):
    return {
        "requestParameters": {"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
        "requestTemplates": {"application/json": body},
        "passthroughBehavior": "NEVER",
        "credentials": "arn:aws:iam::000000000000:role/r",
    }


def messages(sqs, queue):
    """All messages, decoded."""
    found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    return [{**message, "Body": json.loads(message["Body"])} for message in found]


def test_sqs(api, account, sqs, queue):
    case = api_case("apigateway_sqs::test_sqs_aws_integration")
    where = integrate(
        api, "POST", "/sqs", queue_uri(queue, account), "AWS", **form("Action=SendMessage&MessageBody=$input.body")
    )
    api.respond(where, responseTemplates={"application/json": '{"message": "great success!"}'})
    api.deploy()
    case.check("sqs-aws-integration-with-payload", api.ask("POST", "/sqs", '{"foo": "bar"}').json())
    case.check("sqs-aws-integration-without-payload", api.ask("POST", "/sqs").json())
    found = messages(sqs, queue)
    found.sort(key=lambda message: not message["Body"])
    case.check("sqs-messages", found)


def test_answers_of_the_query_protocol_are_json_for_templates(api, account, queue):
    case = api_case("apigateway_sqs::test_sqs_request_and_response_xml_templates_integration")
    where = integrate(
        api, "POST", "/sqs", queue_uri(queue, account), "AWS", **form("Action=SendMessage&MessageBody=$input.body")
    )
    answer = "$input.path('$.SendMessageResponse.{}')"
    ids = (answer.format("SendMessageResult.MessageId"), answer.format("ResponseMetadata.RequestId"))
    api.respond(
        where,
        responseTemplates={
            "application/json": f'{{"messageId": "{ids[0]}", "requestId": "{ids[1]}"}}',
            "application/xml": f"<Message><id>{ids[0]}</id></Message>",
        },
    )
    api.deploy()
    case.check("sqs-json-response", api.ask("POST", "/sqs", "{}").json())
    reply = api.ask("POST", "/sqs", "{}", {"Accept": "application/xml"})
    assert reply.text.startswith("<Message><id>")
    assert reply.headers["content-type"] == "application/xml"


def test_sqs_by_its_json_protocol(api, account, sqs, queue):
    """The template is our own; it writes what the recorded message shows of $context."""
    case = api_case("apigateway_sqs::test_sqs_amz_json_protocol")
    recorded = case.answers["sqs-messages"][0]["Body"]

    def texts(root, names):
        pairs = (f'\\"{name}\\": \\"$util.escapeJavaScript($!{root}.{name})\\"' for name in names)
        return "{" + ", ".join(pairs) + "}"

    plain = recorded["context"].keys() - {"identity", "requestOverride", "responseOverride"}
    context = (
        texts("context", plain)[:-1]
        + ', \\"identity\\": \\"\\", \\"requestOverride\\": \\"\\", \\"responseOverride\\": \\"\\"}'
    )
    body = (
        '{\\"context\\": ' + context + ', \\"identity\\": ' + texts("context.identity", recorded["identity"])
        + ', \\"requestOverride\\": ' + texts("context.requestOverride", recorded["requestOverride"])
        + ', \\"responseOverride\\": ' + texts("context.responseOverride", recorded["responseOverride"])
        + ', \\"authorizer_keys\\": {#foreach($key in $context.authorizer.keySet())\\"$key\\": 1#end}}'
    )  # fmt: skip
    body = body.replace("$util.escapeJavaScript($!context.requestOverride", "$util.escapeJavaScript($!none.x")
    body = body.replace("$util.escapeJavaScript($!context.responseOverride", "$util.escapeJavaScript($!none.x")
    where = integrate(
        api, "POST", "/sqs", "arn:aws:apigateway:us-east-1:sqs:path/", "AWS",
        requestParameters={
            "integration.request.header.Content-Type": "'application/x-amz-json-1.0'",
            "integration.request.header.X-Amz-Target": "'AmazonSQS.SendMessage'",
        },
        requestTemplates={"application/json": f'{{"QueueUrl": "{queue}", "MessageBody": "{body}"}}'},
    )  # fmt: skip
    api.respond(where)
    api.deploy("testing")
    reply = api.ask("POST", "/sqs", "{}", {"User-Agent": "python/requests/tests"}, stage="testing")
    assert reply.status == 200
    found = messages(sqs, queue)
    assert found[0]["Body"]["context"].pop("requestTimeEpoch").isdigit()
    found[0]["Body"]["context"]["requestTimeEpoch"] = "request-time-epoch"
    case.check("sqs-messages", found)


def test_action_by_query_parameters(api, sqs, queue):
    where = integrate(
        api, "GET", "/sqs", "arn:aws:apigateway:us-east-1:sqs:action/SendMessage", "AWS", "POST",
        declared=("querystring.text",),
        requestParameters={
            "integration.request.querystring.MessageBody": "method.request.querystring.text",
            "integration.request.querystring.QueueUrl": f"'{queue}'",
            "integration.request.querystring.Version": "'2012-11-05'",
        },
    )  # fmt: skip
    api.respond(where)
    api.deploy()
    assert api.ask("GET", "/sqs?text=hello%20there").status == 200
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert message["Body"] == "hello there"


def test_errors_of_services_select_a_response(api, account):
    where = integrate(
        api, "POST", "/", f"arn:aws:apigateway:us-east-1:sqs:path/{account}/missing", "AWS",
        **form("Action=SendMessage&MessageBody=x"),
    )  # fmt: skip
    api.respond(where, "200")
    api.respond(where, "404", selectionPattern="4..", responseTemplates={"application/json": "nothing there"})
    api.deploy()
    reply = api.ask("POST", "/", "{}")
    assert (reply.status, reply.text) == (404, "nothing there")


# --- mocks and templates ---


def test_mock(api):
    case = api_case("apigateway_basic::TestAPIGateway::test_api_gateway_mock_integration")
    api.mock("POST", "/", '{"echo": $input.json("$.echo"), "response": "mocked"}')
    api.deploy()
    # a mock's response template sees no request body (recorded: test_input_body_formatting); the header stands in
    where = api.mock("GET", "/h", '{"echo": "$input.params("echo")", "response": "mocked"}')
    assert where
    api.deploy()
    case.check("mocked-response", api.ask("GET", "/h", headers={"echo": "foobar"}).json())


def test_overrides_of_the_request_are_seen_by_the_response(api, apigateway):
    case = api_case("apigateway_integrations::test_integration_mock_with_request_overrides_in_response_template")
    where = api.method("GET", "/{path}", requestParameters={"method.request.path.path": True})
    request = '#set($context.requestOverride.path.chosen = $input.params("path")){"statusCode": 200}'
    apigateway.put_integration(**where, type="MOCK", requestTemplates={"application/json": request})
    response = (
        '#set($chosen = $context.requestOverride.path.chosen)#if($chosen == "one"){"response": "path was path one"}'
        '#elseif($chosen == "two"){"response": "path was path two"}#else{"response": "this is the else clause"}#end'
    )
    api.respond(where, responseTemplates={"application/json": response})
    api.deploy()
    for path, step in (("one", "path1"), ("two", "path2"), ("three", "path-else")):
        case.check(f"invoke-{step}", api.ask("GET", f"/{path}").json())


def test_response_overrides(api):
    api.mock(
        "GET", "/", '#set($context.responseOverride.status = 418)#set($context.responseOverride.header.X-A = "b")tea'
    )
    api.deploy()
    reply = api.ask("GET", "/")
    assert (reply.status, reply.headers["x-a"], reply.text) == (418, "b", "tea")


@pytest.mark.parametrize(
    ("behavior", "content_type", "status"),
    [
        ("NEVER", "application/json", 200),
        ("NEVER", "text/plain", 415),
        ("WHEN_NO_TEMPLATES", "text/plain", 415),
        ("WHEN_NO_MATCH", "text/plain", 200),
    ],
)
def test_passthrough(api, apigateway, behavior, content_type, status):
    where = api.method("POST", "/")
    template = {"application/json": '{"statusCode": 200}'}
    apigateway.put_integration(**where, type="MOCK", passthroughBehavior=behavior, requestTemplates=template)
    api.respond(where)
    api.deploy()
    reply = api.ask("POST", "/", '{"statusCode": 200}', {"Content-Type": content_type})
    assert reply.status == status
    if status == 415:
        assert reply.json() == {"message": "Unsupported Media Type"}


def test_selection_without_a_default_is_a_configuration_error(api, apigateway):
    where = api.mock("GET", "/")
    operations = [patch("replace", "/selectionPattern", "5..")]
    apigateway.update_integration_response(**where, statusCode="200", patchOperations=operations)
    api.deploy()
    reply = api.ask("GET", "/")
    assert (reply.status, reply.json()) == (500, {"message": "Internal server error"})


def test_cors_preflight_as_it_is_configured(api, apigateway):
    where = api.method("OPTIONS", "/")
    apigateway.put_integration(**where, type="MOCK", requestTemplates={"application/json": "{statusCode: 200}"})
    api.respond(where, responseParameters={"method.response.header.Access-Control-Allow-Origin": "'https://a.example'"})
    api.deploy()
    reply = api.ask("OPTIONS", "/", headers={"Origin": "https://b.example", "Access-Control-Request-Method": "GET"})
    assert (reply.status, reply.headers["access-control-allow-origin"]) == (200, "https://a.example")


# --- what cannot act is refused ---


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"type": "AWS_PROXY", "uri": "arn:aws:apigateway:us-east-1:sqs:path/x"}, "BadRequestException"),
        ({"type": "AWS", "uri": "arn:aws:sqs:us-east-1:000000000000:q"}, "BadRequestException"),
        ({"type": "HTTP", "uri": "example.com"}, "BadRequestException"),
        ({"type": "HTTP", "uri": "http://a.example", "timeoutInMillis": 10}, "BadRequestException"),
        ({"type": "HTTP", "uri": "http://a.example", "connectionType": "VPC_LINK"}, "NotImplemented"),
        ({"type": "HTTP", "uri": "http://a.example", "responseTransferMode": "STREAM"}, "NotImplemented"),
    ],
)
def test_refused_integrations(api, apigateway, settings, code):
    error = refused(apigateway.put_integration, **api.method("GET", "/"), integrationHttpMethod="POST", **settings)
    assert error.response["Error"]["Code"] == code


def test_undeclared_parameters_are_refused(api, apigateway):
    with pytest.raises(
        ClientError, match=r"Invalid mapping expression parameter specified: method\.request\.header\.a"
    ):
        apigateway.put_integration(
            **api.method("GET", "/"), type="HTTP", integrationHttpMethod="GET", uri="http://a.example",
            requestParameters={"integration.request.header.a": "method.request.header.a"},
        )  # fmt: skip
