"""AWS::SQS: queues and their policies."""

from __future__ import annotations

from typing import Any

from undercast.services.cloudformation.resources.handler import (
    Handler,
    Made,
    Work,
    already_exists,
    document,
    is_there,
    unless_gone,
)

_DEFAULTS = {  # what an attribute is once its property is taken away
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "queue",
    "DelaySeconds": "0",
    "FifoThroughputLimit": "perQueue",
    "KmsDataKeyReusePeriodSeconds": "",
    "KmsMasterKeyId": "",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "RedriveAllowPolicy": "",
    "RedrivePolicy": "",
    "VisibilityTimeout": "30",
}


class Queue(Handler):
    """AWS::SQS::Queue"""

    type = "AWS::SQS::Queue"
    service = "sqs"

    async def create(self, work: Work) -> Made:
        """A queue; its name must be free."""
        fifo = work.properties.get("FifoQueue") is True
        name = work.name("QueueName", 75 if fifo else 80)
        if fifo and not name.endswith(".fifo"):
            name += ".fifo"
        if "QueueName" in work.properties and await is_there(work.aws.sqs.get_queue_url(QueueName=name)):
            raise already_exists(work.type, name)
        made = await work.aws.sqs.create_queue(
            QueueName=name, Attributes=_attributes(work.properties), tags=work.tags() or None
        )
        url = made["QueueUrl"]
        return Made(url, {"Arn": work.call.arn(name, "sqs"), "QueueName": name, "QueueUrl": url})

    async def update(self, work: Work) -> Made:
        """Set what is wanted, and to its default what is wanted no more."""
        wanted, before = _attributes(work.properties), _attributes(work.before)
        reset = {name: _DEFAULTS[name] for name in before if name not in wanted and name in _DEFAULTS}
        changes = {**reset, **{name: value for name, value in wanted.items() if before.get(name) != value}}
        changes.pop("FifoQueue", None)
        if changes:
            await work.aws.sqs.set_queue_attributes(QueueUrl=work.physical_id, Attributes=changes)
        if stale := work.stale_tags():
            await work.aws.sqs.untag_queue(QueueUrl=work.physical_id, TagKeys=stale)
        if work.tags():
            await work.aws.sqs.tag_queue(QueueUrl=work.physical_id, Tags=work.tags())
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """With all messages."""
        await work.aws.sqs.delete_queue(QueueUrl=work.physical_id)


class QueuePolicy(Handler):
    """AWS::SQS::QueuePolicy: one document for several queues."""

    type = "AWS::SQS::QueuePolicy"
    service = "sqs"

    async def create(self, work: Work) -> Made:
        """Set the policy of every queue."""
        await _set_policies(work, work.properties["Queues"], document(work.properties["PolicyDocument"]))
        name = work.name()
        return Made(name, {"Id": name})

    async def update(self, work: Work) -> Made:
        """Set it on the queues that are named now, take it from those that are named no more."""
        gone = [url for url in work.before.get("Queues", ()) if url not in work.properties["Queues"]]
        await _set_policies(work, gone, "")
        await _set_policies(work, work.properties["Queues"], document(work.properties["PolicyDocument"]))
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """Take the policy from every queue that is still there."""
        for url in work.properties.get("Queues", ()):
            await unless_gone(_set_policies(work, [url], ""))


class QueueInlinePolicy(Handler):
    """AWS::SQS::QueueInlinePolicy: one document for one queue."""

    type = "AWS::SQS::QueueInlinePolicy"
    service = "sqs"

    async def create(self, work: Work) -> Made:
        """Set the queue's policy."""
        await _set_policies(work, [work.properties["Queue"]], document(work.properties["PolicyDocument"]))
        return Made(work.properties["Queue"])

    async def update(self, work: Work) -> Made:
        """Set it again."""
        return await self.create(work)

    async def delete(self, work: Work) -> None:
        """Take it away."""
        await _set_policies(work, [work.properties["Queue"]], "")


TYPES = (Queue(), QueuePolicy(), QueueInlinePolicy())


def _attributes(properties: dict[str, Any]) -> dict[str, str]:
    found = {}
    for name, value in properties.items():
        if name in ("QueueName", "Tags") or (name == "FifoQueue" and not value):
            continue
        found[name] = str(value).lower() if isinstance(value, bool) else _text(value)
    return found


def _text(value: Any) -> str:
    return document(value) if isinstance(value, dict | list) else str(value)


async def _set_policies(work: Work, urls: list[str], policy: str) -> None:
    for url in urls:
        await work.aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
