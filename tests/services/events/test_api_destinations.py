"""API destinations, their connections, and the stages of APIs, against a real server."""

from __future__ import annotations

import json
import socket
from base64 import b64encode
from typing import Any

import pytest

from tests.services.events.conftest import DETAIL

BASIC = {"BasicAuthParameters": {"Username": "user", "Password": "pass"}}


@pytest.fixture
def connect(events: Any) -> Any:
    """`connect(parameters, type="BASIC")` answers the ARN of a connection."""

    def make(parameters: Any, kind: str = "BASIC", name: str = "connection") -> str:
        made = events.create_connection(Name=name, AuthorizationType=kind, AuthParameters=parameters)
        return made["ConnectionArn"]

    return make


@pytest.fixture
def destination(events: Any, server: Any) -> Any:
    """`destination(connection_arn, path="/", method="POST")` answers the ARN of an API destination."""

    def make(connection: str, path: str = "/", method: str = "POST", **options: Any) -> str:
        made = events.create_api_destination(
            Name="destination",
            ConnectionArn=connection,
            InvocationEndpoint=server.url + path,
            HttpMethod=method,
            **options,
        )
        assert made["ApiDestinationState"] == "ACTIVE"
        return made["ApiDestinationArn"]

    return make


def test_a_call_with_a_password(connect: Any, destination: Any, make_rule: Any, put: Any, server: Any) -> None:
    make_rule("rule", {"Arn": destination(connect(BASIC), "/orders"), "InputPath": "$.detail"})
    put()
    method, path, headers, body = server.next()
    assert (method, path, json.loads(body)) == ("POST", "/orders", DETAIL)
    assert headers["authorization"] == "Basic " + b64encode(b"user:pass").decode()
    assert headers["user-agent"] == "Amazon/EventBridge/ApiDestinations"
    assert headers["content-type"] == "application/json; charset=utf-8"


def test_an_api_key_and_parameters_of_connection_and_target(connect: Any, destination: Any, make_rule: Any, put: Any, server: Any) -> None:  # fmt: skip
    connection = connect({
        "ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "secret"},
        "InvocationHttpParameters": {
            "HeaderParameters": [{"Key": "x-both", "Value": "connection", "IsValueSecret": True}],
            "QueryStringParameters": [{"Key": "q", "Value": "1 2"}],
            "BodyParameters": [{"Key": "added", "Value": "v"}],
        },
    }, "API_KEY")  # fmt: skip
    parameters = {
        "PathParameterValues": ["$.detail.command", "b/c"],
        "HeaderParameters": {"x-both": "target", "x-own": "$.detail.payload.sf_id", "content-type": "text/plain"},
        "QueryStringParameters": {"t": "u"},
    }
    make_rule("rule", {"Arn": destination(connection, "/*/x/*", "PUT"), "HttpParameters": parameters})
    put()
    method, path, headers, body = server.next()
    assert (method, path) == ("PUT", "/update-account/x/b%2Fc?t=u&q=1+2")
    assert (headers["x-key"], headers["x-both"], headers["x-own"]) == ("secret", "connection", "baz")
    assert headers["content-type"] == "text/plain"
    assert (json.loads(body)["added"], json.loads(body)["detail"]) == ("v", DETAIL)


@pytest.fixture
def oauth(server: Any) -> dict[str, Any]:
    return {"OAuthParameters": {
        "ClientParameters": {"ClientID": "id", "ClientSecret": "s"}, "HttpMethod": "POST",
        "AuthorizationEndpoint": f"{server.url}/token",
        "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "all", "IsValueSecret": False}]},
    }}  # fmt: skip


def token(text: str) -> tuple[int, dict[str, str], str]:
    return 200, {}, json.dumps({"access_token": text, "expires_in": 3600, "token_type": "bearer"})


def test_oauth(events: Any, connect: Any, destination: Any, make_rule: Any, put: Any, server: Any, oauth: Any, settle: Any) -> None:  # fmt: skip
    server.answers += [token("one"), token("two"), (401, {}, ""), token("three")]
    connection = connect(oauth, "OAUTH_CLIENT_CREDENTIALS")
    settle()
    assert events.describe_connection(Name="connection")["ConnectionState"] == "AUTHORIZED"
    _, path, headers, body = server.next()
    assert (path, headers["content-type"]) == ("/token", "application/x-www-form-urlencoded")
    assert sorted(body.split("&")) == ["client_id=id", "client_secret=s", "grant_type=client_credentials", "scope=all"]
    make_rule("rule", destination(connection))
    put()
    seen = [(path, headers.get("authorization")) for _, path, headers, _ in (server.next() for _ in range(4))]
    assert [path for path, _ in seen] == ["/token", "/", "/token", "/"]
    assert (seen[1][1], seen[3][1]) == ("Bearer two", "Bearer three")


