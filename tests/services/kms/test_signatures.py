"""Operations that sign and verify, and those on public keys, as boto3 sees them."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding

from tests.services.kms.test_encryption import code
from undercast.services.kms.model import ALGORITHMS

SIGNING = [
    (spec, algorithm)
    for spec, usages in ALGORITHMS.items()
    for algorithm in usages.get("SIGN_VERIFY", ())
    if spec not in ("RSA_3072", "RSA_4096")
]


@pytest.mark.parametrize("spec, algorithm", SIGNING)
def test_signed_and_verified(kms, make_key, spec, algorithm):
    key = make_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyId"]
    message = {"KeyId": key, "SigningAlgorithm": algorithm, "Message": b"message"}
    signature = kms.sign(**message)["Signature"]
    assert kms.verify(**message, Signature=signature)["SignatureValid"] is True
    digest = hashlib.new(algorithm[-7:].replace("_", ""), b"message").digest()
    prehashed = {**message, "Message": digest, "MessageType": "DIGEST"}
    assert kms.verify(**prehashed, Signature=signature)["SignatureValid"] is True
    assert kms.verify(**message, Signature=kms.sign(**prehashed)["Signature"])["SignatureValid"] is True
    for wrong in ({"Message": b"other"}, {"Signature": bytes(len(signature))}):
        refused = code(kms.verify, **{**message, "Signature": signature, **wrong})
        assert refused == "KMSInvalidSignatureException"


def test_signatures_are_good_elsewhere(kms, make_key):
    made = make_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    signed = kms.sign(KeyId=made["Arn"], Message=b"m", SigningAlgorithm="RSASSA_PSS_SHA_256")
    shown = kms.get_public_key(KeyId=made["KeyId"])
    assert shown["SigningAlgorithms"] == made["SigningAlgorithms"] and "EncryptionAlgorithms" not in shown
    public = serialization.load_der_public_key(shown["PublicKey"])
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    public.verify(signed["Signature"], b"m", pss, hashes.SHA256())


def test_signing_refusals(kms, key, make_key):
    signer = make_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyId"]
    request = {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
    assert code(kms.sign, KeyId=key, **request) == "InvalidKeyUsageException"
    assert code(kms.encrypt, KeyId=signer, Plaintext=b"x") == "InvalidKeyUsageException"
    wrong = {**request, "SigningAlgorithm": "ECDSA_SHA_384"}
    assert code(kms.sign, KeyId=signer, **wrong) == "InvalidKeyUsageException"
    assert code(kms.sign, KeyId=signer, MessageType="DIGEST", **request) == "ValidationException"
    assert code(kms.get_public_key, KeyId=key) == "UnsupportedOperationException"


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"])
def test_both_sides_derive_the_same_secret(kms, make_key, spec):
    made = make_key(KeySpec=spec, KeyUsage="KEY_AGREEMENT")
    public = serialization.load_der_public_key(kms.get_public_key(KeyId=made["KeyId"])["PublicKey"])
    ours = ec.generate_private_key(public.curve)
    der = ours.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    request = {"KeyId": made["KeyId"], "KeyAgreementAlgorithm": "ECDH"}
    assert kms.derive_shared_secret(**request, PublicKey=der)["SharedSecret"] == ours.exchange(ec.ECDH(), public)
    assert code(kms.derive_shared_secret, **request, PublicKey=b"nonsense") == "ValidationException"
