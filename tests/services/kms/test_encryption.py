"""Operations that encrypt, decrypt and make data keys, as boto3 sees them."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from undercast.services.kms.model import read_ciphertext


def code(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


def test_what_is_encrypted_is_decrypted(kms, make_key):
    made = make_key()
    sealed = kms.encrypt(KeyId=made["KeyId"], Plaintext=b"text", EncryptionContext={"b": "2", "a": "1"})
    assert b"text" not in sealed["CiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext={"a": "1", "b": "2"})
    assert (opened["Plaintext"], opened["KeyId"]) == (b"text", made["Arn"])
    assert opened["KeyMaterialId"] == made["CurrentKeyMaterialId"]


def test_ciphertext_that_was_changed_is_refused(kms, key):
    blob = kms.encrypt(KeyId=key, Plaintext=b"text")["CiphertextBlob"]
    for place in (0, 3, 10, 25, len(blob) - 1):
        changed = bytearray(blob)
        changed[place] ^= 1
        assert code(kms.decrypt, CiphertextBlob=bytes(changed)) == "InvalidCiphertextException"
    assert code(kms.decrypt, CiphertextBlob=blob[:20]) == "InvalidCiphertextException"


def test_wrong_context_or_key(kms, key, make_key):
    blob = kms.encrypt(KeyId=key, Plaintext=b"text", EncryptionContext={"a": "1"})["CiphertextBlob"]
    assert code(kms.decrypt, CiphertextBlob=blob, EncryptionContext={"a": "2"}) == "InvalidCiphertextException"
    other = make_key()["KeyId"]
    context = {"EncryptionContext": {"a": "1"}}
    assert code(kms.decrypt, CiphertextBlob=blob, KeyId=other, **context) == "IncorrectKeyException"
    assert kms.decrypt(CiphertextBlob=blob, KeyId=key, **context)["Plaintext"] == b"text"


def test_another_region_or_account(kms, key, aws, make_key):
    blob = kms.encrypt(KeyId=key, Plaintext=b"text")["CiphertextBlob"]
    assert code(aws("kms", region_name="eu-west-1").decrypt, CiphertextBlob=blob) == "InvalidCiphertextException"
    arn = make_key()["Arn"]
    other = aws("kms", account="000000000888")
    theirs = other.encrypt(KeyId=arn, Plaintext=b"shared")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=theirs)["Plaintext"] == b"shared"
    assert other.decrypt(CiphertextBlob=theirs)["KeyId"] == arn


def test_key_that_is_not_usable(kms, key):
    blob = kms.encrypt(KeyId=key, Plaintext=b"text")["CiphertextBlob"]
    kms.disable_key(KeyId=key)
    assert code(kms.encrypt, KeyId=key, Plaintext=b"x") == "DisabledException"
    assert code(kms.decrypt, CiphertextBlob=blob) == "DisabledException"
    kms.enable_key(KeyId=key)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert code(kms.decrypt, CiphertextBlob=blob) == "KMSInvalidStateException"
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"text"


def test_rsa_encryption(kms, make_key):
    key = make_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyId"]
    for algorithm in ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"):
        blob = kms.encrypt(KeyId=key, Plaintext=b"text", EncryptionAlgorithm=algorithm)["CiphertextBlob"]
        opened = kms.decrypt(KeyId=key, CiphertextBlob=blob, EncryptionAlgorithm=algorithm)
        assert opened["Plaintext"] == b"text"
        assert "KeyMaterialId" not in opened
        other = {"RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"} - {algorithm}
        refused = code(kms.decrypt, KeyId=key, CiphertextBlob=blob, EncryptionAlgorithm=other.pop())
        assert refused == "InvalidCiphertextException"
    sha256 = {"KeyId": key, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    kms.encrypt(**sha256, Plaintext=b"x" * 190)
    with pytest.raises(ClientError, match="RSA_2048 cannot encrypt data larger than 190 bytes"):
        kms.encrypt(**sha256, Plaintext=b"x" * 191)
    assert code(kms.encrypt, **sha256, Plaintext=b"x", EncryptionContext={"a": "b"}) == "ValidationException"
    assert code(kms.encrypt, KeyId=key, Plaintext=b"x") == "InvalidKeyUsageException"


def test_data_keys(kms, key):
    for options, size in (({"KeySpec": "AES_256"}, 32), ({"KeySpec": "AES_128"}, 16), ({"NumberOfBytes": 100}, 100)):
        assert len(kms.generate_data_key(KeyId=key, **options)["Plaintext"]) == size
        blob = kms.generate_data_key_without_plaintext(KeyId=key, **options)
        assert "Plaintext" not in blob
        assert len(kms.decrypt(CiphertextBlob=blob["CiphertextBlob"])["Plaintext"]) == size
    assert code(kms.generate_data_key, KeyId=key) == "ValidationException"
    assert code(kms.generate_data_key, KeyId=key, KeySpec="AES_256", NumberOfBytes=1) == "ValidationException"


def test_data_key_pairs(kms, key, make_key):
    for spec in ("ECC_NIST_P256", "ECC_SECG_P256K1"):
        pair = kms.generate_data_key_pair_without_plaintext(KeyId=key, KeyPairSpec=spec)
        assert "PrivateKeyPlaintext" not in pair and pair["PublicKey"]
    rsa = make_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyId"]
    assert code(kms.generate_data_key_pair, KeyId=rsa, KeyPairSpec="ECC_NIST_P256") == "InvalidKeyUsageException"


def test_dry_runs(kms, key):
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    for call, arguments in (
        (kms.encrypt, {"KeyId": key, "Plaintext": b"x"}),
        (kms.decrypt, {"CiphertextBlob": blob}),
        (kms.generate_data_key, {"KeyId": key, "KeySpec": "AES_256"}),
        (kms.re_encrypt, {"DestinationKeyId": key, "CiphertextBlob": blob}),
    ):
        assert code(call, **arguments, DryRun=True) == "DryRunOperationException"
    kms.disable_key(KeyId=key)
    assert code(kms.encrypt, KeyId=key, Plaintext=b"x", DryRun=True) == "DisabledException"


def test_keys_of_awss_services_are_made_on_first_use(kms):
    blob = kms.encrypt(KeyId="alias/aws/ssm", Plaintext=b"x")["CiphertextBlob"]
    shown = kms.describe_key(KeyId="alias/aws/ssm")["KeyMetadata"]
    assert shown["KeyManager"] == "AWS"
    assert kms.decrypt(CiphertextBlob=blob)["KeyId"] == shown["Arn"]
    assert code(kms.disable_key, KeyId=shown["KeyId"]) == "AccessDeniedException"
    assert code(kms.describe_key, KeyId="alias/aws/nonsense") == "NotFoundException"
    (alias,) = kms.list_aliases()["Aliases"]
    assert (alias["AliasName"], alias["TargetKeyId"]) == ("alias/aws/ssm", shown["KeyId"])


def test_random_bytes(kms):
    first, second = (kms.generate_random(NumberOfBytes=64)["Plaintext"] for _ in range(2))
    assert len(first) == 64 and first != second


def test_ciphertext_names_its_key(kms, make_key, account, region):
    made = make_key()
    found = read_ciphertext(kms.encrypt(KeyId=made["KeyId"], Plaintext=b"x")["CiphertextBlob"])
    assert (found.account, found.region, found.key_id, found.seq) == (account, region, made["KeyId"], 1)


def test_on_postgres(on_postgres, aws):
    kms = aws("kms", endpoint_url=on_postgres.url)
    key = kms.create_key(KeySpec="SYMMETRIC_DEFAULT")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/one", TargetKeyId=key)
    blob = kms.encrypt(KeyId="alias/one", Plaintext=b"text")["CiphertextBlob"]
    kms.rotate_key_on_demand(KeyId=key)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"text"
    kms.encrypt(KeyId="alias/aws/s3", Plaintext=b"text")
    assert len(kms.list_keys(Limit=1)["Keys"]) == 1
    grant = kms.create_grant(KeyId=key, GranteePrincipal="a", RetiringPrincipal="b", Operations=["Encrypt"])
    assert len(kms.list_retirable_grants(RetiringPrincipal="b")["Grants"]) == 1
    kms.retire_grant(GrantToken=grant["GrantToken"])
    assert kms.list_grants(KeyId=key)["Grants"] == []
