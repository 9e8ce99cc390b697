"""The account as a whole, providers, profiles, certificates and tags, as boto3 sees them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.services.iam.conftest import ALLOW, TRUST
from tests.services.iam.test_roles import refusal

_METADATA = (
    '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="idp">{}</EntityDescriptor>'.format(
        " " * 1000
    )
)


def test_alias(iam):
    iam.create_account_alias(AccountAlias="one")
    iam.create_account_alias(AccountAlias="two")
    assert iam.list_account_aliases()["AccountAliases"] == ["two"]
    assert refusal(iam.delete_account_alias, AccountAlias="one")[0] == "NoSuchEntity"
    iam.delete_account_alias(AccountAlias="two")
    assert iam.list_account_aliases()["AccountAliases"] == []


def test_summary(iam, role, user, policy):
    summary = iam.get_account_summary()["SummaryMap"]
    assert (summary["Roles"], summary["Users"], summary["Policies"], summary["Groups"]) == (1, 1, 1, 0)
    assert summary["AccessKeysPerUserQuota"] == 2


@pytest.mark.parametrize("size", [1, 2, 100])
def test_authorization_details(iam, role, user, policy, size):
    iam.create_group(GroupName="team")
    iam.add_user_to_group(GroupName="team", UserName=user)
    iam.put_role_policy(RoleName=role, PolicyName="inline", PolicyDocument=ALLOW)
    iam.attach_role_policy(RoleName=role, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    pages = list(iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": size}))
    every = {
        member: [one for page in pages for one in page[member]]
        for member in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    }
    assert [one["GroupList"] for one in every["UserDetailList"]] == [["team"]]
    assert [one["RolePolicyList"][0]["PolicyName"] for one in every["RoleDetailList"]] == ["inline"]
    assert [one["PolicyName"] for one in every["Policies"]] == ["senders", "AdministratorAccess"]
    assert len(every["GroupDetailList"]) == 1
    only = iam.get_account_authorization_details(Filter=["Group"])
    assert (only["UserDetailList"], len(only["GroupDetailList"])) == ([], 1)


def test_oidc_provider(iam, account):
    thumbprint = "a" * 40
    made = iam.create_open_id_connect_provider(
        Url="https://id.example.com/tenant", ClientIDList=["app"], ThumbprintList=[thumbprint]
    )
    arn = made["OpenIDConnectProviderArn"]
    assert arn == f"arn:aws:iam::{account}:oidc-provider/id.example.com/tenant"
    assert refusal(iam.create_open_id_connect_provider, Url="https://id.example.com/tenant") == (
        "EntityAlreadyExists",
        "Provider with url https://id.example.com/tenant already exists.",
    )
    iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="other")
    iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="app")
    shown = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert (shown["Url"], shown["ClientIDList"]) == ("id.example.com/tenant", ["other"])
    assert [one["Arn"] for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]] == [arn]
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert refusal(iam.get_open_id_connect_provider, OpenIDConnectProviderArn=arn) == (
        "NoSuchEntity",
        f"OpenIDConnect Provider not found for arn {arn}",
    )


def test_saml_provider(iam):
    arn = iam.create_saml_provider(Name="idp", SAMLMetadataDocument=_METADATA)["SAMLProviderArn"]
    assert iam.get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"] == _METADATA
    assert refusal(iam.create_saml_provider, Name="bad", SAMLMetadataDocument="x" * 1000)[0] == "InvalidInput"
    assert refusal(
        iam.update_saml_provider, SAMLProviderArn=arn, AssertionEncryptionMode="Required"
    )[0] == "NotImplemented"  # fmt: skip
    iam.delete_saml_provider(SAMLProviderArn=arn)
    assert iam.list_saml_providers()["SAMLProviderList"] == []


def test_instance_profile(iam, role):
    made = iam.create_instance_profile(InstanceProfileName="profile", Path="/p/")["InstanceProfile"]
    assert made["Roles"] == []
    which = {"InstanceProfileName": "profile"}
    iam.add_role_to_instance_profile(**which, RoleName=role)
    assert refusal(iam.add_role_to_instance_profile, **which, RoleName=role) == (
        "LimitExceeded",
        "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1",
    )
    shown = iam.get_instance_profile(**which)["InstanceProfile"]["Roles"]
    assert [one["RoleName"] for one in shown] == [role]
    assert len(iam.list_instance_profiles_for_role(RoleName=role)["InstanceProfiles"]) == 1
    assert refusal(iam.delete_instance_profile, **which)[0] == "DeleteConflict"
    iam.remove_role_from_instance_profile(**which, RoleName=role)
    iam.delete_instance_profile(**which)
    assert refusal(iam.get_instance_profile, **which) == (
        "NoSuchEntity",
        "Instance Profile profile cannot be found.",
    )


def certificate():
    """A self-signed certificate and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example.com")])
    start = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(start).not_valid_after(start + timedelta(days=9))
    body = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
    return body, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_server_certificate(iam):
    body, key = certificate()
    _, other_key = certificate()
    which = {"ServerCertificateName": "site"}
    assert refusal(
        iam.upload_server_certificate, **which, CertificateBody=body, PrivateKey=other_key
    )[0] == "KeyPairMismatch"  # fmt: skip
    assert refusal(
        iam.upload_server_certificate, **which, CertificateBody="text", PrivateKey=key
    )[0] == "MalformedCertificate"  # fmt: skip
    iam.upload_server_certificate(**which, CertificateBody=body, PrivateKey=key)
    assert iam.get_server_certificate(**which)["ServerCertificate"]["CertificateBody"] == body.strip()
    iam.update_server_certificate(**which, NewServerCertificateName="page")
    listed = iam.list_server_certificates()["ServerCertificateMetadataList"]
    assert [one["ServerCertificateName"] for one in listed] == ["page"]
    iam.delete_server_certificate(ServerCertificateName="page")


