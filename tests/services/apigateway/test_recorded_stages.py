"""What AWS answered about deployments, stages, canaries, API keys and usage plans."""

from __future__ import annotations

import pytest

from tests.services.apigateway.cases import api_case, patch, refused


@pytest.fixture
def deployable(api):
    """An API with one method, not deployed."""
    api.mock("GET", "/", '{"message": "hello"}')
    return api


def deploy(client, api, **settings):
    return client.create_deployment(restApiId=api.id, **settings)


@pytest.mark.parametrize("with_description", [True, False])
def test_create_delete_deployments(deployable, apigateway, with_description):
    """The recording's parameter is whether stages come with their deployments; what was asked is the same."""
    case = api_case(f"apigateway_common::TestDeployments::test_create_delete_deployments[{with_description}]")
    api = {"restApiId": deployable.id}
    if with_description:
        first = deploy(apigateway, deployable)["id"]
        apigateway.create_stage(**api, stageName="s1", deploymentId=first)
    else:
        first = deploy(apigateway, deployable, stageName="s1")["id"]
    case.check("get-deployment", apigateway.get_deployment(**api, deploymentId=first))
    case.check("get-stages", apigateway.get_stages(**api))
    for number in range(3):
        error = refused(apigateway.delete_deployment, **api, deploymentId=first)
        case.check(f"delete-deployment-error-{number}", error)
        second = deploy(apigateway, deployable, stageName="s1")["id"]
        apigateway.delete_deployment(**api, deploymentId=first)
        case.check(f"get-deployments-{number}", apigateway.get_deployments(**api))
        case.check(f"get-stages-{number}", apigateway.get_stages(**api))
        first = second


def test_create_update_stages(deployable, apigateway):
    case = api_case("apigateway_common::TestStages::test_create_update_stages")
    api = {"restApiId": deployable.id}
    apigateway.create_documentation_part(**api, location={"type": "API"}, properties="{}")
    apigateway.create_documentation_version(**api, documentationVersion="v123")
    deployment = deploy(apigateway, deployable)["id"]
    stage = {**api, "stageName": "s1"}
    made = apigateway.create_stage(
        **stage, deploymentId=deployment, description="my stage", documentationVersion="v123"
    )
    case.check("create-stage", made)
    for step, path in (("doc-version", "/documentation_version"), ("tags", "/tags/tag1")):
        error = refused(apigateway.update_stage, **stage, patchOperations=[patch("replace", path, "x")])
        case.check(f"error-update-{step}", error)
    updated = apigateway.update_stage(
        **stage,
        patchOperations=[
            patch("replace", "/description", "stage new"),
            patch("replace", "/variables/var1", "test"),
            patch("replace", "/variables/var2", "test2"),
            patch("replace", "/*/*/throttling/burstLimit", "123"),
            patch("replace", "/*/*/caching/enabled", "true"),
            patch("replace", "/tracingEnabled", "true"),
            patch("replace", "/test/GET/throttling/burstLimit", "124"),
        ],
    )
    case.check("update-stage", updated)
    case.check("get-stage", apigateway.get_stage(**stage))
    operations = [patch("replace", "/*/*/throttling/burstLimit", "100")]
    case.check("update-stage-override", apigateway.update_stage(**stage, patchOperations=operations))


def test_access_log_settings(deployable, apigateway):
    case = api_case("apigateway_api::TestApiGatewayStage::test_stage_access_log_settings")
    deployment = deploy(apigateway, deployable)
    case.check("create-deployment", deployment)
    stage = {"restApiId": deployable.id, "stageName": "dev"}
    made = apigateway.create_stage(**stage, deploymentId=deployment["id"], description="dev stage")
    case.check("create-stage", made)
    arn = "arn:aws:logs:us-east-1:000000000000:log-group:access"
    for step, *operation in (
        ("dest-add", "add", "/accessLogSettings/destinationArn", arn),
        ("dest-replace", "replace", "/accessLogSettings/destinationArn", arn + "a"),
        ("format-add", "add", "/accessLogSettings/format", "$context.requestId $context.identity.sourceIp"),
        ("remove-all", "remove", "/accessLogSettings"),
    ):
        updated = apigateway.update_stage(**stage, patchOperations=[patch(*operation)])
        case.check("update-stage-access-log-" + step, updated)


