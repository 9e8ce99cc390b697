"""A client for KMS, a symmetric key, and wrapping of material for import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import padding


@pytest.fixture
def kms(aws: Any) -> Any:
    return aws("kms")


@pytest.fixture
def make_key(kms: Any) -> Callable[..., dict[str, Any]]:
    """`make_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")` gives the metadata of a fresh key."""
    return lambda **options: kms.create_key(**options)["KeyMetadata"]


@pytest.fixture
def key(make_key: Any) -> str:
    """The id of a fresh symmetric key."""
    return make_key()["KeyId"]


@pytest.fixture
def import_material(kms: Any) -> Callable[..., dict[str, Any]]:
    """`import_material(key_id, content)` wraps material and imports it."""

    def run(
        key_id: str, content: bytes, algorithm: str = "RSAES_OAEP_SHA_256", token: bytes | None = None, **more: Any
    ) -> dict[str, Any]:
        given = kms.get_parameters_for_import(KeyId=key_id, WrappingAlgorithm=algorithm, WrappingKeySpec="RSA_2048")
        public = serialization.load_der_public_key(given["PublicKey"])
        more.setdefault("ExpirationModel", "KEY_MATERIAL_DOES_NOT_EXPIRE")
        return kms.import_key_material(
            KeyId=key_id,
            ImportToken=token or given["ImportToken"],
            EncryptedKeyMaterial=_wrap(public, algorithm, content),
            **more,
        )

    return run


def _wrap(public: Any, algorithm: str, content: bytes) -> bytes:
    chosen = hashes.SHA1() if algorithm.endswith("SHA_1") else hashes.SHA256()
    oaep = padding.OAEP(padding.MGF1(chosen), chosen, None)
    if not algorithm.startswith("RSA_AES_KEY_WRAP"):
        return public.encrypt(content, oaep)
    secret = bytes(range(32))
    return public.encrypt(secret, oaep) + keywrap.aes_key_wrap_with_padding(secret, content)
