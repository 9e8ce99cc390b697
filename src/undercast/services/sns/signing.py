"""The key that signs messages and its certificate: made once for a database and kept in it."""

from __future__ import annotations

import datetime
from base64 import b64encode
from typing import Any

from undercast.kit.call import Call
from undercast.services.sns import storage

# SNS signs with 2048 bits. Half of that is enough to tell our messages from others' on one's own machine, and a
# signature is the costliest step of a publish: 86 µs of CPU, where 2048 bits take 245 µs and halve its rate.
_BITS = 1024
_THING = "sns.signer"


class Signer:
    """Signs texts as SNS does: version 1 with SHA-1, version 2 with SHA-256."""

    def __init__(self, id: str, private_key: bytes) -> None:
        # cryptography takes 50 ms to import and only who publishes needs it
        from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415

        self.id = id
        self._key: Any = serialization.load_pem_private_key(private_key, None)
        self._padding = padding.PKCS1v15()
        self._hashes = {"1": hashes.SHA1(), "2": hashes.SHA256()}

    def __call__(self, version: str, text: str) -> str:
        return b64encode(self._key.sign(text.encode(), self._padding, self._hashes[version])).decode()

    def certificate_url(self, base_url: str) -> str:
        return f"{base_url}/SimpleNotificationService-{self.id}.pem"


async def signer(call: Call) -> Signer:
    """The signer of this database; the first use makes its key."""
    known: Signer | None = call.platform.things.get(_THING)
    if known:
        return known
    row = await storage.find_signing_key(call)
    if row is None:
        await storage.add_signing_key(call, call.ids.hex(32), *_new_key(call.now))
        row = await storage.find_signing_key(call)
        assert row
    made = Signer(row[0], row[1])
    call.after_commit(lambda: call.platform.things.__setitem__(_THING, made))
    return made


def _new_key(now: int) -> tuple[bytes, bytes]:
    from cryptography import x509  # noqa: PLC0415  as above
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    key = rsa.generate_private_key(65537, _BITS)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made_at = datetime.datetime.fromtimestamp(now // 1000, datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(made_at - datetime.timedelta(days=1))
        .not_valid_after(made_at + datetime.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)
