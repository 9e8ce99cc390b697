"""What AWS answered about methods, integrations and their responses."""

from __future__ import annotations

import pytest
from botocore.config import Config

from tests.services.apigateway.cases import api_case, patch, refused

_AUTHORIZER = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations"


@pytest.fixture
def loose(aws):
    """A client that sends what boto3 would refuse."""
    return aws("apigateway", config=Config(parameter_validation=False))


def test_method_request_parameters(api, apigateway):
    case = api_case("apigateway_api::TestApiGatewayApiMethod::test_method_request_parameters")
    where = {"restApiId": api.id, "resourceId": api.root, "httpMethod": "ANY", "authorizationType": "NONE"}
    parameters = {
        "method.request.header.h_optional": False,
        "method.request.header.h_required": True,
        "method.request.querystring.q_optional": False,
        "method.request.querystring.q_required": True,
    }
    case.check("put-method-request-params-response", apigateway.put_method(**where, requestParameters=parameters))
    where.pop("authorizationType")
    case.check("get-method-request-params-response", apigateway.get_method(**where))
    apigateway.delete_method(**where)
    same = {"method.request.querystring.same": True, "method.request.header.same": True}
    error = refused(apigateway.put_method, **where, authorizationType="NONE", requestParameters=same)
    case.check("req-params-same-name", error)


def test_update_method(api, apigateway):
    case = api_case("apigateway_api::TestApiGatewayApiMethod::test_update_method")
    where = {"restApiId": api.id, "resourceId": api.root, "httpMethod": "ANY"}

    def update(*operations):
        return apigateway.update_method(**where, patchOperations=list(operations))

    case.check("put-method-response", apigateway.put_method(**where, authorizationType="NONE"))
    added = update(
        patch("add", "/requestParameters/method.request.querystring.optional", "true"),
        patch("add", "/requestModels/application~1json", "Empty"),
    )
    case.check("update-method-add", added)
    replaced = update(
        patch("replace", "/operationName", "ReplacedOperationName"),
        patch("replace", "/apiKeyRequired", "true"),
        patch("replace", "/authorizationType", "AWS_IAM"),
        patch("replace", "/requestParameters/method.request.querystring.optional", "false"),
    )
    case.check("update-method-replace", replaced)
    authorizer = apigateway.create_authorizer(
        restApiId=api.id, name="a", type="TOKEN", authorizerUri=_AUTHORIZER,
        identitySource="method.request.header.Authorization",
    )["id"]  # fmt: skip
    custom = update(patch("replace", "/authorizationType", "CUSTOM"), patch("replace", "/authorizerId", authorizer))
    case.check("update-method-replace-authorizer", custom)
    removed = update(
        patch("remove", "/requestParameters/method.request.querystring.optional"),
        patch("remove", "/requestModels/application~1json"),
    )
    case.check("update-method-remove", removed)


def test_update_method_validation(api, apigateway):
    case = api_case("apigateway_api::TestApiGatewayApiMethod::test_update_method_validation")
    where = {"restApiId": api.id, "resourceId": api.root, "httpMethod": "ANY"}
    made = apigateway.put_method(**where, authorizationType="NONE", apiKeyRequired=True)
    case.check("put-method-response", made)
    harmless = [patch("replace", "/operationName", "x")]
    for step, changes in (
        ("wrong-rest-api", {"restApiId": "fake-api"}),
        ("wrong-resource-id", {"resourceId": "fake"}),
        ("method-does-not-exist", {"httpMethod": "GET"}),
    ):
        error = refused(apigateway.update_method, **{**where, **changes}, patchOperations=harmless)
        case.check(step, error)
    for step, operation in (
        ("unsupported-operation", patch("add", "/operationName", "x")),
        ("unsupported-operation-2", patch("remove", "/requestValidatorId", "x")),
        ("unsupported-path", patch("replace", "/httpMethod", "GET")),
        ("wrong-path-request-parameters", patch("replace", "/requestParameters", "x")),
        ("wrong-path-request-models", patch("add", "/requestModels/application/json", "Empty")),
        ("wrong-auth-type", patch("replace", "/authorizationType", "CUSTOM")),
        ("wrong-req-validator-id", patch("replace", "/requestValidatorId", "fake")),
    ):
        case.check(step, refused(apigateway.update_method, **where, patchOperations=[operation]))
    both = [patch("replace", "/authorizationType", "CUSTOM"), patch("replace", "/authorizerId", "fake")]
    case.check("wrong-auth-id", refused(apigateway.update_method, **where, patchOperations=both))
    wrong_value = [patch("replace", "/apiKeyRequired", "whatever")]
    case.check("wrong-value-type", apigateway.update_method(**where, patchOperations=wrong_value))
    unused = [patch("replace", "/authorizerId", "fake")]
    case.check("skip-auth-id-with-wrong-type", apigateway.update_method(**where, patchOperations=unused))


