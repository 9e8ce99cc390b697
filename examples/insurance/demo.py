"""`make demo`: starts Undercast, deploys the insurance company, makes real payments, breaks things, shows what happened.

On a terminal it leaves the platform running until Ctrl-C; without one it stops what it started. Exits non-zero when
anything was not as promised.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from examples.insurance import patterns
from examples.insurance.platform import Platform

PATTERNS = (patterns.single_api, patterns.api_per_service, patterns.messaging, patterns.publish_subscribe)


def main() -> int:
    options = _options()
    console = Console(highlight=False, soft_wrap=True)
    stays = sys.stdin.isatty() and sys.stdout.isatty() and not options.exit
    # A `kill` ends the demo as Ctrl-C does, so that the platform ends with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    return show(options.port, console, time.monotonic(), data=options.data, stays=stays)


def show(port: int, console: Console, began: float, *, data: Path | None = None, stays: bool = False) -> int:
    """Run the whole demo and say what happened on `console`; the exit code. With `stays`, run on until Ctrl-C."""
    with _data_folder(data) as folder:
        platform = Platform(port, folder, console)
        try:
            console.print(f"Starting Undercast at {platform.url}")
            platform.start()
            report = patterns.Report(console, began)
            for pattern in PATTERNS:
                pattern(platform, report)
            report.summary()
            if stays:
                _stay(platform, console)
            return report.exit_code
        except patterns.NotAsPromised as error:
            console.print(f"[red]✗ {error}[/red]")
            return 1
        except KeyboardInterrupt:
            console.print("\nStopped.")
            return 130
        finally:
            platform.stop()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--port", type=int, default=os.environ.get("PORT", "4566"), help="port (default 4566)")
    parser.add_argument("--data", type=Path, help="folder to keep the data in (default: a temporary one)")
    parser.add_argument("--exit", action="store_true", help="end after the show, on a terminal too")
    return parser.parse_args()


@contextlib.contextmanager
def _data_folder(chosen: Path | None) -> Iterator[Path]:
    if chosen:
        yield chosen
    else:
        with tempfile.TemporaryDirectory(prefix="undercast-demo-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)


def _stay(platform: Platform, console: Console) -> None:
    outputs = platform.outputs("insurance-messaging")
    console.print(
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
    with contextlib.suppress(KeyboardInterrupt):
        signal.pause()


if __name__ == "__main__":
    sys.exit(main())
