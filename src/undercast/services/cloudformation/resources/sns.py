"""AWS::SNS: topics, subscriptions and policies."""

from __future__ import annotations

from typing import Any

from undercast.kit.arn import Arn
from undercast.services.cloudformation.resources.handler import (
    Handler,
    Made,
    NeedsReplacement,
    Work,
    already_exists,
    document,
    is_there,
    unless_gone,
)

_TOPIC = (
    "ArchivePolicy",
    "ContentBasedDeduplication",
    "DisplayName",
    "FifoThroughputScope",
    "FifoTopic",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "SignatureVersion",
    "TracingConfig",
)
_SUBSCRIPTION = (
    "DeliveryPolicy",
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
    "SubscriptionRoleArn",
)


class Topic(Handler):
    """AWS::SNS::Topic"""

    type = "AWS::SNS::Topic"
    service = "sns"
    properties = frozenset([*_TOPIC, "TopicName", "Tags", "Subscription", "DataProtectionPolicy"])

    async def create(self, work: Work) -> Made:
        """A topic, its name must be free; and its subscriptions."""
        fifo = work.properties.get("FifoTopic") is True
        name = work.name("TopicName", 251 if fifo else 256)
        if fifo and not name.endswith(".fifo"):
            name += ".fifo"
        arn = work.call.arn(name, "sns")
        if "TopicName" in work.properties and await is_there(work.aws.sns.get_topic_attributes(TopicArn=arn)):
            raise already_exists(work.type, arn)
        await work.aws.sns.create_topic(
            Name=name,
            Attributes=_attributes(work.properties, _TOPIC),
            Tags=work.tag_list(),
            DataProtectionPolicy=document(work.properties.get("DataProtectionPolicy", "")) or None,
        )
        for one in work.properties.get("Subscription", ()):
            await work.aws.sns.subscribe(TopicArn=arn, Protocol=one["Protocol"], Endpoint=one["Endpoint"])
        return Made(arn, {"TopicArn": arn, "TopicName": name})

    async def update(self, work: Work) -> Made:
        """Set attributes, tags and the list of subscriptions."""
        arn = work.physical_id
        wanted, before = _attributes(work.properties, _TOPIC), _attributes(work.before, _TOPIC)
        for name in sorted(wanted.keys() | before.keys()):
            if wanted.get(name) != before.get(name):
                await work.aws.sns.set_topic_attributes(
                    TopicArn=arn, AttributeName=name, AttributeValue=wanted.get(name, "")
                )
        if work.changed("DataProtectionPolicy"):
            policy = document(work.properties.get("DataProtectionPolicy", {}))
            await work.aws.sns.put_data_protection_policy(ResourceArn=arn, DataProtectionPolicy=policy)
        await _subscriptions(work, arn)
        if stale := work.stale_tags():
            await work.aws.sns.untag_resource(ResourceArn=arn, TagKeys=stale)
        if work.tags():
            await work.aws.sns.tag_resource(ResourceArn=arn, Tags=work.tag_list())
        return Made(arn, work.attributes)

    async def delete(self, work: Work) -> None:
        """With its subscriptions."""
        await work.aws.sns.delete_topic(TopicArn=work.physical_id)


