"""`make demo`: starts Undercast, deploys the insurance company, makes real payments, breaks things, shows what happened.

On a terminal it leaves the platform running until Ctrl-C; without one it stops what it started. Exits non-zero when
anything was not as promised.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from examples.insurance import patterns
from examples.insurance.platform import Platform

HERE = Path(__file__).parent


def main() -> int:
    options = _options()
    console = Console(highlight=False, soft_wrap=True)
    began = time.monotonic()
    with _data_folder(options.data) as data:
        platform = Platform(options.port, data, console)
        try:
            platform.start()
            report = patterns.Report(console, began)
            for pattern in (
                patterns.single_api,
                patterns.api_per_service,
                patterns.messaging,
                patterns.publish_subscribe,
            ):
                pattern(platform, report)
            report.summary()
            if sys.stdin.isatty() and sys.stdout.isatty() and not options.exit:
                _stay(platform, console)
            return report.exit_code
        except patterns.NotAsPromised as error:
            console.print(f"[red]✗ {error}[/red]")
            return 1
        except KeyboardInterrupt:
            return 130
        finally:
            platform.stop()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "4566")), help="port (default 4566)")
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
    console.print(
        f"\nThe insurance company goes on at [bold]{platform.url}[/bold] until Ctrl-C. In another shell:\n"
        f'  . .venv/bin/activate; eval "$(undercast env --port {platform.port})"\n'
        "  undercast stacks                                    what is deployed\n"
        "  undercast outputs insurance-messaging               its API, queues and buckets\n"
        "  undercast logs --follow insurance-messaging-Sales…  what a function says\n"
        "  aws sqs list-queues                                 any AWS client works\n"
    )
    with contextlib.suppress(KeyboardInterrupt):
        signal.pause()


if __name__ == "__main__":
    with contextlib.suppress(subprocess.SubprocessError):
        sys.exit(main())
    sys.exit(1)