# --- canaries ---


def test_create_canary_deployment(deployable, apigateway):
    case = api_case("apigateway_canary::TestStageCrudCanary::test_create_canary_deployment")
    api = {"restApiId": deployable.id}
    first = deploy(apigateway, deployable)
    case.check("create-deployment", first)

    def canary(percent, variable, **more):
        return {"percentTraffic": percent, "stageVariableOverrides": {"testVar": variable}, **more}

    common = {**api, "deploymentId": first["id"], "description": "dev stage", "variables": {"testVar": "default"}}
    made = apigateway.create_stage(**common, stageName="dev1", canarySettings=canary(40, "canary1"))
    case.check("create-stage", made)
    second = deploy(apigateway, deployable, stageName="dev1", canarySettings=canary(50, "canary2"))
    case.check("create-canary-deployment", second)
    case.check("get-stage-1", apigateway.get_stage(**api, stageName="dev1"))
    settings = canary(60, "canary-overridden", deploymentId=second["id"])
    made = apigateway.create_stage(**common, stageName="dev2", canarySettings=settings)
    case.check("create-stage-2", made)
    settings = canary(60, "x", deploymentId="deploy")
    error = refused(apigateway.create_stage, **common, stageName="dev3", canarySettings=settings)
    case.check("bad-canary-deployment-id", error)


def test_canary_deployments_need_a_stage(deployable, apigateway):
    case = api_case("apigateway_canary::TestStageCrudCanary::test_create_canary_deployment_validation")
    params = {"restApiId": deployable.id, "canarySettings": {"percentTraffic": 50}}
    case.check("create-canary-deployment-no-stage", refused(apigateway.create_deployment, **params))
    error = refused(apigateway.create_deployment, **params, stageName="")
    case.check("create-canary-deployment-empty-stage", error)
    error = refused(apigateway.create_deployment, **params, stageName="non-existing")
    case.check("create-canary-deployment-non-existing-stage", error)


def test_canary_of_a_stage(deployable, apigateway):
    case = api_case("apigateway_canary::TestStageCrudCanary::test_create_update_stages")
    first = deploy(apigateway, deployable)
    case.check("create-deployment-1", first)
    second = deploy(apigateway, deployable)
    case.check("create-deployment-2", second)
    stage = {"restApiId": deployable.id, "stageName": "dev"}
    made = apigateway.create_stage(
        **stage, deploymentId=first["id"], description="dev stage", variables={"testVar": "default"},
        canarySettings={
            "deploymentId": second["id"], "percentTraffic": 50, "stageVariableOverrides": {"testVar": "canary"},
        },
    )  # fmt: skip
    case.check("create-stage", made)
    case.check("get-stage", apigateway.get_stage(**stage))
    operations = [patch("replace", "/canarySettings/stageVariableOverrides/testVar", "updated")]
    updated = apigateway.update_stage(**stage, patchOperations=operations)
    case.check("update-stage-canary-settings-overrides", updated)
    updated = apigateway.update_stage(**stage, patchOperations=[patch("remove", "/canarySettings")])
    case.check("update-stage-remove-canary-settings", updated)
    case.check("get-stage-after-remove", apigateway.get_stage(**stage))


