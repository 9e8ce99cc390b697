"""Reads the certificates and keys that customers upload. Its imports take 50 ms: only uploads import it."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
    load_ssh_public_key,
)

from undercast.services.iam import errors


class PublicKey(NamedTuple):
    """An RSA public key: as OpenSSH has it, in PEM, and the MD5 of its DER in pairs of digits."""

    ssh: str
    pem: str
    fingerprint: str


def read_certificate(text: str) -> x509.Certificate:
    """The first certificate of a text. MalformedCertificate."""
    try:
        return x509.load_pem_x509_certificates(text.strip().encode())[0]
    except (ValueError, IndexError):
        raise errors.MalformedCertificate("Unable to parse certificate. Please ensure the certificate is in PEM format.") from None  # fmt: skip


def check_pair(certificate: x509.Certificate, private_key: str) -> None:
    """KeyPairMismatch, MalformedCertificate."""
    try:
        key = load_pem_private_key(private_key.strip().encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise errors.MalformedCertificate("Unable to parse key. Please ensure the key is in PEM format.") from None
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*form) != certificate.public_key().public_bytes(*form):
        raise errors.KeyPairMismatch("Private key does not match certificate.")


def read_public_key(text: str) -> PublicKey:
    """An RSA key of 2048 bits or more, as OpenSSH or PEM text. InvalidPublicKey."""
    data = text.strip().encode()
    try:
        key = load_pem_public_key(data) if data.startswith(b"-----") else load_ssh_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        raise errors.InvalidPublicKey() from None
    if not isinstance(key, RSAPublicKey) or key.key_size < 2048:
        raise errors.InvalidPublicKey()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return PublicKey(
        key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode().strip(),
        key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode().strip(),
        hashlib.md5(der, usedforsecurity=False).digest().hex(":"),
    )
