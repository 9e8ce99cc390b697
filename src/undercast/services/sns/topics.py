"""Operations on topics."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import orjson

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.kit.tags import as_list, as_map
from undercast.services.sns import arns, errors, storage, topic_attributes
from undercast.services.sns.errors import invalid
from undercast.services.sns.model import Topic

PAGE = 100

_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_FIFO_NAME = re.compile(r"(?=.{1,256}$)[A-Za-z0-9_-]+\.fifo")
_LARGEST_DATA_PROTECTION = 30_720


async def create_topic(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a topic, or find the one that is there with the same attributes and tags."""
    name, wanted = request["Name"], request.get("Attributes") or {}
    fifo = _check_name(name, wanted)
    attributes = topic_attributes.check(name, fifo, wanted)
    tags = as_map(request.get("Tags"))
    data_protection = _check_data_protection(request.get("DataProtectionPolicy") or "")
    existing = await storage.find_topic_by_name(call, call.account, call.region, name)
    if existing:
        _check_same(existing, attributes, tags)
        return {"TopicArn": existing.arn}
    if len(tags) > 50:
        raise errors.TagLimitExceeded()
    topic = Topic(call.account, call.region, name, call.now, attributes, tags, data_protection)
    await storage.add_topic(call, topic)
    return {"TopicArn": topic.arn}


async def delete_topic(call: Call, request: dict[str, Any]) -> None:
    """Delete a topic and its subscriptions; a topic that is not there is no error."""
    arn = arns.topic(request["TopicArn"], call.region)
    topic = await storage.find_topic_by_name(call, arn.account, arn.region, arn.resource)
    if topic:
        await storage.delete_topic(call, topic)


async def list_topics(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The ARNs of topics, 100 at a time."""
    names = await storage.list_topics(call, str(after(request) or ""), PAGE + 1)
    return {
        "Topics": [{"TopicArn": call.arn(name)} for name in names[:PAGE]],
        "NextToken": paging.encode_token(names[PAGE - 1]) if len(names) > PAGE else None,
    }


async def get_topic_attributes(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Attributes that were set, defaults, and counts of subscriptions."""
    topic = await storage.find_topic(call, arns.topic(request["TopicArn"], call.region))
    return {"Attributes": topic_attributes.describe(topic, await storage.count_subscriptions(call, topic))}


async def set_topic_attributes(call: Call, request: dict[str, Any]) -> None:
    """Change an attribute; an empty value takes it back."""
    topic = await storage.find_topic(call, arns.topic(request["TopicArn"], call.region))
    key, value = request["AttributeName"], request.get("AttributeValue") or ""
    if not topic_attributes.settable(key, topic.fifo):  # recorded: test_topic_get_attributes_with_fifo_false
        raise invalid("AttributeName")
    attributes = {**topic.attributes, key: topic_attributes.check_value(key, value)}
    kept = {name: text for name, text in attributes.items() if text != ""}
    await storage.save_topic(call, replace(topic, attributes=kept))


async def put_data_protection_policy(call: Call, request: dict[str, Any]) -> None:
    """Keep a data protection policy."""
    topic = await storage.find_topic(call, arns.topic(request["ResourceArn"], call.region, "ResourceArn"))
    text = _check_data_protection(request["DataProtectionPolicy"])
    await storage.save_topic(call, replace(topic, data_protection=text))


async def get_data_protection_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A topic's data protection policy."""
    topic = await storage.find_topic(call, arns.topic(request["ResourceArn"], call.region, "ResourceArn"))
    return {"DataProtectionPolicy": topic.data_protection or None}


async def tag_resource(call: Call, request: dict[str, Any]) -> None:
    """Add or change a topic's tags."""
    topic = await _tagged(call, request)
    tags = {**topic.tags, **as_map(request["Tags"])}
    if len(tags) > 50:
        raise errors.TagLimitExceeded()
    await storage.save_topic(call, replace(topic, tags=tags))


async def untag_resource(call: Call, request: dict[str, Any]) -> None:
    """Remove tags."""
    topic = await _tagged(call, request)
    tags = {key: value for key, value in topic.tags.items() if key not in request["TagKeys"]}
    await storage.save_topic(call, replace(topic, tags=tags))


async def list_tags_for_resource(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A topic's tags."""
    topic = await _tagged(call, request)
    return {"Tags": as_list(topic.tags)}


def after(request: dict[str, Any], member: str = "NextToken") -> object:
    """Where a page begins; None at the start. InvalidParameter."""
    token = request.get(member)
    try:
        return paging.decode_token(token) if token else None
    except paging.InvalidToken:
        raise invalid(member) from None


async def _tagged(call: Call, request: dict[str, Any]) -> Topic:
    arn = arns.topic(request["ResourceArn"], call.region, "ResourceArn")
    topic = await storage.find_topic_by_name(call, arn.account, arn.region, arn.resource)
    if topic is None:
        raise errors.ResourceNotFound()
    return topic


def _check_name(name: str, wanted: dict[str, str]) -> bool:
    """Whether the topic is to be a FIFO topic."""
    fifo = wanted.get("FifoTopic", "false").lower()
    if fifo not in ("true", "false"):
        raise invalid("FifoTopic", f"Invalid value [{fifo}]")
    if fifo == "true" and not _FIFO_NAME.fullmatch(name):
        raise invalid(
            "Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, "
            "numbers, underscores, and hyphens, and must be between 1 and 256 characters long."
        )
    if fifo == "false" and not _NAME.fullmatch(name):
        raise invalid("Topic Name")
    return fifo == "true"


def _check_same(existing: Topic, attributes: dict[str, str], tags: dict[str, str]) -> None:
    """What is given again has to be what is there; what is left out does not matter."""
    shown = topic_attributes.describe(existing, {})
    if any(shown.get(key) != value for key, value in attributes.items()):
        raise invalid("Attributes", "Topic already exists with different attributes")
    if any(existing.tags.get(key) != value for key, value in tags.items()):
        raise invalid("Tags", "Topic already exists with different tags")


def _check_data_protection(text: str) -> str:
    """A data protection policy; SNS's own rules for its statements are many, here it has to have them at all."""
    if not text:
        return text
    try:
        policy = orjson.loads(text)
    except orjson.JSONDecodeError:
        policy = None
    if (
        len(text) > _LARGEST_DATA_PROTECTION
        or not isinstance(policy, dict)
        or not {"Name", "Version", "Statement"} <= policy.keys()
        or not isinstance(policy["Statement"], list)
        or not all(isinstance(one, dict) and {"DataDirection", "DataIdentifier", "Operation"} <= one.keys()
                   for one in policy["Statement"])
    ):  # fmt: skip
        raise invalid("DataProtectionPolicy")
    return text
