"""Operations on log streams."""

from __future__ import annotations

from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.services.logs import errors, storage
from undercast.services.logs.errors import InvalidParameterException
from undercast.services.logs.model import Group, Stream, group_name


async def create_log_stream(call: Call, request: dict[str, Any]) -> None:
    """Create a log stream."""
    group = await storage.find_group(call, request["logGroupName"])
    stream = Stream(request["logStreamName"], call.ids.sequence(), call.now, 0, 0, 0, 0)
    if not await storage.add_stream(call, group, stream):
        raise errors.ResourceAlreadyExistsException("The specified log stream already exists")


async def delete_log_stream(call: Call, request: dict[str, Any]) -> None:
    """Delete a log stream with its events."""
    group = await storage.find_group(call, request["logGroupName"])
    stream = await storage.find_stream(call, group, request["logStreamName"])
    await storage.delete_stream(call, group, stream)
    await call.later(call.now, "drain", [group.id, stream.id])


async def describe_log_streams(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Log streams by name, or by their latest event."""
    group = await storage.find_group(call, identified(call, request))
    by_time, prefix = request.get("orderBy") == "LastEventTime", request.get("logStreamNamePrefix")
    if by_time and prefix:
        raise InvalidParameterException("Cannot order by LastEventTime with a logStreamNamePrefix.")
    limit, descending = request.get("limit") or 50, bool(request.get("descending"))
    after: Any = None
    try:
        after = paging.decode_token(request["nextToken"]) if request.get("nextToken") else None
    except paging.InvalidToken:
        raise InvalidParameterException("The specified nextToken is invalid.") from None
    if by_time:
        streams = await storage.list_streams_by_time(call, group, after, limit + 1, descending=descending)
    else:
        name = after[1] if after else None
        streams = await storage.list_streams(call, group, prefix or "", name, limit + 1, descending=descending)
    shown = streams[:limit]
    last = [shown[-1].last_at, shown[-1].name] if len(streams) > limit else None
    return {
        "logStreams": [_show(group, stream) for stream in shown],
        "nextToken": paging.encode_token(last) if last else None,
    }


def identified(call: Call, request: dict[str, Any]) -> str:
    """The name of the group that a request names by name or identifier. InvalidParameterException for both or none."""
    name, identifier = request.get("logGroupName"), request.get("logGroupIdentifier")
    if name and identifier:
        raise InvalidParameterException("LogGroup name and LogGroup ARN are mutually exclusive parameters.")
    if not name and not identifier:
        raise InvalidParameterException("LogGroup name or LogGroup ARN must be specified.")
    return name or group_name(str(identifier), call.account, call.region)


def sequence_token(stream_id: int) -> str:
    """Every token is taken since 2023, but it is still told."""
    return f"49{stream_id:054d}"


def _show(group: Group, stream: Stream) -> dict[str, Any]:
    return {
        "logStreamName": stream.name,
        "creationTime": stream.created_at,
        "firstEventTimestamp": stream.first_at or None,
        "lastEventTimestamp": stream.last_at or None,
        "lastIngestionTime": stream.ingested_at or None,
        "uploadSequenceToken": sequence_token(stream.id),
        "arn": f"{group.arn}:log-stream:{stream.name}",
        "storedBytes": 0,  # "As of June 17, 2019, this parameter is no longer supported … and is always zero."
    }
