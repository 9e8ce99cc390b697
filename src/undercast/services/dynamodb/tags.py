"""Tags of tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.kit.paging import InvalidToken, page
from undercast.kit.tags import as_map
from undercast.services.dynamodb import errors, storage
from undercast.services.dynamodb.model import Table

_MOST = 50
_LARGEST_PAGE = 10


async def tag_resource(call: Call, request: dict[str, Any]) -> None:
    """Add tags to a table, or change their values."""
    table = await _find(call, request["ResourceArn"])
    added = read_tags(request["Tags"])
    tags = {**table.tags, **added}
    if len(tags) > _MOST:
        raise errors.ValidationException(f"Too many tags: the limit is {_MOST} tags per resource")
    await storage.save_table(call, replace(table, tags=tags))


async def untag_resource(call: Call, request: dict[str, Any]) -> None:
    """Take tags from a table."""
    table = await _find(call, request["ResourceArn"])
    gone = set(request["TagKeys"])
    await storage.save_table(
        call, replace(table, tags={key: value for key, value in table.tags.items() if key not in gone})
    )


async def list_tags_of_resource(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The tags of a table, ten at a time."""
    table = await _find(call, request["ResourceArn"])
    try:
        keys, token = page(sorted(table.tags), str, request.get("NextToken"), _LARGEST_PAGE)
    except InvalidToken as error:
        raise errors.ValidationException("Invalid NextToken") from error
    return {"Tags": [{"Key": key, "Value": table.tags[key]} for key in keys], "NextToken": token}


def read_tags(tags: list[dict[str, str]]) -> dict[str, str]:
    """Tags as they are kept. ValidationException."""
    keys = [tag["Key"] for tag in tags]
    if len(set(keys)) < len(keys):
        raise errors.ValidationException("Duplicate tag keys are not allowed")
    if any(key.lower().startswith("aws:") for key in keys):
        raise errors.ValidationException("One or more parameter values were invalid: tag keys may not begin with aws:")
    return as_map(tags)


async def _find(call: Call, arn: str) -> Table:
    prefix = f"arn:aws:dynamodb:{call.region}:{call.account}:table/"
    if not arn.startswith("arn:") or ":table/" not in arn:
        raise errors.ValidationException(f"Invalid TableArn: Invalid ResourceArn provided as input {arn}")
    table = await storage.find_table_or_none(call, arn) if arn.startswith(prefix) else None
    if table is None:
        raise errors.ResourceNotFoundException(f"Requested resource not found: ResourcArn: {arn} not found")
    return table
