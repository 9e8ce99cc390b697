"""What follows a change of an object, in its transaction: its replication, the events that its bucket asks for."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.s3 import events, replicating
from undercast.services.s3.events import Change, Target
from undercast.services.s3.model import Bucket, Version

log = logging.getLogger("undercast.s3")

_KINDS = (  # member of the configuration, member that names the destination
    ("TopicConfigurations", "TopicArn"),
    ("QueueConfigurations", "QueueArn"),
    ("LambdaFunctionConfigurations", "LambdaFunctionArn"),
)


async def happened(
    call: Call, bucket: Bucket, name: str, version: Version, *, by_s3: bool = False, **facts: Any
) -> None:
    """Tell those of the event `name` ("ObjectCreated:Put") whom the bucket's configurations name.

    `by_s3`: nobody asked for it, S3 did it by its rules. `facts` are further members of its `Change`.
    """
    if "replication" in bucket.settings:
        await replicating.follow(call, bucket, name, version)
    wanted = bucket.settings.get("notifications")
    if not wanted:
        return
    change = _change(call, bucket, name, version, by_s3, facts)
    key = version.key_text
    for target in targets(wanted):
        if target.wants(name, key):
            body = orjson.dumps({"Records": [events.record(change, bucket, target.id)]})
            await send(call, bucket, target.arn, body)
    if "EventBridgeConfiguration" in wanted:
        event = events.bridged(change, bucket, call.ids.uuid())
        if event is not None:
            bus = f"arn:aws:events:{bucket.region}:{bucket.account}:event-bus/default"
            await send(call, bucket, bus, orjson.dumps(event))


async def send(call: Call, bucket: Bucket, arn: str, body: bytes) -> None:
    """Hand an event to its destination; one that is no longer there, or refuses it, does not hinder the change."""
    sender = call.into(account=bucket.account, region=bucket.region).as_service(events.S3)
    try:
        async with call.db.savepoint():
            if ":sns:" in arn:
                await sender.aws.sns.publish(TopicArn=arn, Message=body.decode(), Subject="Amazon S3 Notification")
            else:
                await sender.deliver(arn, body)
    except ServiceError as error:
        log.warning("an event of the bucket %s for %s is dropped: %s: %s", bucket.name, arn, error.code, error.message)


def targets(wanted: Mapping[str, Any]) -> Sequence[Target]:
    """The queues, topics and functions of a notification configuration."""
    found = []
    for member, arn in _KINDS:
        for one in wanted.get(member, ()):
            rules = ((one.get("Filter") or {}).get("Key") or {}).get("FilterRules") or ()
            said = {rule["Name"].lower(): rule["Value"] for rule in rules}
            found.append(Target(one[arn], one["Id"], tuple(one["Events"]), **said))
    return found


def _change(call: Call, bucket: Bucket, name: str, version: Version, by_s3: bool, facts: Mapping[str, Any]) -> Change:
    created = name.startswith("ObjectCreated") or version.marker
    number = -version.rank if created else call.ids.sequence()
    return Change(
        name=name,
        version=version,
        sequencer=f"{number:018X}",
        at=call.now,
        request_id=call.request_id,
        requester=events.S3 if by_s3 else call.identity.account,
        user_id=f"AmazonCustomer:{events.customer_id(bucket.account)}" if by_s3 else f"AWS:{call.identity.user_id}",
        source_ip="" if by_s3 else call.request.source_ip if call.request else "",
        **facts,
    )
