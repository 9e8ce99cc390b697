"""`undercast up`: run the platform until Ctrl-C."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from pathlib import Path

import uvloop

from undercast.app import Config, Undercast
from undercast.cli.ports import owner_of
from undercast.gateway.listen import PortTaken
from undercast.store.contract import StoreError


class CannotStart(Exception):
    """Why the platform does not run: one sentence for the operator."""


def serve(config: Config, *, quiet: bool = False) -> None:
    """Run until SIGINT or SIGTERM. CannotStart with what is wrong and what to do."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.WARNING)
    try:
        uvloop.run(_run(config, quiet))
    except StoreError as error:
        raise CannotStart(str(error)) from error
    except PortTaken as error:
        raise CannotStart(
            f"Port {config.port} on {config.host} is taken{owner_of(config.port)}; stop that, or choose another with --port."
        ) from error
    except OSError as error:
        raise CannotStart(f"Cannot listen on {config.host}:{config.port}: {error.strerror}.") from error


async def _run(config: Config, quiet: bool) -> None:
    platform = Undercast(config)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    await platform.start()
    if not quiet:
        print(_greeting(platform), flush=True)
    await ended.wait()
    if not quiet:
        print("\nStopping; what is under way is answered first.", file=sys.stderr, flush=True)
    await platform.stop()


def _greeting(platform: Undercast) -> str:
    data = platform.config.data
    kept = f"in {data.absolute()}" if data else "in memory: nothing is kept"
    if platform.config.postgres:
        kept = "in PostgreSQL"
    return (
        f"Undercast runs at {platform.endpoint_url} (HTTP and HTTPS); data {kept}.\n"
        f"What runs there, in a browser:  {platform.endpoint_url}/_undercast/\n"
        f'Another shell:  eval "$(undercast env)"  then use aws, boto3, sam as always. Ctrl-C stops.'
    )


def default_data_folder() -> Path:
    """Where data is kept when nothing is said: `.undercast` in the working folder."""
    return Path(".undercast")
