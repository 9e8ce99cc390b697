"""Tasks that go over HTTP: methods of APIs (with the recorded cases), and any server by a connection."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.services.stepfunctions.recordings import check_history

PATHS = "arn:aws:states:::"
# What CloudFront adds, and what our server leaves out.
CDN = ("Via", "X-Amz-Cf-Id", "X-Amz-Cf-Pop", "X-Cache", "Connection", "Date", "ApiEndpoint")
ECHO = """import json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(json.loads(event["body"]))}
"""
SHOW = """import json
def handler(event, context):
    shown = {name: event[name] for name in ("httpMethod", "path", "multiValueQueryStringParameters", "body")}
    return {"statusCode": 200, "body": json.dumps({**shown, "auth": event["headers"].get("Authorization", "")[:16]})}
"""
FAILS = """def handler(event, context):
    return {"statusCode": 418, "body": "short and stout"}
"""
INVOKE = {name: f"$.{name}" for name in ("ApiEndpoint", "Method", "Path", "Stage")}


@pytest.fixture
def api(aws: Any, function: Any, account: str, region: str) -> Any:
    """`api(get_constant=code, …)` makes an API with a method POST for each function; its endpoint."""

    def make(authorization: str = "NONE", **codes: str) -> str:
        client = aws("apigateway")
        made = client.create_rest_api(name="sfn-apigw-api")
        for name, code in codes.items():
            arn = function(code, name)
            uri = f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"
            resource = client.create_resource(restApiId=made["id"], parentId=made["rootResourceId"], pathPart=name)
            where = {"restApiId": made["id"], "resourceId": resource["id"], "httpMethod": "POST"}
            client.put_method(**where, authorizationType=authorization)
            client.put_integration(**where, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
            aws("lambda").add_permission(
                FunctionName=name,
                StatementId="api",
                Action="lambda:InvokeFunction",
                Principal="apigateway.amazonaws.com",
            )
        client.create_deployment(restApiId=made["id"], stageName="sfn-apigw-api")
        return f"{made['id']}.execute-api.{region}.amazonaws.com"

    return make


def invoking(*names: str, **more: Any) -> dict[str, Any]:
    parameters = {f"{name}.$": f"$.{name}" for name in (*INVOKE, *names)} | more
    task = {"Type": "Task", "Resource": PATHS + "apigateway:invoke", "Parameters": parameters, "End": True}
    return {"StartAt": "ApiGatewayInvoke", "States": {"ApiGatewayInvoke": task}}


def asking(endpoint: str, path: str, **more: Any) -> dict[str, Any]:
    return {"ApiEndpoint": endpoint, "Method": "POST", "Path": path, "Stage": "sfn-apigw-api", **more}


def test_invoke(workflows: Any, api: Any) -> None:
    endpoint = api(get_constant='def handler(event, context):\n    return {"statusCode": 200, "body": "{}"}\n')
    execution = workflows.start(workflows.create(invoking()), asking(endpoint, "get_constant"))
    check_history("apigetway_task_service::TestTaskApiGateway::test_invoke_base", workflows.events(execution), *CDN)


@pytest.mark.parametrize(
    ("case", "header"),
    [
        ("custom_header1", ["arrayHeader0"]),
        ("custom_header2", ["arrayHeader0", "arrayHeader1"]),
        ("singleStringHeader", "singleStringHeader"),
    ],
)
def test_invoke_with_headers(workflows: Any, api: Any, case: str, header: Any) -> None:
    given = asking(
        api(id_func=ECHO), "id_func", Headers={"custom_header": header}, RequestBody={"message": "HelloWorld!"}
    )
    execution = workflows.start(workflows.create(invoking("Headers", "RequestBody")), given)
    name = f"apigetway_task_service::TestTaskApiGateway::test_invoke_with_headers[{case}]"
    check_history(name, workflows.events(execution), *CDN)


def test_invoke_with_query_and_nulls(workflows: Any, api: Any) -> None:
    given = asking(api(show=SHOW), "/show/", QueryParameters={"a": ["1", "2"]}, RequestBody={"x": None, "y": 1})
    machine = workflows.create(invoking("QueryParameters", "RequestBody"))
    seen = workflows.output(workflows.start(machine, given))["ResponseBody"]
    assert seen["path"] == "/show"
    assert seen["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
    assert json.loads(seen["body"]) == {"y": 1}
    whole = workflows.create(invoking("QueryParameters", "RequestBody", AllowNullValues=True))
    assert json.loads(workflows.output(workflows.start(whole, given))["ResponseBody"]["body"]) == {"x": None, "y": 1}


def test_invoke_in_the_name_of_the_role(workflows: Any, api: Any) -> None:
    endpoint = api("AWS_IAM", show=SHOW)
    given = asking(endpoint, "show", RequestBody={})
    refused = workflows.describe(workflows.start(workflows.create(invoking("RequestBody")), given))
    assert refused["error"] == "ApiGateway.403"
    allowed = workflows.create(invoking("RequestBody", AuthType="IAM_ROLE"))
    assert workflows.output(workflows.start(allowed, given))["ResponseBody"]["auth"] == "AWS4-HMAC-SHA256"


def test_invoke_that_fails(workflows: Any, api: Any) -> None:
    described = workflows.describe(workflows.start(workflows.create(invoking()), asking(api(fails=FAILS), "fails")))
    assert (described["error"], described["cause"]) == ("ApiGateway.418", "short and stout")


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"ApiEndpoint": "example.com"}, "The value of the field 'ApiEndpoint' has an invalid format"),
        ({"Method": "BREW"}, "The value of the field 'Method' must be one of"),
        ({"QueryParameters": {"a": "1"}}, "The value of the field 'QueryParameters' has an invalid format"),
        ({"AuthType": "MAGIC"}, "The value of the field 'AuthType' has an invalid format"),
        ({"Color": "red"}, 'The field "Color" is not supported by Step Functions'),
    ],
)
def test_invoke_with_wrong_arguments(workflows: Any, more: dict[str, Any], problem: str) -> None:
    given = asking("abc.execute-api.us-east-1.amazonaws.com", "x") | more
    task = {"Type": "Task", "Resource": PATHS + "apigateway:invoke", "Parameters": given, "End": True}
    described = workflows.run({"StartAt": "Call", "States": {"Call": task}})
    assert described["error"] == "States.Runtime"
    assert problem in described["cause"]


class Server:
    """Keeps what it is asked, and answers what it is told to."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answers: list[tuple[int, str]] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.requests.append((self.command, self.path, dict(self.headers.items()), body))
                status, text = outer.answers.pop(0) if outer.answers else (200, '{"ok": true}')
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.send_header("X-Twice", "1")
                self.send_header("X-Twice", "2")
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.server.shutdown()
    server.server.server_close()


