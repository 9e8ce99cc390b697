"""`undercast clock`, and that a clock which was moved stays so."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing

import pytest
from click.testing import CliRunner

from undercast.cli.main import main
from undercast.pytest_plugin import InProcessPlatform


@pytest.fixture
def platform():
    with closing(InProcessPlatform()) as platform:
        yield platform


def run(platform, *arguments):
    return CliRunner(env={"UNDERCAST_URL": platform.url}).invoke(main, ["clock", *arguments])


def test_a_duration_passes(platform):
    before = json.loads(run(platform, "show", "--json").output)["now"]
    after = json.loads(run(platform, "advance", "1h30m", "--json").output)["now"]
    assert 5_400_000 <= after - before < 5_460_000
    assert ", 1:30:0" in run(platform, "show").output


@pytest.mark.parametrize("duration", ["1", "h", "1y", "1h x", "-1h"])
def test_what_is_no_duration_is_refused(platform, duration):
    done = run(platform, "advance", "--", duration)
    assert done.exit_code == 2
    assert "is no duration; write 90s" in done.output


def test_what_the_platform_refuses_is_said_in_its_words(platform, monkeypatch):
    monkeypatch.setattr("undercast.cli.clock.milliseconds", lambda _duration: -1)
    done = run(platform, "advance", "1h")
    assert (done.exit_code, done.stderr) == (
        1, "undercast: advance_ms must be a whole number of milliseconds, 0 or more.\n",
    )  # fmt: skip


def test_the_clock_stands_where_it_was_after_a_restart(tmp_path):
    with closing(InProcessPlatform(data=tmp_path)) as first:
        run(first, "advance", "2d")
        before = first.platform.clock.now()
    with closing(InProcessPlatform(data=tmp_path)) as second:
        assert second.platform.clock.now() >= before
        assert ", 2 days, " in run(second, "show").output
        second.run(second.platform.reset())
        assert "ahead" not in run(second, "show").output


def test_the_command_itself_shows_the_time(platform):
    command = [sys.executable, "-m", "undercast.cli.main", "clock"]
    done = subprocess.run(command, env={"UNDERCAST_URL": platform.url}, capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("It is ")
