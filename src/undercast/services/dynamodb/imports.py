"""Operations that make a table of files in S3."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from typing import Any

from undercast.kit.call import Call
from undercast.services.dynamodb import errors, storage, tables, transfers

_LARGEST_PAGE = 25
_KEPT = ("S3BucketSource", "InputFormat", "InputFormatOptions", "TableCreationParameters")
LOG_GROUP = "/aws-dynamodb/imports"


async def import_table(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make a table and fill it, in the background, with the items of all files under a prefix."""
    earlier = await transfers.begun(call, "import", request)
    if earlier:
        return {"ImportTableDescription": transfers.describe(earlier)}
    _check(request)
    wanted = request["TableCreationParameters"]
    await tables.create_table(call, wanted)
    table = await storage.find_known_table(call, wanted["TableName"])
    await storage.save_table(call, replace(table, status="CREATING"))
    described = {
        **{name: request[name] for name in _KEPT if name in request},
        "InputCompressionType": request.get("InputCompressionType") or "NONE",
        "TableId": table.uuid,
        "ErrorCount": 0,
        "CloudWatchLogGroupArn": call.arn(f"log-group:{LOG_GROUP}:*", "logs"),
    }
    begun = await transfers.begin(call, "import", table.arn, request, described)
    return {"ImportTableDescription": transfers.describe(begun)}


async def describe_import(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """An import."""
    return {"ImportTableDescription": transfers.describe(await transfers.find(call, "import", request["ImportArn"]))}


async def list_imports(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Imports of a table or of all."""
    limit = request.get("PageSize") or _LARGEST_PAGE
    found, token = await transfers.page(call, "import", request.get("TableArn"), request.get("NextToken"), limit)
    names = (
        "ImportArn", "ImportStatus", "TableArn", "S3BucketSource", "CloudWatchLogGroupArn", "InputFormat", "StartTime",
        "EndTime",
    )  # fmt: skip
    return {"ImportSummaryList": [{name: one.get(name) for name in names} for one in found], "NextToken": token}


def _check(request: dict[str, Any]) -> None:
    if request.get("InputFormatOptions") and request["InputFormat"] != "CSV":
        raise errors.ValidationException("InputFormatOptions can only be specified for the InputFormat CSV")
    if request.get("InputCompressionType") == "ZSTD" and find_spec("cramjam") is None:
        raise errors.ValidationException("To read ZSTD Undercast needs: pip install 'undercast[firehose]'")
