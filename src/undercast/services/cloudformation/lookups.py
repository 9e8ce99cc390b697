"""What a template needs from other services: parameters of the Parameter Store, secrets."""

from __future__ import annotations

from undercast.engines.templates import TemplateError
from undercast.engines.templates.references import dynamic_references
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError


async def dynamic(call: Call, text: str) -> str:
    """The value of a dynamic reference. TemplateError when it has none."""
    reference = dynamic_references(text)[0]
    try:
        if reference.service == "secretsmanager":
            secret = await call.aws.secretsmanager.get_secret_value(
                SecretId=reference.name, VersionId=reference.version, VersionStage=reference.stage
            )
            return reference.pick(secret["SecretString"])
        name = f"{reference.name}:{reference.version}" if reference.version else reference.name
        answer = await call.aws.ssm.get_parameter(Name=name, WithDecryption=reference.service == "ssm-secure")
        return str(answer["Parameter"]["Value"])
    except ServiceError as error:
        if reference.service == "secretsmanager":
            raise TemplateError(f"Could not find a value associated with {reference.name}: {error.message}") from None
        raise TemplateError(
            f"Unable to fetch parameters [{reference.name}] from parameter store for this account."
        ) from None


async def ssm_values(call: Call, names: frozenset[str]) -> dict[str, str]:
    """The values of SSM parameters by name; without those that are not there."""
    values = {}
    for name in sorted(names):
        try:
            answer = await call.aws.ssm.get_parameter(Name=name)
        except ServiceError:
            continue
        values[name] = str(answer["Parameter"]["Value"])
    return values
