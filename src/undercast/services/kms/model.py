"""What a key is: its specs, usages, algorithms, states and the shape of a ciphertext."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from undercast.kit.errors import NotImplementedYet
from undercast.services.kms import errors
from undercast.services.kms.errors import KMSInvalidStateException, ValidationException

DAY_MS = 86_400_000
SYMMETRIC = "SYMMETRIC_DEFAULT"

_OAEP = ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256")
_RSA_SIGNING = (
    "RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512",
    "RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512",
)  # fmt: skip
_RSA = {"ENCRYPT_DECRYPT": _OAEP, "SIGN_VERIFY": _RSA_SIGNING}

# https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
ALGORITHMS: dict[str, dict[str, tuple[str, ...]]] = {
    SYMMETRIC: {"ENCRYPT_DECRYPT": (SYMMETRIC,)},
    "RSA_2048": _RSA,
    "RSA_3072": _RSA,
    "RSA_4096": _RSA,
    "ECC_NIST_P256": {"SIGN_VERIFY": ("ECDSA_SHA_256",), "KEY_AGREEMENT": ("ECDH",)},
    "ECC_NIST_P384": {"SIGN_VERIFY": ("ECDSA_SHA_384",), "KEY_AGREEMENT": ("ECDH",)},
    "ECC_NIST_P521": {"SIGN_VERIFY": ("ECDSA_SHA_512",), "KEY_AGREEMENT": ("ECDH",)},
    "ECC_SECG_P256K1": {"SIGN_VERIFY": ("ECDSA_SHA_256",)},
    "HMAC_224": {"GENERATE_VERIFY_MAC": ("HMAC_SHA_224",)},
    "HMAC_256": {"GENERATE_VERIFY_MAC": ("HMAC_SHA_256",)},
    "HMAC_384": {"GENERATE_VERIFY_MAC": ("HMAC_SHA_384",)},
    "HMAC_512": {"GENERATE_VERIFY_MAC": ("HMAC_SHA_512",)},
}
_LISTED_AS = {
    "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
    "SIGN_VERIFY": "SigningAlgorithms",
    "GENERATE_VERIFY_MAC": "MacAlgorithms",
    "KEY_AGREEMENT": "KeyAgreementAlgorithms",
}

_KEY_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# The services whose keys come into being when they are first named; DescribeKey does that too.
_AWS_ALIAS = re.compile(
    "alias/aws/(acm|backup|dynamodb|ebs|ecr|elasticfilesystem|es|events|glue|kinesis|kinesisfirehose|lambda|lex|logs|"
    "mq|rds|redshift|s3|secretsmanager|sns|sqs|ssm|states|xray)"
)


@dataclass(frozen=True, slots=True)
class Key:
    """One key. Times are milliseconds, 0 for none."""

    account: str
    region: str
    id: str
    manager: str
    spec: str
    usage: str
    origin: str
    created_at: int
    description: str
    policy: str
    tags: Mapping[str, str]
    enabled: bool
    deletion_at: int
    deletion_job: int
    rotation_days: int
    rotation_at: int
    rotation_job: int

    @property
    def arn(self) -> str:
        return f"arn:aws:kms:{self.region}:{self.account}:key/{self.id}"

    @property
    def symmetric(self) -> bool:
        return self.spec == SYMMETRIC

    @property
    def algorithms(self) -> tuple[str, ...]:
        return ALGORITHMS[self.spec][self.usage]

    def state(self, materials: list[Material]) -> str:
        if self.deletion_at:
            return "PendingDeletion"
        if not any(material.state == "CURRENT" and material.content for material in materials):
            return "PendingImport"
        return "Enabled" if self.enabled else "Disabled"


@dataclass(frozen=True, slots=True)
class Material:
    """What a key works with, from one rotation to the next: a secret, or a private key in PKCS #8."""

    seq: int
    id: str
    state: str
    content: bytes
    description: str
    expires_at: int
    rotated_at: int
    rotation_type: str


class Ciphertext(NamedTuple):
    """What a ciphertext says of itself: which key and material made it. `header` is authenticated with it."""

    account: str
    region: str
    key_id: str
    seq: int
    header: bytes
    body: bytes


