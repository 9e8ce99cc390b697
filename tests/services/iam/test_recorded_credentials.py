"""What AWS answered: service-specific credentials."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.recorded import recorded

_CODECOMMIT = "codecommit.amazonaws.com"
_CLASS = "iam::TestIAMServiceSpecificCredentials"


def test_create_service_specific_credential_invalid_service(iam):
    case = recorded(f"{_CLASS}::test_create_service_specific_credential_invalid_service")
    case.check("create-user-response", iam.create_user(UserName="ann"))
    for step, service in (
        ("invalid-service-exception", "nonexistentservice.amazonaws.com"),
        ("invalid-service-completely-malformed-exception", "o3on3n3onosneo"),
        ("invalid-service-existing-but-unsupported-exception", "lambda.amazonaws.com"),
    ):
        with pytest.raises(ClientError) as refused:
            iam.create_service_specific_credential(UserName="ann", ServiceName=service)
        case.check(step, refused.value)


@pytest.mark.parametrize("service", [_CODECOMMIT, "cassandra.amazonaws.com"])
def test_service_specific_credential_lifecycle(iam, service):
    case = recorded(f"{_CLASS}::test_service_specific_credential_lifecycle[{service}]")
    case.check("create-user-response", iam.create_user(UserName="ann"))
    created = iam.create_service_specific_credential(UserName="ann", ServiceName=service)
    case.check("create-service-specific-credential-response", created)
    which = {
        "UserName": "ann",
        "ServiceSpecificCredentialId": created["ServiceSpecificCredential"]["ServiceSpecificCredentialId"],
    }
    case.check(
        "list-service-specific-credentials-response-before-update",
        iam.list_service_specific_credentials(UserName="ann", ServiceName=service),
    )
    case.check(
        "update-service-specific-credential-response",
        iam.update_service_specific_credential(**which, Status="Inactive"),
    )
    case.check(
        "list-service-specific-credentials-response-after-update",
        iam.list_service_specific_credentials(UserName="ann", ServiceName=service),
    )
    reset = iam.reset_service_specific_credential(**which)
    case.check("reset-service-specific-credential-response", reset)
    case.check("delete-service-specific-credentials-response", iam.delete_service_specific_credential(**which))
    assert iam.list_service_specific_credentials(UserName="ann")["ServiceSpecificCredentials"] == []


@pytest.mark.parametrize("wrong", ["satisfiesregexbutstillinvalid", "totally-wrong-credential-id-with-hyphens"])
def test_user_match_id_mismatch(iam, wrong):
    case = recorded(f"{_CLASS}::test_user_match_id_mismatch[{wrong}]")
    case.check("create-user-response", iam.create_user(UserName="ann"))
    created = iam.create_service_specific_credential(UserName="ann", ServiceName=_CODECOMMIT)
    case.check("create-service-specific-credential-response", created)
    which = {"UserName": "ann", "ServiceSpecificCredentialId": wrong}
    for step, change in (
        ("update-wrong-id", lambda: iam.update_service_specific_credential(**which, Status="Inactive")),
        ("reset-wrong-id", lambda: iam.reset_service_specific_credential(**which)),
        ("delete-wrong-id", lambda: iam.delete_service_specific_credential(**which)),
    ):
        with pytest.raises(ClientError) as refused:
            change()
        case.check(step, refused.value)
