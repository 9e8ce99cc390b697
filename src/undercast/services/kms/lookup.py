"""Finding the key that an id, an ARN or an alias names; making the keys of AWS's own services on first use."""

from __future__ import annotations

from hashlib import sha256

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.services.kms import crypto, errors, model, storage
from undercast.services.kms.errors import NotFoundException
from undercast.services.kms.model import SYMMETRIC, Key, Material


async def find(call: Call, key_id: str) -> Key:
    """The key of an id, an alias, or the ARN of either. NotFoundException, InvalidArnException."""
    if key_id.startswith("arn:"):
        call, key_id = _read_arn(call, key_id)
    if not key_id.startswith("alias/"):
        return await _by_id(call, key_id)
    alias = await storage.find_alias(call, key_id)
    if alias:
        return await _by_id(call, alias.key_id)
    if model.is_aws_alias(key_id):
        return await _make_aws_key(call, key_id)
    raise NotFoundException(f"Alias {call.arn(key_id, 'kms')} is not found.")


async def find_exact(call: Call, key_id: str) -> Key:
    """The key of an id or ARN, where no alias will do."""
    if key_id.startswith("arn:"):
        call, key_id = _read_arn(call, key_id)
    return await _by_id(call, key_id)


async def find_own(call: Call, key_id: str) -> Key:
    """The same for what changes a key, which those of AWS's services do not allow."""
    key = await find_exact(call, key_id)
    if key.manager == "AWS":
        raise errors.AccessDeniedException()
    return key


def first_material(key_id: str, content: bytes) -> Material:
    return Material(1, material_id(key_id, content), "CURRENT", content, "", 0, 0, "")


def material_id(key_id: str, content: bytes) -> str:
    """64 hexadecimal digits that tell one material of a key from another."""
    return sha256(key_id.encode() + content).hexdigest()


def _read_arn(call: Call, arn: str) -> tuple[Call, str]:
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        raise errors.InvalidArnException(f"Invalid arn {arn}") from None
    if parsed.service != "kms" or parsed.region != call.region:
        raise NotFoundException(f"Invalid arn {parsed.region}")
    return call.into(account=parsed.account), parsed.resource.removeprefix("key/")


async def _by_id(call: Call, key_id: str) -> Key:
    model.check_id(key_id)
    key = await storage.find_key(call, key_id)
    if key is None:
        raise NotFoundException(f"Key '{call.arn(f'key/{key_id}', 'kms')}' does not exist")
    return key


_SPELLED = {"dynamodb": "DynamoDB"}  # recorded: test_dynamodb_update_table_without_sse_specification_change


async def _make_aws_key(call: Call, alias: str) -> Key:
    service = alias.removeprefix("alias/aws/")
    key = Key(
        call.account, call.region, call.ids.uuid(), "AWS", SYMMETRIC, "ENCRYPT_DECRYPT", "AWS_KMS", call.now,
        f"Default key that protects my {_SPELLED.get(service, service)} data when no other key is defined",
        model.default_policy(call.account), {}, True, 0, 0, 0, 0, 0,
    )  # fmt: skip
    await storage.add_key(call, key)
    await storage.save_material(call, key, first_material(key.id, crypto.generate(SYMMETRIC)))
    await storage.save_alias(call, storage.Alias(alias, key.id, call.now, call.now))
    return key
