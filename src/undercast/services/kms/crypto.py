"""The cryptography of KMS: making keys, encrypting, signing, agreeing, unwrapping. No state and no I/O."""

from __future__ import annotations

import hmac
import os
from functools import lru_cache

# This import takes 50 ms; services load on first use, so only who uses KMS waits for it.
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from undercast.services.kms import errors
from undercast.services.kms.errors import ValidationException

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_CURVES: dict[str, ec.EllipticCurve] = {
    "ECC_NIST_P256": ec.SECP256R1(),
    "ECC_NIST_P384": ec.SECP384R1(),
    "ECC_NIST_P521": ec.SECP521R1(),
    "ECC_SECG_P256K1": ec.SECP256K1(),
}
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "SHA_1": hashes.SHA1(),
    "SHA_256": hashes.SHA256(),
    "SHA_384": hashes.SHA384(),
    "SHA_512": hashes.SHA512(),
}
_DIGESTS = {"HMAC_SHA_224": "sha224", "HMAC_SHA_256": "sha256", "HMAC_SHA_384": "sha384", "HMAC_SHA_512": "sha512"}


def generate(spec: str) -> bytes:
    """New material for a key: random bytes, or a private key in PKCS #8. RSA takes up to seconds: use a thread."""
    if spec.startswith("HMAC_"):
        return os.urandom(int(spec.removeprefix("HMAC_")) // 8)
    if spec.startswith("RSA_"):
        return _private_bytes(rsa.generate_private_key(65537, int(spec.removeprefix("RSA_"))))
    return _private_bytes(ec.generate_private_key(_CURVES[spec])) if spec in _CURVES else os.urandom(32)


def check_material(spec: str, content: bytes) -> None:
    """ValidationException when imported material does not fit the key's spec."""
    if spec.startswith(("RSA_", "ECC_")):
        try:
            key = serialization.load_der_private_key(content, None)
        except ValueError as error:
            raise ValidationException("The imported key material is not a private key in PKCS #8.") from error
        fits = (
            f"RSA_{key.key_size}" == spec
            if isinstance(key, rsa.RSAPrivateKey)
            else isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name == _curve(spec)
        )
    elif spec.startswith("HMAC_"):
        fits = len(content) * 8 >= int(spec.removeprefix("HMAC_"))
    else:
        fits = len(content) == 32
    if not fits:
        raise ValidationException(f"The imported key material does not fit the key spec {spec}.")


def _curve(spec: str) -> str:
    return _CURVES[spec].name if spec in _CURVES else ""


# --- encryption ---


def seal(secret: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """Encrypt with a 256-bit key."""
    nonce = os.urandom(12)
    return nonce + AESGCM(secret).encrypt(nonce, plaintext, associated)


def unseal(secret: bytes, body: bytes, associated: bytes) -> bytes:
    """InvalidCiphertextException when it was changed, or made with another key or encryption context."""
    try:
        return AESGCM(secret).decrypt(body[:12], body[12:], associated)
    except InvalidTag:
        raise errors.InvalidCiphertextException() from None


def rsa_encrypt(material: bytes, algorithm: str, plaintext: bytes) -> bytes:
    key = private_key(material)
    assert isinstance(key, rsa.RSAPrivateKey)
    chosen = _HASHES[algorithm.removeprefix("RSAES_OAEP_")]
    most = key.key_size // 8 - 2 * chosen.digest_size - 2
    if len(plaintext) > most:
        raise ValidationException(
            f"Algorithm {algorithm} and key spec RSA_{key.key_size} cannot encrypt data larger than {most} bytes."
        )
    return key.public_key().encrypt(plaintext, _oaep(chosen))


def rsa_decrypt(material: bytes, algorithm: str, ciphertext: bytes) -> bytes:
    """InvalidCiphertextException."""
    key = private_key(material)
    assert isinstance(key, rsa.RSAPrivateKey)
    try:
        return key.decrypt(ciphertext, _oaep(_HASHES[algorithm.removeprefix("RSAES_OAEP_")]))
    except ValueError:
        raise errors.InvalidCiphertextException() from None


# --- signatures ---


def sign(material: bytes, algorithm: str, message: bytes, *, digest: bool) -> bytes:
    """Sign a message, or its digest. ValidationException for a digest of the wrong length."""
    key, chosen = private_key(material), _hash(algorithm, message, digest=digest)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(message, ec.ECDSA(chosen))
    return key.sign(message, _signature_padding(algorithm), chosen)


def verify(material: bytes, algorithm: str, message: bytes, signature: bytes, *, digest: bool) -> None:
    """KMSInvalidSignatureException when it is not right."""
    key, chosen = private_key(material), _hash(algorithm, message, digest=digest)
    try:
        if isinstance(key, ec.EllipticCurvePrivateKey):
            key.public_key().verify(signature, message, ec.ECDSA(chosen))
        else:
            key.public_key().verify(signature, message, _signature_padding(algorithm), chosen)
    except InvalidSignature:
        raise errors.KMSInvalidSignatureException() from None


def mac(material: bytes, algorithm: str, message: bytes) -> bytes:
    return hmac.digest(material, message, _DIGESTS[algorithm])


# --- public keys ---


def public_key(material: bytes) -> bytes:
    """The public half, in DER (SubjectPublicKeyInfo)."""
    return (
        private_key(material)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def shared_secret(material: bytes, other: bytes) -> bytes:
    """Agree with the holder of another key. ValidationException when it is not of the same curve."""
    key = private_key(material)
    try:
        public = serialization.load_der_public_key(other)
        if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(public, ec.EllipticCurvePublicKey):
            return key.exchange(ec.ECDH(), public)
    except ValueError:
        pass
    raise ValidationException("The public key is not one of the key's own curve in DER.")


@lru_cache(maxsize=256)
def private_key(material: bytes) -> Private:
    """A private key that KMS made or checked before, so its numbers need not be checked again (that takes long)."""
    key = serialization.load_der_private_key(material, None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return key


# --- importing ---


def unwrap(algorithm: str, wrapping_key: bytes, wrapped: bytes) -> bytes:
    """The material that was wrapped for import. InvalidCiphertextException."""
    key = private_key(wrapping_key)
    assert isinstance(key, rsa.RSAPrivateKey)
    oaep = _oaep(_HASHES["SHA_1" if algorithm.endswith("SHA_1") else "SHA_256"])
    try:
        if not algorithm.startswith("RSA_AES_KEY_WRAP"):
            return key.decrypt(wrapped, oaep)
        size = key.key_size // 8
        return keywrap.aes_key_unwrap_with_padding(key.decrypt(wrapped[:size], oaep), wrapped[size:])
    except (ValueError, keywrap.InvalidUnwrap):
        raise errors.InvalidCiphertextException() from None


def _private_bytes(key: Private) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _oaep(chosen: hashes.HashAlgorithm) -> padding.OAEP:
    return padding.OAEP(padding.MGF1(chosen), chosen, None)


def _hash(algorithm: str, message: bytes, *, digest: bool) -> hashes.HashAlgorithm | utils.Prehashed:
    chosen = _HASHES[algorithm[-7:]]
    if not digest:
        return chosen
    if len(message) != chosen.digest_size:
        raise ValidationException(f"Digest is invalid length for algorithm {algorithm}.")
    return utils.Prehashed(chosen)


def _signature_padding(algorithm: str) -> padding.AsymmetricPadding:
    if "PKCS1" in algorithm:
        return padding.PKCS1v15()
    chosen = _HASHES[algorithm[-7:]]
    return padding.PSS(padding.MGF1(chosen), chosen.digest_size)
