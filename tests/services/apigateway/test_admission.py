"""Validators, gateway responses, API keys, usage plans, throttling, signatures and resource policies."""

from __future__ import annotations

import json

import pytest

from tests.services.apigateway.cases import patch, refused

# --- validators ---


def test_required_parameters_and_bodies(api, apigateway):
    validator = apigateway.create_request_validator(
        restApiId=api.id, name="all", validateRequestBody=True, validateRequestParameters=True
    )["id"]
    address = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    apigateway.create_model(
        restApiId=api.id, name="Address", contentType="application/json", schema=json.dumps(address)
    )
    person = {
        "type": "object",
        "properties": {"address": {"$ref": f"https://apigateway.amazonaws.com/restapis/{api.id}/models/Address"}},
    }
    apigateway.create_model(restApiId=api.id, name="Person", contentType="application/json", schema=json.dumps(person))
    api.mock(
        "POST", "/", requestValidatorId=validator, requestModels={"application/json": "Person"},
        requestParameters={"method.request.querystring.q": True, "method.request.header.h": True},
    )  # fmt: skip
    api.deploy()
    reply = api.ask("POST", "/")
    assert (reply.status, reply.json()) == (400, {"message": "Missing required request parameters: [q, h]"})
    assert api.ask("POST", "/?q=1", headers={"h": ""}).json() == {"message": "Missing required request parameters: [h]"}
    for body in ("[]", '{"address": {}}', '{"address": {"city": 1}}', "{"):
        reply = api.ask("POST", "/?q=1", body, {"h": "1"})
        assert (reply.status, reply.json()) == (400, {"message": "Invalid request body"})
    assert api.ask("POST", "/?q=1", '{"address": {"city": "Bern"}}', {"h": "1"}).status == 200
    assert api.ask("POST", "/?q=1", "text", {"h": "1", "Content-Type": "text/plain"}).status == 500  # no status code


# --- gateway responses ---


def test_gateway_responses(api, apigateway):
    api.mock("GET", "/")
    apigateway.put_gateway_response(
        restApiId=api.id, responseType="MISSING_AUTHENTICATION_TOKEN", statusCode="404",
        responseParameters={
            "gatewayresponse.header.X-Fixed": "'fixed'",
            "gatewayresponse.header.X-Asked": "method.request.querystring.q",
        },
        responseTemplates={"application/json": '{"m": $context.error.messageString, "t": "${context.error.responseType}"}'},
    )  # fmt: skip
    apigateway.put_gateway_response(
        restApiId=api.id, responseType="DEFAULT_5XX", responseParameters={"gatewayresponse.header.X-Default": "'yes'"}
    )
    where = api.method("GET", "/broken")
    apigateway.put_integration(**where, type="MOCK")
    api.deploy()
    reply = api.ask("GET", "/nothing?q=1")
    assert (reply.status, reply.headers["x-fixed"], reply.headers["x-asked"]) == (404, "fixed", "1")
    assert reply.json() == {"m": "Missing Authentication Token", "t": "MISSING_AUTHENTICATION_TOKEN"}
    reply = api.ask("GET", "/broken")
    assert (reply.status, reply.headers["x-default"]) == (500, "yes")
    shown = apigateway.get_gateway_response(restApiId=api.id, responseType="THROTTLED")
    assert (shown["statusCode"], shown["defaultResponse"]) == ("429", True)


# --- keys and plans ---


@pytest.fixture
def plan(api, apigateway):
    """Makes a usage plan for the deployed API, with one key; the answer is their ids."""

    def make(**settings):
        api.mock("GET", "/", apiKeyRequired=True)
        api.mock("GET", "/other", apiKeyRequired=True)
        api.deploy()
        made = apigateway.create_usage_plan(name="p", apiStages=[{"apiId": api.id, "stage": "test"}], **settings)["id"]
        key = apigateway.create_api_key(name="k", value="v" * 20, enabled=True)["id"]
        apigateway.create_usage_plan_key(usagePlanId=made, keyId=key, keyType="API_KEY")
        return made, key

    return make


def ask(api, path="/", key="v" * 20):
    reply = api.ask("GET", path, headers={"x-api-key": key} if key else {})
    return reply.status, reply.json()


_FORBIDDEN = (403, {"message": "Forbidden"})
_TOO_MANY = (429, {"message": "Too Many Requests"})


def test_api_key(api, apigateway, plan):
    plan_id, key = plan()
    assert ask(api, key="") == _FORBIDDEN
    assert ask(api, key="w" * 20) == _FORBIDDEN
    assert ask(api)[0] == 200
    apigateway.update_api_key(apiKey=key, patchOperations=[patch("replace", "/enabled", "false")])
    assert ask(api) == _FORBIDDEN
    apigateway.update_api_key(apiKey=key, patchOperations=[patch("replace", "/enabled", "true")])
    assert ask(api)[0] == 200
    apigateway.delete_usage_plan_key(usagePlanId=plan_id, keyId=key)
    assert ask(api) == _FORBIDDEN


