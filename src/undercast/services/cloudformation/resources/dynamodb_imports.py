"""Tables that AWS::DynamoDB::Table makes of files in S3 (ImportSourceSpecification)."""

from __future__ import annotations

from typing import Any

from undercast.services.cloudformation.resources.handler import HandlerError, Work, pick

_TABLE = (
    "AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema", "OnDemandThroughput",
    "ProvisionedThroughput", "SSESpecification",
)  # fmt: skip
_LOOK_AGAIN_S = 5.0  # should another node have run the import and its notice been lost


async def import_table(work: Work, name: str, encryption: dict[str, Any] | None) -> None:
    """Have the table made and wait until it is filled. HandlerError when it cannot be. It may be called again."""
    source = work.properties["ImportSourceSpecification"]
    if "LocalSecondaryIndexes" in work.properties:
        raise HandlerError("A table that is imported cannot have LocalSecondaryIndexes")
    table = {"TableName": name, **pick(work.properties, *_TABLE)}
    if encryption:
        table["SSESpecification"] = encryption
    begun = await work.aws.dynamodb.import_table(
        ClientToken=work.chance, TableCreationParameters=table,
        **pick(source, "S3BucketSource", "InputFormat", "InputFormatOptions", "InputCompressionType"),
    )  # fmt: skip
    arn = begun["ImportTableDescription"]["ImportArn"]
    with work.call.listen(f"dynamodb:{arn}") as signal:
        while True:
            described = await work.aws.dynamodb.describe_import(ImportArn=arn)
            outcome = described["ImportTableDescription"]
            if outcome["ImportStatus"] == "COMPLETED":
                return
            if outcome["ImportStatus"] != "IN_PROGRESS":
                await work.aws.dynamodb.delete_table(TableName=name)  # a rollback would not know of it
                raise HandlerError(f"Import failed: {outcome.get('FailureCode')}: {outcome.get('FailureMessage')}")
            await signal.wait(_LOOK_AGAIN_S)
