"""Requests to stages: what is found, what is refused, what comes back."""

from __future__ import annotations

import gzip
import http.client
from urllib.parse import urlsplit


def test_mock_method_answers(api):
    api.mock("GET", "/hello", '{"stage": "$context.stage", "q": "$input.params(\'q\')"}')
    api.deploy()
    reply = api.ask("GET", "/hello?q=1")
    assert (reply.status, reply.json()) == (200, {"stage": "test", "q": "1"})
    assert reply.headers["content-type"] == "application/json"
    assert {"x-amzn-requestid", "x-amz-apigw-id"} <= reply.headers.keys()
    assert "x-amzn-trace-id" not in reply.headers


def test_what_is_not_there_is_refused_as_by_aws(api):
    api.mock("GET", "/hello")
    api.deploy()
    for method, path in (("GET", "/nothing"), ("POST", "/hello"), ("GET", "/")):
        reply = api.ask(method, path)
        assert (reply.status, reply.json()) == (403, {"message": "Missing Authentication Token"})
        assert reply.headers["x-amzn-errortype"] == "MissingAuthenticationTokenException"
    reply = api.ask("GET", "/hello", stage="other")
    assert (reply.status, reply.json()) == (403, {"message": "Forbidden"})
    assert reply.headers["x-amzn-errortype"] == "ForbiddenException"


def test_static_before_variable_before_greedy(api):
    for path in ("/a/static", "/a/{name}", "/{proxy+}"):
        api.mock("ANY", path, f'{{"r": "{path}", "p": "$input.params("proxy")$input.params("name")"}}')
    api.mock("GET", "/a/static/deep")
    api.deploy()
    assert api.ask("GET", "/a/static").json()["r"] == "/a/static"
    assert api.ask("GET", "/a/x%20y").json() == {"r": "/a/{name}", "p": "x y"}
    assert api.ask("GET", "/a/b/c").json() == {"r": "/{proxy+}", "p": "a/b/c"}
    assert api.ask("POST", "/a/static/deep").json()["r"] == "/{proxy+}"


def test_a_stage_serves_its_deployment_and_nothing_newer(api, apigateway):
    where = api.mock("GET", "/hello", "1")
    first = api.deploy()
    patch = [{"op": "replace", "path": "/responseTemplates/application~1json", "value": "2"}]
    apigateway.update_integration_response(**where, statusCode="200", patchOperations=patch)
    assert api.ask("GET", "/hello").text == "1"
    api.deploy()
    assert api.ask("GET", "/hello").text == "2"
    patch = [{"op": "replace", "path": "/deploymentId", "value": first}]
    apigateway.update_stage(restApiId=api.id, stageName="test", patchOperations=patch)
    assert api.ask("GET", "/hello").text == "1"
    apigateway.delete_stage(restApiId=api.id, stageName="test")
    assert api.ask("GET", "/hello").status == 403


def test_stage_variables_reach_templates(api, apigateway):
    api.mock("GET", "/", "$stageVariables.color")
    api.deploy(variables={"color": "red"})
    assert api.ask("GET", "/").text == "red"
    patch = [{"op": "replace", "path": "/variables/color", "value": "blue"}]
    apigateway.update_stage(restApiId=api.id, stageName="test", patchOperations=patch)
    assert api.ask("GET", "/").text == "blue"


def test_large_answers_are_compressed_for_who_takes_gzip(new_api):
    api = new_api(minimumCompressionSize=20)
    api.mock("GET", "/large", "x" * 100)
    api.mock("GET", "/small", "x")
    api.deploy()
    reply = api.ask("GET", "/large", headers={"Accept-Encoding": "gzip"})
    assert reply.headers["content-encoding"] == "gzip"
    assert gzip.decompress(reply.body) == b"x" * 100
    assert "content-encoding" not in api.ask("GET", "/large").headers
    assert "content-encoding" not in api.ask("GET", "/small", headers={"Accept-Encoding": "gzip"}).headers


def test_disabled_endpoint_is_forbidden(new_api):
    api = new_api(disableExecuteApiEndpoint=True)
    api.mock("GET", "/")
    api.deploy()
    assert api.ask("GET", "/").status == 403


def test_host_and_aws_path_lead_to_the_same_stage(api, undercast):
    api.mock("GET", "/hello", "hi")
    api.deploy()
    for path, host in (
        (f"/_aws/execute-api/{api.id}/test/hello", None),
        ("/test/hello", f"{api.id}.execute-api.us-east-1.amazonaws.com"),
        ("/test/hello", f"{api.id}.execute-api.localhost.localstack.cloud:4566"),
    ):
        connection = http.client.HTTPConnection(urlsplit(undercast.url).netloc, timeout=10)
        connection.request("GET", path, headers={"Host": host} if host else {})
        assert connection.getresponse().read() == b"hi"
        connection.close()


def test_access_log(api, apigateway, aws, account):
    logs = aws("logs")
    logs.create_log_group(logGroupName="access")
    api.mock("GET", "/")
    api.deploy()
    arn = f"arn:aws:logs:us-east-1:{account}:log-group:access"
    form = "$context.httpMethod $context.resourcePath $context.status $context.responseLength $context.error.message"
    operations = [
        {"op": "replace", "path": f"/accessLogSettings/{name}", "value": value}
        for name, value in (("destinationArn", arn), ("format", form))
    ]
    apigateway.update_stage(restApiId=api.id, stageName="test", patchOperations=operations)
    api.ask("GET", "/")
    api.ask("GET", "/nothing")
    # what is logged is written beside the requests: the second's line after the first's
    for _ in range(1000):
        events = logs.filter_log_events(logGroupName="access")["events"]
        if len(events) == 2:
            break
    assert [event["message"] for event in events] == ["GET / 200 2 -", "- - 403 42 Missing Authentication Token"]


def test_access_log_without_its_group_hurts_no_request(api, apigateway, account):
    api.mock("GET", "/")
    api.deploy()
    arn = f"arn:aws:logs:us-east-1:{account}:log-group:gone"
    operations = [
        {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": arn},
        {"op": "replace", "path": "/accessLogSettings/format", "value": "x"},
    ]
    apigateway.update_stage(restApiId=api.id, stageName="test", patchOperations=operations)
    assert [api.ask("GET", "/").status for _ in range(3)] == [200, 200, 200]
