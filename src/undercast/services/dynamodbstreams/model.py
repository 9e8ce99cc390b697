"""What a stream, a shard, a record and an iterator are."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

import orjson

from undercast.engines.dynamodb.values import decode
from undercast.kit.arn import Arn
from undercast.services.dynamodbstreams.errors import ResourceNotFoundException, ValidationException

RETENTION_MS = 24 * 3_600_000
SHARD_MS = 4 * 3_600_000  # how long a shard stays open; AWS rolls them over about so often
ITERATOR_MS = 15 * 60_000

_FIRST = 10**20  # sequence numbers have 21 digits at least
NUMBER_DIGITS = range(21, 41)


@dataclass(frozen=True, slots=True)
class Stream:
    """The stream of a table, from when it was enabled until 24 hours after it was disabled."""

    account: str
    region: str
    resource: str
    id: int
    view_type: str
    key_schema: list[dict[str, str]]
    created_at: int
    disabled_at: int
    next_number: int
    rolls_at: int
    trimmed: int
    trims_at: int

    @property
    def arn(self) -> str:
        return f"arn:aws:dynamodb:{self.region}:{self.account}:{self.resource}"

    @property
    def table(self) -> str:
        return self.resource.split("/")[1]

    @property
    def label(self) -> str:
        return self.resource.rpartition("/")[2]

    @property
    def channel(self) -> str:
        """What is notified when there are new records, or a shard was closed."""
        return f"dynamodbstreams:{self.arn}"


@dataclass(frozen=True, slots=True)
class Shard:
    """A run of a stream's records; `last_number` is 0 while it is open."""

    first_number: int
    last_number: int
    id: str
    parent_id: str
    closed_at: int

    def describe(self) -> dict[str, Any]:
        """As DescribeStream says it."""
        numbers = {"StartingSequenceNumber": sequence_number(self.first_number)}
        if self.last_number:
            numbers["EndingSequenceNumber"] = sequence_number(self.last_number)
        return {"ShardId": self.id, "SequenceNumberRange": numbers, "ParentShardId": self.parent_id or None}


@dataclass(frozen=True, slots=True)
class Record:
    """One change of an item. `body` is JSON with its event's name, who made it, keys, images and size."""

    number: int
    at: int
    event_id: str
    body: bytes

    def describe(self, stream: Stream) -> dict[str, Any]:
        """As GetRecords says it."""
        body = orjson.loads(self.body)
        kept = {name: {"M": body[name]} for name in ("Keys", "NewImage", "OldImage") if name in body}
        images = {name: value["M"] for name, value in decode(orjson.dumps(kept)).items()}  # binary as bytes
        change = {
            "ApproximateCreationDateTime": self.at // 1000 * 1000,
            **images,
            "SequenceNumber": sequence_number(self.number),
            "SizeBytes": body["SizeBytes"],
            "StreamViewType": stream.view_type,
        }
        return {
            "eventID": self.event_id, "eventName": body["eventName"], "eventVersion": "1.1",
            "eventSource": "aws:dynamodb", "awsRegion": stream.region, "dynamodb": change,
            "userIdentity": body.get("userIdentity"),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Iterator:
    """A position in a shard: the number of the next record; with `oldest` the oldest there is when it is read."""

    arn: str
    shard_id: str
    number: int
    oldest: bool
    made_at: int

    def token(self) -> str:
        """As clients hold it."""
        position = orjson.dumps([self.shard_id, self.number, self.oldest, self.made_at])
        return f"{self.arn}|1|{b64encode(position).decode()}"

    @classmethod
    def parse(cls, token: str) -> Iterator:
        """The inverse of `token`. ValidationException."""
        arn, _, rest = token.partition("|1|")
        try:
            return cls(arn, *orjson.loads(b64decode(rest, validate=True)))
        except (ValueError, TypeError) as error:
            raise ValidationException("Invalid ShardIterator") from error


def sequence_number(number: int) -> str:
    """The number of a record as clients see it; as texts of one length they sort like numbers."""
    return str(_FIRST + number)


def parse_sequence_number(text: str) -> int:
    """The inverse of `sequence_number`. ValidationException."""
    if not (text.isascii() and text.isdigit() and len(text) in NUMBER_DIGITS):
        raise ValidationException(f"Invalid SequenceNumber: {text}")
    return int(text) - _FIRST


def stream_resource(arn: str, account: str, region: str) -> str:
    """What a stream's ARN names. ResourceNotFoundException unless it is a stream of this account and region."""
    try:
        parsed = Arn.parse(arn)
    except ValueError as error:
        raise ValidationException(f"Invalid StreamArn: {arn}") from error
    if (parsed.service, parsed.account, parsed.region) != ("dynamodb", account, region):
        raise no_stream(arn)
    return parsed.resource


def no_stream(arn: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Requested resource not found: Stream: {arn} not found")
