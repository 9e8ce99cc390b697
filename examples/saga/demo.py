"""Deploys both sagas, places orders, kills the platform, checks that everything adds up: `python -m examples.saga.demo`."""

from __future__ import annotations

import sys

from examples import show
from examples.platform import Platform
from examples.saga.patterns import PATTERNS


def farewell(platform: Platform) -> str:
    """What to try next."""
    outputs = platform.outputs("saga-orchestration")
    order = '{"customer": "ann", "item": "chair", "area": "north", "amount": 120}'
    return (
        f"\nThe shop goes on at [bold]{platform.url}[/bold] until Ctrl-C. Watch its workflows at {platform.url}/_undercast/\n"
        f"while you place orders in another shell:\n"
        f"  curl -d '{order}' {platform.api_url(outputs['Api'], '/orders')}\n"
        "Then read examples/saga/README.md."
    )


if __name__ == "__main__":
    sys.exit(show.main("python -m examples.saga.demo", PATTERNS, farewell))
