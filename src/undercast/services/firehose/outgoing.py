"""Requests to destinations outside."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from undercast.kit.call import Call
from undercast.kit.outgoing import Client, NoAnswer, Outgoing
from undercast.services.firehose.model import Record

_CLIENT = "firehose.client"
_TIMEOUT_S = 180.0  # what an endpoint has to answer: httpdeliveryrequestresponse.html


class Undelivered(Exception):
    """A destination did not take records. `left`: the numbers of those it did not take; None for all.

    `details(record)`: what the record of the failure shows besides.
    """

    def __init__(
        self, code: str, message: str, left: Collection[int] | None = None,
        details: Callable[[Record], Mapping[str, Any]] = lambda _: {},
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.code = code
        self.left = left
        self.details = details


async def post(call: Call, code: str, url: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    """Status and body of the answer. Undelivered (`code`) when there is none."""
    client: Client | None = call.platform.things.get(_CLIENT)
    if client is None:
        client = call.platform.things[_CLIENT] = Client("undercast-firehose")
    try:
        answer = await client.send(Outgoing("POST", url, headers, body), _TIMEOUT_S)
    except NoAnswer as error:
        if error.late:
            raise Undelivered(f"{code}.RequestTimeout", "The endpoint did not answer in time.") from error
        raise Undelivered(f"{code}.ConnectionFailed", f"The endpoint cannot be reached: {error}") from error
    return answer.status, answer.body


async def stop(platform: Any) -> None:
    """Let go of connections and threads."""
    client: Client | None = platform.things.pop(_CLIENT, None)
    if client:
        client.close()
