"""The resource types that Undercast makes, one module for each service."""

from __future__ import annotations

from importlib import import_module

from undercast.services.cloudformation.resources.handler import Handler

_MODULES = (
    "apigateway", "cloudformation", "dynamodb", "events", "firehose", "global_tables", "glue", "iam", "kinesis", "kms",
    "lambda_", "logs", "pipes", "s3", "scheduler", "schemas", "secretsmanager", "sns", "sqs", "ssm", "stepfunctions",
)  # fmt: skip
_HANDLERS: dict[str, Handler] = {
    one.type: one for name in _MODULES for one in import_module(f"{__name__}.{name}").TYPES
}


def handler_of(type_name: str) -> Handler | None:
    """What makes resources of a type; None if Undercast does not have it."""
    return _HANDLERS.get("AWS::CloudFormation::CustomResource" if type_name.startswith("Custom::") else type_name)
