"""Execution logs, traces, and in whose name integrations are called."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

METHOD = "/*/*/"


def settings(apigateway, api, **values):
    operations = [{"op": "replace", "path": METHOD + path, "value": value} for path, value in values.items()]
    apigateway.update_stage(restApiId=api.id, stageName="test", patchOperations=operations)


def lines(aws, api, last):
    """The execution log as it is once `last` is in it: it is written beside the requests."""
    logs, group = aws("logs"), f"API-Gateway-Execution-Logs_{api.id}/test"
    for _ in range(1000):
        try:
            found = [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
        except logs.exceptions.ResourceNotFoundException:
            continue
        if any(last in line for line in found):
            return [line.partition(") ")[2] for line in found]
    raise AssertionError("nothing was logged")


def test_steps_are_logged_at_info(api, apigateway, aws):
    api.mock("GET", "/")
    api.deploy()
    api.ask("GET", "/")  # not logged: the level is OFF
    settings(apigateway, api, **{"logging/loglevel": "INFO"})
    api.ask("GET", "/")
    found = lines(aws, api, "Method completed")
    assert [line.partition(":")[0] for line in found] == [
        "Starting execution for request", "HTTP Method", "Successfully completed execution",
        "Method completed with status",
    ]  # fmt: skip


def test_failures_are_logged_at_error(api, apigateway, aws):
    where = api.method("GET", "/")
    apigateway.put_integration(**where, type="MOCK", requestTemplates={"application/json": "no status"})
    api.deploy()
    settings(apigateway, api, **{"logging/loglevel": "ERROR"})
    api.ask("GET", "/")
    (line,) = lines(aws, api, "Execution failed")
    assert line.startswith("Execution failed due to configuration error: Unable to parse statusCode")


def test_requests_and_responses_are_logged_in_full_without_secrets(api, apigateway, aws):
    api.mock("POST", "/pets", '{"name": "Rex"}')
    api.deploy()
    settings(apigateway, api, **{"logging/loglevel": "INFO", "logging/dataTrace": "true"})
    api.ask("POST", "/pets?a=1", '{"kind": "dog"}', headers={"Authorization": "very secret words"})
    text = "\n".join(lines(aws, api, "Method completed"))
    assert 'Method request body before transformations: {"kind": "dog"}' in text
    assert "Method request query string: {a=1}" in text
    assert 'Method response body after transformations: {"name": "Rex"}' in text
    assert "very secret" not in text


def test_a_traced_stage_samples_its_requests(api, apigateway, aws):
    api.mock("GET", "/", "$input.params('X-Amzn-Trace-Id')")
    api.deploy()
    assert "Sampled" not in api.ask("GET", "/").text
    operations = [{"op": "replace", "path": "/tracingEnabled", "value": "true"}]
    apigateway.update_stage(restApiId=api.id, stageName="test", patchOperations=operations)
    assert api.ask("GET", "/").text.endswith(";Sampled=1")
    assert api.ask("GET", "/", headers={"X-Amzn-Trace-Id": "Root=1-a-b;Sampled=0"}).text == "Root=1-a-b;Sampled=0"


def test_metrics_of_methods_are_refused(api, apigateway):
    api.mock("GET", "/")
    api.deploy()
    with pytest.raises(ClientError) as error:
        settings(apigateway, api, **{"metrics/enabled": "true"})
    assert error.value.response["Error"]["Code"] == "NotImplemented"


def _who(api, apigateway, **settings):
    where = api.method("GET", "/who")
    uri = "arn:aws:apigateway:us-east-1:sts:action/GetCallerIdentity"
    apigateway.put_integration(**where, type="AWS", integrationHttpMethod="POST", uri=uri, **settings)
    api.respond(where)
    api.deploy()
    return api.ask("GET", "/who").json()["GetCallerIdentityResponse"]["GetCallerIdentityResult"]["Arn"]


def test_an_integration_acts_in_the_name_of_its_role(api, apigateway, account):
    role = f"arn:aws:iam::{account}:role/service-role/caller"
    session = f"arn:aws:sts::{account}:assumed-role/caller/BackplaneAssumeRoleSession"
    assert _who(api, apigateway, credentials=role) == session


def test_a_role_of_another_account_acts_there(api, apigateway):
    role = "arn:aws:iam::222233334444:role/caller"
    assert _who(api, apigateway, credentials=role).split(":")[4] == "222233334444"


def test_an_integration_without_credentials_is_called_by_the_gateway(api, apigateway, account):
    assert _who(api, apigateway) == f"arn:aws:iam::{account}:root"


def test_credentials_must_be_a_role(api, apigateway):
    with pytest.raises(ClientError) as error:
        _who(api, apigateway, credentials="arn:aws:iam::111111111111:user/me")
    assert error.value.response["Error"]["Message"] == "Invalid ARN specified in the request"
