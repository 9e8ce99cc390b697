"""What an import logs to CloudWatch Logs: the items that could not be put."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.dynamodb.imports import LOG_GROUP
from undercast.services.dynamodb.transfer_storage import Transfer

MOST = 10_000  # errors that are logged of one import, says the developer guide
_BATCH = 1_000


async def write(call: Call, transfer: Transfer, problems: list[dict[str, Any]]) -> None:
    """Log the problems to the stream `{import}/error` of the group for imports."""
    if not problems:
        return
    stream = f"{transfer.label}/error"
    await _make(call, stream)
    for start in range(0, len(problems), _BATCH):
        events = [
            {"timestamp": call.clock.now(), "message": orjson.dumps({"importArn": transfer.arn, **one}).decode()}
            for one in problems[start : start + _BATCH]
        ]
        await call.aws.logs.put_log_events(logGroupName=LOG_GROUP, logStreamName=stream, logEvents=events)


async def _make(call: Call, stream: str) -> None:
    with _there_already():
        await call.aws.logs.create_log_group(logGroupName=LOG_GROUP)
    with _there_already():
        await call.aws.logs.create_log_stream(logGroupName=LOG_GROUP, logStreamName=stream)


@contextmanager
def _there_already() -> Iterator[None]:
    try:
        yield
    except ServiceError as error:
        if error.code != "ResourceAlreadyExistsException":
            raise