def test_promotion_of_a_canary(deployable, apigateway):
    case = api_case("apigateway_canary::TestStageCrudCanary::test_update_stage_with_copy_ops")
    variables = {"testVar": "test", "testVar2": "test2"}
    case.check("deployment-1", deploy(apigateway, deployable, stageName="dev", variables=variables))
    stage = {"restApiId": deployable.id, "stageName": "dev"}
    overrides = "/canarySettings/stageVariableOverrides"
    copies = [
        {"op": "copy", "from": overrides, "path": "/variables"},
        {"op": "copy", "from": "/canarySettings/deploymentId", "path": "/deploymentId"},
    ]
    none = patch("replace", "/canarySettings/percentTraffic", "0.0")
    case.check("copy-with-no-replace", refused(apigateway.update_stage, **stage, patchOperations=copies))
    case.check("update-stage-with-copy", apigateway.update_stage(**stage, patchOperations=[none, *copies]))
    settings = {"percentTraffic": 50, "stageVariableOverrides": {"testVar": "override"}}
    case.check("deployment-canary", deploy(apigateway, deployable, stageName="dev", canarySettings=settings))
    case.check("get-stage", apigateway.get_stage(**stage))
    wrong = [{"op": "copy", "from": "/variables", "path": overrides}]
    case.check("copy-with-bad-statement", refused(apigateway.update_stage, **stage, patchOperations=wrong))
    case.check("update-stage-with-copy-2", apigateway.update_stage(**stage, patchOperations=[none, *copies]))


def test_invoking_a_canary(api, apigateway):
    case = api_case("apigateway_canary::TestCanaryDeployments::test_invoking_canary_deployment")

    def template(message):
        return (
            f'{{"statusCode": 200, "message": "{message}", "variable": "$stageVariables.testVar", '
            '"nonExistingDefault": "$stageVariables.noStageVar", "nonOverridden": "$stageVariables.defaultVar", '
            '"isCanary": "$context.isCanaryRequest"}'
        )

    where = api.mock("GET", "/", template("default deployment"))
    first = deploy(apigateway, api)
    case.check("create-deployment-1", first)
    operations = [patch("replace", "/responseTemplates/application~1json", template("canary deployment"))]
    apigateway.update_integration_response(**where, statusCode="200", patchOperations=operations)
    second = deploy(apigateway, api)
    case.check("create-deployment-2", second)
    stage = {"restApiId": api.id, "stageName": "dev"}
    apigateway.create_stage(
        **stage, deploymentId=first["id"], variables={"testVar": "default", "defaultVar": "default"},
        canarySettings={"deploymentId": second["id"], "percentTraffic": 0},
    )  # fmt: skip
    case.check("response-deployment-1", api.ask("GET", "/", stage="dev").json())
    overrides = "/canarySettings/stageVariableOverrides"
    updated = apigateway.update_stage(
        **stage,
        patchOperations=[
            patch("replace", f"{overrides}/testVar", "canary"),
            patch("replace", f"{overrides}/noStageVar", "canary"),
            patch("replace", "/canarySettings/percentTraffic", "100"),
        ],
    )
    case.check("update-stage", updated)
    case.check("response-canary-deployment", api.ask("GET", "/", stage="dev").json())


# --- API keys and usage plans ---


def test_values_of_api_keys(apigateway):
    case = api_case("apigateway_extended::TestApigatewayApiKeysCrud::test_create_api_key_with_invalid_value")
    case.check("create-api-key-empty-value", apigateway.create_api_key(value=""))
    case.check("create-api-key-short-value", refused(apigateway.create_api_key, value="x" * 19))
    case.check("create-api-key-invalid-value-too-long", refused(apigateway.create_api_key, value="x" * 129))


def test_what_cannot_be_patched_in_an_api_key(apigateway):
    case = api_case("apigateway_extended::TestApigatewayApiKeysCrud::test_update_api_key_immutable_field")
    key = apigateway.create_api_key(name="key")["id"]
    error = refused(apigateway.update_api_key, apiKey=key, patchOperations=[patch("replace", "/id", "x")])
    case.check("update-api-key-immutable-field", error)


def test_burst_may_be_larger_than_the_rate(apigateway):
    case = api_case("apigateway_extended::TestApigatewayApiKeysCrud::test_create_usage_plan_with_throttle")
    made = apigateway.create_usage_plan(name="plan", throttle={"burstLimit": 20, "rateLimit": 10})
    case.check("create-usage-plan-burst-gt-rate", made)
