"""The certificate for HTTPS: the one that is given, or our own for localhost names, made once and kept."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path

_NAMES = ("localhost", "*.localhost", "localhost.localstack.cloud", "*.localhost.localstack.cloud",
          "*.s3.localhost.localstack.cloud", "*.execute-api.localhost.localstack.cloud", "*.s3.localhost")  # fmt: skip


def server_context(folder: Path, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    """A TLS context from the given PEM files, or from `localhost.pem` in `folder`, which is made when missing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    if certificate:
        context.load_cert_chain(certificate, key)
        return context
    own = folder / "localhost.pem"
    if not own.exists():
        _write_self_signed(own)
    context.load_cert_chain(own)
    return context


def _write_self_signed(path: Path) -> None:
    # cryptography takes 50 ms to import and only the first HTTPS client needs it
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Undercast on localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName(dns) for dns in _NAMES] + [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=820))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    path.touch(mode=0o600)
    path.write_bytes(pem)