# --- method responses ---


@pytest.fixture
def responding(api, apigateway):
    """A method with a response that declares nothing."""
    where = {"restApiId": api.id, "resourceId": api.root, "httpMethod": "GET"}
    apigateway.put_method(**where, authorizationType="NONE")
    apigateway.put_method_response(**where, statusCode="200")
    return where


def test_patching_what_a_method_response_lacks(apigateway, responding):
    case = api_case(
        "apigateway_api::TestApigatewayMethodResponse::test_update_method_lack_response_parameters_and_models"
    )
    for step, path in (
        ("without-response-parameters", "/responseParameters/method.response.header.my-header"),
        ("without-response-models", "/responseModels/application~1json"),
        ("with-wrong-path", "/wrong/method.response.header.my-header"),
    ):
        operations = [patch("replace", path, "true")]
        error = refused(apigateway.update_method_response, **responding, statusCode="200", patchOperations=operations)
        case.check(f"update-method-response-operation-{step}", error)


def test_patching_wrong_names_in_a_method_response(apigateway, responding):
    case = api_case("apigateway_api::TestApigatewayMethodResponse::test_update_method_wrong_param_names")
    where = {**responding, "statusCode": "201"}
    apigateway.put_method_response(
        **where, responseParameters={"method.response.header.a": True}, responseModels={"application/json": "Empty"}
    )
    for number, (op, path) in enumerate(
        (
            ("replace", "/responseParameters/method.response.header.b"),
            ("remove", "/responseParameters/method.response.header.b"),
            ("replace", "/responseModels/application~1xml"),
            ("remove", "/responseModels/application~1xml"),
        ),
        1,
    ):
        error = refused(apigateway.update_method_response, **where, patchOperations=[patch(op, path, "true")])
        case.check(f"update-method-response-operation-with-wrong-param-name-{number}", error)


def test_method_responses_that_are_not_there(apigateway, responding):
    case = api_case("apigateway_api::TestApigatewayMethodResponse::test_update_method_response_negative_tests")
    good = {
        **responding,
        "statusCode": "200",
        "patchOperations": [patch("add", "/responseParameters/method.response.header.a", "true")],
    }
    wrong_op = [patch("wrong_op", "/responseParameters/method.response.header.a", "true")]
    for step, changes in (
        ("wrong-statuscode", {"statusCode": "201"}),
        ("invalid-statuscode", {"statusCode": "wrong"}),
        ("wrong-method", {"httpMethod": "POST"}),
        ("wrong-resource", {"resourceId": "wrong"}),
        ("invalid-statuscode-and-wrong-op", {"statusCode": "wrong", "patchOperations": wrong_op}),
    ):
        error = refused(apigateway.update_method_response, **{**good, **changes})
        case.check(f"update-method-response-{step}", error)


# --- integrations ---


# The wire has one text for a wrong type in all JSON services; AWS's Java shows through in this one.
_WORDS = ("Message",)


