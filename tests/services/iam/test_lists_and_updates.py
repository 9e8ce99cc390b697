"""Lists in pages, and what is changed of users, providers and credentials, as boto3 sees it."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.services.iam.conftest import ALLOW
from tests.services.iam.test_account import _METADATA, certificate
from tests.services.iam.test_roles import refusal
from tests.services.iam.test_users import _PASSWORD, code


def pages_of(iam, operation, member, **request):
    """All of a list, two at a time; no page has more."""
    pages = [
        page[member] for page in iam.get_paginator(operation).paginate(**request, PaginationConfig={"PageSize": 2})
    ]
    assert all(len(page) <= 2 for page in pages)
    return [one for page in pages for one in page]


def test_users_are_listed(iam):
    for name, path in (("a", "/"), ("B", "/staff/"), ("c", "/staff/"), ("d", "/staffing/")):
        iam.create_user(UserName=name, Path=path)
    assert [one["UserName"] for one in pages_of(iam, "list_users", "Users")] == ["a", "B", "c", "d"]
    found = pages_of(iam, "list_users", "Users", PathPrefix="/staff/")
    assert [one["UserName"] for one in found] == ["B", "c"]
    assert refusal(iam.list_users, Marker="?") == ("ValidationError", "Invalid Marker.")
    assert refusal(iam.list_users, PathPrefix="staff")[0] == "ValidationError"


def test_instance_profiles_are_listed(iam, role):
    for name in ("p1", "p2", "p3"):
        iam.create_instance_profile(
            InstanceProfileName=name, Path="/x/" if name == "p2" else "/", Tags=[{"Key": "k", "Value": "v"}]
        )
    iam.add_role_to_instance_profile(InstanceProfileName="p1", RoleName=role)
    found = pages_of(iam, "list_instance_profiles", "InstanceProfiles")
    assert [(one["InstanceProfileName"], len(one["Roles"]), "Tags" in one) for one in found] == [
        ("p1", 1, False), ("p2", 0, False), ("p3", 0, False),
    ]  # fmt: skip
    found = pages_of(iam, "list_instance_profiles", "InstanceProfiles", PathPrefix="/x/")
    assert [one["InstanceProfileName"] for one in found] == ["p2"]


@pytest.mark.parametrize(("kind", "member"), [("user", "UserName"), ("group", "GroupName"), ("role", "RoleName")])
def test_attached_policies_are_listed_and_detached(iam, role, kind, member):
    which = {member: role}
    if kind != "role":
        getattr(iam, f"create_{kind}")(**which)
    arns = [
        iam.create_policy(PolicyName=f"p{n}", Path="/x/" if n == 1 else "/", PolicyDocument=ALLOW)["Policy"]["Arn"]
        for n in range(3)
    ]
    for arn in arns:
        getattr(iam, f"attach_{kind}_policy")(**which, PolicyArn=arn)
    found = pages_of(iam, f"list_attached_{kind}_policies", "AttachedPolicies", **which)
    assert sorted(one["PolicyArn"] for one in found) == sorted(arns)
    listed = getattr(iam, f"list_attached_{kind}_policies")
    assert [one["PolicyName"] for one in listed(**which, PathPrefix="/x/")["AttachedPolicies"]] == ["p1"]
    detach = getattr(iam, f"detach_{kind}_policy")
    detach(**which, PolicyArn=arns[0])
    assert len(listed(**which)["AttachedPolicies"]) == 2
    assert refusal(detach, **which, PolicyArn=arns[0]) == ("NoSuchEntity", f"Policy {arns[0]} was not found.")
    assert refusal(detach, **{member: "nobody"}, PolicyArn=arns[1])[0] == "NoSuchEntity"
    assert refusal(listed, **{member: "nobody"})[0] == "NoSuchEntity"


def test_boundary_of_a_user_is_taken_away(iam, user, policy):
    iam.put_user_permissions_boundary(UserName=user, PermissionsBoundary=policy)
    assert refusal(iam.delete_policy, PolicyArn=policy)[0] == "DeleteConflict"
    iam.delete_user_permissions_boundary(UserName=user)
    assert "PermissionsBoundary" not in iam.get_user(UserName=user)["User"]
    assert refusal(iam.delete_user_permissions_boundary, UserName=user)[0] == "NoSuchEntity"
    assert refusal(iam.delete_user_permissions_boundary, UserName="nobody")[0] == "NoSuchEntity"
    iam.delete_policy(PolicyArn=policy)


def test_context_keys_of_a_principal(iam, user, account):
    def allow(key):
        statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {key: "x"}}}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    iam.put_user_policy(UserName=user, PolicyName="own", PolicyDocument=allow("aws:SourceVpc"))
    iam.create_group(GroupName="team")
    iam.put_group_policy(GroupName="team", PolicyName="ours", PolicyDocument=allow("aws:RequestTag/a"))
    iam.add_user_to_group(GroupName="team", UserName=user)
    arn = f"arn:aws:iam::{account}:user/{user}"
    get = iam.get_context_keys_for_principal_policy
    found = get(PolicySourceArn=arn, PolicyInputList=[allow("s3:prefix")])["ContextKeyNames"]
    assert sorted(found) == ["aws:RequestTag/a", "aws:SourceVpc", "s3:prefix"]
    assert refusal(get, PolicySourceArn=f"arn:aws:iam::{account}:user/nobody")[0] == "NoSuchEntity"
    assert refusal(get, PolicySourceArn=f"arn:aws:iam::111122223333:user/{user}")[0] == "NoSuchEntity"
    assert refusal(get, PolicySourceArn="x" * 20)[0] == "InvalidInput"


def test_version_of_global_tokens(iam):
    def shown():
        return iam.get_account_summary()["SummaryMap"]["GlobalEndpointTokenVersion"]

    assert shown() == 1
    iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v2Token")
    assert shown() == 2
    assert refusal(iam.set_security_token_service_preferences, GlobalEndpointTokenVersion="v3")[0] == "ValidationError"


def test_account_alias_is_listed(iam):
    assert iam.list_account_aliases(MaxItems=1)["AccountAliases"] == []
    iam.create_account_alias(AccountAlias="acme")
    answer = iam.list_account_aliases(MaxItems=1)
    assert (answer["AccountAliases"], answer["IsTruncated"]) == (["acme"], False)
    assert refusal(iam.list_account_aliases, Marker="?") == ("ValidationError", "Invalid Marker.")


def test_providers_are_listed_and_changed(iam):
    oidc = iam.create_open_id_connect_provider(Url="https://idp.example.com", ThumbprintList=["a" * 40])
    arn = {"OpenIDConnectProviderArn": oidc["OpenIDConnectProviderArn"]}
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == [
        {"Arn": oidc["OpenIDConnectProviderArn"]}
    ]
    iam.update_open_id_connect_provider_thumbprint(**arn, ThumbprintList=["b" * 40])
    assert iam.get_open_id_connect_provider(**arn)["ThumbprintList"] == ["b" * 40]
    update = iam.update_open_id_connect_provider_thumbprint
    assert refusal(update, **arn, ThumbprintList=["c" * 40] * 6)[0] == "InvalidInput"
    missing = {"OpenIDConnectProviderArn": f"{oidc['OpenIDConnectProviderArn']}x"}
    assert refusal(update, **missing, ThumbprintList=["c" * 40])[0] == "NoSuchEntity"
    saml = iam.create_saml_provider(Name="idp", SAMLMetadataDocument=_METADATA)["SAMLProviderArn"]
    assert [one["Arn"] for one in iam.list_saml_providers()["SAMLProviderList"]] == [saml]
    other = _METADATA.replace("idp", "other")
    assert iam.update_saml_provider(SAMLProviderArn=saml, SAMLMetadataDocument=other)["SAMLProviderArn"] == saml
    assert iam.get_saml_provider(SAMLProviderArn=saml)["SAMLMetadataDocument"] == other
    assert refusal(iam.update_saml_provider, SAMLProviderArn=saml, SAMLMetadataDocument="x" * 1000)[0] == "InvalidInput"
    assert refusal(iam.update_saml_provider, SAMLProviderArn=f"{saml}x")[0] == "NoSuchEntity"
    refused = refusal(iam.update_saml_provider, SAMLProviderArn=saml, AddPrivateKey="key")
    assert refused[0] == "NotImplemented"


def test_login_profile_is_changed(iam, user):
    assert refusal(iam.update_login_profile, UserName=user, Password=_PASSWORD)[0] == "NoSuchEntity"
    iam.create_login_profile(UserName=user, Password=_PASSWORD)
    iam.update_login_profile(UserName=user, PasswordResetRequired=True)
    assert iam.get_login_profile(UserName=user)["LoginProfile"]["PasswordResetRequired"] is True
    assert refusal(iam.update_login_profile, UserName=user, Password="short")[0] == "PasswordPolicyViolation"
    iam.update_login_profile(UserName=user, Password=_PASSWORD + "8", PasswordResetRequired=False)
    assert iam.get_login_profile(UserName=user)["LoginProfile"]["PasswordResetRequired"] is False


def test_mfa_device_is_resynchronized_and_found_by_its_user(iam, user):
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    seed, which = made["Base32StringSeed"], {"UserName": user, "SerialNumber": made["SerialNumber"]}
    step = int(iam.get_user(UserName=user)["User"]["CreateDate"].timestamp()) // 30
    right = {"AuthenticationCode1": code(seed, step), "AuthenticationCode2": code(seed, step + 1)}
    mismatch = {"AuthenticationCode1": code(seed, step), "AuthenticationCode2": code(seed, step + 2)}
    assert refusal(iam.resync_mfa_device, **which, **right)[0] == "NoSuchEntity"
    assert refusal(iam.get_mfa_device, **which)[0] == "NoSuchEntity"
    iam.enable_mfa_device(**which, **right)
    iam.resync_mfa_device(**which, **right)
    assert refusal(iam.resync_mfa_device, **which, **mismatch)[0] == "InvalidAuthenticationCode"
    assert iam.get_mfa_device(**which)["UserName"] == user
    assert iam.get_mfa_device(SerialNumber=which["SerialNumber"])["UserName"] == user
    iam.create_user(UserName="bob")
    assert refusal(iam.get_mfa_device, **which | {"UserName": "bob"})[0] == "NoSuchEntity"


def test_keys_and_certificates_are_switched_off(iam, user):
    public = rsa.generate_private_key(65537, 2048).public_key()
    body = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    ssh = iam.upload_ssh_public_key(UserName=user, SSHPublicKeyBody=body)["SSHPublicKey"]["SSHPublicKeyId"]
    iam.update_ssh_public_key(UserName=user, SSHPublicKeyId=ssh, Status="Inactive")
    assert iam.list_ssh_public_keys(UserName=user)["SSHPublicKeys"][0]["Status"] == "Inactive"
    missing = {"UserName": user, "Status": "Active"}
    assert refusal(iam.update_ssh_public_key, **missing, SSHPublicKeyId=f"{ssh[:-3]}ZZZ")[0] == "NoSuchEntity"
    signing = iam.upload_signing_certificate(UserName=user, CertificateBody=certificate()[0])["Certificate"]
    iam.update_signing_certificate(UserName=user, CertificateId=signing["CertificateId"], Status="Inactive")
    assert iam.list_signing_certificates(UserName=user)["Certificates"][0]["Status"] == "Inactive"
    assert refusal(iam.update_signing_certificate, **missing, CertificateId="X" * 24)[0] == "NoSuchEntity"
    wrong = {"UserName": user, "CertificateId": signing["CertificateId"], "Status": "Off"}
    assert refusal(iam.update_signing_certificate, **wrong)[0] == "ValidationError"


def test_service_specific_credentials_come_in_pages(iam, user):
    made = [
        iam.create_service_specific_credential(UserName=user, ServiceName=f"{service}.amazonaws.com")
        for service in ("codecommit", "cassandra", "codecommit")
    ]
    ids = [one["ServiceSpecificCredential"]["ServiceSpecificCredentialId"] for one in made]
    first = iam.list_service_specific_credentials(UserName=user, MaxItems=2)
    assert first["IsTruncated"] is True
    rest = iam.list_service_specific_credentials(UserName=user, MaxItems=2, Marker=first["Marker"])
    found = first["ServiceSpecificCredentials"] + rest["ServiceSpecificCredentials"]
    assert ([one["ServiceSpecificCredentialId"] for one in found], "IsTruncated" in rest) == (ids, False)
    listed = iam.list_service_specific_credentials
    some = {"UserName": user, "ServiceName": "codecommit.amazonaws.com", "MaxItems": 1}
    marker = listed(**some)["Marker"]
    (last,) = listed(**some, Marker=marker)["ServiceSpecificCredentials"]
    assert last["ServiceSpecificCredentialId"] == ids[2]
    assert refusal(listed, UserName=user, Marker="?") == ("ValidationError", "Invalid Marker.")
