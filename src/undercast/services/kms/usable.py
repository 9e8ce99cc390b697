"""A key with its materials, found and checked for what it is to do now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.services.kms import crypto, errors, lookup, model, storage
from undercast.services.kms.model import Key, Material


@dataclass(frozen=True, slots=True)
class Usable:
    """A key that may be used."""

    key: Key
    materials: list[Material]

    @property
    def current(self) -> Material:
        return next(material for material in self.materials if material.state == "CURRENT")

    @property
    def material_id(self) -> str | None:
        """Told of symmetric keys only: others have one material."""
        return self.current.id if self.key.symmetric else None

    def seal(self, plaintext: bytes, context: dict[str, str] | None) -> bytes:
        """A ciphertext that says which key and material made it."""
        head = model.header(self.key, self.current.seq)
        return head + crypto.seal(self.current.content, plaintext, model.associated_data(head, context))

    def material(self, seq: int) -> Material:
        """The material of a ciphertext. InvalidCiphertextException, KMSInvalidStateException."""
        for material in self.materials:
            if material.seq == seq:
                if not material.content:
                    raise errors.KMSInvalidStateException(f"{self.key.arn} is pending import.")
                return material
        raise errors.InvalidCiphertextException()


async def use(call: Call, request: dict[str, Any], usage: str, operation: str, *, member: str = "KeyId") -> Usable:
    """The key of a request. NotFoundException, DisabledException, KMSInvalidStateException, InvalidKeyUsageException."""
    if request.get("Recipient"):
        raise NotImplementedYet("Undercast's KMS does not have Recipient (Nitro enclaves).")
    key = await lookup.find(call, request[member])
    materials = await storage.list_materials(call, key)
    model.check_usage(key, usage, operation)
    model.check_usable(key, materials)
    return Usable(key, materials)
