"""How a demo runs: the platform is started, patterns are driven one after the other, and what happened is printed.

On a terminal it leaves the platform running until Ctrl-C; without one it stops what it started. The exit code is other
than 0 when anything was not as promised.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console

from examples.platform import Platform
from examples.report import NotAsPromised, Report

Pattern = Callable[[Platform, Report], None]
Farewell = Callable[[Platform], str]


def main(program: str, patterns: Sequence[Pattern], farewell: Farewell) -> int:
    """Run a demo as a program; `farewell` says what to try next."""
    parser = argparse.ArgumentParser(prog=program, description=__doc__)
    parser.add_argument("--port", type=int, default=os.environ.get("PORT", "4566"), help="port (default 4566)")
    parser.add_argument("--data", type=Path, help="folder to keep the data in (default: a temporary one)")
    parser.add_argument("--exit", action="store_true", help="end after the show, on a terminal too")
    options = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    stays = sys.stdin.isatty() and sys.stdout.isatty() and not options.exit
    # A `kill` ends the demo as Ctrl-C does, so that the platform ends with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    return show(patterns, options.port, console, began, data=options.data, farewell=farewell if stays else None)


def show(
    patterns: Sequence[Pattern], port: int, console: Console, began: float, *, data: Path | None = None,
    farewell: Farewell | None = None,
) -> int:  # fmt: skip
    """Drive all patterns and say what happened on `console`; the exit code. With a farewell, run on until Ctrl-C."""
    with _data_folder(data) as folder:
        platform = Platform(port, folder, console)
        try:
            console.print(f"Starting Undercast at {platform.url}")
            platform.start()
            report = Report(console, began)
            for pattern in patterns:
                pattern(platform, report)
            report.summary()
            if farewell:
                console.print(farewell(platform))
                with contextlib.suppress(KeyboardInterrupt):
                    signal.pause()
            return report.exit_code
        except NotAsPromised as error:
            console.print(f"[red]✗ {error}[/red]")
            return 1
        except KeyboardInterrupt:
            console.print("\nStopped.")
            return 130
        finally:
            platform.stop()


@contextlib.contextmanager
def _data_folder(chosen: Path | None) -> Iterator[Path]:
    if chosen:
        yield chosen
    else:
        with tempfile.TemporaryDirectory(prefix="undercast-demo-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
