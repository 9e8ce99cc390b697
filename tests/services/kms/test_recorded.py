"""What AWS answered, case by case."""

from __future__ import annotations

import os

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.recorded import recorded

CASE = "kms::TestKMS::"
KEYS = "kms::TestKMSGenerateKeys::"
# AWS tells these since June 2025; the case is older.
NEWER = ("KeyMaterialId", "SourceKeyMaterialId", "DestinationKeyMaterialId")
SIZES = ("224", "256", "384", "512")


def refusal(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value


@pytest.fixture
def unchecked(aws):
    """A client that sends what its model forbids."""
    return aws("kms", config=Config(parameter_validation=False))


def private_bytes(key):
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def test_create_alias(kms, key):
    recorded(CASE + "test_create_alias").check(
        "create_alias", refusal(kms.create_alias, AliasName="alias-name", TargetKeyId=key)
    )


@pytest.mark.parametrize(
    "name, tag",
    [("lowercase_prefix", "aws:key1"), ("uppercase_prefix", "AWS:key1"), ("too_long_key", "a" * 129)],
)
def test_create_key_with_invalid_tag_key(unchecked, name, tag):
    refused = refusal(unchecked.create_key, Tags=[{"TagKey": tag, "TagValue": "v"}])
    recorded(f"{CASE}test_create_key_with_invalid_tag_key[{name}]").check("invalid-tag-key", refused)


@pytest.mark.parametrize("size", SIZES)
def test_generate_and_verify_mac(kms, make_key, size):
    spec, algorithm = f"HMAC_{size}", f"HMAC_SHA_{size}"
    case = recorded(f"{CASE}test_generate_and_verify_mac[{spec}-{algorithm}]")
    key = make_key(KeySpec=spec, KeyUsage="GENERATE_VERIFY_MAC")["KeyId"]
    message = {"Message": b"some important message", "MacAlgorithm": algorithm}
    made = kms.generate_mac(KeyId=key, **message)
    case.check("generate-mac", {**made, "Mac": made["Mac"].hex()})
    case.check("verify-mac", kms.verify_mac(KeyId=key, Mac=made["Mac"], **message))
    case.check("generate-mac-invalid-key-id", refusal(kms.generate_mac, KeyId="key_id", **message))
    case.check("verify-mac-invalid-key-id", refusal(kms.verify_mac, KeyId="key_id", Mac=made["Mac"], **message))


@pytest.mark.parametrize(
    "algorithm, message",
    [
        ("HMAC_SHA_256", "some different important message"),
        ("HMAC_SHA_512", "some important message"),
        ("INVALID", "some important message"),
    ],
)
def test_invalid_verify_mac(kms, unchecked, make_key, algorithm, message):
    case = recorded(f"{CASE}test_invalid_verify_mac[HMAC_256-{algorithm}-{message}]")
    key = make_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyId"]
    made = kms.generate_mac(KeyId=key, Message=b"some important message", MacAlgorithm="HMAC_SHA_256")
    case.check("generate-mac", {**made, "Mac": made["Mac"].hex()})
    refused = refusal(
        unchecked.verify_mac, KeyId=key, Message=message.encode(), Mac=made["Mac"], MacAlgorithm=algorithm
    )
    case.check("verify-mac", refused)


@pytest.mark.parametrize("size", [None, 0, 1025])
def test_generate_random_invalid_number_of_bytes(unchecked, size):
    arguments = {} if size is None else {"NumberOfBytes": size}
    recorded(f"{CASE}test_generate_random_invalid_number_of_bytes[{size}]").check(
        "generate-random-exc", refusal(unchecked.generate_random, **arguments)
    )


def test_get_key_in_different_region(kms, aws):
    case = recorded(CASE + "test_get_key_in_different_region")
    there = aws("kms", region_name="us-west-1")
    made = there.create_key(Description="test key 123")["KeyMetadata"]
    case.check("describe-key-same-specific-region-with-id", there.describe_key(KeyId=made["KeyId"]))
    case.check("describe-key-same-specific-region-with-arn", there.describe_key(KeyId=made["Arn"]))
    case.check("describe-key-diff-region-with-id", refusal(kms.describe_key, KeyId=made["KeyId"]))
    case.check("describe-key-diff-region-with-arn", refusal(kms.describe_key, KeyId=made["Arn"]))


def test_get_key_invalid_uuid(kms):
    case = recorded(CASE + "test_get_key_invalid_uuid")
    for step, key in (
        ("describe-key-with-invalid-uuid", "fake-key-id"),
        ("describe-key-with-invalid-uuid-2", "134f2428cec14b25a1ae9048164dba47"),
        ("describe-key-with-invalid-uuid-mrk", "mrk-fake-key-id"),
    ):
        case.check(step, refusal(kms.describe_key, KeyId=key))


def test_hmac_create_key_invalid_operations(unchecked):
    # The other two steps tell the usages and specs that there were before the model had more.
    recorded(CASE + "test_hmac_create_key_invalid_operations").check(
        "create-hmac-key-without-key-usage", refusal(unchecked.create_key, KeySpec="HMAC_256")
    )


def test_import_key_asymmetric(kms, make_key, import_material):
    case = recorded(CASE + "test_import_key_asymmetric")
    made = make_key(Origin="EXTERNAL", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY", Description="asymmetric")
    key = made["KeyId"]
    case.check("created-key", made)
    case.check("describe-key-before-import", kms.describe_key(KeyId=key))
    private = ec.generate_private_key(ec.SECP256R1())
    import_material(key, private_bytes(private))
    case.check("describe-key-after-import", kms.describe_key(KeyId=key))
    public = serialization.load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
    assert public == private.public_key()
    kms.delete_imported_key_material(KeyId=key)
    case.check("describe-key-after-deleted-import", kms.describe_key(KeyId=key))


@pytest.mark.parametrize("size", SIZES)
def test_import_key_hmac_keys(kms, make_key, import_material, size):
    case = recorded(f"{CASE}test_import_key_hmac_keys[HMAC_{size}]")
    key = make_key(
        Origin="EXTERNAL", KeySpec=f"HMAC_{size}", KeyUsage="GENERATE_VERIFY_MAC", Description="test import hmac key"
    )["KeyId"]
    case.check("describe-key-before-import", kms.describe_key(KeyId=key))
    import_material(key, os.urandom(int(size) // 8))
    case.check("describe-key-after-import", kms.describe_key(KeyId=key))
    message = {"Message": b"message", "MacAlgorithm": f"HMAC_SHA_{size}"}
    made = kms.generate_mac(KeyId=key, **message)
    case.check("generate-mac-response", {**made, "Mac": made["Mac"].hex()})
    case.check("verify-mac-response", kms.verify_mac(KeyId=key, Mac=made["Mac"], **message))
    kms.delete_imported_key_material(KeyId=key)
    case.check("describe-key-after-deleted-import", kms.describe_key(KeyId=key))


def test_import_key_rsa_aes_wrap_sha256(kms, make_key, import_material):
    case = recorded(CASE + "test_import_key_rsa_aes_wrap_sha256")
    key = make_key(Origin="EXTERNAL", KeySpec="RSA_4096", KeyUsage="ENCRYPT_DECRYPT", Description="test-key")["KeyId"]
    case.check("describe-before-import", kms.describe_key(KeyId=key))
    import_material(key, private_bytes(rsa.generate_private_key(65537, 4096)), "RSA_AES_KEY_WRAP_SHA_256")
    case.check("import-key-material-response", kms.describe_key(KeyId=key))
    kms.delete_imported_key_material(KeyId=key)
    case.check("describe-key-after-deleted-import", kms.describe_key(KeyId=key))


def test_key_rotation_updates_current_key_material_id(kms, make_key):
    case = recorded(CASE + "test_key_rotation_updates_current_key_material_id_for_aws_symmetric_keys")
    key = make_key(Description="test-key")["KeyId"]
    before = kms.describe_key(KeyId=key)
    case.check("describe-key-before-rotation", before)
    kms.rotate_key_on_demand(KeyId=key)
    after = kms.describe_key(KeyId=key)
    case.check("describe-key-after-rotation", after)
    assert before["KeyMetadata"]["CurrentKeyMaterialId"] != after["KeyMetadata"]["CurrentKeyMaterialId"]


def test_non_multi_region_keys_should_not_have_multi_region_properties(make_key):
    step = "non_multi_region_keys_should_not_have_multi_region_properties"
    recorded(f"{CASE}test_{step}").check(step, make_key(Description="test non multi region key"))


def test_plaintext_size_for_encrypt(unchecked, key):
    recorded(CASE + "test_plaintext_size_for_encrypt").check(
        "invalid-plaintext-size-encrypt", refusal(unchecked.encrypt, KeyId=key, Plaintext=b"a" * 4097)
    )


@pytest.mark.parametrize(
    "spec, algorithm", [("SYMMETRIC_DEFAULT", "SYMMETRIC_DEFAULT"), ("RSA_2048", "RSAES_OAEP_SHA_256")]
)
def test_re_encrypt(kms, make_key, spec, algorithm):
    source, target = (make_key(KeySpec=spec, KeyUsage="ENCRYPT_DECRYPT")["KeyId"] for _ in range(2))
    blob = kms.encrypt(KeyId=source, Plaintext=b"text", EncryptionAlgorithm=algorithm)["CiphertextBlob"]
    answer = kms.re_encrypt(
        SourceKeyId=source, DestinationKeyId=target, CiphertextBlob=blob,
        SourceEncryptionAlgorithm=algorithm, DestinationEncryptionAlgorithm=algorithm,
    )  # fmt: skip
    again = kms.decrypt(KeyId=target, CiphertextBlob=answer["CiphertextBlob"], EncryptionAlgorithm=algorithm)
    assert again["Plaintext"] == b"text"
    case = recorded(f"{CASE}test_re_encrypt[{spec}-{algorithm}]")
    case.check("test_re_encrypt", {**answer, "CiphertextBlob": "ciphertext-blob"}, ignore=NEWER)


def encrypted(kms, key):
    """Encrypt's answer with the blob named, as the recording has it, and the blob."""
    answer = kms.encrypt(KeyId=key, Plaintext=b"text")
    return {**answer, "CiphertextBlob": "ciphertext-blob"}, answer["CiphertextBlob"]


def test_rotate_external_key_decrypts_with_previous_material(kms, make_key, import_material):
    case = recorded(CASE + "test_rotate_key_on_demand_for_external_keys_decrypts_with_previous_material")
    made = make_key(Origin="EXTERNAL", Description="test-key")
    key = made["KeyId"]
    case.check("create-kms-external-key", made)
    case.check("import-key-material-response", import_material(key, os.urandom(32)))
    answer, blob = encrypted(kms, key)
    case.check("kms-encrypt-initial-response", answer)
    import_material(key, os.urandom(32), ImportType="NEW_KEY_MATERIAL")
    case.check("rotate-key-on-demand-response", kms.rotate_key_on_demand(KeyId=key))
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"text"


@pytest.mark.parametrize("name", ["RSA_4096", "SYMMETRIC_DEFAULT"])
def test_rotate_external_key_with_no_key_material(kms, make_key, name):
    case = recorded(f"{CASE}test_rotate_key_on_demand_on_external_key_with_no_key_material[{name}]")
    made = make_key(Origin="EXTERNAL", Description="test-key")
    case.check("create-kms-external-key", made)
    case.check(f"rotate-key-on-demand-error-response-{name}", refusal(kms.rotate_key_on_demand, KeyId=made["KeyId"]))


def test_rotate_on_demand_disabled(kms, key):
    kms.disable_key(KeyId=key)
    recorded(CASE + "test_rotate_key_on_demand_raises_error_given_key_is_disabled").check(
        "error-response", refusal(kms.rotate_key_on_demand, KeyId=key)
    )


def test_rotate_on_demand_non_symmetric(kms, make_key):
    key = make_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyId"]
    recorded(CASE + "test_rotate_key_on_demand_raises_error_given_non_symmetric_key").check(
        "error-response", refusal(kms.rotate_key_on_demand, KeyId=key)
    )


def test_rotate_updates_current_material_of_external_keys(kms, make_key, import_material):
    case = recorded(CASE + "test_rotate_key_on_demand_updates_current_key_material_for_external_keys")
    made = make_key(Origin="EXTERNAL", Description="test-key")
    key = made["KeyId"]
    case.check("create-kms-external-key", made)
    case.check("describe-empty-key-response", kms.describe_key(KeyId=key))
    parameters = kms.get_parameters_for_import(
        KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    named = {**parameters, "ImportToken": "import-token", "PublicKey": "public-key"}
    case.check("get-import-parameters-response", named)
    case.check("import-key-material-response", import_material(key, b"1" * 32))
    case.check("describe-key-with-material-response", kms.describe_key(KeyId=key))
    case.check("kms-encrypt-initial-response", encrypted(kms, key)[0])
    new = import_material(key, b"2" * 32, ImportType="NEW_KEY_MATERIAL")
    case.check("import-new-key-material-response", new)
    case.check("describe-key-with-new-material-response", kms.describe_key(KeyId=key))
    case.check("rotate-key-on-demand-response", kms.rotate_key_on_demand(KeyId=key))
    case.check("describe-key-after-rotation", kms.describe_key(KeyId=key))
    case.check("kms-encrypt-rotated-key-response", encrypted(kms, key)[0])


def test_rotate_on_demand_with_automatic_rotation(kms, key):
    case = recorded(CASE + "test_rotate_key_on_demand_with_symmetric_key_and_automatic_rotation_enabled")
    kms.enable_key_rotation(KeyId=key)
    case.check("rotate-on-demand-response", kms.rotate_key_on_demand(KeyId=key))
    case.check("rotation-status-response-after-rotation", kms.get_key_rotation_status(KeyId=key))


def test_rotate_on_demand_returns_arn_for_key_id(kms, make_key):
    made = make_key()
    answer = kms.rotate_key_on_demand(KeyId=made["KeyId"])
    recorded(CASE + "test_rotate_on_demand_returns_arn_for_key_id").check("rotate-on-demand-aws-key", answer)
    assert answer["KeyId"] == made["Arn"]


def test_update_and_add_tags_on_tagged_key(kms, make_key):
    case = recorded(CASE + "test_update_and_add_tags_on_tagged_key")
    key = make_key(Tags=[{"TagKey": f"tag{n}", "TagValue": f"value{n}"} for n in (1, 2, 3)])["KeyId"]
    case.check("list-resource-tags", kms.list_resource_tags(KeyId=key)["Tags"])
    kms.tag_resource(
        KeyId=key,
        Tags=[
            {"TagKey": "tag2", "TagValue": "updated_value2"},
            {"TagKey": "tag4", "TagValue": "value4"},
            {"TagKey": "tag5", "TagValue": "value5"},
        ],
    )
    case.check("list-resource-tags-after-tags-updated", kms.list_resource_tags(KeyId=key)["Tags"])


def test_encryption_context_generate_data_key(kms, key):
    context = {"context-key": "context-value"}
    blob = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=context)["CiphertextBlob"]
    recorded(KEYS + "test_encryption_context_generate_data_key").check(
        "decrypt-without-encryption-context", refusal(kms.decrypt, CiphertextBlob=blob)
    )
    kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)


def test_generate_data_key(kms, key):
    answer = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    assert kms.decrypt(CiphertextBlob=answer["CiphertextBlob"])["Plaintext"] == answer["Plaintext"]
    named = {**answer, "CiphertextBlob": "ciphertext-blob", "Plaintext": "plaintext"}
    recorded(KEYS + "test_generate_data_key").check("generate-data-key-result", named, ignore=NEWER)


def test_generate_data_key_pair(kms, key):
    answer = kms.generate_data_key_pair(KeyId=key, KeyPairSpec="RSA_2048")
    private = serialization.load_der_private_key(answer["PrivateKeyPlaintext"], None)
    assert private.public_key() == serialization.load_der_public_key(answer["PublicKey"])
    decrypted = kms.decrypt(CiphertextBlob=answer["PrivateKeyCiphertextBlob"])
    assert decrypted["Plaintext"] == answer["PrivateKeyPlaintext"]
    named = {
        **answer,
        "PrivateKeyCiphertextBlob": "private-key-ciphertext-blob",
        "PrivateKeyPlaintext": "private-key-plaintext",
        "PublicKey": "public-key",
    }
    recorded(KEYS + "test_generate_data_key_pair").check("generate-data-key-pair", named, ignore=NEWER)


def test_generate_data_key_pair_dry_run(kms, key):
    refused = refusal(kms.generate_data_key_pair, KeyId=key, KeyPairSpec="RSA_2048", DryRun=True)
    recorded(KEYS + "test_generate_data_key_pair_dry_run").check("dryrun_exception", refused)
