"""Operations on keys, aliases, grants, policies, rotation and imports, as boto3 sees them."""

from __future__ import annotations

import json
import os
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from tests.services.kms.test_encryption import code


def idle(undercast):
    undercast.run(undercast.platform.jobs.idle())


def test_key_is_deleted_after_its_window(kms, key, clock, undercast):
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    answer = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert (answer["KeyState"], answer["PendingWindowInDays"]) == ("PendingDeletion", 7)
    shown = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (shown["KeyState"], shown["DeletionDate"]) == ("PendingDeletion", answer["DeletionDate"])
    assert code(kms.enable_key, KeyId=key) == "KMSInvalidStateException"
    clock.advance(days=7, seconds=1)
    idle(undercast)
    assert code(kms.describe_key, KeyId=key) == "NotFoundException"
    assert code(kms.decrypt, CiphertextBlob=blob) == "InvalidCiphertextException"


def test_cancelled_deletion(kms, key, clock, undercast):
    kms.schedule_key_deletion(KeyId=key)
    kms.cancel_key_deletion(KeyId=key)
    clock.advance(days=31)
    idle(undercast)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    assert code(kms.cancel_key_deletion, KeyId=key) == "KMSInvalidStateException"
    assert code(kms.schedule_key_deletion, KeyId=key, PendingWindowInDays=6) == "ValidationException"


@pytest.mark.parametrize(
    "options, refusal",
    [
        ({"KeySpec": "RSA_2048", "KeyUsage": "GENERATE_VERIFY_MAC"}, "ValidationException"),
        ({"KeySpec": "ECC_SECG_P256K1", "KeyUsage": "KEY_AGREEMENT"}, "ValidationException"),
        ({"Policy": "nonsense"}, "MalformedPolicyDocumentException"),
        ({"MultiRegion": True}, "NotImplemented"),
        ({"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"}, "NotImplemented"),
        ({"Origin": "AWS_CLOUDHSM"}, "NotImplemented"),
    ],
)
def test_create_refusals(kms, options, refusal):
    assert code(kms.create_key, **options) == refusal
    assert kms.list_keys()["Keys"] == []


def test_keys_in_pages(kms, make_key):
    made = {make_key()["KeyId"] for _ in range(5)}
    pages = list(kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["Keys"]) for page in pages] == [2, 2, 1]
    assert {key["KeyId"] for page in pages for key in page["Keys"]} == made
    assert code(kms.list_keys, Marker="nonsense!") == "InvalidMarkerException"


def test_aliases(kms, make_key, account, region):
    first, second = make_key()["KeyId"], make_key()["KeyId"]
    kms.create_alias(AliasName="alias/app", TargetKeyId=first)
    assert code(kms.create_alias, AliasName="alias/app", TargetKeyId=second) == "AlreadyExistsException"
    assert code(kms.create_alias, AliasName="alias/aws/mine", TargetKeyId=second) == "NotAuthorizedException"
    arn = f"arn:aws:kms:{region}:{account}:alias/app"
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyId"] == first
    kms.update_alias(AliasName="alias/app", TargetKeyId=second)
    assert kms.describe_key(KeyId="alias/app")["KeyMetadata"]["KeyId"] == second
    mac = make_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyId"]
    assert code(kms.update_alias, AliasName="alias/app", TargetKeyId=mac) == "ValidationException"
    assert kms.list_aliases(KeyId=first)["Aliases"] == []
    assert kms.list_aliases(KeyId=second)["Aliases"][0]["AliasArn"] == arn
    assert code(kms.disable_key, KeyId="alias/app") == "NotFoundException"
    kms.delete_alias(AliasName="alias/app")
    assert code(kms.delete_alias, AliasName="alias/app") == "NotFoundException"
    assert code(kms.describe_key, KeyId="alias/app") == "NotFoundException"


def test_policies(kms, key, account):
    statement = json.loads(kms.get_key_policy(KeyId=key)["Policy"])["Statement"][0]
    assert statement["Principal"] == {"AWS": f"arn:aws:iam::{account}:root"}
    kms.put_key_policy(KeyId=key, Policy='{"Statement": []}')
    assert kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"] == '{"Statement": []}'
    assert kms.list_key_policies(KeyId=key)["PolicyNames"] == ["default"]
    assert code(kms.put_key_policy, KeyId=key, Policy="{") == "MalformedPolicyDocumentException"
    assert code(kms.get_key_policy, KeyId=key, PolicyName="other") == "NotFoundException"


def test_grants(kms, key):
    request = {"KeyId": key, "GranteePrincipal": "arn:aws:iam::111111111111:role/r", "Operations": ["Encrypt"]}
    named = kms.create_grant(**request, Name="one", RetiringPrincipal="arn:aws:iam::111111111111:role/q")
    again = kms.create_grant(**request, Name="one", RetiringPrincipal="arn:aws:iam::111111111111:role/q")
    assert again["GrantId"] == named["GrantId"]
    other = kms.create_grant(**request, Constraints={"EncryptionContextSubset": {"a": "b"}})
    assert len(kms.list_grants(KeyId=key)["Grants"]) == 2
    (shown,) = kms.list_grants(KeyId=key, GrantId=other["GrantId"])["Grants"]
    assert shown["Constraints"] == {"EncryptionContextSubset": {"a": "b"}}
    pages = kms.get_paginator("list_grants").paginate(KeyId=key, PaginationConfig={"PageSize": 1})
    assert [len(page["Grants"]) for page in pages] == [1, 1]
    retirable = kms.list_retirable_grants(RetiringPrincipal="arn:aws:iam::111111111111:role/q")["Grants"]
    assert [grant["GrantId"] for grant in retirable] == [named["GrantId"]]
    kms.retire_grant(GrantToken=named["GrantToken"])
    kms.revoke_grant(KeyId=key, GrantId=other["GrantId"])
    assert kms.list_grants(KeyId=key)["Grants"] == []
    assert code(kms.revoke_grant, KeyId=key, GrantId=other["GrantId"]) == "NotFoundException"


