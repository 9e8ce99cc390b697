"""The pytest plugin in a project of a user: with a platform of its own, and with one that runs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROJECT = """
def test_a_message_comes_back_after_its_timeout(aws, clock, account):
    sqs = aws("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    assert account in url and len(account) == 12
    sqs.send_message(QueueUrl=url, MessageBody="m")
    assert sqs.receive_message(QueueUrl=url)["Messages"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    clock.advance(seconds=31)
    assert sqs.receive_message(QueueUrl=url)["Messages"]

def test_each_test_has_its_account(aws, undercast):
    assert "QueueUrls" not in aws("sqs").list_queues()
    print("AT", undercast.url)

def test_time_can_stand_still(aws, clock):
    clock.stop()
    ssm = aws("ssm")
    ssm.put_parameter(Name="a", Value="1", Type="String")
    first = ssm.get_parameter(Name="a")["Parameter"]["LastModifiedDate"]
    clock.advance(days=1)
    ssm.put_parameter(Name="a", Value="2", Type="String", Overwrite=True)
    assert (ssm.get_parameter(Name="a")["Parameter"]["LastModifiedDate"] - first).total_seconds() == 86400
"""


@pytest.mark.parametrize("where", ["in process", "--undercast-url", "UNDERCAST_URL"])
def test_a_project_of_a_user(tmp_path, undercast, where):
    (tmp_path / "test_mine.py").write_text(PROJECT)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    words = [f"--undercast-url={undercast.url}"] if where == "--undercast-url" else []
    environment |= {"UNDERCAST_URL": undercast.url} if where == "UNDERCAST_URL" else {}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "-p", "undercast.pytest_plugin", *words]
        if not _installed() else [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", *words],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "3 passed" in done.stdout, done.stdout + done.stderr
    assert (f"AT {undercast.url}" in done.stdout) == (where != "in process")


def _installed() -> bool:
    """Whether pytest finds the plugin by its entry point."""
    from importlib.metadata import entry_points  # noqa: PLC0415  beside its only use

    return any(point.name == "undercast" for point in entry_points(group="pytest11"))
