"""The AWS CLI, in a process of its own for each command (tests/stories/test_cli.py also runs it as it is installed)."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.forks import Fork


def run(words: tuple[str, ...], environment: dict[str, str], folder: Path) -> tuple[int, str]:
    """`aws WORDS` in a folder: its exit code and all that it printed."""
    with tempfile.NamedTemporaryFile(mode="r") as output:
        process = Fork(_aws, words, str(folder), output.name, environment=environment)
        try:
            return process.wait(90), output.read()
        except TimeoutError:
            process.kill()
            raise TimeoutError(f"aws {' '.join(words)}: {output.read()}") from None


def _aws(words: tuple[str, ...], folder: str, output: str) -> None:
    import awscli  # noqa: PLC0415  only here, where it was imported before the fork
    from awscli import clidriver  # noqa: PLC0415  as above

    os.environ["AWS_DATA_PATH"] = os.pathsep.join(f"{path}/data" for path in awscli.__path__)  # as its import does
    os.chdir(folder)
    file = os.open(output, os.O_WRONLY)
    os.dup2(file, 1)
    os.dup2(file, 2)
    sys.argv = ["aws", *words]
    sys.exit(clidriver.main())
