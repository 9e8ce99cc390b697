"""What goes wrong with deliveries, in the log group that the stream names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.firehose.model import PRINCIPAL, Failed, Stream


async def report(call: Call, stream: Stream, settings: Mapping[str, Any], code: str, message: str) -> None:
    """Write one line, if the settings (a destination's, or those of its bucket) want that. A group or log stream that is not there is not made, as by AWS.

    https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html
    """
    options = settings.get("CloudWatchLoggingOptions") or {}
    if not (options.get("Enabled") and options.get("LogGroupName") and options.get("LogStreamName")):
        return
    line = {
        "deliveryStreamARN": stream.arn,
        "destination": _destination(stream),
        "deliveryStreamVersionId": stream.version,
        "message": message,
        "errorCode": code,
    }
    try:
        await call.as_service(PRINCIPAL).aws.logs.put_log_events(
            logGroupName=options["LogGroupName"],
            logStreamName=options["LogStreamName"],
            logEvents=[{"timestamp": call.clock.now(), "message": orjson.dumps(line).decode()}],
        )
    except ServiceError:
        return


async def report_failed(call: Call, stream: Stream, failed: Iterable[Failed]) -> None:
    """One line for each reason why records could not be processed."""
    for code, message in {one.failure.code: one.failure.message for one in failed}.items():
        await report(call, stream, stream.settings, code, message)


def _destination(stream: Stream) -> str:
    settings = stream.settings
    if stream.kind == "HttpEndpoint":
        return str(settings["EndpointConfiguration"]["Url"])
    named = {"ExtendedS3": "BucketARN", "Splunk": "HECEndpoint"}.get(stream.kind, "ClusterEndpoint")
    return str(settings[named])
