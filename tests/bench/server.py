"""The process under test: the platform, or a bare responder on the same HTTP server. Prints its port."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import uvloop

from undercast.app import Config, Undercast
from undercast.gateway.http11 import App
from undercast.gateway.listen import Listener
from undercast.kit.http import Request, Response


async def bare() -> int:
    response = Response(200, [("Content-Type", "application/x-amz-json-1.0")], b'{"MessageId":"x"}')

    async def answer(_request: Request) -> Response:
        return response

    return await Listener(App(answer, lambda _: False), lambda: None).open("127.0.0.1", 0)  # type: ignore[arg-type,return-value]


async def platform(folder: str) -> int:
    undercast = Undercast(Config(port=0, data=Path(folder)))
    await undercast.start()
    return undercast.port


async def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {0})
    port = await (bare() if sys.argv[1] == "bare" else platform(sys.argv[1]))
    print(port, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # until the parent closes our input


if __name__ == "__main__":
    if os.environ.get("UNDERCAST_PROFILE"):
        import cProfile
        import pstats

        profiler = cProfile.Profile()
        profiler.enable()
        uvloop.run(main())
        profiler.disable()
        pstats.Stats(profiler, stream=sys.stderr).sort_stats("tottime").print_stats(45)
    else:
        uvloop.run(main())
