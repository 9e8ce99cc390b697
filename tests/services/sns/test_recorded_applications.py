"""Platform applications and endpoints, as recorded from AWS."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.recorded import recorded

APPLICATIONS = "sns::TestSNSPlatformApplicationCrud::"
ENDPOINTS = "sns::TestSNSPlatformEndpointCrud::"
CREDENTIALS = {"PlatformPrincipal": "id", "PlatformCredential": "secret"}


@pytest.fixture
def application(sns):
    answer = sns.create_platform_application(Name="shop", Platform="ADM", Attributes=CREDENTIALS)
    return answer["PlatformApplicationArn"]


@pytest.mark.parametrize(
    ("variant", "attributes"),
    [
        ("no-args", {}),
        ("missing-credential", {"PlatformPrincipal": "id"}),
        ("missing-principal", {"PlatformCredential": "secret"}),
    ],
)
def test_create_platform_application_invalid_attributes(sns, variant, attributes):
    with pytest.raises(ClientError) as refused:
        sns.create_platform_application(Name="shop", Platform="ADM", Attributes=attributes)
    case = recorded(f"{APPLICATIONS}test_create_platform_application_invalid_attributes[{variant}]")
    case.check("platform-application-no-attributes", refused.value)


@pytest.mark.parametrize(("variant", "name"), [("empty", ""), ("invalid-char", "@name"), ("too-long", "a" * 257)])
def test_create_platform_application_invalid_name(sns, variant, name):
    with pytest.raises(ClientError) as refused:
        sns.create_platform_application(Name=name, Platform="ADM", Attributes=CREDENTIALS)
    case = recorded(f"{APPLICATIONS}test_create_platform_application_invalid_name[{variant}]")
    case.check("invalid-application-name", refused.value)


def test_get_platform_application_attributes(sns, application):
    answer = sns.get_platform_application_attributes(PlatformApplicationArn=application)
    recorded(f"{APPLICATIONS}test_get_platform_application_attributes").check("get-application-attributes", answer)


def test_get_platform_application_attributes_invalid_arn(sns):
    with pytest.raises(ClientError) as refused:
        sns.get_platform_application_attributes(PlatformApplicationArn="dummy")
    case = recorded(f"{APPLICATIONS}test_get_platform_application_attributes_invalid_arn")
    case.check("invalid-application-arn", refused.value)


def test_set_platform_application_attributes_invalid_arn(sns):
    with pytest.raises(ClientError) as refused:
        sns.set_platform_application_attributes(PlatformApplicationArn="dummy", Attributes=CREDENTIALS)
    case = recorded(f"{APPLICATIONS}test_set_platform_application_attributes_invalid_arn")
    case.check("invalid-application-arn", refused.value)


@pytest.mark.parametrize(
    ("variant", "attributes"),
    [
        ("", {}),
        ("[no-args]", {}),
        ("[dummy-args]", {"dummy": "value"}),
        ("[missing-credential]", {"PlatformPrincipal": "id"}),
        ("[missing-principal]", {"PlatformCredential": "secret"}),
    ],
)
def test_set_platform_application_attributes_non_existing_app(sns, account, variant, attributes):
    with pytest.raises(ClientError) as refused:
        sns.set_platform_application_attributes(
            PlatformApplicationArn=f"arn:aws:sns:us-east-1:{account}:app/ADM/none", Attributes=attributes
        )
    case = recorded(f"{APPLICATIONS}test_set_platform_application_attributes_non_existing_app{variant}")
    case.check("non_existing-application-arn", refused.value)


@pytest.mark.parametrize(
    ("case", "arguments"),
    [
        ("test_create_platform_endpoint_custom_data", {"CustomUserData": "bar"}),
        (
            "test_create_platform_endpoint_double_custom_data",
            {"CustomUserData": "foo", "Attributes": {"CustomUserData": "bar"}},
        ),
    ],
)
def test_create_platform_endpoint_custom_data(sns, application, case, arguments):
    arn = sns.create_platform_endpoint(PlatformApplicationArn=application, Token="token_1", **arguments)["EndpointArn"]
    answer = sns.get_endpoint_attributes(EndpointArn=arn)
    recorded(ENDPOINTS + case).check("create-endpoint-double-custom-data", answer)


def test_create_platform_endpoint_idempotency(sns, application):
    case = recorded(f"{ENDPOINTS}test_create_platform_endpoint_idempotency")
    same = {"PlatformApplicationArn": application, "Token": "token_1", "CustomUserData": "one"}
    case.check("create-platform-endpoint", sns.create_platform_endpoint(**same))
    case.check("create-platform-endpoint-idempotent", sns.create_platform_endpoint(**same))
    with pytest.raises(ClientError) as refused:
        sns.create_platform_endpoint(**{**same, "CustomUserData": "two"})
    case.check("create-platform-endpoint-different-token", refused.value)


def test_delete_endpoints_of_deleted_app(sns, application):
    case = recorded(f"{ENDPOINTS}test_delete_endpoints_of_deleted_app")
    sns.create_platform_endpoint(PlatformApplicationArn=application, Token="token_1")
    case.check("delete-application", sns.delete_platform_application(PlatformApplicationArn=application))
    with pytest.raises(ClientError) as refused:
        sns.list_endpoints_by_platform_application(PlatformApplicationArn=application)
    case.check("list-endpoints-after-app-delete", refused.value)


def test_delete_platform_endpoint(sns, application):
    case = recorded(f"{ENDPOINTS}test_delete_platform_endpoint")
    arn = sns.create_platform_endpoint(PlatformApplicationArn=application, Token="token_1")["EndpointArn"]
    listed = {"PlatformApplicationArn": application}
    case.check("list-endpoints-by-app-pre-delete", sns.list_endpoints_by_platform_application(**listed))
    case.check("delete-endpoint", sns.delete_endpoint(EndpointArn=arn))
    case.check("list-endpoints-by-app-post-delete", sns.list_endpoints_by_platform_application(**listed))


def test_delete_platform_endpoint_with_subscription(sns, application, topic):
    case = recorded(f"{ENDPOINTS}test_delete_platform_endpoint_with_subscription")
    arn = sns.create_platform_endpoint(PlatformApplicationArn=application, Token="token_1")["EndpointArn"]
    sns.subscribe(TopicArn=topic, Protocol="application", Endpoint=arn)
    ignore = ("NextToken",)  # the recording's account had more subscriptions, which were left out of it
    case.check("list-subscriptions-pre-delete", sns.list_subscriptions(), ignore)
    case.check("delete-endpoint", sns.delete_endpoint(EndpointArn=arn))
    case.check("list-subscriptions-post-delete", sns.list_subscriptions(), ignore)


def test_get_platform_endpoint_attributes(sns, application):
    arn = sns.create_platform_endpoint(PlatformApplicationArn=application, Token="token_1")["EndpointArn"]
    answer = sns.get_endpoint_attributes(EndpointArn=arn)
    recorded(f"{ENDPOINTS}test_get_platform_endpoint_attributes").check("get-platform-endpoint-attributes", answer)


def test_set_platform_endpoint_attributes_non_existent_endpoint(sns, account):
    with pytest.raises(ClientError) as refused:
        sns.set_endpoint_attributes(
            EndpointArn=f"arn:aws:sns:us-east-1:{account}:endpoint/ADM/shop/none", Attributes={"Enabled": "false"}
        )
    case = recorded(f"{ENDPOINTS}test_set_platform_endpoint_attributes_non_existent_endpoint")
    case.check("set-platform-endpoint-attributes-non-existent-app", refused.value)