def test_oauth_that_is_refused(events: Any, connect: Any, server: Any, oauth: Any, clock: Any, settle: Any) -> None:
    server.answers += [(403, {}, "")] * 3
    connect(oauth, "OAUTH_CLIENT_CREDENTIALS")
    for _ in range(3):
        settle()
        clock.advance(minutes=1)
    settle()
    shown = events.describe_connection(Name="connection")
    assert (shown["ConnectionState"], "403" in shown["StateReason"]) == ("DEAUTHORIZED", True)


def test_a_server_that_fails_is_asked_again(connect: Any, destination: Any, make_rule: Any, put: Any, server: Any, clock: Any, settle: Any) -> None:  # fmt: skip
    server.answers += [(500, {}, "no"), (429, {"Retry-After": "60"}, "")]
    make_rule("rule", destination(connect(BASIC)))
    put()
    settle()
    server.next()
    clock.advance(seconds=2)
    settle()
    server.next()
    clock.advance(seconds=50)
    settle()
    assert server.requests.empty()
    clock.advance(seconds=20)
    server.next()


def test_what_is_refused_or_tried_too_often_goes_to_the_dead_letters(connect: Any, destination: Any, make_rule: Any, make_queue: Any, put: Any, server: Any, clock: Any, settle: Any) -> None:  # fmt: skip
    letters, statuses = make_queue("letters"), [400, 500, 503]
    server.answers += [(status, {}, "no\x00\x1b") for status in statuses]
    policy = {"DeadLetterConfig": {"Arn": letters.arn}, "RetryPolicy": {"MaximumRetryAttempts": 1}}
    make_rule("rule", {"Arn": destination(connect(BASIC)), **policy})
    for _ in range(2):
        put()
        settle()
        clock.advance(minutes=1)
        settle()
    found = [
        {name: one["StringValue"] for name, one in message["MessageAttributes"].items()}
        for message in letters.receive()
    ]
    assert [one["ERROR_CODE"] for one in found] == ["SDK_CLIENT_ERROR"] * 2
    assert [one.get("EXHAUSTED_RETRY_CONDITION") for one in found] == [None, "MaximumRetryAttempts"]
    assert ("400" in found[0]["ERROR_MESSAGE"], found[1]["RETRY_ATTEMPTS"]) == (True, "1")


def test_an_event_that_is_too_old(connect: Any, destination: Any, make_rule: Any, make_queue: Any, put: Any, server: Any, clock: Any, settle: Any) -> None:  # fmt: skip
    letters = make_queue("letters")
    server.answers += [(500, {}, "no")] * 50
    policy = {"DeadLetterConfig": {"Arn": letters.arn}, "RetryPolicy": {"MaximumEventAgeInSeconds": 60}}
    make_rule("rule", {"Arn": destination(connect(BASIC)), **policy})
    put()
    for _ in range(8):
        settle()
        clock.advance(seconds=10)
    settle()
    (message,) = letters.receive()
    assert message["MessageAttributes"]["EXHAUSTED_RETRY_CONDITION"]["StringValue"] == "MaximumEventAgeInSeconds"


def test_a_server_that_is_not_there(
    events: Any, connect: Any, make_rule: Any, make_queue: Any, put: Any, settle: Any
) -> None:
    letters = make_queue("letters")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/"
    arn = events.create_api_destination(
        Name="destination", ConnectionArn=connect(BASIC), InvocationEndpoint=url, HttpMethod="POST"
    )["ApiDestinationArn"]
    policy = {"DeadLetterConfig": {"Arn": letters.arn}, "RetryPolicy": {"MaximumRetryAttempts": 0}}
    make_rule("rule", {"Arn": arn, **policy})
    put()
    settle()
    (message,) = letters.receive()
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "CONNECTION_FAILURE"


def test_no_more_calls_a_second_than_agreed(connect: Any, destination: Any, make_rule: Any, events: Any, server: Any, clock: Any, settle: Any, put: Any) -> None:  # fmt: skip
    clock.stop()
    make_rule("rule", destination(connect(BASIC), InvocationRateLimitPerSecond=2))
    for _ in range(6):
        put()
    settle()
    first = server.requests.qsize()
    assert first < 6
    for _ in range(4):
        clock.advance(seconds=1)
        settle()
    assert server.requests.qsize() == 6


