"""Operations on subscription filters and metric filters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.engines import log_filters
from undercast.kit import paging
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet, ServiceError
from undercast.kit.service import waits
from undercast.services.logs import errors, forwarding, storage
from undercast.services.logs.errors import InvalidParameterException
from undercast.services.logs.events import compile_filter
from undercast.services.logs.model import Group

_MOST_SUBSCRIPTIONS = 2
_MOST_METRIC_FILTERS = 100
_STREAMS = {"firehose": ("Firehose", "Firehose"), "kinesis": ("Kinesis", "kinesis")}  # as AWS writes them
_REFUSED = ("applyOnTransformedLogs", "fieldSelectionCriteria", "emitSystemFields", "emitSystemFieldDimensions")


# --- subscription filters ---


@waits
async def put_subscription_filter(call: Call, request: dict[str, Any]) -> None:
    """Have the events that match delivered to a function or a stream from now on."""
    _check_settings(request)
    compile_filter(request["filterPattern"])
    await call.transact(storage.find_group, request["logGroupName"])
    await _check_destination(call, request)
    await call.transact(_put_subscription_filter, request)


async def _put_subscription_filter(call: Call, request: dict[str, Any]) -> None:
    group = await _standard(call, request["logGroupName"])
    settings = {
        "destinationArn": request["destinationArn"],
        "roleArn": request.get("roleArn"),
        "distribution": request.get("distribution") or "ByLogStream",
        "applyOnTransformedLogs": False,
    }
    new = await storage.put_filter(
        call, "subscription", group.name, request["filterName"], request["filterPattern"], settings
    )
    if new:
        if group.subscriptions >= _MOST_SUBSCRIPTIONS:
            raise errors.LimitExceededException()
        await storage.save_group(call, replace(group, subscriptions=group.subscriptions + 1))


async def delete_subscription_filter(call: Call, request: dict[str, Any]) -> None:
    """Deliver no more."""
    group = await storage.find_group(call, request["logGroupName"])
    if not await storage.delete_filter(call, "subscription", group.name, request["filterName"]):
        raise errors.ResourceNotFoundException("The specified subscription filter does not exist.")
    await storage.save_group(call, replace(group, subscriptions=group.subscriptions - 1))


async def describe_subscription_filters(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The subscription filters of a group."""
    group = await storage.find_group(call, request["logGroupName"])
    filters, token = await _page(call, "subscription", group.name, request)
    return {"subscriptionFilters": filters, "nextToken": token}


async def _check_destination(call: Call, request: dict[str, Any]) -> None:
    arn = request["destinationArn"]
    try:
        service = Arn.parse(arn).service
    except ValueError:
        raise InvalidParameterException(
            f"1 validation error detected: Value '{arn}' at 'destinationArn' failed to satisfy constraint: "
            "Member must be a valid ARN"
        ) from None
    if service == "lambda":
        await _check_function(call, arn)
    elif service in _STREAMS:
        await _check_stream(call, arn, service, request.get("roleArn"))
    else:
        raise NotImplementedYet(
            f"Undercast's subscription filters deliver to Lambda functions, Kinesis and Firehose, not to {arn}."
        )


async def _check_function(call: Call, arn: str) -> None:
    try:
        await call.at(arn).aws.lambda_.get_function_configuration(FunctionName=arn)
    except ServiceError as error:
        if error.code != "ResourceNotFoundException":
            raise
        raise InvalidParameterException(
            "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute "
            "your function."
        ) from error


async def _check_stream(call: Call, arn: str, service: str, role: str | None) -> None:
    if not role:
        raise InvalidParameterException(f"destinationArn for vendor {service} cannot be used without roleArn")
    kind, called = _STREAMS[service]
    try:
        await call.transact(forwarding.deliver_test, arn, kind)
    except ServiceError as error:
        raise InvalidParameterException(
            f"Could not deliver test message to specified {kind} stream. Check if the given {called} stream is in "
            "ACTIVE state."
        ) from error