@pytest.fixture
def connection(aws: Any) -> str:
    """The ARN of a connection with an API key and a parameter of its own."""
    auth = {
        "ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "secret"},
        "InvocationHttpParameters": {"QueryStringParameters": [{"Key": "own", "Value": "1", "IsValueSecret": False}]},
    }
    made = aws("events").create_connection(Name="shop", AuthorizationType="API_KEY", AuthParameters=auth)
    return made["ConnectionArn"]


def calling(arguments: dict[str, Any]) -> dict[str, Any]:
    task = {"Type": "Task", "Resource": PATHS + "http:invoke", "Parameters": arguments, "End": True}
    return {"StartAt": "Call", "States": {"Call": task}}


def test_call(workflows: Any, server: Server, connection: str, region: str) -> None:
    arguments = {
        "ApiEndpoint": f"{server.url}/orders?a=1", "Method": "POST", "Authentication": {"ConnectionArn": connection},
        "Headers": {"x-own": "me"}, "QueryParameters": {"q": ["x y", "z"]}, "RequestBody": {"n": [1, None]},
    }  # fmt: skip
    output = json.loads(workflows.run(calling(arguments))["output"])
    assert (output["StatusCode"], output["StatusText"], output["ResponseBody"]) == (200, "OK", {"ok": True})
    assert output["Headers"]["X-Twice"] == ["1", "2"]
    ((method, path, headers, body),) = server.requests
    assert (method, path, body) == ("POST", "/orders?a=1&q=x+y&q=z&own=1", b'{"n":[1,null]}')
    wanted = {
        "x-key": "secret", "x-own": "me", "Content-Type": "application/json", "Range": "bytes=0-262144",
        "User-Agent": f"Amazon|StepFunctions|HttpInvoke|{region}",
    }  # fmt: skip
    assert {name: headers[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("array_format", "form"),
    [
        (None, "a%5B0%5D=1&a%5B1%5D=x+y&b%5Bc%5D=true"),
        ("INDICES", "a%5B0%5D=1&a%5B1%5D=x+y&b%5Bc%5D=true"),
        ("REPEAT", "a=1&a=x+y&b%5Bc%5D=true"),
        ("COMMAS", "a=1%2Cx+y&b%5Bc%5D=true"),
        ("BRACKETS", "a%5B%5D=1&a%5B%5D=x+y&b%5Bc%5D=true"),
        ("NONE", "a=%5B1%2C%22x+y%22%5D&b%5Bc%5D=true"),
    ],
)
def test_form(workflows: Any, server: Server, connection: str, array_format: str | None, form: str) -> None:
    transform: dict[str, Any] = {"RequestBodyEncoding": "URL_ENCODED"}
    if array_format:
        transform["RequestEncodingOptions"] = {"ArrayFormat": array_format}
    arguments = {
        "ApiEndpoint": server.url, "Method": "POST", "InvocationConfig": {"ConnectionArn": connection},
        "RequestBody": {"a": [1, "x y"], "b": {"c": True}}, "Transform": transform,
    }  # fmt: skip
    assert workflows.run(calling(arguments))["status"] == "SUCCEEDED"
    ((_, _, headers, body),) = server.requests
    assert (headers["Content-Type"], body.decode()) == ("application/x-www-form-urlencoded", form)


def test_call_that_fails(workflows: Any, server: Server, connection: str) -> None:
    server.answers = [(404, '{"message": "no"}')]
    arguments = {"ApiEndpoint": server.url, "Method": "GET", "Authentication": {"ConnectionArn": connection}}
    described = workflows.run(calling(arguments))
    assert (described["error"], described["cause"]) == ("States.Http.StatusCode.404", '{"message": "no"}')


def test_nobody_answers(workflows: Any, server: Server, connection: str) -> None:
    server.server.server_close()
    arguments = {"ApiEndpoint": server.url, "Method": "GET", "Authentication": {"ConnectionArn": connection}}
    assert workflows.run(calling(arguments))["error"] == "States.Http.Socket"


def test_no_connection(workflows: Any, server: Server, connection: str) -> None:
    arguments = {"ApiEndpoint": server.url, "Method": "GET", "Authentication": {"ConnectionArn": connection + "0"}}
    described = workflows.run(
        calling({**arguments, "Authentication": {"ConnectionArn": connection.replace("shop", "none")}})
    )
    assert described["error"] == "Events.ConnectionResource.NotFound"
    assert server.requests == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"ApiEndpoint": "ftp://example.com"}, "The value of the field 'ApiEndpoint' has an invalid format"),
        ({"Authentication": {}}, 'The field "Authentication" is required but was missing'),
        ({"Headers": ["a"]}, "The value of the field 'Headers' has an invalid format"),
        ({"Transform": {"RequestBodyEncoding": "XML"}}, "The value of the field 'Transform' has an invalid format"),
    ],
)
def test_wrong_arguments(workflows: Any, server: Server, connection: str, change: Any, problem: str) -> None:
    arguments = {"ApiEndpoint": server.url, "Method": "GET", "Authentication": {"ConnectionArn": connection}, **change}
    described = workflows.run(calling(arguments))
    assert described["error"] == "States.Runtime"
    assert problem in described["cause"]


@pytest.mark.parametrize("reveals", [False, True])
def test_a_trial_shows_the_request_and_the_response(
    states: Any, server: Server, connection: str, account: str, reveals: bool
) -> None:
    task = calling({"ApiEndpoint": server.url, "Method": "GET", "Authentication": {"ConnectionArn": connection}})
    answer = states.test_state(
        definition=json.dumps(task["States"]["Call"]), roleArn=f"arn:aws:iam::{account}:role/states",
        inspectionLevel="TRACE", revealSecrets=reveals,
    )  # fmt: skip
    request, response = answer["inspectionData"]["request"], answer["inspectionData"]["response"]
    assert (request["protocol"], request["method"]) == ("http", "GET")
    assert ("x-key" in json.loads(request["headers"]), "own=1" in request["url"]) == (reveals, reveals)
    assert (response["statusCode"], response["statusMessage"], response["body"]) == ("200", "OK", '{"ok": true}')
