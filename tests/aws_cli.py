"""The AWS CLI, in a process of its own for each command.

Its imports take longer than most commands, so that the processes are forks of one which imported it
(tests/stories/test_cli.py also runs the program as it is installed).
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("aws")

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["awscli.clidriver", "awscli.customizations.s3.subcommands", __name__])


def run(words: tuple[str, ...], environment: dict[str, str], folder: Path) -> tuple[int, str]:
    """`aws WORDS` in a folder: its exit code and all that it printed."""
    with tempfile.NamedTemporaryFile(mode="r") as output:
        process = _forks.Process(target=_become, args=(words, environment, str(folder), output.name), daemon=True)
        process.start()
        process.join(90)
        if process.exitcode is None:
            process.kill()
            raise TimeoutError(f"aws {' '.join(words)}: {output.read()}")
        return process.exitcode, output.read()


def _become(words: tuple[str, ...], environment: dict[str, str], folder: str, output: str) -> None:
    from awscli import clidriver  # noqa: PLC0415  only here, where it was imported before the fork

    environment["AWS_DATA_PATH"] = os.environ["AWS_DATA_PATH"]  # set by the import
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    file = os.open(output, os.O_WRONLY)
    os.dup2(file, 1)
    os.dup2(file, 2)
    sys.argv = ["aws", *words]
    sys.exit(clidriver.main())
