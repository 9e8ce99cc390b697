"""`undercast up`: one sentence for every mistake of the operator, never a traceback, and nothing lost."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request

import pytest

from undercast.cli.main import main


def undercast(*arguments, **options):
    command = [sys.executable, "-m", "undercast.cli.main", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


@pytest.fixture
def running(tmp_path):
    """A platform as a process, on a free port and a fresh folder."""
    command = [sys.executable, "-m", "undercast.cli.main", "up", "--port", "0", "--data", str(tmp_path / "data")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.greeting = process.stdout.readline()
    process.url = process.greeting.split(" ")[3]
    yield process
    process.kill()
    process.communicate()


def one_sentence(done):
    """The whole of standard error: one line that begins with our name, and exit code 1."""
    assert done.returncode == 1
    assert done.stderr.startswith("undercast: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_greeting_names_address_and_folder(running, tmp_path):
    assert running.greeting.startswith("Undercast runs at http://127.0.0.1:")
    assert str(tmp_path / "data") in running.greeting
    with urllib.request.urlopen(f"{running.url}/_undercast/health") as answer:
        assert answer.status == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stops_cleanly_when_told(running, number):
    running.send_signal(number)
    assert running.wait(20) == 0


def test_port_in_use_says_by_whom(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = one_sentence(undercast("up", "--port", port, "--data", tmp_path))
    assert f"Port {port}" in said
    assert "--port" in said
    if sys.platform == "linux":
        assert f"by process {os.getpid()}" in said


def test_folder_in_use_by_another_process(running, tmp_path):
    said = one_sentence(undercast("up", "--port", 0, "--data", tmp_path / "data"))
    assert f"in use by process {running.pid}" in said


def test_folder_of_a_newer_version(tmp_path):
    database = sqlite3.connect(tmp_path / "undercast.db")
    database.execute("CREATE TABLE schema_versions (component TEXT PRIMARY KEY, version BIGINT)")
    database.execute("INSERT INTO schema_versions VALUES ('sqs', 999)")
    database.commit()
    database.close()
    assert "newer Undercast" in one_sentence(undercast("up", "--port", 0, "--data", tmp_path))


def test_damaged_database(tmp_path):
    (tmp_path / "undercast.db").write_bytes(b"nonsense" * 4096)
    assert "damaged" in one_sentence(undercast("up", "--port", 0, "--data", tmp_path))


def test_folder_that_is_a_file(tmp_path):
    (tmp_path / "data").write_text("")
    assert undercast("up", "--port", 0, "--data", tmp_path / "data").returncode == 2


def test_folder_that_cannot_be_written(tmp_path):
    if os.geteuid() == 0:
        said = one_sentence(undercast("up", "--port", 0, "--data", "/proc/undercast"))
    else:
        tmp_path.chmod(0o500)
        said = one_sentence(undercast("up", "--port", 0, "--data", tmp_path))
    assert "cannot be used" in said


def test_address_that_is_not_ours():
    assert "Cannot listen" in one_sentence(undercast("up", "--host", "192.0.2.1", "--port", 0, "--memory"))


def test_postgres_that_does_not_answer(tmp_path):
    said = one_sentence(
        undercast("up", "--port", 0, "--data", tmp_path, "--postgres", "postgresql://u:secret@127.0.0.1:1/x")
    )
    assert "PostgreSQL at postgresql://127.0.0.1:1/x cannot be used" in said
    assert "secret" not in said


def test_memory_and_data_exclude_each_other(tmp_path):
    done = undercast("up", "--memory", "--data", tmp_path)
    assert (done.returncode, "exclude each other" in done.stderr) == (2, True)


def test_no_platform_is_one_sentence():
    said = one_sentence(undercast("stacks", "--port", "1"))
    assert "does not answer at http://127.0.0.1:1" in said


def test_env_is_for_a_shell():
    done = undercast("env", "--port", "4567")
    assert "export AWS_ENDPOINT_URL=http://127.0.0.1:4567\n" in done.stdout
    assert "export AWS_DISABLE_HOST_PREFIX_INJECTION=true\n" in done.stdout


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("fish", "set -gx AWS_ENDPOINT_URL http://127.0.0.1:4567;\n"),
        ("powershell", "$env:AWS_ENDPOINT_URL = 'http://127.0.0.1:4567'\n"),
    ],
)
def test_env_is_for_other_shells(shell, line):
    assert line in undercast("env", "--port", "4567", "--shell", shell).stdout


def test_reset_that_is_not_confirmed_says_nothing_on_standard_output(running):
    done = undercast("reset", "--json", "--url", running.url, input="n\n")
    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.parametrize("command", [["status"], ["env"], ["stacks"], ["reset", "--yes"]])
def test_json_is_all_there_is_on_standard_output(running, command):
    done = undercast(*command, "--json", "--url", running.url)
    json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", sorted(set(main.commands) - {"version"}))
def test_help_has_an_example(command):
    said = undercast(command, "--help").stdout
    assert "Example" in said
    assert f"undercast {command}" in said.partition("Example")[2]


def test_status_and_reset(running):
    assert "runs at" in undercast("status", "--url", running.url).stdout
    assert "Everything is forgotten" in undercast("reset", "--yes", "--url", running.url).stdout


def test_mock_configuration_that_is_not_there(tmp_path):
    done = undercast("up", "--memory", "--mock-config", tmp_path / "none.json")
    assert done.returncode == 2
    assert "none.json" in done.stderr
