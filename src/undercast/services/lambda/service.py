"""AWS Lambda on one screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError, ValidationException
from undercast.kit.http import Request, Response
from undercast.kit.service import Job, Service

from . import (
    account,
    activation,
    aliases,
    code_signing,
    concurrency,
    configuration,
    downloads,
    errors,
    event_invoke,
    events,
    fleet,
    functions,
    invoking,
    layers,
    management,
    mappings,
    permissions,
    polling,
    provisioning,
    stream_failures,
    tags,
    url_http,
    urls,
    versions,
)


def _invalid(message: str, violations: Sequence[Any], params: dict[str, Any]) -> ServiceError | None:
    """Unknown runtimes have words of their own (recorded: test_create_lambda_exceptions, test_layer_exceptions)."""
    broken = {violation.path for violation in violations}
    if "runtime" in broken:
        configuration.check_runtime(params["Runtime"])
    if "compatibleRuntimes" in broken:
        layers.check_compatibility(params)
    return ValidationException(message)


async def _http(call: Call, request: Request) -> Response:
    """Code to download, and function URLs."""
    serve = downloads.serve if request.path.startswith(downloads.PATH) else url_http.serve
    return await serve(call, request)


service = Service(
    "lambda",
    operations=(
        account,
        aliases,
        code_signing,
        concurrency,
        event_invoke,
        functions,
        invoking,
        layers,
        management,
        mappings,
        permissions,
        tags,
        urls,
        versions,
    ),
    errors=errors,
    receive=events.receive_event,
    http=_http,
    jobs={
        "activate": Job(activation.activate),
        "invoke": Job(events.invoke_event, at_once=64),
        "failed batch": Job(stream_failures.store, attempts=10),
        "mapping": Job(polling.keep),
        "provision": Job(provisioning.provision),
    },
    invalid=_invalid,
    start=fleet.start,
    stop=fleet.stop,
    leave=fleet.leave,
)
