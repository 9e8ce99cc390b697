"""What a destination is shown to let Firehose in: a key in the settings, or in a secret."""

from __future__ import annotations

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.firehose.model import PRINCIPAL, Stream
from undercast.services.firehose.outgoing import Undelivered


async def read(call: Call, stream: Stream, given: str | None, member: str) -> str:
    """The key that is given, or that member of the secret's JSON; "" for none. Undelivered.

    https://docs.aws.amazon.com/firehose/latest/dev/using-secrets-manager.html
    """
    secret = stream.settings.get("SecretsManagerConfiguration") or {}
    if not secret.get("Enabled"):
        return given or ""
    there = call.at(secret["SecretARN"]).as_service(PRINCIPAL)
    try:
        found = await there.aws.secretsmanager.get_secret_value(SecretId=secret["SecretARN"])
        return str(orjson.loads(found["SecretString"])[member])
    except ServiceError as error:
        raise Undelivered(f"SecretsManager.{error.code}", error.message) from error
    except (KeyError, TypeError, orjson.JSONDecodeError) as error:
        raise Undelivered("SecretsManager.InvalidSecret", f'The secret is not of the form {{"{member}": "…"}}.') from error  # fmt: skip
