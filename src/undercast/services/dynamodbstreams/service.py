"""Amazon DynamoDB Streams on one screen."""

from __future__ import annotations

from undercast.kit.service import Job, Service
from undercast.services.dynamodbstreams import errors, receiving, records, retention, streams

service = Service(
    "dynamodbstreams",
    operations=(streams, records),
    errors=errors,
    receive=receiving.receive_event,
    jobs={"trim": Job(retention.trim_stream)},
)
