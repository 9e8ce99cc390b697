"""Deploys the ledger, drives it, kills it, rebuilds it: `python -m examples.ledger.demo`, EVENTS=100000 for more."""

from __future__ import annotations

import sys

from examples import show
from examples.ledger import patterns
from examples.platform import Platform

PATTERNS = (patterns.commands_and_queries, patterns.many_events)


def farewell(platform: Platform) -> str:
    """What to try next."""
    outputs = platform.outputs("ledger")
    return (
        f"\nThe ledger goes on at [bold]{platform.url}[/bold] until Ctrl-C. Try, in another shell:\n"
        f'  . .venv/bin/activate; eval "$(undercast env --port {platform.port})"\n'
        f"  curl -d '{{\"amount\": 500}}' {platform.api_url(outputs['Api'], '/accounts/ann/deposits')}\n"
        f"  curl {platform.api_url(outputs['Api'], '/accounts/ann')}\n"
        f"  aws s3 ls --recursive s3://{outputs['Archive']}\n"
        "Then read examples/ledger/README.md."
    )


if __name__ == "__main__":
    sys.exit(show.main("python -m examples.ledger.demo", PATTERNS, farewell))
