"""The example systems run as their READMEs say, on a platform of their own, and find everything as promised."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from tests.crash.platform import kills


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("module", "settings"),
    [("insurance", {}), ("ledger", {"EVENTS": "2000"}), ("saga", {"KILLS": str(kills(part=33))})],
)
def test_example(module, settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    done = subprocess.run(
        [sys.executable, "-m", f"examples.{module}.demo", "--port", str(port), "--exit"],
        env={**os.environ, **settings}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all as promised" in done.stdout
