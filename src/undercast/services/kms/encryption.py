"""Operations that encrypt, decrypt and make data keys."""

from __future__ import annotations

import asyncio
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.kit.service import waits
from undercast.services.kms import crypto, errors, lookup, model
from undercast.services.kms.errors import ValidationException
from undercast.services.kms.grants import would_succeed
from undercast.services.kms.model import SYMMETRIC, Ciphertext
from undercast.services.kms.usable import Usable, use

_DATA_KEYS = {"AES_256": 32, "AES_128": 16}


async def encrypt(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Encrypt up to 4 KB."""
    usable = await use(call, request, "ENCRYPT_DECRYPT", "Encrypt")
    algorithm = request.get("EncryptionAlgorithm") or SYMMETRIC
    blob = _encrypt(usable, algorithm, request["Plaintext"], request.get("EncryptionContext"))
    would_succeed(request)
    return {"CiphertextBlob": blob, "KeyId": usable.key.arn, "EncryptionAlgorithm": algorithm}


async def decrypt(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Decrypt what Encrypt, GenerateDataKey… made."""
    algorithm = request.get("EncryptionAlgorithm") or SYMMETRIC
    usable, plaintext, material_id = await _decrypt(
        call, request, request.get("CiphertextBlob"), "KeyId", algorithm, request.get("EncryptionContext")
    )
    would_succeed(request)
    return {
        "KeyId": usable.key.arn,
        "Plaintext": plaintext,
        "EncryptionAlgorithm": algorithm,
        "KeyMaterialId": material_id,
    }


async def re_encrypt(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Decrypt with one key and encrypt with another; the plaintext stays here."""
    source_algorithm = request.get("SourceEncryptionAlgorithm") or SYMMETRIC
    algorithm = request.get("DestinationEncryptionAlgorithm") or SYMMETRIC
    source, plaintext, material_id = await _decrypt(
        call, request, request.get("CiphertextBlob"), "SourceKeyId", source_algorithm,
        request.get("SourceEncryptionContext"),
    )  # fmt: skip
    target = await use(call, request, "ENCRYPT_DECRYPT", "ReEncryptTo", member="DestinationKeyId")
    blob = _encrypt(target, algorithm, plaintext, request.get("DestinationEncryptionContext"))
    would_succeed(request)
    return {
        "CiphertextBlob": blob,
        "SourceKeyId": source.key.arn,
        "KeyId": target.key.arn,
        "SourceEncryptionAlgorithm": source_algorithm,
        "DestinationEncryptionAlgorithm": algorithm,
        "SourceKeyMaterialId": material_id,
        "DestinationKeyMaterialId": target.material_id,
    }


async def generate_data_key(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A random key, plain and encrypted."""
    usable, plaintext = await _data_key(call, request, "GenerateDataKey")
    return {
        "CiphertextBlob": usable.seal(plaintext, request.get("EncryptionContext")),
        "Plaintext": plaintext,
        "KeyId": usable.key.arn,
        "KeyMaterialId": usable.material_id,
    }


async def generate_data_key_without_plaintext(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A random key, encrypted."""
    usable, plaintext = await _data_key(call, request, "GenerateDataKeyWithoutPlaintext")
    return {
        "CiphertextBlob": usable.seal(plaintext, request.get("EncryptionContext")),
        "KeyId": usable.key.arn,
        "KeyMaterialId": usable.material_id,
    }


@waits
async def generate_data_key_pair(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A key pair, its private key plain and encrypted. Making an RSA key takes long: it is made in a thread."""
    private, answer = await _key_pair(call, request, "GenerateDataKeyPair")
    return {**answer, "PrivateKeyPlaintext": private}


@waits
async def generate_data_key_pair_without_plaintext(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A key pair, its private key encrypted."""
    _, answer = await _key_pair(call, request, "GenerateDataKeyPairWithoutPlaintext")
    return answer


async def generate_random(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Random bytes."""
    if request.get("Recipient") or request.get("CustomKeyStoreId"):
        raise NotImplementedYet("Undercast's KMS does not have Recipient and CustomKeyStoreId.")
    if request.get("NumberOfBytes") is None:
        raise ValidationException("NumberOfBytes is required.")
    return {"Plaintext": call.ids.bytes(request["NumberOfBytes"])}


# --- what they have in common ---


def _encrypt(usable: Usable, algorithm: str, plaintext: bytes, context: dict[str, str] | None) -> bytes:
    model.check_algorithm(usable.key, algorithm)
    if usable.key.symmetric:
        return usable.seal(plaintext, context)
    _check_no_context(context)
    return crypto.rsa_encrypt(usable.current.content, algorithm, plaintext)


async def _decrypt(
    call: Call, request: dict[str, Any], blob: bytes | None, member: str, algorithm: str, context: dict[str, str] | None
) -> tuple[Usable, bytes, str | None]:
    """The key, the plaintext, and the id of the material if the key is symmetric."""
    if not blob:
        raise ValidationException("CiphertextBlob is required.")
    if request.get("DryRunModifiers"):
        raise NotImplementedYet("Undercast's KMS does not have DryRunModifiers.")
    operation = "Decrypt" if member == "KeyId" else "ReEncryptFrom"
    if algorithm != SYMMETRIC:
        if not request.get(member):
            raise ValidationException(f"{member} is required for decryption with an asymmetric KMS key.")
        usable = await use(call, request, "ENCRYPT_DECRYPT", operation, member=member)
        model.check_algorithm(usable.key, algorithm)
        _check_no_context(context)
        return usable, crypto.rsa_decrypt(usable.current.content, algorithm, blob), None
    ciphertext = model.read_ciphertext(blob)
    usable = await _maker(call, request, ciphertext, member, operation)
    material = usable.material(ciphertext.seq)
    associated = model.associated_data(ciphertext.header, context)
    return usable, crypto.unseal(material.content, ciphertext.body, associated), material.id


async def _maker(call: Call, request: dict[str, Any], ciphertext: Ciphertext, member: str, operation: str) -> Usable:
    """The key that made a ciphertext; it must be the one the request names, if it names one."""
    if ciphertext.region != call.region:
        raise errors.InvalidCiphertextException()
    arn = f"arn:aws:kms:{ciphertext.region}:{ciphertext.account}:key/{ciphertext.key_id}"
    if request.get(member) and (await lookup.find(call, request[member])).arn != arn:
        raise errors.IncorrectKeyException()
    try:
        return await use(call, {**request, member: arn}, "ENCRYPT_DECRYPT", operation, member=member)
    except errors.NotFoundException:
        raise errors.InvalidCiphertextException() from None


async def _data_key(call: Call, request: dict[str, Any], operation: str) -> tuple[Usable, bytes]:
    spec, size = request.get("KeySpec"), request.get("NumberOfBytes")
    if bool(spec) == bool(size):
        raise ValidationException("Please specify either number of bytes or key spec.")
    usable = await _symmetric(call, request, operation)
    would_succeed(request)
    return usable, call.ids.bytes(size or _DATA_KEYS[str(spec)])


async def _key_pair(call: Call, request: dict[str, Any], operation: str) -> tuple[bytes, dict[str, Any]]:
    spec = request["KeyPairSpec"]
    if not spec.startswith(("RSA_", "ECC_")) or spec not in model.ALGORITHMS:
        raise NotImplementedYet(f"Undercast's KMS does not make key pairs of spec {spec}.")
    await call.transact(_symmetric, request, operation)
    would_succeed(request)
    private = await asyncio.to_thread(crypto.generate, spec)
    usable = await call.transact(_symmetric, request, operation)
    return private, {
        "PrivateKeyCiphertextBlob": usable.seal(private, request.get("EncryptionContext")),
        "PublicKey": crypto.public_key(private),
        "KeyId": usable.key.arn,
        "KeyPairSpec": spec,
        "KeyMaterialId": usable.material_id,
    }


async def _symmetric(call: Call, request: dict[str, Any], operation: str) -> Usable:
    usable = await use(call, request, "ENCRYPT_DECRYPT", operation)
    if not usable.key.symmetric:
        raise errors.InvalidKeyUsageException(
            f"{usable.key.arn} key spec is {usable.key.spec} which is not valid for {operation}."
        )
    return usable


def _check_no_context(context: dict[str, str] | None) -> None:
    if context:
        raise ValidationException(
            "You cannot specify an encryption context when performing cryptographic operations with an asymmetric KMS key."
        )
