"""AWS::Events: buses and their policies, rules, archives, connections, API destinations, global endpoints."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.services.cloudformation.resources.handler import (
    Handler,
    Made,
    NeedsReplacement,
    Work,
    already_exists,
    document,
    is_there,
    pick,
)

_BUS = ("Description", "DeadLetterConfig", "LogConfig", "KmsKeyIdentifier")
_RULE = ("Description", "RoleArn", "ScheduleExpression", "State")
_CONNECTION = (
    "AuthorizationType",
    "AuthParameters",
    "Description",
    "InvocationConnectivityParameters",
    "KmsKeyIdentifier",
)
_DESTINATION = ("ConnectionArn", "Description", "HttpMethod", "InvocationEndpoint", "InvocationRateLimitPerSecond")
_ENDPOINT = ("Description", "EventBuses", "ReplicationConfig", "RoleArn", "RoutingConfig")


class EventBus(Handler):
    """AWS::Events::EventBus"""

    type = "AWS::Events::EventBus"
    service = "events"

    async def create(self, work: Work) -> Made:
        """A bus; its name must be free."""
        name = work.properties["Name"]
        made = await work.aws.events.create_event_bus(
            Name=name, Tags=work.tag_list(), **pick(work.properties, *_BUS, "EventSourceName")
        )
        await self._set_policy(work, name)
        return Made(name, {"Arn": made["EventBusArn"], "Name": name})

    async def update(self, work: Work) -> Made:
        """Settings, policy and tags."""
        settings = {"Description": "", **pick(work.properties, *_BUS)}
        await work.aws.events.update_event_bus(Name=work.physical_id, **settings)
        if work.changed("Policy"):
            await self._set_policy(work, work.physical_id)
        await _tag(work, work.attributes["Arn"])
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """A bus that has rules is refused."""
        await work.aws.events.delete_event_bus(Name=work.physical_id)

    async def _set_policy(self, work: Work, name: str) -> None:
        policy = work.properties.get("Policy")
        if policy:
            await work.aws.events.put_permission(EventBusName=name, Policy=document(policy))
        elif work.before.get("Policy"):
            await work.aws.events.remove_permission(EventBusName=name, RemoveAllPermissions=True)


class EventBusPolicy(Handler):
    """AWS::Events::EventBusPolicy: one statement of a bus's policy."""

    type = "AWS::Events::EventBusPolicy"
    service = "events"

    async def create(self, work: Work) -> Made:
        """Add the statement, or replace the one of its id."""
        properties = work.properties
        if "Statement" in properties:
            await self._put_statement(work)
        else:
            await work.aws.events.put_permission(
                **pick(properties, "EventBusName", "Action", "Principal", "StatementId", "Condition")
            )
        return Made(f"{properties.get('EventBusName', 'default')}|{properties['StatementId']}")

    async def update(self, work: Work) -> Made:
        """Set it again."""
        return await self.create(work)

    async def delete(self, work: Work) -> None:
        """Take it away."""
        await work.aws.events.remove_permission(**pick(work.properties, "EventBusName", "StatementId"))

    async def _put_statement(self, work: Work) -> None:
        bus = pick(work.properties, "EventBusName")
        shown = await work.aws.events.describe_event_bus(**pick(work.properties, Name="EventBusName"))
        policy: dict[str, Any] = (
            orjson.loads(shown["Policy"]) if shown.get("Policy") else {"Version": "2012-10-17", "Statement": []}
        )
        id = work.properties["StatementId"]
        kept = [one for one in policy["Statement"] if one.get("Sid") != id]
        policy["Statement"] = [*kept, {**work.properties["Statement"], "Sid": id}]
        await work.aws.events.put_permission(**bus, Policy=document(policy))


class Rule(Handler):
    """AWS::Events::Rule, with its targets."""

    type = "AWS::Events::Rule"
    service = "events"

    async def create(self, work: Work) -> Made:
        """A rule; its name must be free on its bus."""
        name, bus = work.name("Name", 64), _bus(work)
        if "Name" in work.properties and await is_there(work.aws.events.describe_rule(Name=name, **bus)):
            raise already_exists(work.type, name)
        made = await self._put(work, name)
        short = bus["EventBusName"].rpartition("/")[2] if bus else "default"
        return Made(name if short == "default" else f"{short}|{name}", {"Arn": made["RuleArn"], "RuleName": name})

    async def update(self, work: Work) -> Made:
        """The rule anew, and its targets; on another bus it is another rule."""
        if work.changed("EventBusName"):
            raise NeedsReplacement
        await self._put(work, self._name(work))
        await _tag(work, work.attributes["Arn"])
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """With its targets."""
        name, bus = self._name(work), _bus(work)
        there = await work.aws.events.list_targets_by_rule(Rule=name, **bus)
        if there["Targets"]:
            await work.aws.events.remove_targets(Rule=name, Ids=[one["Id"] for one in there["Targets"]], **bus)
        await work.aws.events.delete_rule(Name=name, **bus)

    async def _put(self, work: Work, name: str) -> dict[str, Any]:
        properties, bus = dict(work.properties), _bus(work)
        if "EventPattern" in properties:
            bus = {**bus, "EventPattern": document(properties["EventPattern"])}
        made: dict[str, Any] = await work.aws.events.put_rule(
            Name=name, Tags=work.tag_list(), **bus, **pick(properties, *_RULE)
        )
        await self._put_targets(work, name)
        return made

    async def _put_targets(self, work: Work, name: str) -> None:
        bus, targets = _bus(work), work.properties.get("Targets", [])
        wanted = {one["Id"] for one in targets}
        gone = [one["Id"] for one in work.before.get("Targets", ()) if one["Id"] not in wanted]
        if gone:
            await work.aws.events.remove_targets(Rule=name, Ids=gone, **bus)
        if targets:
            await work.aws.events.put_targets(Rule=name, Targets=targets, **bus)

    def _name(self, work: Work) -> str:
        return work.physical_id.rpartition("|")[2]