def test_tags(kms, key):
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": "2"}])
    kms.untag_resource(KeyId=key, TagKeys=["a"])
    assert kms.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "b", "TagValue": "2"}]


def test_automatic_rotation(kms, key, clock, undercast):
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    first = kms.get_key_rotation_status(KeyId=key)["NextRotationDate"]
    clock.advance(days=90, seconds=1)
    idle(undercast)
    (rotation,) = kms.list_key_rotations(KeyId=key)["Rotations"]
    assert rotation["RotationType"] == "AUTOMATIC"
    following = kms.get_key_rotation_status(KeyId=key)["NextRotationDate"]
    assert timedelta(days=90) <= following - first < timedelta(days=90, minutes=5)
    opened = kms.decrypt(CiphertextBlob=blob)
    assert opened["Plaintext"] == b"x"
    assert opened["KeyMaterialId"] != kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
    kms.disable_key_rotation(KeyId=key)
    clock.advance(days=91)
    idle(undercast)
    assert len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 1
    everything = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    assert [material["KeyMaterialState"] for material in everything] == ["NON_CURRENT", "CURRENT"]


def test_on_demand_rotations_have_a_limit(kms, key):
    for _ in range(25):
        kms.rotate_key_on_demand(KeyId=key)
    assert code(kms.rotate_key_on_demand, KeyId=key) == "LimitExceededException"


def test_imported_material(kms, make_key, import_material, clock, undercast):
    key = make_key(Origin="EXTERNAL")["KeyId"]
    content = os.urandom(32)
    assert code(import_material, key_id=key, content=content, token=b"nonsense") == "InvalidImportTokenException"
    assert code(import_material, key_id=key, content=b"short") == "ValidationException"
    import_material(key, content, "RSA_AES_KEY_WRAP_SHA_1")
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert code(import_material, key_id=key, content=os.urandom(32)) == "IncorrectKeyMaterialException"
    kms.delete_imported_key_material(KeyId=key)
    assert code(kms.decrypt, CiphertextBlob=blob) == "KMSInvalidStateException"
    until = kms.describe_key(KeyId=key)["KeyMetadata"]["CreationDate"] + timedelta(days=400)
    import_material(key, content, ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=until)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["ValidTo"] == until
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    clock.advance(days=401)
    idle(undercast)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingImport"
    assert code(kms.enable_key_rotation, KeyId=key) == "KMSInvalidStateException"


def test_import_is_for_external_keys(kms, key):
    request = {"KeyId": key, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
    assert code(kms.get_parameters_for_import, **request) == "UnsupportedOperationException"
    assert code(kms.delete_imported_key_material, KeyId=key) == "UnsupportedOperationException"


def test_description_is_changed(kms, key):
    kms.update_key_description(KeyId=key, Description="new")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == "new"
    kms.update_key_description(KeyId=key, Description="")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == ""
    for id, wanted in ((f"{key[:-4]}0000", "NotFoundException"), (key, "KMSInvalidStateException")):
        if id == key:
            kms.schedule_key_deletion(KeyId=key)
        with pytest.raises(ClientError) as refused:
            kms.update_key_description(KeyId=id, Description="x")
        assert refused.value.response["Error"]["Code"] == wanted


def test_grants_are_retired_by_key_and_id(kms, key, make_key):
    """The API reference: "the key ARN" of the key; its id is taken too."""
    request = {"GranteePrincipal": "arn:aws:iam::111111111111:role/r", "Operations": ["Encrypt"]}
    first, second = (kms.create_grant(KeyId=key, **request)["GrantId"] for _ in range(2))
    other = make_key()["Arn"]
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.retire_grant(KeyId=other, GrantId=first)
    with pytest.raises(ClientError, match="DryRunOperation"):
        kms.retire_grant(KeyId=key, GrantId=first, DryRun=True)
    kms.retire_grant(KeyId=key, GrantId=first)
    assert [grant["GrantId"] for grant in kms.list_grants(KeyId=key)["Grants"]] == [second]
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.retire_grant(KeyId=key, GrantId=first)
    with pytest.raises(ClientError, match="ValidationException"):
        kms.retire_grant(KeyId=key)


def test_grants_that_a_service_may_retire(kms, key):
    request = {"KeyId": key, "Operations": ["Encrypt"], "GranteePrincipal": "arn:aws:iam::111111111111:role/r"}
    person = "arn:aws:iam::111111111111:role/q"
    service = kms.create_grant(**request, RetiringServicePrincipal="rds.us-east-1.amazonaws.com")["GrantId"]
    kms.create_grant(**request, RetiringPrincipal=person)
    found = kms.list_retirable_grants(RetiringServicePrincipal="rds.us-east-1.amazonaws.com")["Grants"]
    assert [grant["GrantId"] for grant in found] == [service]
    assert found[0]["RetiringServicePrincipal"] == "rds.us-east-1.amazonaws.com"
    for wrong in ({}, {"RetiringPrincipal": person, "RetiringServicePrincipal": "rds.amazonaws.com"}):
        with pytest.raises(ClientError, match="ValidationException"):
            kms.list_retirable_grants(**wrong)
