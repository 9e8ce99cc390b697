"""One turn of work on a stack, in one transaction: its resources, the events, what is saved in the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.cloudformation import storage
from undercast.services.cloudformation.model import STACK_TYPE, Resource, Stack

TURN = 64  # resources that one transaction works on


class Run:
    """A stack with its resources. Change them, say so with `touch`, `record` and `enter`; `save` writes it all."""

    def __init__(self, call: Call, stack: Stack, resources: list[Resource]) -> None:
        self.call = call
        self.stack = stack
        self.everything = resources
        self.budget = TURN
        self._events: list[dict[str, Any]] = []
        self._changed: dict[int, Resource] = {}
        self._gone: list[Resource] = []

    @classmethod
    async def of(cls, call: Call, stack: Stack) -> Run:
        """With the resources that the database has."""
        return cls(call, stack, await storage.resources_of(call, stack.id))

    @property
    def rows(self) -> dict[str, Resource]:
        """The resources that count, by logical id."""
        return {one.logical_id: one for one in self.everything if not one.superseded}

    def add(self, resource: Resource) -> None:
        """A new resource."""
        self.everything.append(resource)
        self.touch(resource)

    def touch(self, resource: Resource) -> None:
        """It has changed."""
        self._changed[resource.generation] = resource

    def drop(self, resource: Resource) -> None:
        """Forget it."""
        self.everything.remove(resource)
        self._changed.pop(resource.generation, None)
        self._gone.append(resource)

    def record(self, resource: Resource, status: str, reason: str = "") -> None:
        """Give a resource a status, and tell it."""
        resource.status, resource.reason, resource.updated_at = status, reason, self.call.now
        self.touch(resource)
        self._events.append(
            self._event(
                resource.logical_id, resource.type, resource.physical_id, status, reason,
                f"{resource.logical_id}-{status}-{self.call.ids.uuid()}",
                ResourceProperties=None if status.startswith("DELETE") else orjson.dumps(resource.shown).decode(),
            )
        )  # fmt: skip

    def enter(self, status: str, reason: str = "") -> None:
        """Give the stack a status, and tell it."""
        self.stack.status, self.stack.reason = status, reason
        self._events.append(
            self._event(self.stack.name, STACK_TYPE, self.stack.id, status, reason, self.call.ids.uuid())
        )

    async def save(self) -> None:
        """Write what has changed, and publish the events."""
        if self._gone:
            await storage.delete_resources(self.call, self.stack.id, self._gone)
        if self._changed:
            await storage.save_resources(self.call, self.stack.id, self._changed.values())
        await storage.save_stack(self.call, self.stack)
        await storage.add_events(self.call, self.stack.id, self._events)
        for arn in self.stack.notification_arns:
            for event in self._events:
                await _publish(self.call, arn, event)
        self._events, self._changed, self._gone = [], {}, []

    def _event(
        self, logical_id: str, type: str, physical_id: str, status: str, reason: str, event_id: str, **more: Any
    ) -> dict[str, Any]:
        event = {
            "StackId": self.stack.id,
            "EventId": event_id,
            "StackName": self.stack.name,
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": physical_id,
            "ResourceType": type,
            "Timestamp": self.call.now,
            "ResourceStatus": status,
            "ResourceStatusReason": reason or None,
            "ClientRequestToken": self.stack.client_token or None,
            **more,
        }
        return {name: value for name, value in event.items() if value is not None}


async def _publish(call: Call, arn: str, event: Mapping[str, Any]) -> None:
    """An event as CloudFormation's e-mails have it; a topic that cannot take it changes nothing."""
    lines = [f"{name}='{value}'" for name, value in event.items()]
    try:
        await call.at(arn).aws.sns.publish(
            TopicArn=arn, Subject="AWS CloudFormation Notification", Message="\n".join(lines) + "\n"
        )
    except ServiceError:
        return
