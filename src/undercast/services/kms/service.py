"""AWS Key Management Service on one screen."""

from __future__ import annotations

from undercast.kit.service import Job, Service
from undercast.services.kms import (
    aliases,
    encryption,
    errors,
    expiry,
    grants,
    imports,
    keys,
    rotation,
    signatures,
    tags,
)

service = Service(
    "kms",
    operations=(keys, tags, aliases, grants, encryption, signatures, rotation, imports),
    errors=errors,
    without=("ResourceOwners",),
    jobs={"delete": Job(expiry.delete), "rotate": Job(expiry.rotate), "expire": Job(expiry.expire)},
)
