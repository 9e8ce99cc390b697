"""Secrets of Secrets Manager seen as parameters: `/aws/reference/secretsmanager/<secret>`.

https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html
"""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.ssm import errors, model

PREFIX = "/aws/reference/secretsmanager/"


async def secret_parameter(call: Call, name: str, *, decrypt: bool) -> dict[str, Any]:
    """The secret as GetParameter shows it. ParameterNotFound when there is none."""
    if not decrypt:
        raise errors.ValidationException("WithDecryption flag must be True for retrieving a Secret Manager secret.")
    path, selector = model.split_selector(name, call.account, call.region)
    secret_id = path.removeprefix(PREFIX)
    wanted = {"VersionId" if len(selector) >= 32 else "VersionStage": selector} if selector else {}
    try:
        secret = await call.aws.secretsmanager.get_secret_value(SecretId=secret_id, **wanted)
    except ServiceError as error:
        if error.code != "ResourceNotFoundException":
            raise
        raise errors.ParameterNotFound(
            "An error occurred (ParameterNotFound) when referencing Secrets Manager: "
            f"Secret {path.removeprefix('/')} not found."
        ) from error
    if "SecretString" not in secret:
        raise errors.ValidationException("Secrets with binary values cannot be retrieved as parameters.")
    source = {
        "aRN": secret["ARN"],
        "name": secret["Name"],
        "versionId": secret["VersionId"],
        "secretString": secret["SecretString"],
        "versionStages": secret["VersionStages"],
        "createdDate": secret["CreatedDate"],
    }
    return {
        "Name": path,
        "Type": "SecureString",
        "Value": secret["SecretString"],
        "Version": 0,
        "Selector": f":{selector}" if selector else None,
        "SourceResult": orjson.dumps(source).decode(),
        "LastModifiedDate": secret["CreatedDate"],
        "ARN": model.arn(call.account, call.region, path),
        "DataType": "text",
    }
