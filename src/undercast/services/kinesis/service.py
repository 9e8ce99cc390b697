"""Amazon Kinesis Data Streams on one screen."""

from __future__ import annotations

from undercast.kit.service import Job, Service

from . import (
    accounts,
    consumers,
    encryption,
    errors,
    policies,
    reading,
    sending,
    shards,
    streams,
    subscriptions,
    sweeps,
    tags,
    writing,
)

service = Service(
    "kinesis",
    operations=(accounts, consumers, encryption, policies, reading, shards, streams, subscriptions, tags, writing),
    errors=errors,
    without=("StreamId",),
    receive=sending.receive_event,
    jobs={"drain": Job(sweeps.drain_stream), "trim": Job(sweeps.trim)},
)