def test_signing_certificate(iam, user):
    body, _ = certificate()
    made = iam.upload_signing_certificate(UserName=user, CertificateBody=body)["Certificate"]
    assert refusal(iam.upload_signing_certificate, UserName=user, CertificateBody=body)[0] == "DuplicateCertificate"
    iam.delete_signing_certificate(UserName=user, CertificateId=made["CertificateId"])
    assert iam.list_signing_certificates(UserName=user)["Certificates"] == []


@pytest.fixture
def tagged(iam, role, user, policy):
    """What can have tags: words of its operations and how requests name it."""
    iam.create_instance_profile(InstanceProfileName="profile")
    body, key = certificate()
    iam.upload_server_certificate(ServerCertificateName="site", CertificateBody=body, PrivateKey=key)
    oidc = iam.create_open_id_connect_provider(Url="https://id.example.com")["OpenIDConnectProviderArn"]
    saml = iam.create_saml_provider(Name="idp", SAMLMetadataDocument=_METADATA)["SAMLProviderArn"]
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["SerialNumber"]
    return {
        "role": {"RoleName": role},
        "user": {"UserName": user},
        "policy": {"PolicyArn": policy},
        "instance_profile": {"InstanceProfileName": "profile"},
        "server_certificate": {"ServerCertificateName": "site"},
        "open_id_connect_provider": {"OpenIDConnectProviderArn": oidc},
        "saml_provider": {"SAMLProviderArn": saml},
        "mfa_device": {"SerialNumber": serial},
    }


def test_tags(iam, tagged):
    for word, which in tagged.items():
        getattr(iam, f"tag_{word}")(**which, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
        getattr(iam, f"tag_{word}")(**which, Tags=[{"Key": "A", "Value": "3"}])
        getattr(iam, f"untag_{word}")(**which, TagKeys=["b"])
        assert getattr(iam, f"list_{word}_tags")(**which)["Tags"] == [{"Key": "A", "Value": "3"}], word


def test_refused_tags(iam, role):
    twice = [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]
    assert refusal(iam.tag_role, RoleName=role, Tags=twice) == (
        "InvalidInput",
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    )
    iam.tag_role(RoleName=role, Tags=[{"Key": str(number), "Value": ""} for number in range(50)])
    assert refusal(iam.tag_role, RoleName=role, Tags=[{"Key": "more", "Value": ""}])[0] == "LimitExceeded"
    assert refusal(
        iam.create_role, RoleName="other", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "aws:x", "Value": ""}]
    )[0] == "InvalidInput"  # fmt: skip
