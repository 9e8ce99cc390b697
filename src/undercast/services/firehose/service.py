"""Amazon Data Firehose on one screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from undercast.kit.errors import ServiceError, ValidationException
from undercast.kit.service import Job, Service
from undercast.services.firehose import buffers, delivery, errors, outgoing, records, sources, streams, tags

_URLS = (".endpointConfiguration.url", ".clusterEndpoint")


def _invalid(message: str, violations: Sequence[Any], params: dict[str, Any]) -> ServiceError | None:
    """AWS delivers over HTTPS only; here `http://` is good, too: what listens on one's own machine has no certificate."""
    broken = [one for one in violations if not (one.path.endswith(_URLS) and _is_http(params, one.path))]
    return ValidationException(message) if broken else None


def _is_http(params: Any, path: str) -> bool:
    for name in path.split("."):
        params = params[name[0].upper() + name[1:]]
    return bool(params.startswith("http://"))


async def _stop(platform: Any) -> None:
    await sources.stop(platform)
    await outgoing.stop(platform)


service = Service(
    "firehose",
    operations=(streams, records, tags),
    errors=errors,
    receive=buffers.receive_event,
    jobs={
        "flush": Job(buffers.flush),
        "deliver": Job(delivery.deliver, at_once=32),
        "source": Job(sources.keep),
    },
    invalid=_invalid,
    stop=_stop,
    leave=sources.leave,
)