def test_deauthorizing(events: Any, aws: Any, connect: Any, destination: Any, settle: Any) -> None:
    destination(connect(BASIC))
    assert events.deauthorize_connection(Name="connection")["ConnectionState"] == "DEAUTHORIZING"
    settle()
    shown = events.describe_connection(Name="connection")
    assert shown["ConnectionState"] == "DEAUTHORIZED"
    assert aws("secretsmanager").get_secret_value(SecretId=shown["SecretArn"])["SecretString"] == "{}"
    assert events.describe_api_destination(Name="destination")["ApiDestinationState"] == "INACTIVE"
    events.update_connection(Name="connection", AuthorizationType="BASIC", AuthParameters=BASIC)
    assert events.describe_api_destination(Name="destination")["ApiDestinationState"] == "ACTIVE"


def test_changing_and_deleting(
    events: Any, aws: Any, connect: Any, destination: Any, refused: Any, server: Any
) -> None:
    connection = connect(BASIC)
    destination(connection)
    events.update_api_destination(Name="destination", HttpMethod="GET", InvocationRateLimitPerSecond=5)
    shown = events.list_api_destinations(ConnectionArn=connection)["ApiDestinations"]
    assert [(one["HttpMethod"], one["InvocationRateLimitPerSecond"], one["InvocationEndpoint"]) for one in shown] == [
        ("GET", 5, f"{server.url}/")
    ]
    secret = events.describe_connection(Name="connection")["SecretArn"]
    events.delete_api_destination(Name="destination")
    assert events.delete_connection(Name="connection")["ConnectionState"] == "DELETING"
    assert refused(events.describe_connection, Name="connection")[0] == "ResourceNotFoundException"
    assert refused(events.describe_api_destination, Name="destination")[0] == "ResourceNotFoundException"
    assert refused(aws("secretsmanager").get_secret_value, SecretId=secret)[0] == "ResourceNotFoundException"


def test_refusals(events: Any, connect: Any, refused: Any, account: str) -> None:
    connect(BASIC)
    again = {"Name": "connection", "AuthorizationType": "BASIC", "AuthParameters": BASIC}
    assert refused(events.create_connection, **again) == (
        "ResourceAlreadyExistsException", "Connection connection already exists.",
    )  # fmt: skip
    code, text = refused(events.create_connection, Name="c", AuthorizationType="API_KEY", AuthParameters=BASIC)
    assert (code, "ApiKeyAuthParameters" in text) == ("ValidationException", True)
    gone = f"arn:aws:events:us-east-1:{account}:connection/none/1234"
    call = {"Name": "d", "ConnectionArn": gone, "InvocationEndpoint": "https://example.com", "HttpMethod": "POST"}
    assert refused(events.create_api_destination, **call)[0] == "ResourceNotFoundException"


@pytest.mark.parametrize(("guard", "role"), [("NONE", False), ("AWS_IAM", True)])
def test_a_stage_of_an_api(
    aws: Any, make_rule: Any, put: Any, server: Any, account: str, guard: str, role: bool
) -> None:
    api = aws("apigateway")
    id = api.create_rest_api(name="api")["id"]
    root = api.get_resources(restApiId=id)["items"][0]["id"]
    orders = api.create_resource(restApiId=id, parentId=root, pathPart="orders")["id"]
    one = api.create_resource(restApiId=id, parentId=orders, pathPart="{id}")["id"]
    api.put_method(
        restApiId=id, resourceId=one, httpMethod="POST", authorizationType=guard,
        requestParameters={"method.request.path.id": True},
    )  # fmt: skip
    api.put_integration(
        restApiId=id, resourceId=one, httpMethod="POST", type="HTTP_PROXY", integrationHttpMethod="POST",
        uri=f"{server.url}/behind/{{id}}", requestParameters={"integration.request.path.id": "method.request.path.id"},
    )  # fmt: skip
    api.create_deployment(restApiId=id, stageName="live")
    arn = f"arn:aws:execute-api:us-east-1:{account}:{id}/live/POST/orders/*"
    parameters = {"PathParameterValues": ["$.detail.payload.sf_id"], "HeaderParameters": {"x-a": "b"}}
    signed = {"RoleArn": f"arn:aws:iam::{account}:role/any"} if role else {}
    make_rule("rule", {"Arn": arn, "HttpParameters": parameters, "InputPath": "$.detail", **signed})
    put()
    _, path, headers, body = server.next()
    assert (path, headers["x-a"], json.loads(body)) == ("/behind/baz", "b", DETAIL)
