"""AWS::Logs: groups, streams, filters and resource policies."""

from __future__ import annotations

from undercast.services.cloudformation.resources.handler import Handler, Made, Work, already_exists, document, pick


class LogGroup(Handler):
    """AWS::Logs::LogGroup"""

    type = "AWS::Logs::LogGroup"
    service = "logs"
    properties = frozenset({"LogGroupName", "RetentionInDays", "Tags", "KmsKeyId", "LogGroupClass"})

    async def create(self, work: Work) -> Made:
        """A group; its name must be free."""
        name = work.name("LogGroupName", 512)
        parameters = pick(work.properties, kmsKeyId="KmsKeyId", logGroupClass="LogGroupClass")
        await work.aws.logs.create_log_group(logGroupName=name, tags=work.tags(system=True), **parameters)
        await self._retention(work, name)
        return Made(name, {"Arn": work.call.arn(f"log-group:{name}:*", "logs")})

    async def update(self, work: Work) -> Made:
        """Retention, key and tags."""
        name = work.physical_id
        if work.changed("RetentionInDays"):
            await self._retention(work, name)
        if work.changed("KmsKeyId"):
            if key := work.properties.get("KmsKeyId"):
                await work.aws.logs.associate_kms_key(logGroupName=name, kmsKeyId=key)
            else:
                await work.aws.logs.disassociate_kms_key(logGroupName=name)
        arn = work.call.arn(f"log-group:{name}", "logs")
        if stale := work.stale_tags():
            await work.aws.logs.untag_resource(resourceArn=arn, tagKeys=stale)
        if work.tags() != work.old_tags() and work.tags():
            await work.aws.logs.tag_resource(resourceArn=arn, tags=work.tags())
        return Made(name, work.attributes)

    async def delete(self, work: Work) -> None:
        """With all events."""
        await work.aws.logs.delete_log_group(logGroupName=work.physical_id)

    async def _retention(self, work: Work, name: str) -> None:
        if days := work.properties.get("RetentionInDays"):
            await work.aws.logs.put_retention_policy(logGroupName=name, retentionInDays=days)
        elif work.before.get("RetentionInDays"):
            await work.aws.logs.delete_retention_policy(logGroupName=name)


class LogStream(Handler):
    """AWS::Logs::LogStream"""

    type = "AWS::Logs::LogStream"
    service = "logs"

    async def create(self, work: Work) -> Made:
        """A stream of a group."""
        name = work.name("LogStreamName", 512)
        await work.aws.logs.create_log_stream(logGroupName=work.properties["LogGroupName"], logStreamName=name)
        return Made(name)

    async def delete(self, work: Work) -> None:
        """Delete it."""
        await work.aws.logs.delete_log_stream(
            logGroupName=work.properties["LogGroupName"], logStreamName=work.physical_id
        )


class SubscriptionFilter(Handler):
    """AWS::Logs::SubscriptionFilter"""

    type = "AWS::Logs::SubscriptionFilter"
    service = "logs"
    properties = frozenset({"DestinationArn", "Distribution", "FilterName", "FilterPattern", "LogGroupName", "RoleArn"})
    waits = True  # putting one sends its destination a test

    async def create(self, work: Work) -> Made:
        """A filter that forwards."""
        return await self._put(work, work.name("FilterName", 512))

    async def update(self, work: Work) -> Made:
        """Put it again."""
        return await self._put(work, work.physical_id)

    async def delete(self, work: Work) -> None:
        """Delete it."""
        await work.aws.logs.delete_subscription_filter(
            logGroupName=work.properties["LogGroupName"], filterName=work.physical_id
        )

    async def _put(self, work: Work, name: str) -> Made:
        parameters = pick(
            work.properties, logGroupName="LogGroupName", filterPattern="FilterPattern",
            destinationArn="DestinationArn", roleArn="RoleArn", distribution="Distribution",
        )  # fmt: skip
        await work.aws.logs.put_subscription_filter(filterName=name, **parameters)
        return Made(name)


class MetricFilter(Handler):
    """AWS::Logs::MetricFilter"""

    type = "AWS::Logs::MetricFilter"
    service = "logs"
    properties = frozenset({"FilterName", "FilterPattern", "LogGroupName", "MetricTransformations"})

    async def create(self, work: Work) -> Made:
        """A filter that counts."""
        return await self._put(work, work.name("FilterName", 512))

    async def update(self, work: Work) -> Made:
        """Put it again."""
        return await self._put(work, work.physical_id)

    async def delete(self, work: Work) -> None:
        """Delete it."""
        await work.aws.logs.delete_metric_filter(
            logGroupName=work.properties["LogGroupName"], filterName=work.physical_id
        )

    async def _put(self, work: Work, name: str) -> Made:
        transformations = []
        for one in work.properties["MetricTransformations"]:
            shown = {key[0].lower() + key[1:]: value for key, value in one.items() if key != "Dimensions"}
            if "Dimensions" in one:
                shown["dimensions"] = {pair["Key"]: pair["Value"] for pair in one["Dimensions"]}
            transformations.append(shown)
        await work.aws.logs.put_metric_filter(
            logGroupName=work.properties["LogGroupName"],
            filterName=name,
            filterPattern=work.properties["FilterPattern"],
            metricTransformations=transformations,
        )
        return Made(name)


class ResourcePolicy(Handler):
    """AWS::Logs::ResourcePolicy"""

    type = "AWS::Logs::ResourcePolicy"
    service = "logs"

    async def create(self, work: Work) -> Made:
        """A policy of the account; its name must be free."""
        name = work.properties["PolicyName"]
        there = await work.aws.logs.describe_resource_policies()
        if any(one["policyName"] == name for one in there.get("resourcePolicies", ())):
            raise already_exists(work.type, name)
        return await self.update(work)

    async def update(self, work: Work) -> Made:
        """Put it."""
        name = work.properties["PolicyName"]
        policy = document(work.properties["PolicyDocument"])
        await work.aws.logs.put_resource_policy(policyName=name, policyDocument=policy)
        return Made(name)

    async def delete(self, work: Work) -> None:
        """Delete it."""
        await work.aws.logs.delete_resource_policy(policyName=work.physical_id)


TYPES = (LogGroup(), LogStream(), SubscriptionFilter(), MetricFilter(), ResourcePolicy())
