"""Users, groups, keys, passwords and devices, as boto3 sees them."""

from __future__ import annotations

import csv
import hmac
from base64 import b32decode

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.services.iam.conftest import ALLOW
from tests.services.iam.test_roles import refusal

_PASSWORD = "Correct-horse-7"


@pytest.fixture
def as_user(iam, aws, user):
    """`as_user("sts")`: a client with a fresh access key of the user."""

    def client(service):
        key = iam.create_access_key(UserName=user)["AccessKey"]
        return aws(service, aws_access_key_id=key["AccessKeyId"])

    return client


def test_renamed_user_keeps_what_it_has(iam, user):
    iam.put_user_policy(UserName=user, PolicyName="one", PolicyDocument=ALLOW)
    before = iam.get_user(UserName=user)["User"]
    iam.update_user(UserName=user, NewUserName="Beth", NewPath="/staff/")
    after = iam.get_user(UserName="beth")["User"]
    assert (after["UserName"], after["UserId"], after["Path"]) == ("Beth", before["UserId"], "/staff/")
    assert after["Arn"].endswith(":user/staff/Beth")
    assert iam.list_user_policies(UserName="Beth")["PolicyNames"] == ["one"]
    assert refusal(iam.get_user, UserName=user) == ("NoSuchEntity", "The user with name ann cannot be found.")
    iam.create_user(UserName="cy")
    assert refusal(iam.update_user, UserName="cy", NewUserName="beth")[0] == "EntityAlreadyExists"


def test_user_is_deleted_only_when_nothing_hangs_on_it(iam, user, policy):
    key = iam.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"]
    iam.create_login_profile(UserName=user, Password=_PASSWORD)
    iam.attach_user_policy(UserName=user, PolicyArn=policy)
    iam.create_group(GroupName="team")
    iam.add_user_to_group(GroupName="team", UserName=user)
    conflicts = []
    for undo in (
        lambda: iam.delete_login_profile(UserName=user),
        lambda: iam.delete_access_key(UserName=user, AccessKeyId=key),
        lambda: iam.detach_user_policy(UserName=user, PolicyArn=policy),
        lambda: iam.remove_user_from_group(GroupName="team", UserName=user),
    ):
        conflicts.append(refusal(iam.delete_user, UserName=user)[1])
        undo()
    assert conflicts == [
        "Cannot delete entity, must delete login profile first.",
        "Cannot delete entity, must delete access keys first.",
        "Cannot delete entity, must detach all policies first.",
        "Cannot delete entity, must remove users from group first.",
    ]
    iam.delete_user(UserName=user)


def test_groups(iam, user):
    iam.create_group(GroupName="team", Path="/a/")
    iam.add_user_to_group(GroupName="team", UserName=user)
    iam.add_user_to_group(GroupName="team", UserName=user)
    assert [one["UserName"] for one in iam.get_group(GroupName="team")["Users"]] == [user]
    assert [one["GroupName"] for one in iam.list_groups_for_user(UserName=user)["Groups"]] == ["team"]
    assert refusal(iam.delete_group, GroupName="team") == (
        "DeleteConflict",
        "Cannot delete entity, must remove users from group first.",
    )
    iam.update_group(GroupName="team", NewGroupName="crew")
    assert [one["GroupName"] for one in iam.list_groups_for_user(UserName=user)["Groups"]] == ["crew"]
    iam.remove_user_from_group(GroupName="crew", UserName=user)
    iam.delete_group(GroupName="crew")
    assert iam.list_groups()["Groups"] == []


def test_user_may_be_in_ten_groups(iam, user):
    for number in range(11):
        iam.create_group(GroupName=f"team{number}")
    for number in range(10):
        iam.add_user_to_group(GroupName=f"team{number}", UserName=user)
    assert refusal(iam.add_user_to_group, GroupName="team10", UserName=user) == (
        "LimitExceeded",
        "Cannot exceed quota for GroupsPerUser: 10",
    )


def test_access_key_names_its_user_and_account(iam, user, as_user, account):
    sts = as_user("sts")
    seen = sts.get_caller_identity()
    shown = iam.get_user(UserName=user)["User"]
    assert (seen["Account"], seen["Arn"], seen["UserId"]) == (account, shown["Arn"], shown["UserId"])


def test_user_asks_about_itself(iam, user, as_user):
    own = as_user("iam")
    assert own.get_user()["User"]["UserName"] == user
    assert [key["UserName"] for key in own.list_access_keys()["AccessKeyMetadata"]] == [user]


def test_account_asks_about_itself(iam, account):
    assert iam.get_user()["User"]["Arn"] == f"arn:aws:iam::{account}:root"
    assert refusal(iam.create_access_key) == (
        "ValidationError",
        "Must specify userName when calling with non-User credentials",
    )


def test_two_access_keys(iam, user):
    one, two = (iam.create_access_key(UserName=user)["AccessKey"] for _ in range(2))
    assert refusal(iam.create_access_key, UserName=user) == (
        "LimitExceeded",
        "Cannot exceed quota for AccessKeysPerUser: 2",
    )
    iam.update_access_key(UserName=user, AccessKeyId=one["AccessKeyId"], Status="Inactive")
    listed = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
    assert [(key["AccessKeyId"], key["Status"]) for key in listed] == [
        (one["AccessKeyId"], "Inactive"),
        (two["AccessKeyId"], "Active"),
    ]
    assert iam.get_access_key_last_used(AccessKeyId=two["AccessKeyId"])["UserName"] == user
    assert refusal(iam.delete_access_key, UserName=user, AccessKeyId="AKIAAAAAAAAAAAAAAAAA") == (
        "NoSuchEntity",
        "The Access Key with id AKIAAAAAAAAAAAAAAAAA cannot be found.",
    )