def test_throttle_of_a_plan(api, clock, plan):
    plan(throttle={"rateLimit": 0.001, "burstLimit": 2})
    assert [ask(api)[0] for _ in range(2)] == [200, 200]
    assert ask(api) == _TOO_MANY
    clock.advance(seconds=1001)
    assert ask(api)[0] == 200


def test_throttle_of_a_method_in_a_plan(api, apigateway, plan):
    plan_id, _ = plan()
    path = f"/apiStages/{api.id}:test/throttle/~1other/GET"
    operations = [patch("replace", f"{path}/rateLimit", "0.001"), patch("replace", f"{path}/burstLimit", "1")]
    apigateway.update_usage_plan(usagePlanId=plan_id, patchOperations=operations)
    assert [ask(api, "/other")[0] for _ in range(2)] == [200, 429]
    assert [ask(api)[0] for _ in range(2)] == [200, 200]


def test_quota(api, apigateway, clock, plan):
    plan_id, key = plan(quota={"limit": 2, "period": "DAY"})
    assert [ask(api)[0] for _ in range(2)] == [200, 200]
    assert ask(api) == (429, {"message": "Limit Exceeded"})
    usage = apigateway.get_usage(usagePlanId=plan_id, startDate="2020-01-01", endDate="2020-01-02")
    assert usage["items"] == {}
    today = apigateway.update_usage(
        usagePlanId=plan_id, keyId=key, patchOperations=[patch("replace", "/remaining", "1")]
    )
    assert today["items"][key] == [[2, 1]]
    assert [ask(api)[0] for _ in range(2)] == [200, 429]
    clock.advance(days=1)
    assert ask(api)[0] == 200


def test_throttle_of_a_stage(api, apigateway):
    api.mock("GET", "/")
    api.mock("GET", "/other")
    api.deploy()
    operations = [
        patch("replace", "/*/*/throttling/rateLimit", "0.001"),
        patch("replace", "/*/*/throttling/burstLimit", "1"),
        patch("replace", "/other/GET/throttling/burstLimit", "3"),
    ]
    apigateway.update_stage(restApiId=api.id, stageName="test", patchOperations=operations)
    assert [ask(api, key="")[0] for _ in range(2)] == [200, 429]
    assert ask(api, key="") == _TOO_MANY
    assert [ask(api, "/other", key="")[0] for _ in range(4)] == [200, 200, 200, 429]


def test_imported_keys(apigateway):
    csv = f"Name,Key,Description,Enabled,UsageplanIds\none,{'1' * 20},first,true,\ntwo,{'2' * 20},second,false,\n"
    ids = apigateway.import_api_keys(body=csv.encode(), format="csv")["ids"]
    shown = [apigateway.get_api_key(apiKey=key, includeValue=True) for key in ids]
    assert [(key["name"], key["value"], key["enabled"]) for key in shown] == [
        ("one", "1" * 20, True),
        ("two", "2" * 20, False),
    ]
    names = [key["name"] for key in apigateway.get_api_keys(nameQuery="tw")["items"]]
    assert names == ["two"]


# --- signatures and policies ---


def test_iam_demands_a_signature(api):
    api.mock("GET", "/", '"$context.identity.accountId"', authorizationType="AWS_IAM")
    api.deploy()
    assert ask(api, key="") == (403, {"message": "Missing Authentication Token"})
    scope = "111122223333/20260101/us-east-1/execute-api/aws4_request"
    header = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"
    reply = api.ask("GET", "/", headers={"Authorization": header})
    assert (reply.status, reply.json()) == (200, "111122223333")


def test_resource_policy(new_api, account):
    allow = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    deny = {**allow, "Effect": "Deny", "Resource": "execute-api:/*/GET/secret"}
    api = new_api(policy=json.dumps({"Version": "2012-10-17", "Statement": [allow, deny]}))
    api.mock("GET", "/open")
    api.mock("GET", "/secret")
    api.deploy()
    assert ask(api, "/open", key="")[0] == 200
    arn = f"arn:aws:execute-api:us-east-1:********{account[-4:]}:{api.id}/test/GET/secret"
    text = f"User: anonymous is not authorized to perform: execute-api:Invoke on resource: {arn} with an explicit deny"
    assert ask(api, "/secret", key="") == (403, {"message": text})


def test_malformed_policies_are_refused(apigateway):
    error = refused(apigateway.create_rest_api, name="x", policy='{"Statement": 1}')
    assert error.response["Error"]["Code"] == "BadRequestException"
