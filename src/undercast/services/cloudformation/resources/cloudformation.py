"""AWS::CloudFormation: custom resources, nested stacks, macros and wait conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from undercast.kit.arn import Arn
from undercast.kit.tags import as_list
from undercast.services.cloudformation import storage
from undercast.services.cloudformation.model import Design, Stack
from undercast.services.cloudformation.resources.handler import Handler, HandlerError, Made, Work, already_exists

_RESPONSE_S = 3600


class CustomResource(Handler):
    """AWS::CloudFormation::CustomResource and Custom::…: a function, or who listens to a topic, makes the resource.

    It is told by an event with a URL, and answers by a PUT to that; see `answers`.
    """

    type = "AWS::CloudFormation::CustomResource"
    service = "cloudformation"
    answered = True

    async def create(self, work: Work) -> Made:
        """Ask the provider to create."""
        await self._ask(work, "Create")
        return Made("", pending=True)

    async def update(self, work: Work) -> Made:
        """Ask the provider to update; the answer may name another physical id."""
        before = _texts(work.before)
        await self._ask(work, "Update", OldResourceProperties=before)
        return Made(work.physical_id, work.attributes, pending=True)

    async def delete(self, work: Work) -> Made:
        """Ask the provider to delete."""
        await self._ask(work, "Delete")
        return Made(work.physical_id, work.attributes, pending=True)

    async def _ask(self, work: Work, request_type: str, **more: Any) -> None:
        token = work.properties["ServiceToken"]
        event = {
            "RequestType": request_type,
            "ServiceToken": token,
            "ResponseURL": work.response_url,
            "StackId": work.stack.id,
            "RequestId": work.call.ids.uuid(),
            "LogicalResourceId": work.logical_id,
            **({"PhysicalResourceId": work.physical_id} if work.physical_id else {}),
            "ResourceType": work.type,
            "ResourceProperties": _texts(work.properties),
            **more,
        }
        timeout_s = int(work.properties.get("ServiceTimeout", _RESPONSE_S))
        await work.call.later(
            work.call.now + timeout_s * 1000, "expire", [work.stack.id, work.logical_id, work.token, event["RequestId"]]
        )
        await _send(work, token, event)


class WaitConditionHandle(Handler):
    """AWS::CloudFormation::WaitConditionHandle: a URL that takes signals."""

    type = "AWS::CloudFormation::WaitConditionHandle"
    service = "cloudformation"
    answered = True

    async def create(self, work: Work) -> Made:
        """The URL."""
        return Made(work.response_url, {"Id": work.response_url})

    async def update(self, work: Work) -> Made:
        """There is nothing to change."""
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """What has arrived is forgotten with the resource."""


class WaitCondition(Handler):
    """AWS::CloudFormation::WaitCondition: waits for signals to its handle."""

    type = "AWS::CloudFormation::WaitCondition"
    service = "cloudformation"

    async def create(self, work: Work) -> Made:
        """Wait; the signals may have come already."""
        handle = work.properties.get("Handle", "")
        if "Timeout" not in work.properties or not handle:
            raise HandlerError("WaitCondition needs a Handle and a Timeout")
        found = await storage.find_callback(work.call, str(handle).rpartition("/")[2])
        if found is None:
            raise HandlerError("Invalid WaitCondition handle")
        at = work.call.now + int(work.properties["Timeout"]) * 1000
        await work.call.later(at, "stop waiting", [work.stack.id, work.logical_id])
        await work.call.later(work.call.now, "signals", [work.stack.id], key=work.stack.id)
        name = f"{work.stack.id}/{found[1]}"
        return Made(name, {"Id": name, "Data": "{}"}, pending=True)

    async def update(self, work: Work) -> Made:
        """AWS does not update them either."""
        raise HandlerError(f"Update to resource type {self.type} is not supported.")

    async def delete(self, work: Work) -> None:
        """Nothing of it is anywhere else."""


class Macro(Handler):
    """AWS::CloudFormation::Macro"""

    type = "AWS::CloudFormation::Macro"
    service = "cloudformation"
    properties = frozenset({"Name", "FunctionName", "Description"})

    async def create(self, work: Work) -> Made:
        """A name for a function that changes templates."""
        name = work.properties["Name"]
        if await storage.find_macro(work.call, name):
            raise already_exists(work.type, name)
        await storage.add_macro(work.call, name, work.properties["FunctionName"])
        return Made(name, {"Id": name})

    async def update(self, work: Work) -> Made:
        """Another function."""
        await storage.set_macro(work.call, work.physical_id, work.properties["FunctionName"])
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """Forget it."""
        await storage.delete_macro(work.call, work.physical_id)


class CdkMetadata(Handler):
    """AWS::CDK::Metadata: CloudFormation takes it and makes nothing of it."""

    type = "AWS::CDK::Metadata"
    service = "cloudformation"

    async def create(self, work: Work) -> Made:
        """Only an id."""
        return Made(work.call.ids.uuid())

    async def update(self, work: Work) -> Made:
        """Nothing."""
        return Made(work.physical_id)

    async def delete(self, work: Work) -> None:
        """Nothing."""


@dataclass
class _Child:
    """A nested stack as it shall be."""

    stack: Stack
    design: Design


class NestedStack(Handler):
    """AWS::CloudFormation::Stack"""

    type = "AWS::CloudFormation::Stack"
    service = "cloudformation"

    def prepares(self, properties: Mapping[str, Any]) -> bool:
        """Its template lies in S3."""
        return True

    async def prepare(self, work: Work) -> _Child:
        """Fetch and check the template."""
        # these modules need the table of handlers, in which this one stands
        from undercast.services.cloudformation import sources, stacks  # noqa: PLC0415

        request = _request(work)
        if work.physical_id:
            child = await work.call.transact(storage.find_stack, work.physical_id)
        else:
            child = stacks.new_stack(work.call, request)
            child.parent_id, child.parent_resource = work.stack.id, work.logical_id
            child.root_id = work.stack.root_id or work.stack.id
        child.capabilities, child.role_arn = list(work.stack.capabilities), work.stack.role_arn
        return _Child(child, await sources.read_design(work.call, request, child, child.current))

    async def create(self, work: Work) -> Made:
        """Begin to make the child."""
        from undercast.services.cloudformation import departures  # noqa: PLC0415  as above

        child: _Child = work.prepared
        await storage.add_stack(work.call, child.stack)
        await departures.begin_creation(work.call, child.stack, child.design)
        return Made(child.stack.id, pending=True)

    async def update(self, work: Work) -> Made:
        """Begin to change the child, if it would change."""
        from undercast.services.cloudformation import departures  # noqa: PLC0415  as above
        from undercast.services.cloudformation.run import Run  # noqa: PLC0415  as above

        child: _Child = work.prepared
        run = await Run.of(work.call, await storage.find_stack(work.call, work.physical_id))
        run.stack.role_arn = work.stack.role_arn
        if not await departures.has_changes(run, child.design):
            return Made(work.physical_id, work.attributes)
        await departures.begin_update(run, child.design)
        return Made(work.physical_id, work.attributes, pending=True)

    async def delete(self, work: Work) -> Made | None:
        """Begin to delete the child."""
        from undercast.services.cloudformation import departures  # noqa: PLC0415  as above

        child = await storage.seek_stack(work.call, work.physical_id)
        if child is None or child.deleted_at:
            return None
        child.role_arn = work.stack.role_arn
        await departures.begin_deletion(work.call, child, [], "")
        return Made(work.physical_id, work.attributes, pending=True)


TYPES = (CustomResource(), WaitConditionHandle(), WaitCondition(), Macro(), NestedStack(), CdkMetadata())


def _request(work: Work) -> dict[str, Any]:
    """The nested stack as CreateStack would ask for it."""
    parameters = work.properties.get("Parameters", {})
    tags = work.tags()
    return {
        "StackName": work.name(limit=128),
        "TemplateURL": work.properties["TemplateURL"],
        "Parameters": [{"ParameterKey": name, "ParameterValue": _text(value)} for name, value in parameters.items()],
        "Tags": as_list(tags),
        "NotificationARNs": work.properties.get("NotificationARNs"),
        "TimeoutInMinutes": work.properties.get("TimeoutInMinutes"),
        "Capabilities": [*work.stack.capabilities, "CAPABILITY_AUTO_EXPAND"],
    }


async def _send(work: Work, target: str, event: dict[str, Any]) -> None:
    """To a function, or to a topic."""
    try:
        arn = Arn.parse(target)
    except ValueError:
        raise HandlerError(f"Invalid service token: {target}") from None
    payload = orjson.dumps(event)
    if arn.service == "lambda":
        await work.call.deliver(target, payload)
    elif arn.service == "sns":
        await work.call.at(target).aws.sns.publish(
            TopicArn=target, Subject="AWS CloudFormation custom resource request", Message=payload.decode()
        )
    else:
        raise HandlerError("Invalid service token: it must be the ARN of a Lambda function or of an SNS topic")


def _texts(value: Any) -> Any:
    """Scalars as text, as providers get them."""
    if isinstance(value, dict):
        return {name: _texts(item) for name, item in value.items()}
    return [_texts(item) for item in value] if isinstance(value, list) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(_text(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