def header(key: Key, seq: int) -> bytes:
    """The beginning of every ciphertext of a key."""
    region = key.region.encode()
    return (
        b"\x01" + int(key.account).to_bytes(5, "big") + bytes([len(region)]) + region
        + bytes.fromhex(key.id.replace("-", "")) + seq.to_bytes(4, "big")
    )  # fmt: skip


def read_ciphertext(blob: bytes) -> Ciphertext:
    """InvalidCiphertextException when it is none of ours."""
    size = blob[6] if len(blob) > 6 else 0
    end = 7 + size + 20
    if blob[:1] != b"\x01" or len(blob) < end + 28:
        raise errors.InvalidCiphertextException()
    text = blob[7 + size : end - 4].hex()
    key_id = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    account = f"{int.from_bytes(blob[1:6], 'big'):012d}"
    region = blob[7 : 7 + size].decode("ascii", "replace")
    return Ciphertext(account, region, key_id, int.from_bytes(blob[end - 4 : end], "big"), blob[:end], blob[end:])


def associated_data(head: bytes, context: Mapping[str, str] | None) -> bytes:
    """What is authenticated beside the plaintext: the header and the encryption context, whatever its order."""
    return head + (orjson.dumps(context, option=orjson.OPT_SORT_KEYS) if context else b"")


def check_spec(spec: str, usage: str | None) -> str:
    """The usage of a new key. ValidationException."""
    if spec not in ALGORITHMS:
        raise NotImplementedYet(f"Undercast's KMS has keys of spec {', '.join(ALGORITHMS)}, not {spec}.")
    if usage is None:
        if spec != SYMMETRIC:  # recorded: test_hmac_create_key_invalid_operations
            raise ValidationException(
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."
            )
        return "ENCRYPT_DECRYPT"
    if usage not in ALGORITHMS[spec]:
        raise ValidationException(f"KeyUsage {usage} is not compatible with KeySpec {spec}")
    return usage


def check_usable(key: Key, materials: list[Material]) -> None:
    """DisabledException, KMSInvalidStateException."""
    state = key.state(materials)
    if state == "Disabled":
        raise errors.DisabledException(f"{key.arn} is disabled.")
    if state == "PendingDeletion":
        raise KMSInvalidStateException(f"{key.arn} is pending deletion.")
    if state == "PendingImport":
        raise KMSInvalidStateException(f"{key.arn} is pending import.")


def check_usage(key: Key, usage: str, operation: str) -> None:
    if key.usage != usage:
        raise errors.InvalidKeyUsageException(f"{key.arn} key usage is {key.usage} which is not valid for {operation}.")


def check_algorithm(key: Key, algorithm: str) -> None:
    if algorithm not in key.algorithms:
        raise errors.InvalidKeyUsageException(f"Algorithm {algorithm} is incompatible with key spec {key.spec}.")


def check_id(key_id: str) -> None:
    if not _KEY_ID.fullmatch(key_id):
        raise errors.NotFoundException(f"Invalid keyId '{key_id}'")


def is_aws_alias(name: str) -> bool:
    """Whether a service of AWS has a key of its own by this name."""
    return bool(_AWS_ALIAS.fullmatch(name))


def default_policy(account: str) -> str:
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    policy = {"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]}
    return orjson.dumps(policy, option=orjson.OPT_INDENT_2).decode()


def metadata(key: Key, materials: list[Material]) -> dict[str, Any]:
    """A key as DescribeKey shows it."""
    state = key.state(materials)
    current = next((material for material in materials if material.state == "CURRENT"), None)
    imported = current if key.origin == "EXTERNAL" and current and current.content else None
    return {
        "AWSAccountId": key.account,
        "KeyId": key.id,
        "Arn": key.arn,
        "CreationDate": key.created_at,
        "Enabled": state == "Enabled",
        "Description": key.description,
        "KeyUsage": key.usage,
        "KeyState": state,
        "DeletionDate": key.deletion_at or None,
        "ValidTo": (imported.expires_at or None) if imported else None,
        "Origin": key.origin,
        "ExpirationModel": _expiration_model(imported) if imported else None,
        "KeyManager": key.manager,
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        _LISTED_AS[key.usage]: list(key.algorithms),
        "MultiRegion": False,
        "CurrentKeyMaterialId": current.id if current and key.symmetric else None,
    }


def _expiration_model(material: Material) -> str:
    return "KEY_MATERIAL_EXPIRES" if material.expires_at else "KEY_MATERIAL_DOES_NOT_EXPIRE"
