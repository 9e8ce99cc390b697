"""How many events an enrichment or a target takes at once.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.kit.arn import Arn

_ANY = 10_000
_TARGETS = {
    "logs": 10_000, "events": 10, "firehose": 500, "kinesis": 500, "lambda": _ANY, "sns": 10, "sqs": 10,
    "states": _ANY,
}  # fmt: skip
_ENRICHMENTS = {"lambda": _ANY, "states": _ANY}


def target_limit(arn: str) -> int:
    """1 for targets without batches."""
    parsed = Arn.parse(arn)
    return 1 if parsed.resource.startswith("api-destination/") else _TARGETS.get(parsed.service, 1)


def largest_batch(settings: Mapping[str, Any]) -> int:
    """The largest batch that the whole pipe takes."""
    enrichment = settings.get("Enrichment")
    limit = target_limit(settings["Target"])
    return min(limit, _ENRICHMENTS.get(Arn.parse(enrichment).service, 1)) if enrichment else limit