class Subscription(Handler):
    """AWS::SNS::Subscription"""

    type = "AWS::SNS::Subscription"
    service = "sns"
    properties = frozenset([*_SUBSCRIPTION, "Endpoint", "Protocol", "TopicArn", "Region"])

    async def create(self, work: Work) -> Made:
        """Subscribe, in the topic's region."""
        properties = work.properties
        made = await _client(work).subscribe(
            TopicArn=properties["TopicArn"],
            Protocol=properties["Protocol"],
            Endpoint=properties.get("Endpoint"),
            Attributes=_attributes(properties, _SUBSCRIPTION),
            ReturnSubscriptionArn=True,
        )
        return Made(made["SubscriptionArn"], {"Arn": made["SubscriptionArn"]})

    async def update(self, work: Work) -> Made:
        """Set attributes; a filter's scope before the filter."""
        if work.changed("Region"):
            raise NeedsReplacement
        wanted, before = _attributes(work.properties, _SUBSCRIPTION), _attributes(work.before, _SUBSCRIPTION)
        for name in sorted(wanted.keys() | before.keys(), key=lambda one: (one != "FilterPolicyScope", one)):
            if wanted.get(name) != before.get(name):
                await _client(work).set_subscription_attributes(
                    SubscriptionArn=work.physical_id, AttributeName=name, AttributeValue=wanted.get(name, "")
                )
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """Unsubscribe; one that never was confirmed goes with its topic."""
        await _client(work).unsubscribe(SubscriptionArn=work.physical_id)


class TopicPolicy(Handler):
    """AWS::SNS::TopicPolicy: one document for several topics."""

    type = "AWS::SNS::TopicPolicy"
    service = "sns"

    async def create(self, work: Work) -> Made:
        """Set the policy of every topic."""
        await _set_policies(work, work.properties["Topics"], document(work.properties["PolicyDocument"]))
        name = work.name()
        return Made(name, {"Id": name})

    async def update(self, work: Work) -> Made:
        """Set it on the topics that are named now; the others get their default again."""
        await _set_policies(
            work, [arn for arn in work.before.get("Topics", ()) if arn not in work.properties["Topics"]], ""
        )
        await _set_policies(work, work.properties["Topics"], document(work.properties["PolicyDocument"]))
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """Give every topic that is still there its default policy."""
        for arn in work.properties.get("Topics", ()):
            await unless_gone(_set_policies(work, [arn], ""))


class TopicInlinePolicy(Handler):
    """AWS::SNS::TopicInlinePolicy: one document for one topic."""

    type = "AWS::SNS::TopicInlinePolicy"
    service = "sns"

    async def create(self, work: Work) -> Made:
        """Set the topic's policy."""
        await _set_policies(work, [work.properties["TopicArn"]], document(work.properties["PolicyDocument"]))
        return Made(work.properties["TopicArn"])

    async def update(self, work: Work) -> Made:
        """Set it again."""
        return await self.create(work)

    async def delete(self, work: Work) -> None:
        """Give the topic its default policy."""
        await _set_policies(work, [work.properties["TopicArn"]], "")


TYPES = (Topic(), Subscription(), TopicPolicy(), TopicInlinePolicy())


def _attributes(properties: dict[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for name in names:
        value = properties.get(name)
        if value is None or (name == "FifoTopic" and not value):
            continue
        found[name] = str(value).lower() if isinstance(value, bool) else _text(value)
    return found


def _text(value: Any) -> str:
    return document(value) if isinstance(value, dict | list) else str(value)


def _client(work: Work) -> Any:
    """SNS in the region of the topic."""
    region = work.properties.get("Region") or Arn.parse(work.properties["TopicArn"]).region
    return work.call.into(region=region).aws.sns


async def _subscriptions(work: Work, arn: str) -> None:
    """Make the subscriptions of a topic's property those that are wanted."""
    wanted, before = work.properties.get("Subscription", []), work.before.get("Subscription", [])
    for one in wanted:
        if one not in before:
            await work.aws.sns.subscribe(TopicArn=arn, Protocol=one["Protocol"], Endpoint=one["Endpoint"])
    gone = [(one["Protocol"], one["Endpoint"]) for one in before if one not in wanted]
    if gone:
        there = await work.aws.sns.list_subscriptions_by_topic(TopicArn=arn)
        for one in there.get("Subscriptions", ()):
            if (one["Protocol"], one["Endpoint"]) in gone:
                await work.aws.sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])


async def _set_policies(work: Work, arns: list[str], policy: str) -> None:
    for arn in arns:
        await work.aws.sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
