"""Connections and API destinations, as recorded from AWS."""

from __future__ import annotations

import pytest

from tests.recorded import recorded

CONNECTIONS = "api_destinations_and_connection::TestEventBridgeConnections::"
BASIC = {"BasicAuthParameters": {"Username": "user", "Password": "pass"}}
KINDS = {
    "basic": ("BASIC", BASIC),
    "api-key": ("API_KEY", {"ApiKeyAuthParameters": {"ApiKeyName": "ApiKey", "ApiKeyValue": "secret"}}),
    "oauth": ("OAUTH_CLIENT_CREDENTIALS", {"OAuthParameters": {
        "ClientParameters": {"ClientID": "client_id", "ClientSecret": "client_secret"},
        "AuthorizationEndpoint": "https://example.com/oauth", "HttpMethod": "POST",
    }}),
}  # fmt: skip


def secret_of(aws, connection):
    return aws("secretsmanager").get_secret_value(SecretId=connection["SecretArn"])


def test_create_api_destination_name_validation(events, error_of):
    connection = events.create_connection(Name="c", AuthorizationType="BASIC", AuthParameters=BASIC)["ConnectionArn"]
    error = error_of(
        events.create_api_destination, Name="Invalid Name With Spaces!", ConnectionArn=connection,
        InvocationEndpoint="https://example.com", HttpMethod="POST",
    )  # fmt: skip
    name = (
        "api_destinations_and_connection::TestEventBridgeApiDestinations::test_create_api_destination_name_validation"
    )
    recorded(name, "events").check("create-api-destination-invalid-name-error", error)


@pytest.mark.parametrize("kind", KINDS)
def test_connection_secrets(aws, events, kind):
    case = recorded(f"{CONNECTIONS}test_connection_secrets[{kind}]", "events")
    type_, parameters = KINDS[kind]
    created = events.create_connection(Name="connection-x", AuthorizationType=type_, AuthParameters=parameters)
    described = events.describe_connection(Name="connection-x")
    case.check("connection-secret", secret_of(aws, described))  # first: it tells the parts of the secret's ARN apart
    case.check("create-connection-auth", created)
    case.check("describe-connection-auth", described)


def test_list_connections(events):
    case = recorded(f"{CONNECTIONS}test_list_connections", "events")
    events.create_connection(Name="connection-x", AuthorizationType="BASIC", AuthParameters=BASIC)
    case.check("list-connections", events.list_connections(NamePrefix="connection"))


def test_update_connection(aws, events):
    case = recorded(f"{CONNECTIONS}test_update_connection", "events")
    parameters = {**BASIC, "InvocationHttpParameters": {}}
    created = events.create_connection(Name="connection-x", AuthorizationType="BASIC", AuthParameters=parameters)
    case.check("create-connection", created)
    described = events.describe_connection(Name="connection-x")
    case.check("connection-secret-before-update", secret_of(aws, described))
    case.check("describe-created-connection", described)
    parameters = {
        "BasicAuthParameters": {"Username": "new_user", "Password": "new_pass"},
        "InvocationHttpParameters": {},
    }
    updated = events.update_connection(Name="connection-x", AuthorizationType="BASIC", AuthParameters=parameters)
    case.check("update-connection", updated)
    described = events.describe_connection(Name="connection-x")
    case.check("describe-updated-connection", described)
    case.check("connection-secret-after-update", secret_of(aws, described))
