"""Operations that sign and verify, and those on public keys."""

from __future__ import annotations

import hmac
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.services.kms import crypto, errors, lookup, model, storage
from undercast.services.kms.grants import would_succeed
from undercast.services.kms.usable import Usable, use


async def sign(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Sign a message of up to 4 KB, or the digest of one."""
    usable, algorithm = await _asymmetric(call, request, "Sign")
    signature = crypto.sign(usable.current.content, algorithm, request["Message"], digest=_is_digest(request))
    would_succeed(request)
    return {"KeyId": usable.key.arn, "Signature": signature, "SigningAlgorithm": algorithm}


async def verify(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Check a signature; a wrong one is an error."""
    usable, algorithm = await _asymmetric(call, request, "Verify")
    crypto.verify(
        usable.current.content, algorithm, request["Message"], request["Signature"], digest=_is_digest(request)
    )
    would_succeed(request)
    return {"KeyId": usable.key.arn, "SignatureValid": True, "SigningAlgorithm": algorithm}


async def generate_mac(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The authentication code of a message."""
    usable = await use(call, request, "GENERATE_VERIFY_MAC", "GenerateMac")
    algorithm = request["MacAlgorithm"]
    model.check_algorithm(usable.key, algorithm)
    would_succeed(request)
    mac = crypto.mac(usable.current.content, algorithm, request["Message"])
    return {"Mac": mac, "MacAlgorithm": algorithm, "KeyId": usable.key.arn}


async def verify_mac(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Check an authentication code; a wrong one is an error."""
    usable = await use(call, request, "GENERATE_VERIFY_MAC", "VerifyMac")
    algorithm = request["MacAlgorithm"]
    model.check_algorithm(usable.key, algorithm)
    if not hmac.compare_digest(crypto.mac(usable.current.content, algorithm, request["Message"]), request["Mac"]):
        raise errors.KMSInvalidMacException()
    would_succeed(request)
    return {"KeyId": usable.key.arn, "MacValid": True, "MacAlgorithm": algorithm}


async def get_public_key(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The public half of an asymmetric key, in DER."""
    key = await lookup.find(call, request["KeyId"])
    if not key.spec.startswith(("RSA_", "ECC_")):
        raise errors.UnsupportedOperationException(
            f"{key.arn} key spec is {key.spec} which is not valid for GetPublicKey."
        )
    materials = await storage.list_materials(call, key)
    model.check_usable(key, materials)
    shown = model.metadata(key, materials)
    lists = ("EncryptionAlgorithms", "SigningAlgorithms", "KeyAgreementAlgorithms")
    return {
        "KeyId": key.arn,
        "PublicKey": crypto.public_key(Usable(key, materials).current.content),
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        "KeyUsage": key.usage,
        **{name: shown.get(name) for name in lists},
    }


async def derive_shared_secret(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Agree on a secret with the holder of another key of the same curve."""
    usable = await use(call, request, "KEY_AGREEMENT", "DeriveSharedSecret")
    secret = crypto.shared_secret(usable.current.content, request["PublicKey"])
    would_succeed(request)
    return {
        "KeyId": usable.key.arn,
        "SharedSecret": secret,
        "KeyAgreementAlgorithm": request["KeyAgreementAlgorithm"],
        "KeyOrigin": usable.key.origin,
    }


async def _asymmetric(call: Call, request: dict[str, Any], operation: str) -> tuple[Usable, str]:
    usable, algorithm = await use(call, request, "SIGN_VERIFY", operation), request["SigningAlgorithm"]
    model.check_algorithm(usable.key, algorithm)
    return usable, algorithm


def _is_digest(request: dict[str, Any]) -> bool:
    if request.get("MessageType") == "EXTERNAL_MU":
        raise NotImplementedYet("Undercast's KMS does not have EXTERNAL_MU: it has no ML-DSA keys.")
    return request.get("MessageType") == "DIGEST"