class Archive(Handler):
    """AWS::Events::Archive"""

    type = "AWS::Events::Archive"
    service = "events"

    async def create(self, work: Work) -> Made:
        """An archive; its name must be free."""
        name = work.name("ArchiveName", 48)
        made = await work.aws.events.create_archive(
            ArchiveName=name, EventSourceArn=work.properties["SourceArn"], **self._settings(work)
        )
        return Made(name, {"Arn": made["ArchiveArn"], "ArchiveName": name})

    async def update(self, work: Work) -> Made:
        """Description, pattern and retention."""
        settings = {"Description": "", "EventPattern": "", "RetentionDays": 0, **self._settings(work)}
        await work.aws.events.update_archive(ArchiveName=work.physical_id, **settings)
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """With its events."""
        await work.aws.events.delete_archive(ArchiveName=work.physical_id)

    def _settings(self, work: Work) -> dict[str, Any]:
        settings = pick(work.properties, "Description", "RetentionDays", "KmsKeyIdentifier")
        if "EventPattern" in work.properties:
            settings["EventPattern"] = document(work.properties["EventPattern"])
        return settings


class Connection(Handler):
    """AWS::Events::Connection"""

    type = "AWS::Events::Connection"
    service = "events"

    async def create(self, work: Work) -> Made:
        """A connection; its name must be free."""
        name = work.name("Name", 64)
        await work.aws.events.create_connection(Name=name, **pick(work.properties, *_CONNECTION))
        shown = await work.aws.events.describe_connection(Name=name)
        arn = shown["ConnectionArn"]
        return Made(name, {"Arn": arn, "ArnForPolicy": arn.rpartition("/")[0], "SecretArn": shown["SecretArn"]})

    async def update(self, work: Work) -> Made:
        """All settings anew."""
        settings = {"Description": "", **pick(work.properties, *_CONNECTION)}
        await work.aws.events.update_connection(Name=work.physical_id, **settings)
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """With its secret."""
        await work.aws.events.delete_connection(Name=work.physical_id)


class ApiDestination(Handler):
    """AWS::Events::ApiDestination"""

    type = "AWS::Events::ApiDestination"
    service = "events"

    async def create(self, work: Work) -> Made:
        """An API destination; its name must be free."""
        name = work.name("Name", 64)
        made = await work.aws.events.create_api_destination(Name=name, **pick(work.properties, *_DESTINATION))
        arn = made["ApiDestinationArn"]
        return Made(name, {"Arn": arn, "ArnForPolicy": arn.rpartition("/")[0]})

    async def update(self, work: Work) -> Made:
        """All settings anew."""
        settings = {"Description": "", "InvocationRateLimitPerSecond": 300, **pick(work.properties, *_DESTINATION)}
        await work.aws.events.update_api_destination(Name=work.physical_id, **settings)
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """The connection stays."""
        await work.aws.events.delete_api_destination(Name=work.physical_id)


class Endpoint(Handler):
    """AWS::Events::Endpoint"""

    type = "AWS::Events::Endpoint"
    service = "events"

    async def create(self, work: Work) -> Made:
        """A global endpoint; its name must be free."""
        name = work.name("Name", 64)
        await work.aws.events.create_endpoint(Name=name, **pick(work.properties, *_ENDPOINT))
        shown = await work.aws.events.describe_endpoint(Name=name)
        return Made(name, pick(shown, "Arn", "EndpointId", "EndpointUrl", "State"))

    async def update(self, work: Work) -> Made:
        """All settings anew."""
        await work.aws.events.update_endpoint(Name=work.physical_id, **pick(work.properties, *_ENDPOINT))
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """The buses stay."""
        await work.aws.events.delete_endpoint(Name=work.physical_id)


TYPES = (EventBus(), EventBusPolicy(), Rule(), Archive(), Connection(), ApiDestination(), Endpoint())


def _bus(work: Work) -> dict[str, str]:
    return pick(work.properties, "EventBusName")


async def _tag(work: Work, arn: str) -> None:
    if stale := work.stale_tags():
        await work.aws.events.untag_resource(ResourceARN=arn, TagKeys=stale)
    if work.tags():
        await work.aws.events.tag_resource(ResourceARN=arn, Tags=work.tag_list())