# --- metric filters ---


async def put_metric_filter(call: Call, request: dict[str, Any]) -> None:
    """Keep a metric filter."""
    _check_settings(request)
    try:
        pattern = log_filters.compile(request["filterPattern"])
    except log_filters.InvalidLogFilter as error:
        raise InvalidParameterException(str(error).replace("Invalid filter", "Invalid metric filter")) from error
    group = await _standard(call, request["logGroupName"])
    transformations = request["metricTransformations"]
    if transformations[0].get("dimensions"):
        if not pattern.names_values:
            raise InvalidParameterException("The specified filter pattern does not support dimensions")
        if transformations[0].get("defaultValue") is not None:
            raise InvalidParameterException(
                "Invalid metric transformation: dimensions and default value are mutually exclusive properties"
            )
    settings = {"metricTransformations": transformations, "applyOnTransformedLogs": False}
    if await storage.put_filter(call, "metric", group.name, request["filterName"], request["filterPattern"], settings):
        if group.metric_filters >= _MOST_METRIC_FILTERS:
            raise errors.LimitExceededException()
        await storage.save_group(call, replace(group, metric_filters=group.metric_filters + 1))


async def delete_metric_filter(call: Call, request: dict[str, Any]) -> None:
    """Forget a metric filter."""
    group = await storage.find_group(call, request["logGroupName"])
    if not await storage.delete_filter(call, "metric", group.name, request["filterName"]):
        raise errors.ResourceNotFoundException("The specified metric filter does not exist.")
    await storage.save_group(call, replace(group, metric_filters=group.metric_filters - 1))


async def describe_metric_filters(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Metric filters of a group, or of all groups by prefix or by metric."""
    metric, namespace = request.get("metricName"), request.get("metricNamespace")
    if bool(metric) != bool(namespace):
        raise InvalidParameterException("metricName and metricNamespace must be specified together.")
    name = request.get("logGroupName")
    if name:
        await storage.find_group(call, name)
    filters, token = await _page(call, "metric", name, request)
    if metric:
        filters = [filter for filter in filters if _feeds(filter, str(metric), str(namespace))]
    return {"metricFilters": filters, "nextToken": token}


async def test_metric_filter(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Which of some messages a pattern matches, and the values it finds in them."""
    pattern = compile_filter(request["filterPattern"])
    matches = [
        {"eventNumber": number, "eventMessage": message, "extractedValues": pattern.extract(message)}
        for number, message in enumerate(request["logEventMessages"], 1)
        if pattern.matches(message)
    ]
    return {"matches": matches}


def _feeds(filter: dict[str, Any], metric: str, namespace: str) -> bool:
    return any(
        (each["metricName"], each["metricNamespace"]) == (metric, namespace) for each in filter["metricTransformations"]
    )


async def _standard(call: Call, name: str) -> Group:
    """The group, whose class must allow filters."""
    group = await storage.find_group(call, name)
    if group.log_class != "STANDARD":
        raise errors.InvalidOperationException(
            f"This operation is not supported for log groups of class {group.log_class}."
        )
    return group


def _check_settings(request: dict[str, Any]) -> None:
    for name in _REFUSED:
        if request.get(name):
            raise NotImplementedYet(f"Undercast's log filters do not have {name} yet.")


async def _page(
    call: Call, kind: str, group: str | None, request: dict[str, Any]
) -> tuple[list[dict[str, Any]], str | None]:
    limit = request.get("limit") or 50
    try:
        after: Any = paging.decode_token(request["nextToken"]) if request.get("nextToken") else (group or "", "")
    except paging.InvalidToken:
        raise InvalidParameterException("The specified nextToken is invalid.") from None
    filters = await storage.list_filters(call, kind, group, request.get("filterNamePrefix") or "", after, limit + 1)
    shown = filters[:limit]
    last = [shown[-1]["logGroupName"], shown[-1]["filterName"]] if len(filters) > limit else None
    return shown, paging.encode_token(last) if last else None