def test_boolean_request_parameters(api, apigateway, loose):
    case = api_case("apigateway_api::TestApigatewayIntegration::test_put_integration_request_parameter_bool_type")
    where = {"restApiId": api.id, "resourceId": api.root, "httpMethod": "GET"}
    declared = {"method.request.path.testPath": True}
    case.check("bool-method", apigateway.put_method(**where, authorizationType="NONE", requestParameters=declared))
    good = {**where, "type": "HTTP", "integrationHttpMethod": "GET", "uri": "http://example.com"}
    target = "integration.request.path.testPath"
    error = refused(loose.put_integration, **good, requestParameters={target: True})
    case.check("put-integration-request-param-bool-value", error, ignore=_WORDS)
    error = refused(loose.put_integration, **good, requestParameters={"testPath": True})
    case.check("put-integration-request-param-wrong-type", error, ignore=_WORDS)
    error = refused(apigateway.put_integration, **good, requestParameters={target: "true"})
    case.check("put-method-request-param-wrong-type", error)


def test_wrong_integration_type(api, apigateway):
    case = api_case("apigateway_api::TestApigatewayIntegration::test_put_integration_wrong_type")
    where = api.method("GET", "/")
    case.check("put-integration-wrong-type", refused(apigateway.put_integration, **where, type="HTTPS_PROXY"))


def test_integrations_of_what_is_not_there(api, apigateway):
    case = api_case("apigateway_api::TestApigatewayIntegration::test_put_integration_response_validation")
    where = api.mock("GET", "/")
    for step, changes in (("method", {"httpMethod": "POST"}), ("resource", {"resourceId": "badresource"})):
        wrong = {**where, **changes}
        error = refused(apigateway.put_integration, **wrong, type="MOCK")
        case.check(f"put-integration-wrong-{step}", error)
        error = refused(apigateway.put_integration_response, **wrong, statusCode="200")
        case.check(f"put-integration-response-wrong-{step}", error)


@pytest.mark.parametrize(
    ("case_name", "changes"),
    [
        ("invalid_statuscode", {"statusCode": "wrong"}),
        ("wrong_api", {"restApiId": "wrong"}),
        ("wrong_method", {"httpMethod": "POST"}),
    ],
)
def test_integration_responses_that_are_not_there(api, apigateway, case_name, changes):
    case = api_case(f"apigateway_api::TestApigatewayIntegrationResponse::test_integration_response_{case_name}")
    wrong = {**api.mock("GET", "/"), "statusCode": "200", **changes}
    what = case_name.replace("_", "-").replace("statuscode", "statusCode")
    case.check(f"put-integration-response-{what}", refused(apigateway.put_integration_response, **wrong))
    case.check(f"get-integration-response-{what}", refused(apigateway.get_integration_response, **wrong))


def test_integration_response_with_a_template(api, apigateway):
    case = api_case("apigateway_integrations::test_put_integration_response_with_response_template")
    where = api.method("GET", "/")
    apigateway.put_method_response(**where, statusCode="200")
    apigateway.put_integration(**where, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    apigateway.put_integration_response(
        **where, statusCode="200", selectionPattern="foobar",
        responseTemplates={"application/json": '{"data": "test"}'},
    )  # fmt: skip
    case.check("get-integration-response", apigateway.get_integration_response(**where, statusCode="200"))


def test_empty_response_templates_are_null(api, apigateway):
    case = api_case("apigateway_api::TestApigatewayIntegration::test_put_integration_response_templates")
    where = api.method("GET", "/")
    apigateway.put_integration(**where, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    apigateway.put_method_response(**where, statusCode="200")
    put = {**where, "statusCode": "200", "selectionPattern": ""}
    case.check("put-integration-no-response-template", apigateway.put_integration_response(**put))
    for step in ("empty", "none"):
        answer = apigateway.put_integration_response(**put, responseTemplates={"application/json": ""})
        case.check(f"put-integration-response-template-{step}", answer)
