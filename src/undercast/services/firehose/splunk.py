"""Delivery to Splunk's HTTP Event Collector, which acknowledges what it has indexed.

https://docs.aws.amazon.com/firehose/latest/dev/basic-deliver.html
https://docs.splunk.com/Documentation/Splunk/latest/Data/AboutHECIDXAck
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.firehose import credentials
from undercast.services.firehose.model import Record, Stream
from undercast.services.firehose.outgoing import Undelivered, post

_LOOK_AGAIN_MS = 5_000
_SHOWN = 1000  # bytes of an answer that a message shows


async def send(call: Call, stream: Stream, id: str, records: Sequence[Record]) -> None:
    """Send records, and wait until they are indexed; `id` is the channel. Undelivered."""
    settings = stream.settings
    base = settings["HECEndpoint"].rstrip("/") + "/services/collector"
    token = await credentials.read(call, stream, settings.get("HECToken"), "hec_token")
    headers = {"Authorization": f"Splunk {token}", "X-Splunk-Request-Channel": id, "Content-Type": "application/json"}
    kind = "raw" if settings["HECEndpointType"] == "Raw" else "event"
    data = b"".join(record.data for record in records)
    answer = await _ask(call, f"{base}/{kind}?channel={id}", headers, data)
    if "ackId" not in answer:
        raise Undelivered("Splunk.AckIdMissing", "The answer has no ackId: acknowledgement must be on for the token.")
    until = call.clock.now() + 1000 * settings["HECAcknowledgmentTimeoutInSeconds"]
    wanted = orjson.dumps({"acks": [answer["ackId"]]})
    while not has_taken(await _ask(call, f"{base}/ack?channel={id}", headers, wanted), answer["ackId"]):
        if call.clock.now() >= until:
            raise Undelivered("Splunk.AckTimeout", "Splunk did not acknowledge the records in time.")
        await call.clock.sleep_until(call.clock.now() + _LOOK_AGAIN_MS)


def has_taken(answer: dict[str, Any], ack_id: object) -> bool:
    """Whether an answer says that what has this id is indexed."""
    acks = answer.get("acks")
    return isinstance(acks, dict) and bool(acks.get(str(ack_id)))


async def _ask(call: Call, url: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    status, answer = await post(call, "Splunk", url, headers, body)
    if status != 200:
        shown = answer[:_SHOWN].decode("utf-8", "replace")
        raise Undelivered("Splunk.ServerError" if status >= 500 else "Splunk.InvalidRequest", f"{status}: {shown}")
    try:
        parsed = orjson.loads(answer)
    except orjson.JSONDecodeError:
        parsed = None
    if not isinstance(parsed, dict):
        raise Undelivered("Splunk.InvalidResponse", "The answer is not a JSON object.")
    return parsed