def test_passwords(iam, user, as_user):
    assert refusal(iam.create_login_profile, UserName=user, Password="short")[0] == "PasswordPolicyViolation"
    made = iam.create_login_profile(UserName=user, Password=_PASSWORD, PasswordResetRequired=True)["LoginProfile"]
    assert (made["UserName"], made["PasswordResetRequired"]) == (user, True)
    assert refusal(iam.create_login_profile, UserName=user, Password=_PASSWORD)[0] == "EntityAlreadyExists"
    own = as_user("iam")
    assert refusal(own.change_password, OldPassword="wrong", NewPassword="Other-horse-8")[0] == "InvalidUserType"
    own.change_password(OldPassword=_PASSWORD, NewPassword="Other-horse-8")
    assert iam.get_login_profile(UserName=user)["LoginProfile"]["PasswordResetRequired"] is False
    iam.delete_login_profile(UserName=user)
    assert refusal(iam.get_login_profile, UserName=user) == (
        "NoSuchEntity",
        "Login Profile for User ann cannot be found.",
    )


def test_password_policy(iam, user, account, as_user):
    assert refusal(iam.get_account_password_policy) == (
        "NoSuchEntity",
        f"The Password Policy with domain name {account} cannot be found.",
    )
    iam.update_account_password_policy(MinimumPasswordLength=12, RequireSymbols=True, PasswordReusePrevention=1)
    rules = iam.get_account_password_policy()["PasswordPolicy"]
    assert (rules["MinimumPasswordLength"], rules["RequireNumbers"], rules["ExpirePasswords"]) == (12, False, False)
    assert refusal(iam.create_login_profile, UserName=user, Password="Short-1") == (
        "PasswordPolicyViolation",
        "Password should have a minimum length of 12",
    )
    assert refusal(iam.create_login_profile, UserName=user, Password="NoSymbolAtAll123") == (
        "PasswordPolicyViolation",
        "Password should have at least one symbol",
    )
    iam.create_login_profile(UserName=user, Password=_PASSWORD)
    own = as_user("iam")
    used = refusal(own.change_password, OldPassword=_PASSWORD, NewPassword=_PASSWORD)
    assert used[0] == "PasswordPolicyViolation"
    iam.delete_account_password_policy()
    assert refusal(iam.delete_account_password_policy)[0] == "NoSuchEntity"


def code(seed, step):
    digest = hmac.digest(b32decode(seed), step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset : offset + 4], 'big') & 0x7FFFFFFF) % 10**6:06d}"


def test_mfa_device(iam, user):
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone", Path="/p/")["VirtualMFADevice"]
    serial = made["SerialNumber"]
    step = int(iam.get_user(UserName=user)["User"]["CreateDate"].timestamp()) // 30
    wrong = {"AuthenticationCode1": "000000", "AuthenticationCode2": "000001"}
    which = {"UserName": user, "SerialNumber": serial}
    assert refusal(iam.enable_mfa_device, **which, **wrong)[0] == "InvalidAuthenticationCode"
    seed = made["Base32StringSeed"]
    right = {"AuthenticationCode1": code(seed, step), "AuthenticationCode2": code(seed, step + 1)}
    iam.enable_mfa_device(**which, **right)
    assert [one["SerialNumber"] for one in iam.list_mfa_devices(UserName=user)["MFADevices"]] == [serial]
    assert refusal(iam.delete_virtual_mfa_device, SerialNumber=serial) == (
        "DeleteConflict",
        "MFA VirtualDevice in use. Must deactivate first.",
    )
    assert len(iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]) == 1
    iam.deactivate_mfa_device(**which)
    assert iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"] == []
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    assert refusal(iam.get_mfa_device, SerialNumber=serial)[0] == "NoSuchEntity"


def test_ssh_key(iam, user):
    key = rsa.generate_private_key(65537, 2048).public_key()
    body = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    made = iam.upload_ssh_public_key(UserName=user, SSHPublicKeyBody=body)["SSHPublicKey"]
    which = {"UserName": user, "SSHPublicKeyId": made["SSHPublicKeyId"]}
    pem = iam.get_ssh_public_key(**which, Encoding="PEM")["SSHPublicKey"]["SSHPublicKeyBody"]
    assert pem == key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode().strip()
    assert refusal(iam.upload_ssh_public_key, UserName=user, SSHPublicKeyBody=body)[0] == "DuplicateSSHPublicKey"
    assert refusal(iam.upload_ssh_public_key, UserName=user, SSHPublicKeyBody="no key")[0] == "InvalidPublicKey"
    iam.delete_ssh_public_key(**which)
    assert iam.list_ssh_public_keys(UserName=user)["SSHPublicKeys"] == []


def test_credential_report(iam, user):
    iam.create_access_key(UserName=user)
    assert refusal(iam.get_credential_report)[0] == "ReportNotPresent"
    assert iam.generate_credential_report()["State"] == "STARTED"
    report = iam.get_credential_report()["Content"].decode()
    root, line = csv.DictReader(report.splitlines())
    assert (root["user"], line["user"], line["access_key_1_active"]) == ("<root_account>", user, "true")
