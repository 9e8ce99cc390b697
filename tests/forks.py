"""Processes as they are at home, but for the half second of their imports: forks of one that has imported everything.

They do the real work and die the real death. That programs start from nothing is tested in `tests/cli`, `tests/stories`,
`tests/crash/test_kill.py` and by the examples.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from typing import Any

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.imports"])


class Fork:
    """A process that calls `function(*arguments)`; it has the methods of subprocess.Popen that tests use."""

    def __init__(
        self, function: Callable[..., object], *arguments: Any, environment: dict[str, str] | None = None
    ) -> None:
        environment = dict(os.environ) if environment is None else environment
        self._process = _forks.Process(target=_call, args=(function, arguments, environment), daemon=True)
        self._process.start()
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        return self._process.exitcode

    def wait(self, seconds: float | None = None) -> int:
        """The exit code, once it has ended. TimeoutError when it does not within the time."""
        self._process.join(seconds)
        if self._process.exitcode is None:
            raise TimeoutError
        return self._process.exitcode

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()


def undercast(*words: str) -> None:
    """The command `undercast WORDS`, for a Fork."""
    from undercast.cli.main import main  # noqa: PLC0415  only here, where it was imported before the fork

    main(words)


def _call(function: Callable[..., object], arguments: tuple[Any, ...], environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    function(*arguments)
