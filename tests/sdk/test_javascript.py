"""The AWS SDK for JavaScript, version 3, unmodified."""

from __future__ import annotations

import base64
import io
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "javascript"
FUNCTION = "exports.handler = async (event) => ({ doubled: 2 * event.n });\n"


@pytest.fixture(scope="session")
def node() -> str:
    """Node.js with the SDK beside our script; in CI it must be there."""
    program = shutil.which("node")
    if program and (FOLDER / "node_modules").exists():
        return program
    if os.environ.get("UNDERCAST_CI"):
        pytest.fail("CI installs Node.js and the SDK (.ci/run)")
    pytest.skip("needs Node.js and `npm ci` in tests/sdk/javascript")


@pytest.mark.parametrize("story", ["sqs", "sns", "s3", "lambda", "cloudformation", "sts"])
def test_story(node, undercast, account, story):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.js", FUNCTION)
    env = {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL": undercast.url,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "x",
        "FUNCTION_ZIP": base64.b64encode(archive.getvalue()).decode(),
    }
    done = subprocess.run([node, FOLDER / "story.mjs", story], env=env, capture_output=True, text=True, timeout=120)
    assert done.stdout == "ok\n", done.stderr
