"""`make demo`: deploys the insurance company, makes real payments, breaks things, shows what happened."""

from __future__ import annotations

import json
import sys

from examples import show
from examples.insurance import patterns
from examples.platform import Platform

PATTERNS = (
    patterns.single_api,
    patterns.api_per_service,
    patterns.messaging,
    patterns.publish_subscribe,
    patterns.one_event,
    patterns.several_events,
)


def farewell(platform: Platform) -> str:
    """What to try next."""
    outputs = platform.outputs("insurance-messaging")
    return (
        f"\nThe insurance company goes on at [bold]{platform.url}[/bold] until Ctrl-C. Try, in another shell:\n"
        f'  . .venv/bin/activate; eval "$(undercast env --port {platform.port})"\n'
        "  undercast stacks                         what is deployed\n"
        "  undercast outputs insurance-messaging    its API, queues and buckets\n"
        f"  curl -d '{json.dumps(patterns.PAYMENT)}' \\\n"
        f"    {platform.api_url(outputs['Api'], '/payments')}\n"
        f"  undercast logs {outputs['Sales']} --follow\n"
        "  undercast delete insurance-single-api\n"
        "Then read examples/insurance/README.md."
    )


if __name__ == "__main__":
    sys.exit(show.main("make demo", PATTERNS, farewell))
